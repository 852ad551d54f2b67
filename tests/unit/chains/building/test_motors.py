"""The motor stage: closed, plausible, and without effect on the magnet chain."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

import pricing
from pricing.chains.building.build import Built, build
from pricing.chains.load import load_chain, load_chain_file
from pricing.core.resources import configs_root
from pricing.core.yaml_text import dump_yaml
from pricing.errors import InputError

MILLION = 1e-6


@pytest.fixture(scope="module")
def built() -> Built:
    return build("ndfeb_motors", configs_root())


def cars(built: Built, maker: str = "", buyer: str = "") -> float:
    """Cars on the routes of a maker and a buyer [million]: tonnes of motors over those in a car."""
    year, regions = built.variants["central"], built.variants["central"].prices.regions
    motors = year.flow[year.prices.goods.index("motor")]
    rows = [regions.index(maker)] if maker else list(range(len(regions)))
    columns = [regions.index(buyer)] if buyer else list(range(len(regions)))
    tonnes = float(motors[np.ix_(rows, columns)].sum())
    return MILLION * tonnes / built.values.of("motor_per_car")


def test_cars_close(built: Built) -> None:
    """World sales, China's output and exports, and sales in the EU and the United States."""
    assert cars(built) == pytest.approx(17.3)
    assert cars(built, maker="China") == pytest.approx(12.4)
    abroad = cars(built, maker="China") - cars(built, maker="China", buyer="China")
    assert abroad == pytest.approx(1.25)
    assert cars(built, buyer="United States") == pytest.approx(1.6)
    assert cars(built, buyer="EU") == pytest.approx(MILLION * (1_447_934 + 758_944))
    assert cars(built, buyer="China") > 11.0  # what the agency says was sold there


def test_magnets_in_a_car_are_near_what_makers_say(built: Built) -> None:
    """8.359 kt of rare earths at 31 % over 17.3 million cars: a little under 2 kg, as not all have
    a magnet motor (85 to 93 %) and hybrids have smaller ones."""
    each = 1e3 * built.values.of("motor_content") * built.values.of("motor_per_car")  # kg

    assert each == pytest.approx(8_359.0 / 0.31 / 17.3e3, rel=1e-12)
    assert 1.2 < each < 2.0


def test_the_magnet_chain_is_not_moved() -> None:
    """Same prices, outputs and flows of the four goods without policy, to rounding."""
    plain = pricing.solve("baseline").solved.state
    longer = pricing.solve(pricing.load_scenario("baseline").but({"chain": "ndfeb_motors"}))
    state = longer.solved.state

    assert np.allclose(state.price[:, :4], plain.price, rtol=1e-9, atol=1e-6)
    assert np.allclose(state.flow[:, :4], plain.flow, rtol=1e-9, atol=1e-5)
    assert np.allclose(state.use[:, :4], plain.use, rtol=1e-9, atol=1e-5)


@pytest.mark.parametrize("variant", ["central", "home_bias", "proportional"])
def test_every_base_year_comes_back(variant: str) -> None:
    scenario = pricing.load_scenario("baseline").but(
        {"chain": "ndfeb_motors", "assumptions.benchmark": variant}
    )
    result = pricing.solve(scenario)
    rows = {row.place(): row.value for row in scenario.chain.benchmarks[variant].rows}
    network, state = result.solved.program.network, result.solved.state

    for region in ("China", "EU", "United States", "Korea", "Rest of world"):
        at = (0, network.goods.index("motor"), network.regions.index(region))
        want = rows["producer_price", "motor", region]
        assert state.price[at] == pytest.approx(want, rel=1e-9)


def test_a_floor_on_magnets_leaks_into_motors_and_a_content_duty_stops_it() -> None:
    """Chinese motors enter the EU with cheap magnets; the duty is the magnets times the gap."""
    floor = pricing.solve("motors_floor_magnets")
    closed = pricing.solve("motors_floor_and_content")
    network = floor.solved.program.network
    place = (0, network.goods.index("motor"), network.regions.index("China"))
    eu = network.regions.index("EU")
    before = floor.reference.state.flow[(*place, eu)]

    assert closed.solved.state.flow[(*place, eu)] < before < floor.solved.state.flow[(*place, eu)]
    gap = 74_500.0 - closed.solved.state.price[0, network.goods.index("magnet"), place[2]]
    lines = closed.accounts.agents.treasury_lines
    (paid,) = (change for (_, policy), change in lines.items() if policy == "content")
    flow = closed.solved.state.flow[(*place, eu)]
    assert paid[0, eu] == pytest.approx(0.05 * gap * flow, rel=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("electric_cars_sold,17.3", "electric_cars_sold,15.3", "motor Rest of world > Rest of"),
        ("electric_cars_made,12.4", "electric_cars_made,", "'cars_made_china' is '', which is no"),
    ],
    ids=["contradiction", "gap"],
)
def test_faulty_figures_are_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    shutil.copytree(configs_root() / "data", tmp_path / "data")
    shutil.copytree(configs_root() / "chains", tmp_path / "chains")
    raw = tmp_path / "data" / "ndfeb_motors_raw.csv"
    text = raw.read_text(encoding="utf-8")
    assert old in text
    raw.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(InputError, match=said):
        build("ndfeb_motors", tmp_path)


# --- a chain that extends another ---------------------------------------------------------


def test_named_parts_are_replaced_and_rows_are_added(tmp_path: Path) -> None:
    base, longer = load_chain("ndfeb"), load_chain("ndfeb_motors")

    assert [good.id for good in longer.goods] == [*(g.id for g in base.goods), "motor"]
    assert longer.demands[: len(base.demands)] == base.demands
    assert len(longer.duties) == len(base.duties) + 2
    assert longer.freight == base.freight
    assert longer.sources["iea_2025"] == base.sources["iea_2025"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("nowhere", "names a shipped chain"), ("ndfeb_motors", "extends another chain itself")],
)
def test_what_cannot_be_extended_is_refused_with_its_line(
    tmp_path: Path, name: str, said: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"kind: chain\nextends: {name}\nid: mine\n", encoding="utf-8")

    with pytest.raises(InputError, match=said) as caught:
        load_chain_file(path)
    assert [fault.line for fault in caught.value.faults] == [2]


def test_a_chain_of_ones_own_may_extend_a_shipped_one(tmp_path: Path) -> None:
    """With its own base year; here that of the magnet chain, so that nothing else changes."""
    central = load_chain("ndfeb").benchmarks["central"]
    rows = [row.model_dump(mode="json", exclude_none=True) for row in central.rows]
    own = {
        "kind": "chain",
        "extends": "ndfeb",
        "id": "mine",
        "processes": [{"id": "mine_china", "technology": "mining", "region": "China"}],
        "benchmarks": {"central": {"title": "Mine", "rows": rows}},
    }
    own["processes"][0]["source"] = "iea_2025"
    path = tmp_path / "mine.yaml"
    path.write_text(dump_yaml(own), encoding="utf-8")

    chain = load_chain_file(path)

    (process,) = (p for p in chain.processes if p.id == "mine_china")
    assert process.capacity is not None  # parts merge: what is not said stays
    assert math.isclose(process.capacity.tonnes, 45_787.0)
