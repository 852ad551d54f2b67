"""The exposure document: a guarantee of a scenario, and how its index price may move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from pricing.core.declared import AsDay, Declared, Identifier, Text
from pricing.core.documents import Document
from pricing.core.faults import validate
from pricing.core.quantities import Price, Rate, Tonnes
from pricing.core.sources import Source, SourceId, source_keys
from pricing.economics.contracts import Settlement
from pricing.errors import Fault, InputError
from pricing.uncertainty.prices import Process


class Observed(StrEnum):
    """Which price of the period counts."""

    AVERAGE = "average"
    """Average of the month-ends of the period."""
    END = "end"
    """Price at the end of the period."""


class Quote(Declared):
    """A price of the index that was quoted."""

    date: Annotated[dt.date, AsDay]
    """Day; the middle of the period for an average."""
    price: Price
    """Price, in the basis of the good and without value added tax."""
    source: SourceId
    """Key in ``sources``."""


class Tonnage(Declared):
    """Eligible tonnes from a year on."""

    since: Annotated[int, Field(ge=1900, le=2200)]
    """First calendar year."""
    tonnes: Tonnes
    """Tonnes a year."""
    source: SourceId
    """Key in ``sources``."""


class Controls(Declared):
    """Export controls that are tight or eased by turns; while tight, the index is a multiple."""

    factor: Rate
    """Index while controls are tight, as a multiple of what it is otherwise."""
    tightened: Rate
    """How often a year eased controls are tightened [1/yr]."""
    eased: Rate
    """How often a year tight controls are eased [1/yr]."""
    tight_now: bool
    """Whether they are tight at the valuation; the quoted price has the factor in it then."""
    source: SourceId
    """Key in ``sources``."""


class OwnPrice(Declared):
    """The maker's own price, where the index is another one: basis risk."""

    ratio: Rate
    """Own price as a multiple of the index, the median in the long run."""
    deviation: Rate
    """Standard deviation of the logarithm of that multiple in the long run."""
    speed: Rate
    """Speed at which it returns [1/yr]."""
    source: SourceId
    """Key in ``sources``."""


class ExposureDocument(Declared):
    """What a guarantee may cost over the life of its contract."""

    schema_version: Literal[1] = 1
    """Version of this format."""
    kind: Literal["exposure"]
    """Kind of document."""
    id: Identifier
    """Name."""
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """One line for people."""
    description: Text
    """What is asked, and what the answer does not say."""
    sources: dict[SourceId, Source]
    """Every source that this document refers to."""
    scenario: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """Shipped scenario, or scenario file beside this one, with the guarantee."""
    policy: Identifier
    """The guarantee: a policy of kind ``price_guarantee`` with an end."""
    valued_on: Annotated[dt.date, AsDay]
    """Day of the valuation; settlements of later months count."""
    settlement: Settlement
    """How often it is settled; it takes the place of what the guarantee says, as do the prices."""
    observed: Observed = Observed.AVERAGE
    """Which price of the period counts."""
    tonnes: Annotated[tuple[Tonnage, ...], Field(min_length=1)]
    """Eligible tonnes; the last ones hold to the end."""
    history: tuple[Quote, ...] = ()
    """Quotes of the index, the oldest first."""
    price_now: Price | None = None
    """Index at the valuation; the last quote if absent."""
    price: Process
    """How the index moves."""
    alternative: Process | None = None
    """Another view of how it moves; the main sums are given for both."""
    controls: Controls | None = None
    """Export controls that come and go."""
    own_price: OwnPrice | None = None
    """The maker's own price; the index itself if absent."""
    discount_rate: Rate
    """Real rate at which later payments count less, a year."""
    inflation: Rate = Rate(value=0.0, unit="1")
    """Rate at which strike and caps, which are nominal, lose value a year."""
    draws: Annotated[int, Field(ge=1_000, le=1_000_000)] = 20_000
    """Price paths."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Seed of the draws."""

    @model_validator(mode="after")
    def _consistent(self) -> ExposureDocument:
        faults = [*self._order(), *self._unlisted_sources()]
        if faults:
            raise InputError(faults)
        return self

    def varied(self, changes: Mapping[str, Any]) -> ExposureDocument:
        """The document with other fields, as plain data.

        Raises
        ------
        InputError
            With every fault of the changes.
        """
        data = self.model_dump(mode="json", exclude_unset=True)
        return validate(ExposureDocument, Document({**data, **changes}, self.id, {}))

    def _order(self) -> Iterator[Fault]:
        """Dates that do not grow, and numbers that are missing."""
        for number, (one, other) in enumerate(pairwise(self.history), 1):
            if other.date <= one.date:
                where = f"history.{number}.date"
                yield Fault(f"{other.date} does not follow {one.date}", where, remedy="Sort by day")
        for number, quote in enumerate(self.history):
            if quote.price.value <= 0.0:
                where = f"history.{number}.price"
                yield Fault("a quote of zero", where, remedy="Leave it out")
        for number, (early, late) in enumerate(pairwise(self.tonnes), 1):
            if late.since <= early.since:
                where = f"tonnes.{number}.since"
                yield Fault("years must grow", where, remedy="Sort by year")
        if self.price_now is None and not self.history:
            remedy = "State it, or give quotes in 'history'"
            yield Fault("the price at the valuation is not known", "price_now", remedy=remedy)
        elif self.price_now is not None and self.price_now.value <= 0.0:
            yield Fault("a price of zero", "price_now", remedy="State a price above zero")

    def _unlisted_sources(self) -> Iterator[Fault]:
        listed = ", ".join(self.sources) or "none"
        for key, where in source_keys(self.model_dump(exclude={"sources"})):
            if key not in self.sources:
                remedy = f"Add it to 'sources', or use one of: {listed}"
                yield Fault(f"no entry '{key}' in 'sources'", where, remedy=remedy)
