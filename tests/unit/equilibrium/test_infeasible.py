"""Scenarios without an equilibrium: the proof, its figures, and what is no such scenario."""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.chains.schema import Chain
from pricing.economics.sourcing import Law
from pricing.equilibrium import infeasible
from pricing.equilibrium.build import build, world
from pricing.equilibrium.contradiction import Weights
from pricing.equilibrium.inequalities import Volumes
from pricing.equilibrium.infeasible import refuse_infeasible
from pricing.equilibrium.program import Program
from pricing.errors import InfeasibleError, NoEquilibriumError
from pricing.scenarios.scenario import Scenario
from tests.support.chains import RECIPE, quantity, random_chain, scenario_on, two_lines, unending
from tests.support.markets import Markets


def must_run(chain: Chain, process: str, minimum: float, **changes: Any) -> Chain:
    """The chain with a minimum for one process, and other changes to it."""
    plants = tuple(
        p.revised(minimum=quantity(minimum, "t/yr"), **changes) if p.id == process else p
        for p in chain.processes
    )
    return chain.revised(processes=plants)


def output_limit(good: str, region: str, tonnes: float) -> dict[str, Any]:
    return {
        "kind": "production_quota",
        "good": good,
        "regions": [region],
        "quota": quantity(tonnes, "t/yr"),
    }


def program_of(case: Scenario) -> Program:
    return build(case.document, world(case.chain, case.document).network)


def refused(case: Scenario) -> InfeasibleError:
    with pytest.raises(InfeasibleError) as caught:
        pricing.solve(case)
    return caught.value


def test_quota_below_a_minimum() -> None:
    """The farms must make 59 t and may make 40 t."""
    chain = must_run(two_lines(2.0, 60.0, 1.0, 1.0), "farms", 59.0)
    error = refused(scenario_on(chain, output_limit("wheat", "Home", 40.0)))
    certificate = error.certificate
    assert [(p.what, p.tonnes, p.weight) for p in certificate.needs] == [
        ("minimum of farms", 59.0, 1.0)
    ]
    assert [(p.tonnes, p.weight) for p in certificate.limits] == [(40.0, 1.0)]
    assert str(error) == (
        "case: no equilibrium exists: 59 t are needed (minimum of farms 59 t), but at most 40 t "
        "can be had: production quota 'p0' on wheat 40 t. Raise one of these limits, lower a "
        "minimum, a contract or a purchase, or state a choke price for the demand."
    )


def test_fixed_use_above_the_quota_of_its_only_maker() -> None:
    """Of 60 t an elasticity of 0.01 leaves 52 t at a million times the price; 40 t are grown."""
    chain = two_lines(2.0, 60.0, 1.0, 0.01, regions=("Maker", "Buyer"))
    curve = {"kind": "isoelastic", "elasticity": "demand"}
    chain = Chain.model_validate(
        chain.model_dump(mode="json", exclude_unset=True)
        | {
            "demands": [
                {
                    "good": "wheat",
                    "region": "Buyer",
                    "use": "bread",
                    "curve": curve,
                    "source": "test",
                }
            ]
        }
    )
    certificate = refused(scenario_on(chain, output_limit("wheat", "Maker", 40.0))).certificate
    assert certificate.needed == pytest.approx(60.0 * 10 ** (-6 * 0.01), rel=1e-12)
    assert certificate.available == pytest.approx(40.0, rel=1e-12)
    assert [part.what for part in certificate.needs] == ["use of wheat in Buyer"]
    assert str(certificate).startswith("at 1e+06 times the base-year price 52.2578 t are needed")


def test_inputs_of_a_plant_that_must_run() -> None:
    """A plant that needs 1.2 t of ore a tonne has a mine of 10 t and an import quota of 20 t."""
    chain = random_chain(2, stages=2)
    rows = {r.process: r.value for r in chain.benchmarks["central"].rows if r.process}
    minimum = 0.9 * float(rows["p1_0"])
    assert RECIPE[1] * minimum > 30.0
    chain = must_run(chain, "p1_0", minimum)
    quota = {
        "kind": "import_quota",
        "good": "g0",
        "destinations": ["r0"],
        "quota": quantity(20.0, "t/yr"),
    }
    certificate = refused(scenario_on(chain, quota, output_limit("g0", "r0", 10.0))).certificate
    assert [part.what for part in certificate.needs] == ["minimum of p1_0"]
    assert certificate.needs[0].tonnes == pytest.approx(minimum, rel=1e-12)
    parts = {part.tonnes: part.weight for part in certificate.limits}
    assert parts == {
        20.0: pytest.approx(1.0 / RECIPE[1], rel=1e-9),
        10.0: pytest.approx(1.0 / RECIPE[1], rel=1e-9),
    }
    assert certificate.available == pytest.approx(30.0 / RECIPE[1], rel=1e-9)


