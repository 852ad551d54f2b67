"""Treasury receipts from the declared policies, the law of each instrument, and trade alone.

A second route to what the ledger says. It reads the policy documents, ex-works prices, flows,
outputs and the rents that licences fetch; it does not read the terms, gaps or payments from
which the ledger is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import singledispatch

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.equilibrium.conditions import State
from pricing.equilibrium.program import Program
from pricing.instruments import (
    AnyPolicy,
    ImportQuota,
    InterventionPurchase,
    PriceGuarantee,
    ReferencePrice,
    Tariff,
)
from pricing.instruments.import_quota import RentHolder
from pricing.instruments.policy import Policy
from pricing.instruments.price_guarantee import RegionPrice
from pricing.instruments.reference_price import BorderLevy, UniformLevy
from pricing.instruments.terms import CompareAt, Limit

Receipts = dict[tuple[str, str], Array]
"""(instrument, policy) -> (N, R) receipts less payments [USD]."""


@dataclass
class Invoices:
    """Declared prices on every arc; built policy by policy, then read only."""

    network: Network
    """Trade costs and existing duties."""
    policies: tuple[AnyPolicy, ...]
    """Policies in force."""
    fob: Array
    """(N, G, R, R) invoice price before captured gaps, then after [USD/t]."""
    freight: Array
    """(N or 1, G, R, R) freight [USD/t]."""
    levies: dict[str, Array] = field(default_factory=dict)
    """Border levy policy -> (N, G, R, R) levy still due after the invoice was raised [USD/t]."""

    @property
    def cif(self) -> Array:
        """(N, G, R, R) invoice with freight and insurance [USD/t]."""
        return self.fob * (1.0 + self.network.insurance) + self.freight

    @property
    def customs_value(self) -> Array:
        """(N, G, R, R) value on which duties are charged [USD/t]."""
        return np.where(self.network.customs_fob, self.fob, self.cif)


def receipts(program: Program, state: State, books: Invoices) -> Receipts:
    """Treasury receipts by instrument, from the law.

    Parameters
    ----------
    program : Program
        For the network, and for the names of multipliers.
    state : State
        Solution.
    books : Invoices
        Declared prices and the policies in force; none for the base.
    """
    network = program.network
    vat = state.price[..., None] * network.export_vat * state.flow
    result: Receipts = {("export_vat", ""): vat.sum(axis=(1, 3))}
    for layer in network.duties:
        due = (layer.rate * books.customs_value + layer.specific) * state.flow
        result[layer.instrument, layer.policy] = due.sum(axis=(1, 2))
    for policy in books.policies:
        result[policy.kind, policy.id] = law(policy, program, state, books)
    _share_purchases(program, state, books.policies, result)
    return result


def invoices(program: Program, state: State, policies: tuple[AnyPolicy, ...]) -> Invoices:
    """Invoice prices: ex works, unrefunded VAT, seller-held rents, captured gaps."""
    network = program.network
    fob = state.price[..., None] * (1.0 + network.export_vat)
    for policy in policies:
        if isinstance(policy, ImportQuota) and policy.rent_to is RentHolder.EXPORTER:
            covered = _covered(network, policy, policy.good, policy.origins, policy.destinations)
            fob = fob + sum(_multipliers(program, state, policy.id)) * covered
        if _is_border_levy(policy) and _captures_all(policy):
            for limit, rent in _limits(program, state, policy.id):
                fob = fob + rent * _arcs(network, limit.acts_on_arcs)
    books = Invoices(network, policies, fob, state.freight)
    gaps = {policy.id: _gap(books, policy) for policy in policies if _is_border_levy(policy)}
    if gaps:
        _raise_invoices(books, gaps)
    return books


def _is_border_levy(policy: Policy) -> bool:
    return isinstance(policy, ReferencePrice) and isinstance(policy.mechanism, BorderLevy)


def _captures_all(policy: Policy) -> bool:
    assert isinstance(policy, ReferencePrice)
    assert isinstance(policy.mechanism, BorderLevy)
    return policy.mechanism.rent_capture.fraction == 1.0


def _limits(program: Program, state: State, policy: str) -> list[tuple[Limit, Array]]:
    """Limits of a policy with their (N, 1, 1, 1) multipliers."""
    return [
        (limit, state.multiplier[:, m, None, None, None])
        for m, limit in enumerate(program.terms.limits)
        if limit.policy == policy
    ]


def _multipliers(program: Program, state: State, policy: str) -> list[Array]:
    """(N, 1, 1, 1) multipliers of the limits of a policy."""
    return [multiplier for _, multiplier in _limits(program, state, policy)]


def _arcs(network: Network, arcs: IntArray) -> BoolArray:
    """(G, R, R) mask of flat arc indices."""
    mask = np.zeros(network.flow.size, dtype=bool)
    mask[arcs] = True
    return mask.reshape(network.flow.shape)


def _covered(
    network: Network, policy: Policy, good: str, origins: tuple[str, ...], to: tuple[str, ...]
) -> BoolArray:
    """(G, R, R) arcs across a customs border from origins to importers, for one good."""
    setting = network.setting
    mask = np.zeros(network.flow.shape, dtype=bool)
    outer = setting.members(origins, policy.id)[:, None] & setting.members(to, policy.id)[None, :]
    mask[setting.good(good, policy.id)] = outer & network.border
    return mask


def _reference(network: Network, policy: ReferencePrice) -> Array:
    """(G, R, R) reference price on the arcs that it binds; ``-inf`` elsewhere [USD/t]."""
    members = network.setting.members(policy.zone, policy.id)
    outside = network.border & members[None, :] & ~members[:, None]
    reference = np.full(network.flow.shape, -np.inf)
    for good, price in policy.level.resolve(network.setting, policy.id).items():
        reference[good] = np.where(outside, price, -np.inf)
    return reference


def _compared(books: Invoices, policy: ReferencePrice, fob: Array) -> tuple[Array, Array]:
    """Price held against the reference at an invoice, and its slope in it [USD/t, 1]."""
    network = books.network
    assert isinstance(policy.mechanism, BorderLevy)
    if policy.mechanism.compare_at is CompareAt.FOB:
        return fob, np.ones_like(network.insurance)
    slope, price = 1.0 + network.insurance, fob * (1.0 + network.insurance) + books.freight
    if policy.mechanism.compare_at is CompareAt.CIF:
        return price, slope
    value = np.where(network.customs_fob, fob, price)
    value_slope = np.where(network.customs_fob, 1.0, slope)
    for name, rate, specific in _ordinary_duties(books):
        if policy.mechanism.layers is None or name in policy.mechanism.layers:
            price = price + rate * value + specific
            slope = slope + rate * value_slope
    return price, slope


def _ordinary_duties(books: Invoices) -> Iterator[tuple[str, Array, Array]]:
    """Id, ad valorem rate and specific duty of every layer and tariff."""
    for layer in books.network.duties:
        yield layer.policy, layer.rate, layer.specific
    for policy in books.policies:
        if isinstance(policy, Tariff):
            yield policy.id, *_tariff_rates(books.network, policy)


def _tariff_rates(network: Network, policy: Tariff) -> tuple[Array, Array]:
    covered = _covered(network, policy, policy.good, policy.origins, policy.destinations)
    specific = 0.0
    if policy.specific is not None:
        specific = network.setting.usd_per_tonne(policy.good, policy.specific, policy.id)
    rate = policy.rate.fraction if policy.rate is not None else 0.0
    return np.where(covered, rate, 0.0), np.where(covered, specific, 0.0)


def _gap(books: Invoices, policy: Policy) -> Array:
    """(N, G, R, R) shortfall of the compared price below the reference [USD/t]."""
    assert isinstance(policy, ReferencePrice)
    price, _ = _compared(books, policy, books.fob)
    by_origin = ~books.network.setting.one_price[:, None, None]
    return np.where(by_origin, np.maximum(_reference(books.network, policy) - price, 0.0), 0.0)


def _raise_invoices(books: Invoices, gaps: dict[str, Array]) -> None:
    """Where several floors meet the highest gap holds; exporters capture their share of it."""
    holder = np.argmax(np.stack(list(gaps.values())), axis=0)
    border = [policy for policy in books.policies if _is_border_levy(policy)]
    before = books.fob
    for number, policy in enumerate(border):
        assert isinstance(policy, ReferencePrice)
        assert isinstance(policy.mechanism, BorderLevy)
        held = np.where(holder == number, gaps[policy.id], 0.0)
        _, slope = _compared(books, policy, before)
        raised = before + policy.mechanism.rent_capture.fraction * held / slope
        books.fob = books.fob + (raised - before)
        price, _ = _compared(books, policy, raised)
        left = np.maximum(_reference(books.network, policy) - price, 0.0)
        books.levies[policy.id] = np.where(held > 0.0, left, 0.0)


@singledispatch
def law(policy: Policy, program: Program, state: State, books: Invoices) -> Array:
    """(N, R) receipts less payments of a policy that moves no public money [USD]."""
    return np.zeros((state.price.shape[0], len(program.network.regions)))


@law.register
def _tariff(policy: Tariff, program: Program, state: State, books: Invoices) -> Array:
    rate, specific = _tariff_rates(program.network, policy)
    return np.asarray(((rate * books.customs_value + specific) * state.flow).sum(axis=(1, 2)))


@law.register
def _reference_price(
    policy: ReferencePrice, program: Program, state: State, books: Invoices
) -> Array:
    network = program.network
    bound, by_origin = np.isfinite(_reference(network, policy)), np.zeros(1)
    if not isinstance(policy.mechanism, UniformLevy):
        by_origin = (books.levies[policy.id] * state.flow).sum(axis=(1, 2))
        bound &= network.setting.one_price[:, None, None] & (not _captures_all(policy))
    duties = list(_ordinary_duties(books))
    value = books.customs_value
    ordinary = sum((rate * value + specific for _, rate, specific in duties), np.zeros(1))
    rent = _importer_rents(program, state, books)
    levy = np.where(bound, state.landed - books.cif - ordinary - rent, 0.0)
    return np.asarray((levy * state.flow).sum(axis=(1, 2)) + by_origin)


def _importer_rents(program: Program, state: State, books: Invoices) -> Array:
    """(N, G, R, R) rents of licences that importers hold [USD/t]."""
    total = np.zeros_like(state.flow)
    for policy in books.policies:
        if isinstance(policy, ImportQuota) and policy.rent_to is RentHolder.IMPORTER:
            args = policy.good, policy.origins, policy.destinations
            covered = _covered(program.network, policy, *args)
            for rent in _multipliers(program, state, policy.id):
                total = total + rent * covered
    return total


@law.register
def _price_guarantee(
    policy: PriceGuarantee, program: Program, state: State, books: Invoices
) -> Array:
    network, setting = program.network, program.network.setting
    good, region = setting.good(policy.good, ""), setting.region(policy.region, "")
    makers = [setting.processes[k] for k in setting.makers(good, region)]
    named = [setting.processes.index(name) for name in policy.processes or makers]
    tonnes = (state.level[:, named] * network.outputs[named, good]).sum(axis=1)
    elsewhere = isinstance(policy.index, RegionPrice)
    quoted = setting.region(policy.index.region, "") if elsewhere else region  # type: ignore[union-attr]
    index = state.price[:, good, quoted]
    strike = setting.usd_per_tonne(policy.good, policy.strike, "")
    paid_on = tonnes if policy.cap is None else np.minimum(tonnes, policy.cap.tonnes)
    paid = policy.share_down.fraction * np.maximum(strike - index, 0.0) * paid_on
    if policy.budget is not None:
        paid = np.minimum(paid, policy.budget.usd)
    if policy.upper is not None:
        upper = setting.usd_per_tonne(policy.good, policy.upper, "")
        back = policy.share_up.fraction * np.maximum(index - upper, 0.0) * tonnes
        paid = paid - (back if policy.cap_up is None else np.minimum(back, policy.cap_up.usd))
    total = np.zeros((tonnes.size, len(setting.regions)))
    total[:, setting.region(policy.payer or policy.region, "")] = -paid
    return total


def _share_purchases(
    program: Program, state: State, policies: tuple[AnyPolicy, ...], result: Receipts
) -> None:
    """Purchases are output less sales; the highest floor in a market buys first."""
    setting = program.network.setting
    unsold = np.maximum(state.output - state.flow.sum(axis=-1), 0.0)
    buyers = [policy for policy in policies if isinstance(policy, InterventionPurchase)]
    offers = [(setting.usd_per_tonne(p.good, p.floor, ""), p) for p in buyers]
    for floor, policy in sorted(offers, key=lambda offer: -offer[0]):
        good, region = setting.good(policy.good, ""), setting.region(policy.region, "")
        taken = np.minimum(unsold[:, good, region], policy.limit(floor))
        unsold[:, good, region] -= taken
        result[policy.kind, policy.id][:, region] = -floor * taken
