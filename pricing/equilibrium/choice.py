"""What can be bought at all, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pricing.chains.network import BoolArray, IntArray, Network
from pricing.equilibrium.gaps import gap_faults
from pricing.equilibrium.overlaps import overlap_faults
from pricing.errors import (
    Certificate,
    Fault,
    InfeasibleError,
    InputError,
    NoEquilibriumError,
    Part,
)
from pricing.instruments.layers import stacking_faults
from pricing.instruments.terms import Duty, Terms, granted


def choice_sets(network: Network, terms: Terms) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Arcs, origins and processes that are not structurally shut.

    Shutting runs downstream: a process without an obtainable input, or a by-product without its
    host, cannot run; an origin whose processes cannot run has nothing to sell.
    """
    arcs: BoolArray = np.isfinite(network.log_weight).astype(bool)
    for _, closed in terms.closed:
        arcs &= ~closed
    process = network.capacity > 0.0
    while True:
        origin = np.zeros(arcs.shape[:2], dtype=bool)
        for k in np.flatnonzero(process):
            origin[:, network.process_region[k]] |= network.outputs[k] > 0.0
        open_arcs = arcs & origin[:, :, None]
        obtainable = np.asarray(open_arcs.any(axis=1))[:, network.process_region].T
        can_run = process & (obtainable | (network.inputs == 0.0)).all(axis=1)
        can_run[network.by_products.process] &= can_run[network.by_products.host]
        if np.array_equal(can_run, process):
            return open_arcs, origin, process
        process = can_run


def require_offers(
    name: str, network: Network, terms: Terms, open_arcs: BoolArray, endings: IntArray
) -> None:
    """Every buyer has something on offer or a price at which it goes without.

    Lines that go on below zero (``endings``) find that price themselves.

    Raises
    ------
    InfeasibleError
        With the demand that cannot be met, and the policies that shut its routes.
    NoEquilibriumError
        If only a straight line that other prices move is left: where it ends is not known here.
    """
    curves = network.demand
    offered = np.asarray(open_arcs.any(axis=1))[network.demand_good, network.demand_region]
    endless = ~offered & (curves.quantity > 0.0) & ~np.isfinite(curves.choke)
    endless[endings] = False
    stuck = endless & ~np.isfinite(curves.end)
    if not stuck.any():
        _refuse_moved_lines(name, network, endless)
        return
    places = list(zip(network.demand_good[stuck], network.demand_region[stuck], strict=True))
    needs = tuple(
        Part(f"use of {network.goods[g]} in {network.regions[r]}", float(quantity), 1.0)
        for (g, r), quantity in zip(places, network.demand.quantity[stuck], strict=True)
    )
    shut = dict.fromkeys(
        policy for policy, closed in terms.closed for g, r in places if closed[g, :, r].any()
    )
    limits = tuple(Part(f"routes that '{policy}' shuts", 0.0, 1.0) for policy in shut)
    raise InfeasibleError(name, Certificate(needs, limits))


def _refuse_moved_lines(name: str, network: Network, endless: BoolArray) -> None:
    """Straight lines without a choke price end where other prices say, which may have no end."""
    moved = np.intersect1d(np.flatnonzero(endless), network.cross.demand)
    if moved.size:
        n = int(moved[0])
        good = network.goods[network.demand_good[n]]
        place = f"use of {good} in {network.regions[network.demand_region[n]]}"
        why = f"{place}, where none is on offer: other prices move the price at which it ends"
        raise NoEquilibriumError(name, why, 1.0, "State a 'choke_multiple' for that demand.")


def refuse_contradictions(network: Network, terms: Terms, duties: Sequence[Duty]) -> None:
    """Refuse policies that meet without a rule for what then holds.

    Raises
    ------
    InputError
        With every fault.
    """
    faults = gap_faults(network, terms, duties)
    for fault in stacking_faults(duties):
        faults[fault.field, fault.problem] = fault
    faults |= _made_up_twice(network, terms)
    faults |= _paid_twice(network, terms)
    faults |= _bought_twice(network, terms)
    faults |= overlap_faults(network, terms)
    faults |= _granted_whole(network, terms)
    if faults:
        raise InputError(list(faults.values()))


def _made_up_twice(network: Network, terms: Terms) -> dict[tuple[str, str], Fault]:
    """Two floors under the earnings of one plant: each would make up the whole shortfall."""
    first: dict[int, str] = {}
    faults: dict[tuple[str, str], Fault] = {}
    for floor in terms.margin_floors:
        for k in floor.process:
            other = first.setdefault(int(k), floor.policy)
            if other != floor.policy:
                faults[floor.policy, other] = Fault(
                    f"'{floor.policy}' and '{other}' both make up the earnings of "
                    f"{network.processes[k]}",
                    f"policies.{floor.policy}",
                    remedy="Keep the higher floor, or cover different processes",
                )
    return faults


def _paid_twice(network: Network, terms: Terms) -> dict[tuple[str, str], Fault]:
    """Guarantees that together pay more than the whole shortfall of a tonne.

    With the producer's own price as index it would gain from a lower price, and so would its
    rivals; with another index the same gap is paid twice.
    """
    share: dict[tuple[int, int], float] = {}
    first: dict[tuple[int, int], str] = {}
    faults: dict[tuple[str, str], Fault] = {}
    for support in terms.supports:
        if not (support.index > 0.0).any():
            continue  # pays the same at any price, or more at a higher one
        for k, g in zip(support.process, support.good, strict=True):
            key = (int(k), int(g))
            share[key] = share.get(key, 0.0) + support.part * support.down
            other = first.setdefault(key, support.policy)
            if share[key] > 1.0 + 1e-12:
                faults[support.policy, other] = Fault(
                    f"'{support.policy}' and '{other}' together pay more than the whole shortfall "
                    f"of {network.goods[g]} from {network.processes[k]}",
                    f"policies.{support.policy}",
                    remedy="Lower a share, or cover different processes",
                )
    return faults


def _granted_whole(network: Network, terms: Terms) -> dict[tuple[str, str], Fault]:
    """Grants that together pay the whole annuity: capacity would have no cost and no end."""
    whole = granted(terms.grants, len(network.processes))[0] >= 1.0
    faults: dict[tuple[str, str], Fault] = {}
    for k in np.flatnonzero(whole):
        first, *others = (grant.policy for grant in terms.grants if k in grant.process)
        for other in others:
            faults[other, first] = Fault(
                f"'{first}' and '{other}' together pay the whole annuity of {network.processes[k]}",
                f"policies.{other}.share",
                remedy="Lower a share, or cover different processes",
            )
    return faults


def _bought_twice(network: Network, terms: Terms) -> dict[tuple[str, str], Fault]:
    """Two public buyers of one good in one region: who buys how much would be arbitrary."""
    first: dict[int, str] = {}
    faults: dict[tuple[str, str], Fault] = {}
    for limit in terms.limits:
        for place in limit.acts_on_balance[0]:
            other = first.setdefault(int(place), limit.policy)
            if other != limit.policy:
                good = network.goods[int(place) // len(network.regions)]
                faults[limit.policy, other] = Fault(
                    f"'{limit.policy}' and '{other}' both buy {good} in one region",
                    f"policies.{limit.policy}",
                    remedy="Keep one of them",
                )
    return faults
