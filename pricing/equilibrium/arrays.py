"""Limits as dense arrays over arcs, goods by regions, and processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.equilibrium.affine import Affine, Asked
from pricing.equilibrium.stacking import StructureDiffersError
from pricing.instruments.terms import NOTHING, Limit, Sparse, Wedge

_STACK = {Wedge.SELLER: 0, Wedge.ORIGIN_TREASURY: 0, Wedge.CARRIER: 2}
"""Wedges that enter before duties; the others enter the landed price."""


@dataclass(frozen=True)
class Used:
    """Which matrices of limits hold anything, so that the others need not be read."""

    use: bool
    """Some multiplier enters use."""
    balance: bool
    """Some leaves the ex-works balance."""
    margin: bool
    """Some leaves a margin."""
    price: bool
    """Some condition reads producer prices."""
    buyer_price: bool
    """Some condition reads price indices."""
    level: bool
    """Some condition reads levels."""
    link: bool
    """Some condition reads multipliers."""


@dataclass(frozen=True)
class LimitArrays:
    """Limits as dense matrices over arcs, goods by regions, and processes."""

    lower: Array
    """(N, M) lower bounds."""
    upper: Array
    """(N, M) upper bounds."""
    base: Array
    """(M,) multipliers in the base year."""
    constant: Array
    """(N, M) constants of the conditions."""
    scale: Array
    """(M,) typical multipliers."""
    condition_scale: Array
    """(N, M) typical sizes of the conditions."""
    seller: Array
    """(M, G, R, R) multiplier enters FOB."""
    landed: Array
    """(M, G, R, R) multiplier enters the landed price after duties."""
    carried: Array
    """(M, G, R, R) multiplier enters freight."""
    counts_as_paid: BoolArray
    """(M,) multiplier is a duty that a levy counts as paid where it counts all."""
    use: Array
    """(M, G, R) multiplier enters use."""
    index: Array
    """(M, G, R) multiplier lowers price indices."""
    balance: Array
    """(M, G, R) multiplier leaves the ex-works balance."""
    margin: Array
    """(M, K) multiplier leaves the margin of a process."""
    kept: Array
    """(M, K) part of ``margin`` that comes back as a lump sum."""
    support: Array
    """(M, Q) multiplier cuts a support."""
    price: Array
    """(M, G, R) condition coefficients on producer prices."""
    buyer_price: Array
    """(M, G, R) condition coefficients on price indices."""
    flow: Array
    """(M, G, R, R) condition coefficients on flows (with a minus)."""
    level: Array
    """(M, K) condition coefficients on levels (with a minus)."""
    unsold: tuple[IntArray, IntArray]
    """Limits that count sold output alone, and those whose multiplier is the share left."""
    link: Array
    """(M, M) condition coefficients on multipliers."""
    spends: tuple[IntArray, IntArray, IntArray, Array]
    """Limits that count money spent, the multipliers that are tonnes, places, coefficients."""
    payment: Array
    """(M, Q) condition coefficients on full payments (with a minus)."""
    reduced: Array
    """(M, Q) condition coefficients on payments after cuts (with a minus)."""
    on_arcs: IntArray
    """Limits whose multiplier is part of some arc's price, or lowers a price index."""
    flowing: IntArray
    """These, and those whose multiplier changes use."""
    on_freight: IntArray
    """Limits whose multiplier is a price of transport."""
    on_flow: IntArray
    """Limits whose condition counts flows."""
    used: Used
    """Which of these matrices hold anything."""
    rations: tuple[IntArray, IntArray]
    """Limits whose multiplier is the share of a demand that goes without, and these demands."""


def _set(row: Array, sparse: Sparse) -> None:
    """Put coefficients into a row; most limits have few."""
    if sparse[0].size:
        row[sparse[0]] = sparse[1]


def _add(row: Array, sparse: Sparse) -> None:
    """Add coefficients to a row, several of which may be in one place."""
    if sparse[0].size:
        np.add.at(row, sparse[0], sparse[1])


