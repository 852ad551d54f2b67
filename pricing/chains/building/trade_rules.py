"""What is known about trade in a base year: records, re-exports, weights where nobody counted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from pricing.chains.building.formulas import Formula, NotNegative, Positive, Reason
from pricing.chains.building.reexports import Sells
from pricing.core.declared import Declared, Identifier, Text


class Route(Formula):
    """Recorded trade by origin.

    Without ``deviation`` it is the weight of a route before it meets the balanced totals. With one
    it is measured like a level: all trade in the good is then balanced together with the totals.
    """

    good: Identifier
    """Good."""
    origin: Identifier
    """Region that sells."""
    destination: Identifier
    """Region that buys."""
    deviation: NotNegative | None = None
    """Standard deviation as a share of the figure; zero holds it [1]."""


class OnRoutes(Declared):
    """A number for routes between different regions; the last one that fits a route holds."""

    origin: Identifier | None = None
    """Region that sells; any if absent."""
    destination: Identifier | None = None
    """Region that buys; any if absent."""
    value: NotNegative
    """The number [1]."""

    @model_validator(mode="after")
    def _says_which(self) -> OnRoutes:
        if self.origin is None and self.destination is None:
            raise ValueError("name an origin, a destination, or both")
        return self

    def fits(self, origin: str, destination: str) -> bool:
        """Whether it is about a route."""
        return self.origin in (None, origin) and self.destination in (None, destination)

    @property
    def places(self) -> tuple[str, ...]:
        """Regions that it names."""
        return tuple(place for place in (self.origin, self.destination) if place is not None)


def number_on(numbers: tuple[OnRoutes, ...], origin: str, destination: str, usual: float) -> float:
    """The last number that fits a route, ``usual`` if none does."""
    fitting = (n.value for n in reversed(numbers) if n.fits(origin, destination))
    return next(fitting, usual)


class Exports(Declared):
    """What a region exports in all, and the routes of it that are known better."""

    region: Identifier
    """Region that sells."""
    total: Text
    """Row or figure with its exports; the other routes are scaled to what the known ones leave."""
    known: dict[Identifier, Text] = Field(default_factory=dict)
    """Destination -> row or figure that stands in the place of the record."""


class ByOrigin(Declared):
    """Trade recorded by where a good was sent from, turned into trade by who made it.

    :func:`.reexports.origin_flows` does it; what comes out is measured like a level, so that all
    trade in the good is balanced together with the totals.
    """

    good: Identifier
    """Good."""
    rows: Annotated[tuple[str, ...], Field(min_length=1)]
    """Raw rows; a row's region sends, and its variable says whereto: ``trade_to:REGION``."""
    made: dict[Identifier, Text]
    """Region -> row or figure with its output; the others make none."""
    sells: dict[Identifier, Sells] = Field(default_factory=dict)
    """What a region that makes and imports the good sends abroad; ``mix`` where absent."""
    exports: tuple[Exports, ...] = ()
    """Regions whose exports are known in all."""
    smallest: Positive
    """Flows by origin below this are left out [t]."""
    deviation: Positive
    """Standard deviation as a share of a flow by origin [1]."""
    deviations: tuple[OnRoutes, ...] = ()
    """Others for some routes [1]."""
    why: Reason
    """Where a flow by origin comes from, in a few words."""
    note: Reason
    """How re-exports are read, and who makes none."""

    @property
    def places(self) -> set[str]:
        """Regions that it speaks of."""
        exports = (place for one in self.exports for place in (one.region, *one.known))
        deviations = (place for one in self.deviations for place in one.places)
        return {*self.made, *self.sells, *exports, *deviations}

    @property
    def named(self) -> tuple[str, ...]:
        """Every row or figure that it reads."""
        known = (name for one in self.exports for name in (one.total, *one.known.values()))
        return (*self.rows, *self.made.values(), *known)


class Prior(Declared):
    """Weights of the routes of a good without recorded trade.

    Before it meets the totals a route carries ``weight x supply of the origin x use of the
    destination / world use``.
    """

    good: Identifier
    """Good."""
    home: Positive = 1.0
    """Weight of a sale at home [1]."""
    foreign: NotNegative = 1.0
    """Weight of a sale abroad; small where recorded trade is nearly all the trade there is [1]."""
    weights: tuple[OnRoutes, ...] = ()
    """Other weights of some sales abroad, for example where a relation is documented [1]."""
    home_only: bool = False
    """No trade between regions: each balances by itself."""
    closed: tuple[tuple[Identifier, Identifier], ...] = ()
    """Routes, origin and destination, that carry nothing."""
    recorded: bool = True
    """Whether recorded trade (``routes``) is used where there is some."""
    note: Reason
    """Why."""

    @property
    def places(self) -> set[str]:
        """Regions that it names."""
        return {
            place for route in (*self.closed, *(w.places for w in self.weights)) for place in route
        }


class Variant(Declared):
    """One base year: the same totals, with its own priors of trade."""

    title: Reason
    """What sets it apart."""
    priors: tuple[Prior, ...] = ()
    """By good; a good without one has weight 1 everywhere."""
