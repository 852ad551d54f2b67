"""Every error that the library raises on purpose.

Bad input is an :class:`InputError`; it lists all faults at once, each with its place and a remedy.
A scenario without an equilibrium (or one that the solver could not find) is a
:class:`NoEquilibriumError`; it names the worst condition. Where it is proved that there is none, it
is an :class:`InfeasibleError` with the proof, or an :class:`EndlessError` with its two numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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


@dataclass(frozen=True)
class Part:
    """One line of a certificate: tonnes that must be had, or that can be had at most."""

    what: str
    """What needs or limits them."""
    tonnes: float
    """How many [t]."""
    weight: float
    """What one of them counts for [1]."""

    @property
    def counted(self) -> float:
        """Tonnes times weight [t]."""
        return self.tonnes * self.weight

    def __str__(self) -> str:
        """Return what it is and how many tonnes, with the weight where it is not one."""
        times = "" if abs(self.weight - 1.0) < 5e-5 else f" times {self.weight:.4g}"
        return f"{self.what} {self.tonnes:.6g} t{times}"


@dataclass(frozen=True)
class Certificate:
    """Proof that no equilibrium exists: more is needed than can be had, whatever the prices.

    Every volume balance and every limit of the scenario, taken with the weights given here, adds up
    to ``needed <= available``; the figures say otherwise.
    """

    needs: tuple[Part, ...]
    """Tonnes that must be used or made whatever the prices."""
    limits: tuple[Part, ...]
    """Tonnes that can be had at most; a route or an origin that is shut counts zero."""
    ceiling: float = float("inf")
    """The proof holds for prices up to this multiple of the base year's; ``inf`` for all [1]."""

    @property
    def needed(self) -> float:
        """Weighted sum of needs [t]."""
        return sum(part.counted for part in self.needs)

    @property
    def available(self) -> float:
        """Weighted sum of limits [t]."""
        return sum(part.counted for part in self.limits)

    def __str__(self) -> str:
        """Return one sentence with the figures."""
        most = self.available
        can = f"at most {most:.6g} t can be had: {_listed(self.limits)}" if self.limits else ""
        need = f"{self.needed:.6g} t are needed ({_listed(self.needs)})"
        if self.ceiling < float("inf"):
            need = f"at {self.ceiling:.0e} times the base-year price {need}"
        return f"{need}, but {can or 'there are none'}"


def _listed(parts: tuple[Part, ...], most: int = 4) -> str:
    """The largest parts, and how many more there are."""
    largest = sorted(parts, key=lambda part: -part.counted)
    rest = f", and {len(parts) - most} more" if len(parts) > most else ""
    return ", ".join(str(part) for part in largest[:most]) + rest


class InfeasibleError(NoEquilibriumError):
    """No equilibrium exists, with the proof.

    Attributes
    ----------
    certificate : Certificate
        What is needed and what can be had.
    """

    def __init__(self, scenario: str, certificate: Certificate) -> None:
        gap = 1.0 - certificate.available / certificate.needed
        remedy = (
            "Raise one of these limits, lower a minimum, a contract or a purchase, or state a "
            "choke price for the demand."
        )
        super().__init__(scenario, str(certificate), gap, remedy)
        self.certificate = certificate
        why = str(certificate)
        self.args = (f"{scenario}: no equilibrium exists: {why}. {remedy}",)

    def __reduce__(self) -> tuple[type[InfeasibleError], tuple[str, Certificate]]:  # type: ignore[override]
        """Keep the proof when the error travels between processes."""
        return type(self), (self.scenario, self.certificate)


class EndlessError(NoEquilibriumError):
    """No equilibrium exists: output is paid for without end.

    Attributes
    ----------
    process : str
        Process that may grow without limit at a constant unit cost.
    policies : tuple of str
        Policies that pay it.
    payment, cost : float
        What it is paid per tonne of level at least where users pay nothing for its product, and the
        most that this can cost, inputs included [USD/t].
    """

    def __init__(
        self, scenario: str, process: str, policies: tuple[str, ...], payment: float, cost: float
    ) -> None:
        paid = " and ".join(f"'{policy}'" for policy in policies)
        why = (
            f"output of {process} has no end: {paid} pays {payment:,.0f} USD per tonne even where "
            f"users pay nothing, and a tonne costs at most {cost:,.0f} USD with inputs, "
            "at a constant unit cost without a capacity"
        )
        remedy = (
            "Cap the payment (cap, budget) or lower it (is its unit right?), state a capacity, or "
            "use expansion: rising_cost."
        )
        super().__init__(scenario, why, (payment - cost) / payment, remedy)
        self.process, self.policies = process, policies
        self.payment, self.cost = payment, cost
        self.args = (f"{scenario}: no equilibrium exists: {why}. {remedy}",)

    def __reduce__(self) -> tuple[type[EndlessError], tuple[Any, ...]]:
        """Keep the parts when the error travels between processes."""
        return type(self), (self.scenario, self.process, self.policies, self.payment, self.cost)


@dataclass(frozen=True)
class Attempt:
    """One combination of regimes of policies that jump, and why it does not hold."""

    regimes: tuple[str, ...]
    """Place and regime of every jump, in words."""
    why: str
    """What its solution asks for instead, or why it has no solution."""
    miss: float
    """How far the number that decides lies outside its band, as a share of its scale [1]."""

    def __str__(self) -> str:
        """Return the regimes and why they do not hold."""
        return f"with {'; '.join(self.regimes)}: {self.why} ({self.miss:.1e} off)"


class NoRegimeError(NoEquilibriumError):
    """No combination of regimes of policies that jump is consistent with itself.

    Attributes
    ----------
    attempts : tuple of Attempt
        Every combination that was tried, with what fails and by how much.
    possible, decided : int
        Combinations of bands that there are, and those known not to hold: they were solved, or it
        is proved that they have no equilibrium.
    settled : int
        Combinations of the jumps whose number cannot rest at an edge, if under each of them every
        other jump is consistent, be it in a band or at an edge; zero if not.
    """

    def __init__(
        self,
        scenario: str,
        attempts: tuple[Attempt, ...],
        possible: int,
        decided: int,
        settled: int = 0,
    ) -> None:
        nearest = sorted(attempts, key=lambda attempt: attempt.miss)
        remedy = "Move the threshold or the duty, or use an instrument that does not jump."
        super().__init__(scenario, str(nearest[0]), nearest[0].miss, remedy)
        self.attempts, self.possible = attempts, possible
        self.decided, self.settled = decided, settled
        number = f"{decided:,} of {possible:,} combinations"
        if decided == possible:
            number = f"all {possible:,} combinations"
        elif settled:
            number = (
                f"all {settled:,} combinations of the jumps at whose edge nobody can rest; under "
                "each the others are consistent. In all "
            ) + number
        shown = ". ".join(str(attempt) for attempt in nearest[:4])
        rest = f". And {len(nearest) - 4} more" if len(nearest) > 4 else ""
        self.args = (
            f"{scenario}: no regime of the policies that jump is consistent with the prices that "
            f"it leads to ({number} tried). {shown}{rest}. {remedy}",
        )

    @property
    def complete(self) -> bool:
        """Whether it is a proof, as far as each combination has one equilibrium."""
        return self.decided == self.possible or self.settled > 0

    def __reduce__(  # type: ignore[override]
        self,
    ) -> tuple[type[NoRegimeError], tuple[str, tuple[Attempt, ...], int, int, int]]:
        """Keep the attempts when the error travels between processes."""
        parts = self.scenario, self.attempts, self.possible, self.decided, self.settled
        return type(self), parts