def _column(values: Sequence[float | Array]) -> Array:
    """(N, M) numbers of M limits; each may be one number or one a scenario (N, 1)."""
    if all(isinstance(value, float) for value in values):
        return np.array(values, dtype=float)[None]
    columns = np.broadcast_arrays(*(np.reshape(value, (-1, 1)) for value in values))
    return np.concatenate(columns, axis=1)


def _sellers(limits: Sequence[Limit]) -> Asked:
    """Rents in the invoice by arc, markups apart; none where no limit compares prices of arcs."""
    found: dict[int, list[tuple[int, str, float]]] = {}
    if not any(limit.customs_value[0].size or limit.duty_paid[0].size for limit in limits):
        return found
    for m, limit in enumerate(limits):
        if limit.in_invoice and limit.policy:
            shares = np.broadcast_to(limit.arc_weight, limit.acts_on_arcs.shape)
            for arc, share in zip(limit.acts_on_arcs.tolist(), shares.tolist(), strict=True):
                found.setdefault(arc, []).append((m, limit.policy, share))
    return found


def _links(limit: Limit, compared: tuple[Affine, Affine]) -> Sparse:
    """Coefficients of a limit on multipliers; rents in the invoice count by what they add.

    Raises
    ------
    StructureDiffersError
        If a slope has a scenario axis: the links of limits have none.
    """
    if not (limit.raised_value[0].size or limit.raised_landed[0].size):
        return limit.link
    places, weights = [limit.link[0]], [limit.link[1]]
    for price, (position, weight) in zip(
        compared, (limit.raised_value, limit.raised_landed), strict=True
    ):
        if position.size:
            if price.rent.ndim > 3:
                raise StructureDiffersError("duties on what limits compare")
            (arc,) = limit.acts_on_arcs
            places.append(position)
            weights.append(weight * price.rent.ravel()[arc])
    return np.concatenate(places), np.concatenate(weights)


def _pairs(named: Sequence[int | None]) -> tuple[IntArray, IntArray]:
    """Limits that name something by its position, and what they name."""
    found = [(m, position) for m, position in enumerate(named) if position is not None]
    limits, positions = np.array(found, dtype=np.intp).reshape(-1, 2).T
    return limits, positions


def _spending(limits: list[Limit]) -> tuple[IntArray, IntArray, IntArray, Array]:
    """Where limits count money spent."""
    found = [(m, own.spends) for m, own in enumerate(limits) if own.spends is not None]
    return (
        np.array([m for m, _ in found], dtype=np.intp),
        np.array([spent.multiplier for _, spent in found], dtype=np.intp),
        np.array([spent.place for _, spent in found], dtype=np.intp),
        np.array([spent.coefficient for _, spent in found]),
    )


def _idle(limit: Limit, open_arcs: BoolArray, origins: BoolArray, offered: BoolArray) -> bool:
    """Whether a limit can do nothing; masks of open arcs, origins, and buyers with an offer.

    A wedge without open arcs has no trade to charge, a purchase from a shut origin nothing to buy,
    a stock where nothing is on offer nobody to deal with.
    """
    stocked = limit.acts_on_use[0] if limit.policy else NOTHING[0]
    reach = (
        (open_arcs, limit.acts_on_arcs),
        (origins, limit.acts_on_balance[0]),
        (offered, stocked),
    )
    return any(places.size > 0 and not mask.ravel()[places].any() for mask, places in reach)


