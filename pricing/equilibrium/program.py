"""One scenario as the arrays that the equilibrium conditions read.

A :class:`Program` is a calibrated network plus the terms that the instruments added, reduced to
affine landed prices, top-ups, supports and limits. Arrays that depend on the scenario carry a
leading scenario axis N, so that the conditions serve one solve and a batch alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.economics.capacity import LongRunSupply, Supply
from pricing.economics.sourcing import Law
from pricing.equilibrium import spatial
from pricing.equilibrium.arcs import Along, LevyTerm
from pricing.equilibrium.arrays import Affine, LimitArrays, Pairs, limit_arrays
from pricing.equilibrium.choice import choice_sets, refuse_contradictions, require_offers
from pricing.equilibrium.entries import Entries
from pricing.equilibrium.lasting import lasting
from pricing.equilibrium.layout import Layout
from pricing.equilibrium.own_limits import own_limits
from pricing.equilibrium.stacking import rows
from pricing.instruments.layers import charged
from pricing.instruments.terms import (
    CompareAt,
    Duty,
    Limit,
    Support,
    Terms,
    TopUp,
    Wedge,
    granted,
)

PRICE_WEIGHT = 0.01
"""Weight of excess supply against the price in the test for a price of zero, and of a price against
the tonnes that answer it (shortages, public purchases) [1]. A price far beyond the choke must first
come back to it; at equal weights the whole demand would be cut off at once."""


@dataclass(frozen=True)
class Parts:
    """Where each kind of unknown is."""

    prices: slice
    """Producer prices, by good and region."""
    levels: slice
    """Process levels."""
    multipliers: slice
    """Multipliers of limits."""
    delivered: slice
    """Delivered prices of homogeneous goods."""
    flows: slice
    """Flows of homogeneous goods, at the end."""

    @classmethod
    def of(cls, prices: int, levels: int, multipliers: int, delivered: int, flows: int) -> Parts:
        """Positions from numbers."""
        ends = np.cumsum([prices, levels, multipliers, delivered, flows]).tolist()
        return cls(*(slice(a, b) for a, b in zip([0, *ends], ends, strict=False)))


FOR_ACCOUNTS = frozenset(
    {
        "landed_slope",
        "landed_constant",
        "export",
        "fob_gain",
        "freight_gain",
        "duties",
        "duty_rate",
        "levies",
    }
)
"""Arrays over all arcs that no search reads."""


@dataclass(frozen=True)
class Program:
    """Everything that the conditions read."""

    name: str
    """Name of the scenario, for messages."""
    network: Network
    """Calibrated network."""
    terms: Terms
    """What the instruments added, for accounts."""
    supply: Supply
    """Supply curves, with the capital cost that grants leave."""
    open_arcs: BoolArray
    """(G, R, R) arcs in the choice set."""
    contracted: Array
    """(G, R, R) tonnes that contracts bind on open arcs [t]."""
    bound: Array
    """(G, R) the same by buyer [t]."""
    measured: tuple[IntArray, BoolArray]
    """Homogeneous goods, and (G,) goods with contracts: their baskets are measured in flows."""
    open_origin: BoolArray
    """(G, R) origins that can sell."""
    open_process: BoolArray
    """(K,) processes that can run."""
    landed_slope: Array
    """(G, R, R) slope of the untopped landed price in the ex-works price [1]."""
    landed_constant: Array
    """(N, G, R, R) its constant [USD/t]."""
    export: tuple[Array, Array]
    """(G, R, R) slope and constant of the FOB price before rents in the ex-works price: unrefunded
    VAT and export taxes [1, USD/t]."""
    fob_gain: Array
    """(G, R, R) slope of the untopped landed price in the FOB price [1]."""
    freight_gain: Array
    """(G, R, R) slope of the untopped landed price in freight [1]."""
    duties: tuple[Duty, ...]
    """Ordinary duties as they are charged: layers of the base year, then tariffs."""
    duty_rate: Array
    """(G, R, R) total ad valorem rate on the customs value [1]."""
    levies: tuple[LevyTerm, ...]
    """Top-ups."""
    along: Along
    """What the conditions read along arcs."""
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
    """(n,) scale of each unknown: prices, levels, multipliers, delivered prices, flows."""
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
    input_map: Array
    """(K, G R) tonnes used of each good in each region per tonne of level [t/t]."""
    output_map: Array
    """(K, G R) tonnes made of each good in each region per tonne of level [t/t]."""
    demand_place: IntArray
    """(D,) ``g R + region`` of each demand."""
    alone: Array
    """(1, D) ones."""
    demand_map: Array
    """(D, G R) one where a demand is for that good in that region."""
    unserved: Array
    """(G R,) price above every choke, for buyers with nothing on offer [USD/t]."""
    routes: spatial.Routes
    """Homogeneous goods, whose delivered prices and flows are unknowns."""
    entries: Entries
    """Where arcs and processes meet in the matrix of a step."""
    composite: tuple[IntArray, IntArray]
    """Goods bought by the logit and by the armington law."""
    parts: Parts
    """Where each kind of unknown is."""
    blocks: Layout | None = None
    """Blocks of a step's system; None where the structure needs the dense matrix."""
    stacked: tuple[str, ...] = ()
    """Paths of the arrays that have one row a scenario (:mod:`pricing.equilibrium.stacking`)."""
    stacked_terms: tuple[str, ...] = ()
    """The same of ``terms``, which steps do not read."""

    def rows(self, chosen: IntArray) -> Program:
        """Some scenarios of a stacked program; one program serves any number of points."""
        return rows(self, self.stacked, chosen) if self.stacked else self

    def with_terms(self, chosen: IntArray) -> Program:
        """Some scenarios of a stacked program with what the instruments added, for accounts."""
        part = self.rows(chosen)
        if not self.stacked_terms:
            return part
        return replace(part, terms=rows(self.terms, self.stacked_terms, chosen))

    @cached_property
    def searched(self) -> Program:
        """The same program with nothing known along arcs but the open ones, for a search.

        Where a good is homogeneous, flows are unknowns on all arcs, and all stay. Arrays for
        accounts stay as they are, whichever rows are chosen.
        """
        along = self.along if self.routes.size else self.along.only_open()
        stacked = tuple(path for path in self.stacked if path.split(".")[0] not in FOR_ACCOUNTS)
        if along is self.along and len(stacked) == len(self.stacked):
            return self
        return replace(self, along=along, stacked=stacked)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Numbers of producer prices, process levels and multipliers."""
        return self.price_part.stop, len(self.network.processes), len(self.limits)

    @property
    def price_part(self) -> slice:
        """Positions of the producer prices among the unknowns."""
        return self.parts.prices

    @property
    def level_part(self) -> slice:
        """Positions of the process levels among the unknowns."""
        return self.parts.levels

    @property
    def multiplier_part(self) -> slice:
        """Positions of the multipliers among the unknowns."""
        return self.parts.multipliers

    @property
    def delivered_part(self) -> slice:
        """Positions of the delivered prices of homogeneous goods among the unknowns."""
        return self.parts.delivered

    @property
    def flow_part(self) -> slice:
        """Positions of the flows of homogeneous goods among the unknowns, at the end."""
        return self.parts.flows

    @property
    def core(self) -> int:
        """Number of unknowns that enter a matrix: all but flows."""
        return int(self.parts.delivered.stop)

    @cached_property
    def spatial_prices(self) -> tuple[IntArray, IntArray]:
        """(H, R) positions of producer and of delivered prices of homogeneous goods."""
        regions, shape = len(self.network.regions), self.routes.use_scale.shape
        made = self.routes.goods[:, None] * regions + np.arange(regions)
        delivered = self.delivered_part
        return made, np.arange(delivered.start, delivered.stop).reshape(shape)


def assemble(name: str, network: Network, terms: Terms) -> Program:
    """Reduce a network and the terms of its policies to a program.

    Raises
    ------
    InputError
        If two policies contradict each other on the same arc.
    InfeasibleError
        If a buyer without a choke price has nothing on offer.
    """
    check(network, terms)
    return reduced(name, network, terms)


def check(network: Network, terms: Terms) -> None:
    """Refuse policies that contradict each other.

    Raises
    ------
    InputError
        With every contradiction.
    """
    refuse_contradictions(network, terms, [*network.duties, *terms.duties])


def reduced(name: str, network: Network, terms: Terms) -> Program:
    """Program of terms that do not contradict each other.

    The numbers in ``terms`` may carry a scenario axis; then so does what follows from them.
    """
    kept = lasting(network)
    open_arcs, open_origin, open_process = choice_sets(network, terms)
    require_offers(name, network, terms, open_arcs)
    contracted = np.where(open_arcs, network.contracted, 0.0)
    offers = kept.offers(network, open_arcs, open_origin)
    limits = [*terms.limits, *kept.shortages, *own_limits(network, contracted)]
    duties = charged([*network.duties, *terms.duties])
    rate, specific = _total(duties, terms.zeros())
    freight, insured = network.freight, 1.0 + network.insurance
    export = export_price(network, terms)
    at_fob = network.customs_fob[None, None, :]
    fob_gain = insured + rate * np.where(at_fob, 1.0, insured)
    freight_gain = 1.0 + rate * np.where(at_fob, 0.0, 1.0)
    constant = freight * freight_gain + specific + fob_gain * export[1]
    hidden = sum((evasion.cost for evasion in terms.evasions), network.evasion)
    value, landed_gain = np.where(at_fob, 1.0, insured), fob_gain * export[0]
    compared = (
        Affine(
            value * export[0],
            np.where(at_fob, 0.0, 1.0),
            value * export[1] + np.where(at_fob, 0.0, freight),
        ),
        Affine(landed_gain, freight_gain, constant),
    )
    shut = open_arcs, open_origin
    raised = np.broadcast_to(value, insured.shape), fob_gain
    limit = limit_arrays(network, limits, len(terms.supports), shut, compared, raised)
    levies = tuple(_levy(network, duties, up, fob_gain, export) for up in terms.top_ups)
    constant = by_scenario(constant + hidden)
    landed = landed_gain, constant
    slopes = fob_gain, freight_gain
    along = Along.every(network, kept, offers, contracted, landed, slopes, levies, limit)
    gains = (landed[0], fob_gain, freight_gain)
    at = spatial.routes(network, kept.goods[Law.HOMOGENEOUS], open_arcs, limit, gains)
    more = spatial.bounds(network, at, kept.unserved)
    first = _bounds(network, open_origin, open_process, limit)
    lower, upper = _side_by_side(first[0], more[0]), _side_by_side(first[1], more[1])
    scale = np.concatenate([first[2], more[2]])
    level_price = network.outputs @ network.setting.price_scale
    carries = [m for m, own in enumerate(limits) if own.wedge is Wedge.CARRIER]
    level_price[network.fleet.process] = limit.scale[carries]
    volume = network.setting.quantity_scale.ravel()
    regions = len(network.regions)
    parts = Parts.of(volume.size, level_price.size, len(limits), at.size, at.flow_scale.size)
    program = Program(
        name=name,
        network=network,
        terms=terms,
        supply=_granted(network, terms),
        open_arcs=open_arcs,
        contracted=contracted,
        bound=contracted.sum(axis=1),
        measured=(at.goods, np.asarray(contracted.any(axis=(1, 2)))),
        open_origin=open_origin,
        open_process=open_process,
        landed_slope=landed[0],
        export=export,
        landed_constant=constant,
        fob_gain=fob_gain,
        freight_gain=freight_gain,
        duties=duties,
        duty_rate=rate,
        levies=levies,
        along=along,
        supports=tuple(terms.supports),
        limits=tuple(limits),
        limit=limit,
        lower=np.broadcast_to(lower, upper.shape),
        upper=upper,
        scale=scale,
        condition_scale=_side_by_side(
            volume, level_price, limit.condition_scale, spatial.condition_scale(at)
        ),
        level_price=level_price,
        weight=_weight(parts, limits),
        inputs=kept.inputs,
        outputs=kept.outputs,
        input_map=kept.input_map,
        output_map=kept.output_map,
        demand_place=kept.demand_place,
        alone=kept.alone,
        demand_map=kept.demand_map,
        unserved=np.repeat(kept.unserved, regions),
        routes=at,
        entries=offers.entries,
        composite=(kept.goods[Law.LOGIT], kept.goods[Law.ARMINGTON]),
        parts=parts,
    )
    return replace(program, blocks=Layout.of(program))


def _weight(parts: Parts, limits: Sequence[Limit]) -> Array:
    """(n,) weight of each condition in the test for a bound: light where tonnes answer a price."""
    weight = np.ones(parts.flows.stop)
    weight[parts.prices] = weight[parts.delivered] = PRICE_WEIGHT
    light = [
        own.rations is not None or bool(own.acts_on_use[0].size or own.acts_on_balance[0].size)
        for own in limits
    ]
    weight[parts.multipliers] = np.where(light, PRICE_WEIGHT, 1.0)
    return weight


def by_scenario(array: Array) -> Array:
    """An array over routes with a leading scenario axis, of one where there was none."""
    return array if array.ndim == 4 else array[None]


def _side_by_side(*parts: Array) -> Array:
    """(N, n) rows side by side; a part without a scenario axis serves every scenario."""
    rows = [np.atleast_2d(part) for part in parts]
    count = max(row.shape[0] for row in rows)
    return np.concatenate([np.broadcast_to(r, (count, r.shape[1])) for r in rows], axis=1)


def _granted(network: Network, terms: Terms) -> Supply:
    """Supply with the annuities that owners pay after grants."""
    if not terms.grants or not isinstance(network.supply, LongRunSupply):
        return network.supply
    return network.supply.granted(granted(terms.grants, len(network.processes)))


def _total(duties: Sequence[Duty], nothing: Array) -> tuple[Array, Array]:
    """Ad valorem and specific rates, summed over duties."""
    rate = sum((duty.rate for duty in duties), nothing)
    specific = sum((duty.specific for duty in duties), nothing)
    return rate, specific


def export_price(network: Network, terms: Terms) -> tuple[Array, Array]:
    """Slope and constant of the FOB price before rents in the ex-works price [1, USD/t]."""
    charges = terms.export_charges
    rate = sum((charge.rate for charge in charges), network.export_vat)
    return 1.0 + rate, sum((charge.specific for charge in charges), terms.zeros())


def _levy(
    network: Network,
    duties: Sequence[Duty],
    top_up: TopUp,
    fob_gain: Array,
    export: tuple[Array, Array],
) -> LevyTerm:
    """Affine form of the price that is held against the reference."""
    at_fob, insured = network.customs_fob[None, None, :], 1.0 + network.insurance
    nothing = np.zeros_like(insured)
    if top_up.compare_at is CompareAt.FOB:
        gain, freight_gain, specific = np.ones_like(insured), np.zeros_like(insured), nothing
    elif top_up.compare_at is CompareAt.CIF:
        gain, freight_gain, specific = insured, np.ones_like(insured), nothing
    else:
        counted = [d for d in duties if top_up.layers is None or d.policy in top_up.layers]
        rate, specific = _total(counted, nothing)
        gain = insured + rate * np.where(at_fob, 1.0, insured)
        freight_gain = 1.0 + rate * np.where(at_fob, 0.0, 1.0)
    constant = network.freight * freight_gain + specific
    capture = np.asarray(top_up.capture)
    capture = capture[..., None, None] if capture.ndim else capture
    landed_gain = (1.0 - capture) + capture * fob_gain / gain
    reference = by_scenario(top_up.reference)
    constant = constant + gain * export[1]
    slope = gain * export[0]
    return LevyTerm(top_up, reference, slope, constant, gain, freight_gain, landed_gain)


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
    lower = _side_by_side(p_lower, x_lower, limit.lower)
    upper = _side_by_side(p_upper, x_upper, limit.upper)
    return lower / scale, upper / scale, scale
