"""Every error that the library raises on purpose.

Bad input is an :class:`InputError`; it lists all faults at once, each with its place and a remedy.
A scenario without an equilibrium (or one that the solver could not find) is a
:class:`NoEquilibriumError`; it names the worst condition.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input, where it is, and what to do about it."""

    problem: str
    """What is wrong, as a short sentence."""
    field: str = ""
    """Path of the field inside the document, for example ``policies.oxide.level``."""
    file: str = ""
    """File name, empty for objects built in Python."""
    line: int | None = None
    """Line of the field in the file, counted from 1."""
    remedy: str = ""
    """What to try."""

    def __str__(self) -> str:
        """Return ``file:line: field: problem. remedy``."""
        place = self.file
        if self.line is not None:
            place = f"{place or '<input>'}:{self.line}"
        head = ": ".join(part for part in (place, self.field) if part)
        body = " ".join(_sentence(part) for part in (self.problem, self.remedy) if part)
        return f"{head}: {body}" if head else body


def _sentence(text: str) -> str:
    """Return the text with one full stop, unless it asks or exclaims."""
    return text if text.endswith(("?", "!")) else text.rstrip(".") + "."


class PricingError(Exception):
    """Base class of every error raised on purpose by this library."""


class InputError(PricingError, ValueError):
    """A document, a policy or a call that cannot be used; carries every fault found."""

    def __init__(self, faults: list[Fault] | tuple[Fault, ...] | str) -> None:
        self.faults: tuple[Fault, ...] = (
            (Fault(faults),) if isinstance(faults, str) else tuple(faults)
        )
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Fault, ...]]]:
        """Keep the faults when the error travels between processes."""
        return type(self), (self.faults,)


class NoEquilibriumError(PricingError):
    """No equilibrium was found; names the worst condition and a remedy.

    Attributes
    ----------
    condition : str
        The worst condition in words.
    residual : float
        Its size on the library's own scale [1].
    remedy : str
        What to try.
    """

    def __init__(self, scenario: str, condition: str, residual: float, remedy: str) -> None:
        self.scenario = scenario
        self.condition = condition
        self.residual = residual
        self.remedy = remedy
        super().__init__(
            f"{scenario}: no equilibrium. Worst condition: {condition} "
            f"({residual:.1e} of its scale). {remedy}"
        )

    def __reduce__(self) -> tuple[type[NoEquilibriumError], tuple[str, str, float, str]]:
        """Keep the parts when the error travels between processes."""
        return type(self), (self.scenario, self.condition, self.residual, self.remedy)
