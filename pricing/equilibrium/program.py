"""One scenario as the arrays that the equilibrium conditions read.

A :class:`Program` is a calibrated network plus the terms that the instruments added, reduced to
affine landed prices, top-ups, supports and limits. Arrays that depend on the scenario carry a
leading scenario axis N, so that the conditions serve one solve and a batch alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.errors import Fault, InputError
from pricing.instruments.terms import CompareAt, Limit, Support, Terms, TopUp, Wedge

PRICE_WEIGHT = 0.01
"""Weight of excess supply against the price in the test for a price of zero [1]."""


@dataclass(frozen=True)
class LevyTerm:
    """One top-up in affine form: ``gap = max(0, reference - slope p - constant - rent_gain s)``."""

    source: TopUp
    """The declared top-up."""
    reference: Array
    """(N, G, R, R) reference price; ``-inf`` where it does not apply [USD/t]."""
    slope: Array
    """(G, R, R) slope of the compared price in the ex-works price [1]."""
    constant: Array
    """(G, R, R) its constant [USD/t]."""
    rent_gain: Array
    """(G, R, R) its slope in seller-held rent at FOB [1]."""
    landed_gain: Array
    """(G, R, R) slope of the landed price in the gap [1]."""


@dataclass(frozen=True)
class Pairs:
    """Nonzero input or output coefficients as parallel arrays."""

    process: IntArray
    """Process of each pair."""
    good: IntArray
    """Good of each pair."""
    region: IntArray
    """Region of the process."""
    place: IntArray
    """``g R + region``."""
    coefficient: Array
    """Tonnes per tonne of level [t/t]."""

    @classmethod
    def of(cls, coefficients: Array, region: IntArray, regions: int) -> Pairs:
        """Pairs of a (K, G) matrix."""
        process, good = np.nonzero(coefficients)
        at = region[process]
        return cls(process, good, at, good * regions + at, coefficients[process, good])


@dataclass(frozen=True)
class LimitArrays:
    """Limits as dense matrices over arcs, goods by regions, and processes."""

    upper: Array
    """(N, M) upper bounds."""
    constant: Array
    """(N, M) constants of the conditions."""
    scale: Array
    """(M,) typical multipliers."""
    condition_scale: Array
    """(N, M) typical sizes of the conditions."""
    seller: Array
    """(M, G, R, R) multiplier enters FOB."""
    landed: Array
    """(M, G, R, R) multiplier enters the landed price after duties."""
    use: Array
    """(M, G, R) multiplier enters use."""
    balance: Array
    """(M, G, R) multiplier leaves the ex-works balance."""
    support: Array
    """(M, Q) multiplier cuts a support."""
    price: Array
    """(M, G, R) condition coefficients on producer prices."""
    buyer_price: Array
    """(M, G, R) condition coefficients on price indices."""
    flow: Array
    """(M, G, R, R) condition coefficients on flows (with a minus)."""
    level: Array
    """(M, K) condition coefficients on levels (with a minus)."""
    payment: Array
    """(M, Q) condition coefficients on full payments (with a minus)."""
    reduced: Array
    """(M, Q) condition coefficients on payments after cuts (with a minus)."""
    on_arcs: IntArray
    """Limits whose multiplier is part of some arc's price."""
    on_flow: IntArray
    """Limits whose condition counts flows."""


