"""Demand that answers the prices of other goods, against closed forms and numerical integrals.

Two goods come from Abroad and are used at Home, under an ad valorem or a specific tariff on one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

import pricing
from pricing.accounts.notices import Code
from pricing.equilibrium.endings import below_zero
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.starts import start
from pricing.equilibrium.uniqueness import Verdict
from tests.support.chains import quantity, scenario_on
from tests.support.jacobians import against_differences
from tests.support.markets import Markets

EXACT = 1e-9
GOODS = ("alloy", "ferrite")
FARE = 3.0


def market() -> Markets:
    """The regions and what transport costs."""
    found = Markets(GOODS, ("Abroad", "Home"))
    found.route("Abroad", "Home", FARE)
    return found


def tariff(**size: dict[str, Any]) -> dict[str, Any]:
    """A tariff on the first good."""
    return {"kind": "tariff", "good": "alloy", "destinations": ["Home"]} | size


def prices(result: pricing.Result) -> np.ndarray:
    """Delivered prices of both goods at Home [USD/t]."""
    return np.array(result.solved.state.index[0, :, 1])


def solved(chain: Any, *policies: dict[str, Any]) -> pricing.Result:
    """The result, with all six checks holding."""
    result = pricing.solve(scenario_on(chain, *policies))
    assert not [check.name for check in result.accounts.checks if not check.passed]
    assert result.diagnostics.residual < 1e-10
    return result


def lines(first: float, second: float) -> tuple[Any, tuple[np.ndarray, np.ndarray]]:
    """Straight demand through (100 t, 50) and (40 t, 20) with cross slopes; supply ``M p``.

    ``first`` is the slope of alloy demand in the price of ferrite, ``second`` the reverse [t per
    USD/t]. Returns the chain, the slopes of demand, and those of supply.
    """
    found = market()
    tonnes, at, supply = np.array([100.0, 40.0]), np.array([50.0, 20.0]), np.array([2.5, 2.0])
    slopes = np.array([[-1.6, first], [second, -1.2]])
    for n, good in enumerate(GOODS):
        line = found.curve("linear", 1.0, supply[n] * 30.0, 30.0)
        found.supply(good, "Abroad", line)
        own = -slopes[n, n] * at[n] / tonnes[n]
        curve = found.demand(good, "Home", "linear", own, tonnes[n], at[n])
        across = slopes[n, 1 - n] * at[1 - n] / tonnes[n]
        if across == 0.0:
            continue
        relation = "substitute" if across > 0.0 else "complement"
        curve["cross"] = [found.cross(abs(across), GOODS[1 - n], relation, at[1 - n])]
    return found.chain(), (slopes, supply)


@pytest.mark.parametrize("across", [0.7, -0.5])
def test_linear_cross_price_demand(across: float) -> None:
    """Prices solve a 2 x 2 system; with symmetric slopes consumer surplus is a quadratic form."""
    chain, (slopes, supply) = lines(across, across)
    base_tonnes, at = np.array([100.0, 40.0]), np.array([50.0, 20.0])

    def answer(levy: float) -> tuple[np.ndarray, np.ndarray]:
        costs = np.array([FARE + levy, FARE])
        # supply (P - costs) = tonnes + slopes (P - at)
        right = base_tonnes - slopes @ at + supply * costs
        found = np.linalg.solve(np.diag(supply) - slopes, right)
        return found, base_tonnes + slopes @ (found - at)

    result = solved(chain, tariff(specific=quantity(10.0, "USD/t")))
    (free, bought), (taxed, left) = answer(0.0), answer(10.0)
    base = result.reference.state
    np.testing.assert_allclose(base.index[0, :, 1], free, rtol=EXACT)
    np.testing.assert_allclose(prices(result), taxed, rtol=EXACT)
    np.testing.assert_allclose(result.solved.state.use[0, :, 1], left, rtol=EXACT)
    moved = taxed - free
    area = -(bought @ moved + 0.5 * moved @ slopes @ moved)
    agents = result.accounts.agents
    assert agents.users.sum() == pytest.approx(area, rel=1e-8)
    sold, before = taxed - FARE - np.array([10.0, 0.0]), free - FARE
    makers = 0.5 * supply @ (sold**2 - before**2)
    assert agents.processes.sum() == pytest.approx(makers, rel=1e-8)
    assert agents.treasuries.sum() == pytest.approx(10.0 * left[0], rel=EXACT)
    assert Code.SURPLUS_PATH not in {warning.code for warning in result.accounts.warnings}


BAN = {"kind": "export_ban", "goods": ["alloy"], "origins": ["Abroad"], "destinations": ["all"]}


def test_a_good_that_is_not_to_be_had_counts_at_the_price_where_its_line_ends() -> None:
    """Alloy ``100 - 1.6 (P - 50)`` ends at 112.5, which is what buyers of ferrite then answer."""
    chain, (_, supply) = lines(0.0, 0.7)
    result = solved(chain, BAN)
    # 2 (P - 3) = 40 - 1.2 (P - 20) + 0.7 (112.5 - 50)
    ferrite = (40.0 + 24.0 + 0.7 * 62.5 + supply[1] * FARE) / (supply[1] + 1.2)
    assert prices(result)[1] == pytest.approx(ferrite, rel=EXACT)
    assert result.solved.state.use[0, 0, 1] == 0.0


@pytest.mark.parametrize("rate", [2000.0, 20_000.0, 2_000_000.0])
def test_a_line_that_others_move_ends_where_nobody_buys(rate: float) -> None:
    """Alloy that nobody buys counts at the price that its first tonne would fetch, not at more.

    ``100 - 1.6 (P - 50) + 0.7 (Q - 20) = 0`` and ``2 (Q - 3) = 40 - 1.2 (Q - 20) + 0.7 (P - 50)``
    are two lines in ``P - 50`` and ``Q - 20``. Any price up to the landed one clears alloy; which
    one was found hung on the steps, and ferrite's price with it.
    """
    chain, (slopes, supply) = lines(0.7, 0.7)
    result = solved(chain, tariff(specific=quantity(rate, "USD/t")))
    left = np.array([-slopes[0], [-slopes[1, 0], supply[1] - slopes[1, 1]]])
    right = np.array([100.0, 40.0 - supply[1] * (20.0 - FARE)])
    expected = np.array([50.0, 20.0]) + np.linalg.solve(left, right)
    assert prices(result) == pytest.approx(expected, rel=EXACT)
    assert result.solved.state.use[0, 0, 1] == pytest.approx(0.0, abs=1e-9)
    assert result.uniqueness.verdict is Verdict.SAME


def test_derivatives_below_the_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    program = pricing.solve(scenario_on(lines(0.7, 0.4)[0])).solved.program
    above = start(program)
    above[:, program.delivered_part] *= 4.0
    assert below_zero(program, evaluate(program, above))[0, 0, 1] < 0.0
    monkeypatch.setattr("tests.support.jacobians.start", lambda _: above)
    against_differences(program, seed=1)


@pytest.mark.parametrize("choke", [None, 10.0])
def test_a_ban_is_a_tariff_that_prohibits(choke: float | None) -> None:
    """A choke price of 500, far beyond the end of the line, changes nothing."""
    chain, _ = lines(0.7, 0.7)
    if choke:
        alloy, ferrite = chain.demands
        curve = alloy.curve.revised(choke_multiple=quantity(choke, "1"))
        chain = chain.revised(demands=(alloy.revised(curve=curve), ferrite))
    banned, taxed = solved(chain, BAN), solved(chain, tariff(specific=quantity(2000.0, "USD/t")))
    assert prices(banned) == pytest.approx(prices(taxed), rel=EXACT)


def test_a_line_that_others_move_and_nothing_on_offer_is_refused_without_a_proof() -> None:
    """With a second user the line of the first is not where the price of alloy ends."""
    chain, _ = lines(0.7, 0.7)
    second = chain.demands[0].revised(use="other")
    with pytest.raises(pricing.NoEquilibriumError, match="State a 'choke_multiple'") as caught:
        solved(chain.revised(demands=(*chain.demands, second)), BAN)
    assert not isinstance(caught.value, pricing.InfeasibleError)


def test_asymmetric_slopes_integrate_along_the_stated_path() -> None:
    """Alloy's price moves first, then ferrite's; the warning gives the other order."""
    chain, (slopes, _) = lines(0.7, 0.2)
    result = solved(chain, tariff(specific=quantity(10.0, "USD/t")))
    new, old = prices(result), result.reference.state.index[0, :, 1]
    tonnes, at = np.array([100.0, 40.0]), np.array([50.0, 20.0])

    def demand(n: int, alloy: float, ferrite: float) -> float:
        return float((tonnes + slopes @ (np.array([alloy, ferrite]) - at))[n])

    first = -quad(lambda p: demand(0, p, old[1]), old[0], new[0])[0]
    second = -quad(lambda p: demand(1, new[0], p), old[1], new[1])[0]
    assert result.accounts.agents.users[0] == pytest.approx(np.array([first, second]), rel=1e-8)
    other = -quad(lambda p: demand(1, old[0], p), old[1], new[1])[0]
    other -= quad(lambda p: demand(0, p, new[1]), old[0], new[0])[0]
    (warning,) = [w for w in result.accounts.warnings if w.code is Code.SURPLUS_PATH]
    assert warning.numbers["stated"] == pytest.approx(first + second, rel=1e-8)
    assert warning.numbers["reverse"] == pytest.approx(other, rel=1e-8)


@pytest.mark.parametrize(("first", "second"), [(0.3, 0.5), (-0.2, 0.4)])
def test_constant_elasticity_cross_price_demand(first: float, second: float) -> None:
    """Without freight everything is linear in logarithms."""
    found = Markets(GOODS, ("Abroad", "Home"))
    tonnes, at = np.array([100.0, 40.0]), np.array([50.0, 20.0])
    eta, own = np.array([0.6, 1.4]), np.array([0.8, 0.5])
    across = np.array([first, second])
    for n, good in enumerate(GOODS):
        found.supply(good, "Abroad", found.curve("isoelastic", eta[n], 70.0, 30.0))
        curve = found.demand(good, "Home", "isoelastic", own[n], tonnes[n], at[n])
        relation = "substitute" if across[n] > 0.0 else "complement"
        curve["cross"] = [found.cross(abs(across[n]), GOODS[1 - n], relation, at[1 - n])]
    found.route("Abroad", "Home", 0.0)
    result = solved(found.chain(), tariff(rate=quantity(0.4, "1")))

    def answer(rate: float) -> np.ndarray:
        # ln 70 + eta (ln P - ln wedge - ln 30) = ln D0 - own (ln P - ln P0) + across (ln Q - ln Q0)
        wedge = np.log1p(np.array([rate, 0.0]))
        matrix = np.diag(eta + own) - np.array([[0.0, across[0]], [across[1], 0.0]])
        right = np.log(tonnes) + own * np.log(at) - across * np.log(at[::-1])
        right = right - np.log(70.0) + eta * (np.log(30.0) + wedge)
        return np.asarray(np.exp(np.linalg.solve(matrix, right)))

    np.testing.assert_allclose(result.reference.state.index[0, :, 1], answer(0.0), rtol=EXACT)
    np.testing.assert_allclose(prices(result), answer(0.4), rtol=EXACT)
    new, old = answer(0.4), answer(0.0)

    def demand(n: int, p: float, other: float) -> float:
        return float(tonnes[n] * (p / at[n]) ** -own[n] * (other / at[1 - n]) ** across[n])

    parts = [
        -quad(lambda p: demand(0, p, old[1]), old[0], new[0], epsabs=1e-11)[0],
        -quad(lambda p: demand(1, p, new[0]), old[1], new[1], epsabs=1e-11)[0],
    ]
    np.testing.assert_allclose(result.accounts.agents.users[0], parts, rtol=1e-7)


def test_many_scenarios_with_cross_prices_equal_one_by_one() -> None:
    chain, _ = lines(0.7, 0.2)
    cases = [
        scenario_on(chain, tariff(specific=quantity(levy, "USD/t"))) for levy in (0.0, 3.0, 8.0)
    ]
    together = pricing.solve_many(cases)
    for n, case in enumerate(cases):
        result = together[n]
        alone = pricing.solve(case)
        np.testing.assert_allclose(prices(result), prices(alone), rtol=EXACT)
        assert result.accounts.agents.users.sum() == pytest.approx(
            alone.accounts.agents.users.sum(), rel=1e-9, abs=1e-9
        )