def short_of_ore(buyer: str, tonnes: float) -> Scenario:
    """Contract for metal of a smelter that gets 30 t of ore at most: 1.2 t make a tonne."""
    chain = random_chain(2, stages=2)
    quota = {
        "kind": "import_quota",
        "good": "g0",
        "destinations": ["r0"],
        "quota": quantity(20.0, "t/yr"),
    }
    contract = {"kind": "offtake", "good": "g1", "region": "r0"}
    contract |= {"buyer": buyer, "offtaker": buyer, "tonnes": quantity(tonnes, "t/yr")}
    return scenario_on(chain, contract, quota, output_limit("g0", "r0", 10.0))


def test_a_contract_whose_makers_lack_ore_for_a_quota() -> None:
    """Limits two stages up count: 20 t of ore from abroad and 10 t from home make 25 t of metal."""
    state = pricing.solve(short_of_ore("r7", 24.0)).solved.state
    assert state.flow[0, 1, 0, 7] >= 24.0 - 1e-6
    certificate = refused(short_of_ore("r7", 26.0)).certificate
    assert [(p.what, p.tonnes) for p in certificate.needs] == [
        ("offtake 'p0' of g1, unless users leave them even for nothing,", 26.0)
    ]
    assert certificate.available == pytest.approx(25.0, rel=1e-12)
    assert {p.what for p in certificate.limits} == {
        "quota 'p1' on g0",
        "production quota 'p2' on g0",
    }


def test_users_who_leave_the_tonnes_of_a_contract_need_no_makers() -> None:
    """Users that take less than the makers can make even for nothing are no contradiction."""
    result = pricing.solve(short_of_ore("r3", 100.0))
    flow = result.solved.state.flow[0, 1, 0]
    assert 0.0 < flow[3] < flow.sum() <= 25.0 + 1e-6
    assert any("'p0'" in str(warning) for warning in result.warnings)


def test_shut_routes_name_the_policy() -> None:
    chain = unending(two_lines(2.0, 60.0, 1.0, 1.0, regions=("Maker", "Buyer")))
    ban = {
        "kind": "export_ban",
        "goods": ["wheat"],
        "origins": ["Maker"],
        "destinations": ["Buyer"],
    }
    error = refused(scenario_on(chain, ban))
    assert "60 t are needed (use of wheat in Buyer 60 t)" in str(error)
    assert "at most 0 t can be had: routes that 'p0' shuts 0 t" in str(error)


@pytest.mark.parametrize("law", ["logit", "homogeneous"])
def test_a_straight_line_ends_where_it_meets_the_axis(law: str) -> None:
    """Demand ``120 - 30 P`` is none at 4: shut off, users lose the triangle ``60 (4 - 2) / 2``."""
    chain = two_lines(2.0, 60.0, 1.0, 1.0, regions=("Maker", "Buyer"))
    ban = {"kind": "export_ban", "goods": ["wheat"], "origins": ["Maker"], "destinations": ["all"]}
    world = {"homogeneous": ["wheat"] if law == "homogeneous" else []}
    result = pricing.solve(scenario_on(chain, ban, assumptions=world))
    table = result.table()
    lost = table[(table.variable == "indicator_consumer_cost") & (table.region == "Buyer")]
    assert not result.solved.state.use.any()
    assert lost.value.iloc[0] == pytest.approx(60.0, rel=1e-12)
    assert all(check.passed for check in result.accounts.checks)


def test_must_run_without_a_buyer_is_thrown_away() -> None:
    """The farms make their minimum, buyers take less: the price is zero and the rest is waste."""
    chain = must_run(two_lines(2.0, 60.0, 1.0, 1.0, regions=("Maker", "Buyer")), "farms", 50.0)
    tax = {
        "kind": "tariff",
        "good": "wheat",
        "origins": ["Maker"],
        "destinations": ["Buyer"],
        "specific": quantity(3.5, "USD/t"),
    }
    result = pricing.solve(scenario_on(chain, tax))
    state = result.solved.state
    assert state.price[0, 0, 0] == pytest.approx(0.0, abs=1e-9)
    assert state.output[0, 0, 0] == pytest.approx(50.0)
    assert state.use.sum() < 50.0


