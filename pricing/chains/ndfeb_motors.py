"""The motor stage on top of the balanced base years of the NdFeB chain.

Cars by maker and buyer become tonnes of motors; the magnets in them leave the final use of magnets
where the motors are made. Nothing upstream moves, so every number of the magnet chain stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from pricing.chains.benchmark_table import write_table
from pricing.chains.facts import Facts
from pricing.chains.load import load_chain_file
from pricing.chains.schema import BenchmarkRow, Chain
from pricing.chains.tables import TradeCosts
from pricing.core.declared import Declared, Number, Text
from pricing.core.documents import read_document
from pricing.core.faults import validate
from pricing.core.quantities import Share
from pricing.errors import Fault, InputError

SOURCE = "motors_built"
"""Key in the chain's ``sources``."""
Positive = Annotated[Number, Field(gt=0.0)]
Routes = dict[tuple[str, str], float]
"""(maker, buyer) -> how much."""


class Multiples(Declared):
    """Conversion cost as a multiple of China's [1]."""

    eu: Positive = Field(alias="EU")
    """In the EU."""
    united_states: Positive = Field(alias="United States")
    """In the United States."""
    korea: Positive = Field(alias="Korea")
    """In Korea."""
    rest: Positive = Field(alias="Rest of world")
    """Elsewhere."""
    note: Text
    """Why."""


class MotorRules(Declared):
    """What is assumed where no figure was read."""

    title: Text
    """What the rules are for."""
    korea_to_eu: Share
    """Share of Korea's other exports that go to the EU."""
    eu_to_neighbours: Share
    """Share of the EU in what EFTA and the United Kingdom buy."""
    conversion_multiple: Multiples
    """What conversion costs outside China."""


@dataclass(frozen=True)
class Motors:
    """The stage in tonnes and prices."""

    cars: Routes
    """Cars by maker and buyer [million]."""
    tonnes: Routes
    """Motors by maker and buyer [t]."""
    content: float
    """Magnets in a motor [t/t]."""
    china_price: float
    """Ex-works price in China [USD/t]."""


def read(root: Path) -> tuple[Facts, MotorRules, Chain]:
    """Raw figures, rules and the magnet chain from the folder of configurations."""
    facts = Facts.load(root / "data" / "ndfeb_motors_raw.csv")
    rules = validate(MotorRules, read_document(root / "data" / "ndfeb_motors_rules.yaml"))
    return facts, rules, load_chain_file(root / "chains" / "ndfeb.yaml", root / "data")


def build_motors(root: Path) -> dict[str, str]:
    """Text of the table of every variant.

    Parameters
    ----------
    root : Path
        Folder with ``chains/`` and ``data/``; nothing is written.

    Raises
    ------
    InputError
        If figures contradict each other: a route or a use would be negative.
    """
    facts, rules, chain = read(root)
    motors = stage(facts, rules, chain)
    return {
        name: write_table(tuple(_rows(chain, benchmark.rows, motors, rules)))
        for name, benchmark in chain.benchmarks.items()
    }


def stage(facts: Facts, rules: MotorRules, chain: Chain) -> Motors:
    """Cars, and the motors in them: magnets over cars, over what a motor holds."""
    cars = routes(facts, rules)
    magnet = next(good for good in chain.goods if good.id == "magnet")
    metal = magnet.bases[0].tonnes_per_tonne.tonnes_per_tonne
    magnets = 1e3 * _number(facts, "ev_magnet_rare_earths") / metal
    content = _number(facts, "motor_magnets") / _number(facts, "motor_weight")
    each = magnets / content / _number(facts, "cars_sold_world")
    price = 1e3 * _number(facts, "motor_exports_value") / _number(facts, "motor_exports_weight")
    tonnes = {route: each * number for route, number in cars.items()}
    return Motors(cars, tonnes, content, price)


def routes(facts: Facts, rules: MotorRules) -> Routes:
    """Electric cars by maker and buyer [million]; the rest of the world closes the world total.

    Raises
    ------
    InputError
        If a route comes out negative.
    """
    world, china = (_number(facts, name) for name in ("cars_sold_world", "cars_made_china"))
    abroad = _number(facts, "cars_exported_china")
    bev = 1e-6 * _number(facts, "bev_sold_eu")
    union = bev + 1e-6 * _number(facts, "phev_sold_eu")
    europe = _number(facts, "bev_sold_europe") + 1e-6 * _number(facts, "phev_sold_europe")
    to_us = 1e-6 * _number(facts, "korea_to_united_states")
    korea = to_us / (0.01 * _number(facts, "korea_share_united_states"))
    imports = _number(facts, "us_imports_weight") / _number(facts, "car_weight")
    german = 0.01 * _number(facts, "us_imports_germany") * imports
    found: Routes = {
        ("China", "China"): china - abroad,
        ("China", "EU"): 0.01 * _number(facts, "china_share_of_eu_bev") * bev,
        ("Korea", "United States"): to_us,
        ("Korea", "EU"): rules.korea_to_eu.fraction * (korea - to_us),
        ("EU", "United States"): german,
        ("EU", "Rest of world"): rules.eu_to_neighbours.fraction * (europe - union),
        ("United States", "United States"): _number(facts, "cars_sold_united_states") - imports,
        ("Rest of world", "United States"): imports - german - to_us,
    }
    found["China", "Rest of world"] = abroad - found["China", "EU"]
    found["Korea", "Rest of world"] = korea - to_us - found["Korea", "EU"]
    found["EU", "EU"] = union - found["China", "EU"] - found["Korea", "EU"]
    found["Rest of world", "Rest of world"] = world - sum(found.values())
    faults = [
        Fault(f"cars from {i} to {j} would be {number:.3f} million", "ndfeb_motors_raw.csv")
        for (i, j), number in found.items()
        if number <= 0.0
    ]
    if faults:
        raise InputError(faults)
    return found


