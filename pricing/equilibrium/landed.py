"""Landed prices: what a tonne costs a buyer, from ex-works prices, rents and freight.

Affine in these three, with what every duty makes of them, until a top-up lifts it to a reference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.arcs import Along
from pricing.equilibrium.kinks import plus
from pricing.equilibrium.program import Program


class Landed(NamedTuple):
    """Landed prices along the arcs (E) that are known, and what they rest on."""

    price: Array
    """(N, E) landed prices [USD/t]."""
    slope: Array
    """(N or 1, E) their slope in the ex-works price [1]."""
    rent_slope: Array
    """(N or 1, E) their slope in seller-held rent [1]."""
    freight_slope: Array
    """(N or 1, E) their slope in freight [1]."""
    relief: Array
    """(N or 1, E) what they change by per dollar of duties beyond the ordinary ones, beside these:
    minus one where a levy counts them as paid [1]."""
    seller_rent: Array
    """(N or 1, E) seller-held rents of limits at FOB [USD/t]."""
    freight: Array
    """(N or 1, E) freight, prices of transport included [USD/t]."""
    gaps: list[Array]
    """One (N, E) gap per top-up, zero but for the one that holds; none in a search [USD/t]."""


def landed_prices(program: Program, made: Array, multiplier: Array, width: Array | None) -> Landed:
    """Landed prices at producer prices (N, G R) and multipliers (N, M).

    ``width`` (N,) rounds the kinks of top-ups, as a share of the price scale.
    """
    limit, along = program.limit, program.along
    ex_works = made.take(along.origin, axis=1)
    price = along.landed_slope * ex_works + along.landed_constant
    rent = carriage = following = None
    if limit.on_arcs.size:
        acting = multiplier[:, limit.on_arcs]
        rent = acting @ along.seller
        price += along.fob_gain * rent + acting @ along.charged
        following = None if along.following is None else acting @ along.following
    if limit.on_freight.size:
        carriage = multiplier[:, limit.on_freight] @ along.carried
        price += along.freight_gain * carriage
    gaps, slopes = _top_up(along, (ex_works, rent, carriage, following), price, width)
    slope, rent_slope, freight_slope, relief = slopes
    return Landed(
        price,
        slope,
        rent_slope,
        freight_slope,
        relief,
        seller_rent=np.zeros((1, price.shape[1])) if rent is None else rent,
        freight=along.freight if carriage is None else along.freight + carriage,
        gaps=gaps,
    )


def _top_up(
    along: Along, at: tuple[Array | None, ...], landed: Array, width: Array | None
) -> tuple[list[Array], list[Array]]:
    """Gaps, which are added to the landed price in place; of several the one that lifts it most.

    Gaps below an invoice and gaps below a price with duties do not compare. ``at`` has ex-works
    prices, seller-held rents, prices of transport and duties beyond the ordinary ones. The slopes
    of the landed price are in these.
    """
    slopes = [
        along.landed_slope,
        along.fob_gain,
        along.freight_gain,
        np.zeros((1, landed.shape[1])),
    ]
    if not along.levies:
        return [], slopes
    on, moved = along.levied, [n for n, part in enumerate(at) if part is not None]
    parts = {n: part.take(on, axis=1) for n, part in enumerate(at) if part is not None}
    for n in moved:
        slopes[n] = slopes[n].repeat(landed.shape[0] // slopes[n].shape[0], axis=0)
    rounded = None if width is None else width[:, None] * along.levied_scale
    gains = [
        (levy.slope, levy.rent_gain, levy.freight_gain, float(levy.counts_all))
        for levy in along.levies
    ]
    raw = []
    for levy, gain in zip(along.levies, gains, strict=True):
        room = levy.reference - levy.constant
        for n in moved:
            room = room - gain[n] * parts[n]
        raw.append(plus(room, rounded))
    if len(raw) > 1:
        lifts = [levy.landed_gain * gap for levy, (gap, _) in zip(along.levies, raw, strict=True)]
        highest = np.argmax(np.stack(lifts), axis=0)
        raw = [(gap * (highest == q), slant * (highest == q)) for q, (gap, slant) in enumerate(raw)]
    gaps = []
    for levy, gain, (gap, active) in zip(along.levies, gains, raw, strict=True):
        landed[:, on] += levy.landed_gain * gap
        eased = active * levy.landed_gain
        for n in moved:
            slopes[n][:, on] -= eased * gain[n]
        if along.at is None:
            continue  # a search does not ask
        everywhere = np.zeros_like(landed)
        everywhere[:, on] = gap
        gaps.append(everywhere)
    return gaps, slopes