def test_exhausted_levy_is_an_equilibrium() -> None:
    chain = random_chain(3, stages=2)
    policy = {
        "kind": "reference_price",
        "zone": ["r1"],
        "level": {"kind": "fixed", "prices": {"g1": quantity(1e6, "USD/t")}},
        "mechanism": {"kind": "uniform_levy", "max_levy": quantity(5.0, "%")},
    }
    regimes = {
        row.regime.value for row in pricing.solve(scenario_on(chain, policy)).accounts.regimes
    }
    assert "exhausted" in regimes


@pytest.mark.parametrize("seed", range(5))
def test_no_weights_refute_a_scenario_that_has_an_equilibrium(seed: int) -> None:
    """Soundness: whatever the multipliers say, the exact sum finds no contradiction."""
    chain = must_run(random_chain(seed, stages=3, regions=4), "p2_0", 1.0)
    program = program_of(scenario_on(chain, output_limit("g0", "r0", 200.0)))
    volumes = Volumes.of(program)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        draws = [
            [
                Fraction(float(value))
                for value in rng.exponential(size=size) * (rng.random(size) < 0.6)
            ]
            for size in (volumes.least.size, volumes.least.size, volumes.hard.size)
        ]
        assert Weights(volumes, *draws).certificate() is None


def test_wrong_multipliers_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The linear program's word is not taken for it."""
    chain = must_run(two_lines(2.0, 60.0, 1.0, 1.0), "farms", 59.0)
    program = program_of(scenario_on(chain, output_limit("wheat", "Home", 40.0)))
    right = infeasible._multipliers
    for wrong in (
        lambda w: replace(w, rents=[-r for r in w.rents]),
        lambda w: replace(
            w, rents=[r / 2 for r in w.rents], sellers=[Fraction(1)] * len(w.sellers)
        ),
    ):
        monkeypatch.setattr(infeasible, "_multipliers", lambda v, wrong=wrong: wrong(right(v)))
        refuse_infeasible(program)
    monkeypatch.setattr(infeasible, "_multipliers", right)
    with pytest.raises(InfeasibleError):
        refuse_infeasible(program)


def test_a_batch_keeps_the_proof_of_each_scenario() -> None:
    chain = must_run(two_lines(2.0, 60.0, 1.0, 1.0), "farms", 59.0)
    base = scenario_on(chain, output_limit("wheat", "Home", 60.0))
    batch = pricing.solve_many(base, {"policies.p0.quota": ["60 t/yr", "40 t/yr", "59.5 t/yr"]})
    assert list(batch.failures) == [1]
    error = batch.failures[1]
    assert isinstance(error, InfeasibleError)
    assert error.certificate.available == pytest.approx(40.0)


def test_the_proof_travels() -> None:
    chain = must_run(two_lines(2.0, 60.0, 1.0, 1.0), "farms", 59.0)
    error = refused(scenario_on(chain, output_limit("wheat", "Home", 40.0)))
    copy = pickle.loads(pickle.dumps(error))
    assert copy.certificate == error.certificate
    assert str(copy) == str(error)
    assert isinstance(copy, NoEquilibriumError)
    assert 0.0 < copy.residual < 1.0


@pytest.mark.parametrize("homogeneous", [(), ("wheat",)])
def test_a_stock_that_buys_more_than_can_be_made(homogeneous: tuple[str, ...]) -> None:
    """Farms of 70 t; the stock buys 100 t whatever it costs, and bread can do without."""
    chain = two_lines(2.0, 60.0, 1.0, 1.0, capacity=70.0)

    def buying(tonnes: float) -> Scenario:
        rule = {"kind": "quantity", "bought": quantity(tonnes, "t/yr")}
        stock = {"kind": "stockpile", "good": "wheat", "region": "Home", "rule": rule}
        return scenario_on(chain, stock, assumptions={"homogeneous": homogeneous})

    certificate = refused(buying(100.0)).certificate
    needs = [(p.what, p.tonnes) for p in certificate.needs]
    assert needs == [("purchases for the stock of wheat in Home ('p0')", 100.0)]
    assert [(p.what, p.tonnes) for p in certificate.limits] == [("capacity of farms", 70.0)]
    state = pricing.solve(buying(69.0)).solved.state
    assert state.level[0, 0] == pytest.approx(70.0, rel=1e-8)
    assert state.index[0, 0, 0] == pytest.approx(4.0 - 1.0 / 30.0, rel=1e-8)  # 1 t = 120 - 30 P


