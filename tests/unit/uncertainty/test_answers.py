"""Answers against closed forms: quantiles, probabilities, Ishigami's function, statements."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st

import pricing
from pricing.accounts.columns.shape import Key
from pricing.errors import InputError
from pricing.uncertainty.answers import drivers, mean, probability, quantiles
from pricing.uncertainty.design import Design, Method
from pricing.uncertainty.response import response
from pricing.uncertainty.sensitivity import (
    draws_of,
    sobol,
    tornado,
    variance_shares,
)
from pricing.uncertainty.statements import label, read_claim
from tests.unit.uncertainty.test_sampling import PRICE, uncertain

LABELS = ("output(magnet, forge)", "guarantee_outlay(United States)", "price_gap(oxide, forge)")
KINDS = ("t", "USD", "USD/t")


def test_quantiles_and_their_intervals_cover_the_truth():
    levels, covered = (0.05, 0.5, 0.95), []
    truth = st.norm.ppf(levels)
    for seed in range(300):
        sample = np.random.default_rng(seed).normal(size=400)
        found = quantiles(sample, levels)
        covered.append([e.low <= t <= e.high for e, t in zip(found, truth, strict=True)])
    share = np.mean(covered, axis=0)

    assert (share > 0.91).all()
    assert (share < 0.995).all()
    assert quantiles(np.array([np.nan, 1.0, 2.0, 3.0]), (0.5,))[0].value == 2.0


def test_mean_and_probability_have_textbook_errors():
    sample = np.arange(1.0, 101.0)
    error = np.sqrt(sample.var(ddof=1) / 100.0)
    found = mean(sample)
    share = probability((sample > 90.0).astype(float))

    assert (found.value, found.high) == (50.5, pytest.approx(50.5 + 1.959964 * error))
    # Wilson's interval of 10 in 100: 5.52 to 17.44 %, Newcombe (1998).
    assert (share.low, share.high) == (
        pytest.approx(0.0552, abs=2e-4),
        pytest.approx(0.1744, abs=2e-4),
    )
    assert probability(np.zeros(50)).high > 0.0
    assert np.isnan(probability(np.array([np.nan])).value)


def test_sobol_indices_of_the_ishigami_function():
    a, b = 7.0, 0.1

    def ishigami(points: np.ndarray) -> np.ndarray:
        x = np.pi * (2.0 * points - 1.0)
        return (np.sin(x[:, 0]) * (1 + b * x[:, 2] ** 4) + a * np.sin(x[:, 1]) ** 2)[None]

    found = variance_shares(ishigami, ("x", "y", "z"), 8192, 3)
    variance = 0.5 + a**2 / 8 + b * np.pi**4 / 5 + b**2 * np.pi**8 / 18
    first = np.array([0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0.0]) / variance
    crossed = b**2 * np.pi**8 * (1 / 18 - 1 / 50) / variance

    np.testing.assert_allclose(found.first[0], first, atol=0.01)
    total = first + crossed * np.array([1.0, 0.0, 1.0])
    np.testing.assert_allclose(found.total[0], total, atol=0.01)


def test_variance_shares_need_a_power_of_two():
    with pytest.raises(InputError, match="power of two"):
        variance_shares(lambda points: points.T, ("x",), 100, 1)


def test_drivers_find_the_number_that_makes_it_fail():
    points = Design(Method.SOBOL, 512, 1, ("a", "b", "c")).points(0, 512)
    found = drivers(("a", "b", "c"), points, (points[:, 1] > 0.8).astype(float))

    assert found[0].number == "b"
    assert found[0].distance == 1.0
    assert found[0].failing > 0.8 > found[0].others
    assert [driver.significant for driver in found] == [True, False, False]
    assert drivers(("a",), points[:, :1], np.zeros(512)) == ()


# --- statements --------------------------------------------------------------------------


def test_statements_compare_with_numbers_and_with_the_base():
    value, base = np.array([90.0, 100.0, 120.0, np.nan]), np.array([100.0])
    cases = {
        "output(magnet, forge) falls": [1, 0, 0, np.nan],
        "output( magnet,forge ) rises by more than 10 %": [0, 0, 1, np.nan],
        "output(magnet, forge) >= 0.1 kt/yr": [0, 1, 1, np.nan],
        "output(magnet, forge) < 120 t": [1, 1, 0, np.nan],
    }
    for says, wanted in cases.items():
        np.testing.assert_array_equal(read_claim(says, LABELS, KINDS).holds(value, base), wanted)


def test_money_and_prices_are_read_in_usual_units():
    claims = {
        "guarantee_outlay(United States) > 500 million USD": 5e8,
        "guarantee_outlay(United States) > 500 m USD": 5e8,
        "price_gap(oxide, forge) > 2.5 USD/kg": 2500.0,
    }
    for says, bound in claims.items():
        assert read_claim(says, LABELS, KINDS).bound == pytest.approx(bound)


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        ("output is small", "is no statement"),
        ("__import__('os').system('x') > 1", "is no statement"),
        (
            "output(magnets, forge) falls",
            r"no indicator is called.*Closest: output\(magnet, forge\)",
        ),
        ("output(magnet, forge) > 5 USD", "unit 'USD' does not fit"),
        ("output(magnet, forge) > 5", "unit '' does not fit"),
    ],
)
def test_statements_that_mean_nothing_are_refused(says: str, problem: str):
    with pytest.raises(InputError, match=problem):
        read_claim(says, LABELS, KINDS)


def test_labels_name_what_an_indicator_is_about():
    assert label(Key("treasury", "", "EU", "tariff:mine")) == "treasury(EU, tariff:mine)"
    assert label(Key("pass_through", "magnet", "forge", "oxide")) == (
        "pass_through(magnet, forge, oxide)"
    )


# --- of scenarios ------------------------------------------------------------------------


def test_tornado_puts_one_number_at_a_time_at_its_ends():
    scenario = uncertain(
        {
            "numbers": [
                PRICE,
                PRICE
                | {
                    "id": "mine",
                    "path": "assumptions.elasticities.mine_supply",
                    "unit": "1",
                    "distribution": {"kind": "uniform", "low": 0.1, "high": 0.2},
                },
            ]
        }
    )
    swings = {(s.indicator, s.number): s for s in tornado(scenario)}
    for name, value in (("price", "118.0 USD/kg"), ("mine", None)):
        swing = swings["output(oxide, forge)", name]
        changes = {PRICE["path"]: value or "100.0 USD/kg"}
        elasticity = 0.195 if name == "mine" else 0.15
        changes["assumptions.elasticities.mine_supply"] = {
            "value": {"value": elasticity, "unit": "1"},
            "source": "test",
        }
        result = pricing.solve(scenario.but(changes))
        (alone,) = [
            i.value
            for i in result.indicators
            if (i.name, i.good, i.region) == ("output", "oxide", "forge")
        ]
        assert swing.ends[1] == pytest.approx(alone, rel=1e-7)
    assert swings["output(oxide, forge)", "price"].at == pytest.approx((82.0, 118.0))


def test_sobol_of_one_number_is_all_of_the_variance():
    found = sobol(uncertain({"numbers": [PRICE]}), ("output(oxide, forge)",), 32)

    assert found.names == ("price",)
    assert found.first[0, 0] == pytest.approx(1.0, abs=0.1)
    with pytest.raises(InputError, match="no indicator is called"):
        sobol(uncertain({"numbers": [PRICE]}), ("nothing()",), 2)


def test_a_scenario_without_uncertainty_says_what_to_add():
    with pytest.raises(InputError, match="elasticities: triangular"):
        draws_of(pricing.load_scenario("baseline"), Method.SOBOL, 8, 1)


def test_a_response_is_the_solution_at_each_place():
    scenario = uncertain({"numbers": [PRICE]})
    found = response(scenario, ("price",), 3)
    values = found.values("price_gap(oxide, forge)")

    np.testing.assert_allclose(found.at[:, 0], [80.4, 100.0, 119.6])
    result = pricing.solve(scenario.but({PRICE["path"]: "119.6 USD/kg"}))
    (gap,) = [
        i.value
        for i in result.indicators
        if (i.name, i.good, i.region) == ("price_gap", "oxide", "forge")
    ]
    assert values[2] == pytest.approx(gap, rel=1e-7)
    with pytest.raises(InputError, match=r"'mine' cannot be moved\. Known: price"):
        response(scenario, ("mine",))


def test_a_response_to_two_numbers_moves_the_second_fastest():
    found = response(pricing.load_scenario("forge_uncertain"), ("anchor", "oxide_margin"), 3)

    assert found.at.shape == (9, 2)
    assert len(set(found.at[:3, 0].tolist())) == 1
    assert len(set(found.at[:3, 1].tolist())) == 3
