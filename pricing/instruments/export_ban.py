"""Export ban: an origin ships nothing to some destinations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pricing.core.declared import GoodId
from pricing.instruments.policy import Places, Policy
from pricing.instruments.terms import Setting, Terms


class ExportBan(Policy):
    """Closes every arc from ``origins`` to ``destinations`` across a customs border.

    The arcs leave the choice set before the solve; what can no longer be made for want of an
    input is shut too. Sales at home go on.
    """

    kind: Literal["export_ban"] = "export_ban"
    goods: Annotated[tuple[GoodId, ...], Field(min_length=1)]
    """Goods that may not leave."""
    origins: Places
    """Regions that ban exports."""
    destinations: Places
    """Regions that get nothing."""

    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append the closed arcs."""
        origins = setting.members(self.origins, self.where("origins"))
        destinations = setting.members(self.destinations, self.where("destinations"))
        closed = terms.zeros().astype(bool)
        pairs = self.charged(setting, origins, destinations)
        for name in self.goods:
            good = setting.good(name, self.where("goods"))
            closed[good] = pairs
        terms.closed.append((self.id, closed))
