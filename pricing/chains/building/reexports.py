"""Trade by origin: re-exports are credited to the region that made the good."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from pricing.chains.building.reconcile import Array, ratio
from pricing.errors import Fault, InputError


class Sells(StrEnum):
    """What a region that both makes and imports a good sends abroad."""

    MIX = "mix"
    """Own output and imports in the proportion of its supply."""
    HOME_FIRST = "home_first"
    """Imports only: its own output is used at home."""
    OWN_FIRST = "own_first"
    """Its own output first, then imports."""


def origin_flows(
    production: Array, trade: Array, rules: Sequence[Sells] | None = None, name: str = "trade"
) -> Array:
    """Trade by origin from recorded trade: re-exports are credited to who made the good.

    Let ``e`` be the part of a region's exports that it made itself (by its rule), ``M`` its
    imports and ``X`` the composition of its exports by origin. Then
    ``X[k] = e[k] 1[k] + (1 - e[k]) sum_i trade[i, k] X[i] / M[k]``, a linear system.

    Parameters
    ----------
    production : (R,) array
        Output of each region; zero for a structural zero [t].
    trade : (R, R) array
        Recorded flows from row to column; the diagonal is ignored [t].
    rules : sequence of Sells, optional
        What each region exports; ``MIX`` where absent.
    name : str
        What is traded, for the error message.

    Returns
    -------
    (R, R) array
        Use by destination (column) and true origin (row), home use on the diagonal [t].

    Raises
    ------
    InputError
        If a region exports more than it makes and imports.

    Examples
    --------
    A makes 10 and sends 4 to B, which passes 3 on to C.

    >>> recorded = np.array([[0.0, 4.0, 0.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    >>> origin_flows(np.array([10.0, 0.0, 0.0]), recorded)[0].tolist()
    [6.0, 1.0, 3.0]
    """
    flow = np.array(trade, dtype=float)
    np.fill_diagonal(flow, 0.0)
    exports, imports = flow.sum(axis=1), flow.sum(axis=0)
    own = _own_part(production, exports, imports, list(rules or [Sells.MIX] * len(production)))
    arrivals = flow * ratio(np.ones_like(imports), imports)[None, :]  # share of i in k's imports
    size = len(production)
    forwarded = np.eye(size) - ((1.0 - own)[None, :] * arrivals).T
    composition = np.linalg.solve(forwarded, np.diag(own))  # row k: origins of k's exports
    kept = imports - (1.0 - own) * exports
    used = (arrivals.T @ composition).T * kept[None, :]
    used[np.diag_indices(size)] += production - own * exports
    left = np.minimum(kept, production - own * exports)
    short = np.flatnonzero(left < -1e-9 * exports)
    if short.size:
        text = f"{name}: regions {short.tolist()} export more than they make and import"
        raise InputError([Fault(text, remedy="Raise their output or lower the recorded exports")])
    return np.asarray(np.maximum(used, 0.0))


def _own_part(production: Array, exports: Array, imports: Array, rules: list[Sells]) -> Array:
    """Part of each region's exports that it made itself [1]."""
    part = ratio(production, production + imports)
    for n, rule in enumerate(rules):
        if rule is Sells.HOME_FIRST:
            part[n] = 0.0
        elif rule is Sells.OWN_FIRST and exports[n] > 0.0:
            part[n] = min(1.0, production[n] / exports[n])
    return np.asarray(part)
