"""Origin rule: proof of where a good was made, so that hiding it costs more or stops."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from pricing.core.declared import Declared, GoodId
from pricing.core.quantities import Price, Scaled
from pricing.errors import Fault, InputError
from pricing.instruments.policy import Places, Policy
from pricing.instruments.terms import ALL, Array, BoolArray, Evasion, Setting, Terms, Wedge, filled
from pricing.instruments.trade import Trade


class Dearer(Declared):
    """Papers and audits make hiding dearer by an amount per tonne."""

    kind: Literal["dearer"] = "dearer"
    cost: Annotated[Price, Scaled.MARKUP, Field(title="Added cost of hiding")]
    """Added to what hiding costs already."""


class Shut(Declared):
    """Goods whose true origin is hidden no longer pass."""

    kind: Literal["shut"] = "shut"


Effect = Annotated[Dearer | Shut, Field(discriminator="kind")]


class OriginRule(Policy):
    """Importers check where goods were made ("smelted in", "separated in").

    It acts on the disguised routes that the assumptions declare (``transshipments``), and on
    nothing else: honest goods carry their proof at no cost.
    """

    kind: Literal["origin_rule"] = "origin_rule"
    goods: Annotated[tuple[GoodId, ...], Field(min_length=1)]
    """Goods whose origin is checked."""
    destinations: Places
    """Importers that check."""
    origins: Annotated[Places, Field(title="True origins")] = (ALL,)
    """True origins that are looked for."""
    via: Annotated[Places, Field(title="Third countries")] = (ALL,)
    """Third countries whose goods are checked."""
    effect: Annotated[Effect, Field(title="What the check does")]
    """What the check does to hidden goods."""

    @property
    def rent_role(self) -> Wedge:
        """On top of the landed price, received by nobody."""
        return Wedge.LOST

    def rent(self, trade: Trade) -> Array:
        """What the rule adds to the cost of hiding."""
        return np.broadcast_to(self._added(trade.setting), trade.flow.shape)

    def _added(self, setting: Setting) -> Array:
        """(G, R, R) added cost on hidden routes [USD/t]."""
        cost = np.zeros(setting.benchmark_flow.shape)
        if isinstance(self.effect, Dearer):
            where = self.where("effect.cost")
            for name in self.goods:
                amount = setting.usd_per_tonne(name, self.effect.cost, where)
                hidden = self._hidden(setting)
                hidden[np.arange(len(setting.goods)) != setting.good(name, "")] = False
                cost = cost + filled(hidden, amount, 0.0)
        return cost

    def _hidden(self, setting: Setting) -> BoolArray:
        """(G, R, R) disguised routes that the rule looks at."""
        true = setting.members(self.origins, self.where("origins"))[setting.true_origin]
        named = setting.members(self.via, self.where("via"))[setting.sold_as]
        buyers = setting.members(self.destinations, self.where("destinations"))
        pairs = (~setting.proper & true & named)[:, None] & buyers
        mask = np.zeros(setting.benchmark_flow.shape, dtype=bool)
        for name in self.goods:
            mask[setting.good(name, self.where("goods"))] = pairs
        return mask

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append an added cost, or closed routes.

        Raises
        ------
        InputError
            If no route is disguised that it could look at.
        """
        hidden = self._hidden(setting)
        if not hidden.any():
            problem = "no disguised route is covered: there is nothing to find"
            remedy = "Declare 'assumptions.transshipments', or name other places"
            raise InputError([Fault(problem, f"policies.{self.id}", remedy=remedy)])
        if isinstance(self.effect, Shut):
            terms.closed.append((self.id, hidden))
        else:
            terms.evasions.append(Evasion(self.id, self.kind, self._added(setting)))
