r"""Proof that a scenario has no equilibrium: output that is paid for without end.

A plant that may grow without limit at a constant unit cost ``c`` makes no profit in an equilibrium,
whatever the prices:

.. math:: c_k + \sum_g a_{kg} P_{gj} \ge \sum_g b_{kg} (p_{gj} + s_{kg}(p_{gj})).

A support ``s`` pays at least ``down (strike - w p)``, with the weight ``w`` of the price in its
index, so that the right-hand side is at least ``(1 - down w) p + down strike`` per tonne. Where it
takes ``up (w p - upper)`` back, from no lower a price than the strike, ``1 - max(down, up) w`` of
the price is left at least. No buyer
values a tonne above what a route brings it for, ``P <= landed price + premium``; the logit index,
with the premium ``-ln(a) / theta``, rises with every landed price, so that bounds of these bound
it. From the mines on, these inequalities bound prices from above. Where a payment is above the
highest cost that they allow, they contradict each other. So they do where a public buyer without a
cap holds a price, ``p >= floor``, above that cost.

Whatever else could move a price on the way is left out of the bounds: routes with a levy, a rent
or carriers, plants with a production limit, inputs that replace one another, payments that a cap
may cut, or that end where output finds no buyer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.economics.sourcing import Law
from pricing.equilibrium.program import Program
from pricing.errors import EndlessError
from pricing.instruments.terms import Support

FAR = 1e9
"""A level, in base-year levels, at which a cost that does not rise is constant [1]."""
CLEAR = 1e-6
"""Smallest profit of a proof, as a share of what a tonne of level is worth [1]."""


def refuse_endless(program: Program) -> None:
    """Raise where it can be proved that a payment has no end.

    Raises
    ------
    EndlessError
        With the policies, the process and what it earns and costs at most.
    """
    floors = _floors(program)
    if not program.supports and not floors:
        return
    bounds = _Bounds.of(program, floors)
    if not (bounds.paid & bounds.endless).any():
        return
    for _ in range(len(program.network.goods) + 1):
        bounds.tighten()
        k = bounds.contradiction()
        if k is not None:
            policies = [s.policy for s in program.supports if k in s.process]
            policies += [name for name, place, _ in floors if bounds.makes(k, place)]
            pays, costs = float(bounds.earned[k]), float(bounds.cost()[k])
            process = program.network.processes[k]
            raise EndlessError(program.name, process, tuple(dict.fromkeys(policies)), pays, costs)


@dataclass
class _Bounds:
    """Highest prices that an equilibrium can have; they only fall."""

    program: Program
    """One scenario."""
    endless: BoolArray
    """(K,) processes of constant unit cost without any limit."""
    unit_cost: Array
    """(K,) that cost [USD/t]."""
    paid: BoolArray
    """(K,) processes with a payment or a price that nothing cuts."""
    payment: Array
    """(K,) what is paid per tonne of level at least, at a price of zero [USD/t]."""
    fetched: Array
    """(K,) what outputs fetch beside that at least, at prices that are held [USD/t]."""
    kept: Array
    """(K, G) share of each output's price that the process keeps beside that [1]."""
    routes: Array
    """(G, R, R) premium of routes without levies or rents; ``inf`` elsewhere [USD/t]."""
    made: Array
    """(G, R) bounds of makers' prices [USD/t]."""
    bought: Array
    """(G, R) bounds of buyers' prices [USD/t]."""

    @classmethod
    def of(cls, program: Program, floors: list[tuple[str, int, float]]) -> _Bounds:
        """Read what is fixed from a program of one scenario; no price is bounded yet.

        A limit may add to a margin, as a by-product does to its host's.
        """
        network, goods = program.network, len(program.network.goods)
        far = FAR * np.maximum(network.level_scale, 1.0)
        with np.errstate(over="ignore"):
            unit_cost = np.ravel(program.supply.marginal_cost(far))
            flat = np.ravel(program.supply.marginal_cost_slope(far)) == 0.0
        endless = flat & np.isinf(program.upper[0, program.level_part]) & program.open_process
        endless &= ~_may_lose(program)
        endless[network.nests.process] = False
        payment, kept = np.zeros(endless.size), np.ones((endless.size, goods))
        paid = np.zeros(endless.size, dtype=bool)
        for q, support in enumerate(program.supports):
            if not _own(program, support):
                endless[support.process] = False  # what it does to a margin is not bounded here
            elif support.unsold is None and not program.limit.support[:, q].any():
                _add(program, support, payment, kept)
                paid[support.process] = True
        held = np.zeros((goods, len(network.regions)))
        for _, place, floor in floors:
            held.flat[place] = max(held.flat[place], floor)
        endless &= (kept > -CLEAR).all(axis=1)
        fetched = (held[:, network.process_region].T * network.outputs * kept).sum(axis=1)
        return cls(
            program=program,
            endless=endless,
            unit_cost=unit_cost,
            paid=paid | (fetched > 0.0),
            payment=payment,
            fetched=fetched,
            kept=kept,
            routes=_premiums(program),
            made=np.full((goods, len(network.regions)), np.inf),
            bought=np.full((goods, len(network.regions)), np.inf),
        )

    @property
    def earned(self) -> Array:
        """(K,) least that a tonne of level earns, whatever users pay [USD/t]."""
        return self.payment + self.fetched

    def makes(self, k: int, place: int) -> bool:
        """Whether a process makes the good of a place ``g R + i`` there."""
        return bool(self.program.lasting.output_map[k, place] > 0.0)

    def cost(self) -> Array:
        """(K,) most that a tonne of level costs, inputs included [USD/t]."""
        network = self.program.network
        price = self.bought[:, network.process_region].T
        inputs = (network.inputs * np.where(network.inputs > 0.0, price, 0.0)).sum(axis=1)
        return np.where(self.endless, self.unit_cost + inputs, np.inf)

    def tighten(self) -> None:
        """Makers' prices from costs, buyers' prices from routes."""
        network, left = self.program.network, self.cost() - self.payment
        for k in np.flatnonzero(np.isfinite(left)):
            per_price = network.outputs[k] * self.kept[k]
            some, region = per_price > 0.0, network.process_region[k]
            most = np.maximum(left[k], 0.0) / per_price[some]
            self.made[some, region] = np.minimum(self.made[some, region], most)
        landed = self.program.charges.landed_at(self.made)
        self.bought = np.minimum(self.bought, self._brought(landed + self.routes))

    def _brought(self, offers: Array) -> Array:
        """(G, R) buyers' prices at offers (G, R, R): the lowest, or the logit index [USD/t]."""
        lowest, logit = offers.min(axis=1), self.program.lasting.goods[Law.LOGIT]
        some = np.where(np.isfinite(lowest), lowest, 0.0)[logit]
        theta = self.program.network.theta[logit]
        spread = np.exp(-theta[:, None, :] * (offers[logit] - some[:, None, :])).sum(axis=1)
        lowest[logit] -= np.log(np.maximum(spread, 1.0)) / theta
        return np.asarray(lowest)

    def contradiction(self) -> int | None:
        """A process that earns more than it can cost, whatever users pay."""
        worth = CLEAR * np.maximum(self.program.level_price, self.earned)
        found = np.flatnonzero(self.paid & (self.earned > self.cost() + worth))
        return int(found[0]) if found.size else None


