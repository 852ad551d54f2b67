"""JSON Schema: the committed files are fresh, valid, and accept what the library accepts."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pricing.core.documents import read_document
from pricing.core.resources import configs_root
from pricing.scenarios.json_schema import DIALECT
from pricing.schemas import SCHEMAS, schema_text, write_schemas

ROOT = Path(__file__).resolve().parents[3]
FILES = [
    *((path, "scenario") for path in sorted((ROOT / "configs" / "scenarios").glob("*.yaml"))),
    *((path, "chain") for path in sorted((ROOT / "configs" / "chains").glob("*.yaml"))),
    *((path, "match") for path in sorted((ROOT / "configs" / "questions").glob("*.yaml"))),
    *((path, "exposure") for path in sorted((ROOT / "configs" / "exposures").glob("*.yaml"))),
    (ROOT / "tests" / "data" / "two_stage_floor.yaml", "scenario"),
    (ROOT / "tests" / "data" / "two_stage.yaml", "chain"),
]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_committed_schema_is_fresh(kind: str):
    path = configs_root() / "schema" / f"{kind}.schema.json"

    assert path.read_text(encoding="utf-8") == schema_text(kind), "run: pricing schema --write"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_schema_is_valid_and_says_which_dialect(kind: str):
    schema = json.loads(schema_text(kind))

    assert schema["$schema"] == DIALECT
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(("path", "kind"), FILES, ids=lambda value: getattr(value, "name", value))
def test_shipped_files_fit_their_schema(path: Path, kind: str):
    validator = Draft202012Validator(SCHEMAS[kind]())

    assert [e.json_path for e in validator.iter_errors(read_document(path).data)] == []


def price_errors(value: object) -> int:
    schema = SCHEMAS["scenario"]()
    price = {"$ref": "#/$defs/Price", "$defs": schema["$defs"]}
    return len(list(Draft202012Validator(price).iter_errors(value)))


@pytest.mark.parametrize(
    "value", ["110 USD/kg", "1e3USD/t", " .5 USD/lb ", {"value": 110, "unit": "USD/kg"}]
)
def test_both_forms_of_a_quantity_are_allowed(value: object):
    assert price_errors(value) == 0


@pytest.mark.parametrize(
    "value",
    [110, "110", "110 EUR/kg", {"value": 110}, {"value": -1, "unit": "USD/kg"}],
)
def test_numbers_without_or_with_a_wrong_unit_are_not(value: object):
    assert price_errors(value) > 0


def test_units_and_descriptions_pass_through():
    price = SCHEMAS["scenario"]()["$defs"]["Price"]

    assert price["units"] == ["USD/t", "USD/kg", "USD/lb"]
    assert price["description"] == "A price per mass of a stated basis."
    mapping = next(form for form in price["anyOf"] if form["type"] == "object")
    assert mapping["properties"]["unit"]["description"].startswith("USD of the base year per")


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_is_described(kind: str):
    schema = SCHEMAS[kind]()
    bare = []
    for name, part in {kind: schema, **schema["$defs"]}.items():
        for body in (part, *part.get("anyOf", [])):
            for field, content in body.get("properties", {}).items():
                if "description" not in content and field not in ("kind", "law"):
                    bare.append(f"{name}.{field}")

    assert bare == []


def test_full_files_need_their_required_fields():
    validator = Draft202012Validator(SCHEMAS["scenario"]())

    assert list(validator.iter_errors({"id": "x"}))
    assert not list(validator.iter_errors({"id": "x", "extends": "baseline"}))


def test_schemas_are_written_to_the_configurations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "schema").mkdir()
    monkeypatch.setattr("pricing.schemas.configs_root", lambda: tmp_path)

    assert write_schemas() == [f"{kind}.schema.json" for kind in SCHEMAS]
    assert (tmp_path / "schema" / "chain.schema.json").read_text() == schema_text("chain")
