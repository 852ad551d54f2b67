"""Random mixes of every instrument on any calibrated chain, beside the draws of policies.py."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.border_draws import BorderDraw
from benchmarks.home_draws import HomeDraw
from benchmarks.policies import SOURCE, Document, quantity
from benchmarks.policies import scenario as plain_scenario
from benchmarks.rules import Rules
from pricing.chains.network import Network
from pricing.economics.sourcing import Law

MOST_MORE = 3
"""Instruments added to the plain draw: none to this many."""
HIDDEN = 0.25
"""Probability that one good may be sold under another country's name [1]."""
LIFTS = ("reference_price", "minimum_import_price", "undertaking")
"""Kinds that lift a price at the border."""
FILLS = ("stepped_safeguard", "entry_price")
"""Kinds that charge how far an invoice lies below a price."""


class Mix(BorderDraw, HomeDraw):
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


def scenario(network: Network, chain: str, seed: list[int]) -> Document:
    """Plain data of one random scenario with any instrument."""
    document = plain_scenario(network, chain, seed)
    drawn, mix = document["policies"], Mix(network, [*seed, 1])
    hidden = mix.hidden()
    return document | {
        "policies": Rules(network, [*seed, 2]).added([*drawn, *mix.more(drawn)]),
        "assumptions": {"transshipments": hidden},
    }
