"""What limits and contracts that meet leave undone or undecided."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.accounts.books import Books
from pricing.accounts.notices import Code, Warning_
from pricing.accounts.notices import price as in_words

SHORT = 1e-6
"""A smaller share of a contract that is missing is rounding [1]."""


def undelivered(books: Books) -> Iterator[Warning_]:
    """Contracts on tonnes that do not arrive: shut routes, and users who take no more for nothing.

    A limit that counts tonnes with a minus asks for at least so many.
    """
    program, network = books.program, books.program.network
    for number, limit in enumerate(program.terms.limits):
        arcs, weight = limit.flow
        if limit.constant >= 0.0 or not (weight < 0.0).any():
            continue
        asked, arrives = -limit.constant, float(books.state.flow[0].ravel()[arcs].sum())
        if asked - arrives <= SHORT * asked:
            continue
        discount = float(books.state.multiplier[0, number])
        if program.open_arcs.ravel()[arcs].any():
            why = (
                f"even at a discount of {in_words(discount)}, which leaves a price of zero, users "
                "take no more"
            )
        else:
            why = "its route is shut"
        buyer = network.regions[int(arcs[0]) % len(network.regions)]
        text = (
            f"Not delivered: '{limit.policy}' binds {asked:,.6g} t, and {arrives:,.6g} t of them "
            f"arrive in {buyer}, because {why}. Nothing is paid for the tonnes that are missing."
        )
        numbers = {"contracted": asked, "delivered": arrives}
        yield Warning_(Code.UNDELIVERED, text, limit.policy, numbers)
