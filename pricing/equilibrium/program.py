"""One scenario as the arrays that the equilibrium conditions read.

A :class:`Program` is a calibrated network plus the terms that the instruments added, reduced to
affine landed prices, top-ups, supports and limits. Arrays that depend on the scenario carry a
leading scenario axis N, so that the conditions serve one solve and a batch alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from pricing.chains.network import Array, BoolArray, IntArray, Network
from pricing.economics.capacity import Supply
from pricing.equilibrium import spatial
from pricing.equilibrium.arcs import Along
from pricing.equilibrium.arrays import LimitArrays
from pricing.equilibrium.charges import Charges
from pricing.equilibrium.entries import Entries
from pricing.equilibrium.lasting import Lasting
from pricing.equilibrium.layout import Layout
from pricing.equilibrium.stacking import rows
from pricing.equilibrium.unknowns import Unknowns
from pricing.instruments.terms import Limit, Support, Terms


@dataclass(frozen=True)
class Program(Unknowns):
    """The unknowns, and everything that their conditions read."""

    name: str
    """Name of the scenario, for messages."""
    network: Network
    """Calibrated network."""
    lasting: Lasting
    """What follows from it alone."""
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
    charges: Charges
    """What is charged on every arc, for accounts and for what is not a search."""
    along: Along
    """What the conditions read along arcs."""
    supports: tuple[Support, ...]
    """Payments on output at the margin; a capped upside is left to the accounts."""
    limits: tuple[Limit, ...]
    """Limits in order."""
    limit: LimitArrays
    """Limits as matrices."""
    routes: spatial.Routes
    """Homogeneous goods, whose delivered prices and flows are unknowns."""
    endings: IntArray
    """(L,) demands whose line goes on below zero (:mod:`pricing.equilibrium.endings`)."""
    entries: Entries
    """Where arcs and processes meet in the matrix of a step."""
    blocks: Layout | None = None
    """Blocks of a step's system; None where the structure needs the dense matrix."""
    stacked: tuple[str, ...] = ()
    """Paths of the arrays that have one row a scenario (:mod:`pricing.equilibrium.stacking`)."""
    stacked_terms: tuple[str, ...] = ()
    """The same of ``terms``, which steps do not read."""

    def rows(self, chosen: IntArray | slice) -> Program:
        """Some scenarios of a stacked program; one program serves any number of points."""
        return rows(self, self.stacked, chosen) if self.stacked else self

    def with_terms(self, chosen: IntArray | slice) -> Program:
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
        stacked = tuple(path for path in self.stacked if not path.startswith("charges."))
        if along is self.along and len(stacked) == len(self.stacked):
            return self
        return replace(self, along=along, stacked=stacked)

    @cached_property
    def spatial_prices(self) -> tuple[IntArray, IntArray]:
        """(H, R) positions of producer and of delivered prices of homogeneous goods."""
        regions, shape = len(self.network.regions), self.routes.use_scale.shape
        made = self.routes.goods[:, None] * regions + np.arange(regions)
        delivered = self.delivered_part
        return made, np.arange(delivered.start, delivered.stop).reshape(shape)
