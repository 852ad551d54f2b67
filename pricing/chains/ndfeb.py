"""Tonnes of the NdFeB chain: from raw figures to a balanced base year.

Mines, separation, scrap, metal, magnets and the trade in concentrate and magnets are balanced
together by least squares. Trade in oxide and metal has no usable record: it is filled in by
entropy from the balanced totals and one of several priors (:func:`trade_by_prior`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.ndfeb_measured import (
    CONCENTRATE_ROUTES,
    KILO,
    MAGNET,
    METAL,
    MINES,
    SCRAP,
    SEPARATORS,
    Coefficients,
    japan_magnets,
    measurements,
)
from pricing.chains.ndfeb_rules import Rules
from pricing.chains.rawdata import RawTable
from pricing.chains.reconcile import Array, Balance, Reconciled, least_squares, ras
from pricing.chains.reexports import Sells, origin_flows
from pricing.chains.schema import Chain
from pricing.errors import Fault, InputError

SMALLEST_FLOW = 5.0
"""Flows of magnets by origin below this are left out [t]."""


@dataclass(frozen=True)
class Tonnes:
    """Balanced tonnes apart from oxide and metal trade."""

    found: Reconciled
    """Every item before and after."""
    coefficients: Coefficients
    """Material coefficients."""
    re_exported: dict[str, float]
    """Magnets that each region forwards [t]."""

    def get(self, kind: str, region: str) -> float:
        """Balanced value of ``kind:region``; zero where there is none [t]."""
        return self.found.values.get(f"{kind}:{region}", 0.0)


def coefficients(chain: Chain, raw: RawTable, rules: Rules) -> Coefficients:
    """Coefficients of the chain, with the oxide content recomputed from atomic weights."""
    weights = [raw.value(f"iea_{element}") for element in ("nd", "pr", "dy", "tb")]
    factors = [
        raw.value(row) for row in ("nd2o3_per_nd", "pr6o11_per_pr", "dy2o3_per_dy", "tb4o7_per_tb")
    ]
    content = float(np.dot(weights, factors) / np.sum(weights))
    stated = {technology.id: technology.inputs for technology in chain.technologies}
    found = Coefficients(
        oxide_per_element=content,
        concentrate=stated["separation"]["concentrate"].tonnes_per_tonne,
        oxide=stated["metal_making"]["oxide"].tonnes_per_tonne,
        metal=stated["magnet_making"]["metal"].tonnes_per_tonne,
    )
    metal_content = raw.value("magnet_metal_content") / 100.0
    pairs = {
        "separation": (found.concentrate, 1.0 / content / (1.0 - rules.loss_separation.fraction)),
        "metal and magnet making": (found.oxide * found.metal, raw.value("reo_per_magnet")),
        "equal losses of these two": (found.oxide / content, found.metal / metal_content),
    }
    wrong = [name for name, (left, right) in pairs.items() if abs(left / right - 1.0) > 1e-4]
    if wrong:
        remedy = "Recompute the inputs of the technologies in ndfeb.yaml"
        text = "the coefficients differ from raw figures and rules"
        raise InputError(
            [Fault(f"{name}: {text}", "technologies", remedy=remedy) for name in wrong]
        )
    return found


def balance(chain: Chain, raw: RawTable, rules: Rules) -> Tonnes:
    """Balance everything but oxide and metal trade."""
    _check_held(raw, rules)
    made = coefficients(chain, raw, rules)
    flows, re_exported = magnet_origins(chain, raw, rules)
    measured = list(measurements(raw, rules, made, flows))
    found = least_squares(measured, list(_balances(raw, rules, made, list(flows))))
    return Tonnes(found, made, re_exported)


def _check_held(raw: RawTable, rules: Rules) -> None:
    """The anchors in the rules are those of the raw rows."""
    low, high = raw.value("guardian_eu_china_low"), raw.value("guardian_eu_china_high")
    pairs = {
        "eu_use": (rules.held.eu_use, raw.value("guardian_eu_use")),
        "eu_use of the Court of Auditors": (rules.held.eu_use, raw.value("eca_eu_use")),
        "eu_from_china": (rules.held.eu_from_china, 0.5 * (low + high)),
        "eu_from_eu": (rules.held.eu_from_eu, raw.value("guardian_eu_own")),
    }
    wrong = [name for name, (held, read) in pairs.items() if held != read]
    if wrong:
        text = "the rules hold another value than the raw table"
        raise InputError([Fault(f"{name}: {text}", f"held.{name}") for name in wrong])


def _balances(
    raw: RawTable, rules: Rules, made: Coefficients, routes: Sequence[tuple[str, str]]
) -> Iterator[Balance]:
    yield Balance(
        "world mine output", {f"mine:{r}": 1.0 for r in MINES}, raw.value("iea_mine_world") * KILO
    )
    for region in MINES:
        out = {f"concentrate:{i}>{j}": -1.0 for i, j in CONCENTRATE_ROUTES if i == region}
        yield Balance(f"concentrate from {region}", {f"mine:{region}": 1.0} | out)
    for region in SEPARATORS:
        arrivals = {f"concentrate:{i}>{j}": -1.0 for i, j in CONCENTRATE_ROUTES if j == region}
        yield Balance(
            f"concentrate in {region}", {f"separation:{region}": made.concentrate} | arrivals
        )
    yield Balance(
        "refining in China", {"refined:China": -1.0, "separation:China": 1.0, "scrap:China": 1.0}
    )
    oxide = {f"separation:{r}": 1.0 for r in SEPARATORS} | {f"scrap:{r}": 1.0 for r in SCRAP}
    oxide |= {f"metal:{r}": -made.oxide for r in METAL} | {
        f"other:{r}": -1.0 for r in rules.other_uses_share.shares
    }
    yield Balance("world oxide", oxide)
    yield Balance(
        "world metal",
        {f"metal:{r}": 1.0 for r in METAL} | {f"magnet:{r}": -made.metal for r in MAGNET},
    )
    for origin in MAGNET:
        sales = {f"magnet:{i}>{j}": -1.0 for i, j in routes if i == origin}
        yield Balance(f"magnets from {origin}", {f"magnet:{origin}": 1.0} | sales)
    eu = {f"magnet:{i}>{j}": 1.0 for i, j in routes if j == "EU"}
    yield Balance("magnets used in the EU", eu, rules.held.eu_use)


def recorded_magnet_trade(raw: RawTable, rules: Rules, regions: Sequence[str]) -> Array:
    """Recorded trade, with China's exports scaled to the customs total around its anchors [t]."""
    place = {region: n for n, region in enumerate(regions)}
    trade = np.zeros((len(regions), len(regions)))
    rows = raw.select("measurement", "magnet") + raw.select("re_exports", "magnet")
    for row in rows:
        if row.variable == "trade" and row.partner in place and row.region in place:
            trade[place[row.region], place[row.partner]] = float(row.value)
    china = place["China"]
    fixed = {place["EU"]: rules.held.eu_from_china, place["United States"]: raw.value("adamas_us")}
    rest = raw.value("china_exports") - sum(fixed.values())
    others = [n for n in range(len(regions)) if n not in fixed]
    trade[china, others] *= rest / trade[china, others].sum()
    for n, value in fixed.items():
        trade[china, n] = value
    return trade


