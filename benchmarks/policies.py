"""Random policies on any calibrated chain, from mild to absurd; used by benchmarks and tests.

Ranges are the constants below. A draw is a list of plain policy documents, so that what is tested
is exactly what a scenario file can say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pricing.chains.network import Network

MOST_POLICIES = 5
"""Policies in one draw: 1 to this many."""
TARIFF_RATES = (0.05, 0.25, 1.0, 5.0)
"""Upper ends of the ad valorem rate; the rate is uniform below one of them."""
PRICE_SPREAD = 0.6
"""Standard deviation of log(reference / benchmark price) and log(strike / benchmark price)."""
PRICE_LIFT = 0.3
"""Mean of the same logarithms."""
FLOOR_SPREAD, FLOOR_LIFT = 0.4, 0.1
"""The same for the floor of intervention purchases."""
MAX_LEVIES = (50.0, 1000.0)
"""Ceilings of uniform levies [% of benchmark price]."""
QUOTA_SHARES = (0.0, 0.001, 0.01, 0.1)
"""Import quotas as shares of world trade in the good."""
OUTPUT_SHARES = (0.01, 0.3, 0.7, 1.0, 1.5)
"""Production quotas as shares of benchmark output [1]."""
OUTPUT_LIMITED = 0.25
"""Probability of a production quota beside the other policies; drawn after them [1]."""
CAP_SHARES = (0.0, 0.5, 0.9, 1.0, 1.5)
"""Volume caps of guarantees as shares of benchmark output."""
BUDGET_SHARES = (0.01, 0.1, 0.5)
"""Budgets as shares of benchmark output times the strike."""
KINDS = {
    "reference_price": 0.30,
    "tariff": 0.20,
    "price_guarantee": 0.20,
    "intervention_purchase": 0.12,
    "import_quota": 0.12,
    "export_ban": 0.06,
}
"""Probability of each instrument."""
LONG = 0.25
"""Probability of the long horizon; drawn after the policies [1]."""
GRANTED = 0.5
"""Probability of a capital grant in the long horizon [1]."""
GRANT_SHARES = (0.1, 0.3, 0.9)
"""Shares of the annuity that grants pay [1]."""
ZONE = "zone"
"""Name of the zone that draws refer to."""
SOURCE = "draw"
"""Name of the source that draws refer to."""

Document = dict[str, Any]


def quantity(value: float, unit: str) -> Document:
    return {"value": float(value), "unit": unit}


class Draw:
    """One random scenario on a network."""

    def __init__(self, network: Network, seed: list[int]) -> None:
        self.network = network
        self.rng = np.random.default_rng(seed)
        self.setting = network.setting

    def zone(self) -> list[str]:
        """Two to six members, the first region never among them."""
        count = min(int(self.rng.integers(2, 7)), len(self.setting.regions) - 1)
        picked = self.rng.choice(len(self.setting.regions) - 1, size=count, replace=False) + 1
        return [self.setting.regions[r] for r in sorted(picked)]

    def policies(self) -> list[Document]:
        """One to five policies; at most one reference-price policy with a uniform levy."""
        makers: dict[str, Callable[[], Document | None]] = {
            "reference_price": self._reference_price,
            "tariff": self._tariff,
            "price_guarantee": self._guarantee,
            "intervention_purchase": self._purchase,
            "import_quota": self._quota,
            "export_ban": self._ban,
        }
        self.mechanism = str(self.rng.choice(["border_levy", "uniform_levy"]))
        drawn: list[Document] = []
        for number in range(int(self.rng.integers(1, MOST_POLICIES + 1))):
            kind = str(self.rng.choice(list(KINDS), p=list(KINDS.values())))
            uniform = self.mechanism == "uniform_levy" or self.setting.one_price.any()
            if kind == "reference_price" and uniform and any(p["kind"] == kind for p in drawn):
                continue
            body = makers[kind]()
            if body is not None:
                drawn.append({"id": f"p{number}", "kind": kind, "source": SOURCE, **body})
        limit = self._output_limit() if self.rng.random() < OUTPUT_LIMITED else None
        if limit is not None:
            drawn.append({"id": "limit", "kind": "production_quota", "source": SOURCE, **limit})
        return drawn

    def _good(self) -> int:
        return int(self.rng.integers(len(self.setting.goods)))

    def _price(self, good: int, lift: float, spread: float) -> float:
        scale = float(self.setting.price_scale[good])
        return scale * float(np.exp(self.rng.normal(lift, spread)))

    def _maker(self) -> tuple[int, int] | None:
        """A good and a region that makes it."""
        good = self._good()
        regions = [r for r in range(len(self.setting.regions)) if self.setting.makers(good, r).size]
        return (good, int(self.rng.choice(regions))) if regions else None

    def _somewhere(self) -> list[str]:
        return [ZONE] if self.rng.random() < 0.5 else [str(self.rng.choice(self.setting.regions))]

    def _reference_price(self) -> Document | None:
        prices = {
            name: quantity(self._price(g, PRICE_LIFT, PRICE_SPREAD), "USD/t")
            for g, name in enumerate(self.setting.goods)
            if self.rng.random() < 0.6
        }
        if not prices:
            return None
        mechanism: Document = {"kind": self.mechanism}
        if self.mechanism == "border_levy":
            compare_at = str(self.rng.choice(["fob", "cif", "duty_paid"]))
            capture = float(self.rng.choice([0.0, 0.5, 1.0]))
            if self.setting.one_price.any():  # one levy for all origins: others are refused
                compare_at, capture = "duty_paid", float(np.ceil(capture))
            mechanism |= {"compare_at": compare_at, "rent_capture": quantity(capture, "1")}
        else:
            mechanism["max_levy"] = quantity(self.rng.choice(MAX_LEVIES), "%")
            mechanism["pooled"] = bool(self.rng.random() < 0.3)
        return {
            "zone": [ZONE],
            "level": {"kind": "fixed", "prices": prices},
            "mechanism": mechanism,
        }

    def _tariff(self) -> Document:
        rate = self.rng.choice(TARIFF_RATES) * self.rng.random()
        origins = ["all"] if self.rng.random() < 0.5 else [self.setting.regions[0]]
        destinations = self._somewhere()
        return {
            "good": self.setting.goods[self._good()],
            "origins": origins,
            "destinations": [ZONE] if destinations == origins else destinations,
            "rate": quantity(rate, "1"),
        }

    def _guarantee(self) -> Document | None:
        at = self._maker()
        if at is None:
            return None
        good, region = at
        strike = self._price(good, PRICE_LIFT, PRICE_SPREAD)
        made = float(self.setting.benchmark_output[good, region])
        body: Document = {
            "good": self.setting.goods[good],
            "region": self.setting.regions[region],
            "strike": quantity(strike, "USD/t"),
            "share_down": quantity(self.rng.choice([0.5, 1.0]), "1"),
        }
        if self.rng.random() < 0.4:
            body["upper"] = quantity(strike * self.rng.uniform(1.0, 1.5), "USD/t")
            body["share_up"] = quantity(0.3, "1")
        which = self.rng.random()
        if which < 0.3:
            body["cap"] = quantity(made * self.rng.choice(CAP_SHARES), "t/yr")
        elif which < 0.6:
            body["budget"] = quantity(made * strike * self.rng.choice(BUDGET_SHARES), "USD")
            body["budget_rule"] = str(self.rng.choice(["per_contract", "pro_rata"]))
        if self.rng.random() < 0.3 and self.setting.makers(good, 0).size:
            body["index"] = {"kind": "region_price", "region": self.setting.regions[0]}
        return body

    def _purchase(self) -> Document | None:
        at = self._maker()
        if at is None:
            return None
        good, region = at
        body: Document = {
            "good": self.setting.goods[good],
            "region": self.setting.regions[region],
            "floor": quantity(self._price(good, FLOOR_LIFT, FLOOR_SPREAD), "USD/t"),
        }
        if self.rng.random() < 0.5:
            scale = float(self.setting.quantity_scale[good, region])
            body["cap"] = quantity(scale * self.rng.random(), "t/yr")
        return body

    def _quota(self) -> Document:
        good = self._good()
        quota = float(self.network.flow[good].sum()) * self.rng.choice(QUOTA_SHARES)
        return {
            "good": self.setting.goods[good],
            "destinations": self._somewhere(),
            "quota": quantity(quota, "t/yr"),
            "rent_to": str(self.rng.choice(["importer", "exporter"])),
        }

    def _output_limit(self) -> Document | None:
        maker = self._maker()
        if maker is None:
            return None
        good, region = maker
        made = float(self.setting.benchmark_output[good, region])
        quota = made * float(self.rng.choice(OUTPUT_SHARES))
        if quota <= 0.0:
            return None
        return {
            "good": self.setting.goods[good],
            "regions": [self.setting.regions[region]],
            "quota": quantity(quota, "t/yr"),
        }

    def _ban(self) -> Document:
        return {
            "goods": [self.setting.goods[self._good()]],
            "origins": [self.setting.regions[0]],
            "destinations": [ZONE] if self.rng.random() < 0.7 else ["all"],
        }


def in_the_long_run(document: Document, network: Network, seed: list[int]) -> Document:
    """The same draw, in one of four cases in the long horizon, where capital may be granted.

    Capacity has a constant cost only where no payment on output is without a limit: with one above
    that cost there is no equilibrium.
    """
    draw = Draw(network, [*seed, 1])
    if draw.rng.random() >= LONG:
        return document
    policies = list(document["policies"])
    maker = draw._maker() if draw.rng.random() < GRANTED else None
    if maker is not None:
        good, region = maker
        policies.append(
            {
                "id": "grant",
                "kind": "capital_grant",
                "source": SOURCE,
                "good": network.goods[good],
                "region": network.regions[region],
                "share": quantity(draw.rng.choice(GRANT_SHARES), "1"),
            }
        )
    paid = ("price_guarantee", "intervention_purchase")
    unlimited = any(p["kind"] in paid and not {"cap", "budget"} & set(p) for p in policies)
    constant = draw.rng.random() < 0.4 and not unlimited
    assumptions = document.get("assumptions", {}) | {
        "horizon": "long",
        "expansion": "constant_cost" if constant else "rising_cost",
    }
    return document | {"policies": policies, "assumptions": assumptions}


def scenario(network: Network, chain: str, seed: list[int]) -> Document:
    """Plain data of one random scenario."""
    draw = Draw(network, seed)
    return {
        "id": "draw_" + "_".join(str(part) for part in seed),
        "title": "Random draw",
        "description": "A random mix of policies for robustness tests.",
        "chain": chain,
        "sources": {
            SOURCE: {
                "text": "random draw",
                "date": "2026",
                "grade": "illustrative",
                "derivation": "Drawn from the ranges of benchmarks/policies.py",
            }
        },
        "zones": {ZONE: draw.zone()},
        "policies": draw.policies(),
    }
