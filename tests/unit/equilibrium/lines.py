"""Straight lines on which duties that jump are worked out by hand."""

from __future__ import annotations

from typing import Any

import pricing
from tests.support.chains import quantity, scenario_on, two_lines

LINES = {"price": 2.0, "amount": 60.0, "supply_elasticity": 2 / 3, "demand_elasticity": 2 / 3}
"""Supply 20 + 20 p and demand 100 - 20 P."""


def entry(most: float, price: float = 2.0, **more: Any) -> dict[str, Any]:
    return {
        "kind": "entry_price",
        "good": "wheat",
        "destinations": ["Buyer"],
        "entry_price": quantity(price, "USD/t"),
        "max_tariff": quantity(most, "USD/t"),
        **more,
    }


def abroad(*policies: dict[str, Any]) -> pricing.Scenario:
    return scenario_on(two_lines(**LINES, regions=("Maker", "Buyer")), *policies)


def price_of(result: pricing.Result) -> float:
    return float(result.solved.state.price[0, 0, 0])
