"""Indicators of a table are those of each of its rows by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.accounts.table import indicator_table, worst_check
from pricing.equilibrium.table import Rows, solve_scenarios, solve_table
from pricing.scenarios.load import shipped_scenarios
from pricing.scenarios.scenario import Scenario
from tests.unit.test_many import LAWS, random_mixes

CLOSE = 1e-9
SMALL = {"USD": 1e3, "t": 1e-3, "USD/t": 1e-3, "1": 1e-6}
"""Numbers so far below what a world of billions holds are round-off."""


def quantities(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every number with a unit below a node of plain data."""
    if isinstance(node, dict) and {"value", "unit"} <= set(node):
        yield path, node
    elif isinstance(node, dict):
        for key, item in node.items():
            yield from quantities(item, f"{path}.{key}" if path else key)


def numbers_of_policies(base: Scenario) -> dict[str, list[str]]:
    """A table of all quantities of all policies, each a little lower, as stated and higher."""
    return {
        path: [f"{q['value'] * factor!r} {q['unit']}" for factor in (0.97, 0.99, 1.0)]
        for policy in base.data().get("policies", [])
        for path, q in quantities(policy, f"policies.{policy['id']}")
    }


def differences(rows: Any, table: Any, chosen: list[int]) -> list[str]:
    """Where a row of the table is not what its scenario alone gives."""
    found = []
    for n in chosen:
        result = pricing.solve(rows[n])
        alone = {(i.name, i.good, i.region, i.detail): i for i in result.indicators}
        keys = [(k.name, k.good, k.region, k.detail) for k in table.keys]
        assert not set(alone) - set(keys)
        for key, unit, value, base in zip(keys, table.units, table.value, table.base, strict=True):
            one = alone.get(key)
            if one is None:  # not listed: no number, or a treasury without receipts
                if not (np.isnan(value[n]) or (key[0] == "treasury" and value[n] == 0.0)):
                    found.append(f"{key}: {value[n]} is not listed alone")
                continue
            pairs = ((value[n], one.value), (base[min(n, base.size - 1)], one.base))
            for got, want in pairs:
                same = (
                    np.isnan(got)
                    if want is None
                    else abs(got - want) <= max(1e3 * CLOSE * max(abs(got), abs(want)), SMALL[unit])
                )
                if not same:
                    found.append(f"row {n} {key}: {got} {want}")
    return found


@pytest.mark.parametrize("name", shipped_scenarios())
def test_indicators_of_a_table_are_those_of_its_rows(name: str):
    base = pricing.load_scenario(name)
    table = numbers_of_policies(base)
    rows = Rows.of(base, table) if table else [base] * 3
    solved = solve_table(rows) if isinstance(rows, Rows) else solve_scenarios(rows)

    assert differences(rows, indicator_table(rows, solved), [0, 2]) == []
    assert worst_check(rows, solved, 0) <= CLOSE


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 3))
def test_indicators_of_any_mix_of_policies(seed: int):
    scenarios = random_mixes(seed, LAWS, 12, curves=seed % 2 == 1)
    tables = [(s, numbers_of_policies(s)) for s in scenarios]
    for base, table in [(s, t) for s, t in tables if t][:3]:
        rows = Rows.of(base, table)
        try:
            solved = solve_table(rows)
        except pricing.InputError:  # not every policy may change every number
            continue
        good = [n for n in (0, 2) if not isinstance(solved.outcomes[n], pricing.PricingError)]

        assert differences(rows, indicator_table(rows, solved), good) == []


def test_rows_on_worlds_of_their_own_have_their_own_base():
    base = pricing.load_scenario("forge_oxide_only")
    scale = {"good": "magnet", "region": "all", "source": "own"}
    table = {
        "assumptions.demand": [
            [{**scale, "factor": {"value": factor, "unit": "1"}}] for factor in (1.0, 1.1)
        ],
        "sources.own": [{"text": "test", "date": "2026", "grade": "weak"}] * 2,
    }
    rows = Rows.of(base, table)
    found = indicator_table(rows, solve_table(rows))

    assert found.base.shape == found.value.shape
    assert differences(rows, found, [0, 1]) == []


def test_a_row_without_equilibrium_is_not_a_number():
    base = pricing.load_scenario("forge_oxide_only")
    rows = Rows.of(base, {"policies.oxide.level.prices.oxide": ["80 USD/kg", "90 USD/kg"]})
    solved = solve_table(rows)
    broken = pricing.NoEquilibriumError("test", "nothing", 1.0, "Nothing helps.")
    found = indicator_table(rows, replace(solved, outcomes=(broken, solved.outcomes[1])))

    assert np.isnan(found.value[:, 0]).all()
    assert not np.isnan(found.value[:, 1]).all()


def test_scenarios_of_several_structures_have_all_columns():
    names = ("forge_oxide_only", "us_45x")
    scenarios = [pricing.load_scenario(name) for name in names]
    solved = solve_scenarios(scenarios)
    found = indicator_table(scenarios, solved)

    assert differences(scenarios, found, [0, 1]) == []
