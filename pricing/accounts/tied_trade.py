"""Homogeneous goods whose base-year routes tie: what a policy moves among them moves by a jump.

Premiums make every route that was used in the base year cost its buyer exactly the delivered price.
Which of them carries the trade is then decided by the least difference that a policy makes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.notices import Code, Warning_
from pricing.equilibrium.ties import tied_routes

NOTABLE = 0.01
"""Smaller shares of a good's trade that change routes are not worth a warning [1]."""


def tied_trade(books: Books) -> Iterator[Warning_]:
    """Trade that changed routes among ties of the base year, beyond what sales and use ask for.

    With the same sales and use no flow would have to change: what flows change in sum beyond the
    larger of the changes of sales and of use has only changed routes.
    """
    network, homogeneous = books.program.network, books.base_program.routes.goods
    if not homogeneous.size:
        return
    tied = tied_routes(books.base_program, books.base)[0]
    for g, routes in zip(homogeneous, tied, strict=True):
        old = books.base.flow[0, g]
        change = np.where(routes, books.state.flow[0, g] - old, 0.0)
        ends = max(np.abs(change.sum(axis=n)).sum() for n in (0, 1))
        moved, total = 0.5 * float(np.abs(change).sum() - ends), float(old.sum())
        if moved > NOTABLE * total:
            good = network.goods[g]
            text = (
                f"Base-year routes of {good} cost their buyers exactly the same, and "
                f"{moved:,.0f} t ({moved / total:.0%} of all) changed routes without need. Which "
                "of the tied routes carries the trade is decided by the least policy: receipts of "
                "existing duties and net welfare move with it, by a jump."
            )
            yield Warning_(Code.TIED_TRADE, text, good, {"tonnes": moved, "share": moved / total})
