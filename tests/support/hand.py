"""A chain of two goods and two regions whose benchmark was worked out by hand.

North mines ore (100 t at 100 USD/t) and smelts 20 t of metal (500 USD/t); South smelts 30 t of
metal (600 USD/t) from northern ore. Every kind of trade cost occurs once.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

import pytest

from pricing.chains.assumptions import Assumptions
from pricing.chains.calibrate import calibrate
from pricing.chains.network import Network
from pricing.chains.schema import Chain
from pricing.errors import Fault, InputError
from pricing.scenarios.scenario import Scenario
from tests.support.chains import SOURCES, elasticity, good, quantity, row, scenario_on


def hand_data() -> dict[str, Any]:
    """The document as plain data, free to change."""
    return copy.deepcopy(_DATA)


def hand_chain(*changes: tuple[str, Any]) -> Chain:
    """The chain with the values at some dotted paths replaced."""
    data = hand_data()
    for path, value in changes:
        put(data, path, value)
    return Chain.model_validate(data)


def put(data: Any, path: str, value: Any) -> None:
    """Set the value at a dotted path; a position or an id leads into a list; None removes."""
    *parts, last = path.split(".")
    for part in parts:
        data = data[_key(data, part)]
    if value is None:
        del data[_key(data, last)]
    elif isinstance(data, list) and last == "+":
        data.append(value)
    else:
        data[_key(data, last)] = value


def _key(data: Any, part: str) -> Any:
    if not isinstance(data, list):
        return part
    ids = [item.get("id") for item in data]
    return ids.index(part) if part in ids else int(part)


def _demand(region: str) -> dict[str, Any]:
    curve = {"kind": "isoelastic", "elasticity": "use", "choke_multiple": quantity(10.0, "1")}
    return {"good": "metal", "region": region, "use": "all uses", "curve": curve, "source": "test"}


def _duty(layer: str, good: str, importer: str, rate: float, **more: Any) -> dict[str, Any]:
    rated = {"layer": layer, "good": good, "importer": importer, "rate": quantity(rate, "%")}
    return rated | {"source": "test"} | more


def network(*changes: tuple[str, Any], **assumptions: Any) -> Network:
    """The calibrated chain with some values replaced, under some assumptions."""
    return calibrate(hand_chain(*changes), Assumptions.model_validate(assumptions), {})


def faults(*changes: tuple[str, Any], zones: Any = None, **assumptions: Any) -> tuple[Fault, ...]:
    """What calibration finds wrong; each fault has a place."""
    chain, world = hand_chain(*changes), Assumptions.model_validate(assumptions)
    with pytest.raises(InputError) as caught:
        calibrate(chain, world, zones or {})
    assert all(fault.field for fault in caught.value.faults)
    return caught.value.faults


def only_fault(*changes: tuple[str, Any], **assumptions: Any) -> Fault:
    """The one thing that calibration finds wrong."""
    found = faults(*changes, **assumptions)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


_DATA: dict[str, Any] = {
    "schema_version": 1,
    "kind": "chain",
    "id": "hand",
    "title": "Two goods, two regions",
    "description": "Worked out by hand",
    "base_year": 2024,
    "currency": {"code": "USD", "year": 2024},
    "vat_basis": "excluded",
    "sources": SOURCES,
    "goods": [
        good("ore")
        | {"bases": [{"name": "t contained", "tonnes_per_tonne": quantity(0.5, "t/t")}]},
        good("metal"),
    ],
    "regions": [
        {"id": "North", "customs_value": "fob", "source": "test"},
        {"id": "South", "customs_value": "cif", "source": "test"},
    ],
    "elasticities": {
        "digging": elasticity(0.8, "margin"),
        "smelting": elasticity(0.5, "output_price"),
        "use": elasticity(0.2, "buyer_price"),
        "sigma": elasticity(4.0, "landed_price"),
    },
    "technologies": [
        {
            "id": "mining",
            "label": "mining",
            "outputs": {"ore": quantity(1.0, "t/t")},
            "supply": {"kind": "linear", "elasticity": "digging"},
            "source": "test",
        },
        {
            "id": "smelter",
            "label": "smelter",
            "inputs": {"ore": quantity(2.0, "t/t")},
            "outputs": {"metal": quantity(1.0, "t/t")},
            "supply": {"kind": "isoelastic", "elasticity": "smelting"},
            "source": "test",
        },
    ],
    "processes": [
        {
            "id": "mine",
            "technology": "mining",
            "region": "North",
            "capacity": quantity(120.0, "t/yr"),
            "minimum": quantity(10.0, "t/yr"),
            "source": "test",
        },
        {"id": "smelter_north", "technology": "smelter", "region": "North", "source": "test"},
        {"id": "smelter_south", "technology": "smelter", "region": "South", "source": "test"},
    ],
    "latent": [
        {
            "id": "pit",
            "label": "a pit in the South",
            "technology": "mining",
            "region": "South",
            "capacity": quantity(50.0, "t/yr"),
            "supply": {
                "kind": "cost_line",
                "cost_at_zero": quantity(90.0, "USD/t"),
                "cost_at_capacity": quantity(140.0, "USD/t"),
            },
            "parity_share": quantity(20.0, "%"),
            "home_share": quantity(50.0, "%"),
            "source": "test",
        }
    ],
    "demands": [_demand("North"), _demand("South")],
    "freight": [
        {"cost": quantity(10.0, "USD/t"), "insurance": quantity(2.0, "%"), "source": "test"},
        {
            "good": "metal",
            "origin": "South",
            "cost": quantity(20.0, "USD/t"),
            "insurance": quantity(1.0, "%"),
            "source": "test",
        },
    ],
    "inland": [
        {"cost": quantity(4.0, "USD/t"), "source": "test"},
        {"good": "ore", "region": "North", "cost": quantity(3.0, "USD/t"), "source": "test"},
    ],
    "duties": [
        _duty("mfn", "all", "all", 5.0),
        _duty("mfn", "ore", "South", 10.0, specific=quantity(2.0, "USD/t")),
        _duty("extra", "metal", "North", 25.0, origin="South"),
    ],
    "export_vat": [
        {"good": "ore", "region": "North", "rate": quantity(5.0, "%"), "source": "test"},
        {"good": "metal", "region": "South", "rate": quantity(10.0, "%"), "source": "test"},
    ],
    "benchmarks": {
        "central": {
            "title": "by hand",
            "rows": [
                row("producer_price", 100.0, good="ore", region="North"),
                row("producer_price", 500.0, good="metal", region="North"),
                row("producer_price", 600.0, good="metal", region="South"),
                row("production", 100.0, process="mine"),
                row("production", 20.0, process="smelter_north"),
                row("production", 30.0, process="smelter_south"),
                row("flow", 40.0, good="ore", region="North", partner="North"),
                row("flow", 60.0, good="ore", region="North", partner="South"),
                row("flow", 20.0, good="metal", region="North", partner="North"),
                row("flow", 5.0, good="metal", region="South", partner="North"),
                row("flow", 25.0, good="metal", region="South", partner="South"),
                row("use", 25.0, good="metal", region="North", use="all uses"),
                row("use", 25.0, good="metal", region="South", use="all uses"),
            ],
        }
    },
}


@lru_cache
def rich() -> Scenario:
    """A scenario with a number in almost every kind of field."""
    guarantee = {
        "kind": "price_guarantee",
        "good": "metal",
        "region": "North",
        "strike": "550 USD/t",
        "upper": "650 USD/t",
        "share_up": "30 %",
        "budget": "1 million USD",
    }
    purchase = {
        "kind": "intervention_purchase",
        "good": "metal",
        "region": "South",
        "floor": "610 USD/t",
        "cap": "3 t/yr",
    }
    quota = {
        "kind": "import_quota",
        "good": "metal",
        "origins": ["South"],
        "destinations": ["North"],
        "quota": "4 t/yr",
    }
    tariff = {"kind": "tariff", "good": "ore", "destinations": ["South"], "rate": "5 %"}
    uniform = {
        "kind": "reference_price",
        "zone": ["South"],
        "level": {"kind": "fixed", "prices": {"ore": "150 USD/t"}},
        "mechanism": {"kind": "uniform_levy", "max_levy": "300 %"},
    }
    assumptions = {
        "elasticities": {"use": {"value": "0.3 1", "source": "test"}},
        "latent": ["pit"],
        "parity_shares": [
            {
                "good": "metal",
                "origin": "North",
                "destination": "South",
                "share": "3 %",
                "source": "test",
            }
        ],
        "demand": [{"good": "metal", "region": "all", "factor": "1.1 1", "source": "test"}],
        "capacities": [{"process": "mine", "capacity": "110 t/yr", "source": "test"}],
    }
    return scenario_on(
        hand_chain(), tariff, guarantee, purchase, quota, uniform, assumptions=assumptions
    )
