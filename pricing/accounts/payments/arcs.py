"""The landed price of every arc, split among those who get it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.blocks import Block, arc_labels
from pricing.accounts.parties import (
    BUYERS,
    EXPORTERS,
    HOME_TREASURY,
    LICENCES,
    PARTNER_TREASURY,
    SELLERS,
    TRANSPORT,
    Account,
    Party,
)
from pricing.accounts.payments.tiers import instead_of_levies, levied_gaps, over_quota
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Limit, Wedge

HOLDERS = {
    Wedge.SELLER: EXPORTERS,
    Wedge.ORIGIN_TREASURY: HOME_TREASURY,
    Wedge.IMPORTER: LICENCES,
    Wedge.LEVY: PARTNER_TREASURY,
    Wedge.DUTY: PARTNER_TREASURY,
    Wedge.LOST: Party(Account.DELAY),
}
"""Who gets the multiplier of a limit on an arc."""


def blocks(program: Program, state: State) -> Iterator[Block]:
    """The landed price of every arc, split among those who get it."""
    labels = arc_labels(*state.price.shape[1:])
    count = state.flow.shape[0]
    flow = state.flow.reshape(count, -1)
    for receiver, instrument, policy, value in _arc_rates(program, state):
        rate = np.broadcast_to(value, state.flow.shape).reshape(count, -1)
        yield Block.priced(BUYERS, receiver, labels, instrument, policy, flow, rate)


def _arc_rates(program: Program, state: State) -> Iterator[tuple[Party, str, str, Array]]:
    """Receiver, instrument, policy and (N, G, R, R) rate [USD/t], in the order of stacking."""
    network, terms = program.network, program.terms
    price = state.price[..., None]
    vat = price * network.export_vat
    yield SELLERS, "goods", "", price
    yield HOME_TREASURY, "export_vat", "", vat
    fob = price + vat
    for charge in terms.export_charges:
        tax = price * charge.rate + charge.specific
        fob = fob + tax
        yield HOME_TREASURY, charge.instrument, charge.policy, tax
    for wedge, limit, rent in invoiced(program, state):
        fob = fob + rent
        yield HOLDERS[wedge], limit.instrument, limit.policy, rent
    gaps = levied_gaps(program, state)
    for top_up, levy, gap in zip(terms.top_ups, program.charges.levies, gaps, strict=True):
        capture = _on_arcs(top_up.capture)
        if (capture > 0.0).any():
            rent = capture * gap / levy.rent_gain
            fob = fob + rent
            yield EXPORTERS, top_up.instrument, top_up.policy, rent
    insurance = fob * network.insurance
    yield TRANSPORT, "freight", "", state.freight
    yield TRANSPORT, "insurance", "", insurance
    value = np.where(network.customs_fob, fob, fob + insurance + state.freight)
    for duty in program.charges.duties:
        paid = duty.rate * value + duty.specific
        yield PARTNER_TREASURY, duty.instrument, duty.policy, paid
    yield from _after_duties(program, state)


def invoiced(program: Program, state: State) -> Iterator[tuple[Wedge, Limit, Array]]:
    """Limits whose multiplier is part of the invoice: role, limit, (N, G, R, R) average [USD/t].

    Tonnes beyond the quota of a policy pay a duty instead.
    """
    beyond = over_quota(program, state)
    for m, limit in enumerate(program.limits):
        if limit.wedge is not None and limit.wedge.at_fob:
            rent = state.multiplier[:, m, None, None, None] * program.limit.seller[m]
            yield limit.wedge, limit, rent * (1.0 - beyond.get(limit.policy, 0.0))


def _on_arcs(number: float | Array) -> Array:
    """(N or 1, 1, 1, 1) a number of each scenario, for arrays over routes."""
    return np.reshape(number, (-1, 1, 1, 1))


def _after_duties(program: Program, state: State) -> Iterator[tuple[Party, str, str, Array]]:
    """Levies, and what limits add to the landed price."""
    for top_up, gap in zip(program.terms.top_ups, levied_gaps(program, state), strict=True):
        rest = (1.0 - _on_arcs(top_up.capture)) * gap
        yield PARTNER_TREASURY, top_up.instrument, top_up.policy, rest
    evasion = Party(Account.EVASION)
    if program.network.evasion.any():
        yield evasion, "evasion", "", program.network.evasion
    for hidden in program.terms.evasions:
        yield evasion, hidden.instrument, hidden.policy, hidden.cost
    beyond = over_quota(program, state)
    kinds = {limit.policy: limit.instrument for limit in program.terms.limits}
    for policy, duty in instead_of_levies(program, state).items():
        yield PARTNER_TREASURY, kinds[policy], policy, duty
    for m, limit in enumerate(program.terms.limits):
        if limit.wedge is None:
            continue
        multiplier, kind = state.multiplier[:, m, None, None, None], limit.instrument
        if limit.wedge.at_fob and limit.policy in beyond:
            lands = program.charges.landed.rent * program.limit.seller[m] * multiplier
            yield PARTNER_TREASURY, kind, limit.policy, beyond[limit.policy] * lands
        if not limit.wedge.at_fob:
            rate = multiplier * program.limit.landed[m]
            duty = beyond.get(limit.policy, 0.0) * rate
            yield HOLDERS[limit.wedge], kind, limit.policy, rate - duty
            if limit.policy in beyond:
                yield PARTNER_TREASURY, kind, limit.policy, duty
