"""What an instrument may look at: the names, scales and base-year volumes of one chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pricing.core.declared import Known, Names, unknown
from pricing.core.quantities import Price
from pricing.errors import Fault, InputError

Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

ALL = "all"


@dataclass(frozen=True)
class Setting:
    """The part of a chain that instruments may look at (one scenario, no scenario axis)."""

    goods: tuple[str, ...]
    """Good ids, in stage order."""
    regions: tuple[str, ...]
    """Region ids."""
    territory: tuple[str, ...]
    """Customs territory of each region."""
    zones: dict[str, tuple[str, ...]]
    """Named sets of regions of the scenario."""
    bases: dict[str, dict[str, float]]
    """Good -> basis name -> tonnes of that basis per tonne of the good."""
    processes: tuple[str, ...]
    """Process ids."""
    process_region: IntArray
    """(K,) region of each process."""
    output: Array
    """(K, G) tonnes made per tonne of process level [t/t]."""
    recipe: Array
    """(G, G) tonnes of input (column) per tonne of good (row), at benchmark weights [t/t]."""
    inputs: Array
    """(K, G) tonnes used per tonne of process level [t/t]."""
    benchmark_output: Array
    """(G, R) benchmark output [t]."""
    benchmark_flow: Array
    """(G, R, R) benchmark tonnes by origin and destination [t]."""
    price_scale: Array
    """(G,) benchmark output-weighted ex-works price [USD/t]."""
    quantity_scale: Array
    """(G, R) a positive volume for each good and region [t]."""
    one_price: BoolArray
    """(G,) homogeneous goods: every buyer has one delivered price."""
    composite: BoolArray
    """(G,) Armington goods: buyers use a composite of origins, whose law has no price of zero."""
    true_origin: IntArray
    """(R,) where the goods that a place sells are made: itself, unless they are disguised."""
    sold_as: IntArray
    """(R,) the region whose name they carry: itself, unless they are disguised."""
    unit_cost: Array
    """(K,) base-year inputs and marginal conversion cost per tonne of level; of a process that did
    not run, at its full size [USD/t]."""
    size: Array
    """(K,) capacity; base-year level where it has no limit [t]."""
    year: int | None = None
    """Year of the scenario; None where it states none."""
    adjusts: BoolArray | None = None
    """(K,) processes whose capacity adjusts; None in the short horizon."""
    replaceable: BoolArray | None = None
    """(K, G) inputs for which others stand in as prices move; None where all are fixed."""

    @cached_property
    def names(self) -> Known:
        """Names that a policy may refer to."""
        return {
            Names.GOOD: self.goods,
            Names.REGION: self.regions,
            Names.PLACE: (*self.regions, *self.zones, ALL),
            Names.PROCESS: self.processes,
        }

    def good(self, name: str, where: str) -> int:
        """Index of a good, or an InputError that names the field."""
        return _position(self.goods, name, "good", where)

    def region(self, name: str, where: str) -> int:
        """Index of a region, or an InputError that names the field."""
        return _position(self.regions, name, "region", where)

    def process(self, name: str, where: str) -> int:
        """Index of a process, or an InputError that names the field."""
        return _position(self.processes, name, "process", where)

    def members(self, names: Iterable[str], where: str) -> BoolArray:
        """Mask over regions of a list of regions and zone names (``all`` is everyone).

        Places where goods change their name are no regions and never among them.
        """
        mask = np.zeros(len(self.regions), dtype=bool)
        for name in names:
            if name == ALL:
                mask[:] = True
            elif name in self.zones:
                for region in self.zones[name]:
                    mask[self.region(region, where)] = True
            else:
                known = [*self.regions, *self.zones, ALL]
                mask[_position(known, name, "region or zone", where)] = True
        return mask & self.proper

    @cached_property
    def proper(self) -> BoolArray:
        """(R,) regions, and not places where goods change their name."""
        return np.asarray(self.sold_as == np.arange(self.sold_as.size))

    def as_sold(self, pairs: BoolArray) -> BoolArray:
        """(..., R, R) pairs of regions, and with them the places that carry their names."""
        return np.asarray(pairs[..., self.sold_as, :][..., self.sold_as])

    @cached_property
    def border(self) -> BoolArray:
        """(R, R) mask of pairs in different customs territories."""
        names = np.array(self.territory)
        return np.asarray(names[:, None] != names[None, :])

    def makers(self, good: int, region: int) -> IntArray:
        """Processes that can make a good in a region."""
        return np.flatnonzero((self.output[:, good] > 0.0) & (self.process_region == region))

    def usd_per_tonne(self, good: str, price: Price, where: str) -> float:
        """Price [USD/t] in the good's own basis."""
        if price.basis is None:
            return price.usd_per_tonne
        known = self.bases[good]
        if price.basis not in known:
            names = ", ".join(f"'{name}'" for name in known) or "no other basis"
            raise InputError(
                [Fault(f"'{price.basis}' is not a basis of {good}", where, remedy=f"Use {names}")]
            )
        return price.usd_per_tonne * known[price.basis]


def _position(names: Sequence[str], name: str, what: str, where: str) -> int:
    if name not in names:
        raise InputError([unknown(what, name, names, where)])
    return list(names).index(name)
