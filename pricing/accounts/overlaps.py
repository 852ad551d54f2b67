"""What limits and contracts that meet leave undone or undecided."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.notices import Code, Warning_, million, some
from pricing.accounts.notices import price as in_words
from pricing.accounts.payments.take_or_pay import unused
from pricing.chains.network import Array
from pricing.instruments.terms import IntArray, Limit, Wedge

SHORT = 1e-6
"""A smaller share of a contract that is missing is rounding [1]."""
NOTHING = 1e-9
"""Flows and levels below this share of the good's output or the plant's size carry nothing [1]."""


def undelivered(books: Books) -> Iterator[Warning_]:
    """Contracts on tonnes that do not arrive: shut routes, and users who take no more for nothing.

    A limit that counts tonnes with a minus asks for at least so many.
    """
    program, network = books.program, books.program.network
    paying = tuple(unused(program, books.state))
    for number, limit in enumerate(program.terms.limits):
        arcs, weight = limit.flow
        if limit.constant >= 0.0 or not (weight < 0.0).any():
            continue
        asked, arrives = -limit.constant, float(books.state.flow[0].ravel()[arcs].sum())
        if asked - arrives <= SHORT * asked:
            continue
        discount = float(books.state.multiplier[0, number])
        if program.open_arcs.ravel()[arcs].any():
            composite = network.setting.composite[int(arcs[0]) // len(network.regions) ** 2]
            left = "a twentieth of the base-year price" if composite else "a price of zero"
            why = (
                f"even at a discount of {in_words(discount)}, which leaves {left}, users "
                "take no more"
            )
        else:
            why = "its route is shut"
        buyer = network.regions[int(arcs[0]) % len(network.regions)]
        sums = [amount for one, _, amount in paying if one.policy == limit.policy]
        paid = sum(float(amount[0].sum()) for amount in sums)
        text = (
            f"Not delivered: '{limit.policy}' binds {asked:,.6g} t, and {arrives:,.6g} t of them "
            f"arrive in {buyer}, because {why}. {_on_missing(books, limit, paid)}"
        )
        numbers = {"contracted": asked, "delivered": arrives, "paid": paid}
        yield Warning_(Code.UNDELIVERED, text, limit.policy, numbers)


def _on_missing(books: Books, contract: Limit, paid: float) -> str:
    """What is paid for the tonnes of a contract that do not arrive."""
    if not books.program.open_arcs.ravel()[contract.flow[0]].any():
        return "Neither side can perform, so nothing is due for them."
    text = f"Take or pay: the offtaker pays {million(paid)} for the rest, at the ex-works price"
    if any(support.policy == contract.policy for support in books.program.terms.supports):
        text += ", and settles the contract price on all contract tonnes that are made"
    return f"{text}."


def not_by_its_plants(books: Books) -> Iterator[Warning_]:
    """Contracts whose tonnes arrive, though the plants that they name make fewer."""
    network = books.program.network
    for limit in books.program.terms.limits:
        if limit.constant >= 0.0 or not limit.makers.size:
            continue
        good = int(limit.flow[0][0]) // len(network.regions) ** 2
        arrives = float(books.state.flow[0].ravel()[limit.flow[0]].sum())
        bound = min(-limit.constant, arrives)
        made = float(books.state.level[0, limit.makers] @ network.outputs[limit.makers, good])
        if bound - made <= SHORT * bound:
            continue
        names = some([network.processes[k] for k in limit.makers])
        text = (
            f"'{limit.policy}' binds {bound:,.6g} t of {network.goods[good]}, and {names} make "
            f"{made:,.6g} t: the rest comes from others in the same region."
        )
        numbers = {"contracted": bound, "made": made}
        yield Warning_(Code.UNDELIVERED, text, limit.policy, numbers)


def open_splits(books: Books) -> Iterator[Warning_]:
    """Limits of several holders that bind as one: only the sum of their rents is determined.

    Multipliers are unique where the rows of what binds are linearly independent. The rows are
    those of limits and of origins, which sell what they make, over the flows, levels and tonnes
    beyond quotas that are not zero.
    """
    program, state = books.program, books.state
    scale = np.array([limit.scale for limit in program.terms.limits])
    rents = state.multiplier[0, : scale.size]
    numbers = [
        n
        for n, limit in enumerate(program.terms.limits)
        if _rations(limit) and rents[n] > SHORT * scale[n]
    ]
    holders = {n: _holder(program.terms.limits[n]) for n in numbers}
    if len(set(holders.values())) < 2:
        return
    made = state.output[0].sum(axis=1)[:, None, None]
    flows = np.flatnonzero(state.flow[0] > NOTHING * made)
    levels = np.flatnonzero(state.level[0] > NOTHING * books.program.network.level_scale)
    beyond = [n for n, limit in enumerate(program.terms.limits) if limit.over_quota]
    beyond = [n for n in beyond if rents[n] > SHORT * scale[n]]
    arrays = program.limit
    rows = np.hstack(
        [
            arrays.flow[numbers].reshape(len(numbers), -1)[:, flows],
            arrays.level[numbers][:, levels],
            -arrays.link[numbers][:, beyond],
        ]
    )
    sales = np.pad(_sales(books, flows, levels), ((0, 0), (0, len(beyond))))
    together = _dependent(rows, sales)
    groups = [numbers[row] for row in together]
    if len({holders[n] for n in groups}) < 2:
        return
    names = [f"'{name}'" for name in dict.fromkeys(program.terms.limits[n].policy for n in groups)]
    text = (
        f"The split of the rent among {some(names)} is not determined: they limit the same trade "
        "to the same tonnes and their rents go to different holders. Prices and tonnes are exact, "
        "and so is the sum of these rents but for duties on them."
    )
    worth = {program.terms.limits[n].name: float(rents[n]) for n in groups}
    yield Warning_(Code.RENT_SPLIT_OPEN, text, program.terms.limits[groups[0]].policy, worth)


def _rations(limit: Limit) -> bool:
    """Whether the multiplier is a rent on tonnes shipped or made: of a quota, not of a payment."""
    counts = (limit.flow[1] > 0.0).any() or limit.acts_on_margin[0].size > 0
    return bool(counts and limit.wedge is not Wedge.LEVY)


def _holder(limit: Limit) -> str:
    """Who gets the rent."""
    return "makers" if limit.wedge is None else limit.wedge.value


def _sales(books: Books, flows: IntArray, levels: IntArray) -> Array:
    """One row for each good and origin: tonnes made less tonnes sold.

    Origins where a public buyer takes part, or that throw some away, are left out: there sales may
    be less.
    """
    network, state = books.program.network, books.state
    goods, regions = len(network.goods), len(network.regions)
    left = state.output[0] - state.flow[0].sum(axis=-1)
    whole = (np.abs(left) <= SHORT * np.maximum(state.output[0], 1e-300)).ravel()
    rows = np.zeros((goods * regions, flows.size + levels.size))
    rows[flows // regions, np.arange(flows.size)] = -1.0
    for n, k in enumerate(levels):
        at = np.arange(goods) * regions + network.process_region[k]
        rows[at, flows.size + n] = network.outputs[k]
    return np.asarray(rows[whole & (rows != 0.0).any(axis=1)])


def _dependent(rows: Array, others: Array) -> IntArray:
    """Rows that are combinations of further rows and of the others."""
    found = []
    everything = np.vstack([rows, others])
    rank = np.linalg.matrix_rank(everything)
    for n in range(len(rows)):
        if np.linalg.matrix_rank(np.delete(everything, n, axis=0)) == rank:
            found.append(n)
    return np.array(found, dtype=np.intp)