def limit_arrays(
    network: Network,
    limits: list[Limit],
    supports: int,
    shut: tuple[BoolArray, BoolArray],
    compared: tuple[Affine, Affine],
) -> LimitArrays:
    """Limits as matrices.

    ``shut`` has the arcs and the origins that are open, ``compared`` the customs value and the
    landed price with ordinary duties.

    Multipliers of limits that can do nothing are held at their lower bounds.
    """
    goods, regions, processes = len(network.goods), len(network.regions), len(network.processes)
    (open_arcs, origins), count = shut, len(limits)
    constant = _column([limit.constant for limit in limits])
    arcs = np.zeros((4, count, goods * regions * regions))
    places = np.zeros((5, count, goods * regions))
    level, margin = np.zeros((count, processes)), np.zeros((count, processes))
    links, link = np.zeros((3, count, supports)), np.zeros((count, count))
    lower = _column([limit.lower for limit in limits])
    upper = _column([limit.upper for limit in limits])
    offered: BoolArray = np.asarray(open_arcs.any(axis=1))
    carriers = {
        int(own.acts_on_arcs[0]): m for m, own in enumerate(limits) if own.wedge is Wedge.CARRIER
    }
    sellers = _sellers(limits)
    for m, limit in enumerate(limits):
        if _idle(limit, open_arcs, origins, offered):
            upper[:, m] = limit.lower  # it would be arbitrary
        if limit.wedge is not None:
            arcs[_STACK.get(limit.wedge, 1), m, limit.acts_on_arcs] = limit.arc_weight
        _set(arcs[3, m], limit.flow)
        for n, sparse in enumerate(
            (
                limit.acts_on_use,
                limit.acts_on_balance,
                limit.price,
                limit.buyer_price,
                limit.acts_on_index,
            )
        ):
            _set(places[n, m], sparse)
        for affine, on in zip(compared, (limit.customs_value, limit.duty_paid), strict=True):
            if on[0].size:
                at, weight, fixed = affine.at(on, regions)
                _add(places[2, m], (at, weight))
                constant[:, m] += fixed
                _add(link[m], affine.carried(on, carriers))
                _add(link[m], affine.asked(on, sellers, limit.policy))
        _add(level[m], limit.level)
        _add(link[m], _links(limit, compared))
        _add(margin[m], limit.acts_on_margin)
        if limit.acts_on_support is not None:
            links[0, m, limit.acts_on_support] = 1.0
        if limit.payment is not None:
            links[2 if limit.payment_reduced else 1, m, limit.payment] = 1.0
    market = _pairs([limit.purchases for limit in limits])
    link[market[0]] += places[1][:, market[1]].T
    arc_shape, place_shape = (count, goods, regions, regions), (count, goods, regions)
    kept = np.array([limit.rent_kept for limit in limits], dtype=bool)
    return LimitArrays(
        lower=lower,
        upper=upper,
        base=np.array([limit.base for limit in limits]),
        constant=constant,
        scale=np.array([limit.scale for limit in limits]),
        condition_scale=_column([limit.condition_scale for limit in limits]),
        seller=arcs[0].reshape(arc_shape),
        landed=arcs[1].reshape(arc_shape),
        carried=arcs[2].reshape(arc_shape),
        counts_as_paid=np.array([limit.counts_as_paid for limit in limits], dtype=bool),
        use=places[0].reshape(place_shape),
        index=places[4].reshape(place_shape),
        balance=places[1].reshape(place_shape),
        margin=margin,
        kept=margin * kept[:, None],
        support=links[0],
        price=places[2].reshape(place_shape),
        buyer_price=places[3].reshape(place_shape),
        flow=arcs[3].reshape(arc_shape),
        level=level,
        unsold=_pairs([limit.unsold for limit in limits]),
        link=link,
        spends=_spending(limits),
        payment=links[1],
        reduced=links[2],
        on_arcs=np.flatnonzero(arcs[:3].any(axis=(0, 2)) | places[4].any(axis=1)),
        flowing=np.flatnonzero(
            arcs[:3].any(axis=(0, 2)) | places[4].any(axis=1) | places[0].any(axis=1)
        ),
        on_freight=np.flatnonzero(arcs[2].any(axis=1)),
        on_flow=np.flatnonzero(arcs[3].any(axis=1)),
        used=Used(*(bool(part.any()) for part in (*places[:2], margin, *places[2:4], level, link))),
        rations=_pairs([limit.rations for limit in limits]),
    )