def _may_lose(program: Program) -> BoolArray:
    """(K,) processes from whose margin a multiplier may take something."""
    lowest = program.lower[0, program.multiplier_part]
    takes = np.where(lowest[:, None] < 0.0, program.limit.margin != 0.0, program.limit.margin > 0.0)
    return np.asarray(takes.any(axis=0))


def _floors(program: Program) -> list[tuple[str, int, float]]:
    """Policies, places ``g R + i`` and prices [USD/t] that public buyers without a cap hold."""
    found, most = [], program.upper[0, program.multiplier_part]
    for m, limit in enumerate(program.limits):
        if not limit.acts_on_balance[0].size or np.isfinite(most[m]):
            continue
        others = (limit.buyer_price, limit.flow, limit.level, limit.link)
        if limit.price[0].size == 1 and not any(part[0].size for part in others):
            (place,), (share,) = limit.price
            found.append((limit.policy, int(place), float(-program.limit.constant[0, m] / share)))
    return found


def _own(program: Program, support: Support) -> bool:
    """Whether it answers its own output's price alone, and takes none back below its strike."""
    network, elsewhere = program.network, support.index != 0.0
    own = support.good * len(network.regions) + network.process_region[support.process]
    elsewhere[np.arange(own.size), own] = False
    above = np.all(np.asarray(support.upper) >= np.asarray(support.strike))
    return bool(not elsewhere.any() and (above or support.lump_sum_up))


def _add(program: Program, support: Support, payment: Array, kept: Array) -> None:
    """Add ``down strike`` of every output that is paid, and take what goes with its price."""
    network = program.network
    k, g = support.process, support.good
    own = g * len(network.regions) + network.process_region[k]
    down = np.ravel(support.down)
    np.add.at(payment, k, support.made(network.outputs) * down * np.ravel(support.strike))
    back = np.isfinite(support.upper).any() and not support.lump_sum_up
    share = np.maximum(down, np.ravel(support.up)) if back else down
    np.add.at(kept, (k, g), -support.part * share * support.index[np.arange(k.size), own])


def _premiums(program: Program) -> Array:
    """(G, R, R) premium of open routes on which nothing but ordinary duties is charged [USD/t]."""
    network, limit = program.network, program.limit
    charged = np.any(limit.seller + limit.landed + limit.carried, axis=0)
    raised = np.any(limit.index < 0.0, axis=0)
    plain: BoolArray = program.open_arcs & ~np.asarray(charged | raised[:, None, :])
    for levy in program.charges.levies:
        plain &= ~np.isfinite(levy.reference[0])
    premium = np.full(plain.shape, np.inf)
    homogeneous, logit = program.routes.goods, program.lasting.goods[Law.LOGIT]
    premium[homogeneous] = network.premium[homogeneous]
    with np.errstate(invalid="ignore"):
        premium[logit] = -network.log_weight[logit] / network.theta[logit][:, None, :]
    return np.where(plain, premium, np.inf)
