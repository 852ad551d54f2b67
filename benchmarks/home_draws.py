"""Random policies at home: what treasuries pay makers, users and stocks."""

from __future__ import annotations

import numpy as np

from benchmarks.policies import FLOOR_LIFT, PRICE_LIFT, PRICE_SPREAD, Document, Draw, quantity


class HomeDraw(Draw):
    """Random payments to makers and users of a good, and stocks of it."""

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
