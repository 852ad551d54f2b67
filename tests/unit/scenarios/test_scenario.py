"""The scenario object: changes and exported files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from pricing.chains.assumptions import Assumptions
from pricing.chains.load import chain_hash
from pricing.core.documents import Document, parse_document
from pricing.core.quantities import Price, Rate
from pricing.core.yaml_text import dump_yaml
from pricing.errors import Fault, InputError
from pricing.instruments import Tariff
from pricing.scenarios.scenario import (
    Scenario,
    load_scenario,
    parse_scenario,
    scenario_from,
)
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import SOURCES, scenario_on
from tests.support.hand import hand_chain, hand_data, rich

TARIFF = {"kind": "tariff", "good": "ore", "destinations": ["South"], "rate": "5 %"}
FLOOR = {
    "kind": "reference_price",
    "zone": ["South"],
    "level": {"kind": "fixed", "prices": {"ore": "150 USD/t"}},
    "mechanism": {"kind": "border_levy"},
}


@lru_cache
def base() -> Scenario:
    return scenario_on(
        hand_chain(), TARIFF | {"id": "duty"}, FLOOR | {"id": "floor"}, zones={"here": ["South"]}
    )


def fault(*changes: Any, **fields: Any) -> Fault:
    with pytest.raises(InputError) as caught:
        base().but(*changes, **fields)
    (found,) = caught.value.faults
    return found


class TestBut:
    def test_a_number_by_the_id_of_its_policy(self):
        changed = base().but({"policies.duty.rate": "7 %"})

        assert changed.document.policies[0].rate == Rate.of(7.0, "%")
        assert base().document.policies[0].rate == Rate.of(5.0, "%")
        assert changed.chain is base().chain

    def test_values_may_be_objects_of_the_library(self):
        changed = base().but(
            {
                "policies.duty.specific": Price.of(3.0, "USD/t"),
                "policies.floor.level": {
                    "kind": "fixed",
                    "prices": {"metal": Price.of(9.0, "USD/kg")},
                },
                "assumptions": Assumptions(case="high"),
                "zones.here": ("South", "North"),
            }
        )

        assert changed.document.policies[0].specific == Price.of(3.0, "USD/t")
        assert changed.document.policies[1].level.prices["metal"].usd_per_tonne == 9000.0
        assert changed.document.assumptions.case == "high"
        assert changed.document.zones["here"] == ("South", "North")

    def test_fields_of_the_top_by_name(self):
        changed = base().but(id="other", title="Other")

        assert (changed.id, changed.document.title) == ("other", "Other")

    def test_missing_mappings_on_the_way_are_made(self):
        path = "assumptions.elasticities.use"

        assert base().but({path: "low"}).document.assumptions.elasticities == {"use": "low"}

    def test_none_removes(self):
        assert [p.id for p in base().but({"policies.duty": None}).document.policies] == ["floor"]
        changed = base().but({"policies.duty.specific": "1 USD/t", "policies.duty.rate": None})
        assert changed.document.policies[0].rate is None
        assert base().but({"zones.here": None}).document.zones == {}
        assert base().but({"zones.nowhere": None}).document == base().document

    def test_a_new_policy_by_mapping(self):
        more = TARIFF | {"source": "test", "rate": "1 %"}
        changed = base().but({"policies.more": more})

        assert [policy.id for policy in changed.document.policies] == ["duty", "floor", "more"]

    def test_a_new_policy_by_object(self):
        policy = Tariff.model_validate(TARIFF | {"id": "more", "source": "test"})

        assert base().but({"policies.more": policy}).document.policies[2] == policy

    def test_a_whole_policy_is_replaced_in_its_place(self):
        changed = base().but({"policies.duty": TARIFF | {"source": "test", "rate": "1 %"}})

        assert [policy.id for policy in changed.document.policies] == ["duty", "floor"]
        assert changed.document.policies[0].rate == Rate.of(1.0, "%")

    @pytest.mark.parametrize(
        ("path", "value", "problem", "remedy"),
        [
            ("policies.dutty.rate", "1 %", "nothing in policies is called 'dutty'", "duty, floor"),
            ("policies.dutty", None, "nothing in policies is called 'dutty'", "duty, floor"),
            ("policies.dutty", "1 %", "nothing in policies is called 'dutty'", "duty, floor"),
            ("policies.duty", "1 %", "nothing in policies is called 'duty'", ""),
            ("zones.here.South", "x", "nothing in zones.here is called 'South'", "Known: none"),
            ("zones.here.South.x", 1, "nothing in zones.here is called 'South'", "Known: none"),
            ("policies.duty.good.x", "1 %", "this path goes into a plain value", ""),
            ("policies.duty.good.x.y", "1 %", "this path goes into a plain value", ""),
        ],
    )
    def test_paths_that_lead_nowhere(self, path: str, value: Any, problem: str, remedy: str):
        found = fault({path: value})

        assert (found.field, found.problem) == (path, problem)
        assert remedy in found.remedy

    @pytest.mark.parametrize(
        ("path", "value", "field", "problem"),
        [
            ("policies.duty.rate", "5 USD/t", "policies.duty.rate.unit", "the unit 'USD/t' is not"),
            ("policies.duty.rate", 5, "policies.duty.rate", "a unit is missing"),
            ("policies.duty.rate", "-5 %", "policies.duty.rate.value", "-5.0 is too small"),
            ("policies.duty.rte", "5 %", "policies.duty.rte", "unknown field 'rte'"),
            ("policies.duty.rate", None, "policies.duty", "a tariff needs 'rate' or 'specific'"),
            ("policies.duty.source", "x", "policies.duty.source", "no entry 'x' in 'sources'"),
            ("policies.duty.id", "floor", "policies.1.id", "two policies are called 'floor'"),
            ("polcies.duty", {}, "polcies", "unknown field 'polcies'"),
            ("assumptions.horizon", "soon", "assumptions.horizon", "the value 'soon' is not"),
        ],
    )
    def test_the_result_is_checked(self, path: str, value: Any, field: str, problem: str):
        found = fault({path: value})

        assert found.field == field
        assert problem in found.problem
        assert found.file == "case (changed)"

    def test_another_chain_is_loaded(self):
        baseline = load_scenario("baseline")
        with pytest.raises(InputError, match="unknown chain 'copper'"):
            baseline.but(chain="copper")
        assert base().but(chain="ndfeb", policies=[], zones={}).chain is baseline.chain
        with pytest.raises(InputError, match="chain: this field is required"):
            baseline.but(chain=None)


class TestExport:
    def test_an_exported_scenario_is_the_same(self, tmp_path: Path):
        for name in ("forge_oxide_only", "mp_price_guarantee"):
            scenario = load_scenario(name)
            path = tmp_path / "exported.yaml"
            path.write_text(scenario.to_yaml(), encoding="utf-8")
            back = load_scenario(path)

            assert back.hash == scenario.hash
            assert back.data() == scenario.data() | {"chain_hash": chain_hash(scenario.chain)}
            assert parse_scenario(scenario.to_yaml()).document == back.document
            assert not back.chain_changed

    def test_every_field_survives(self):
        text = rich().to_yaml()
        document = parse_document(text)
        back = Scenario(ScenarioDocument.model_validate(document.data), rich().chain)

        assert back.hash == rich().hash
        assert back.data() == rich().data() | {"chain_hash": chain_hash(rich().chain)}
        assert text.startswith("# yaml-language-server: $schema=")

    def test_a_changed_chain_is_noticed(self):
        stated = rich().but(chain_hash="0" * 64)

        assert stated.chain_changed
        assert not rich().chain_changed
        assert not rich().but(chain_hash=chain_hash(rich().chain)).chain_changed

    def test_a_chain_beside_the_file(self, tmp_path: Path):
        (tmp_path / "hand.yaml").write_text(dump_yaml(hand_data()), encoding="utf-8")
        data = base().data() | {"chain": "hand.yaml"}
        (tmp_path / "a.yaml").write_text(dump_yaml(data), encoding="utf-8")
        scenario = load_scenario(tmp_path / "a.yaml")

        assert scenario.chain == hand_chain()
        assert scenario.hash == base().hash
        assert scenario.but(title="x").folder == tmp_path
        (tmp_path / "hand.yaml").write_text("kind: chain\n", encoding="utf-8")
        with pytest.raises(InputError) as caught:
            load_scenario(tmp_path / "a.yaml")
        assert {found.file for found in caught.value.faults} == {str(tmp_path / "hand.yaml")}


class TestDocument:
    def test_every_missing_source_is_named_once(self):
        data = base().data()
        data["policies"][0]["source"] = "law"
        data["policies"][1]["source"] = "law"
        data["policies"][0]["rate"] |= {"source": "gazette"}
        with pytest.raises(InputError) as caught:
            scenario_from(Document(data, "a.yaml", {}), None)

        assert [(found.field, found.problem) for found in caught.value.faults] == [
            ("policies.duty.source", "no entry 'law' in 'sources'"),
            ("policies.duty.rate.source", "no entry 'gazette' in 'sources'"),
            ("chain", "unknown chain 'test'"),
        ]
        assert caught.value.faults[0].remedy.endswith("use one of: test")

    def test_sources_are_needed_only_where_something_is_stated(self):
        data = {"id": "a", "title": "a", "description": "", "chain": "ndfeb"}

        assert ScenarioDocument.model_validate(data).sources == {}
        assert set(SOURCES) == {"test"}
