"""Chains without a base year, built curve by curve: each curve states a point that it passes."""

from __future__ import annotations

from typing import Any

from pricing.chains.schema import Chain
from tests.support.chains import elasticity, frame, places, quantity
from tests.support.spatial import homogeneous, through


class Markets:
    """Goods bought where they are cheapest, in several regions."""

    def __init__(self, goods: tuple[str, ...], regions: tuple[str, ...], customs: str = "fob"):
        self.goods, self.regions, self.customs = goods, regions, customs
        self.elasticities: dict[str, Any] = {}
        self.parts: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("processes", "technologies", "demands", "freight", "inland")
        }
        self.parts["duties"] = []

    def named(self, value: float, of: str) -> str:
        """Name of an elasticity with this value."""
        name = f"e{len(self.elasticities)}"
        self.elasticities[name] = elasticity(value, of)
        return name

    def curve(self, kind: str, value: float, tonnes: float, price: float) -> dict[str, Any]:
        """A supply curve through a point."""
        name = self.named(value, "margin")
        return {"kind": kind, "elasticity": name, "through": through(tonnes, price)}

    def supply(self, good: str, region: str, curve: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A maker of one good; returns its process, free to change."""
        name = f"{good}_{region}"
        inputs, outputs = more.pop("inputs", {}), {good: quantity(1.0, "t/t")}
        technology = {"id": name, "label": name, "inputs": inputs, "outputs": outputs}
        self.parts["technologies"].append(technology | {"supply": curve, "source": "test"})
        process = {"id": name, "technology": name, "region": region, "source": "test", **more}
        self.parts["processes"].append(process)
        return process

    def demand(
        self, good: str, region: str, kind: str, value: float, tonnes: float, price: float
    ) -> dict[str, Any]:
        """A user of one good; returns the curve, free to change."""
        name = self.named(value, "buyer_price")
        curve = {"kind": kind, "elasticity": name, "through": through(tonnes, price)}
        self.parts["demands"].append(
            {"good": good, "region": region, "use": "final", "curve": curve, "source": "test"}
        )
        return curve

    def fixed_demand(
        self, good: str, region: str, tonnes: float, price: float, limit: float
    ) -> None:
        """A user whose tonnes no price moves, up to a limit."""
        curve = {"kind": "fixed", "value_of_lost_load": quantity(limit, "USD/t")}
        curve |= {"through": through(tonnes, price)}
        self.parts["demands"].append(
            {"good": good, "region": region, "use": "final", "curve": curve, "source": "test"}
        )

    def cross(self, value: float, good: str, relation: str, price: float) -> dict[str, Any]:
        """What the price of another good does to a demand."""
        name = self.named(value, "cross_price")
        return {
            "good": good,
            "elasticity": name,
            "relation": relation,
            "at": quantity(price, "USD/t"),
        }

    def route(
        self, origin: str, destination: str, cost: float, insurance: float = 0.0, **more: Any
    ) -> None:
        """What it costs to move any good; at home where both are the same."""
        row = {"cost": quantity(cost, "USD/t"), "source": "test", **more}
        if origin == destination:
            self.parts["inland"].append(row | {"region": origin})
        else:
            row |= {"insurance": quantity(insurance, "1")}
            self.parts["freight"].append(row | {"origin": origin, "destination": destination})

    def duty(self, importer: str, origin: str, rate: float, good: str = "all") -> None:
        """An ad valorem duty of the base year."""
        row = {"layer": "mfn", "good": good, "importer": importer, "origin": origin}
        self.parts["duties"].append(row | {"rate": quantity(rate, "1"), "source": "test"})

    def chain(self) -> Chain:
        """The chain document."""
        return frame(
            goods=[homogeneous(name) for name in self.goods],
            regions=places(self.regions, self.customs),
            elasticities=self.elasticities,
            **self.parts,
        )
