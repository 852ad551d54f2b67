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

from pricing.accounts.surplus import lump_sums_before_floors, quasi_rent
from pricing.accounts.volumes import money_price
from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.equilibrium.conditions import State
from pricing.equilibrium.program import Program
from pricing.instruments import (
    AnyPolicy,
    ContentTariff,
    ExportLicence,
    ExportQuota,
    ExportTax,
    ImportQuota,
    InputSubsidy,
    InterventionPurchase,
    MarginGuarantee,
    MinimumImportPrice,
    Offtake,
    PriceGuarantee,
    ProductionSubsidy,
    ReferencePrice,
    SourcingCap,
    SteppedSafeguard,
    Stockpile,
    Tariff,
    TariffRateQuota,
)
from pricing.instruments.content_tariff import EmbeddedReferenceGap
from pricing.instruments.policy import Policy
from pricing.instruments.price_guarantee import RegionPrice
from pricing.instruments.quotas import RentHolder
from pricing.instruments.reference_price import AppliesTo, BorderLevy, Exports, UniformLevy
from pricing.instruments.terms import CompareAt, Limit

QUOTAS = ImportQuota, ExportQuota, ExportLicence
"""Policies that make tonnes scarce and say who gets the rent."""

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
        if isinstance(policy, ExportTax):
            fob = fob + _export_tax(program, state, policy)
        if isinstance(policy, QUOTAS) and policy.rent_to.wedge.at_fob:
            fob = fob + rents(policy, program, state)
        if isinstance(policy, ReferencePrice) and policy.applies_to is AppliesTo.ALL_SALES:
            fob = fob + _own_sales(program, state, policy)
        if _is_border_levy(policy) and _captures_all(policy):
            for limit, rent in _limits(program, state, policy.id):
                if not limit.link[0].size:  # not one of members' own sales
                    fob = fob + rent * _arcs(network, limit.acts_on_arcs)
    books = Invoices(network, policies, fob, state.freight)
    gaps = {policy.id: _gap(books, policy) for policy in policies if _is_border_levy(policy)}
    if gaps:
        _raise_invoices(books, gaps)
    return books


def _is_border_levy(policy: Policy) -> bool:
    """Whether a policy lifts every origin to a price by itself."""
    border = isinstance(policy, ReferencePrice) and isinstance(policy.mechanism, BorderLevy)
    return border or isinstance(policy, MinimumImportPrice)


def _capture(policy: Policy) -> float:
    """Share of the gap that exporters keep [1]."""
    if isinstance(policy, MinimumImportPrice):
        return 1.0
    assert isinstance(policy, ReferencePrice)
    assert isinstance(policy.mechanism, BorderLevy)
    return policy.mechanism.rent_capture.fraction


def _captures_all(policy: Policy) -> bool:
    return _capture(policy) == 1.0


def _compare_at(policy: Policy) -> tuple[CompareAt, tuple[str, ...] | None]:
    """Price that is held against the reference, and the layers that count as paid."""
    if isinstance(policy, MinimumImportPrice):
        return policy.compare_at, None
    assert isinstance(policy, ReferencePrice)
    assert isinstance(policy.mechanism, BorderLevy)
    return policy.mechanism.compare_at, policy.mechanism.layers


def _limits(program: Program, state: State, policy: str) -> list[tuple[Limit, Array]]:
    """Limits of a policy with their (N, 1, 1, 1) multipliers."""
    return [
        (limit, state.multiplier[:, m, None, None, None])
        for m, limit in enumerate(program.terms.limits)
        if limit.policy == policy
    ]


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


def _reference(network: Network, policy: Policy) -> Array:
    """(G, R, R) reference price on the arcs that it binds; ``-inf`` elsewhere [USD/t]."""
    if isinstance(policy, MinimumImportPrice):
        reference = np.full(network.flow.shape, -np.inf)
        for name, minimum in policy.prices.items():
            bound = _covered(network, policy, name, policy.origins, policy.destinations)
            reference[bound] = network.setting.usd_per_tonne(name, minimum, policy.id)
        return reference
    assert isinstance(policy, ReferencePrice)
    members = network.setting.members(policy.zone, policy.id)
    outside = network.border & members[None, :] & ~members[:, None]
    reference = np.full(network.flow.shape, -np.inf)
    for good, price in policy.level.resolve(network.setting, policy.id).items():
        reference[good] = np.where(outside, price, -np.inf)
    return reference


