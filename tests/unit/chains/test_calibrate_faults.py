"""What calibration refuses, in the chain document and in the assumptions."""

from __future__ import annotations

from typing import Any

import pytest

from pricing.chains.assumptions import Assumptions
from pricing.chains.calibrate import calibrate
from tests.support.chains import elasticity, quantity
from tests.support.hand import faults, hand_chain, network, only_fault

ROWS = "benchmarks.central.rows"


class TestAssumptions:
    def test_names_that_the_chain_does_not_have(self):
        found = faults(
            homogeneous=("tin",),
            latent=("pitt",),
            benchmark="central2",
            elasticities={"uses": "low"},
            demand=[{"good": "tin", "region": "East", "factor": "1 1", "source": "test"}],
            capacities=[{"process": "pit", "capacity": "1 t/yr", "source": "test"}],
            parity_shares=[
                {"good": "x", "origin": "y", "destination": "z", "share": "1 %", "source": "test"}
            ],
        )
        assert {fault.field: fault.problem for fault in found} == {
            "assumptions.homogeneous": "unknown good 'tin'",
            "assumptions.latent": "unknown announced plant 'pitt'",
            "assumptions.parity_shares.0.good": "unknown good 'x'",
            "assumptions.parity_shares.0.origin": "unknown region 'y'",
            "assumptions.parity_shares.0.destination": "unknown region 'z'",
            "assumptions.demand.0.good": "unknown good 'tin'",
            "assumptions.demand.0.region": "unknown region 'East'",
            "assumptions.capacities.0.process": "unknown process 'pit'",
            "assumptions.benchmark": "unknown benchmark 'central2'",
            "assumptions.elasticities.uses": "unknown elasticity 'uses'",
        }
        assert all("Known: " in fault.remedy for fault in found)

    def test_names_that_stand_twice(self):
        change = {"process": "mine", "capacity": "1 t/yr", "source": "test"}
        twice = ("metal", "metal")
        found = faults(homogeneous=twice, latent=("pit", "pit"), capacities=[change, change])
        assert [fault.problem for fault in found] == [
            "the good 'metal' stands 2 times",
            "the announced plant 'pit' stands 2 times",
            "the capacity of 'mine' is set 2 times",
            "the capacity of 'mine' is set 2 times",
        ]

    @pytest.mark.parametrize(
        ("first", "second", "place"),
        [
            ("all", "South", "in South"),
            ("South", "all", "in South"),
            ("South", "South", "in South"),
            ("all", "all", "everywhere"),
        ],
    )
    def test_demand_that_two_rows_scale(self, first: str, second: str, place: str):
        """They had multiplied: 1.2 everywhere and 1.5 in South made 1.8 there."""
        row = {"good": "metal", "factor": "1.2 1", "source": "test"}
        ore, others = row | {"good": "ore", "region": "all"}, row | {"region": "North"}
        fault = only_fault(demand=[ore, row | {"region": first}, row | {"region": second}])
        assert fault.field == "assumptions.demand.2"
        assert fault.problem == f"scales demand for metal {place}, as assumptions.demand.1 does"
        assert "name the other regions one by one" in fault.remedy
        apart = Assumptions.model_validate({"demand": [ore, others, row | {"region": "South"}]})
        calibrate(hand_chain(), apart, {})

    def test_a_route_has_one_parity_share(self):
        route = {"good": "metal", "origin": "North", "destination": "South", "source": "test"}
        rows = [route | {"share": "1 %"}, route | {"share": "5 %"}]
        fault = only_fault(parity_shares=rows)
        assert fault.field == "assumptions.parity_shares.1"
        assert (
            fault.problem == "metal from North to South stands in assumptions.parity_shares.0 too"
        )

    def test_a_parity_share_leaves_something_for_others(self):
        route = {"good": "metal", "origin": "North", "destination": "South", "source": "test"}
        fault = only_fault(parity_shares=[route | {"share": "100 %"}])
        assert fault.field == "assumptions.parity_shares.0.share"
        assert "leaves nothing for others" in fault.problem
        full = (("latent.pit.parity_share", "100 %"), ("latent.pit.home_share", "100 %"))
        assert [fault.field for fault in faults(*full, latent=("pit",))] == [
            "latent.pit.parity_share",
            "latent.pit.home_share",
        ]
        assert network(*full).processes[-1] == "smelter_south"

    def test_zones_need_members_and_a_name_of_their_own(self):
        zones = {"allies": ("North", "Nord"), "South": ("North",), "all": ("North",)}
        assert [(fault.field, fault.problem) for fault in faults(zones=zones)] == [
            ("zones.allies.1", "unknown region 'Nord'"),
            ("zones.South", "the zone 'South' has the name of a region"),
            ("zones.all", "the zone 'all' has the name of all"),
        ]


