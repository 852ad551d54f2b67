"""Price floors for critical minerals: what they do to prices, output, trade and purses.

Names load when they are first used, so that importing the package costs next to nothing.

>>> import pricing
>>> result = pricing.solve("forge_all_stages")
>>> result.diagnostics.residual < 1e-8
True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pricing._version import __version__

if TYPE_CHECKING:
    from pricing.api import (
        Comparison,
        Result,
        compare,
        load_scenario,
        parse_scenario,
        solve,
        warm_up,
    )
    from pricing.chains.load import load_chain, shipped_chains
    from pricing.editing.changes import Change, changes, undone
    from pricing.editing.edits import amend
    from pricing.editing.levers import Lever, levers, move
    from pricing.errors import (
        Certificate,
        EndlessError,
        Fault,
        InfeasibleError,
        InputError,
        NoEquilibriumError,
        NoRegimeError,
        PricingError,
    )
    from pricing.many import Batch, solve_many
    from pricing.questions.load import shipped_questions
    from pricing.questions.match import Matched, match
    from pricing.scenarios.load import shipped_scenarios
    from pricing.scenarios.scenario import Scenario
    from pricing.uncertainty.exposure import Exposure, exposure
    from pricing.uncertainty.exposure_files import shipped_exposures

_HOMES = {
    "pricing.api": (
        "Comparison",
        "Result",
        "compare",
        "load_scenario",
        "parse_scenario",
        "solve",
        "warm_up",
    ),
    "pricing.chains.load": ("load_chain", "shipped_chains"),
    "pricing.errors": (
        "Certificate",
        "EndlessError",
        "Fault",
        "InfeasibleError",
        "InputError",
        "NoEquilibriumError",
        "NoRegimeError",
        "PricingError",
    ),
    "pricing.editing.changes": ("Change", "changes", "undone"),
    "pricing.editing.edits": ("amend",),
    "pricing.editing.levers": ("Lever", "levers", "move"),
    "pricing.many": ("Batch", "solve_many"),
    "pricing.questions.load": ("shipped_questions",),
    "pricing.uncertainty.exposure": ("Exposure", "exposure"),
    "pricing.uncertainty.exposure_files": ("shipped_exposures",),
    "pricing.questions.match": ("Matched", "match"),
    "pricing.scenarios.load": ("shipped_scenarios",),
    "pricing.scenarios.scenario": ("Scenario",),
}

__all__ = [
    "Batch",
    "Certificate",
    "Change",
    "Comparison",
    "EndlessError",
    "Exposure",
    "Fault",
    "InfeasibleError",
    "InputError",
    "Lever",
    "Matched",
    "NoEquilibriumError",
    "NoRegimeError",
    "PricingError",
    "Result",
    "Scenario",
    "__version__",
    "amend",
    "changes",
    "compare",
    "exposure",
    "levers",
    "load_chain",
    "load_scenario",
    "match",
    "move",
    "parse_scenario",
    "shipped_chains",
    "shipped_exposures",
    "shipped_questions",
    "shipped_scenarios",
    "solve",
    "solve_many",
    "undone",
    "warm_up",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(importlib.import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'pricing' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Public names."""
    return sorted(__all__)
