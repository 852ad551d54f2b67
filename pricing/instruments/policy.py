"""What every policy instrument has in common."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field, StringConstraints, ValidationError, model_validator

from pricing.core.declared import AsDay, Declared, OwnId, PlaceId, Text
from pricing.core.faults import faults_of
from pricing.core.sources import SourceId
from pricing.errors import Fault, InputError
from pricing.instruments.terms import ALL, Array, BoolArray, Setting, Terms, Wedge
from pricing.instruments.trade import HeldUp, Trade

Places = Annotated[tuple[PlaceId, ...], Field(min_length=1)]
"""Regions or zones of the scenario; ``all`` is every region."""


class Policy(Declared):
    """A declared policy with a name, a source and optional dates."""

    if TYPE_CHECKING:
        kind: str  # the discriminator: a literal of its own in every instrument

    id: Annotated[OwnId, Field(title="Short name")]
    """Name of the policy inside the scenario."""
    label: Annotated[str, StringConstraints(max_length=120)] | None = None
    """Name shown to people."""
    source: SourceId
    """Key in ``sources`` for every number of this policy that names no other."""
    start: Annotated[dt.date | None, AsDay] = None
    """First day in force; always if absent."""
    end: Annotated[dt.date | None, AsDay] = None
    """Last day in force; for ever if absent."""
    active: bool = True
    """Whether the policy takes part; false keeps it in the file and out of the results."""
    note: Text | None = None
    """Anything a reader should know."""

    @model_validator(mode="after")
    def _dates_in_order(self) -> Policy:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("'end' lies before 'start'")
        return self

    def in_force(self, year: int | None) -> bool:
        """Whether the policy is active and in force on 1 July of a year; always for no year."""
        if year is None or not self.active:
            return self.active
        day = dt.date(year, 7, 1)
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    @abstractmethod
    def apply(self, setting: Setting, terms: Terms) -> None:
        """Append what this policy does to ``terms``.

        Raises
        ------
        InputError
            If the policy names a good, region or basis that the chain does not have.
        """

    @property
    def rent_role(self) -> Wedge:
        """Where :meth:`rent` enters prices, and who holds it."""
        return Wedge.IMPORTER

    def duty(self, setting: Setting) -> tuple[Array, Array] | None:
        """(G, R, R) ad valorem rate on the customs value and specific duty [1, USD/t], if any.

        As stated: what is charged beside other layers is a matter of :mod:`.layers`.
        """
        return None

    @property
    def stacking(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Layers that its duty yields to, and layers that it includes; it adds to all others."""
        return (), ()

    def held_up(self, setting: Setting) -> HeldUp | None:
        """Prices below which no origin may land by itself, if any."""
        return None

    def rent(self, trade: Trade) -> Array:
        """(N, G, R, R) what the policy adds to prices beside duties and levies [USD/t]."""
        return np.zeros_like(trade.flow)

    def receipts(self, trade: Trade) -> Array:
        """(N, R) what treasuries get less what they pay, by the law of the instrument [USD].

        Duties on the customs value, and rents whose holder is a treasury.
        """
        due = trade.due.get(self.id, np.zeros(1)) * trade.flow
        total = np.asarray(due.sum(axis=(1, 2)))
        worth = self.rent(trade) * trade.flow
        if self.rent_role is Wedge.DUTY:
            total = total + worth.sum(axis=(1, 2))
        if self.rent_role is Wedge.ORIGIN_TREASURY:
            total = total + worth.sum(axis=(1, 3))
        return total

    def helps(self, setting: Setting) -> Array:
        """(G, R) one where the policy means to help makers; nobody by default."""
        return np.zeros((len(setting.goods), len(setting.regions)))

    def charged(self, setting: Setting, origins: BoolArray, destinations: BoolArray) -> BoolArray:
        """(R, R) pairs across a customs border that the policy covers, as customs sees them.

        Raises
        ------
        InputError
            If there is none: a policy at the border has nothing to act on inside one territory.
        """
        pairs = origins[:, None] & destinations[None, :] & setting.border
        if not pairs.any():
            raise InputError(
                [
                    Fault(
                        "no trade across a customs border is covered",
                        f"policies.{self.id}",
                        remedy="Name origins and destinations in different customs territories, "
                        "or a zone that leaves somebody outside",
                    )
                ]
            )
        return setting.as_sold(pairs)

    def routes(
        self,
        setting: Setting,
        goods: Iterable[str],
        origins: Places,
        destinations: Places,
    ) -> BoolArray:
        """(G, R, R) routes of some goods across a customs border that the policy covers.

        Raises
        ------
        InputError
            If a name is unknown, or no route crosses a border.
        """
        pairs = self.charged(
            setting,
            setting.members(origins, self.where("origins")),
            setting.members(destinations, self.where("destinations")),
        )
        mask = np.zeros((len(setting.goods), *pairs.shape), dtype=bool)
        for name in goods:
            mask[setting.good(name, self.where("good"))] = pairs
        return mask

    def check(self, setting: Setting) -> None:
        """Look up all that the policy names, so that all faults come at once.

        Raises
        ------
        InputError
            With every name that the chain does not have.
        """
        try:
            type(self).model_validate(self, context=setting.names)
        except ValidationError as error:
            faults = faults_of(error, model=type(self))
            raise InputError([replace(f, field=self.where(f.field)) for f in faults]) from None

    def where(self, field: str) -> str:
        """Path of a field of this policy for error messages."""
        return f"policies.{self.id}.{field}"


class ForMakers(Policy):
    """A policy for makers of a good in a region."""

    if TYPE_CHECKING:
        good: str
        region: str

    def place(self, setting: Setting) -> tuple[int, int]:
        """Good and region."""
        good = setting.good(self.good, self.where("good"))
        return good, setting.region(self.region, self.where("region"))

    def helps(self, setting: Setting) -> Array:
        """Makers of the good in the region."""
        good, region = self.place(setting)
        return helped(setting, [good], np.arange(len(setting.regions)) == region)


class Guarded(Policy):
    """A policy at the border of importers that shields makers of a good there."""

    if TYPE_CHECKING:
        good: str
        destinations: Places

    def helps(self, setting: Setting) -> Array:
        """Makers where it is charged."""
        good = setting.good(self.good, self.where("good"))
        return helped(setting, [good], setting.members(self.destinations, ""))


def helped(setting: Setting, goods: Iterable[int], regions: BoolArray) -> Array:
    """(G, R) one for some goods in some regions."""
    mask = np.zeros((len(setting.goods), len(setting.regions)))
    for good in goods:
        mask[good, regions] = 1.0
    return mask


__all__ = ["ALL", "ForMakers", "Guarded", "Places", "Policy", "helped"]
