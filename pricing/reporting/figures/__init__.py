"""Figures of solved scenarios: data, words and a chart each; notebooks and the app share them.

>>> import pricing
>>> from pricing.reporting import figures
>>> result = pricing.solve("forge_all_stages")
>>> figures.treasury(result, result).unit
'million USD a year'
"""

from pricing.reporting.figures.chain import chain_flow
from pricing.reporting.figures.compared import compared_gains, compared_output, compared_prices
from pricing.reporting.figures.figure import Baseline, Figure, NoPolicy, Rows, picture, save
from pricing.reporting.figures.gains import producers, treasury, who_pays
from pricing.reporting.figures.markets import cost_curve, main_buyer, market, most_moved
from pricing.reporting.figures.overview import overview
from pricing.reporting.figures.price_parts import price_build_up, usual_origin
from pricing.reporting.figures.stages import output_by_region, prices_by_stage, protection
from pricing.reporting.figures.trade import Show, trade_change, trade_matrix
from pricing.reporting.theme import Look

__all__ = [
    "Baseline",
    "Figure",
    "Look",
    "NoPolicy",
    "Rows",
    "Show",
    "chain_flow",
    "compared_gains",
    "compared_output",
    "compared_prices",
    "cost_curve",
    "main_buyer",
    "market",
    "most_moved",
    "output_by_region",
    "overview",
    "picture",
    "price_build_up",
    "prices_by_stage",
    "producers",
    "protection",
    "save",
    "trade_change",
    "trade_matrix",
    "treasury",
    "usual_origin",
    "who_pays",
]
