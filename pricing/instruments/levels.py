"""How high a reference price is: stated good by good, or carried down a ladder."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import Declared, GoodId
from pricing.core.quantities import Price, Scaled
from pricing.errors import Fault, InputError
from pricing.instruments.terms import Setting


class FixedLevel(Declared):
    """A stated price for each good."""

    kind: Literal["fixed"] = "fixed"
    prices: Annotated[dict[GoodId, Price], Field(min_length=1)]
    """Good -> reference price."""

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> reference price [USD/t]."""
        return {
            setting.good(good, f"{where}.prices.{good}"): setting.usd_per_tonne(
                good, price, f"{where}.prices.{good}"
            )
            for good, price in self.prices.items()
        }


class LadderLevel(Declared):
    """One anchor price carried downstream by input coefficients and conversion margins."""

    kind: Literal["ladder"] = "ladder"
    anchor: GoodId
    """Good whose price is stated."""
    price: Price
    """Reference price of the anchor."""
    margins: Annotated[dict[GoodId, Annotated[Price, Scaled.MARKUP]], Field(min_length=1)]
    """Good downstream of the anchor -> conversion margin per tonne of that good."""

    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> reference price [USD/t]: ``sum of recipe x input price + margin``."""
        anchor = setting.good(self.anchor, f"{where}.anchor")
        level = {anchor: setting.usd_per_tonne(self.anchor, self.price, f"{where}.price")}
        wanted = {setting.good(good, f"{where}.margins.{good}"): good for good in self.margins}
        for good in sorted(wanted):
            inputs = np.flatnonzero(setting.recipe[good])
            missing = [setting.goods[i] for i in inputs if int(i) not in level]
            if missing or inputs.size == 0:
                need = f"{', '.join(missing)} has no rung" if missing else "it has no input"
                raise InputError(
                    [
                        Fault(
                            f"the ladder does not reach {wanted[good]}: {need}",
                            f"{where}.margins",
                            remedy="Give a margin for every good between the anchor and this one",
                        )
                    ]
                )
            name = wanted[good]
            margin = setting.usd_per_tonne(name, self.margins[name], f"{where}.margins.{name}")
            cost = sum(float(setting.recipe[good, i]) * level[int(i)] for i in inputs)
            level[good] = cost + margin
        return level


Level = Annotated[FixedLevel | LadderLevel, Field(discriminator="kind")]
