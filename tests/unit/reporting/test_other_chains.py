"""Figures and their tables on chains unlike the shipped one: carriers, cross prices, all laws."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.reporting import figures
from pricing.reporting.build_up import Part, build_up
from pricing.reporting.chain_flow import flows, nodes
from pricing.reporting.curves import use_at
from pricing.reporting.figures import NoPolicy
from pricing.reporting.html_report import drawings
from pricing.reporting.side_by_side import results_side_by_side
from tests.support.chains import quantity, scenario_on
from tests.support.hand import rich
from tests.support.markets import Markets


def duty(good: str) -> dict[str, Any]:
    """A tariff of a quarter into North."""
    return {
        "kind": "tariff",
        "good": good,
        "destinations": ["North"],
        "rate": quantity(0.25, "1"),
    }


def carried() -> pricing.Scenario:
    """One homogeneous good whose transport has a rising price: 4 + 0.1 f USD/t."""
    market = Markets(("wheat",), ("South", "North"), "cif")
    market.supply("wheat", "South", market.curve("linear", 1.5, 40.0, 30.0))
    market.demand("wheat", "North", "linear", 1.0, 100.0, 100.0)
    fare = 9.0
    line = market.curve("linear", fare / 5.0, 50.0, fare)
    market.route("South", "North", fare, carriers={"supply": line})
    return scenario_on(market.chain(), duty("wheat"))


def crossed() -> pricing.Scenario:
    """Two goods whose demands answer each other's price."""
    market = Markets(("alloy", "ferrite"), ("South", "North"))
    for good, other in (("alloy", "ferrite"), ("ferrite", "alloy")):
        market.supply(good, "South", market.curve("isoelastic", 0.6, 70.0, 30.0))
        curve = market.demand(good, "North", "isoelastic", 0.8, 60.0, 40.0)
        curve["cross"] = [market.cross(0.3, other, "substitute", 40.0)]
    market.route("South", "North", 1.0)
    return scenario_on(market.chain(), duty("alloy"))


CASES = {
    "cross prices": crossed,
    "carriers": carried,
    "every instrument": rich,
    "no policy": lambda: pricing.load_scenario("baseline"),
    "closed routes": lambda: pricing.load_scenario("china_export_ban"),
    "guarantee": lambda: pricing.load_scenario("mp_price_guarantee"),
}


@pytest.fixture(scope="module", params=list(CASES))
def result(request: pytest.FixtureRequest) -> pricing.Result:
    return pricing.solve(CASES[request.param]())


def all_figures(result: pricing.Result) -> Iterator[figures.Figure]:
    base = figures.NoPolicy.of(result)
    yield from (draw(result, base) for draw in drawings(result))
    variants = {"one": result}
    for draw in (figures.compared_prices, figures.compared_output, figures.compared_gains):
        yield draw(variants)


def test_every_figure_draws_finite_numbers(result: pricing.Result):
    for figure in all_figures(result):
        assert figure.csv().startswith(b"# title: ")
        for name, rows in figure.data.items():
            numbers = rows.select_dtypes("number")
            assert not np.isinf(numbers.to_numpy(dtype=float)).any(), (figure.name, name)
        assert "nan" not in figure.alt


def test_accounts_of_the_tables_hold(result: pricing.Result):
    for solved in (result.solved, result.reference):
        state, network = solved.state, solved.program.network
        is_open = solved.program.open_arcs
        parts = build_up(solved)
        assert sum(parts.values())[is_open] == pytest.approx(state.landed[0][is_open])
        for g in range(len(network.goods)):
            for r in range(len(network.regions)):
                used = use_at(solved, g, r, state.index[0, g, [r]])[0]
                assert used == pytest.approx(state.use[0, g, r], rel=1e-6, abs=1e-6)
        found = list(flows(solved))
        for node in nodes(solved):
            key = node.good, node.region
            out = sum(flow.amount for flow in found if (flow.good, flow.origin) == key)
            assert out == pytest.approx(node.leaving, rel=1e-6)
    table = results_side_by_side({"one": result})
    assert len(table) == len(table.drop_duplicates(["what", "good", "regions"]))


def test_the_price_of_transport_is_freight():
    result = pricing.solve(carried())
    parts = build_up(result.solved)
    shipped = float(result.solved.state.flow[0, 0, 0, 1])

    assert shipped > 0.0
    assert parts[Part.FREIGHT][0, 0, 1] == pytest.approx(4.0 + 0.1 * shipped)
    cif = parts[Part.EX_WORKS][0, 0, 1] + parts[Part.FREIGHT][0, 0, 1]
    assert parts[Part.DUTIES][0, 0, 1] == pytest.approx(0.25 * cif)


def test_carriers_are_producers_of_no_stage():
    """Their loss of 4 + 0.1 f USD/t is not that of whoever makes the first good."""
    result = pricing.solve(carried())
    agents = result.accounts.agents
    makers = agents.network.makers
    assert agents.processes[0, ~makers].sum() < 0.0
    table = figures.producers(result, NoPolicy.of(result)).table
    assert table["place"].to_list() == ["wheat, South"]
    assert table["change"].sum() == pytest.approx(agents.processes[0, makers].sum() / 1e6)


def test_tonnes_of_different_goods_are_told_apart():
    """Alumina is a hundred thousand times the gallium that comes with it."""
    result = pricing.solve("gallium_ban_on_us")
    told = figures.chain_flow(result, NoPolicy.of(result)).alt
    assert "140,000,000 t/yr of alumina, 0.0 t/yr of it made in United States; " in told
    assert "848 t/yr of gallium" in told


@pytest.mark.parametrize(("name", "held"), [("section_301_magnets", 0), ("forge_all_stages", 1)])
def test_a_reference_price_is_named_only_where_there_is_one(name: str, held: int):
    result = pricing.solve(name)
    figure = figures.prices_by_stage(result, NoPolicy.of(result))
    assert figure.caption.count("reference price") == held
    assert ('"reference price"' in json.dumps(figure.template)) is bool(held)
