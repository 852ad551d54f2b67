"""Random policies on trade: what importers and exporters put on the routes of a good."""

from __future__ import annotations

import numpy as np

from benchmarks.policies import FLOOR_LIFT, PRICE_LIFT, PRICE_SPREAD, ZONE, Document, Draw, quantity

SHARES_OF_TRADE = (0.05, 0.3, 0.7, 1.0, 1.3)
"""Quotas as shares of base-year trade on their routes."""
RENTS = ("importer", "exporter", "importing_treasury", "exporting_treasury", "delay")
"""Holders of rents."""


class BorderDraw(Draw):
    """Random policies on the routes of a good."""

    def _route(self) -> tuple[int, list[str], list[str]]:
        """A good, one or all origins, and importers other than these."""
        good, destinations = self._good(), self._somewhere()
        origins = ["all"] if self.rng.random() < 0.5 else [self.setting.regions[0]]
        return good, origins, [ZONE] if destinations == origins else destinations

    def _traded(self, good: int) -> float:
        flow = self.setting.benchmark_flow[good]
        abroad = float(flow.sum() - np.trace(flow))
        return max(abroad, 1e-3 * float(flow.sum()), 1e-6)

    def _tariff_rate_quota(self) -> Document:
        good, origins, destinations = self._route()
        low = 0.2 * self.rng.random()
        quota = self._traded(good) * self.rng.choice(SHARES_OF_TRADE) * self.rng.random()
        return {
            "good": self.setting.goods[good],
            "origins": origins,
            "destinations": destinations,
            "quota": quantity(quota, "t/yr"),
            "in_quota": quantity(low, "1"),
            "over_quota": quantity(low + 0.05 + self.rng.random(), "1"),
        }

    def _safeguard(self) -> Document:
        good, origins, destinations = self._route()
        return {
            "good": self.setting.goods[good],
            "origins": origins,
            "destinations": destinations,
            "trigger": quantity(self._price(good, PRICE_LIFT, PRICE_SPREAD), "USD/t"),
        }

    def _minimum_price(self) -> Document:
        good, origins, destinations = self._route()
        compare_at = str(self.rng.choice(["fob", "cif", "duty_paid"]))
        price = self._price(good, FLOOR_LIFT, PRICE_SPREAD)
        return {
            "prices": {self.setting.goods[good]: quantity(price, "USD/t")},
            "origins": origins,
            "destinations": destinations,
            "compare_at": "duty_paid" if self.setting.one_price[good] else compare_at,
        }

    def _entry_price(self) -> Document:
        good, origins, destinations = self._route()
        price = self._price(good, FLOOR_LIFT, PRICE_SPREAD)
        body: Document = {
            "good": self.setting.goods[good],
            "origins": origins,
            "destinations": destinations,
            "entry_price": quantity(price, "USD/t"),
            "max_tariff": quantity(0.4 * price * self.rng.random(), "USD/t"),
        }
        if self.rng.random() < 0.3:
            body |= {"tolerance": quantity(0.08, "1"), "step": quantity(0.02, "1")}
        return body

    def _undertaking(self) -> Document:
        good, origins, destinations = self._route()
        volume = self._traded(good) * self.rng.choice(SHARES_OF_TRADE) * self.rng.random()
        return {
            "good": self.setting.goods[good],
            "origins": origins,
            "destinations": destinations,
            "price": quantity(self._price(good, FLOOR_LIFT, PRICE_SPREAD), "USD/t"),
            "volume": quantity(volume, "t/yr"),
            "fallback": quantity(self.rng.uniform(0.02, 1.0), "1"),
        }

    def _content(self) -> Document | None:
        good, origins, destinations = self._route()
        parts = np.flatnonzero(self.setting.recipe[good])
        if not parts.size:
            return None
        part = int(self.rng.choice(parts))
        if self.rng.random() < 0.3:
            share = float(self.setting.recipe[good, part]) * self.rng.uniform(0.8, 1.2)
            return {
                "good": self.setting.goods[good],
                "origins": origins,
                "destinations": destinations,
                "basis": {
                    "kind": "full_value",
                    "inputs": [self.setting.goods[part]],
                    "threshold": quantity(min(share, 1.0), "1"),
                    "rate": quantity(0.5 * self.rng.random(), "1"),
                },
            }
        reference = quantity(self._price(part, PRICE_LIFT, PRICE_SPREAD), "USD/t")
        return {
            "good": self.setting.goods[good],
            "origins": origins,
            "destinations": destinations,
            "basis": {
                "kind": "embedded_reference_gap",
                "references": {self.setting.goods[part]: reference},
            },
        }

    def _cap(self) -> Document:
        return {
            "good": self.setting.goods[self._good()],
            "origins": [self.setting.regions[0]],
            "buyers": self._somewhere(),
            "share": quantity(self.rng.uniform(0.05, 0.95), "1"),
        }

    def _export_tax(self) -> Document:
        good = self._good()
        return {
            "goods": [self.setting.goods[good]],
            "origins": [self.setting.regions[0]],
            "rate": quantity(0.5 * self.rng.random(), "1"),
            "specific": quantity(0.1 * self.setting.price_scale[good] * self.rng.random(), "USD/t"),
        }

    def _export_quota(self) -> Document:
        good = self._good()
        quota = self._traded(good) * self.rng.choice(SHARES_OF_TRADE)
        return {
            "good": self.setting.goods[good],
            "origins": [self.setting.regions[0]],
            "quota": quantity(quota, "t/yr"),
            "rent_to": str(self.rng.choice(RENTS)),
        }

    def _export_licence(self) -> Document:
        return {
            "goods": [self.setting.goods[self._good()]],
            "origins": [self.setting.regions[0]],
            "approved": quantity(self.rng.choice([0.1, 0.4, 0.8, 1.1]), "1"),
            "rent_to": str(self.rng.choice(RENTS)),
        }
