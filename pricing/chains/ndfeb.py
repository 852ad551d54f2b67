"""Tonnes of the NdFeB chain: from raw figures to a balanced base year.

Mines, separation, scrap, metal, magnets and the trade in concentrate and magnets are balanced
together by least squares. Trade in oxide and metal has no usable record: it is filled in by
entropy from the balanced totals and one of several priors (:func:`trade_by_prior`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.ndfeb_rules import Rules
from pricing.chains.rawdata import RawTable
from pricing.chains.reconcile import (
    Array,
    Balance,
    Measurement,
    Reconciled,
    Sells,
    least_squares,
    origin_flows,
    ras,
)
from pricing.chains.schema import Chain
from pricing.errors import Fault, InputError

KILO = 1e3
SMALLEST_FLOW = 5.0
"""Flows of magnets by origin below this are left out [t]."""

MINES = ("China", "United States", "Australia", "Malaysia", "Myanmar", "Vietnam", "India", "Brazil", "Rest of world")
CONCENTRATE_ROUTES = (
    ("China", "China"), ("Myanmar", "China"), ("Malaysia", "China"), ("Brazil", "China"),
    ("United States", "United States"), ("United States", "China"), ("Australia", "Malaysia"),
    ("India", "India"), ("Vietnam", "Vietnam"), ("Rest of world", "China"),
    ("Rest of world", "EU"), ("Rest of world", "Vietnam"),
)  # fmt: skip
"""Routes of concentrate: every mine to its own separators or to the known one."""
SEPARATORS = ("China", "United States", "EU", "Malaysia", "Vietnam", "India")
SCRAP = ("China", "Japan")
METAL = ("China", "Japan", "Vietnam", "Rest of world")
MAGNET = ("China", "EU", "Japan", "Vietnam")
IONIC = ("Brazil", "Malaysia", "Laos")
"""Ionic-clay deposits among the countries that the IEA does not list."""


@dataclass(frozen=True)
class Coefficients:
    """Material coefficients of the technologies."""

    oxide_per_element: float
    """t oxide per t contained."""
    concentrate: float
    """t contained per t oxide."""
    oxide: float
    """t oxide per t metal."""
    metal: float
    """t metal per t magnet."""


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
    factors = [raw.value(row) for row in ("nd2o3_per_nd", "pr6o11_per_pr", "dy2o3_per_dy", "tb4o7_per_tb")]
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
        raise InputError([Fault(f"{name}: {text}", "technologies", remedy=remedy) for name in wrong])
    return found


def mine_split(raw: RawTable) -> dict[str, float]:
    """Share the IEA's remainder over countries it does not list [t contained].

    Hard-rock and mineral-sand producers get their USGS tonnage times the Chinese content; ionic
    clays get what is left. The content that this implies for ionic clays, 44.9 %, is that of
    Myanmar (44.7 %).
    """
    content = raw.value("iea_mine_china") * KILO / raw.value("usgs_mine_china")
    weight = {"Laos": raw.value("comtrade_laos_qty")}
    for country in ("India", "Brazil", "Malaysia", "Vietnam", "Madagascar", "Nigeria", "Russia", "Thailand"):
        weight[country] = raw.value(f"usgs_mine_{country.lower()}")
    weight["Other countries"] = raw.value("usgs_mine_other_countries")
    total = raw.value("iea_mine_rest") * KILO
    hard = {name: content * tonnes for name, tonnes in weight.items() if name not in IONIC}
    ionic = (total - sum(hard.values())) / sum(weight[name] for name in IONIC)
    split = hard | {name: ionic * weight[name] for name in IONIC}
    listed = {name: split.pop(name) for name in ("India", "Brazil", "Malaysia", "Vietnam")}
    return listed | {"Rest of world": sum(split.values())}


def balance(chain: Chain, raw: RawTable, rules: Rules) -> Tonnes:
    """Balance everything but oxide and metal trade."""
    made = coefficients(chain, raw, rules)
    flows, re_exported = magnet_origins(chain, raw, rules)
    measured = [
        *_mines(raw, rules),
        *_refining(raw, rules, made),
        *_metal_measurements(raw, rules, made),
        *_magnets(raw, rules, flows),
        *_other_uses(raw, rules, made),
    ]
    found = least_squares(measured, list(_balances(raw, rules, made, list(flows))))
    return Tonnes(found, made, re_exported)


def _mines(raw: RawTable, rules: Rules) -> Iterator[Measurement]:
    spread = rules.deviations.mine
    output = {r: raw.value("iea_mine_" + r.lower().replace(" ", "_")) * KILO for r in MINES[:3]}
    output["Myanmar"] = raw.value("iea_mine_myanmar") * KILO
    output |= mine_split(raw)
    for region in MINES:
        value = output[region]
        why = "IEA mine output" if region in spread else "IEA remainder shared by USGS and Comtrade"
        yield Measurement(f"mine:{region}", value, value * spread.get(region, spread["other"]), why)
    feed = _known_feed(raw, rules)
    for origin, destination in CONCENTRATE_ROUTES:
        left = output[origin] - sum(t for (i, _), t in feed.items() if i == origin)
        value = feed.get((origin, destination), left)
        spread_flow = rules.deviations.concentrate_flow * value
        yield Measurement(f"concentrate:{origin}>{destination}", value, spread_flow, "Mine less own separation, sent to the known separator")


def _known_feed(raw: RawTable, rules: Rules) -> dict[tuple[str, str], float]:
    """Concentrate of origins that serve several separators, from what these make [t contained]."""
    recovered = 1.0 - rules.loss_separation.fraction
    percent = raw.value("iea_refined_world") * KILO / 100.0 / recovered
    own = mine_split(raw)["Vietnam"]
    return {
        ("United States", "United States"): raw.value("iea_refined_us") * KILO / recovered,
        ("Rest of world", "EU"): percent * raw.value("atlas_share_france"),
        ("Rest of world", "Vietnam"): percent * raw.value("atlas_share_vietnam") - own,
    }


def _refining(raw: RawTable, rules: Rules, made: Coefficients) -> Iterator[Measurement]:
    spread, oxide = rules.deviations, made.oxide_per_element * KILO
    china = raw.value("iea_refined_china") * oxide
    scrap = 0.5 * (rules.scrap_prior.low + rules.scrap_prior.high)
    yield Measurement("refined:China", china, china * spread.refined_china, "IEA refining, read as separation plus scrap")
    yield Measurement("scrap:China", scrap, scrap * spread.scrap, rules.scrap_prior.note)
    yield Measurement("separation:China", china - scrap, china, "Free: refining less scrap")
    magnets = 0.5 * (raw.value("smm_china_2024") + raw.value("adamas_china_2024"))
    japan = scrap * _japan(raw, rules) / magnets
    yield Measurement("scrap:Japan", japan, 0.5 * japan * spread.scrap, "As much per tonne of magnets as in China")
    iea = raw.value("iea_refined_malaysia") * oxide
    lynas = 0.5 * (raw.value("lynas_fy24") + raw.value("lynas_fy25"))
    yield Measurement("separation:Malaysia", iea, iea * spread.separation_iea, "IEA refining")
    yield Measurement("separation:Malaysia", lynas, lynas * spread.separation_company, "Lynas, mean of financial years 2024 and 2025")
    iea, company = raw.value("iea_refined_us") * oxide, raw.value("mp_2024")
    yield Measurement("separation:United States", iea, iea * spread.separation_other, "IEA refining")
    yield Measurement("separation:United States", company, company * spread.separation_other, "MP Materials, upper bound")
    for region, row in (("EU", "atlas_share_france"), ("Vietnam", "atlas_share_vietnam")):
        value = raw.value("iea_refined_world") * oxide * raw.value(row) / 100.0
        yield Measurement(f"separation:{region}", value, value * spread.separation_other, "1 % of world refining")
    value = mine_split(raw)["India"] / made.concentrate
    yield Measurement("separation:India", value, value * spread.separation_other, "India separates what it mines")


def _japan(raw: RawTable, rules: Rules) -> float:
    """Japanese magnet output: what the Chinese share of the world leaves [t]."""
    china = 0.5 * (raw.value("smm_china_2024") + raw.value("adamas_china_2024"))
    outside = china * (100.0 / raw.value("iea_share_magnet") - 1.0)
    return outside - raw.value("guardian_eu_own") - raw.value("shin_etsu_vietnam") * rules.vietnam_utilisation


def _metal(raw: RawTable, made: Coefficients) -> dict[str, float]:
    """Metal output before adjustment [t].

    China has its share of world magnets; the rest is split as in 2022, when 6 of the 8 points
    outside China were Japanese. The United Kingdom has two cells, Vietnam what is left.
    """
    china = 0.5 * (raw.value("smm_china_2024") + raw.value("adamas_china_2024"))
    outside = made.metal * china * (100.0 / raw.value("iea_share_magnet") - 1.0)
    japan = raw.value("dod_metal_japan") / (100.0 - raw.value("dod_metal_china"))
    output = {"China": made.metal * china, "Japan": outside * japan}
    output["Rest of world"] = raw.value("lcm_output")
    left = outside - output["Japan"] - output["Rest of world"]
    return output | {"Vietnam": left * raw.value("argus_vietnam_tolling")}


def _metal_measurements(raw: RawTable, rules: Rules, made: Coefficients) -> Iterator[Measurement]:
    why = "China as in magnets; outside split as in 2022; United Kingdom two cells; Vietnam the rest"
    for region, value in _metal(raw, made).items():
        yield Measurement(f"metal:{region}", value, value * rules.deviations.metal[region], why)


def _magnets(raw: RawTable, rules: Rules, flows: Mapping[tuple[str, str], float]) -> Iterator[Measurement]:
    spread = rules.deviations
    for row in ("smm_china_2024", "adamas_china_2024"):
        value = raw.value(row)
        yield Measurement("magnet:China", value, value * spread.magnet_china, "SMM" if row[0] == "s" else "Adamas")
    japan = _japan(raw, rules)
    yield Measurement("magnet:Japan", japan, japan * spread.magnet_japan, "Left by the IEA's 94 % for China")
    vietnam = raw.value("shin_etsu_vietnam") * rules.vietnam_utilisation
    yield Measurement("magnet:Vietnam", vietnam, vietnam * spread.magnet_vietnam, "Shin-Etsu plant at 90 % of capacity")
    yield Measurement("magnet:EU", raw.value("guardian_eu_own"), 0.0, "Held")
    held = {("China", "EU"): rules.held.eu_from_china, ("EU", "EU"): rules.held.eu_from_eu}
    for (origin, destination), value in flows.items():
        item = f"magnet:{origin}>{destination}"
        if (origin, destination) in held:
            yield Measurement(item, held[origin, destination], 0.0, "Held")
        else:
            share = spread.flow_united_states if (origin, destination) == ("China", "United States") else spread.flow
            yield Measurement(item, value, value * share, "Recorded trade with re-exports credited to the maker")


def _other_uses(raw: RawTable, rules: Rules, made: Coefficients) -> Iterator[Measurement]:
    need = raw.value("smm_china_2024") * 100.0 / raw.value("iea_share_magnet") * raw.value("reo_per_magnet")
    world = raw.value("iea_demand_total") * KILO * made.oxide_per_element - need
    for region, share in rules.other_uses_share.items():
        value = world * share
        yield Measurement(f"other:{region}", value, value * rules.deviations.other_uses, "IEA demand less the need of 276.6 kt of magnets, round regional shares")


def _balances(
    raw: RawTable, rules: Rules, made: Coefficients, routes: Sequence[tuple[str, str]]
) -> Iterator[Balance]:
    yield Balance("world mine output", {f"mine:{r}": 1.0 for r in MINES}, raw.value("iea_mine_world") * KILO)
    for region in MINES:
        out = {f"concentrate:{i}>{j}": -1.0 for i, j in CONCENTRATE_ROUTES if i == region}
        yield Balance(f"concentrate from {region}", {f"mine:{region}": 1.0} | out)
    for region in SEPARATORS:
        arrivals = {f"concentrate:{i}>{j}": -1.0 for i, j in CONCENTRATE_ROUTES if j == region}
        yield Balance(f"concentrate in {region}", {f"separation:{region}": made.concentrate} | arrivals)
    yield Balance("refining in China", {"refined:China": -1.0, "separation:China": 1.0, "scrap:China": 1.0})
    oxide = {f"separation:{r}": 1.0 for r in SEPARATORS} | {f"scrap:{r}": 1.0 for r in SCRAP}
    oxide |= {f"metal:{r}": -made.oxide for r in METAL} | {f"other:{r}": -1.0 for r in rules.other_uses_share}
    yield Balance("world oxide", oxide)
    yield Balance("world metal", {f"metal:{r}": 1.0 for r in METAL} | {f"magnet:{r}": -made.metal for r in MAGNET})
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
        "Japan": _japan(raw, rules),
        "EU": raw.value("guardian_eu_own"),
        "Vietnam": raw.value("shin_etsu_vietnam") * rules.vietnam_utilisation,
    }
    made = np.array([output.get(region, 0.0) for region in regions])
    stated = {"EU": rules.re_exports.EU, "Vietnam": rules.re_exports.Vietnam}
    sells = [stated.get(region, Sells.MIX) for region in regions]
    used = origin_flows(made, trade, sells, "magnets")
    forwarded = np.where(made == 0.0, trade.sum(axis=1), 0.0)
    for n, region in enumerate(regions):
        if sells[n] is Sells.HOME_FIRST:
            forwarded[n] = trade[n].sum()
        elif sells[n] is Sells.OWN_FIRST:
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