def _compared(books: Invoices, policy: Policy, fob: Array) -> tuple[Array, Array]:
    """Price held against the reference at an invoice, and its slope in it [USD/t, 1]."""
    network = books.network
    compare_at, layers = _compare_at(policy)
    if compare_at is CompareAt.FOB:
        return fob, np.ones_like(network.insurance)
    slope, price = 1.0 + network.insurance, fob * (1.0 + network.insurance) + books.freight
    if compare_at is CompareAt.CIF:
        return price, slope
    value = np.where(network.customs_fob, fob, price)
    value_slope = np.where(network.customs_fob, 1.0, slope)
    for name, rate, specific in _ordinary_duties(books):
        if layers is None or name in layers:
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
        elif isinstance(policy, TariffRateQuota):
            rate = policy.in_quota.fraction
            yield policy.id, *_flat(books.network, policy, rate)
        elif isinstance(policy, ContentTariff) and not isinstance(
            policy.basis, EmbeddedReferenceGap
        ):
            yield policy.id, *_flat(books.network, policy, policy.basis.ad_valorem())


def _tariff_rates(network: Network, policy: Tariff) -> tuple[Array, Array]:
    covered = _covered(network, policy, policy.good, policy.origins, policy.destinations)
    specific = 0.0
    if policy.specific is not None:
        specific = network.setting.usd_per_tonne(policy.good, policy.specific, policy.id)
    rate = policy.rate.fraction if policy.rate is not None else 0.0
    return np.where(covered, rate, 0.0), np.where(covered, specific, 0.0)


def _flat(
    network: Network, policy: TariffRateQuota | ContentTariff, rate: float
) -> tuple[Array, Array]:
    """One ad valorem rate where a policy applies, and no specific duty."""
    covered = _paying(network, policy)
    return np.where(covered, rate, 0.0), np.zeros(covered.shape)


def _paying(network: Network, policy: TariffRateQuota | ContentTariff) -> BoolArray:
    """(G, R, R) arcs that pay, without exempt origins."""
    covered = _covered(network, policy, policy.good, policy.origins, policy.destinations)
    if isinstance(policy, ContentTariff):
        covered &= ~network.setting.members(policy.exempt, policy.id)[:, None]
    return covered


def _gap(books: Invoices, policy: Policy) -> Array:
    """(N, G, R, R) shortfall of the compared price below the reference [USD/t]."""
    price, _ = _compared(books, policy, books.fob)
    by_origin = ~books.network.setting.one_price[:, None, None]
    return np.where(by_origin, np.maximum(_reference(books.network, policy) - price, 0.0), 0.0)


def _raise_invoices(books: Invoices, gaps: dict[str, Array]) -> None:
    """Where several floors meet the highest gap holds; exporters capture their share of it."""
    holder = np.argmax(np.stack(list(gaps.values())), axis=0)
    border = [policy for policy in books.policies if _is_border_levy(policy)]
    before = books.fob
    for number, policy in enumerate(border):
        held = np.where(holder == number, gaps[policy.id], 0.0)
        _, slope = _compared(books, policy, before)
        raised = before + _capture(policy) * held / slope
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
    """(N, G, R, R) what licences, blends and delay add to landed prices after duties [USD/t]."""
    total = np.zeros_like(state.flow)
    for policy in books.policies:
        at_fob = isinstance(policy, QUOTAS) and policy.rent_to.wedge.at_fob
        if not at_fob:
            total = total + rents(policy, program, state)
    return total


def _own_sales(program: Program, state: State, policy: ReferencePrice) -> Array:
    """(N, G, R, R) what members must ask above their ex-works price [USD/t]."""
    setting, rent = program.network.setting, np.zeros_like(state.flow)
    members = setting.members(policy.zone, policy.id)
    buyers = members | (policy.exports is Exports.BOUND)
    for good, price in policy.level.resolve(setting, policy.id).items():
        for i in np.flatnonzero(members):
            if setting.makers(good, int(i)).size:
                above = np.maximum(price - state.price[:, good, i, None], 0.0)
                rent[:, good, i] = np.where(buyers, above, 0.0)
    return rent