@dataclass(frozen=True)
class Program:
    """Everything that the conditions read."""

    name: str
    """Name of the scenario, for messages."""
    network: Network
    """Calibrated network."""
    terms: Terms
    """What the instruments added, for accounts."""
    open_arcs: BoolArray
    """(G, R, R) arcs in the choice set."""
    open_origin: BoolArray
    """(G, R) origins that can sell."""
    open_process: BoolArray
    """(K,) processes that can run."""
    log_weight: Array
    """(G, R, R) logit weights with closed arcs at ``-inf`` [1]."""
    landed_slope: Array
    """(G, R, R) slope of the untopped landed price in the ex-works price [1]."""
    landed_constant: Array
    """(N, G, R, R) its constant [USD/t]."""
    fob_gain: Array
    """(G, R, R) slope of the untopped landed price in the FOB price [1]."""
    duty_rate: Array
    """(G, R, R) total ad valorem rate on the customs value [1]."""
    levies: tuple[LevyTerm, ...]
    """Top-ups."""
    supports: tuple[Support, ...]
    """Payments on output at the margin; a capped upside is left to the accounts."""
    limits: tuple[Limit, ...]
    """Limits in order."""
    limit: LimitArrays
    """Limits as matrices."""
    lower: Array
    """(N, n) lower bounds of the unknowns, scaled."""
    upper: Array
    """(N, n) upper bounds of the unknowns, scaled."""
    scale: Array
    """(n,) scale of each unknown: prices, levels, multipliers."""
    condition_scale: Array
    """(N, n) scale of each condition: volume, output price, the limit's own."""
    level_price: Array
    """(K,) value of one tonne of process level at benchmark prices [USD/t]."""
    weight: Array
    """(n,) weight of each condition against its unknown in the test for a bound [1]."""
    inputs: Pairs
    """Inputs of processes."""
    outputs: Pairs
    """Outputs of processes."""

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Numbers of producer prices, process levels and multipliers."""
        goods, regions = len(self.network.goods), len(self.network.regions)
        return goods * regions, len(self.network.processes), len(self.limits)

    @property
    def level_part(self) -> slice:
        """Positions of the process levels among the unknowns."""
        prices, levels, _ = self.sizes
        return slice(prices, prices + levels)


def assemble(name: str, network: Network, terms: Terms) -> Program:
    """Reduce a network and the terms of its policies to a program.

    Raises
    ------
    InputError
        If two policies contradict each other on the same arc.
    """
    limits = [*terms.limits, *_chokes(network)]
    open_arcs, open_origin, open_process = _choice_sets(network, terms)
    rate = sum((d.rate for d in _duties(network, terms)), terms.zeros())
    specific = sum((d.specific for d in _duties(network, terms)), terms.zeros())
    vat, freight, insured = 1.0 + network.export_vat, network.freight, 1.0 + network.insurance
    at_fob = network.customs_fob[None, None, :]
    fob_gain = insured + rate * np.where(at_fob, 1.0, insured)
    constant = freight + specific + rate * np.where(at_fob, 0.0, freight)
    log_weight = np.where(open_arcs, network.log_weight, -np.inf)
    limit = _limit_arrays(network, limits, len(terms.supports), open_arcs)
    levies = tuple(_levy(network, terms, top_up, fob_gain) for top_up in terms.top_ups)
    _refuse_contradictions(network, terms)
    lower, upper, scale = _bounds(network, open_origin, open_process, limit)
    level_price = network.outputs @ network.setting.price_scale
    volume = network.setting.quantity_scale.ravel()
    regions = len(network.regions)
    return Program(
        name=name,
        network=network,
        terms=terms,
        open_arcs=open_arcs,
        open_origin=open_origin,
        open_process=open_process,
        log_weight=log_weight,
        landed_slope=fob_gain * vat,
        landed_constant=constant[None],
        fob_gain=fob_gain,
        duty_rate=rate,
        levies=levies,
        supports=tuple(terms.supports),
        limits=tuple(limits),
        limit=limit,
        lower=lower,
        upper=upper,
        scale=scale,
        condition_scale=np.concatenate(
            [np.concatenate([volume, level_price])[None], limit.condition_scale], axis=1
        ),
        level_price=level_price,
        weight=np.where(np.arange(scale.size) < volume.size, PRICE_WEIGHT, 1.0),
        inputs=Pairs.of(network.inputs, network.process_region, regions),
        outputs=Pairs.of(network.outputs, network.process_region, regions),
    )


def _duties(network: Network, terms: Terms) -> list:  # type: ignore[type-arg]
    return [*network.duties, *terms.duties]


def _chokes(network: Network) -> list[Limit]:
    """Shortage as a limit: ``0 <= u <= demand at choke  ⟂  choke - P``."""
    limits = []
    curves = network.demand
    at_choke = curves.demanded(curves.choke)
    for n in np.flatnonzero(np.isfinite(curves.choke) & (curves.quantity > 0.0)):
        g, r = network.demand_good[n], network.demand_region[n]
        here = np.array([g * len(network.regions) + r], dtype=np.intp)
        limits.append(
            Limit(
                policy="",
                instrument="shortage",
                name=f"shortage of {network.goods[g]} in {network.regions[r]}",
                unit="t",
                upper=float(at_choke[n]),
                scale=float(curves.quantity[n]),
                condition_scale=float(curves.price[n]),
                constant=float(curves.choke[n]),
                buyer_price=(here, -np.ones(1)),
                acts_on_use=(here, -np.ones(1)),
            )
        )
    return limits


def _choice_sets(network: Network, terms: Terms) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Arcs, origins and processes that are not structurally shut.

    Shutting runs downstream: a process without an obtainable input cannot run, an origin whose
    processes cannot run has nothing to sell.
    """
    arcs = np.isfinite(network.log_weight)
    for _, closed in terms.closed:
        arcs &= ~closed
    process = network.capacity > 0.0
    while True:
        origin = np.zeros(arcs.shape[:2], dtype=bool)
        for k in np.flatnonzero(process):
            origin[:, network.process_region[k]] |= network.outputs[k] > 0.0
        open_arcs = arcs & origin[:, :, None]
        obtainable = open_arcs.any(axis=1)[:, network.process_region].T
        can_run = process & (obtainable | (network.inputs == 0.0)).all(axis=1)
        if np.array_equal(can_run, process):
            return open_arcs, origin, process
        process = can_run


