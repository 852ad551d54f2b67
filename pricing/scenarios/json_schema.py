"""JSON Schema of scenario and chain files, for editors and other tools."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import EnumSchema

from pricing.chains.schema import Chain
from pricing.core.declared import label_of, member_docstrings
from pricing.scenarios.schema import ScenarioDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""Version of JSON Schema."""
_NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}


def scenario_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file.

    It knows what only files may say: ``extends``, ``patches``, ``with`` and ``without``. A file
    that extends another one, and a patch, may leave out anything.
    """
    schema = schema_of(ScenarioDocument, "Scenario")
    required = schema.pop("required")
    parts = json.loads(json.dumps(schema["properties"]))
    schema["properties"] |= {
        "extends": {
            "title": "Extends",
            "description": "Shipped scenario, or file beside this one, that this one builds on.",
            "type": "string",
        },
        "with": _NAMES | {"title": "With", "description": "Patches that are applied."},
        "without": _NAMES
        | {"title": "Without", "description": "Policies of the base that are dropped."},
        "patches": {
            "title": "Patches",
            "description": "Named parts of a scenario that can be put on top.",
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "propertyNames": {"enum": sorted(parts)},
            },
        },
    }
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    _relax_partial_items(schema)
    return schema


def _relax_partial_items(schema: dict[str, Any]) -> None:
    """Let a policy that changes one of the base carry its ``id`` and the changes only."""
    policies = schema["properties"]["policies"]
    policies["items"] = {
        "anyOf": [
            policies["items"],
            {"type": "object", "required": ["id"], "not": {"required": ["kind"]}},
        ]
    }


def chain_schema() -> dict[str, Any]:
    """JSON Schema of a chain file; one that extends a shipped chain may leave out anything."""
    schema = schema_of(Chain, "Chain")
    required = schema.pop("required")
    schema["properties"] |= {
        "extends": {
            "title": "Extends",
            "description": "Shipped chain that this one builds on: parts of the same id are "
            "replaced, other parts and rows are added.",
            "type": "string",
        }
    }
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return schema


class _WithChoices(GenerateJsonSchema):
    """Pydantic's schema, with the label and help of every choice."""

    def enum_schema(self, schema: EnumSchema) -> JsonSchemaValue:
        """One of several constants, each with the text below it in its class."""
        found = super().enum_schema(schema)
        texts = member_docstrings(schema["cls"])
        del found["enum"]
        choices = [
            {"const": m.value, "title": label_of(m.value), "description": texts.get(m.name, "")}
            for m in schema["members"]
        ]
        return found | {"oneOf": choices}


def schema_of(model: type[BaseModel], title: str) -> dict[str, Any]:
    """Schema of a model with its dialect and title first."""
    schema: dict[str, Any] = _standard(model.model_json_schema(schema_generator=_WithChoices))
    return {"$schema": DIALECT} | schema | {"title": title}


_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""Pydantic's name of a bound, which it leaves behind a validator -> the standard's."""
_NAMES_INSIDE = ("properties", "$defs")
"""Keywords below which stand names of fields, in the order of the classes."""


def _standard(node: Any, names: bool = False) -> Any:
    """The same schema with standard names of bounds, and keywords in alphabetical order."""
    if isinstance(node, list):
        return [_standard(item) for item in node]
    if not isinstance(node, dict):
        return node
    if names:
        return {name: _standard(schema) for name, schema in node.items()}
    bounds = _BOUNDS if node.get("type") == "number" else {}
    renamed: dict[str, Any] = {bounds.get(str(key), str(key)): node[key] for key in node}
    return {key: _standard(renamed[key], key in _NAMES_INSIDE) for key in sorted(renamed)}
