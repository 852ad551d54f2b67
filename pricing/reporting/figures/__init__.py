"""Figures of solved scenarios: data, words and a chart each; notebooks and the app share them.

>>> import pricing
>>> from pricing.reporting import figures
>>> result = pricing.solve("forge_all_stages")
>>> figures.treasury(result, result).unit
'million USD a year'
"""

from pricing.reporting.figures.figure import Baseline, Figure, NoPolicy, picture, save
from pricing.reporting.figures.gains import treasury, who_pays
from pricing.reporting.figures.overview import overview
from pricing.reporting.figures.stages import output_by_region, prices_by_stage, protection
from pricing.reporting.figures.trade import Show, trade_change, trade_matrix

__all__ = [
    "Baseline",
    "Figure",
    "NoPolicy",
    "Show",
    "output_by_region",
    "overview",
    "picture",
    "prices_by_stage",
    "protection",
    "save",
    "trade_change",
    "trade_matrix",
    "treasury",
    "who_pays",
]
