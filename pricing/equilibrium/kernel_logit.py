"""Batches of chains whose goods are all bought by the logit law, by compiled Newton steps.

Which they are is said in :data:`STEPS`; all others take the same steps in NumPy
(:mod:`pricing.equilibrium.newton`), and so does what is left unsolved here. The conditions
(:mod:`pricing.equilibrium.conditions`) judge every point that is found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.economics.curves import SupplyCurves
from pricing.economics.sourcing import Law
from pricing.equilibrium import kernel, linear, newton, point
from pricing.equilibrium.coefficients import arcs_of, net_of, payments_of
from pricing.equilibrium.compiled.logit.net import Cases, Net, Search
from pricing.equilibrium.program import Program

KNOWN = re.compile(
    r"lower|upper|condition_scale|limit\.(lower|upper|constant|condition_scale)"
    r"|along\.(landed_slope|landed_constant|fob_gain|freight_gain)"
    r"|along\.levies\.\d+\.\w+|supports\.\d+\.(strike|upper|down|up|up_cap|up_tonnes)"
    r"|routes\.\w+"
)
"""Numbers that may differ between scenarios of a batch; of routes there are none."""

ON_THE_KINK = 1e-13
"""Distance from a kink within which a pair counts as outside its box at first: a price that met its
floor is there to the last digit in NumPy, but for rounding in compiled code [1]."""


def _know(program: Program) -> bool:
    """One law for all goods, and nothing but what the coefficients say."""
    along, network = program.along, program.network
    laws = [source.law for source in along.sources]
    bent = network.cross.demand.size or network.nests.process.size or program.limit.spends[0].size
    bent = bent or program.limit.unsold[0].size or along.following is not None
    return (
        laws == [Law.LOGIT]
        and not program.routes.size
        and not bent
        and type(program.supply) is SupplyCurves
        and all(KNOWN.fullmatch(path) for path in program.stacked)
    )


def _take_none(program: Program) -> None:
    alone = np.zeros(1, dtype=np.intp)
    search(net_of(program.searched), program.searched, alone, program.lower[:1], 0)


STEPS = kernel.Steps(_know, _take_none)


def search(
    net: Net, program: Program, rows: IntArray, z: Array, most: int
) -> tuple[Array, IntArray, BoolArray]:
    """Points of some scenarios, steps, and which of them are solved.

    Parameters
    ----------
    net : Net
        What they have in common, by :func:`net_of`.
    program : Program
        The scenarios, for which steps are usable.
    rows : (N,) array
        Which of them.
    z : (N, n) array
        Scaled starting points.
    most : int
        Largest number of steps.
    """
    from pricing.equilibrium.compiled.logit.search import search_all

    cases, rules = _cases(program.rows(rows), z), _rules(most)
    search_all(net, rules, cases)
    return cases.z, cases.steps, cases.size <= rules.aim


def _rules(most: int) -> Search:
    """The numbers that govern the steps in NumPy."""
    _, *others = newton.TIES.tolist()
    return Search(
        near=point.NEAR,
        steeper=point.STEEPER,
        overshoot=point.OVERSHOOT,
        proximal=point.PROXIMAL,
        foot=point.FOOT,
        firm=linear.FIRM,
        shrink=point.SHRINK,
        grow=point.GROW,
        least=point.LEAST,
        aim=newton.AIM,
        fine=newton.FINE,
        close=newton.CLOSE,
        nearer=newton.MUCH_NEARER,
        most=most,
        trust=newton.TRUST,
        halvings=newton.HALVINGS,
        ties=(-ON_THE_KINK, *others),
    )


def _cases(program: Program, z: Array) -> Cases:
    """What differs between scenarios, one contiguous row each."""
    prices, levels, _ = program.sizes
    count, constant = z.shape[0], program.limit.constant
    fixed = np.zeros((constant.shape[0], z.shape[1]))
    fixed[:, prices + levels :] = constant
    core = (program.lower, program.upper, fixed, 1.0 / program.condition_scale)
    differ = {row: each for row, each in arcs_of(program).items() if each.shape[0] > 1}
    return Cases(
        z=np.array(z),
        core=_side_by_side(core, count, z.shape[1]),
        rows=np.array(list(differ), dtype=np.uintp),
        arcs=_side_by_side(list(differ.values()), count, program.along.place.size),
        payments=np.stack(np.broadcast_arrays(*payments_of(program)), axis=1),
        steps=np.zeros(count, dtype=np.intp),
        size=np.zeros(count),
    )


def _side_by_side(parts: Sequence[Array], count: int, wide: int) -> Array:
    """(N, parts, E) rows of N scenarios; a part with one row (1, E) serves all of them."""
    whole = np.empty((count, len(parts), wide))
    for n, part in enumerate(parts):
        whole[:, n] = part
    return whole
