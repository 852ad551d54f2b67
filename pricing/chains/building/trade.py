"""Trade before it meets the balanced totals: recorded, by origin, or by priors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.building.recipe import Recipe
from pricing.chains.building.reconcile import Measurement
from pricing.chains.building.reexports import Sells, origin_flows
from pricing.chains.building.rows_used import Values
from pricing.chains.building.trade_rules import ByOrigin, Exports, Prior, number_on
from pricing.chains.network import Array
from pricing.errors import Fault, InputError

TRADE_TO = "trade_to:"
"""How the variable of a raw row about a flow begins; the destination follows."""


def flow_item(good: str, origin: str, destination: str) -> str:
    """Name of a flow in the reconciliation."""
    return f"{good} {origin} > {destination}"


@dataclass(frozen=True)
class OriginTrade:
    """Trade in one good, credited to its makers."""

    measured: tuple[Measurement, ...]
    """Flows by origin with their confidence."""
    passed_on: dict[str, float]
    """Region -> exports that it did not make [t]."""


def trade_by_origin(rule: ByOrigin, regions: list[str], values: Values) -> OriginTrade:
    """Recorded trade in a good without its re-exports.

    Raises
    ------
    InputError
        If a row names no region of the chain, or a region exports more than it makes and imports.
    """
    trade = _recorded(rule, regions, values)
    made = np.array([values.of(rule.made[r]) if r in rule.made else 0.0 for r in regions])
    sells = [rule.sells.get(region, Sells.MIX) for region in regions]
    flow = origin_flows(made, trade, sells, rule.good)
    measured = []
    for i, j in np.argwhere(flow >= rule.smallest).tolist():
        route, tonnes = (regions[i], regions[j]), float(flow[i, j])
        deviation = tonnes * number_on(rule.deviations, *route, rule.deviation)
        measured.append(
            Measurement(flow_item(rule.good, *route), tonnes, deviation, rule.why, rule.named)
        )
    exports = trade.sum(axis=1)
    passed_on = np.where(made == 0.0, exports, 0.0)
    for n, sold in enumerate(sells):
        if sold is Sells.HOME_FIRST:
            passed_on[n] = exports[n]
        elif sold is Sells.OWN_FIRST:
            passed_on[n] = max(0.0, exports[n] - made[n])
    named = {region: float(t) for region, t in zip(regions, passed_on, strict=True) if t > 0.0}
    return OriginTrade(tuple(measured), named)


def _recorded(rule: ByOrigin, regions: list[str], values: Values) -> Array:
    """(R, R) tonnes by place of dispatch, with exports brought to the totals that are known."""
    place = {region: n for n, region in enumerate(regions)}
    trade, faults = np.zeros((len(regions), len(regions))), []
    for name in rule.rows:
        row = values.facts[name]
        sender, destination = row.region, row.variable.removeprefix(TRADE_TO)
        if {sender, destination} <= set(place) and row.variable.startswith(TRADE_TO):
            trade[place[sender], place[destination]] += values.of(name)
        else:
            problem = f"'{name}' is no trade between regions of the chain"
            remedy = f"Its region sends, and its variable is {TRADE_TO}REGION"
            faults.append(Fault(problem, "by_origin", *values.facts.place[name], remedy))
    if faults:
        raise InputError(faults)
    for one in rule.exports:
        _scale(trade[place[one.region]], one, place, values)
    return trade


def _scale(sales: Array, exports: Exports, place: dict[str, int], values: Values) -> None:
    """Bring exports of a region to their total: known routes hold, the others share the rest."""
    known = {place[region]: values.of(name) for region, name in exports.known.items()}
    others = [n for n in range(sales.size) if n not in known]
    rest, recorded = values.of(exports.total) - sum(known.values()), sales[others].sum()
    if rest < 0.0 or not recorded > 0.0:
        problem = (
            f"the exports of {exports.region} leave {rest:.6g} t for {recorded:.6g} t recorded"
        )
        remedy = "Correct the total, or what is known of it"
        raise InputError([Fault(problem, "by_origin", remedy=remedy)])
    sales[others] *= rest / recorded
    sales[list(known)] = list(known.values())


def prior_trade(
    recipe: Recipe, values: Values, regions: list[str], supply: Array, use: Array, prior: Prior
) -> tuple[Array, dict[tuple[int, int], str]]:
    """(R, R) tonnes before they meet the totals (R,), and why, for the recorded ones among them."""
    here = np.eye(len(regions), dtype=bool)
    abroad = [[number_on(prior.weights, i, j, prior.foreign) for j in regions] for i in regions]
    weight = np.where(here, prior.home, abroad)
    if prior.home_only:
        weight = here.astype(float)
    before = weight * supply[:, None] * use[None, :] / max(float(use.sum()), 1e-300)
    recorded: dict[tuple[int, int], str] = {}
    for row in recipe.routes if prior.recorded else ():
        if row.good == prior.good:
            at = regions.index(row.origin), regions.index(row.destination)
            more = before[at] if at in recorded else 0.0
            before[at] = more + values(row)
            recorded[at] = f"{recorded[at]}; {row.why}" if more else row.why
    for origin, destination in prior.closed:
        before[regions.index(origin), regions.index(destination)] = 0.0
    return before, recorded
