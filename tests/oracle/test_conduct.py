"""Exporters who set prices, against closed forms and against the derivatives of whole solves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from pricing.equilibrium.build import Solved
from pricing.equilibrium.conduct import with_markups
from pricing.equilibrium.markups import markups
from pricing.equilibrium.solver import solve
from pricing.equilibrium.state import State
from pricing.equilibrium.uniqueness import Verdict
from pricing.reporting.prices import producer_price
from tests.support.chains import (
    bought_by,
    elasticity,
    frame,
    good,
    quantity,
    random_chain,
    row,
    scenario_on,
    two_lines,
)

MONOPOLY = {"price": 2.0, "amount": 60.0, "supply_elasticity": 1.0, "demand_elasticity": 2.0}
"""Supply 30 p and demand 180 - 60 P, from one country to another."""
TARIFF = {
    "kind": "tariff",
    "good": "wheat",
    "destinations": ["Buyer"],
    "specific": quantity(0.3, "USD/t"),
}


def conduct(exporters: list[str], rule: dict[str, Any], of: str = "wheat") -> dict[str, Any]:
    group = {"good": of, "exporters": exporters, "rule": rule, "source": "test"}
    return {"assumptions": {"conduct": [group]}}


def power(weight: float = 1.0, rivals: str = "respond") -> dict[str, Any]:
    return {"kind": "residual_demand", "weight": quantity(weight, "1"), "rivals": rivals}


def checked(result: pricing.Result) -> pricing.Result:
    assert result.diagnostics.residual <= 1e-8
    assert [c.name for c in result.accounts.checks if not c.passed] == []
    return result


def charged(solved: Solved) -> np.ndarray:
    """Markups by route of the exporters that set prices [USD/t]."""
    sellers = solved.program.network.sellers
    return np.asarray(solved.state.multiplier[0, -sellers.arc.size :] + sellers.base)


def three(
    share: float = 2 / 3, sigma: float = 4.0, fringe: float = 0.5, law: Law = Law.LOGIT
) -> Chain:
    """A dominant maker and a fringe with straight supply lines, and a buyer of 60 t at 2."""
    makers = {"Maker": (60.0 * share, 1.0), "Fringe": (60.0 * (1.0 - share), fringe)}
    return frame(
        goods=[bought_by(law, good("wheat"))],
        regions=[
            {"id": name, "customs_value": "fob", "source": "test"} for name in (*makers, "Buyer")
        ],
        elasticities={
            "demand": elasticity(0.8, "buyer_price"),
            "sigma": elasticity(sigma, "landed_price"),
            **{name: elasticity(eta, "margin") for name, (_, eta) in makers.items()},
        },
        technologies=[
            {
                "id": name,
                "label": name,
                "outputs": {"wheat": quantity(1.0, "t/t")},
                "supply": {"kind": "linear", "elasticity": name},
                "source": "test",
            }
            for name in makers
        ],
        processes=[
            {"id": name, "technology": name, "region": name, "source": "test"} for name in makers
        ],
        demands=[
            {
                "good": "wheat",
                "region": "Buyer",
                "use": "bread",
                "curve": {"kind": "linear", "elasticity": "demand"},
                "source": "test",
            }
        ],
        freight=[
            {"cost": quantity(0.0, "USD/t"), "insurance": quantity(0.0, "1"), "source": "test"}
        ],
        benchmarks={
            "central": {
                "title": "three",
                "rows": [
                    row("use", 60.0, good="wheat", region="Buyer", use="bread"),
                    *(row("producer_price", 2.0, good="wheat", region=m) for m in makers),
                    *(row("production", tonnes, process=m) for m, (tonnes, _) in makers.items()),
                    *(
                        row("flow", tonnes, good="wheat", region=m, partner="Buyer")
                        for m, (tonnes, _) in makers.items()
                    ),
                ],
            }
        },
    )


@pytest.mark.parametrize("rivals", ["respond", "fixed"])
def test_a_monopolist_on_straight_lines(rivals: str) -> None:
    """The markup is 3 - P, so 1 at 2. With a duty of 0.3 and marginal cost p - 1 = 5 - 2 P,
    P - 0.3 - (5 - 2 P) = 3 - P at 2.075: 55.5 t, an ex-works price of 1.85, a markup of 0.925."""
    chain = two_lines(**MONOPOLY, regions=("Maker", "Buyer"))
    result = checked(
        pricing.solve(scenario_on(chain, TARIFF, **conduct(["Maker"], power(1.0, rivals))))
    )
    state = result.solved.state

    assert charged(result.reference) == pytest.approx([1.0], rel=1e-9)
    assert result.reference.state.landed[0, 0, 0, 1] == pytest.approx(2.0, rel=1e-9)
    assert state.landed[0, 0, 0, 1] == pytest.approx(2.075, rel=1e-8)
    assert state.flow[0, 0, 0, 1] == pytest.approx(55.5, rel=1e-8)
    assert state.price[0, 0, 0] == pytest.approx(1.85, rel=1e-8)
    assert charged(result.solved) == pytest.approx([0.925], rel=1e-8)
    gained = float(result.accounts.agents.exporters.sum())
    assert gained == pytest.approx(0.925 * 55.5 - 60.0, rel=1e-7)


def test_a_stated_markup_stays_a_share_of_marginal_cost() -> None:
    """25 %: marginal cost is 1.6 of 2. With the duty P = 1.25 (p - 0.4) + 0.3 and p = 6 - 2 P:
    3.5 P = 7.3."""
    chain = two_lines(**MONOPOLY, regions=("Maker", "Buyer"))
    rule = {"kind": "markup", "rate": quantity(25.0, "%")}
    result = checked(pricing.solve(scenario_on(chain, TARIFF, **conduct(["Maker"], rule))))

    assert charged(result.reference) == pytest.approx([0.4], rel=1e-9)
    assert result.solved.state.landed[0, 0, 0, 1] == pytest.approx(7.3 / 3.5, rel=1e-8)


def test_without_weight_it_takes_prices() -> None:
    chain = two_lines(**MONOPOLY, regions=("Maker", "Buyer"))
    plain = pricing.solve(scenario_on(chain, TARIFF))
    result = pricing.solve(scenario_on(chain, TARIFF, **conduct(["Maker"], power(0.0))))

    assert result.solved.state.price == pytest.approx(plain.solved.state.price, rel=1e-10)


def test_cournot_under_logit_is_the_closed_form() -> None:
    """``(1 - S) / theta + S P / eps``: with a third of the fringe, theta 2 and eps 0.8 at 2."""
    scenario = scenario_on(three(), TARIFF, **conduct(["Maker"], power(0.5, "fixed")))
    result = checked(pricing.solve(scenario))
    (base,) = charged(result.reference)
    assert base == pytest.approx(0.5 * ((1 / 3) / 2.0 + (2 / 3) * 2.0 / 0.8), rel=1e-9)
    state = result.solved.state
    used = float(state.use[0, 0, 2])
    share, theta = float(state.flow[0, 0, 0, 2]) / used, 4.0 / 2.0
    slope = 0.8 * 60.0 / 2.0  # tonnes that a dollar takes from the straight demand line
    expected = 0.5 * ((1.0 - share) / theta + share * used / slope)
    assert charged(result.solved) == pytest.approx([expected], rel=1e-7)


def leader(result: Solved, fringe: float) -> float:
    """Markup on residual demand, by hand: the fringe's price moves until it sells what it makes.

    With its share ``R`` and supply slope ``b``, demand slope ``U'`` and ``theta``:
    ``b dc = R S (U' + U theta) ds + (R^2 U' - U R S theta) dc``.
    """
    state = result.state
    use, demand, theta = float(state.use[0, 0, 2]), -0.8 * 60.0 / 2.0, 4.0 / 2.0
    own = float(state.flow[0, 0, 0, 2]) / use
    rest, supply = 1.0 - own, fringe * 20.0 / 2.0
    passed = rest * own * (demand + use * theta)
    passed /= supply - rest**2 * demand + use * rest * own * theta
    index = own + rest * passed
    return own * use / -(own * demand * index - use * own * theta * (1.0 - index))


@pytest.mark.parametrize("fringe", [0.3, 2.0])
def test_a_dominant_firm_with_a_fringe_is_the_closed_form(fringe: float) -> None:
    scenario = scenario_on(three(fringe=fringe), TARIFF, **conduct(["Maker"], power(0.4)))
    result = checked(pricing.solve(scenario))

    for solved in (result.reference, result.solved):
        assert charged(solved) == pytest.approx([0.4 * leader(solved, fringe)], rel=1e-7)
    assert result.reference.state.price[0, 0, :2] == pytest.approx([2.0, 2.0], rel=1e-9)


def test_the_more_elastic_the_fringe_the_smaller_the_markup() -> None:
    base = [
        float(
            charged(
                pricing.solve(
                    scenario_on(three(fringe=f), **conduct(["Maker"], power(0.4)))
                ).reference
            )[0]
        )
        for f in (0.05, 0.3, 1.0, 4.0)
    ]
    assert base == sorted(base, reverse=True)


def test_slopes_of_residual_demand_are_those_of_whole_solves() -> None:
    """Several stages and buyers: what happens when one markup is moved and all else is solved."""
    chain = random_chain(4, stages=2, regions=5)
    of, name = chain.goods[-1].id, chain.regions[0].id
    result = pricing.solve(scenario_on(chain, **conduct([name], power(0.05), of)))
    found = result.reference
    sellers, program = found.program.network.sellers, found.program
    best = markups(program, found.z, found.state)
    prices = len(program.network.regions)
    makers = program.level_part.start + program.network.setting.makers(1, 0)
    held = np.array([prices, *makers])
    assert sellers.arc.size >= 2
    for n, arc in enumerate(sellers.arc):
        flows = []
        for change in (-1.0, 1.0):
            add = np.zeros(sellers.arc.size)
            add[n] = change * 1e-4 * best[n]
            moved = with_markups(program, add)
            lower, upper = np.array(moved.lower), np.array(moved.upper)
            lower[:, held] = upper[:, held] = found.z[:, held]
            _, state, _ = solve(replace(moved, lower=lower, upper=upper), found.z)
            flows.append(float(state.flow[0].ravel()[arc]))
        slope = (flows[1] - flows[0]) / (2e-4 * best[n])
        assert best[n] == pytest.approx(-float(found.state.flow[0].ravel()[arc]) / slope, rel=1e-6)


def test_an_exporter_that_sets_prices_takes_the_gap_of_a_levy() -> None:
    """The dominant maker invoices the reference of 2.3 itself; the fringe leaves its gap."""
    levy = {
        "kind": "reference_price",
        "zone": ["Buyer"],
        "level": {"kind": "fixed", "prices": {"wheat": "2.3 USD/t"}},
        "mechanism": {"kind": "border_levy"},
    }
    result = checked(pricing.solve(scenario_on(three(), levy, **conduct(["Maker"], power(0.4)))))
    state = result.solved.state

    assert state.landed[0, 0, :2, 2] == pytest.approx([2.3, 2.3], rel=1e-8)
    assert state.gaps[0][0, 0, 0, 2] == pytest.approx(0.0, abs=1e-8)
    assert state.gaps[0][0, 0, 1, 2] > 0.1


def test_a_batch_gives_the_same_numbers() -> None:
    base = scenario_on(three(), TARIFF, **conduct(["Maker"], power(0.4)))
    batch = pricing.solve_many(base, {"policies.p0.specific": ["0.2 USD/t", "0.3 USD/t"]})

    alone = producer_price(pricing.solve(base).solved)
    np.testing.assert_array_equal(batch.values("price")[1], alone)
    checked(batch[1])


def test_no_interior_solution_names_elasticity_share_and_remedy() -> None:
    chain = two_lines(2.0, 60.0, 1.0, 2 / 3, regions=("Maker", "Buyer"))
    with pytest.raises(pricing.InputError) as caught:
        pricing.solve(scenario_on(chain, **conduct(["Maker"], power())))
    (fault,) = caught.value.faults

    assert "1.5 times the price" in fault.problem
    assert "100% of that buyer's use" in fault.problem
    assert "'sigma' at 4" in fault.problem
    assert "Lower the weight" in fault.remedy


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"good": "oats"}, "assumptions.conduct.0.good"),
        ({"exporters": ["Nowhere"]}, "assumptions.conduct.0.exporters"),
        ({"destinations": ["Nowhere"]}, "assumptions.conduct.0.destinations"),
        ({"exporters": ["Maker", "Maker"]}, "assumptions.conduct.0.exporters"),
    ],
)
def test_unknown_names_and_sellers_named_twice(change: dict[str, Any], field: str) -> None:
    parts = conduct(["Maker"], power(0.4))
    parts["assumptions"]["conduct"][0] |= change
    with pytest.raises(pricing.InputError) as caught:
        pricing.solve(scenario_on(three(), **parts))

    assert [fault.field for fault in caught.value.faults] == [field]


def elasticity_of_use(state: State) -> float:
    """Of the straight demand line ``0.8`` at 60 t and a price of 2."""
    return 0.8 * 30.0 * float(state.index[0, 0, 2]) / float(state.use[0, 0, 2])


def test_cournot_under_armington_is_the_textbook_markup() -> None:
    """``m / c = (1 - S) / sigma + S / eps`` with the share ``S`` of the value (Atkeson, Burstein,
    "Pricing-to-market, trade costs, and international relative prices", AER 98(5), 2008)."""
    chain = three(law=Law.ARMINGTON)
    result = checked(
        pricing.solve(scenario_on(chain, TARIFF, **conduct(["Maker"], power(0.5, "fixed"))))
    )

    assert charged(result.reference) == pytest.approx([((1 / 3) / 4.0 + (2 / 3) / 0.8)], rel=1e-9)
    state = result.solved.state
    spent = (state.flow * state.landed)[0, 0, :2, 2]
    share, landed = spent[0] / spent.sum(), float(state.landed[0, 0, 0, 2])
    expected = 0.5 * landed * ((1.0 - share) / 4.0 + share / elasticity_of_use(state))
    assert charged(result.solved) == pytest.approx([expected], rel=1e-7)


@pytest.mark.parametrize("fringe", [0.3, 2.0])
def test_a_leader_under_armington_is_the_closed_form(fringe: float) -> None:
    """With shares ``S`` and ``R`` of the value, the fringe's elasticity of supply ``eta`` and
    ``d = sigma - eps``: a price that rises by 1 % lifts the fringe's by
    ``r = d S / (eta + sigma - d R)`` and the index by ``S + R r``; sales fall by
    ``sigma - d (S + R r)``, and the markup is the price over that."""
    chain = three(fringe=fringe, law=Law.ARMINGTON)
    result = checked(pricing.solve(scenario_on(chain, TARIFF, **conduct(["Maker"], power(0.4)))))

    for solved in (result.reference, result.solved):
        state = solved.state
        spent = (state.flow * state.landed)[0, 0, :2, 2]
        own, rest = spent / spent.sum()
        landed, rival = state.landed[0, 0, :2, 2]
        eta = fringe * 10.0 * float(rival) / float(state.flow[0, 0, 1, 2])
        gap = 4.0 - elasticity_of_use(state)
        other = gap * own / (eta + 4.0 - gap * rest)
        expected = 0.4 * landed / (4.0 - gap * (own + rest * other))
        assert charged(solved) == pytest.approx([expected], rel=1e-7)


def test_no_homogeneous_goods() -> None:
    parts = conduct(["Maker"], power(0.4))
    parts["assumptions"]["homogeneous"] = ["wheat"]
    with pytest.raises(pricing.InputError, match="a buyer has one price for every origin"):
        pricing.solve(scenario_on(three(), **parts))


def test_buyers_who_are_left_out_pay_marginal_cost() -> None:
    chain = random_chain(4, stages=1, regions=5)
    of, names = chain.goods[0].id, [region.id for region in chain.regions]
    parts = conduct([names[0]], power(0.05), of)
    parts["assumptions"]["conduct"][0]["destinations"] = names[1:3]
    result = checked(pricing.solve(scenario_on(chain, **parts)))
    sellers = result.solved.program.network.sellers

    assert set((sellers.arc % 5).tolist()) <= {1, 2}
    assert [w.code.value for w in result.warnings].count("market_power") == 1
    (markup, *_) = [row for row in result.records if row["variable"] == "markup"]
    assert markup["value"] == pytest.approx(float(charged(result.solved)[0]))


def test_a_second_start_from_other_markups_ends_at_the_same_prices() -> None:
    result = pricing.solve(scenario_on(three(), TARIFF, **conduct(["Maker"], power(0.4))))

    assert result.uniqueness.verdict is Verdict.SAME
    assert result.uniqueness.reason == "exporters set prices"