def magnet_origins(
    chain: Chain, raw: RawTable, rules: Rules
) -> tuple[dict[tuple[str, str], float], dict[str, float]]:
    """Magnet use by origin and destination, and what each region forwards [t]."""
    regions = [region.id for region in chain.regions]
    trade = recorded_magnet_trade(raw, rules, regions)
    output = {
        "China": 0.5 * (raw.value("smm_china_2024") + raw.value("adamas_china_2024")),
        "Japan": japan_magnets(raw, rules),
        "EU": raw.value("guardian_eu_own"),
        "Vietnam": raw.value("shin_etsu_vietnam") * rules.vietnam_utilisation.fraction,
    }
    made = np.array([output.get(region, 0.0) for region in regions])
    stated = {"EU": rules.re_exports.EU, "Vietnam": rules.re_exports.Vietnam}
    sells = [stated.get(region, Sells.MIX) for region in regions]
    used = origin_flows(made, trade, sells, "magnets")
    forwarded = np.where(made == 0.0, trade.sum(axis=1), 0.0)
    for n, rule in enumerate(sells):
        if rule is Sells.HOME_FIRST:
            forwarded[n] = trade[n].sum()
        elif rule is Sells.OWN_FIRST:
            forwarded[n] = max(0.0, trade[n].sum() - made[n])
    flows = {
        (origin, destination): float(used[i, j])
        for i, origin in enumerate(regions)
        for j, destination in enumerate(regions)
        if used[i, j] >= SMALLEST_FLOW
    }
    return flows, {r: float(t) for r, t in zip(regions, forwarded, strict=True) if t > 0.0}


def trade_by_prior(
    good: str, supply: Mapping[str, float], use: Mapping[str, float], rules: Rules, variant: str
) -> dict[tuple[str, str], float]:
    """Trade in a good from its totals and a prior [t].

    The prior of a route is (size of seller) x (size of buyer) x weight; the weights of home sales,
    documented routes and sales into the net exporter are those of the variant.
    """
    weights = getattr(rules.priors[variant], good)
    known = getattr(rules.documented, good)
    sellers, buyers = list(supply), list(use)
    prior = np.ones((len(sellers), len(buyers)))
    for i, origin in enumerate(sellers):
        for j, destination in enumerate(buyers):
            if origin == destination:
                prior[i, j] = weights.home
            elif (origin, destination) in known:
                prior[i, j] = weights.documented
            elif destination == rules.net_exporter:
                prior[i, j] = weights.into_net_exporter
    rows, columns = np.array(list(supply.values())), np.array(list(use.values()))
    flow = ras(prior * np.outer(rows, columns), rows, columns, f"trade in {good}")
    return {
        (origin, destination): float(flow[i, j])
        for i, origin in enumerate(sellers)
        for j, destination in enumerate(buyers)
        if flow[i, j] > 0.0
    }
