"""Semismooth Newton steps, each scenario on its own.

Whole steps come first, whatever they do to the residual: on the way through kinks it has to rise.
Where they lead nowhere for long, the search goes back to the best point and looks along each
direction for a lower merit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray
from pricing.equilibrium.point import Point, limited, shortened, steepest_level
from pricing.equilibrium.program import Program

AIM = 1e-12
"""Scaled residual at which the iteration stops [1]."""
FINE = 1e-10
"""The same where a step no longer helps: the rest is rounding, or a plant that is left where it is
(see ``FOOT`` in :mod:`pricing.equilibrium.point`) [1]."""
TRUST = 8
"""Whole steps that are taken before the lowest merit has to halve."""
MUCH_NEARER = 0.1
"""A step to this share of the lowest residual is taken whatever the merit [1]."""
TIES = np.array([0.0, 1e-8, 1e-6, 1e-3, 2e-2])
"""Distances from a kink within which its other side counts; the next is tried when a step fails
[1]."""
CLOSE = 0.2
"""Natural residual below which the other sides of kinks are tried [1]."""
HALVINGS, PATIENT_HALVINGS = 6, 25
"""Halvings of a step before another side, or the iteration, is given up."""
WINDOW = 192
"""Scenarios worked on at a time: more would leave the caches of a core."""
WORTH_KEEPING = 0.9
"""Scenarios that are done leave the window when fewer than this share of it is under way [1]."""


def newton(
    program: Program, z: Array, most: int, *, patient: bool = False
) -> tuple[Array, IntArray, Array]:
    """Take Newton steps with a line search, each scenario on its own.

    Scenarios are worked on a windowful at a time; where one ends the next takes its place.

    Parameters
    ----------
    program : Program
        The scenarios.
    z : (N, n) array
        Scaled starting points.
    most : int
        Largest number of steps.
    patient : bool
        Search long for a better point, and try the other sides of kinks from anywhere.

    Returns
    -------
    z : (N, n) array
        Last points.
    steps : (N,) array
        Steps taken.
    size : (N,) array
        Largest natural residuals there [1]; the caller judges them.
    """
    program = program.searched
    search = _Search.begin(program, z, most, patient)
    window, entered = np.arange(min(WINDOW, z.shape[0])), WINDOW
    part = program.rows(window)
    while window.size:
        with np.errstate(over="ignore", invalid="ignore"):
            search.advance(part, window)
        going = ~search.ended[window]
        if np.count_nonzero(going) < WORTH_KEEPING * window.size:
            more = np.arange(entered, min(entered + WINDOW - int(going.sum()), z.shape[0]))
            entered += more.size
            window = np.concatenate([window[going], more])
            part = program.rows(window)
    return search.found()


@dataclass
class _Search:
    """Where each of N scenarios stands between two evaluations."""

    most: int
    """Largest number of steps."""
    patient: bool
    """Search long, and try the other sides of kinks from anywhere."""
    z: Array
    """(N, n) points reached."""
    size: Array
    """(N,) largest natural residuals there [1]."""
    merit: Array
    """(N,) merit there."""
    best: tuple[Array, Array, Array]
    """Points of the lowest merit so far, their natural residuals, and the merit."""
    steps: IntArray
    """(N,) steps taken."""
    trust: IntArray
    """(N,) whole steps that may still be taken before the lowest merit has to halve."""
    direction: Array
    """(N, n) directions that are searched."""
    highest: Array
    """(N, K) highest levels that a step may reach."""
    scale: Array
    """(N,) length of the next trial; zero looks at the point reached once more [1]."""
    side: IntArray
    """(N,) which of ``TIES`` the direction counts as inside."""
    ended: BoolArray
    """(N,) solved, stalled, or out of steps."""

    @classmethod
    def begin(cls, program: Program, z: Array, most: int, patient: bool) -> _Search:
        """Everything is still to be looked at."""
        count, far = z.shape[0], np.full(z.shape[0], np.inf)
        return cls(
            most=most,
            patient=patient,
            z=z.copy(),
            size=far.copy(),
            merit=far.copy(),
            best=(z.copy(), far.copy(), far.copy()),
            steps=np.zeros(count, dtype=np.intp),
            trust=np.full(count, 0 if patient else TRUST),
            direction=np.zeros_like(z),
            highest=np.full((count, len(program.network.processes)), np.inf),
            scale=np.zeros(count),
            side=np.zeros(count, dtype=np.intp),
            ended=np.zeros(count, dtype=bool),
        )

    def found(self) -> tuple[Array, IntArray, Array]:
        """Best points, steps, and natural residuals."""
        z, size, merit = self.best
        solved = self.size <= AIM
        z = np.where(solved[:, None] | (self.merit <= merit)[:, None], self.z, z)
        return z, self.steps, np.where(solved | (self.merit <= merit), self.size, size)

    def advance(self, program: Program, rows: IntArray) -> None:
        """Evaluate one trial of each scenario in ``rows`` and step where it is accepted."""
        scale, going = self.scale[rows], ~self.ended[rows]
        still, trial = scale == 0.0, self.z[rows]
        look = still & going
        if np.count_nonzero(still) < still.size:
            reach = scale[:, None] * self.direction[rows]
            moved = limited(program, trial, reach, self.highest[rows])
            trial = np.where(still[:, None], trial, moved) if np.count_nonzero(still) else moved
        point = Point.at(program, trial)
        step = (self.trust[rows] > 0) & np.isfinite(point.merit)
        step |= _better(point, self.merit[rows], scale) | self._much_nearer(point.size, rows)
        step &= going & ~look
        self.steps[rows[step]] += 1
        self.side[rows[step]] = 0
        moved = step | look
        failed = going & ~moved
        if np.count_nonzero(failed):
            fine = failed & (self.best[1][rows] <= FINE)
            self.ended[rows[fine]] = True
            self._shorten(rows[failed & ~fine])
        stalled = (self.best[1][rows] <= FINE) & (point.merit > 0.5 * self.best[2][rows])
        ended = (point.size <= AIM) | (self.steps[rows] >= self.most) | (stalled & step)
        if np.count_nonzero(moved) == moved.size:
            back = self._arrive(rows, (trial, point.size, point.merit), ended)
            turning = ~(back | ended)
        else:
            reached = trial[moved], point.size[moved], point.merit[moved]
            turning = moved & ~ended
            turning[moved] &= ~self._arrive(rows[moved], reached, ended[moved])
        self._turn(point, rows, turning.nonzero()[0])

    def _much_nearer(self, size: Array, rows: IntArray) -> BoolArray:
        """Which natural residuals fall so far that the merit does not count.

        It may rise by much where a plant comes to the foot of a steep cost curve, and its condition
        turns from marginal cost to supply.
        """
        return np.asarray(size <= MUCH_NEARER * self.best[1][rows])

    def _arrive(
        self, rows: IntArray, reached: tuple[Array, Array, Array], ended: BoolArray
    ) -> BoolArray:
        """Note points reached, their natural residuals and merits, and the best of them.

        Returned are those sent back to their best points, after many whole steps.
        """
        z, size, merit = reached
        lowest, trust = self.best[2][rows], self.trust[rows]
        self.z[rows], self.size[rows], self.merit[rows], self.ended[rows] = z, size, merit, ended
        lower = (merit <= lowest) | self._much_nearer(size, rows)
        if np.count_nonzero(lower):
            for best, new in zip(self.best, reached, strict=True):
                best[rows[lower]] = new[lower]
        bold = trust > 0
        trust = np.where(bold, np.where(merit <= 0.5 * lowest, TRUST, trust - 1), trust)
        self.trust[rows] = trust
        back: BoolArray = bold & (trust == 0) & ~ended
        if np.count_nonzero(back):
            self._go_back(rows[back])
        return back

    def _go_back(self, rows: IntArray) -> None:
        """Start again at the best points, from now on downhill only."""
        z, size, merit = self.best
        self.z[rows], self.size[rows], self.merit[rows] = z[rows], size[rows], merit[rows]
        self.trust[rows], self.scale[rows] = 0, 0.0

    def _shorten(self, rows: IntArray) -> None:
        """Halve steps that did not help; after many, look at the other sides of kinks."""
        bold = self.trust[rows] > 0
        if bold.any():
            self._go_back(rows[bold])
        rows = rows[~bold]
        self.scale[rows] *= 0.5
        halvings = PATIENT_HALVINGS if self.patient else HALVINGS
        self._other_side(rows[self.scale[rows] <= 0.5**halvings])

    def _other_side(self, rows: IntArray) -> None:
        """Look again with the next larger tie, or end where there is none to try."""
        self.scale[rows] = 0.0
        self.side[rows] += 1
        last = self.side[rows] >= len(TIES)
        self.ended[rows] = last | ~(self.patient | (self.size[rows] < CLOSE))

    def _skip_sides(self, point: Point, rows: IntArray, chosen: IntArray) -> IntArray:
        """Pass over ties that hold no pair that the last one did not: the direction is the same.

        Returned are the chosen scenarios that have one left to try; the others end.
        """
        again = chosen[self.side[rows[chosen]] > 0]
        if not again.size:
            return chosen
        here = rows[again]
        tried, beyond = TIES[self.side[here] - 1], point.beyond(again)
        new = np.where(beyond >= tried[:, None], beyond, np.inf).min(axis=1)
        self.side[here] = np.searchsorted(TIES, new, side="right")
        self.ended[here] = self.side[here] >= len(TIES)
        return chosen[~self.ended[rows[chosen]]]

    def _turn(self, point: Point, rows: IntArray, chosen: IntArray) -> None:
        """New directions at the points of chosen scenarios."""
        chosen = self._skip_sides(point, rows, chosen)
        if not chosen.size:
            return
        if chosen.size < WORTH_KEEPING * rows.size:
            point, rows = point.rows(chosen), rows[chosen]
            chosen = np.arange(chosen.size)
        direction = point.direction(TIES[np.minimum(self.side[rows], len(TIES) - 1)])
        lost = ~np.isfinite(direction.sum(axis=1))  # a sum is finite only if every part is
        some_lost = np.count_nonzero(lost) > 0
        if some_lost:
            direction[lost] = 0.0
        direction = shortened(point.program, point, direction)
        highest, here = steepest_level(point.program, point.state), rows[chosen]
        self.direction[here], self.highest[here] = direction[chosen], highest[chosen]
        self.scale[here] = 1.0
        if some_lost:
            self._other_side(here[lost[chosen]])


def _better(new: Point, merit: Array, scale: Array) -> BoolArray:
    """Which points lower the merit enough, or solve."""
    lower = np.less_equal(new.merit, (1.0 - 1e-4 * scale) * merit)
    return np.logical_or(lower, new.size <= AIM)
