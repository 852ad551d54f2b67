"""Random mixes of every instrument on any calibrated chain, beside the draws of policies.py."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.policies import FLOOR_LIFT, PRICE_LIFT, PRICE_SPREAD, SOURCE, ZONE, Document, Draw
from benchmarks.policies import _quantity as quantity
from benchmarks.policies import scenario as plain_scenario
from benchmarks.rules import Rules
from pricing.chains.network import Network
from pricing.economics.sourcing import Law

MOST_MORE = 3
"""Instruments added to the plain draw: none to this many."""
SHARES_OF_TRADE = (0.05, 0.3, 0.7, 1.0, 1.3)
"""Quotas as shares of base-year trade on their routes."""
HIDDEN = 0.25
"""Probability that one good may be sold under another country's name [1]."""
RENTS = ("importer", "exporter", "importing_treasury", "exporting_treasury", "delay")
"""Holders of rents."""

LIFTS = ("reference_price", "minimum_import_price", "undertaking")
"""Kinds that lift a price at the border."""
FILLS = ("stepped_safeguard", "entry_price")
"""Kinds that charge how far an invoice lies below a price."""


class Mix(Draw):
    """One random scenario of all instruments."""

    def more(self, already: list[Document]) -> list[Document]:
        """None to three policies beside those that were drawn already."""
        self.already = already
        makers: dict[str, Callable[[], Document | None]] = {
            "tariff_rate_quota": self._tariff_rate_quota,
            "export_tax": self._export_tax,
            "export_quota": self._export_quota,
            "export_licence": self._export_licence,
            "stepped_safeguard": self._safeguard,
            "entry_price": self._entry_price,
            "minimum_import_price": self._minimum_price,
            "undertaking": self._undertaking,
            "content_tariff": self._content,
            "price_guarantee": self._capped_upside,
            "production_subsidy": self._subsidy,
            "input_subsidy": self._input_subsidy,
            "margin_guarantee": self._margin,
            "sourcing_cap": self._cap,
            "stockpile": self._stock,
            "offtake": self._offtake,
            "tariff": self._layer,
            "origin_rule": self._origin_rule,
        }
        drawn: list[Document] = []
        for number in range(int(self.rng.integers(0, MOST_MORE + 1))):
            kind = str(self.rng.choice(list(makers)))
            body = makers[kind]()
            if body is not None and not self._clashes(kind, body):
                drawn.append({"id": f"m{number}", "kind": kind, "source": SOURCE, **body})
                self.already = [*self.already, drawn[-1]]
        return drawn

    def _clashes(self, kind: str, body: Document) -> bool:
        """Whether it would be refused beside the plain policies: two of a kind on one tonne."""
        if "undertaking" in (kind, *(p["kind"] for p in self.already)) and kind in LIFTS:
            return any(p["kind"] in LIFTS for p in self.already)
        if kind == "minimum_import_price" and any(
            p.get("mechanism", {}).get("kind") == "uniform_levy" for p in self.already
        ):
            return True
        policies = [*self.already, {"kind": kind, **body}]
        filled = {p["good"] for p in policies if p["kind"] in FILLS}
        own_price = self.setting.goods, ~self.setting.one_price
        if filled & self._raised(policies) & {g for g, own in zip(*own_price, strict=True) if own}:
            return True  # customs would see the raised invoice
        if kind == "offtake" and "price" in body:
            at = body["good"], body["region"]
            return any((p.get("good"), p.get("region")) == at for p in self.already)
        return False

    @staticmethod
    def _raised(policies: list[Document]) -> set[str]:
        """Goods of which some policy has exporters raise their invoice."""
        return {
            good
            for policy in policies
            if policy["kind"] == "minimum_import_price"
            or policy.get("mechanism", {}).get("rent_capture", {"value": 0.0})["value"] > 0.0
            for good in policy.get("prices") or policy["level"]["prices"]
        }

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

    def _capped_upside(self) -> Document | None:
        """A share of the upside up to a cap, counted at the margin; no guarantee below."""
        at = self._maker()
        if at is None:
            return None
        good, region = at
        made = float(self.setting.benchmark_output[good, region])
        upper = self._price(good, 0.8, PRICE_SPREAD)
        return {
            "good": self.setting.goods[good],
            "region": self.setting.regions[region],
            "strike": quantity(0.5 * upper, "USD/t"),
            "share_down": quantity(0.0, "1"),
            "upper": quantity(upper, "USD/t"),
            "share_up": quantity(self.rng.uniform(0.1, 0.6), "1"),
            "cap_up": quantity(0.2 * upper * made * self.rng.random(), "USD"),
            "cap_up_at": "margin",
        }

    def _subsidy(self) -> Document | None:
        at = self._maker()
        if at is None:
            return None
        good, region = at
        price = float(self.setting.price_scale[good])
        body: Document = {
            "good": self.setting.goods[good],
            "region": self.setting.regions[region],
            "amount": quantity(0.3 * price * self.rng.random(), "USD/t"),
            "rate": quantity(0.2 * self.rng.random(), "1"),
        }
        if self.rng.random() < 0.3:
            made = float(self.setting.benchmark_output[good, region])
            body["budget"] = quantity(0.1 * made * price * self.rng.random(), "USD")
        return body

    def _input_subsidy(self) -> Document | None:
        users = np.argwhere(self.setting.inputs > 0.0)
        if not users.size:
            return None
        k, good = (int(at) for at in self.rng.choice(users))
        return {
            "good": self.setting.goods[good],
            "region": self.setting.regions[int(self.setting.process_region[k])],
            "amount": quantity(0.3 * self.setting.price_scale[good] * self.rng.random(), "USD/t"),
        }

    def _margin(self) -> Document | None:
        at = self._maker()
        if at is None:
            return None
        good, region = at
        revenue = float(
            self.setting.price_scale[good] * self.setting.benchmark_output[good, region]
        )
        return {
            "good": self.setting.goods[good],
            "region": self.setting.regions[region],
            "floor": quantity(revenue * self.rng.random(), "USD"),
            "fixed_cash_cost": quantity(0.2 * revenue * self.rng.random(), "USD"),
        }

    def _cap(self) -> Document:
        return {
            "good": self.setting.goods[self._good()],
            "origins": [self.setting.regions[0]],
            "buyers": self._somewhere(),
            "share": quantity(self.rng.uniform(0.05, 0.95), "1"),
        }

    def _stock(self) -> Document:
        good, region = self._good(), int(self.rng.integers(len(self.setting.regions)))
        used = float(self.setting.benchmark_flow[good, :, region].sum())
        tonnes = quantity(0.5 * used * self.rng.random(), "t/yr")
        which = self.rng.random()
        price = self._price(good, FLOOR_LIFT, PRICE_SPREAD)
        money = quantity(max(tonnes["value"] * price, 1e-3), "USD")
        rule: Document = {"kind": "quantity", "bought": tonnes}
        if which < 0.25:
            rule = {"kind": "quantity", "released": tonnes}
        elif which < 0.4:
            rule = {"kind": "budget", "budget": money}
        elif which < 0.7:
            most = {"most_bought": tonnes} if which < 0.55 else {"budget": money}
            band = {"buy_below": quantity(price, "USD/t")} | most
            rule = {"kind": "price_band", **band, "sell_above": quantity(1.3 * price, "USD/t")}
        return {
            "good": self.setting.goods[good],
            "region": self.setting.regions[region],
            "opening": quantity(tonnes["value"], "t"),
            "rule": rule,
            "valued": str(self.rng.choice(["zero", "market", "cost"])),
        }

    def _layer(self) -> Document | None:
        """A tariff that yields to another one, or includes it."""
        rules = {"yields_to", "higher_of"}
        others = [p for p in self.already if p["kind"] == "tariff" and not rules & set(p)]
        if not others:
            return None
        first = others[int(self.rng.integers(len(others)))]
        rule = str(self.rng.choice(["yields_to", "higher_of"]))
        where = {key: first[key] for key in ("good", "origins", "destinations")}
        return where | {"rate": quantity(self.rng.random(), "1"), rule: [first["id"]]}

    def hidden(self) -> list[Document]:
        """In one case of four, one good of the first region that a third country may sell."""
        self.routes: list[Document] = []
        good, regions = self._good(), self.setting.regions
        flow = self.setting.benchmark_flow[good]
        trade = flow.sum(axis=0) + flow.sum(axis=1) - 2.0 * np.diag(flow)
        names = [r for r in range(1, len(regions)) if trade[r] > 0.0]
        made = self.setting.benchmark_output[good, 0] > 0.0
        composite = self.network.law[good] is Law.ARMINGTON
        if self.rng.random() >= HIDDEN or not names or not made or composite:
            return []
        via = int(self.rng.choice(names))
        buyers = [r for r in range(1, len(regions)) if r != via and flow[:, r].sum() > 0.0]
        if not buyers:
            return []
        scale = float(self.setting.price_scale[good])
        self.routes = [
            {
                "good": self.setting.goods[good],
                "origin": regions[0],
                "via": regions[via],
                "destinations": [regions[r] for r in buyers],
                "share": quantity(0.5 * self.rng.random(), "1"),
                "evasion_cost": quantity(0.3 * scale * self.rng.random(), "USD/t"),
                "source": SOURCE,
            }
        ]
        return self.routes

    def _origin_rule(self) -> Document | None:
        if not self.routes:
            return None
        (route,) = self.routes
        effect: Document = {"kind": "shut"}
        if self.rng.random() < 0.7:
            effect = {"kind": "dearer", "cost": route["evasion_cost"]}
        return {"goods": [route["good"]], "destinations": ["all"], "effect": effect}

    def _offtake(self) -> Document | None:
        at = self._maker()
        if at is None:
            return None
        good, region = at
        made = float(self.setting.benchmark_output[good, region])
        to = self.setting.regions[int(self.rng.integers(len(self.setting.regions)))]
        body: Document = {
            "good": self.setting.goods[good],
            "region": self.setting.regions[region],
            "tonnes": quantity(max(made * self.rng.uniform(0.1, 1.2), 1e-6), "t/yr"),
            "offtaker": to,
            "public": bool(self.rng.random() < 0.5),
        }
        if self.rng.random() < 0.7:
            body["price"] = quantity(self._price(good, PRICE_LIFT, PRICE_SPREAD), "USD/t")
        if "price" not in body or self.rng.random() < 0.3:
            body["buyer"] = to
        return body


def scenario(network: Network, chain: str, seed: list[int]) -> Document:
    """Plain data of one random scenario with any instrument."""
    document = plain_scenario(network, chain, seed)
    drawn, mix = document["policies"], Mix(network, [*seed, 1])
    hidden = mix.hidden()
    return document | {
        "policies": Rules(network, [*seed, 2]).added([*drawn, *mix.more(drawn)]),
        "assumptions": {"transshipments": hidden},
    }