def test_what_rounding_gives_a_weight_is_not_told() -> None:
    """Ore for 260 t of metal can be dug; smelters of 270 t are in the sum, weighing 1e-17."""
    regions = ("A", "B", "C")
    market = Markets(("ore", "metal"), regions)
    for n, region in enumerate(regions):
        ore = market.curve("isoelastic", 0.7, 100.0, (40.0, 70.0, 60.0)[n])
        metal = market.curve("isoelastic", 0.4, 60.0, 30.0)
        market.supply("ore", region, ore, capacity=quantity(130.0, "t/yr"))
        inputs = {"ore": quantity(1.5, "t/t")}
        market.supply("metal", region, metal, capacity=quantity(90.0, "t/yr"), inputs=inputs)
        market.demand("metal", region, "isoelastic", 0.5, 55.0, 160.0)["choke_multiple"] = "10 1"
    rule = {"kind": "quantity", "bought": quantity(1000.0, "t/yr")}
    stock = {"kind": "stockpile", "good": "metal", "region": "A", "rule": rule}
    certificate = refused(scenario_on(market.chain(), stock)).certificate
    told = {part.what: part.weight for part in certificate.limits}
    assert told == pytest.approx({f"capacity of ore_{region}": 2.0 / 3.0 for region in regions})


@pytest.mark.parametrize("homogeneous", [(), ("wheat",)])
@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        ({"kind": "quantity", "bought": quantity(1e8, "t/yr")}, 1e8),
        ({"kind": "budget", "budget": quantity(2.4e14, "USD")}, 1.2e8),
    ],
)
def test_a_stock_that_buys_more_than_an_absurd_price_brings_out(
    rule: dict[str, Any], needed: float, homogeneous: tuple[str, ...]
) -> None:
    """Farms grow ``30 P``: 6e7 t at a million times 2 USD, where 2.4e14 USD buy 1.2e8 t.

    A straight line is solved beyond that price, too; the proof is for curves that are not.
    """
    chain = two_lines(2.0, 60.0, 1.0, 1.0)
    stock = {"kind": "stockpile", "good": "wheat", "region": "Home", "rule": rule}
    case = scenario_on(chain, stock, assumptions={"homogeneous": homogeneous})
    with pytest.raises(InfeasibleError) as caught:
        refuse_infeasible(program_of(case))
    certificate = caught.value.certificate
    needs = [(p.what, p.tonnes) for p in certificate.needs]
    assert needs == [("purchases for the stock of wheat in Home ('p0')", pytest.approx(needed))]
    limits = [(p.what, p.tonnes) for p in certificate.limits]
    assert limits == [("output of farms", pytest.approx(6e7))]
    assert str(certificate).startswith("at 1e+06 times the base-year price ")


def test_a_composite_is_worth_no_more_than_its_tonnes_at_base_year_prices() -> None:
    """``U <= sum (c / P) f`` for any trade, with equality where prices are those of the weights."""
    chain = random_chain(7, stages=1, regions=6, laws=(Law.ARMINGTON,))
    base = program_of(scenario_on(chain))
    worth = np.zeros(base.open_arcs.shape)
    volumes = Volumes.of(base)
    worth[volumes.arcs] = volumes.worth
    tariff = {"kind": "tariff", "good": "g0", "origins": ["all"], "destinations": ["r1"]}
    gaps = []
    for rate in (0.0, 0.5, 3.0):
        case = scenario_on(chain, tariff | {"rate": quantity(rate, "1")})
        state = pricing.solve(case).solved.state
        gaps.append((worth * state.flow[0]).sum(axis=1)[0, 1] / state.use[0, 0, 1] - 1.0)
    assert gaps[0] == pytest.approx(0.0, abs=1e-9)
    assert 1e-6 < gaps[1] < gaps[2]


def test_a_composite_that_no_plant_can_fill() -> None:
    """A stock of an Armington good beyond all capacities; half of that is bought."""
    chain = random_chain(3, stages=1, regions=4, laws=(Law.ARMINGTON,))
    network = program_of(scenario_on(chain)).network
    plants = tuple(
        p.revised(capacity=quantity(1.5 * float(level), "t/yr"))
        for p, level in zip(chain.processes, network.level, strict=True)
    )
    chain, made = chain.revised(processes=plants), float(network.level.sum())

    def buying(tonnes: float) -> Scenario:
        rule = {"kind": "quantity", "bought": quantity(tonnes, "t/yr")}
        return scenario_on(chain, {"kind": "stockpile", "good": "g0", "region": "r1", "rule": rule})

    certificate = refused(buying(20.0 * made)).certificate
    assert all(part.what.startswith("capacity of p0_") for part in certificate.limits)
    assert certificate.ceiling == np.inf
    pricing.solve(buying(0.2 * made))
