"""What a duty on content is charged on: its value, the whole value, or the gap of its inputs."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from pricing.core.declared import Declared, GoodId
from pricing.core.quantities import Price, Rate, Scaled, Share
from pricing.errors import Fault, InputError
from pricing.instruments.terms import IntArray, Setting


class MetalValue(Declared):
    """One rate on the value of the content, another on the rest (United States, August 2025)."""

    kind: Literal["metal_value"] = "metal_value"
    value_share: Share
    """Value of the content as a share of the customs value."""
    rate: Annotated[Rate, Scaled.DUTY, Field(title="Ad valorem rate")]
    """Ad valorem rate on the content."""
    rate_on_rest: Annotated[Rate, Scaled.DUTY, Field(title="Rate on the rest")] = Rate(
        value=0.0, unit="1"
    )
    """Ad valorem rate on the rest of the value."""

    def ad_valorem(self) -> float:
        """Rate on the whole customs value [1]."""
        share = self.value_share.fraction
        return share * self.rate.fraction + (1.0 - share) * self.rate_on_rest.fraction


class FullValue(Declared):
    """A rate on the whole value once the content passes a threshold (United States, April 2026).

    The weight is stated, or it is what makers at each origin use now. Then it answers prices where
    inputs replace one another, and the duty jumps at the threshold.
    """

    kind: Literal["full_value"] = "full_value"
    weight_share: Share | None = None
    """Weight of the content as a share of the good, where it is stated."""
    inputs: Annotated[tuple[GoodId, ...] | None, Field(min_length=1)] = None
    """Inputs whose weight counts, as makers use them now; instead of a stated share."""
    threshold: Share
    """Share by weight above which the duty is due."""
    rate: Annotated[Rate, Scaled.DUTY, Field(title="Ad valorem rate")]
    """Ad valorem rate on the whole customs value."""

    @model_validator(mode="after")
    def _one_of_them(self) -> FullValue:
        if (self.weight_share is None) == (self.inputs is None):
            raise ValueError("give 'weight_share' or 'inputs', not both")
        return self

    def ad_valorem(self) -> float | None:
        """Rate on the whole customs value; None where it depends on what makers use [1]."""
        if self.weight_share is None:
            return None
        due = self.weight_share.fraction > self.threshold.fraction
        return self.rate.fraction if due else 0.0

    def parts(self, setting: Setting, good: int, where: str) -> IntArray:
        """Inputs that count.

        Raises
        ------
        InputError
            If no maker of the good uses one of them.
        """
        found = [setting.good(name, f"{where}.inputs") for name in self.inputs or ()]
        makers = np.flatnonzero(setting.output[:, good] > 0.0)
        used = (setting.inputs[makers] > 0.0).sum(axis=0)
        for part in found:
            if not used[part]:
                problem = f"nobody makes {setting.goods[good]} from {setting.goods[part]}"
                known = ", ".join(setting.goods[g] for g in np.flatnonzero(used)) or "none"
                raise InputError([Fault(problem, f"{where}.inputs", remedy=f"Inputs: {known}")])
        return np.array(found, dtype=np.intp)


class EmbeddedReferenceGap(Declared):
    """What the covered goods inside are cheaper than their reference prices at the origin.

    ``sum of content x max(0, reference - ex-works price in the origin of the derivative)``. On each
    path of inputs only the most downstream covered good counts. Where the origin makes none of a
    covered good, what its buyers pay for it is compared.
    """

    kind: Literal["embedded_reference_gap"] = "embedded_reference_gap"
    references: Annotated[dict[GoodId, Price], Field(min_length=1)]
    """Covered good -> reference price."""

    def contents(self, setting: Setting, good: int, where: str) -> dict[int, float]:
        """Covered good -> tonnes in one tonne of a derivative [t/t].

        Raises
        ------
        InputError
            If it contains none of them.
        """
        covered = {setting.good(n, f"{where}.references.{n}") for n in self.references}
        found: dict[int, float] = {}
        self._walk(setting, good, 1.0, covered, found)
        if not found:
            problem = f"{setting.goods[good]} contains none of {', '.join(self.references)}"
            remedy = "Name goods that it is made of"
            raise InputError([Fault(problem, f"{where}.references", remedy=remedy)])
        return found

    def _walk(
        self, setting: Setting, good: int, tonnes: float, covered: set[int], found: dict[int, float]
    ) -> None:
        for part in np.flatnonzero(setting.recipe[good]):
            inside = tonnes * float(setting.recipe[good, part])
            if int(part) in covered:
                found[int(part)] = found.get(int(part), 0.0) + inside
            else:
                self._walk(setting, int(part), inside, covered, found)


Basis = Annotated[MetalValue | FullValue | EmbeddedReferenceGap, Field(discriminator="kind")]