def _levy(network: Network, terms: Terms, top_up: TopUp, fob_gain: Array) -> LevyTerm:
    """Affine form of the price that is held against the reference."""
    at_fob = network.customs_fob[None, None, :]
    vat, insured = 1.0 + network.export_vat, 1.0 + network.insurance
    if top_up.compare_at is CompareAt.FOB:
        gain, constant = np.ones_like(insured), np.zeros_like(insured)
    elif top_up.compare_at is CompareAt.CIF:
        gain, constant = insured, network.freight
    else:
        counted = [
            d
            for d in _duties(network, terms)
            if top_up.layers is None or d.policy in top_up.layers
        ]
        rate = sum((d.rate for d in counted), terms.zeros())
        gain = insured + rate * np.where(at_fob, 1.0, insured)
        constant = network.freight + sum((d.specific for d in counted), terms.zeros())
        constant = constant + rate * np.where(at_fob, 0.0, network.freight)
    landed_gain = (1.0 - top_up.capture) + top_up.capture * fob_gain / gain
    return LevyTerm(
        top_up, top_up.reference[None], gain * vat, constant, gain, landed_gain
    )


def _refuse_contradictions(network: Network, terms: Terms) -> None:
    """A levy per territory and another top-up on one arc have no agreed stacking."""
    taken: dict[int, str] = {}
    faults: dict[tuple[str, str], Fault] = {}
    groups = [(t.policy, np.flatnonzero(np.isfinite(t.reference)), False) for t in terms.top_ups]
    groups += [
        (m.policy, m.acts_on_arcs, True) for m in terms.limits if m.wedge is Wedge.LEVY
    ]
    uniform = {m.policy for m in terms.limits if m.wedge is Wedge.LEVY}
    for policy, covered, is_uniform in groups:
        for arc in covered:
            other = taken.setdefault(int(arc), policy)
            if other != policy and (is_uniform or other in uniform):
                good = network.goods[int(arc) // len(network.regions) ** 2]
                faults[policy, other] = Fault(
                    f"'{policy}' and '{other}' both hold up the price of {good} at one border, "
                    "and one of them is a uniform levy",
                    f"policies.{policy}",
                    remedy="Keep one, or make both border levies (then the higher holds)",
                )
    layers = {d.policy for d in _duties(network, terms)}
    for top_up in terms.top_ups:
        for layer in set(top_up.layers or ()) - layers:
            faults[top_up.policy, layer] = Fault(
                f"'{layer}' is no duty layer or tariff",
                f"policies.{top_up.policy}.mechanism.layers",
                remedy="Known: " + ", ".join(sorted(layers)),
            )
    if faults:
        raise InputError(list(faults.values()))


def _limit_arrays(
    network: Network, limits: list[Limit], supports: int, open_arcs: BoolArray
) -> LimitArrays:
    goods, regions, processes = len(network.goods), len(network.regions), len(network.processes)
    count = len(limits)
    arcs = np.zeros((3, count, goods * regions * regions))
    places = np.zeros((4, count, goods * regions))
    level = np.zeros((count, processes))
    links = np.zeros((3, count, supports))
    upper = np.array([limit.upper for limit in limits])
    for m, limit in enumerate(limits):
        if limit.wedge is not None:
            if not open_arcs.ravel()[limit.acts_on_arcs].any():
                upper[m] = 0.0  # no trade to charge: the multiplier would be arbitrary
            arcs[0 if limit.wedge is Wedge.SELLER else 1, m, limit.acts_on_arcs] = 1.0
        arcs[2, m, limit.flow[0]] = limit.flow[1]
        for n, sparse in enumerate(
            (limit.acts_on_use, limit.acts_on_balance, limit.price, limit.buyer_price)
        ):
            places[n, m, sparse[0]] = sparse[1]
        np.add.at(level[m], limit.level[0], limit.level[1])
        if limit.acts_on_support is not None:
            links[0, m, limit.acts_on_support] = 1.0
        if limit.payment is not None:
            links[2 if limit.payment_reduced else 1, m, limit.payment] = 1.0
    arc_shape, place_shape = (count, goods, regions, regions), (count, goods, regions)
    return LimitArrays(
        upper=upper.reshape(1, count),
        constant=np.array([[limit.constant for limit in limits]]).reshape(1, count),
        scale=np.array([limit.scale for limit in limits]),
        condition_scale=np.array([[limit.condition_scale for limit in limits]]).reshape(1, count),
        seller=arcs[0].reshape(arc_shape),
        landed=arcs[1].reshape(arc_shape),
        use=places[0].reshape(place_shape),
        balance=places[1].reshape(place_shape),
        support=links[0],
        price=places[2].reshape(place_shape),
        buyer_price=places[3].reshape(place_shape),
        flow=arcs[2].reshape(arc_shape),
        level=level,
        payment=links[1],
        reduced=links[2],
        on_arcs=np.flatnonzero(arcs[:2].any(axis=(0, 2))),
        on_flow=np.flatnonzero(arcs[2].any(axis=1)),
    )


def _bounds(
    network: Network, open_origin: BoolArray, open_process: BoolArray, limit: LimitArrays
) -> tuple[Array, Array, Array]:
    """Boxes of the unknowns, scaled; what is structurally shut is fixed."""
    price_scale = np.repeat(network.setting.price_scale, len(network.regions))
    scale = np.concatenate([price_scale, network.level_scale, limit.scale])
    start = np.nan_to_num(network.price, nan=0.0).ravel()
    p_lower = np.where(open_origin.ravel(), 0.0, start)
    p_upper = np.where(open_origin.ravel(), np.inf, start)
    x_lower = np.where(open_process, np.minimum(network.minimum, network.capacity), 0.0)
    x_upper = np.where(open_process, network.capacity, 0.0)
    lower = np.concatenate([p_lower, x_lower, np.zeros(limit.scale.size)])
    upper = np.concatenate([p_upper, x_upper, limit.upper[0]])
    return (lower / scale)[None], (upper / scale)[None], scale
