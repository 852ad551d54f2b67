"""How a border holds up a reference price, and whose sales that binds."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pricing.core.declared import Declared, LayerId
from pricing.core.quantities import Rate, Scaled, Share
from pricing.instruments.terms import CompareAt


class BorderLevy(Declared):
    """Each origin pays ``max(0, reference - its own base price)``.

    A homogeneous good has one delivered price per buyer: there every importer charges one levy on
    all origins, just high enough that this price reaches the reference. Under ``all_sales`` members
    ask that much above their own price, so that the cheapest makers sell.
    """

    kind: Literal["border_levy"] = "border_levy"
    compare_at: Annotated[CompareAt, Field(title="Price compared")] = CompareAt.DUTY_PAID
    """Price that is held against the reference: FOB, CIF or duty paid."""
    layers: Annotated[tuple[LayerId, ...] | None, Field(title="Duties that count as paid")] = None
    """Duty layers and tariff ids that count as paid (``duty_paid`` only); all if absent, and then
    those of safeguards, entry prices, content duties that follow prices or inputs, and beyond
    tariff-rate quotas too."""
    rent_capture: Share = Share(value=0.0, unit="1")
    """Share of the gap that exporters keep by raising their own price."""

    @model_validator(mode="after")
    def _layers_matter(self) -> BorderLevy:
        if self.layers is not None and self.compare_at is not CompareAt.DUTY_PAID:
            raise ValueError("'layers' says which duties count as paid; it needs 'duty_paid'")
        return self


class UniformLevy(Declared):
    """One levy per customs territory, as high as the internal price needs."""

    kind: Literal["uniform_levy"] = "uniform_levy"
    max_levy: Annotated[Rate, Scaled.DUTY, Field(title="Largest levy")] = Rate(
        value=1000.0, unit="%"
    )
    """Largest levy, as a share of the benchmark price of the good."""
    pooled: Annotated[bool, Field(title="One levy for the zone")] = False
    """One levy for the whole zone, against the zone's average ex-works price."""


class AppliesTo(StrEnum):
    """Whose sales a reference price binds."""

    NON_MEMBERS = "non_members"
    """Imports from outside; members trade at market prices."""
    ALL_SALES = "all_sales"
    """Members' own sales inside the zone as well, at home and across its borders."""


class Exports(StrEnum):
    """What holds for members' sales to outsiders under ``all_sales``."""

    EXEMPT = "exempt"
    """They are free of it."""
    BOUND = "bound"
    """They may not be below it either."""


Mechanism = Annotated[BorderLevy | UniformLevy, Field(discriminator="kind")]
