"""How raw figures become a balanced base year: the rules of one chain, as they stand in a file.

``configs/data/NAME_rules.yaml`` names every raw row of ``NAME_raw.csv`` once: in a formula, where
it is used, or under ``set_aside``, where a rule says why it is not.
docs/how-to/build-a-benchmark.md shows how.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pricing.chains.formulas import Formula, Measured, NotNegative, Positive, Reason
from pricing.chains.price_rules import PriceRule, StatedPrice
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


class Route(Formula):
    """Recorded trade by origin: the weight of a route before it meets the balanced totals."""

    good: Identifier
    """Good."""
    origin: Identifier
    """Region that sells."""
    destination: Identifier
    """Region that buys."""


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
    home_only: bool = False
    """No trade between regions: each balances by itself."""
    closed: tuple[tuple[Identifier, Identifier], ...] = ()
    """Routes, origin and destination, that carry nothing."""
    recorded: bool = True
    """Whether recorded trade (``routes``) is used where there is some."""
    note: Reason
    """Why."""


class Variant(Declared):
    """One base year: the same totals, with its own priors of trade."""

    title: Reason
    """What sets it apart."""
    priors: tuple[Prior, ...] = ()
    """By good; a good without one has weight 1 everywhere."""


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


class Check(Formula):
    """A figure that was not used, beside what came out."""

    item: Annotated[str, Field(min_length=3)]
    """``level PROCESS``, ``use GOOD REGION``, ``flow GOOD ORIGIN > DESTINATION``,
    ``price GOOD REGION`` or ``buyer_price GOOD REGION``."""
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
    levels: tuple[Level, ...]
    """What processes made; several for one are pooled by confidence."""
    uses: tuple[Use, ...]
    """What final users took."""
    routes: tuple[Route, ...] = ()
    """Recorded trade."""
    totals: tuple[Total, ...] = ()
    """Sums of levels."""
    net_exports: tuple[NetExport, ...] = ()
    """What regions sell abroad less what they buy there."""
    variants: Annotated[dict[Identifier, Variant], Field(min_length=1)]
    """Base years by name; the first is central."""
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
        """Everything that reads raw rows."""
        stated = tuple(price for price in self.prices if isinstance(price, StatedPrice))
        return (
            *self.levels, *self.uses, *self.routes, *self.totals, *self.net_exports, *stated,
            *self.stated, *self.checks,
        )  # fmt: skip