@singledispatch
def rents(policy: Policy, program: Program, state: State) -> Array:
    """(N, G, R, R) rent per tonne of what a policy makes scarce on every route [USD/t]."""
    return np.zeros_like(state.flow)


@rents.register(ImportQuota)
@rents.register(ExportQuota)
@rents.register(ExportLicence)
def _quota_rents(
    policy: ImportQuota | ExportQuota | ExportLicence, program: Program, state: State
) -> Array:
    total = np.zeros_like(state.flow)
    for limit, rent in _limits(program, state, policy.id):
        total = total + rent * _arcs(program.network, limit.flow[0])
    return total


@rents.register
def _tariff_rate_quota_rents(policy: TariffRateQuota, program: Program, state: State) -> Array:
    """What a licence fetches, but never more than the duty that it saves."""
    covered = _covered(program.network, policy, policy.good, policy.origins, policy.destinations)
    (_, licence), *_ = _limits(program, state, policy.id)
    extra = policy.over_quota.fraction - policy.in_quota.fraction
    value = _plain_value(program, state)
    return np.where(covered, np.minimum(licence, extra * value), 0.0)


@rents.register
def _blend(policy: SourcingCap, program: Program, state: State) -> Array:
    """What certificates add to capped origins and take off the others."""
    setting, result = program.network.setting, np.zeros_like(state.flow)
    good, share = setting.good(policy.good, policy.id), policy.share.fraction
    capped = setting.members(policy.origins, policy.id)
    buyers = setting.members(policy.buyers, policy.id)
    weight = np.where(capped, 1.0 - share, -share)[:, None] * buyers
    for _, price in _limits(program, state, policy.id):
        result[:, good] = price[:, 0] * weight
    return result


@rents.register
def _discount(policy: Offtake, program: Program, state: State) -> Array:
    """What an offtaker bears so that its users take the tonnes, with a minus."""
    result = np.zeros_like(state.flow)
    for limit, discount in _limits(program, state, policy.id):
        if limit.flow[0].size:
            result = result - discount * _arcs(program.network, limit.flow[0])
    return result


@rents.register
def _embedded(policy: ContentTariff, program: Program, state: State) -> Array:
    """Gap of the covered goods inside, at the origin of the derivative."""
    result = np.zeros_like(state.flow)
    if not isinstance(policy.basis, EmbeddedReferenceGap):
        return result
    setting, basis = program.network.setting, policy.basis
    good = setting.good(policy.good, policy.id)
    for part, tonnes in basis.contents(setting, good, policy.id).items():
        name = setting.goods[part]
        reference = setting.usd_per_tonne(name, basis.references[name], policy.id)
        makes = np.array([setting.makers(part, r).size > 0 for r in range(len(setting.regions))])
        price = np.where(makes, state.price[:, part], state.index[:, part])
        result[:, good] += tonnes * np.maximum(reference - price, 0.0)[:, :, None]
    return np.where(_paying(program.network, policy), result, 0.0)


@rents.register
def _safeguard(policy: SteppedSafeguard, program: Program, state: State) -> Array:
    """Duty of the schedule, band by band: each rate on the part of the fall inside its band."""
    setting = program.network.setting
    trigger = setting.usd_per_tonne(policy.good, policy.trigger, policy.id)
    fall = trigger - _plain_value(program, state)
    edges = [band.fall.fraction * trigger for band in policy.bands] + [np.inf]
    duty = np.zeros_like(state.flow)
    for band, low, high in zip(policy.bands, edges, edges[1:], strict=False):
        duty += band.rate.fraction * np.clip(fall - low, 0.0, high - low)
    covered = _covered(program.network, policy, policy.good, policy.origins, policy.destinations)
    return np.where(covered, duty, 0.0)


@law.register
def _safeguard_law(
    policy: SteppedSafeguard, program: Program, state: State, books: Invoices
) -> Array:
    return np.asarray((rents(policy, program, state) * state.flow).sum(axis=(1, 2)))


