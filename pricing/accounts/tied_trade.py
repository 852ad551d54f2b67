"""Homogeneous goods whose base-year routes tie: what a policy moves among them moves by a jump.

Premiums make every route that was used in the base year cost its buyer exactly the delivered price.
Which of them carries the trade is then decided by the least difference that a policy makes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.notices import Code, Warning_
from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.spatial import ends, route_loss
from pricing.equilibrium.ties import TIED, tied_routes

NOTABLE = 0.01
"""Smaller shares of a good's trade that change routes are not worth a warning [1]."""
STAYS = 1e-5
"""Weight of tonnes that leave their route against tonnes on the route that is dearest now [1]."""


def tied_trade(books: Books) -> Iterator[Warning_]:
    """Trade that changed routes among ties of the base year, beyond what sales and use ask for.

    With the same sales and use no flow would have to change: what flows change in sum beyond the
    larger of the changes of sales and of use has only changed routes. It has not jumped where the
    base year's sales and use, at the new costs of the routes, would stay where they were.
    """
    network, homogeneous = books.program.network, books.base_program.routes.goods
    if not homogeneous.size:
        return
    tied = tied_routes(books.base_program, books.base)[0]
    for h, (g, routes) in enumerate(zip(homogeneous, tied, strict=True)):
        old = books.base.flow[0, g]
        change = np.where(routes, books.state.flow[0, g] - old, 0.0)
        ends = max(np.abs(change.sum(axis=n)).sum() for n in (0, 1))
        moved, total = 0.5 * float(np.abs(change).sum() - ends), float(old.sum())
        if moved > NOTABLE * total:
            moved = min(moved, _jumps(books, h, routes))
        if moved > NOTABLE * total:
            good = network.goods[g]
            text = (
                f"Base-year routes of {good} cost their buyers exactly the same, and "
                f"{moved:,.0f} t ({moved / total:.0%} of all) changed routes without need. Which "
                "of the tied routes carries the trade is decided by the least policy: receipts of "
                "existing duties and net welfare move with it, by a jump."
            )
            yield Warning_(Code.TIED_TRADE, text, good, {"tonnes": moved, "share": moved / total})


def _jumps(books: Books, h: int, routes: BoolArray) -> float:
    """Tonnes of a good that leave their routes (R, R) at the least of a policy [t].

    With the base year's sales and use, at what routes now cost beyond the cheapest one; all of
    them, where these cannot be kept because routes are shut.
    """
    from scipy.optimize import linprog  # a third of a second, for ties only

    at, state = books.program.routes, books.state
    loss = route_loss(at, at.of(state.landed), at.of(state.index))[0, h] / at.price_scale[h]
    dearer: Array = np.where(loss > TIED, loss, 0.0)
    i, j = np.nonzero(routes & at.open[0, h])
    shut = routes & ~at.open[0, h]
    flow = books.base.flow[0, at.goods[h]]
    if float(flow[shut].sum()) > 0.0:
        return float(flow.sum())
    old, (_, sums) = flow[i, j], ends(at, np.full(i.size, h), i, j)
    scale = float(flow.sum())
    less = linprog(
        np.concatenate(
            [
                dearer[i, j] / max(float(dearer[i, j].max(initial=0.0)), TIED),
                np.full(2 * i.size, STAYS),
            ]
        ),
        A_eq=np.block(
            [
                [sums, np.zeros((sums.shape[0], 2 * i.size))],
                [np.eye(i.size), -np.eye(i.size), np.eye(i.size)],
            ]
        ),
        b_eq=np.concatenate([sums @ old, old]) / scale,
        bounds=(0.0, None),
    )
    return float(less.x[2 * i.size :].sum()) * scale if less.status == 0 else scale
