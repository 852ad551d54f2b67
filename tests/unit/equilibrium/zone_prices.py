"""A zone of three regions, and a reference price in it."""

from __future__ import annotations

from typing import Any

from tests.support.chains import quantity

ZONE = {"zones": {"zone": ["r1", "r2", "r3"]}}


def reference(**mechanism: Any) -> dict[str, Any]:
    return {
        "kind": "reference_price",
        "zone": ["zone"],
        "level": {"kind": "fixed", "prices": {"g1": quantity(20, "USD/kg")}},
        "mechanism": mechanism,
    }