def _plain_value(program: Program, state: State) -> Array:
    """(N, G, R, R) customs value of goods without rents of sellers [USD/t]."""
    network = program.network
    fob = state.price[..., None] * (1.0 + network.export_vat)
    for charge in program.terms.export_charges:
        fob = fob + state.price[..., None] * charge.rate + charge.specific
    return np.asarray(
        np.where(network.customs_fob, fob, fob * (1.0 + network.insurance) + state.freight)
    )


def _export_tax(program: Program, state: State, policy: ExportTax) -> Array:
    """(N, G, R, R) tax per tonne that leaves [USD/t]."""
    network, tax = program.network, np.zeros_like(state.flow)
    rate = policy.rate.fraction if policy.rate is not None else 0.0
    for good in policy.goods:
        mask = _covered(network, policy, good, policy.origins, policy.destinations)
        specific = 0.0
        if policy.specific is not None:
            specific = network.setting.usd_per_tonne(good, policy.specific, policy.id)
        tax = tax + mask * (rate * state.price[..., None] + specific)
    return tax


@law.register
def _export_tax_law(policy: ExportTax, program: Program, state: State, books: Invoices) -> Array:
    return np.asarray((_export_tax(program, state, policy) * state.flow).sum(axis=(1, 3)))


@law.register(ImportQuota)
@law.register(ExportQuota)
@law.register(ExportLicence)
def _auction(
    policy: ImportQuota | ExportQuota | ExportLicence,
    program: Program,
    state: State,
    books: Invoices,
) -> Array:
    """A treasury that auctions licences gets the rent."""
    worth = rents(policy, program, state) * state.flow
    if policy.rent_to is RentHolder.IMPORTING_TREASURY:
        return np.asarray(worth.sum(axis=(1, 2)))
    if policy.rent_to is RentHolder.EXPORTING_TREASURY:
        return np.asarray(worth.sum(axis=(1, 3)))
    return np.zeros_like(state.price[:, 0])


@law.register
def _tariff_rate_quota(
    policy: TariffRateQuota, program: Program, state: State, books: Invoices
) -> Array:
    """The lower rate on all tonnes; beyond the quota, the difference too.

    Where a licence is worth less than the difference nobody pays it; where it is worth more all
    tonnes do; on the route where both are equal, what the quota leaves.
    """
    covered = _covered(program.network, policy, policy.good, policy.origins, policy.destinations)
    extra = policy.over_quota.fraction - policy.in_quota.fraction
    beyond = np.zeros_like(state.flow)
    for limit, tonnes in _limits(program, state, policy.id):
        beyond = beyond + (tonnes * _arcs(program.network, limit.acts_on_arcs)) * limit.over_quota
    value = books.customs_value
    due = policy.in_quota.fraction * value * covered * state.flow + extra * value * beyond
    return np.asarray(due.sum(axis=(1, 2)))


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


@law.register
def _minimum_import_price(
    policy: MinimumImportPrice, program: Program, state: State, books: Invoices
) -> Array:
    """What the raised invoice leaves below the minimum: nothing."""
    return np.asarray((books.levies[policy.id] * state.flow).sum(axis=(1, 2)))


@law.register
def _content_tariff(
    policy: ContentTariff, program: Program, state: State, books: Invoices
) -> Array:
    due = rents(policy, program, state)
    if not isinstance(policy.basis, EmbeddedReferenceGap):
        rate = policy.basis.ad_valorem()
        due = rate * books.customs_value * _paying(program.network, policy)
    return np.asarray((due * state.flow).sum(axis=(1, 2)))


def _paid_by(policy: Policy, program: Program, region: str, amount: Array) -> Array:
    """(N, R) a payment (N,) out of one treasury [USD]."""
    total = np.zeros((amount.size, len(program.network.regions)))
    total[:, program.network.setting.region(region, policy.id)] = -amount
    return total


@law.register
def _production_subsidy(
    policy: ProductionSubsidy, program: Program, state: State, books: Invoices
) -> Array:
    network, setting = program.network, program.network.setting
    good, region = setting.good(policy.good, ""), setting.region(policy.region, "")
    makers = [setting.processes[k] for k in setting.makers(good, region)]
    named = [setting.processes.index(name) for name in policy.processes or makers]
    tonnes = (state.level[:, named] * network.outputs[named, good]).sum(axis=1)
    per_tonne = np.zeros(1)
    if policy.amount is not None:
        per_tonne = per_tonne + setting.usd_per_tonne(policy.good, policy.amount, "")
    if policy.rate is not None:
        per_tonne = per_tonne + policy.rate.fraction * state.price[:, good, region]
    paid = per_tonne * (tonnes if policy.cap is None else np.minimum(tonnes, policy.cap.tonnes))
    if policy.budget is not None:
        paid = np.minimum(paid, policy.budget.usd)
    return _paid_by(policy, program, policy.payer or policy.region, paid)


