"""Several instruments on one route, under each law, against formulas and scipy.

The market is that of ``test_logit_border``: Home buys wheat from itself, from A and from B. What
each instrument does is written down again, as one system of equations and complementary pairs:

    invoice = p (1 + tax) + quota rent,  v = invoice (1 + ins) + freight
    landed  = v (1 + rates) + specific + safeguard + levy + licence + blend - discount
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.optimize import least_squares

import pricing
from pricing.chains.schema import Chain
from tests.oracle import test_logit_border as border
from tests.oracle.test_logit_border import ABROAD, DUTY, FREIGHT, INSURED, PLACES, Q0
from tests.support.chains import scenario_on

Array = np.ndarray
A, B = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
LAWS = ("logit", "armington", "homogeneous")
TO_HOME = {"good": "wheat", "destinations": ["Home"]}
AT_HOME = {"good": "wheat", "region": "Home"}
POLICIES: dict[str, dict[str, Any]] = {
    "tax": {"kind": "export_tax", "goods": ["wheat"], "origins": ["A"], "rate": "10 %"},
    "quota": {"kind": "export_quota", **TO_HOME, "origins": ["A"], "quota": "18 t/yr"},
    "tariff": {
        "kind": "tariff",
        **TO_HOME,
        "origins": ["A"],
        "rate": "15 %",
        "specific": "5 USD/t",
    },
    "safeguard": {"kind": "stepped_safeguard", **TO_HOME, "trigger": "130 USD/t"},
    "content": {
        "kind": "content_tariff",
        **TO_HOME,
        "basis": {
            "kind": "metal_value",
            "value_share": "30 %",
            "rate": "50 %",
            "rate_on_rest": "2 %",
        },
    },
    "levy": {
        "kind": "reference_price",
        "zone": ["Home"],
        "level": {"kind": "fixed", "prices": {"wheat": "150 USD/t"}},
        "mechanism": {"kind": "border_levy", "compare_at": "duty_paid"},
    },
    "guarantee": {
        "kind": "price_guarantee",
        **AT_HOME,
        "strike": "150 USD/t",
        "share_down": "50 %",
        "cap": "50 t/yr",
    },
    "subsidy": {"kind": "production_subsidy", **AT_HOME, "amount": "6 USD/t"},
    "licences": {
        "kind": "import_quota",
        **TO_HOME,
        "quota": "48 t/yr",
        "rent_to": "importing_treasury",
    },
    "cap": {"kind": "sourcing_cap", "good": "wheat", "origins": ["A"], "buyers": ["Home"]}
    | {"share": "25 %"},
    "buyer": {"kind": "intervention_purchase", **AT_HOME, "floor": "118 USD/t", "cap": "6 t/yr"},
    "offtake": {"kind": "offtake", "good": "wheat", "region": "B", "tonnes": "27 t/yr"}
    | {"buyer": "Home", "offtaker": "Home"},
}
MIXES = (
    ("tax", "quota", "tariff", "safeguard", "content", "levy", "guarantee", "subsidy"),
    ("tax", "tariff", "safeguard", "levy"),
    ("quota", "content", "guarantee", "subsidy"),
    ("licences", "tax", "tariff", "offtake"),
    ("cap", "licences", "offtake", "guarantee"),
    ("buyer", "cap", "tariff", "safeguard"),
)
RATES = ((0.1, 0.3), (0.4, 0.2), (0.6, 0.2), (0.75, 0.2))
"""Falls below the trigger of a safeguard, and what each adds to the share taken."""


def world(law: str) -> tuple[Chain, Array]:
    """The chain and its base-year prices: homogeneous wheat lands at 110 from everywhere."""
    price = (110.0 / (1.0 + DUTY) - FREIGHT) / INSURED if law == "homogeneous" else border.P0
    data = border.chain().model_dump(mode="json", exclude_unset=True)
    for row in data["benchmarks"]["base"]["rows"]:
        if row["variable"] == "producer_price":
            row["value"] = float(price[PLACES.index(row["region"])])
    if law == "armington":
        data["goods"][0]["sourcing"]["law"] = law
    return Chain.model_validate(data), price


def pair(value: float, slack: float) -> float:
    """Zero where both are positive or zero, and one of them is zero (Fischer and Burmeister)."""
    return float(value + slack - np.hypot(value, slack))


class Point(NamedTuple):
    """Prices, tonnes, and one multiplier an instrument."""

    p: Array
    f: Array
    index: float
    rent: float
    cut: float
    levy: float
    scarce: float
    blend: float
    bought: float
    discount: float

    @staticmethod
    def at(z: Array) -> Point:
        return Point(100.0 * z[:3], 50.0 * z[3:6], 100.0 * z[6], *(10.0 * z[7:]))


class Mix:
    """The equations of some instruments under a law."""

    def __init__(self, law: str, on: tuple[str, ...], price: Array):
        self.law, self.on, self.price = law, on, price
        self.cost = border.paid(price)
        self.average = float(Q0 @ self.cost) / 100.0

    def has(self, name: str) -> float:
        return float(name in self.on)

    def border(self, z: Point) -> tuple[Array, Array]:
        """Landed prices, and what Home's treasury gets of a tonne by origin."""
        asked = z.p * (1.0 + 0.1 * A * self.has("tax")) + A * z.rent
        value = asked * INSURED + FREIGHT
        rates = DUTY + 0.15 * A * self.has("tariff") + 0.164 * ABROAD * self.has("content")
        fall = 130.0 - value
        guard = sum(add * np.maximum(fall - edge * 130.0, 0.0) for edge, add in RATES) * ABROAD
        due = rates * value + 5.0 * A * self.has("tariff") + guard * self.has("safeguard")
        top = np.maximum(150.0 - value - due, 0.0) * ABROAD * self.has("levy")
        if self.law == "homogeneous":  # one levy, up to the one delivered price
            top = z.levy * ABROAD
        held = due + top + z.scarce * ABROAD
        return value + held + z.blend * (A - 0.25) - z.discount * B, held

    def payment(self, z: Point) -> tuple[float, float]:
        """What guarantee and subsidy pay for one more tonne at Home, and the whole gap."""
        gap = 0.5 * max(0.0, 150.0 - z.p[0]) * self.has("guarantee")
        return gap * (1.0 - z.cut) + 6.0 * self.has("subsidy"), gap

    def supply(self, z: Point) -> Array:
        pay = z.p + self.payment(z)[0] * np.array([1.0, 0.0, 0.0])
        return np.asarray(Q0 * (1.0 + 0.8 * (pay / self.price - 1.0)))

    def bought(self, z: Point, landed: Array) -> list[float]:
        """What the law of sourcing misses."""
        use = 100.0 * (1.0 - 0.5 * (z.index / self.average - 1.0))
        if self.law == "homogeneous":
            pairs = zip(z.f / 50.0, (landed - z.index) / 100.0, strict=True)
            return [*(pair(*each) for each in pairs), (z.f.sum() - use) / 50.0]
        if self.law == "logit":
            theta = 4.0 / self.average
            share = Q0 / 100.0 * np.exp(theta * (self.cost - landed))
            index = self.average - float(np.log(share.sum())) / theta
            flow = use * share / share.sum()
        else:
            worth = Q0 * self.cost / (Q0 @ self.cost)
            index = self.average * float(worth @ (landed / self.cost) ** -3.0) ** (-1.0 / 3.0)
            flow = use / 100.0 * Q0 * (z.index / self.average * self.cost / landed) ** 4.0
        return [*(z.f - flow) / 50.0, (z.index - index) / 100.0]

    def misses(self, flat: Array) -> Array:
        """Markets, the law, and one condition for each multiplier."""
        z = Point.at(flat)
        landed, _ = self.border(z)
        made, f = self.supply(z), z.f
        over = np.array([z.bought, 0.0, 0.0])
        cut = np.minimum(z.cut, np.maximum(z.cut - 1.0, (50.0 - made[0]) / 50.0))
        buys = np.minimum(z.bought, np.maximum(z.bought - 6.0, (z.p[0] - 118.0) / 100.0))
        held = {
            "quota": (z.rent, pair(z.rent / 10.0, (18.0 - f[1]) / 50.0)),
            "guarantee": (z.cut, cut),
            "levy": (z.levy, pair(z.levy / 100.0, (z.index - 150.0) / 100.0)),
            "licences": (z.scarce, pair(z.scarce / 10.0, (48.0 - f[1] - f[2]) / 50.0)),
            "cap": (z.blend, pair(z.blend / 10.0, (0.25 * f.sum() - f[1]) / 50.0)),
            "buyer": (z.bought, buys),
            "offtake": (z.discount, pair(z.discount / 10.0, (f[2] - 27.0) / 50.0)),
        }
        if self.law != "homogeneous":
            held["levy"] = (z.levy, z.levy)
        conditions = [pairs[name in self.on] for name, pairs in held.items()]
        return np.array([*(made - over - f) / 50.0, *self.bought(z, landed), *conditions])

    def solved(self) -> Point:
        """The point where nothing is missed, from one of several starts."""
        rng = np.random.default_rng(0)
        start = np.array([*self.price / 100.0, *Q0 / 50.0, self.average / 100.0, *[0.1] * 7])
        for _ in range(40):
            found = least_squares(self.misses, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
            if found.cost < 1e-24:
                return Point.at(found.x)
            start = start * rng.uniform(0.7, 1.3, start.size)
            start[7:] = rng.uniform(0.0, 3.0, 7)
        raise AssertionError(f"no start of scipy solves it: {found.cost}")


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("on", MIXES, ids="-".join)
def test_a_mix_on_one_route(law: str, on: tuple[str, ...]) -> None:
    chain, price = world(law)
    mix = Mix(law, on, price)
    due = mix.solved()
    landed, held = mix.border(due)
    made, (_, gap) = mix.supply(due), mix.payment(due)
    paid = gap * min(made[0], 50.0) + 6.0 * made[0] * mix.has("subsidy") + 118.0 * due.bought
    assumptions = {"homogeneous": ["wheat"]} if law == "homogeneous" else {}

    result = pricing.solve(
        scenario_on(chain, *(POLICIES[name] for name in on), assumptions=assumptions)
    )

    state, agents = result.solved.state, result.accounts.agents
    before = (DUTY * border.cif(price)) @ Q0
    for found, expected in (
        (state.price[0, 0], due.p),
        (state.flow[0, 0, :, 0], due.f),
        (state.index[0, 0, 0], due.index),
        (state.landed[0, 0, :, 0], landed),
        (agents.treasuries[0, 0], held @ due.f - paid - before),
        (agents.treasuries[0, 1], 0.1 * due.p[1] * due.f[1] * mix.has("tax")),
        (agents.exporters.sum(), due.rent * due.f[1]),
        (agents.licence_holders.sum(), -due.discount * due.f[2]),
    ):
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-6)
    assert all(check.passed for check in result.accounts.checks)
