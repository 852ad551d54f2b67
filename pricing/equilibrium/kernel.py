"""Programs whose systems fall into blocks, by compiled steps.

Which they are is said in :data:`STEPS`. Large batches take compiled steps; small ones and single
solves do in a process that has asked for it (:meth:`Steps.load`), so that none of them waits for a
compiler, and numbers do not depend to the last digit on what was solved before. All others, and
everything where numba is not installed (the extra ``fast``), take the same steps in NumPy. Who
solved what is in the diagnostics
(:class:`pricing.equilibrium.solver.Method`). Points found here are evaluated and judged like all
others, by the one definition of the conditions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from threading import Event

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.economics.curves import Law, SupplyCurves
from pricing.equilibrium import interior, newton, pairs, point
from pricing.equilibrium.compiled import Places
from pricing.equilibrium.compiled.blocks import room as own
from pricing.equilibrium.compiled.blocks.room import Many, Room, Rules
from pricing.equilibrium.layout import Layout
from pricing.equilibrium.program import Program

EXACT_STEPS = 8
"""Exact steps that may follow the interior ones; nearly all scenarios need two or three."""
PROXIMAL = 1e-8
"""What :data:`.point.PROXIMAL` is in NumPy; used routes that give way less save some steps [1]."""


@cache
def installed() -> bool:
    """Whether compiled steps can be had: numba is there, and takes the NumPy that is there."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


@dataclass(frozen=True)
class Steps:
    """Compiled steps of one kind."""

    know: Callable[[Program], bool]
    """Whether they know everything that a program is made of."""
    take_none: Callable[[Program], object]
    """A search that ends where it begins."""
    asked_for: Event = field(default_factory=Event)
    """Whether this process has asked for them."""

    def usable(self, program: Program) -> bool:
        """Whether they can be had and know everything that a program is made of."""
        return self.know(program) and installed()

    def load(self, program: Program) -> bool:
        """Have them at hand from now on, if a program can use them; whether it can.

        They are read from disk, half a second, or compiled and kept there, some 20 s.
        """
        if self.usable(program):
            self.take_none(program)
            self.asked_for.set()
        return self.ready(program)

    def ready(self, program: Program) -> bool:
        """Whether they can solve a program, and are at hand."""
        return self.asked_for.is_set() and self.usable(program)


def _know(program: Program) -> bool:
    """The system falls into blocks, and every curve is a power or a straight line.

    The supply of the long horizon is neither.
    """
    plain = type(program.supply) is SupplyCurves and program.along.contracted is None
    return program.blocks is not None and plain


def _take_none(program: Program) -> None:
    nobody = np.zeros((0, program.scale.size))
    search(room_for(program), program, np.zeros(0, dtype=np.intp), nobody, 0.0, 0)


STEPS = Steps(_know, _take_none)


def search(
    room: Room, program: Program, rows: IntArray, z: Array, gap: float, most: int
) -> tuple[Array, IntArray, BoolArray]:
    """Points of some scenarios, steps, and which of them are solved.

    Parameters
    ----------
    room : Room
        What they have in common, by :func:`room_for`.
    program : Program
        The scenarios, for which steps are usable.
    rows : (N,) array
        Which of them.
    z : (N, n) array
        Scaled starting points.
    gap : float
        Complementarity at the start [1].
    most : int
        Largest number of interior-point steps.
    """
    from pricing.equilibrium.compiled.blocks.search import search_all

    many = _many(program, rows, z)
    rules = _rules(most)
    search_all(room, rules, gap, many)
    return many.z, many.steps, many.size <= rules.aim


def strip_ends(graphs: BoolArray) -> None:
    """What :func:`pricing.equilibrium.ties.strip_ends` does, compiled."""
    from pricing.equilibrium.compiled import graphs as compiled

    compiled.strip_ends(graphs)


def _rules(most: int) -> Rules:
    """The numbers that govern the steps in NumPy."""
    return Rules(
        inside=interior.INSIDE,
        least_aim=interior.LEAST_AIM,
        blocked=interior.BLOCKED,
        blocked_aim=interior.BLOCKED_AIM,
        corrected=interior.CORRECTED,
        held_back=interior.HELD_BACK,
        grow=interior.GROW,
        furthest=interior.FURTHEST,
        ready=pairs.READY,
        near=point.NEAR,
        steeper=point.STEEPER,
        overshoot=point.OVERSHOOT,
        proximal=PROXIMAL,
        aim=newton.AIM,
        interior_steps=most,
        exact_steps=EXACT_STEPS,
    )


