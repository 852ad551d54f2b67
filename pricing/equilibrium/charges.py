"""What is charged on the way to a buyer: taxes, freight, duties and top-ups as affine prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, IntArray, Network
from pricing.equilibrium.affine import Affine
from pricing.equilibrium.arcs import listed
from pricing.instruments.layers import charged
from pricing.instruments.terms import CompareAt, Duty, Terms, TopUp


@dataclass(frozen=True)
class LevyTerm:
    """One top-up in affine form: ``gap = max(0, reference - slope p - constant - ...)``.

    The dots are ``rent_gain`` times seller-held rents, ``freight_gain`` times prices of transport,
    and duties beyond the ordinary ones where they count as paid. Arrays are (G, R, R), or (1, L)
    where a list of arcs is known; the reference, and whatever differs between scenarios, has a
    scenario axis.
    """

    source: TopUp
    """The declared top-up."""
    counts_all: bool
    """Whether every duty counts as paid: safeguards, entry prices and content duties too."""
    reference: Array
    """(N, G, R, R) reference price; ``-inf`` where it does not apply [USD/t]."""
    slope: Array
    """Slope of the compared price in the ex-works price [1]."""
    constant: Array
    """Its constant [USD/t]."""
    rent_gain: Array
    """Its slope in seller-held rent at FOB [1]."""
    freight_gain: Array
    """Its slope in freight [1]."""
    landed_gain: Array
    """Slope of the landed price in the gap [1]."""

    def over(self, arcs: IntArray) -> LevyTerm:
        """The same for a list of arcs."""
        names = ("reference", "slope", "constant", "rent_gain", "freight_gain", "landed_gain")
        parts = (listed(getattr(self, name), arcs) for name in names)
        return LevyTerm(self.source, self.counts_all, *parts)


@dataclass(frozen=True)
class Charges:
    """Prices on every arc before rents and top-ups; arrays may carry a scenario axis."""

    export: tuple[Array, Array]
    """(G, R, R) slope and constant of the FOB price in the ex-works price: unrefunded VAT and
    export taxes [1, USD/t]."""
    value: Affine
    """Customs value."""
    landed: Affine
    """Landed price with ordinary duties."""
    hidden: Array
    """(G, R, R) what hiding an origin adds to it [USD/t]."""
    duties: tuple[Duty, ...]
    """Ordinary duties as they are charged: layers of the base year, then tariffs."""
    levies: tuple[LevyTerm, ...]
    """Top-ups."""

    @classmethod
    def of(cls, network: Network, terms: Terms) -> Charges:
        """Reduce what policies charge to affine prices."""
        duties = charged([*network.duties, *terms.duties])
        export, at_fob = _export(network, terms), network.customs_fob[None, None, :]
        insured = 1.0 + network.insurance
        value = _affine(
            export,
            np.where(at_fob, 1.0, insured),
            np.where(at_fob, 0.0, 1.0),
            np.where(at_fob, 0.0, network.freight),
        )
        landed = _duty_paid(network, export, duties)
        return cls(
            export=export,
            value=value,
            landed=landed,
            hidden=sum((evasion.cost for evasion in terms.evasions), network.evasion),
            duties=duties,
            levies=tuple(_levy(network, export, duties, landed, up) for up in terms.top_ups),
        )

    @property
    def landed_constant(self) -> Array:
        """(N, G, R, R) constant of the untopped landed price, with what hiding an origin costs."""
        return by_scenario(self.landed.constant + self.hidden)

    def landed_at(self, price: Array) -> Array:
        """(G, R, R) untopped landed price at ex-works prices (G, R) of the first scenario [USD/t].

        Without rents.
        """
        return np.asarray(self.landed.slope * price[..., None] + self.landed_constant[0])


def by_scenario(array: Array) -> Array:
    """An array over routes with a leading scenario axis, of one where there was none."""
    return array if array.ndim == 4 else array[None]


def _export(network: Network, terms: Terms) -> tuple[Array, Array]:
    """Slope and constant of the FOB price before rents in the ex-works price [1, USD/t]."""
    charges = terms.export_charges
    rate = sum((charge.rate for charge in charges), network.export_vat)
    return 1.0 + rate, sum((charge.specific for charge in charges), terms.zeros())


def _affine(export: tuple[Array, Array], fob: Array, freight: Array, fixed: Array) -> Affine:
    """A price in the ex-works price, from its slopes in the FOB price and in freight."""
    return Affine(fob * export[0], freight, fixed + fob * export[1], fob)


def _duty_paid(network: Network, export: tuple[Array, Array], duties: Sequence[Duty]) -> Affine:
    """The price with insurance, freight and some duties; CIF where there are none."""
    at_fob, insured = network.customs_fob[None, None, :], 1.0 + network.insurance
    nothing = np.zeros_like(insured)
    rate = sum((duty.rate for duty in duties), nothing)
    specific = sum((duty.specific for duty in duties), nothing)
    fob = insured + rate * np.where(at_fob, 1.0, insured)
    freight = 1.0 + rate * np.where(at_fob, 0.0, 1.0)
    return _affine(export, fob, freight, network.freight * freight + specific)


def _levy(
    network: Network,
    export: tuple[Array, Array],
    duties: Sequence[Duty],
    landed: Affine,
    top_up: TopUp,
) -> LevyTerm:
    """Affine form of the price that is held against the reference."""
    if top_up.compare_at is CompareAt.FOB:
        nothing = np.zeros_like(network.insurance)
        price = _affine(export, nothing + 1.0, nothing, nothing)
    elif top_up.compare_at is CompareAt.CIF:
        price = _duty_paid(network, export, ())
    else:
        counted = [d for d in duties if top_up.layers is None or d.policy in top_up.layers]
        price = _duty_paid(network, export, counted)
    capture = np.asarray(top_up.capture)
    capture = capture[..., None, None] if capture.ndim else capture
    return LevyTerm(
        top_up,
        reference=by_scenario(top_up.reference),
        slope=price.slope,
        constant=price.constant,
        rent_gain=price.rent,
        freight_gain=price.freight,
        landed_gain=(1.0 - capture) + capture * landed.rent / price.rent,
        counts_all=top_up.counts_all,
    )
