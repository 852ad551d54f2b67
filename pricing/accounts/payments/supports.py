"""Payments on output, with their caps and budgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricing.accounts.blocks import Block, Labels
from pricing.accounts.parties import LICENCES, PARTNER_TREASURY, PROCESSES
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Payer


@dataclass(frozen=True)
class SupportPayments:
    """Payments of one support; arrays are (N, E)."""

    full: Array
    """Paid to producers [USD]."""
    handed_back: Array
    """Paid back by producers [USD]."""
    marginal: Array
    """Part that producers count on for one more tonne: paid less handed back [USD]."""

    @property
    def lump_sum(self) -> Array:
        """Net payment that does not depend on one more tonne [USD]."""
        return self.full - self.handed_back - self.marginal


def support_payments(program: Program, state: State) -> tuple[SupportPayments, ...]:
    """What every support pays and gets back, caps and budgets applied."""
    flat = state.price.reshape(state.price.shape[0], -1)
    result = []
    for q, (support, at) in enumerate(zip(program.supports, state.supports, strict=True)):
        due = at.shortfall * at.output
        full = due * _paid_share(program, q, due, at.output, at.cut)
        back = at.excess * at.output
        if support.lump_sum_up:
            over = np.maximum(flat @ support.index.T - support.upper, 0.0)
            back = support.up * over * at.output
            back = back * _within(support.up_tonnes, at.output.sum(axis=1))[:, None]
            back = back * _within(support.up_cap, back.sum(axis=1))[:, None]
        result.append(SupportPayments(full, back, at.rate * at.output))
    return tuple(result)


def _within(bound: float | Array, total: Array) -> Array:
    """(N,) share of a total that a bound allows [1]."""
    return np.asarray(np.minimum(1.0, np.ravel(bound) / np.where(total > 0.0, total, 1.0)))


def _paid_share(program: Program, number: int, due: Array, output: Array, cut: Array) -> Array:
    """(N, 1) share of what is due that the cap or budget of a support lets through [1]."""
    share = np.ones((due.shape[0], 1))
    for limit in program.terms.limits:
        if limit.acts_on_support != number:
            continue
        if limit.payment is None:
            share = share * _within(limit.constant, output.sum(axis=1))[:, None]
        elif limit.payment_reduced:
            share = share * (1.0 - cut[:, None])
        else:
            share = share * _within(limit.constant, due.sum(axis=1))[:, None]
    return share


def blocks(program: Program, state: State) -> Iterator[Block]:
    """Payments on output, and what producers hand back."""
    payments = support_payments(program, state)
    for support, at, paid in zip(program.supports, state.supports, payments, strict=True):
        labels = Labels.of_processes(program.network, support.process, support.good, support.payer)
        kind, name = support.instrument, support.policy
        payer = PARTNER_TREASURY if support.paid_by is Payer.TREASURY else LICENCES
        yield Block.paid(payer, PROCESSES, labels, kind, name, at.output, paid.full)
        if np.isfinite(support.upper).any():
            yield Block.paid(PROCESSES, payer, labels, kind, name, at.output, paid.handed_back)
