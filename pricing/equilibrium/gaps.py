"""Policies that fill the gap below a price, where they meet at one border."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pricing.chains.network import Network
from pricing.equilibrium.charges import Charges
from pricing.equilibrium.tiers import tier_faults
from pricing.errors import Fault
from pricing.instruments.terms import Duty, Terms, Wedge

SAME = 1e-6
"""Prices nearer than this share of the larger one are the same price [1]."""

Faults = dict[tuple[str, str], Fault]


def gap_faults(network: Network, terms: Terms, duties: Sequence[Duty]) -> Faults:
    """All faults of gaps that two policies fill, by the two policies."""
    return (
        _same_floor(network, terms)
        | _promised_twice(network, terms)
        | _held_up_twice(network, terms)
        | _raised_and_charged(network, terms)
        | tier_faults(network, terms)
        | _unknown_layers(terms, duties)
    )


def _held_up_twice(network: Network, terms: Terms) -> Faults:
    """A levy per territory or an undertaking, and another top-up on one arc: no agreed stacking."""
    taken: dict[int, str] = {}
    faults: Faults = {}
    groups = [(t.policy, np.flatnonzero(np.isfinite(t.reference)), False) for t in terms.top_ups]
    lifting = [m for m in terms.limits if m.wedge is Wedge.LEVY or m.alone]
    groups += [(m.policy, m.acts_on_arcs, m.alone) for m in lifting]
    uniform = {m.policy for m in lifting if m.alone}
    for policy, covered, is_uniform in groups:
        for arc in covered:
            other = taken.setdefault(int(arc), policy)
            if other != policy and (is_uniform or other in uniform):
                good = network.goods[int(arc) // len(network.regions) ** 2]
                faults[policy, other] = Fault(
                    f"'{policy}' and '{other}' both hold up the price of {good} at one border, "
                    "and one of them is a uniform levy or an undertaking",
                    f"policies.{policy}",
                    remedy="Keep one, or make both border levies (then the higher holds)",
                )
    return faults


def _promised_twice(network: Network, terms: Terms) -> Faults:
    """Two undertakings towards one buyer of a homogeneous good: who sells at one price is open."""
    regions, first = len(network.regions), dict[tuple[int, int], str]()
    faults: Faults = {}
    for limit in terms.limits:
        if not limit.alone or limit.wedge is Wedge.LEVY:
            continue
        arc = int(limit.acts_on_arcs[0])
        good, buyer = arc // regions**2, arc % regions
        if network.setting.one_price[good]:
            other = first.setdefault((good, buyer), limit.policy)
            if other != limit.policy:
                faults[limit.policy, other] = Fault(
                    f"'{limit.policy}' and '{other}' both promise a price of "
                    f"{network.goods[good]} in {network.regions[buyer]}, and buyers of a "
                    "homogeneous good pay one price: who sells to them would be open",
                    f"policies.{limit.policy}",
                    remedy="State one undertaking of all its origins, or use the logit law",
                )
    return faults


def _raised_and_charged(network: Network, terms: Terms) -> Faults:
    """A duty on how far an invoice lies below a price, where exporters must raise that invoice.

    The duty would look at the invoice before it is raised, so that one gap is filled twice. Customs
    sees the raised one. Of a homogeneous good what exporters ask is part of the invoice already.
    """
    raised = {
        int(arc): top_up.policy
        for top_up in terms.top_ups
        if np.any(np.asarray(top_up.capture) > 0.0)
        for arc in np.flatnonzero(np.isfinite(top_up.reference))
    }
    faults: Faults = {}
    for limit in terms.limits:
        for arc in limit.acts_on_arcs.tolist() if limit.fills_gap else ():
            if arc in raised and (limit.policy, raised[arc]) not in faults:
                good, place = divmod(arc, len(network.regions) ** 2)
                origin, buyer = divmod(place, len(network.regions))
                faults[limit.policy, raised[arc]] = Fault(
                    f"'{limit.policy}' charges how far {network.goods[good]} from "
                    f"{network.regions[origin]} lies below a price in {network.regions[buyer]}, "
                    f"where '{raised[arc]}' has exporters raise that price: one gap would be "
                    "filled twice",
                    f"policies.{limit.policy}",
                    remedy="Keep one of them: the higher price holds; or cover different routes",
                )
    return faults


def _same_floor(network: Network, terms: Terms) -> Faults:
    """Floors of two policies at one delivered price of a homogeneous good.

    At different prices the cheaper floor's origins sell what they offer there, and the others the
    rest. At one price both would ask a rent, and how much each sells would be open.
    """
    floors: dict[int, list[tuple[str, float]]] = {}
    for place, policy, price in _delivered_floors(network, terms):
        floors.setdefault(place, []).append((policy, price))
    faults: Faults = {}
    for place, some in floors.items():
        for n, (policy, price) in enumerate(some):
            for other, as_high in some[:n]:
                if other != policy and abs(price - as_high) <= SAME * max(price, as_high):
                    good, buyer = divmod(place, len(network.regions))
                    faults[policy, other] = Fault(
                        f"'{policy}' and '{other}' hold up the price of {network.goods[good]} in "
                        f"{network.regions[buyer]} to the same {price:,.6g} USD/t, and buyers of a "
                        "homogeneous good pay one price: who sells to them would be open",
                        f"policies.{policy}",
                        remedy="State one policy of all origins, prices that differ, or the logit "
                        "law",
                    )
    return faults


def _delivered_floors(network: Network, terms: Terms) -> Iterator[tuple[int, str, float]]:
    """Buyer's place, policy and delivered price of floors under homogeneous goods [USD/t]."""
    regions, charges, one_price = len(network.regions), None, network.setting.one_price
    for limit in terms.limits:
        if limit.wedge not in (Wedge.SELLER, Wedge.LEVY):
            continue
        level = -float(np.ravel(limit.constant)[0])
        place, _ = limit.buyer_price
        if place.size == 1 and one_price[place[0] // regions]:
            yield int(place[0]), limit.policy, level
        elif limit.wedge is Wedge.LEVY:
            continue  # of all sellers, which follows a gap, or on the price of makers
        elif limit.alone and one_price[(arc := int(limit.acts_on_arcs[0])) // regions**2]:
            charges = charges or Charges.of(network, terms)
            at = arc // regions**2 * regions + arc % regions
            yield at, limit.policy, _landed_at(charges, arc, level)


def _landed_at(charges: Charges, arc: int, customs_value: float) -> float:
    """Landed price with ordinary duties at a customs value, on one arc [USD/t]."""
    value, landed = charges.value, charges.landed
    at = {
        name: float(part.reshape(-1, charges.hidden.size)[0, arc])
        for name, part in (
            ("gain", value.rent),
            ("fixed", value.constant),
            ("duty", landed.rent),
            ("paid", landed.constant),
        )
    }
    return at["paid"] + at["duty"] * (customs_value - at["fixed"]) / at["gain"]


def _unknown_layers(terms: Terms, duties: Sequence[Duty]) -> Faults:
    """Duties that a levy counts as paid, and that nobody charges."""
    layers, faults = {duty.policy for duty in duties}, dict[tuple[str, str], Fault]()
    for top_up in terms.top_ups:
        for layer in set(top_up.layers or ()) - layers:
            faults[top_up.policy, layer] = Fault(
                f"'{layer}' is no duty layer or tariff",
                f"policies.{top_up.policy}.mechanism.layers",
                remedy="Known: " + ", ".join(sorted(layers)),
            )
    return faults