def _number(facts: Facts, name: str) -> float:
    value = facts.number(name) if name in facts else None
    if value is None:
        raise InputError([Fault("this row is missing or holds no number", name, facts.name)])
    return value


def _rows(
    chain: Chain, rows: tuple[BenchmarkRow, ...], motors: Motors, rules: MotorRules
) -> Iterator[BenchmarkRow]:
    """Rows of the magnet chain less the magnets in motors, and the rows of the motor stage."""
    made: dict[str, float] = {}
    used: dict[str, float] = {}
    for (maker, buyer), tonnes in motors.tonnes.items():
        made[maker] = made.get(maker, 0.0) + tonnes
        used[buyer] = used.get(buyer, 0.0) + tonnes
    for row in rows:
        if row.variable == "use" and row.good == "magnet" and row.region in made:
            left = row.value - motors.content * made[row.region]
            if left <= 0.0:
                problem = f"motors made in {row.region} would hold more magnets than are used there"
                raise InputError([Fault(problem, "ndfeb_motors_raw.csv")])
            text = "sum of arrivals by origin, less the magnets in motors of electric cars"
            yield row.revised(value=left, source=SOURCE, derivation=text)
        else:
            yield row
    for region, price in _prices(chain, rows, motors, rules).items():
        text = "magnets at buyers' prices and conversion cost, in China from the exports of 2014"
        yield _row("producer_price", price, "USD/t", text, good="motor", region=region)
    for region, tonnes in made.items():
        name = f"motor_{region.lower().replace(' ', '_')}"
        yield _row("production", tonnes, "t/yr", "cars made, times motor", process=name)
    for region, tonnes in used.items():
        text = "cars bought, times motor"
        yield _row("use", tonnes, "t/yr", text, good="motor", region=region, use="cars")
    for (maker, buyer), tonnes in motors.tonnes.items():
        text = f"{motors.cars[maker, buyer]:.3f} million cars, times motor"
        yield _row("flow", tonnes, "t/yr", text, good="motor", region=maker, partner=buyer)


def _prices(
    chain: Chain, rows: tuple[BenchmarkRow, ...], motors: Motors, rules: MotorRules
) -> Mapping[str, float]:
    """Ex-works price by maker: magnets at what buyers there pay, and conversion [USD/t]."""
    multiple = rules.conversion_multiple.model_dump(by_alias=True)
    paid = magnet_prices(chain, rows)
    conversion = motors.china_price - motors.content * paid["China"]
    makers = dict.fromkeys(maker for maker, _ in motors.tonnes)
    return {
        maker: motors.content * paid[maker]
        + conversion * (1.0 if maker == "China" else multiple[maker])
        for maker in makers
    }


def magnet_prices(chain: Chain, rows: tuple[BenchmarkRow, ...]) -> dict[str, float]:
    """Average landed price of magnets by buyer in a base year [USD/t]."""
    goods = [good.id for good in chain.goods]
    regions = [region.id for region in chain.regions]
    price = np.zeros((len(goods), len(regions)))
    flow = np.zeros((len(regions), len(regions)))
    for row in rows:
        if row.variable == "producer_price" and row.good and row.region:
            price[goods.index(row.good), regions.index(row.region)] = row.value
        elif row.variable == "flow" and row.good == "magnet" and row.region and row.partner:
            flow[regions.index(row.region), regions.index(row.partner)] = row.value
    landed = TradeCosts(chain).landed(price)[goods.index("magnet")]
    bought = flow.sum(axis=0)
    spent = (flow * np.where(flow > 0.0, landed, 0.0)).sum(axis=0)
    return {r: float(spent[n] / bought[n]) for n, r in enumerate(regions) if bought[n] > 0.0}


def _row(variable: str, value: float, unit: str, text: str, **names: str) -> BenchmarkRow:
    data = {"variable": variable, "value": value, "unit": unit, "source": SOURCE, **names}
    return BenchmarkRow.model_validate(data | {"derivation": text})