class TestRefusals:
    def test_every_imbalance_is_listed(self):
        found = faults((f"{ROWS}.6.value", 41.0), (f"{ROWS}.12.value", 26.0))
        assert [fault.problem for fault in found] == [
            "output of ore in North is 100 t but flows add up to 101 t",
            "use of ore in North is 40 t but flows add up to 41 t",
            "use of metal in South is 26 t but flows add up to 25 t",
        ]
        assert {fault.field for fault in found} == {"benchmarks.central"}
        assert {fault.remedy for fault in found} == {"Reconcile the base year first"}

    @pytest.mark.parametrize("change", [(f"{ROWS}.0", None), (f"{ROWS}.0.value", 0.0)])
    def test_a_seller_needs_a_price(self, change: tuple[str, Any]):
        fault = only_fault(change)
        assert fault.problem == "ore from North has no positive producer price"
        assert fault.remedy == "Add a producer_price row"

    def test_margins_must_be_positive(self):
        found = faults((f"{ROWS}.1.value", 206.0), (f"{ROWS}.2.value", 261.0))
        assert [fault.field for fault in found] == [
            "processes.smelter_north.supply",
            "processes.smelter_south.supply",
        ]
        assert "margin 0 USD/t: both must be positive" in found[0].problem
        assert "margin -0.62 USD/t" in found[1].problem

    def test_a_minimum_above_the_capacity_is_refused(self):
        with pytest.raises(ValueError, match="'minimum' lies above 'capacity'"):
            network(
                ("processes.mine.minimum", quantity(300.0, "t/yr")),
                ("processes.mine.capacity", quantity(200.0, "t/yr")),
            )

    def test_a_level_stays_within_capacity_and_minimum(self):
        fault = only_fault(("processes.mine.capacity", quantity(99.0, "t/yr")))
        assert fault.field == "processes.mine.capacity"
        assert "makes 100 t in the benchmark, above its capacity of 99 t" in fault.problem
        fault = only_fault(("processes.mine.minimum", quantity(101.0, "t/yr")))
        assert fault.field == "processes.mine.minimum"
        assert "makes 100 t in the benchmark, below its minimum of 101 t" in fault.problem

    def test_almost_fixed_curves_are_refused(self):
        found = faults(
            ("elasticities.use", elasticity(0.0009, "buyer_price")),
            ("elasticities.sigma", elasticity(0.0, "landed_price")),
        )
        assert {fault.problem for fault in found} == {
            "elasticity 'use' is 0.0009",
            "elasticity 'sigma' is 0",
        }
        assert {fault.remedy for fault in found} == {"Use at least 0.001"}
        assert {fault.field for fault in found} == {"elasticities.use", "elasticities.sigma"}
        fault = only_fault(elasticities={"digging": {"value": "0 1", "source": "test"}})
        assert fault.field == "assumptions.elasticities.digging"

    def test_a_cost_line_needs_a_capacity(self):
        line = {"kind": "cost_line", "cost_at_zero": "1 USD/t", "cost_at_capacity": "2 USD/t"}
        fault = only_fault(("processes.smelter_north.supply", line))
        assert fault.problem == "a cost_line needs a positive capacity"

    @pytest.mark.parametrize(
        ("first", "last", "capacity", "fits"),
        [
            (0.0, 120.0, 120.0, True),  # 100 USD/t at 100 t of 120 t
            (0.0, 120.0, 121.0, False),
            (0.0, 90.0, 100.0, True),  # full, and earning more than it costs
            (0.0, 101.0, 100.0, False),  # full, and losing money
        ],
    )
    def test_a_cost_line_fits_the_benchmark(
        self, first: float, last: float, capacity: float, fits: bool
    ):
        line = {
            "kind": "cost_line",
            "cost_at_zero": quantity(first, "USD/t"),
            "cost_at_capacity": quantity(last, "USD/t"),
        }
        changes = (
            ("processes.mine.supply", line),
            ("processes.mine.capacity", quantity(capacity, "t/yr")),
        )
        if fits:
            supply = network(*changes).supply
            assert supply.slope[0] == pytest.approx(last / capacity)
        else:
            fault = only_fault(*changes)
            assert fault.field == "processes.mine.supply"
            assert "where its margin is 100 USD/t" in fault.problem

    def test_capacity_of_a_cost_line_may_come_from_an_assumption(self):
        line = {"kind": "cost_line", "cost_at_zero": "0 USD/t", "cost_at_capacity": "100 USD/t"}
        changes = (("processes.mine.supply", line), ("processes.mine.capacity", None))
        stated = [{"process": "mine", "capacity": "200 t/yr", "source": "test"}]
        assert network(*changes, capacities=stated).supply.slope[0] == pytest.approx(0.5)
