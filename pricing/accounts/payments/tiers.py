"""Tonnes beyond quotas: the full duty that they pay, and what levies on top of it leave out."""

from __future__ import annotations

import numpy as np

from pricing.accounts.blocks import per_tonne
from pricing.chains.network import Array
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State


def over_quota(program: Program, state: State) -> dict[str, Array]:
    """Policy -> (N, G, R, R) share of each flow that pays the duty beyond its quota [1].

    Beside a levy that is higher than this duty licences save nothing, and any tonne may be the one
    beyond: what a quota leaves unused there is shared out by tonnes.
    """
    beyond: dict[str, Array] = {}
    unused: dict[str, Array] = {}
    levied = {limit.policy for limit in program.terms.limits if limit.levied_beyond}
    for m, limit in enumerate(program.terms.limits):
        if limit.over_quota:
            tonnes = beyond.setdefault(limit.policy, np.zeros_like(state.flow))
            count = tonnes.shape[0]
            tonnes.reshape(count, -1)[:, limit.acts_on_arcs] += state.multiplier[:, m, None]
        elif limit.policy in levied and (limit.flow[1] > 0.0).any():
            within = (state.flow * program.limit.flow[m]).sum(axis=(1, 2, 3))
            within -= state.multiplier @ program.limit.link[m]
            unused[limit.policy] = program.limit.constant[:, m] - within
    for policy, left in unused.items():
        asked = np.maximum(beyond[policy].sum(axis=(1, 2, 3)), 1e-300)
        beyond[policy] *= (1.0 - np.clip(left / asked, 0.0, 1.0))[:, None, None, None]
    return {policy: per_tonne(tonnes, state.flow) for policy, tonnes in beyond.items()}


def displaced(program: Program, state: State) -> dict[str, Array]:
    """Policy -> (N, G, R, R) levy on a tonne within its quota that one beyond does not pay [USD/t].

    There the duty beyond the quota counts as paid.
    """
    found: dict[str, Array] = {}
    whole = sum(state.gaps, np.zeros(1))
    for m, limit in enumerate(program.terms.limits):
        if limit.levied_beyond:
            total = found.setdefault(limit.policy, np.zeros_like(state.flow))
            beyond = state.multiplier[:, m, None, None, None]
            total += np.where(program.limit.landed[m] != 0.0, np.maximum(whole - beyond, 0.0), 0.0)
    return found


def instead_of_levies(program: Program, state: State) -> dict[str, Array]:
    """Policy -> (N, G, R, R) the same on the average tonne: duty in the place of a levy [USD/t]."""
    parts = displaced(program, state)
    shares = over_quota(program, state) if parts else {}
    return {policy: shares[policy] * part for policy, part in parts.items()}


def levied_gaps(program: Program, state: State) -> list[Array]:
    """(N, G, R, R) what each top-up fills on the average tonne, in their order [USD/t]."""
    less = sum(instead_of_levies(program, state).values(), np.zeros(1))
    return [np.where(gap > 0.0, gap - less, gap) for gap in state.gaps]
