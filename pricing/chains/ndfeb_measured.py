"""What the sources say about tonnes in the NdFeB chain, with how much each figure is trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pricing.chains.ndfeb_rules import Rules
from pricing.chains.rawdata import RawTable
from pricing.chains.reconcile import Measurement

KILO = 1e3

MINES = (
    "China",
    "United States",
    "Australia",
    "Malaysia",
    "Myanmar",
    "Vietnam",
    "India",
    "Brazil",
    "Rest of world",
)
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


def measurements(
    raw: RawTable, rules: Rules, made: Coefficients, flows: Mapping[tuple[str, str], float]
) -> Iterator[Measurement]:
    """Everything measured, in t of each good's basis; ``flows`` are magnets by origin."""
    yield from _mines(raw, rules)
    yield from _refining(raw, rules, made)
    yield from _metal(raw, rules, made)
    yield from _magnets(raw, rules, flows)
    yield from _other_uses(raw, rules, made)


def mine_split(raw: RawTable) -> dict[str, float]:
    """Share the IEA's remainder over countries it does not list [t contained].

    Hard-rock and mineral-sand producers get their USGS tonnage times the Chinese content; ionic
    clays get what is left. The content that this implies for ionic clays, 44.9 %, is that of
    Myanmar (44.7 %).
    """
    content = raw.value("iea_mine_china") * KILO / raw.value("usgs_mine_china")
    weight = {"Laos": raw.value("comtrade_laos_qty")}
    for country in (
        "India",
        "Brazil",
        "Malaysia",
        "Vietnam",
        "Madagascar",
        "Nigeria",
        "Russia",
        "Thailand",
    ):
        weight[country] = raw.value(f"usgs_mine_{country.lower()}")
    weight["Other countries"] = raw.value("usgs_mine_other_countries")
    total = raw.value("iea_mine_rest") * KILO
    hard = {name: content * tonnes for name, tonnes in weight.items() if name not in IONIC}
    ionic = (total - sum(hard.values())) / sum(weight[name] for name in IONIC)
    split = hard | {name: ionic * weight[name] for name in IONIC}
    listed = {name: split.pop(name) for name in ("India", "Brazil", "Malaysia", "Vietnam")}
    return listed | {"Rest of world": sum(split.values())}


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
        yield Measurement(
            f"concentrate:{origin}>{destination}",
            value,
            spread_flow,
            "Mine less own separation, sent to the known separator",
        )


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
    yield Measurement(
        "refined:China",
        china,
        china * spread.refined_china,
        "IEA refining, read as separation plus scrap",
    )
    yield Measurement("scrap:China", scrap, scrap * spread.scrap, rules.scrap_prior.note)
    yield Measurement("separation:China", china - scrap, china, "Free: refining less scrap")
    magnets = 0.5 * (raw.value("smm_china_2024") + raw.value("adamas_china_2024"))
    japan = scrap * japan_magnets(raw, rules) / magnets
    yield Measurement(
        "scrap:Japan", japan, 0.5 * japan * spread.scrap, "As much per tonne of magnets as in China"
    )
    yield from _separation(raw, rules, made)


def _separation(raw: RawTable, rules: Rules, made: Coefficients) -> Iterator[Measurement]:
    spread, oxide = rules.deviations, made.oxide_per_element * KILO
    iea = raw.value("iea_refined_malaysia") * oxide
    lynas = 0.5 * (raw.value("lynas_fy24") + raw.value("lynas_fy25"))
    yield Measurement("separation:Malaysia", iea, iea * spread.separation_iea, "IEA refining")
    yield Measurement(
        "separation:Malaysia",
        lynas,
        lynas * spread.separation_company,
        "Lynas, mean of financial years 2024 and 2025",
    )
    iea, company = raw.value("iea_refined_us") * oxide, raw.value("mp_2024")
    yield Measurement(
        "separation:United States", iea, iea * spread.separation_other, "IEA refining"
    )
    yield Measurement(
        "separation:United States",
        company,
        company * spread.separation_other,
        "MP Materials, upper bound",
    )
    for region, row in (("EU", "atlas_share_france"), ("Vietnam", "atlas_share_vietnam")):
        value = raw.value("iea_refined_world") * oxide * raw.value(row) / 100.0
        yield Measurement(
            f"separation:{region}", value, value * spread.separation_other, "1 % of world refining"
        )
    value = mine_split(raw)["India"] / made.concentrate
    yield Measurement(
        "separation:India", value, value * spread.separation_other, "India separates what it mines"
    )


def japan_magnets(raw: RawTable, rules: Rules) -> float:
    """Japanese magnet output: what the Chinese share of the world leaves [t]."""
    china = 0.5 * (raw.value("smm_china_2024") + raw.value("adamas_china_2024"))
    outside = china * (100.0 / raw.value("iea_share_magnet") - 1.0)
    return (
        outside
        - raw.value("guardian_eu_own")
        - raw.value("shin_etsu_vietnam") * rules.vietnam_utilisation.fraction
    )


def metal_output(raw: RawTable, made: Coefficients) -> dict[str, float]:
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


def _metal(raw: RawTable, rules: Rules, made: Coefficients) -> Iterator[Measurement]:
    why = (
        "China as in magnets; outside split as in 2022; United Kingdom two cells; Vietnam the rest"
    )
    for region, value in metal_output(raw, made).items():
        yield Measurement(f"metal:{region}", value, value * rules.deviations.metal[region], why)


def _magnets(
    raw: RawTable, rules: Rules, flows: Mapping[tuple[str, str], float]
) -> Iterator[Measurement]:
    spread = rules.deviations
    for row in ("smm_china_2024", "adamas_china_2024"):
        value = raw.value(row)
        yield Measurement(
            "magnet:China", value, value * spread.magnet_china, "SMM" if row[0] == "s" else "Adamas"
        )
    japan = japan_magnets(raw, rules)
    yield Measurement(
        "magnet:Japan", japan, japan * spread.magnet_japan, "Left by the IEA's 94 % for China"
    )
    vietnam = raw.value("shin_etsu_vietnam") * rules.vietnam_utilisation.fraction
    yield Measurement(
        "magnet:Vietnam",
        vietnam,
        vietnam * spread.magnet_vietnam,
        "Shin-Etsu plant at 90 % of capacity",
    )
    yield Measurement("magnet:EU", raw.value("guardian_eu_own"), 0.0, "Held")
    held = {("China", "EU"): rules.held.eu_from_china, ("EU", "EU"): rules.held.eu_from_eu}
    special = {("China", "United States"): spread.flow_united_states}
    for (origin, destination), value in flows.items():
        item, route = f"magnet:{origin}>{destination}", (origin, destination)
        usual = spread.flow_into_eu if destination == "EU" else spread.flow
        share = 0.0 if route in held else special.get(route, usual)
        why = "Held" if route in held else "Recorded trade, re-exports credited to the maker"
        yield Measurement(item, held.get(route, value), value * share, why)


def _other_uses(raw: RawTable, rules: Rules, made: Coefficients) -> Iterator[Measurement]:
    need = (
        raw.value("smm_china_2024")
        * 100.0
        / raw.value("iea_share_magnet")
        * raw.value("reo_per_magnet")
    )
    world = raw.value("iea_demand_total") * KILO * made.oxide_per_element - need
    for region, share in rules.other_uses_share.shares.items():
        value = world * share
        yield Measurement(
            f"other:{region}",
            value,
            value * rules.deviations.other_uses,
            "IEA demand less the need of 276.6 kt of magnets, round regional shares",
        )
