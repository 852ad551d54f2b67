r"""Proof that a scenario has no equilibrium: output that is paid for without end.

A plant that may grow without limit at a constant unit cost ``c`` makes no profit in an equilibrium,
whatever the prices:

.. math:: c_k + \sum_g a_{kg} P_{gj} \ge \sum_g b_{kg} (p_{gj} + s_{kg}(p_{gj})).

A support ``s`` pays at least ``down (strike - w p)``, with the weight ``w`` of the price in its
index, so that the right-hand side is at least ``(1 - down w) p + down strike`` per tonne. No buyer
values a tonne above what a route brings it for, ``P <= landed price + premium``; the logit index,
with the premium ``-ln(a) / theta``, rises with every landed price, so that bounds of these bound
it. From the mines on, these inequalities bound prices from above. Where a payment is above the
highest cost that they allow, they contradict each other.

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
    if not program.supports:
        return
    bounds = _Bounds.of(program)
    if not (bounds.paid & bounds.endless).any():
        return
    for _ in range(len(program.network.goods) + 1):
        bounds.tighten()
        k = bounds.contradiction()
        if k is not None:
            policies = [s.policy for s in program.supports if k in s.process]
            pays, costs = float(bounds.payment[k]), float(bounds.cost()[k])
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
    """(K,) processes with a payment that nothing cuts."""
    payment: Array
    """(K,) what is paid per tonne of level at least, at a price of zero [USD/t]."""
    kept: Array
    """(K, G) share of each output's price that the process keeps beside that [1]."""
    routes: Array
    """(G, R, R) premium of routes without levies or rents; ``inf`` elsewhere [USD/t]."""
    made: Array
    """(G, R) bounds of makers' prices [USD/t]."""
    bought: Array
    """(G, R) bounds of buyers' prices [USD/t]."""

    @classmethod
    def of(cls, program: Program) -> _Bounds:
        """Read what is fixed from a program of one scenario; no price is bounded yet."""
        network, goods = program.network, len(program.network.goods)
        far = FAR * np.maximum(network.level_scale, 1.0)
        with np.errstate(over="ignore"):
            unit_cost = np.ravel(program.supply.marginal_cost(far))
            flat = np.ravel(program.supply.marginal_cost_slope(far)) == 0.0
        endless = flat & np.isinf(program.upper[0, program.level_part]) & program.open_process
        endless &= ~program.limit.margin.any(axis=0)
        endless[network.nests.process] = False
        payment, kept = np.zeros(endless.size), np.ones((endless.size, goods))
        paid = np.zeros(endless.size, dtype=bool)
        for q, support in enumerate(program.supports):
            if not _own(program, support):
                endless[support.process] = False  # what it does to a margin is not bounded here
            elif support.unsold is None and not program.limit.support[:, q].any():
                _add(program, support, payment, kept)
                paid[support.process] = True
        return cls(
            program=program,
            endless=endless,
            unit_cost=unit_cost,
            paid=paid,
            payment=payment,
            kept=kept,
            routes=_premiums(program),
            made=np.full((goods, len(network.regions)), np.inf),
            bought=np.full((goods, len(network.regions)), np.inf),
        )

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
        """A process that is paid more than it can cost, whatever its product fetches."""
        worth = CLEAR * np.maximum(self.program.level_price, self.payment)
        found = np.flatnonzero(self.paid & (self.payment > self.cost() + worth))
        return int(found[0]) if found.size else None


def _own(program: Program, support: Support) -> bool:
    """Whether it answers the price of its own output alone, and takes no more than that."""
    network, elsewhere = program.network, support.index != 0.0
    own = support.good * len(network.regions) + network.process_region[support.process]
    elsewhere[np.arange(own.size), own] = False
    return not elsewhere.any() and not (np.isfinite(support.upper) and not support.lump_sum_up)


def _add(program: Program, support: Support, payment: Array, kept: Array) -> None:
    """Add ``down (strike - w p)`` of every output that is paid, in place."""
    network = program.network
    k, g = support.process, support.good
    own = g * len(network.regions) + network.process_region[k]
    down = np.ravel(support.down)
    np.add.at(payment, k, support.made(network.outputs) * down * np.ravel(support.strike))
    np.add.at(kept, (k, g), -support.part * down * support.index[np.arange(k.size), own])


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
