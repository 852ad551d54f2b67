"""The three doors to the library, and what they hand out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pricing._version import __version__
from pricing.core.documents import Document
from pricing.errors import Fault, InputError, NoEquilibriumError
from pricing.scenarios import scenario as scenarios
from pricing.scenarios.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from pricing.accounts import Accounts
    from pricing.accounts.notices import Warning_
    from pricing.chains.schema import Chain
    from pricing.equilibrium.build import Solved
    from pricing.equilibrium.solver import Diagnostics
    from pricing.equilibrium.uniqueness import Uniqueness
    from pricing.scenarios.schema import ScenarioDocument


@dataclass(frozen=True)
class Result:
    """A solved scenario beside its no-policy reference."""

    scenario: Scenario
    """What was asked."""
    solved: Solved
    """Its equilibrium."""
    reference: Solved
    """The equilibrium under the same assumptions without added policy."""

    def __repr__(self) -> str:
        """Name, and how well it was solved: a notebook shows this, not the arrays."""
        found = self.diagnostics
        return f"Result({self.scenario.id!r}, {found.method}, residual {found.residual:.1e})"

    @cached_property
    def accounts(self) -> Accounts:
        """Who pays whom, checks, indicators, protection, regimes and warnings."""
        from pricing.accounts import account
        from pricing.equilibrium.build import active_policies

        return account(
            self.solved.program,
            self.solved.state,
            self.reference.program,
            self.reference.state,
            policies=active_policies(self.scenario.document),
            cost_of_public_funds=self.scenario.document.assumptions.cost_of_public_funds.fraction,
        )

    @property
    def indicators(self) -> Any:
        """Indicators of the scenario and its reference."""
        return self.accounts.indicators

    @cached_property
    def uniqueness(self) -> Uniqueness:
        """Whether a second start finds another equilibrium, where prices need not be unique."""
        from pricing.equilibrium.uniqueness import look_for_another

        return look_for_another(self.solved.program, self.solved.z)

    @cached_property
    def warnings(self) -> tuple[Warning_, ...]:
        """What a reader must know before using the numbers."""
        from pricing.accounts.origin import (
            chain_changed,
            not_in_force,
            not_unique,
            rests_at_edge,
            several_regimes,
        )

        scenario = self.scenario
        first = chain_changed(scenario.document.chain) if scenario.chain_changed else ()
        idle = not_in_force(scenario.document)
        found = self.solved.search
        jumps = (*rests_at_edge(found), *several_regimes(found))
        return (*first, *idle, *jumps, *not_unique(self.uniqueness), *self.accounts.warnings)

    @cached_property
    def outcomes(self) -> tuple[Result, ...]:
        """Every self-consistent equilibrium, this one first; several only where policies jump."""
        from pricing.equilibrium.build import outcomes

        if self.solved.search is None:
            return (self,)
        found = outcomes(self.solved.search)
        return tuple(self if at.z is self.solved.z else replace(self, solved=at) for at in found)

    @property
    def diagnostics(self) -> Diagnostics:
        """Residual, steps and method of the solve."""
        return self.solved.diagnostics

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """Tidy rows as plain Python values; see :meth:`table` for the columns."""
        from pricing.reporting.tables import records

        return records(self.scenario, self.solved, self.reference, self.accounts)

    def table(self) -> pd.DataFrame:
        """Tidy table: one number a row.

        Columns: ``scenario, variable, good, stage, process, region, partner, instrument, payer,
        receiver, year, value, unit``. Units are t, USD/t, USD and 1. Own use has
        ``partner == region``. What does not apply is null. Rows of zones and of the world have
        variables that begin with ``zone_`` and ``world_``; the others may be added up over regions.
        ``year`` is the base year of the chain. All ``surplus_change`` and ``public_funds_cost``
        add up to the net.
        """
        from pricing.reporting.tables import frame

        return frame(self.records)

    def regimes(self) -> pd.DataFrame:
        """Regimes of policies that jump, in every self-consistent outcome.

        Columns: ``outcome`` (1 is the one reported), ``policy, place, regime, value, unit``, where
        ``value`` is the number that decides, and ``net`` welfare of that outcome [USD].
        """
        from pricing.reporting.jumps import frame

        return frame(self.outcomes)

    def variants(self) -> dict[str, Result | None]:
        """The scenario on its own benchmark and on the others that it names.

        Returns
        -------
        dict
            Benchmark -> result; None where there is no equilibrium.
        """
        from pricing.chains.assumptions import OWN

        chosen = self.scenario.document.assumptions.benchmark
        found: dict[str, Result | None] = {
            chosen or next(iter(self.scenario.chain.benchmarks), OWN): self
        }
        for name in self.scenario.document.variants:
            try:
                found[name] = solve(self.scenario.but({"assumptions.benchmark": name}))
            except NoEquilibriumError:
                found[name] = None
        return found

    def report(self) -> str:
        """Short text report."""
        from pricing.reporting.text import report

        return report(self)

    def to_json(self) -> str:
        """One JSON object: ``scenario, hash, version, residual, records``."""
        return json.dumps(
            {
                "scenario": self.scenario.id,
                "hash": self.scenario.hash,
                "version": __version__,
                "residual": self.diagnostics.residual,
                "records": self.records,
            },
            allow_nan=False,
        )

    def export(self, folder: str | Path, *, force: bool = False) -> list[Path]:
        """Write tables, workbook, scenario and chart into a folder; all or nothing.

        Raises
        ------
        InputError
            If a file of that name exists and ``force`` is not set.
        """
        from pricing.reporting.export import export

        return export(self, Path(folder), force=force)


@dataclass(frozen=True)
class Comparison:
    """Two results side by side."""

    baseline: Result
    """Left-hand side."""
    scenario: Result
    """Right-hand side."""

    def __repr__(self) -> str:
        """Names of both."""
        return f"Comparison({self.baseline.scenario.id!r}, {self.scenario.scenario.id!r})"

    def inputs(self) -> pd.DataFrame:
        """What differs between the two documents: ``path, baseline, scenario``."""
        from pricing.reporting.compare import input_differences

        return input_differences(self.baseline.scenario, self.scenario.scenario)

    def table(self) -> pd.DataFrame:
        """What differs between the two results, with difference and relative difference."""
        from pricing.reporting.compare import output_differences

        return output_differences(self.baseline, self.scenario)

    def report(self) -> str:
        """Short text comparison."""
        from pricing.reporting.compare import report

        return report(self)


def load_scenario(name_or_path: str | Path, patches: tuple[str, ...] = ()) -> Scenario:
    """Load a shipped scenario by name or a scenario file by path, and check all of it.

    Parameters
    ----------
    name_or_path : str or Path
        A file that exists, a path ending in ``.yaml``, or a shipped name.
    patches : tuple of str
        Named patches of the file to apply on top.

    Raises
    ------
    InputError
        With every fault: file, line, field and remedy.
    """
    return _checked(scenarios.load_scenario(name_or_path, patches, _judge))


def parse_scenario(text: str | bytes, name: str = "<upload>") -> Scenario:
    """Read a scenario from untrusted text; it may extend shipped scenarios only."""
    if not isinstance(text, str | bytes):
        raise InputError(f"a scenario's text is needed, not {type(text).__name__}")
    return _checked(scenarios.parse_scenario(text, name, _judge))


def _judge(chain: Chain, document: ScenarioDocument) -> list[Fault]:
    """Faults of a scenario that show when its policies are put to use."""
    from pricing.equilibrium.build import scenario_faults

    return scenario_faults(chain, document)


def _checked(scenario: Scenario) -> Scenario:
    """Apply every policy once, so that names it cannot find are errors now, with their line."""
    faults = _judge(scenario.chain, scenario.document)
    if faults:
        raise InputError([_placed(fault, scenario) for fault in faults])
    return scenario


def _placed(fault: Fault, scenario: Scenario) -> Fault:
    """The fault with file and line, where the scenario came from a text."""
    origin = scenario.origin
    if origin is None or fault.file:
        return fault
    if fault.field and fault.field.split(".")[0] not in type(scenario.document).model_fields:
        folder, chain = scenario.folder or Path(), scenario.document.chain
        name = str(folder / chain) if chain.endswith((".yaml", ".yml")) else f"chain {chain}"
        return replace(fault, file=name)
    return origin.fault(fault.problem, fault.field, fault.remedy)


def solve(scenario: Scenario | str | Path | Mapping[str, Any]) -> Result:
    """Solve a scenario and its no-policy reference.

    Parameters
    ----------
    scenario : Scenario, str, Path or mapping
        A scenario, a name or path of one, or the plain data of one.

    Raises
    ------
    InputError
        If it is not valid, with every fault.
    NoEquilibriumError
        If its conditions cannot be met.
    """
    case = as_scenario(scenario)
    from pricing.equilibrium.build import solved, world

    try:
        here = world(case.chain, case.document)
        return Result(case, solved(case.document, here.network), here.reference)
    except InputError as error:
        faults = _judge(case.chain, case.document) or error.faults
        raise InputError([_placed(fault, case) for fault in faults]) from None


def warm_up(scenario: Scenario | str | Path | Mapping[str, Any]) -> bool:
    """Make ready what solves of a scenario share, so that the first one does not wait for it.

    That is its calibrated chain with the no-policy reference, and compiled steps where the extra
    ``fast`` is installed and the chain has one law. Where all goods are homogeneous, single solves
    without limits then take them too in this process, five to ten times as fast; where all are
    bought by the logit law, batches of any size do and not only large ones. Reading them takes half
    a second; the first time after an installation they are compiled, some 20 s. Numbers agree to
    1e-9 with those without, not to the last digit.

    Returns
    -------
    bool
        Whether compiled steps are at hand for the chain now.
    """
    from pricing.equilibrium import kernel, kernel_logit
    from pricing.equilibrium.build import world

    case = as_scenario(scenario)
    program = world(case.chain, case.document).reference.program
    return kernel.STEPS.load(program) or kernel_logit.STEPS.load(program)


def as_scenario(given: object) -> Scenario:
    """The scenario that was asked for, however it was named."""
    if isinstance(given, Scenario):
        return given
    if isinstance(given, str | Path):
        return load_scenario(given)
    if isinstance(given, Mapping):
        return scenarios.scenario_from(Document(dict(given), "<mapping>", {}), None, _judge)
    kind = type(given).__name__
    raise InputError(f"a scenario, a name, a path or plain data is needed, not {kind}")


def compare(
    baseline: Scenario | Result | str | Path, scenario: Scenario | Result | str | Path
) -> Comparison:
    """Solve two scenarios and put them side by side."""
    left = baseline if isinstance(baseline, Result) else solve(baseline)
    right = scenario if isinstance(scenario, Result) else solve(scenario)
    return Comparison(left, right)


__all__ = [
    "Comparison",
    "NoEquilibriumError",
    "Result",
    "compare",
    "load_scenario",
    "parse_scenario",
    "solve",
    "warm_up",
]
