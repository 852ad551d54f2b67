"""What reports read: the shape of a result and of a comparison, whoever puts them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from pricing.accounts import Accounts
from pricing.equilibrium.build import Solved
from pricing.equilibrium.solver import Diagnostics
from pricing.scenarios.scenario import Scenario


@runtime_checkable
class Result(Protocol):
    """A solved scenario beside its no-policy reference."""

    @property
    def scenario(self) -> Scenario:
        """What was asked."""

    @property
    def solved(self) -> Solved:
        """Its equilibrium."""

    @property
    def reference(self) -> Solved:
        """The equilibrium under the same assumptions without added policy."""

    @property
    def accounts(self) -> Accounts:
        """Payments, surpluses, protection and checks."""

    @property
    def warnings(self) -> Any:
        """What a reader must know before using the numbers."""

    @property
    def diagnostics(self) -> Diagnostics:
        """How the solution was found."""

    @property
    def records(self) -> list[dict[str, Any]]:
        """Tidy rows."""

    @property
    def outcomes(self) -> tuple[Result, ...]:
        """Every self-consistent equilibrium, this one first."""

    def report(self) -> str:
        """Short text report."""

    def variants(self) -> Mapping[str, Result | None]:
        """The same scenario on other benchmarks."""


@runtime_checkable
class Comparison(Protocol):
    """Two results side by side."""

    @property
    def baseline(self) -> Result:
        """Left-hand side."""

    @property
    def scenario(self) -> Result:
        """Right-hand side."""
