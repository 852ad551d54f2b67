"""Rules of the NdFeB reconciliation as they stand in ``configs/data/ndfeb_rules.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pricing.chains.reexports import Sells
from pricing.core.declared import Declared, Number, Text
from pricing.core.quantities import Share

Positive = Annotated[Number, Field(gt=0.0)]


class Held(Declared):
    """Figures that are not adjusted."""

    eu_use: Positive
    """Magnets used in the EU [t]."""
    eu_from_china: Positive
    """Of these from China [t]."""
    eu_from_eu: Positive
    """Of these made in the EU [t]."""
    note: Text
    """Why."""


class Deviations(Declared):
    """Standard deviations as shares of the measured value [1]."""

    mine: dict[str, Positive]
    """By region, ``other`` for the rest."""
    refined_china: Positive
    """Chinese refining, scrap included."""
    separation_iea: Positive
    """IEA figure where a company reports another."""
    separation_company: Positive
    """Company report."""
    separation_other: Positive
    """IEA remainder split by rule."""
    scrap: Positive
    """Recycled oxide."""
    metal: dict[str, Positive]
    """By region."""
    magnet_china: Positive
    """Each of the two Chinese figures."""
    magnet_japan: Positive
    """Residual of the Chinese world share."""
    magnet_vietnam: Positive
    """Plant capacity times utilisation."""
    flow: Positive
    """Magnet trade by origin."""
    flow_united_states: Positive
    """China to the United States."""
    flow_into_eu: Positive
    """Into the EU, where an anchor overrides what is recorded."""
    concentrate_flow: Positive
    """Concentrate trade, known only by residual."""
    other_uses: Positive
    """Use of oxide outside magnets."""
    note: Text
    """Why."""


class OtherUses(Declared):
    """Where oxide outside magnets is used."""

    shares: dict[str, Positive]
    """Region -> share [1]."""
    note: Text
    """Why."""


class ScrapPrior(Declared):
    """Range in which scrap lies."""

    low: Annotated[Number, Field(ge=0.0)]
    """Lowest figure in the sources [t oxide]."""
    high: Positive
    """Highest figure in the sources [t oxide]."""
    note: Text
    """How it is used."""


class ReExports(Declared):
    """What regions that make and import magnets send abroad."""

    EU: Sells
    """Rule for the EU."""
    Vietnam: Sells
    """Rule for Vietnam."""
    note: Text
    """Case by case."""


class Prior(Declared):
    """Weights of routes before they meet the totals."""

    home: Positive
    """A sale at home [1]."""
    documented: Positive
    """A route with evidence [1]."""
    into_net_exporter: Positive
    """A foreign sale into the net exporter [1]."""


class Variant(Declared):
    """One prior for the trade in oxide and metal."""

    oxide: Prior
    """Oxide."""
    metal: Prior
    """Metal."""
    note: Text
    """Why these weights."""


class Documented(Declared):
    """Routes with evidence, origin and destination."""

    oxide: tuple[tuple[str, str], ...]
    """Oxide."""
    metal: tuple[tuple[str, str], ...]
    """Metal."""


class Prices(Declared):
    """Build-up of regional prices."""

    oxide_china: Positive
    """The anchor [USD/t]."""
    metal_margin: dict[str, Positive]
    """Conversion margin of metal making as a share of its price [1]."""
    magnet_cost_ratio: dict[str, Positive]
    """Conversion cost of magnet making over the Chinese one [1]."""
    smallest_margin: Positive
    """Smallest margin of any process as a share of its output price [1]."""
    note: Text
    """The build-up in words."""


class DecisionText(Declared):
    """One choice, with words in braces that the report fills in."""

    subject: Text
    """What it is about."""
    before: Text
    """What the sources say."""
    after: Text
    """What is used."""
    why: Text
    """Reason."""


class Check(Declared):
    """A figure beside what came out."""

    name: Text
    """What is compared."""
    rows: Annotated[tuple[str, ...], Field(min_length=1)]
    """Raw rows; their mean is shown."""
    here: str
    """Name of the figure in the report."""
    unit: Text
    """Unit of both."""


class Rules(Declared):
    """The whole file."""

    title: Text
    """Heading."""
    loss_separation: Share
    """Loss of contained rare earths in separation."""
    held: Held
    """Anchors."""
    deviations: Deviations
    """Confidence."""
    scrap_prior: ScrapPrior
    """Scrap before adjustment."""
    vietnam_utilisation: Share
    """Output over capacity of the plant in Vietnam."""
    other_uses_share: OtherUses
    """Regions of the non-magnet uses."""
    re_exports: ReExports
    """Treatment of re-exports."""
    priors: dict[str, Variant]
    """Variants of the prior for oxide and metal trade; the first is central."""
    net_exporter: str
    """Region that sells oxide and metal and hardly buys them."""
    documented: Documented
    """Routes with evidence."""
    prices: Prices
    """Price build-up."""
    decisions: tuple[DecisionText, ...]
    """Choices for the report."""
    checks: tuple[Check, ...]
    """Outside checks for the report."""
