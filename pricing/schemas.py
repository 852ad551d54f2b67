"""JSON Schemas of every kind of document, as committed in ``configs/schema``."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from pricing.core.resources import configs_root
from pricing.questions.schema import Match
from pricing.scenarios.json_schema import chain_schema, scenario_schema, schema_of
from pricing.uncertainty.exposure_document import ExposureDocument

SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "scenario": scenario_schema,
    "chain": chain_schema,
    "match": partial(schema_of, Match, "Question"),
    "exposure": partial(schema_of, ExposureDocument, "Exposure"),
}
"""Kind of document -> its schema."""


def schema_text(kind: str) -> str:
    """Text of the schema of a kind of document."""
    return json.dumps(SCHEMAS[kind](), indent=2, ensure_ascii=False) + "\n"


def write_schemas() -> list[str]:
    """Rewrite the committed schema files; returns their names."""
    folder = configs_root() / "schema"
    written = []
    for kind in SCHEMAS:
        path = folder / f"{kind}.schema.json"
        path.write_text(schema_text(kind), encoding="utf-8")
        written.append(path.name)
    return written
