"""How raw figures become a balanced base year: the rules of one chain, as they stand in a file.

``configs/data/NAME_rules.yaml`` names every raw row of ``NAME_raw.csv`` once: in a formula, where
it is used, or under ``set_aside``, where a rule says why it is not.
docs/how-to/build-a-benchmark.md shows how.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pricing.chains.building.formulas import (
    Figure,
    Formula,
    Measured,
    NotNegative,
    Positive,
    Reason,
)
from pricing.chains.building.price_rules import PriceRule, StatedPrice
from pricing.chains.building.trade_rules import ByOrigin, Route, Variant
from pricing.core.declared import Declared, Identifier, Number, Text


class Level(Measured):
    """Output level of a process."""

    process: Identifier
    """Process of the chain."""

    @property
    def item(self) -> str:
        """Name in the reconciliation."""
        return f"level of {self.process}"


class Use(Measured):
    """Final use of a good."""

    good: Identifier
    """Good."""
    region: Identifier
    """Region."""
    use: Identifier
    """Use."""

    @property
    def item(self) -> str:
        """Name in the reconciliation."""
        return f"use of {self.good} in {self.region}: {self.use}"


class Total(Measured):
    """What levels add up to."""

    name: Reason
    """What it is."""
    processes: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Processes that add up to it."""
    deviation: NotNegative = 0.0
    """Standard deviation as a share of the figure; held where absent [1]."""

    @property
    def item(self) -> str:
        """Name in the reconciliation."""
        return self.name


class NetExport(Measured):
    """Output of a good in a region less its use there; negative for an importer."""

    good: Identifier
    """Good."""
    region: Identifier
    """Region."""

    @property
    def item(self) -> str:
        """Name in the reconciliation."""
        return f"net trade in {self.good} of {self.region}"


class SmallestMargin(Declared):
    """Smallest conversion margin of any process that buys inputs."""

    share: Annotated[Number, Field(gt=0.0, lt=1.0)]
    """Of its revenue [1]."""
    why: Reason
    """Why."""


class SetAside(Declared):
    """Rows that are not used, by a named rule."""

    rule: Identifier
    """Short name of the rule."""
    use: Literal["superseded", "rejected"]
    """``superseded``: a better figure stands in its place; ``rejected``: not usable."""
    ids: tuple[str, ...] = ()
    """Rows by name."""
    where: dict[Literal["id", "stage", "region", "variable", "unit", "year", "source"], str] = (
        Field(default_factory=dict)
    )
    """Column -> pattern (``*`` and ``?``, several after ``|``); all must hold."""
    why: Reason
    """Why."""

    @model_validator(mode="after")
    def _says_which(self) -> SetAside:
        if not (self.ids or self.where):
            raise ValueError("name rows by 'ids' or 'where'")
        return self


class Stated(Formula):
    """A number that stands in the chain file, and the rows that it must equal."""

    at: Annotated[str, Field(min_length=3)]
    """Dotted path in the chain, for example ``processes.mine_china.capacity``."""
    within: Positive = 1e-4
    """Largest relative difference that is rounding [1]."""


class Check(Formula):
    """A figure that was not used, beside what came out."""

    item: Annotated[str, Field(min_length=3)]
    """``level PROCESS``, ``flow GOOD ORIGIN > DESTINATION``, or ``use``, ``exports``, ``imports``,
    ``price`` or ``buyer_price`` with ``GOOD REGION``."""
    share_of: str = ""
    """Another item to divide by; a share is then shown."""


class Decision(Declared):
    """One open choice."""

    subject: Reason
    """What it is about."""
    before: Reason
    """What the sources say."""
    after: Reason
    """What is used."""
    why: Reason
    """Reason."""


class Recipe(Declared):
    """The whole file."""

    title: Text
    """Heading of the report."""
    units: dict[str, Positive] = Field(default_factory=dict)
    """Units of the raw rows beyond the common ones -> factor to t of the good's basis, USD/t or
    1."""
    figures: dict[Identifier, Figure] = Field(default_factory=dict)
    """Intermediate figures; formulas name them like rows, and later figures earlier ones."""
    levels: tuple[Level, ...]
    """What processes made; several for one are pooled by confidence."""
    uses: tuple[Use, ...]
    """What final users took; a good whose trade is measured needs none, arrivals tell."""
    routes: tuple[Route, ...] = ()
    """Recorded trade."""
    by_origin: tuple[ByOrigin, ...] = ()
    """Trade recorded by dispatch, from which re-exports are taken out."""
    totals: tuple[Total, ...] = ()
    """Sums of levels."""
    net_exports: tuple[NetExport, ...] = ()
    """What regions sell abroad less what they buy there."""
    variants: Annotated[dict[Identifier, Variant], Field(min_length=1)]
    """Base years by name; the first is central."""
    feed_at_home: tuple[Identifier, ...] = ()
    """Goods that an announced plant takes from its own region where that makes them."""
    prices: Annotated[tuple[PriceRule, ...], Field(min_length=1)]
    """Ex-works prices, in the order in which they are built; inputs before outputs."""
    smallest_margin: SmallestMargin
    """Thinner margins are refused."""
    set_aside: tuple[SetAside, ...] = ()
    """Rows that are not used; the first rule that fits a row holds."""
    stated: tuple[Stated, ...] = ()
    """Numbers of the chain file that rest on raw rows."""
    checks: tuple[Check, ...] = ()
    """Figures that were not used, beside what came out."""
    decisions: tuple[Decision, ...] = ()
    """Open choices, for the report."""

    def formulas(self) -> tuple[Formula, ...]:
        """Every formula."""
        stated = tuple(price for price in self.prices if isinstance(price, StatedPrice))
        return (
            *self.figures.values(), *self.levels, *self.uses, *self.routes, *self.totals,
            *self.net_exports, *stated, *self.stated, *self.checks,
        )  # fmt: skip

    def named(self) -> dict[str, None]:
        """Every row and figure that is read, once."""
        formulas: tuple[Formula | ByOrigin, ...] = (*self.formulas(), *self.by_origin)
        return dict.fromkeys(name for formula in formulas for name in formula.named)

    @property
    def measured_trade(self) -> frozenset[str]:
        """Goods whose trade is balanced together with the totals."""
        routes = (route.good for route in self.routes if route.deviation is not None)
        return frozenset((*routes, *(one.good for one in self.by_origin)))
