"""From a point that is nearly a solution to a finer one.

Exact steps end above the last digits where routes nearly tie, or where a plant stands at the foot
of its cost curve. Three leads go on from there; the finest point of all is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array
from pricing.equilibrium.conditions import distance
from pricing.equilibrium.newton import newton
from pricing.equilibrium.point import Point
from pricing.equilibrium.program import Program
from pricing.equilibrium.proximal import proximal_points
from pricing.equilibrium.starts import entering
from pricing.equilibrium.transport import cheapest_trade

POLISH = 1e-11
"""Residual above which a point is improved further, if it can be: accounts of a world add up
residuals of many markets [1]."""
NEARLY, TRADES = 1e-5, 3
"""Residual of a point that is nearly a solution, from where the cheapest trade is found by pivots
[1], and how often."""
EXACT_STEPS, PROXIMAL_STEPS = 40, 60
"""Newton steps from where a lead ends, and about as many of all its proximal steps."""


@dataclass
class Refinement:
    """The leads from one point; their steps are counted."""

    program: Program
    steps: int = 0

    def finest(self, z: Array) -> Array:
        """The finest of a point and of where leads from it end, tried until one is fine enough."""
        near = self.rerouted, self.entered
        for lead in (*near, self.pulled, *near):
            if distance(self.program, z) <= POLISH:
                break
            z = min((z, *lead(z)), key=lambda point: distance(self.program, point))
        return z

    def pulled(self, z: Array) -> tuple[Array, ...]:
        """Where proximal steps from a point end, and exact steps from there."""
        last, steps = proximal_points(self.program, z, PROXIMAL_STEPS)
        self.steps += steps
        with np.errstate(over="ignore", invalid="ignore"):
            point = Point.at(self.program.searched, last)
            settled = point.unsettled[0] <= POLISH < point.size[0]
        if settled:  # no exact step would move the rest
            return (last,)
        exact, _ = self._exact(last, patient=True)
        return last, exact

    def rerouted(self, z: Array) -> tuple[Array, ...]:
        """Where the cheapest trade between the ends of a near solution leads, a few times over."""
        if not self.program.routes.size or distance(self.program, z) > NEARLY:
            return ()
        points = [z]
        while len(points) <= TRADES and distance(self.program, points[-1]) > POLISH:
            last, _ = self._exact(cheapest_trade(self.program, points[-1]))
            points.append(last)
        return tuple(points[1:])

    def entered(self, z: Array) -> tuple[Array, ...]:
        """Where steps lead from a near solution with prices at which plants enter."""
        raised = entering(self.program, z)
        if np.all(raised == z) or distance(self.program, z) > NEARLY:
            return ()
        last, size = self._exact(raised, patient=True)
        return (last,) if size <= POLISH else (last, *self.pulled(raised))

    def _exact(self, z: Array, *, patient: bool = False) -> tuple[Array, float]:
        """Newton steps from a point; where they end, and the residual there."""
        last, (steps,), (size,) = newton(self.program, z, EXACT_STEPS, patient=patient)
        self.steps += int(steps)
        return last, float(size)
