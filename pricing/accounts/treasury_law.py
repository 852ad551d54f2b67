"""Treasury receipts from the declared policies, the law of each instrument, and trade alone."""

from __future__ import annotations

import numpy as np

from pricing.accounts.invoices import Invoices
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments import AnyPolicy, InterventionPurchase

Receipts = dict[tuple[str, str], Array]
"""(instrument, policy) -> (N, R) receipts less payments [USD]."""


def receipts(program: Program, state: State, books: Invoices) -> Receipts:
    """Treasury receipts by instrument, from the law.

    Parameters
    ----------
    program : Program
        For the network.
    state : State
        Solution.
    books : Invoices
        Declared prices and the policies in force; none for the base.
    """
    network = program.network
    vat = state.price[..., None] * network.export_vat * state.flow
    result: Receipts = {("export_vat", ""): vat.sum(axis=(1, 3))}
    for layer in network.duties:
        due = books.trade.due[layer.policy] * state.flow
        result[layer.instrument, layer.policy] = due.sum(axis=(1, 2))
    for policy in books.policies:
        result[policy.kind, policy.id] = policy.receipts(books.trade)
    _share_purchases(program, state, books.policies, result)
    return {key: network.under_names(line) for key, line in result.items()}


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
