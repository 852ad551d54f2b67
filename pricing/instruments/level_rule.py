"""What every rule for the height of a reference price answers."""

from __future__ import annotations

from abc import abstractmethod

from pricing.core.declared import Declared
from pricing.errors import Fault, InputError
from pricing.instruments.terms import Setting


class LevelRule(Declared):
    """What every rule answers."""

    @abstractmethod
    def resolve(self, setting: Setting, where: str) -> dict[int, float]:
        """Good index -> reference price [USD/t]."""

    @abstractmethod
    def derivation(self, setting: Setting) -> str:
        """How the prices came about, in words."""


def refusal(problem: str, where: str, remedy: str) -> InputError:
    """An error to raise."""
    return InputError([Fault(problem, where, remedy=remedy)])
