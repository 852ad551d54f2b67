"""Declared prices on every arc, from the text of the policies and trade alone.

The second route to what customs sees. It reads policies, ex-works prices, tonnes and what licences
fetch; it does not read the terms, gaps or payments from which the ledger is built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pricing.accounts.blocks import per_tonne
from pricing.accounts.capital import capital_of_owners
from pricing.accounts.contracting import contracted_inputs
from pricing.accounts.surplus import lump_sums_before_floors, quasi_rent
from pricing.accounts.volumes import money_price
from pricing.chains.network import Array, BoolArray, Network
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments import (
    AnyPolicy,
    ContentTariff,
    EntryPrice,
    SteppedSafeguard,
    TariffRateQuota,
)
from pricing.instruments.layers import due
from pricing.instruments.terms import CompareAt, Duty, Limit
from pricing.instruments.trade import HeldUp, Trade


@dataclass(frozen=True)
class Invoices:
    """Declared prices and what authorities see."""

    network: Network
    """Trade costs and existing duties."""
    policies: tuple[AnyPolicy, ...]
    """Policies in force."""
    fob: Array
    """(N, G, R, R) invoice price, with what sellers add to it [USD/t]."""
    freight: Array
    """(N or 1, G, R, R) freight [USD/t]."""
    trade: Trade
    """Prices, tonnes, customs values, gaps left open."""


def invoices(program: Program, state: State, policies: tuple[AnyPolicy, ...]) -> Invoices:
    """Invoice prices: ex works, unrefunded VAT, rents and taxes at FOB, captured gaps."""
    network = program.network
    border = _Border(network, state.freight, tuple(_stated_duties(network, policies)), np.zeros(1))
    plain = state.price[..., None] * (1.0 + network.export_vat)
    trade = _trade(program, state, policies, border, plain)
    fob = plain + sum(p.rent(trade) for p in policies if p.rent_role.at_fob)
    fob = fob + _markups(program, state)
    border = replace(
        border, following=sum((p.rent(trade) for p in following(policies)), np.zeros(1))
    )
    held = {p.id: h for p in policies if (h := p.held_up(network.setting)) is not None}
    trade = replace(trade, filled=border.filled(fob, held))
    fob, levies = _on_average(border, fob, held, list(_tiers(trade, policies)))
    value = border.customs_value(fob)
    beside = sum((p.rent(trade) for p in policies if not p.rent_role.at_fob), np.zeros(1))
    trade = replace(
        trade,
        customs_value=value,
        due=due(border.duties, value),
        levies=levies,
        highest=border.highest(held),
        rest=state.landed - border.cif(fob) - border.ordinary(value) - network.evasion - beside,
    )
    return Invoices(network, policies, fob, state.freight, trade)


def _tiers(trade: Trade, policies: tuple[AnyPolicy, ...]) -> Iterator[tuple[Array, Array]]:
    """(N, G, R, R) share of tonnes beyond each tariff-rate quota, what they pay more [USD/t]."""
    for policy in policies:
        if isinstance(policy, TariffRateQuota):
            share = per_tonne(policy.tonnes_beyond(trade), trade.flow)
            yield share, policy.beyond(trade)


def _on_average(
    border: _Border, fob: Array, held: dict[str, HeldUp], tiers: Sequence[tuple[Array, Array]]
) -> tuple[Array, dict[str, Array]]:
    """Invoices after captured gaps, and the levy left, on tonnes within quotas and beyond."""
    within, levies = border.raised(fob, held)
    invoice, left = within, dict(levies)
    for share, more in tiers:
        paying = replace(border, following=border.following + more)
        beyond, rest = paying.raised(fob, held)
        invoice = invoice + share * (beyond - within)
        left = {policy: left[policy] + share * (rest[policy] - levies[policy]) for policy in left}
    return invoice, left


Following = SteppedSafeguard | EntryPrice | ContentTariff
"""Policies whose duty follows an invoice, or what is inside a good, in a way of its own."""


def following(policies: tuple[AnyPolicy, ...]) -> Iterator[Following]:
    """Duties beyond the ordinary ones; a levy that counts all duties counts these as paid."""
    return (policy for policy in policies if isinstance(policy, Following))


def _trade(
    program: Program,
    state: State,
    policies: tuple[AnyPolicy, ...],
    border: _Border,
    plain: Array,
) -> Trade:
    """What authorities see before invoices are raised."""
    network, limits = program.network, dict[str, tuple[tuple[Limit, Array], ...]]()
    for m, limit in enumerate(program.terms.limits):
        pair = limit, state.multiplier[:, m]
        limits[limit.policy] = (*limits.get(limit.policy, ()), pair)
    taxes = sum(
        (charge.rate * state.price[..., None] + charge.specific)
        for charge in program.terms.export_charges
    )
    paid = money_price(program, state)
    beyond = (state.index - paid)[:, :, network.process_region].transpose(0, 2, 1)
    sourcing = state.level * (state.inputs * beyond).sum(axis=2)
    cash = quasi_rent(program, state.margin) + lump_sums_before_floors(program, state) + sourcing
    cash += contracted_inputs(program, state)
    own, capital = capital_of_owners(program, state)
    return Trade(
        setting=network.setting,
        price=state.price,
        index=state.index,
        paid=paid,
        level=state.level,
        inputs=state.inputs,
        flow=state.flow,
        plain_value=border.customs_value(plain + taxes),
        value_gain=border.gain(border.customs_value)[0],
        landed_gain=border.gain(border.landed)[0],
        cash=cash + own,
        capital=capital,
        limits=limits,
    )


def _markups(program: Program, state: State) -> Array:
    """(N, G, R, R) what exporters who set prices add to the base-year price [USD/t]."""
    arcs, first = program.network.sellers.arc, program.limit.scale.size
    total = np.zeros((state.flow.shape[0], program.open_arcs.size))
    total[:, arcs] = state.multiplier[:, first - arcs.size :]
    return total.reshape(state.flow.shape)


def _stated_duties(network: Network, policies: tuple[AnyPolicy, ...]) -> Iterator[Duty]:
    """Every layer and tariff as it is stated."""
    yield from network.duties
    for policy in policies:
        duty = policy.duty(network.setting)
        if duty is not None:
            yield Duty(policy.id, policy.kind, *duty, *policy.stacking)


@dataclass(frozen=True)
class _Border:
    """How an invoice becomes a landed price."""

    network: Network
    freight: Array
    duties: tuple[Duty, ...]
    following: Array
    """(N, G, R, R) or one: duties beyond the ordinary ones [USD/t]."""

    def cif(self, fob: Array) -> Array:
        """(N, G, R, R) invoice with freight and insurance [USD/t]."""
        return np.asarray(fob * (1.0 + self.network.insurance) + self.freight)

    def customs_value(self, fob: Array) -> Array:
        """(N, G, R, R) value on which duties are charged [USD/t]."""
        return np.where(self.network.customs_fob, fob, self.cif(fob))

    def ordinary(self, value: Array, layers: tuple[str, ...] | None = None) -> Array:
        """(N, G, R, R) duties on a customs value; of some layers, or of all [USD/t]."""
        total = np.zeros_like(value)
        for name, amount in due(self.duties, value).items():
            if layers is None or name in layers:
                total += amount
        return total

    def landed(self, fob: Array) -> Array:
        """(N, G, R, R) CIF price and ordinary duties [USD/t]."""
        return self.cif(fob) + self.ordinary(self.customs_value(fob))

    def gain(self, price: Callable[[Array], Array]) -> Array:
        """(N, G, R, R) what a dollar on the invoice adds to a price that is affine in it [1]."""
        nothing = np.zeros((1, *self.network.freight.shape))
        return price(nothing + 1.0) - price(nothing)

    def compared(self, held: HeldUp, fob: Array) -> Array:
        """(N, G, R, R) price that is held against a reference, at an invoice [USD/t]."""
        if held.compare_at is CompareAt.FOB:
            return fob
        if held.compare_at is CompareAt.CIF:
            return self.cif(fob)
        paid = self.cif(fob) + self.ordinary(self.customs_value(fob), held.layers)
        return paid + self.following if held.counts_all else paid

    def gap(self, held: HeldUp, fob: Array) -> Array:
        """(N, G, R, R) shortfall below a reference; none for homogeneous goods [USD/t]."""
        by_origin = ~self.network.setting.one_price[:, None, None]
        return np.where(by_origin, np.maximum(held.reference - self.compared(held, fob), 0.0), 0.0)

    def filled(self, fob: Array, held: dict[str, HeldUp]) -> Array:
        """(N, G, R, R) largest gap below a price with all duties, within quotas [USD/t]."""
        gaps = [self.gap(one, fob) for one in held.values() if one.counts_all]
        return np.asarray(np.maximum.reduce([np.zeros_like(fob), *gaps]))

    def highest(self, held: dict[str, HeldUp]) -> dict[str, BoolArray]:
        """(G, R, R) routes of homogeneous goods on which a policy has the highest reference."""
        if not held:
            return {}
        reference = np.stack([one.reference for one in held.values()])
        holder = np.argmax(reference, axis=0)
        one_price = self.network.setting.one_price[:, None, None]
        return {policy: one_price & (holder == number) for number, policy in enumerate(held)}

    def raised(self, fob: Array, held: dict[str, HeldUp]) -> tuple[Array, dict[str, Array]]:
        """Invoices after captured gaps, and the levy left.

        Where floors meet, the one holds whose buyer pays the most.
        """
        if not held:
            return fob, {}
        invoices, left = [], []
        for one in held.values():
            slope = self.compared(one, fob + 1.0) - self.compared(one, fob)
            invoices.append(fob + one.capture * self.gap(one, fob) / slope)
            left.append(self.gap(one, invoices[-1]))
        paid = [self.landed(invoice) + levy for invoice, levy in zip(invoices, left, strict=True)]
        holder = np.argmax(paid, axis=0)
        levies = {
            policy: np.where(holder == number, left[number], 0.0)
            for number, policy in enumerate(held)
        }
        return np.take_along_axis(np.stack(invoices), holder[None], axis=0)[0], levies