def _many(program: Program, rows: IntArray, z: Array) -> Many:
    """What differs between scenarios, one contiguous row each."""
    at, along, core = program.routes, program.along, program.core
    fixed = _some(along.landed_constant, rows).reshape(-1, *at.premium.shape) + at.premium
    fixed /= at.price_scale[:, None, None]
    routes, count = at.flow_scale.size, z.shape[0]
    return Many(
        z=np.array(z),
        lower=program.lower[rows, :core],
        upper=program.upper[rows, :core],
        slope=_some(along.landed_slope, rows),
        constant=fixed.reshape(-1, routes),
        steps=np.zeros(count, dtype=np.intp),
        size=np.zeros(count),
    )


def _some(values: Array, rows: IntArray) -> Array:
    """Values (N or 1, E) of some scenarios; one row serves all."""
    return values[rows] if values.shape[0] > 1 else values.copy()


def room_for(program: Program) -> Room:
    """The structure of a program, and arrays of the sizes that it needs."""
    layout, at = program.blocks, program.routes
    assert layout is not None
    goods, regions = at.use_scale.shape
    places, levels = goods * regions, layout.made.place.size
    begins, ends = _envelope(layout, goods, regions)
    order, starts = _sorted(layout.made.place, places)
    taken, first = _sorted(layout.used.source, levels)
    core = np.zeros((own.CORE, program.core))
    core[own.TESTED] = program.weight[: program.core]
    level = np.zeros((own.LEVEL, levels))
    level[own.OUTPUT], level[own.EARNED] = layout.made.weight, layout.made_price
    route = np.zeros((own.ROUTE, at.flow_scale.size))
    route[own.SOLD], route[own.BOUGHT] = at.sold.ravel(), at.bought.ravel()
    route[own.OPEN] = at.open.ravel()
    cost, demand = _curves(program)
    return Room(
        places=np.uintp(places),
        regions=np.uintp(regions),
        begins=begins,
        ends=ends,
        made=layout.made.place.astype(np.uintp),
        order=order,
        starts=starts,
        buys=layout.used.place[taken.astype(np.intp)].astype(np.uintp),
        first=first,
        buyers=program.lasting.demand_place.astype(np.uintp),
        inputs=np.stack([layout.used.weight[taken], layout.paid.weight[taken]]),
        cost=cost,
        demand=demand,
        core=core,
        level=level,
        route=route,
        place=np.zeros((2, places)),
        matrix=np.zeros((places, places)),
    )


def _curves(program: Program) -> tuple[Array, Array]:
    """(K, 9) marginal cost and (D, 9) demand, scaled, as the columns of compiled steps."""
    network, at, place = program.network, program.routes, program.lasting.demand_place
    price = np.repeat(at.price_scale, at.use_scale.shape[1])[place]
    assert isinstance(program.supply, SupplyCurves)
    cost = program.supply.law.scaled(network.level_scale, program.level_price)
    return table(cost), table(network.demand.law.scaled(price, at.use_scale.ravel()[place]))


def table(law: Law) -> Array:
    """(L, 9) a law's parts as columns."""
    columns = [getattr(law, field.name) for field in fields(law)]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


def _sorted(keys: IntArray, count: int) -> tuple[Places, Places]:
    """Positions in the order of their keys, and the first of each key."""
    order = np.argsort(keys, kind="stable")
    first = np.searchsorted(keys[order], np.arange(count + 1))
    return order.astype(np.uintp), first.astype(np.uintp)


def _envelope(layout: Layout, goods: int, regions: int) -> tuple[Places, Places]:
    """Where the rows of each good begin and end once the goods before it have left."""
    last = np.maximum.accumulate([max((g, *later)) for g, later in enumerate(layout.rows)])
    begins = [int(np.flatnonzero(last >= g)[0]) for g in range(goods)]
    return (np.array(begins) * regions).astype(np.uintp), ((last + 1) * regions).astype(np.uintp)
