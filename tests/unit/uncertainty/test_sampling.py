"""Distributions against SciPy's, designs that do not depend on who asks, drawn scenarios."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats as st
from pydantic import TypeAdapter, ValidationError

import pricing
from pricing.errors import InputError
from pricing.scenarios.uncertain import Distribution, Lognormal, Normal
from pricing.uncertainty.design import Design, Method
from pricing.uncertainty.draws import Draws, uncertain_numbers
from pricing.uncertainty.inverse import quantile

SHARES = np.linspace(0.001, 0.999, 201)
SOURCE = {"test": {"text": "Made for a test", "date": "2026", "grade": "weak"}}


def declared(**fields: Any) -> Any:
    return TypeAdapter(Distribution).validate_python(fields)


@pytest.mark.parametrize(
    ("fields", "law"),
    [
        ({"kind": "uniform", "low": 2, "high": 5}, st.uniform(2, 3)),
        ({"kind": "normal", "mean": 3, "sd": 2}, st.norm(3, 2)),
        (
            {"kind": "normal", "mean": 3, "sd": 2, "low": 1, "high": 6},
            st.truncnorm(-1, 1.5, 3, 2),
        ),
        ({"kind": "lognormal", "median": 4, "sigma": 0.5}, st.lognorm(0.5, scale=4)),
        ({"kind": "triangular", "low": 1, "mode": 2, "high": 5}, st.triang(0.25, 1, 4)),
        ({"kind": "triangular", "low": 1, "mode": 1, "high": 5}, st.triang(0.0, 1, 4)),
        ({"kind": "triangular", "low": 1, "mode": 5, "high": 5}, st.triang(1.0, 1, 4)),
        ({"kind": "pert", "low": 1, "mode": 2, "high": 5}, st.beta(2, 4, 1, 4)),
    ],
)
def test_quantiles_are_those_of_scipy(fields: dict[str, Any], law: Any):
    np.testing.assert_allclose(quantile(declared(**fields), SHARES), law.ppf(SHARES), rtol=1e-10)


def test_lognormal_is_cut_where_it_says():
    cut = declared(kind="lognormal", median=4, sigma=0.5, low=3, high=6)
    law = st.lognorm(0.5, scale=4)
    inside = law.cdf(3) + SHARES * (law.cdf(6) - law.cdf(3))

    np.testing.assert_allclose(quantile(cut, SHARES), law.ppf(inside), rtol=1e-10)


def test_discrete_takes_each_value_as_often_as_its_weight():
    found = quantile(declared(kind="discrete", values=[7, 8, 9], weights=[1, 0, 3]), SHARES)

    assert set(found) == {0.0, 2.0}
    assert (found == 0.0).mean() == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "uniform", "low": 5, "high": 5},
        {"kind": "normal", "mean": 1, "sd": 0},
        {"kind": "normal", "mean": 1, "sd": 1, "low": 3, "high": 2},
        {"kind": "lognormal", "median": -1, "sigma": 1},
        {"kind": "triangular", "low": 1, "mode": 6, "high": 5},
        {"kind": "pert", "low": 1, "mode": 1, "high": 1},
        {"kind": "discrete", "values": [1]},
        {"kind": "discrete", "values": [1, 2], "weights": [1]},
        {"kind": "discrete", "values": [1, 2], "weights": [0, 0]},
        {"kind": "cauchy", "mean": 1},
    ],
)
def test_impossible_distributions_are_refused(fields: dict[str, Any]):
    with pytest.raises(ValidationError):
        declared(**fields)


def test_a_grid_has_every_combination_once():
    design = Design(Method.GRID, 27, 1, ("a", "b", "c"))
    points = design.points(0, 27)

    assert len({tuple(row) for row in points.tolist()}) == 27
    np.testing.assert_allclose(np.unique(points), [1 / 6, 3 / 6, 5 / 6])
    assert np.array_equal(design.points(10, 20), points[10:20])
    with pytest.raises(InputError, match=r"no grid of 3 numbers\. Ask for 8 or 27"):
        Design(Method.GRID, 20, 1, ("a", "b", "c"))


SAMPLING = [method for method in Method if method is not Method.GRID]


@pytest.mark.parametrize("method", SAMPLING)
def test_a_draw_does_not_depend_on_batches(method: Method):
    design = Design(method, 300, 7, ("a", "b", "c"))
    whole = design.points(0, 300)
    parts = [design.points(first, min(first + 41, 300)) for first in range(0, 300, 41)]

    assert np.array_equal(np.concatenate(parts), whole)
    assert np.array_equal(Design(method, 300, 7, ("a", "b", "c")).points(250, 260), whole[250:260])
    assert not np.array_equal(Design(method, 300, 8, ("a", "b", "c")).points(0, 300), whole)
    assert ((whole > 0.0) & (whole < 1.0)).all()


def test_latin_hypercube_has_one_point_in_each_interval():
    points = Design(Method.LATIN_HYPERCUBE, 500, 3, ("a", "b")).points(0, 500)

    for column in points.T:
        assert np.array_equal(np.sort(np.floor(column * 500)), np.arange(500))
    assert abs(np.corrcoef(points.T)[0, 1]) < 0.15


def test_sobol_points_integrate_far_better_than_random_ones():
    def error(method: Method) -> float:
        points = Design(method, 4096, 5, tuple("abcd")).points(0, 4096)
        return abs(float(np.prod(12.0 * (points - 0.5) ** 2, axis=1).mean()) - 1.0)

    assert error(Method.SOBOL) < 0.005
    assert error(Method.SOBOL) < error(Method.RANDOM) / 5.0


@pytest.mark.parametrize("method", [Method.LATIN_HYPERCUBE, Method.RANDOM])
def test_shared_numbers_have_common_draws(method: Method):
    alone = Design(method, 64, 1, ("b",)).points(0, 64)[:, 0]
    together = Design(method, 64, 1, ("a", "b", "c")).points(0, 64)[:, 1]

    assert np.array_equal(alone, together)


@pytest.mark.parametrize("draws", [0, 2**31])
def test_designs_of_impossible_size_are_refused(draws: int):
    with pytest.raises(InputError, match="1 to 2"):
        Design(Method.SOBOL, draws, 1, ("a",))


# --- in a scenario -----------------------------------------------------------------------


def uncertain(section: dict[str, Any], name: str = "forge_oxide_only") -> pricing.Scenario:
    base = pricing.load_scenario(name)
    return base.but({"uncertainty": section, "sources.test": SOURCE["test"]})


PRICE = {
    "id": "price",
    "path": "policies.oxide.level.prices.oxide",
    "unit": "USD/kg",
    "distribution": {"kind": "uniform", "low": 80, "high": 120},
    "source": "test",
}


def of(scenario: pricing.Scenario, count: int = 64, seed: int = 1) -> Draws:
    names = tuple(number.id for number in uncertain_numbers(scenario))
    return Draws(scenario, Design(Method.LATIN_HYPERCUBE, count, seed, names))


def test_a_plain_solve_and_the_hash_ignore_uncertainty():
    base, drawn = pricing.load_scenario("forge_oxide_only"), uncertain({"numbers": [PRICE]})

    assert drawn.but({"sources.test": None, "uncertainty": None}).hash == base.hash
    assert drawn.but({"uncertainty": None}).hash == drawn.hash
    assert pricing.solve(drawn).table()["value"].equals(pricing.solve(base).table()["value"])


def test_numbers_are_written_with_their_unit():
    draws = of(uncertain({"numbers": [PRICE]}))
    values = draws.values(0, 64)
    table = draws.table(values)

    assert list(table) == [PRICE["path"]]
    first = draws.base.but({path: column[0] for path, column in table.items()})
    level = first.document.policies[0].level.prices["oxide"]  # type: ignore[union-attr]
    assert (level.value, level.unit) == (values[0, 0], "USD/kg")


def test_a_factor_multiplies_the_number_of_the_scenario():
    number = {key: value for key, value in PRICE.items() if key != "unit"}
    number |= {"factor": True, "distribution": {"kind": "uniform", "low": 0.9, "high": 1.1}}
    draws = of(uncertain({"numbers": [number]}))
    stated = draws.scenario.document.policies[0].level.prices["oxide"]  # type: ignore[union-attr]
    cells = draws.table(draws.values(0, 3))[PRICE["path"]]

    for cell, factor in zip(cells, draws.values(0, 3)[:, 0], strict=True):
        value, unit = cell.split(" ")
        assert unit == stated.unit
        assert float(value) == pytest.approx(stated.value * factor, rel=1e-15)


def test_one_word_takes_every_elasticity_with_a_range():
    draws = of(uncertain({"elasticities": "triangular"}))
    chain = draws.scenario.chain
    wide = {n for n, e in chain.elasticities.items() if e.short.low < e.short.high}

    assert set(draws.ids) == wide
    values = draws.values(0, 64)
    for n, name in enumerate(draws.ids):
        stated = chain.elasticities[name].short
        assert (stated.low < values[:, n]).all()
        assert (values[:, n] < stated.high).all()
    row = draws.base.but({path: column[5] for path, column in draws.table(values).items()})
    used = row.document.assumptions.elasticities[draws.ids[0]]
    assert used.value.fraction == values[5, 0]  # type: ignore[union-attr]


def test_correlated_numbers_have_the_stated_correlation():
    second = PRICE | {"id": "year", "path": "assumptions.elasticities.mine_supply", "unit": "1"}
    second["distribution"] = {"kind": "normal", "mean": 0.13, "sd": 0.01, "low": 0.05}
    first = PRICE | {"distribution": {"kind": "normal", "mean": 100, "sd": 5, "low": 10}}
    group = {"between": ["price", "year"], "coefficient": -0.7, "source": "test"}
    draws = of(uncertain({"numbers": [first, second], "correlations": [group]}), 4000)

    assert np.corrcoef(draws.values(0, 4000).T)[0, 1] == pytest.approx(-0.7, abs=0.03)


def test_words_and_places_in_lists_can_be_drawn():
    base = pricing.load_scenario("forge_oxide_only")
    scale = {"good": "magnet", "region": "all", "source": "test"}
    scale["factor"] = {"value": 1.0, "unit": "1"}  # type: ignore[assignment]
    numbers = [
        {
            "id": "year",
            "path": "assumptions.benchmark",
            "distribution": {"kind": "discrete", "values": ["central", "home_bias"]},
            "source": "test",
        },
        {
            "id": "demand",
            "path": "assumptions.demand.0.factor",
            "unit": "1",
            "distribution": {"kind": "uniform", "low": 0.9, "high": 1.1},
            "source": "test",
        },
    ]
    scenario = base.but(
        {
            "sources.test": SOURCE["test"],
            "assumptions.demand": [scale],
            "uncertainty": {"numbers": numbers},
        }
    )
    draws = of(scenario, 8)
    values = draws.values(0, 8)
    table = draws.table(values)
    row = draws.base.but({path: column[2] for path, column in table.items()})

    assert set(table["assumptions.benchmark"]) == {"central", "home_bias"}
    assert row.document.assumptions.demand[0].factor.fraction == values[2, 0]


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({"numbers": [PRICE, PRICE | {"path": "a.b"}]}, "two are called 'price'"),
        ({"numbers": [PRICE, PRICE | {"id": "b"}]}, "two numbers have the path"),
        ({"numbers": [{k: v for k, v in PRICE.items() if k != "unit"}]}, "a unit is missing"),
        ({"numbers": [PRICE | {"factor": True}]}, "a factor has no unit"),
        ({"numbers": [PRICE | {"source": "nobody"}]}, "no entry 'nobody' in 'sources'"),
        (
            {"correlations": [{"between": ["a", "b", "c"], "coefficient": -0.6, "source": "test"}]},
            "cannot all have a correlation",
        ),
    ],
)
def test_faults_of_the_section_are_named(section: dict[str, Any], problem: str):
    with pytest.raises(InputError, match=problem):
        uncertain(section)


def test_a_group_of_unknown_numbers_is_named():
    group = {"between": ["price", "nothing"], "coefficient": 0.5, "source": "test"}
    with pytest.raises(InputError, match="no uncertain number is called 'nothing'"):
        uncertain_numbers(uncertain({"numbers": [PRICE], "correlations": [group]}))


@pytest.mark.parametrize(
    ("kind", "stated"),
    [
        (Normal, {"mean": 100.0, "sd": 1.0, "low": 500.0}),
        (Normal, {"mean": 100.0, "sd": 1.0, "high": 95.0}),
        (Lognormal, {"median": 1.0, "sigma": 0.1, "high": 0.0}),
    ],
)
def test_a_cut_that_leaves_nothing_is_refused(kind: Any, stated: dict[str, float]) -> None:
    """It drew infinity, or the edge alone; a share of 3.2e-5 lies beyond four deviations."""
    with pytest.raises(ValidationError, match="next to nothing of this distribution"):
        kind(**stated)
    assert Normal(mean=100.0, sd=1.0, low=104.0).low == 104.0