@law.register
def _input_subsidy(policy: InputSubsidy, program: Program, state: State, books: Invoices) -> Array:
    network, setting = program.network, program.network.setting
    good, region = setting.good(policy.good, ""), setting.region(policy.region, "")
    users = [
        k for k in np.flatnonzero(network.inputs[:, good]) if network.process_region[k] == region
    ]
    if policy.processes is not None:
        users = [k for k in users if setting.processes[k] in policy.processes]
    tonnes = (state.level[:, users] * network.inputs[users, good]).sum(axis=1)
    paid = setting.usd_per_tonne(policy.good, policy.amount, "") * tonnes
    if policy.budget is not None:
        paid = np.minimum(paid, policy.budget.usd)
    return _paid_by(policy, program, policy.payer or policy.region, paid)


@law.register
def _margin_guarantee(
    policy: MarginGuarantee, program: Program, state: State, books: Invoices
) -> Array:
    """Cash earnings by areas: quasi-rent and lump sums, plus the sourcing that is no money."""
    network, setting = program.network, program.network.setting
    good, region = setting.good(policy.good, ""), setting.region(policy.region, "")
    makers = [setting.processes[k] for k in setting.makers(good, region)]
    k = [setting.processes.index(name) for name in policy.processes or makers]
    here = network.process_region[k]
    beyond = (state.index - money_price(program, state))[:, :, here].transpose(0, 2, 1)
    earned = quasi_rent(program, state.margin) + lump_sums_before_floors(program, state)
    cash = earned[:, k] + state.level[:, k] * (network.inputs[k] * beyond).sum(axis=2)
    paid = np.maximum(policy.floor_now - cash.sum(axis=1) + policy.fixed_cash_cost.usd, 0.0)
    return _paid_by(policy, program, policy.payer or policy.region, paid)


@law.register
def _offtake(policy: Offtake, program: Program, state: State, books: Invoices) -> Array:
    """A public offtaker settles the contract and bears the discount."""
    network, setting = program.network, program.network.setting
    if not policy.public:
        return np.zeros_like(state.price[:, 0])
    good, region = setting.good(policy.good, ""), setting.region(policy.region, "")
    makers = [setting.processes[k] for k in setting.makers(good, region)]
    named = [setting.processes.index(name) for name in policy.processes or makers]
    paid = -(rents(policy, program, state) * state.flow).sum(axis=(1, 2, 3))
    if policy.price is not None:
        made = (state.level[:, named] * network.outputs[named, good]).sum(axis=1)
        gap = setting.usd_per_tonne(policy.good, policy.price, "") - state.price[:, good, region]
        paid = paid + gap * np.minimum(made, policy.tonnes.tonnes)
    return _paid_by(policy, program, policy.offtaker, paid)


@law.register
def _stockpile(policy: Stockpile, program: Program, state: State, books: Invoices) -> Array:
    """Purchases at what sourced and released tonnes cost together, releases at the price index."""
    setting = program.network.setting
    good, region = setting.good(policy.good, ""), setting.region(policy.region, "")
    bought, released = np.zeros(len(state.price)), np.zeros(len(state.price))
    for limit, tonnes in _limits(program, state, policy.id):
        sign = float(limit.acts_on_use[1].sum())
        bought = bought + np.maximum(sign, 0.0) * tonnes.ravel()
        released = released + np.maximum(-sign, 0.0) * tonnes.ravel()
    price = money_price(program, state)[:, good, region]
    closing = policy.opening.tonnes + bought - released
    cost = setting.usd_per_tonne(policy.good, policy.carrying_cost, "")
    paid = bought * price - released * state.index[:, good, region] + closing * cost
    return _paid_by(policy, program, policy.region, paid)


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
