"""Names in a chain document: each fault by itself, all at once, and circles."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pricing.chains.benchmarks import BenchmarkRow
from pricing.chains.schema import Chain
from pricing.core.faults import faults_of
from pricing.errors import Fault
from tests.support.chains import quantity, row
from tests.support.hand import hand_data, put

ROWS = "benchmarks.central.rows"


def faults(*changes: tuple[str, Any]) -> tuple[Fault, ...]:
    data = hand_data()
    for path, value in changes:
        put(data, path, value)
    with pytest.raises(ValidationError) as caught:
        Chain.model_validate(data)
    return faults_of(caught.value)


def only_fault(*changes: tuple[str, Any]) -> Fault:
    found = faults(*changes)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


REFERENCES = [
    ("processes.mine.technology", "x", "technology"),
    ("processes.mine.region", "x", "region"),
    ("latent.pit.technology", "x", "technology"),
    ("latent.pit.region", "x", "region"),
    ("technologies.mining.supply.elasticity", "x", "elasticity"),
    ("goods.ore.sourcing.sigma", "x", "elasticity"),
    ("demands.1.good", "x", "good"),
    ("demands.1.region", "x", "region"),
    ("demands.1.curve.elasticity", "x", "elasticity"),
    ("freight.1.good", "x", "good"),
    ("freight.1.origin", "x", "region"),
    ("freight.1.destination", "x", "region"),
    ("inland.1.good", "x", "good"),
    ("inland.1.region", "x", "region"),
    ("duties.1.good", "x", "good"),
    ("duties.1.importer", "x", "territory"),
    ("duties.1.origin", "x", "region"),
    ("export_vat.1.good", "x", "good"),
    ("export_vat.1.region", "x", "region"),
]


@pytest.mark.parametrize("place", ["freight", "inland", "duties", "export_vat"])
def test_a_row_that_stands_twice_is_refused(place: str):
    """The second would silently take the place of the first."""
    data = hand_data()[place]
    fault = only_fault((f"{place}.+", data[0]))
    assert fault.field == f"{place}.{len(data)}.row"
    assert "stands twice" in fault.problem


@pytest.mark.parametrize(("path", "name", "what"), REFERENCES)
def test_an_unknown_name_is_a_fault_at_its_place(path: str, name: str, what: str):
    found = [fault for fault in faults((path, name)) if fault.field == path]

    assert [fault.problem for fault in found] == [f"unknown {what} 'x'"]
    assert found[0].remedy.startswith("Known: ")


@pytest.mark.parametrize("side", ["inputs", "outputs"])
def test_technologies_name_goods_of_the_chain(side: str):
    fault = only_fault((f"technologies.smelter.{side}.x", quantity(1.0, "t/t")))

    assert (fault.field, fault.problem) == (f"technologies.smelter.{side}.x", "unknown good 'x'")
    assert fault.remedy == "Known: ore, metal"


def test_wildcards_are_for_trade_rows_only():
    assert only_fault(("processes.mine.region", "all")).problem == "unknown region 'all'"
    assert "North, South, all" in only_fault(("freight.0.origin", "x")).remedy


def test_the_importer_of_a_duty_is_a_customs_territory():
    union = ("regions.South.territory", "Union")
    found = faults(union)

    assert [(fault.field, fault.problem) for fault in found] == [
        ("duties.1.importer", "unknown territory 'South'"),
    ]
    assert found[0].remedy == "Known: North, Union, all"


def test_own_curves_of_processes_are_checked_too():
    own = ("processes.mine.supply", {"kind": "linear", "elasticity": "x"})

    assert only_fault(own).field == "processes.mine.supply.elasticity"


@pytest.mark.parametrize(
    ("path", "name", "words"),
    [
        ("technologies.mining.supply.elasticity", "use", "is of buyer_price, which does not fit"),
        ("demands.0.curve.elasticity", "digging", "is of margin, which does not fit demand"),
        ("goods.ore.sourcing.sigma", "smelting", "of output_price, which does not fit sourcing"),
    ],
)
def test_an_elasticity_fits_its_use(path: str, name: str, words: str):
    fault = only_fault((path, name))

    assert fault.field == path
    assert words in fault.problem
    assert fault.remedy.startswith("Use one of: ")


@pytest.mark.parametrize(
    ("place", "number"), [("goods", 2), ("regions", 2), ("technologies", 2), ("processes", 3)]
)
def test_ids_stand_once(place: str, number: int):
    copied = hand_data()[place][0]
    found = faults((f"{place}.+", copied), (f"{place}.+", copied))

    assert [(fault.field, fault.problem) for fault in found] == [
        (f"{place}.{number}.id", f"the id '{copied['id']}' stands twice")
    ]


def test_announced_plants_share_ids_with_nobody():
    plant = hand_data()["latent"][0]
    found = faults(("latent.+", plant), ("latent.+", plant | {"id": "mine"}))

    assert [(fault.field, fault.problem) for fault in found] == [
        ("latent.1.id", "the id 'pit' stands twice"),
        ("latent.2.id", "the id 'mine' stands twice"),
    ]


def test_demands_stand_once():
    fault = only_fault(("demands.+", hand_data()["demands"][0]))

    assert fault.field == "demands.2.use"
    assert fault.problem == "the use 'metal in North for all uses' stands twice"


def test_nothing_is_called_all():
    found = faults(
        ("goods.+", hand_data()["goods"][0] | {"id": "all"}),
        ("regions.+", {"id": "all", "customs_value": "fob", "source": "test"}),
        ("regions.North.territory", "all"),
    )

    assert [fault.field for fault in found] == [
        "goods.2.id",
        "regions.0",
        "regions.2",
        "duties.2.importer",
    ]


class TestBenchmarkRows:
    @pytest.mark.parametrize(
        ("number", "field", "what"),
        [
            (0, "good", "good"),
            (0, "region", "region"),
            (6, "partner", "region"),
            (3, "process", "process"),
        ],
    )
    def test_unknown_names(self, number: int, field: str, what: str):
        fault = only_fault((f"{ROWS}.{number}.{field}", "x"))

        assert fault.field == f"{ROWS}.{number}.{field}"
        assert fault.problem == f"row {number + 1}: unknown {what} 'x'"

    def test_a_use_needs_its_demand(self):
        fault = only_fault((f"{ROWS}.11.use", "x"))

        assert fault.problem == "row 12: no demand for metal in North is called 'x'"
        assert fault.remedy == "Add it to 'demands'"

    def test_announced_plants_have_no_benchmark_output(self):
        fault = only_fault((f"{ROWS}.+", row("production", 1.0, process="pit")))

        assert fault.problem == "row 14: unknown process 'pit'"

    def test_a_number_is_stated_once(self):
        found = faults(
            (f"{ROWS}.+", row("flow", 3.0, good="ore", region="North", partner="South")),
            (f"{ROWS}.+", row("production", 3.0, process="mine")),
        )

        assert [fault.problem for fault in found] == [
            "rows 8 and 14 both state flow ore North South",
            "rows 4 and 15 both state production mine",
        ]

    @pytest.mark.parametrize(
        ("variable", "names", "missing"),
        [
            ("producer_price", {"good": "ore"}, "region"),
            ("production", {"good": "ore", "region": "North"}, "process"),
            ("use", {"good": "ore", "region": "North"}, "use"),
            ("flow", {"region": "North"}, "good, partner"),
            ("prior_share", {}, "good, region, partner"),
        ],
    )
    def test_names_that_a_variable_needs(self, variable: str, names: dict[str, str], missing: str):
        with pytest.raises(ValidationError, match=f"a '{variable}' row needs {missing}"):
            BenchmarkRow.model_validate(row(variable, 1.0, **names))

    @pytest.mark.parametrize("unit", ["t/yr", "1"])
    def test_a_variable_has_one_unit(self, unit: str):
        stated = row("producer_price", 1.0, good="ore", region="North") | {"unit": unit}
        with pytest.raises(ValidationError, match=f"row is in USD/t, not {unit}"):
            BenchmarkRow.model_validate(stated)


class TestStages:
    def needing(self, *pairs: tuple[str, str]) -> list[tuple[str, Any]]:
        """Goods a to e, and a technology for each pair of a good and its input."""
        base = hand_data()
        goods = [base["goods"][1] | {"id": name} for name in "abcde"]
        technologies = [
            base["technologies"][1]
            | {
                "id": f"make_{made}{number}",
                "inputs": {used: quantity(1.0, "t/t")},
                "outputs": {made: quantity(1.0, "t/t")},
            }
            for number, (made, used) in enumerate(pairs)
        ]
        return [
            ("goods", [*base["goods"], *goods]),
            ("technologies", [*base["technologies"], *technologies]),
        ]

    def test_two_goods_that_need_each_other(self):
        fault = only_fault(*self.needing(("a", "b"), ("b", "a")))

        assert fault.problem == "the chain runs in a circle: a needs b needs a"
        assert fault.field == "technologies.make_a0.inputs"
        assert fault.remedy == "A chain runs one way: take one of these inputs out"

    def test_a_good_that_needs_itself(self):
        fault = only_fault(*self.needing(("a", "a")))

        assert fault.problem == "the chain runs in a circle: a needs a"

    def test_a_long_circle_is_named_from_where_it_begins(self):
        fault = only_fault(
            *self.needing(("e", "d"), ("e", "a"), ("d", "b"), ("b", "c"), ("c", "d"))
        )

        assert fault.problem == "the chain runs in a circle: b needs c needs d needs b"

    def test_inputs_stand_before_outputs(self):
        fault = only_fault(*self.needing(("a", "b")))

        assert (fault.field, fault.problem) == ("goods.a", "'a' stands before its input 'b'")
        assert fault.remedy == "List inputs before outputs"

    def test_many_ways_to_one_good_are_no_circle(self):
        data = hand_data()
        pairs = [("b", "a"), ("c", "a"), ("d", "b"), ("d", "c"), ("e", "d"), ("e", "a"), ("c", "b")]
        for path, value in self.needing(*pairs):
            put(data, path, value)

        assert len(Chain.model_validate(data).goods) == 7


def test_all_faults_at_once():
    found = faults(
        ("processes.mine.region", "x"),
        ("demands.0.good", "y"),
        ("export_vat.0.region", "z"),
        (f"{ROWS}.3.process", "w"),
    )

    assert [fault.field for fault in found] == [
        "processes.mine.region",
        "demands.0.good",
        "export_vat.0.region",
        f"{ROWS}.3.process",
        f"{ROWS}.11.use",
    ]
