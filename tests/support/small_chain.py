"""A small chain with the rules of its base year: ore of the West, metal of both regions."""

import csv
from copy import deepcopy
from dataclasses import fields

import pytest

from pricing.chains.building.build import build
from pricing.chains.building.facts import Fact
from pricing.core.yaml_text import dump_yaml
from pricing.errors import InputError

ZEROS = "0" * 64
MADE_UP = {
    "text": "Made up",
    "date": "2026",
    "grade": "illustrative",
    "derivation": "Round numbers",
}
RANGE = {"low": 0.5, "central": 1.0, "high": 2.0}


def elasticity(of):
    return {"of": of, "short": RANGE, "long": RANGE, "source": "made_up"}


CHAIN = {
    "schema_version": 1,
    "kind": "chain",
    "id": "small",
    "title": "Ore and metal",
    "description": "Made up",
    "base_year": 2024,
    "currency": {"code": "USD", "year": 2024},
    "vat_basis": "excluded",
    "sources": {"made_up": MADE_UP, "reconciliation": MADE_UP},
    "goods": [
        {"id": good, "label": good, "stage": good, "basis": f"t {good}", "source": "made_up"}
        | {"sourcing": {"law": "logit", "sigma": "sourcing"}}
        for good in ("ore", "metal")
    ],
    "regions": [
        {"id": region, "customs_value": "cif", "source": "made_up"} for region in ("East", "West")
    ],
    "elasticities": {
        "supply": elasticity("output_price"),
        "demand": elasticity("buyer_price"),
        "sourcing": elasticity("landed_price"),
    },
    "technologies": [
        {"id": "mining", "label": "Mining", "outputs": {"ore": "1 t/t"}, "source": "made_up"}
        | {"supply": {"kind": "isoelastic", "elasticity": "supply"}},
        {"id": "smelting", "label": "Smelting", "inputs": {"ore": "2 t/t"}, "source": "made_up"}
        | {"outputs": {"metal": "1 t/t"}}
        | {"supply": {"kind": "isoelastic", "elasticity": "supply"}},
    ],
    "processes": [
        {"id": "mine", "technology": "mining", "region": "West", "source": "made_up"},
        {"id": "smelter_east", "technology": "smelting", "region": "East", "source": "made_up"}
        | {"capacity": "70 t/yr"},
        {"id": "smelter_west", "technology": "smelting", "region": "West", "source": "made_up"},
    ],
    "demands": [
        {"good": "metal", "region": region, "use": "cars", "source": "made_up"}
        | {"curve": {"kind": "isoelastic", "elasticity": "demand", "choke_multiple": "20 1"}}
        for region in ("East", "West")
    ],
    "freight": [{"cost": "10 USD/t", "insurance": "0 %", "source": "made_up"}],
    "benchmarks": {
        "central": {"title": "One", "table": "small_benchmark_central.csv", "sha256": ZEROS}
    },
}
VALUES = {
    "mined": ("210", "t ore"),
    "east": ("60", "t"),
    "west": ("40", "t"),
    "used_east": ("30", "t"),
    "used_share_west": ("70", "%"),
    "price_low": ("40", "USD/t"),
    "price_high": ("60", "USD/t"),
    "east_to_west": ("33", "t"),
    "capacity": ("0.07", "kt"),
    "old": ("55", "t"),
    "code": (">50", "%"),
}


def formula(*rows, **more):
    return {"rows": list(rows), "why": "Made up", **more}


RULES = {
    "title": "Small",
    "units": {"t ore": 1.0},
    "levels": [
        formula("mined", process="mine", deviation=0.1),
        formula("east", process="smelter_east", deviation=0),
        formula("west", process="smelter_west", deviation=0),
    ],
    "uses": [
        formula("used_east", good="metal", region="East", use="cars", deviation=0),
        formula("east", "west", times=["used_share_west"], deviation=0.1)
        | {"good": "metal", "region": "West", "use": "cars"},
    ],
    "routes": [formula("east_to_west", good="metal", origin="East", destination="West")],
    "variants": {"central": {"title": "One"}},
    "prices": [
        formula("price_low", "price_high", kind="stated", mean=True, good="ore", regions=["West"]),
        {
            "kind": "cost_plus",
            "good": "metal",
            "regions": ["East"],
            "margin": 0.2,
            "why": "Made up",
        },
        {"kind": "landed_from", "good": "metal", "regions": ["West"], "origin": "East"}
        | {"why": "Made up"},
    ],
    "smallest_margin": {"share": 0.05, "why": "Made up"},
    "set_aside": [
        {"rule": "old", "use": "rejected", "ids": ["old"], "why": "Another year"},
        {
            "rule": "codes",
            "use": "rejected",
            "where": {"id": "co*", "unit": "%|t"},
            "why": "A code",
        },
    ],
    "stated": [formula("capacity", at="processes.smelter_east.capacity")],
    "checks": [
        formula("used_share_west", item="use metal West", share_of="level mine"),
    ],
}


def write_small(root, chain=CHAIN, rules=RULES, values=VALUES):
    """Write the chain with its rules and raw rows below a folder, and return the folder."""
    for name in ("chains", "data"):
        (root / name).mkdir(exist_ok=True)
    (root / "chains" / "small.yaml").write_text(dump_yaml(chain), encoding="utf-8")
    (root / "data" / "small_rules.yaml").write_text(dump_yaml(rules), encoding="utf-8")
    columns = [field.name for field in fields(Fact)]
    for name, rows in (("small", values), ("common", {})):
        with (root / "data" / f"{name}_raw.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="made up", lineterminator="\n")
            writer.writeheader()
            for key, (value, unit, *more) in rows.items():
                row = {"id": key, "value": value, "unit": unit, "year": "2024", "grade": "press"}
                writer.writerow(
                    row | dict(zip(("grade", "region", "variable"), more, strict=False))
                )
    return root


def but(document, **changes):
    return deepcopy(document) | changes


def refused(root):
    with pytest.raises(InputError) as caught:
        build("small", root)
    return str(caught.value)
