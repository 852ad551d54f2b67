"""What makes the goods of a chain document: technologies, plants that run, and announced ones."""

from __future__ import annotations

import datetime as dt
from math import nan
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from pricing.chains.capital import CapitalCost
from pricing.chains.curves import SupplyCurve
from pricing.core.declared import AsDay, Declared, Identifier, Text
from pricing.core.quantities import Coefficient, Price, Share, Tonnes
from pricing.core.sources import SourceId


class Substitution(Declared):
    """Inputs that stand in for one another as their prices change: constant elasticity (CES).

    The stated coefficients hold at base-year prices. Tonnes of the inputs need not add up to the
    same total: where mass must be kept, write two technologies instead.
    """

    inputs: Annotated[tuple[Identifier, ...], Field(min_length=2)]
    """Inputs of the technology that can replace one another."""
    elasticity: Identifier
    """Name in ``elasticities`` (``of: input_price``): elasticity of substitution."""
    at: dict[Identifier, Price] = Field(default_factory=dict)
    """Prices at which the coefficients hold, for a chain without a benchmark."""


class Technology(Declared):
    """What one tonne of process level uses and makes; shared by processes."""

    id: Identifier
    """Name used by processes."""
    label: Annotated[str, StringConstraints(max_length=80)]
    """Name shown to people."""
    inputs: dict[Identifier, Coefficient] = Field(default_factory=dict)
    """Good -> tonnes used per tonne of level; empty for mines and scrap."""
    outputs: Annotated[dict[Identifier, Coefficient], Field(min_length=1)]
    """Good -> tonnes made per tonne of level."""
    substitution: Substitution | None = None
    """Inputs that stand in for one another; fixed proportions if absent."""
    supply: SupplyCurve
    """Marginal cost of the conversion margin."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How the coefficients were derived."""


class ByProduct(Declared):
    """Feed that comes out of another plant: ``level <= recovery x level of the host``.

    What the scarcity of feed is worth per tonne is its rent.
    """

    host: Identifier
    """Process of the same region that the feed comes out of."""
    recovery: Coefficient
    """Most tonnes of level per tonne of the host's level."""
    host_sees_revenue: bool
    """True: the plant pays the rent to its host, which then runs for both products together (joint
    products). False: the host runs for its own product alone and the plant keeps the rent."""


class Process(Declared):
    """One technology in one region."""

    id: Identifier
    """Name used everywhere else."""
    technology: Identifier
    """Technology it runs."""
    region: Identifier
    """Where it stands."""
    capacity: Tonnes | None = None
    """Largest level; none if absent."""
    minimum: Tonnes | None = None
    """Level below which it cannot go (must-run); zero if absent."""
    supply: SupplyCurve | None = None
    """Own curve instead of the technology's."""
    by_product_of: ByProduct | None = None
    """Where its feed comes from, if it lives on another plant; a process of its own if absent."""
    capital_cost: CapitalCost | None = None
    """What its capacity costs; needs ``capacity``."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How capacity or existence was derived."""

    @model_validator(mode="after")
    def _something_to_pay_for(self) -> Process:
        if self.capital_cost is not None and self.capacity is None:
            raise ValueError("'capital_cost' needs 'capacity', the tonnes that it pays for")
        return self

    @model_validator(mode="after")
    def _can_run(self) -> Process:
        low, high = self.minimum, self.capacity
        if low is not None and high is not None and low.tonnes > high.tonnes:
            raise ValueError("'minimum' lies above 'capacity': lower it, or raise the capacity")
        return self

    @property
    def annuity(self) -> float:
        """Stated yearly cost of its capacity; NaN where there is none [USD]."""
        return _annuity(self.capital_cost, self.capacity)


class LatentProcess(Declared):
    """An announced plant: no benchmark output, off unless a scenario switches it on."""

    id: Identifier
    """Name used by scenarios."""
    label: Annotated[str, StringConstraints(max_length=120)]
    """Plant or project shown to people."""
    technology: Identifier
    """Technology it would run."""
    region: Identifier
    """Where it would stand."""
    capacity: Tonnes
    """Announced capacity."""
    supply: SupplyCurve
    """Entry cost and slope, with capital unless ``capital_cost`` is stated."""
    capital_cost: CapitalCost | None = None
    """What its capacity costs. In the long horizon the plant is then built as far as it earns the
    annuity, up to ``capacity``; in the short horizon it stands."""
    parity_share: Share
    """Share that its good would take from each buyer if it landed at the average price."""
    home_share: Share | None = None
    """The same for buyers in its own region, where it differs; ``parity_share`` if absent."""
    start: Annotated[dt.date | None, AsDay] = None
    """Announced start, where one is known."""
    source: SourceId
    """Key in ``sources``."""
    derivation: Text | None = None
    """How entry cost and parity share were chosen."""

    @property
    def annuity(self) -> float:
        """Stated yearly cost of its capacity; NaN where there is none [USD]."""
        return _annuity(self.capital_cost, self.capacity)


def _annuity(cost: CapitalCost | None, capacity: Tonnes | None) -> float:
    return nan if cost is None or capacity is None else cost.annuity * capacity.tonnes
