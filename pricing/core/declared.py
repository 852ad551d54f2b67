"""The base class of everything a user may declare: frozen, closed, without NaN."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints


def _plain_number(value: object) -> object:
    """Refuse what pydantic would quietly turn into a number: booleans and strings."""
    if isinstance(value, bool | str):
        kind = "true/false" if isinstance(value, bool) else "text"
        raise ValueError(f"a number is needed here, not {kind}")
    return value


Number = Annotated[float, BeforeValidator(_plain_number)]
"""A finite real number; booleans and strings are refused."""

Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z][A-Za-z0-9_ .\-]*$")
]
"""A name that other parts of a document refer to."""

Text = Annotated[str, StringConstraints(max_length=4000)]
"""Prose for people; never interpreted."""


class Declared(BaseModel):
    """Frozen and closed pydantic model; attribute docstrings are the reference manual."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        validate_default=True,
        revalidate_instances="always",
    )

    def revised(self, **changes: Any) -> Self:
        """Return a validated copy with some fields replaced.

        pydantic's ``model_copy(update=...)`` does not validate; this does.
        """
        data = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self).model_validate(data | changes)
