r"""Tariff-rate quotas on routes that a levy tops up to a duty-paid reference price.

A tonne within the quota pays the lower duty, with which it lands at ``B``, and the levy

.. math:: s = \max(0, \text{reference} - B).

One beyond it pays ``D`` more, and the levy that this leaves, ``t = max(0, s - D)``. Both cost the
buyer the same, so that a licence is worth at most ``D - s + t = max(0, D - s)``. With the rent
``rho`` of the quota, the tonnes ``o`` beyond it and the discount ``d`` of
:func:`~pricing.instruments.tariff_rate_quota.two_tiers` the route lands at ``B + s + rho - d + t``,
and

====================================  ============================================
``0 <= rho``                          ``quota - sum (f - o) >= 0``
``0 <= o``                            ``D - s - (rho - d) >= 0``
``0 <= d``                            ``f - o >= 0``
====================================  ============================================

Where the levy is more than ``D`` licences save nothing and all tonnes are beyond the quota. What it
leaves unused is given to them in the accounts: it changes what their payment is called, and no
price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pricing.chains.network import Array, Network
from pricing.errors import Fault
from pricing.instruments.terms import NOTHING, Limit, Terms, Wedge

Faults = dict[tuple[str, str], Fault]


def count_beyond(terms: Terms) -> None:
    """Have levies that count all duties count those beyond tariff-rate quotas, in place."""
    references = [top_up.reference for top_up in terms.top_ups if top_up.counts_all]
    if not references:
        return
    highest = np.maximum.reduce(np.broadcast_arrays(*references))
    levels = highest.reshape(-1, terms.zeros().size)
    follows = _following(terms)
    for position, limit in _tonnes_beyond(terms):
        arc = int(limit.acts_on_arcs[0])
        level = levels[:, arc]
        if np.isfinite(level).all():
            filled = len(terms.limits)
            price = float(level[0]) if level.size == 1 else level[:, None]
            terms.limits += _levies(limit, price, follows.get(arc, ()), filled)
            at, weight = limit.link
            link = np.append(at, filled), np.append(weight, -1.0)
            terms.limits[position] = replace(limit, link=link)


def _tonnes_beyond(terms: Terms) -> list[tuple[int, Limit]]:
    """Limits whose multipliers are tonnes beyond a tariff-rate quota, one for each route."""
    return [(n, m) for n, m in enumerate(terms.limits) if m.over_quota and m.customs_value[0].size]


def _following(terms: Terms) -> Mapping[int, list[int]]:
    """Arc -> limits whose multipliers are duties beyond the ordinary ones that levies count."""
    found: dict[int, list[int]] = {}
    for position, limit in enumerate(terms.limits):
        for arc in limit.acts_on_arcs.tolist() if limit.counts_as_paid else ():
            found.setdefault(arc, []).append(position)
    return found


def _levies(
    beyond: Limit, reference: float | Array, follows: Sequence[int], first: int
) -> Iterator[Limit]:
    """``0 <= m  ⟂  m - (reference - paid) >= 0``: the levy on tonnes within, and that beyond.

    The second is in the landed price; the first is there already, as a top-up.
    """
    route, here = beyond.name.removeprefix("tonnes beyond "), beyond.acts_on_arcs
    tiers = ("within", NOTHING, None), ("beyond", beyond.customs_value, Wedge.IMPORTER)
    for n, (tier, more, wedge) in enumerate(tiers):
        link = np.array([first + n, *follows])
        yield Limit(
            policy=beyond.policy,
            instrument=beyond.instrument,
            name=f"levy on tonnes {tier} {route}",
            unit="USD/t",
            upper=np.inf,
            scale=beyond.condition_scale,
            condition_scale=beyond.condition_scale,
            constant=-reference,  # type: ignore[arg-type]  # one a scenario, in tables
            duty_paid=(here, np.ones(1)),
            customs_value=more,
            link=(link, np.ones(link.size)),
            wedge=wedge,
            acts_on_arcs=here,
            levied_beyond=wedge is not None,
        )


def tier_faults(network: Network, terms: Terms) -> Faults:
    """What tariff-rate quotas and levies that count their duties cannot have beside them."""
    counting = [top_up for top_up in terms.top_ups if top_up.counts_all]
    others = [top_up for top_up in terms.top_ups if not top_up.counts_all]
    first: dict[int, str] = {}
    faults: Faults = {}
    for _, limit in _tonnes_beyond(terms):
        arc, policy = int(limit.acts_on_arcs[0]), limit.policy
        for other in others:
            if policy in (other.layers or ()):
                faults[other.policy, policy] = Fault(
                    f"'layers' names '{policy}', and what tonnes pay beyond that quota is not the "
                    "duty of every tonne",
                    f"policies.{other.policy}.mechanism.layers",
                    remedy="Leave 'layers' out: then all duties count, on either side of the quota",
                )
        levy = next((t.policy for t in counting if _binds(t.reference, arc)), None)
        if levy is None:
            continue
        place = _place(network, arc)
        if first.setdefault(arc, policy) != policy:
            faults[policy, first[arc]] = Fault(
                f"'{policy}' and '{first[arc]}' are two tariff-rate quotas on {place}, which "
                f"'{levy}' tops up to its reference price: tonnes within both, one or none of them "
                "would pay four levies",
                f"policies.{policy}",
                remedy="Keep one of the quotas, or let the levy compare a price before duties",
            )
        for other in others:
            if _binds(other.reference, arc):
                faults[other.policy, policy] = Fault(
                    f"'{levy}' and '{other.policy}' both hold up the price of {place}, and only "
                    f"the first counts what is due beyond the quota of '{policy}': which of them "
                    "holds would differ from tonne to tonne",
                    f"policies.{other.policy}",
                    remedy="Compare both with the duty-paid price, or keep one of them",
                )
        if arc in network.sellers.arc:
            faults[policy, levy] = Fault(
                f"'{policy}' and '{levy}' meet on {place}, where exporters set prices "
                "('assumptions.conduct'): a higher invoice costs the buyer nothing on tonnes "
                "within the quota, and something on those beyond it",
                f"policies.{policy}",
                remedy="Keep one of the two, or leave this buyer out of 'destinations' of the "
                "conduct",
            )
    return faults


def _binds(reference: Array, arc: int) -> bool:
    """Whether a reference price holds on an arc, in any scenario."""
    places = reference.shape[-3:]
    return bool(np.isfinite(reference.reshape(-1, int(np.prod(places)))[:, arc]).any())


def _place(network: Network, arc: int) -> str:
    """Good and route in words."""
    good, place = divmod(arc, len(network.regions) ** 2)
    origin, buyer = divmod(place, len(network.regions))
    regions = network.regions
    return f"{network.goods[good]} from {regions[origin]} to {regions[buyer]}"
