"""The plan of a sweep: everything that decides its numbers, in one folder.

``plan.json`` states design, parts and columns; ``scenario.yaml`` and ``chain.json`` are what is
solved, so that the folder can be copied to another computer and run there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pricing._version import __version__
from pricing.chains.load import chain_hash, hash_of
from pricing.chains.schema import Chain
from pricing.core.documents import parse_document
from pricing.core.faults import validate
from pricing.errors import Fault, InputError
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from pricing.scenarios.uncertain import Discrete
from pricing.uncertainty.design import Array, Design, Method
from pricing.uncertainty.draws import Draws, uncertain_numbers
from pricing.uncertainty.sensitivity import indicators_at
from pricing.uncertainty.statements import Claim, label, read_claim

FORMAT = 1
BLOCK = 2048
"""Draws that are solved together; results depend on it in the last digits."""
LARGEST_PART = 16_384
FEWEST_PARTS = 16
"""Parts of a sweep of more than a few blocks, so that several workers have something to do."""
PLAN, SCENARIO, CHAIN, PARTS = "plan.json", "scenario.yaml", "chain.json", "parts"


@dataclass(frozen=True)
class Plan:
    """What a sweep computes."""

    format: int
    """Version of this format."""
    version: str
    """Version of the library that made it."""
    scenario: str
    """Id of the scenario."""
    scenario_hash: str
    """Its hash."""
    chain_hash: str
    """Hash of its chain."""
    uncertainty_hash: str
    """Hash of what is uncertain in it."""
    method: str
    """How the unit cube is filled."""
    draws: int
    """How many draws."""
    seed: int
    """Seed of the design."""
    names: tuple[str, ...]
    """Dimensions of the design, those of scenarios that share the draws included."""
    inputs: tuple[str, ...]
    """Ids of the uncertain numbers, in the order of their columns."""
    part_rows: int
    """Draws in a part; the last one may have fewer."""
    block_rows: int
    """Draws that are solved together."""
    labels: tuple[str, ...]
    """Indicators, in the order of their columns."""
    units: tuple[str, ...]
    """Their units."""
    own_worlds: bool
    """Whether draws change more than policies, so that each has its own base."""
    base: tuple[float | None, ...]
    """Indicators without policy where all draws share the world; else those of the medians."""

    @cached_property
    def hash(self) -> str:
        """SHA-256 of all of it; every part carries it."""
        return hash_of(asdict(self))

    @property
    def parts(self) -> int:
        """Number of parts."""
        return -(-self.draws // self.part_rows)

    @property
    def design(self) -> Design:
        """Points of the draws."""
        return Design(Method(self.method), self.draws, self.seed, self.names)

    def rows(self, part: int) -> range:
        """Draws of a part."""
        first = part * self.part_rows
        return range(first, min(first + self.part_rows, self.draws))


@dataclass(frozen=True)
class Sweep:
    """A plan with the scenario that it varies."""

    plan: Plan
    """What is computed."""
    draws: Draws
    """How a draw becomes a scenario."""
    folder: Path
    """Where it lies."""

    @property
    def claims(self) -> tuple[tuple[Claim, bool], ...]:
        """Statements of the scenario, and whether each is a failure of the policy."""
        stated = self.draws.scenario.document.uncertainty
        return tuple(
            (read_claim(s.says, self.plan.labels, self.plan.units, f"statements.{s.id}"), s.failure)
            for s in (stated.statements if stated else ())
        )


def make_plan(
    scenario: Scenario,
    *,
    draws: int,
    method: Method = Method.SOBOL,
    seed: int = 1,
    beside: Sequence[Scenario] = (),
    part_rows: int | None = None,
) -> tuple[Plan, Draws]:
    """Plan a sweep of a scenario.

    Parameters
    ----------
    scenario : Scenario
        With a section ``uncertainty``.
    draws, method, seed
        The design.
    beside : sequence of Scenario
        Scenarios whose sweeps shall have the same draws of the numbers that they share.
    part_rows : int, optional
        Draws in a part.

    Raises
    ------
    InputError
        If nothing is uncertain, the ends of a distribution make no valid scenario, or a statement
        means nothing.
    """
    ids = {n.id for s in (scenario, *beside) for n in uncertain_numbers(s)}
    found = Draws(scenario, Design(method, draws, seed, tuple(sorted(ids))))
    if not found.ids:
        remedy = "Add a section 'uncertainty' with 'numbers', or 'elasticities: triangular'"
        raise InputError([Fault(f"nothing is uncertain in {scenario.id}", remedy=remedy)])
    table = indicators_at(found, _corners(found))
    own_worlds = not all(number.path.startswith("policies.") for number in found.numbers)
    plan = Plan(
        format=FORMAT,
        version=__version__,
        scenario=scenario.id,
        scenario_hash=scenario.hash,
        chain_hash=chain_hash(scenario.chain),
        uncertainty_hash=hash_of(_stated(scenario)),
        method=method.value,
        draws=draws,
        seed=seed,
        names=found.design.names,
        inputs=found.ids,
        part_rows=part_rows or _part_rows(draws),
        block_rows=BLOCK,
        labels=tuple(label(key) for key in table.keys),
        units=table.units,
        own_worlds=own_worlds,
        base=tuple(None if np.isnan(v) else float(v) for v in table.base[:, 0]),
    )
    _ = Sweep(plan, found, Path()).claims  # statements that mean nothing are told now
    return plan, found


def _part_rows(draws: int) -> int:
    """Whole blocks, many parts where there are many draws."""
    wanted = min(LARGEST_PART, -(-draws // FEWEST_PARTS))
    return max(256, -(-wanted // BLOCK) * BLOCK if wanted > BLOCK else wanted)


def _corners(draws: Draws) -> Array:
    """Medians, the ends of every number by itself, and every value of what is discrete.

    They show which indicators there are, and that the ends are valid scenarios.
    """
    count = len(draws.ids)
    rows = [np.full(count, 0.5)]
    for n, number in enumerate(draws.numbers):
        steps: list[float] = [2.0**-31, 1.0 - 2.0**-31]
        if isinstance(number.distribution, Discrete):
            weights = np.array(
                number.distribution.weights or [1.0] * len(number.distribution.values)
            )
            edges = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
            steps = ((edges[1:] + edges[:-1]) / 2.0)[weights > 0.0].tolist()
        for share in steps:
            row = np.full(count, 0.5)
            row[n] = share
            rows.append(row)
    return draws.values_at(np.stack(rows))


def _stated(scenario: Scenario) -> Any:
    stated = scenario.document.uncertainty
    return None if stated is None else stated.model_dump(mode="json")


def write_plan(plan: Plan, draws: Draws, folder: Path) -> None:
    """Write a plan into a new folder.

    Raises
    ------
    InputError
        If the folder holds another plan.
    """
    if (folder / PLAN).exists() and read_plan(folder).plan.hash != plan.hash:
        remedy = "Choose another folder, or remove this one"
        raise InputError([Fault("this folder holds another plan", file=str(folder), remedy=remedy)])
    (folder / PARTS).mkdir(parents=True, exist_ok=True)
    texts = {
        SCENARIO: draws.scenario.to_yaml(),
        CHAIN: draws.scenario.chain.model_dump_json(),
        PLAN: json.dumps(asdict(plan) | {"hash": plan.hash}, indent=1) + "\n",  # last: it is whole
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def read_plan(folder: Path) -> Sweep:
    """Read a plan and check that scenario and chain are those it was made for.

    Raises
    ------
    InputError
        If files are missing, damaged, or of another plan.
    """
    try:
        data = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        stated = data.pop("hash")
        listed: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in data.items()
        }
        plan = Plan(**listed)
        chain = Chain.model_validate_json((folder / CHAIN).read_text(encoding="utf-8"))
        text = (folder / SCENARIO).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError) as error:
        remedy = "Make one with 'pricing sweep plan'"
        raise InputError(
            [Fault("no plan of a sweep", file=str(error.filename), remedy=remedy)]
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError([_damaged(folder, str(error)[:200])]) from None
    document = parse_document(text, str(folder / SCENARIO))
    scenario = Scenario(validate(ScenarioDocument, document), chain, folder)
    now = (plan.hash, scenario.hash, chain_hash(chain), hash_of(_stated(scenario)))
    if now != (stated, plan.scenario_hash, plan.chain_hash, plan.uncertainty_hash):
        raise InputError([_damaged(folder, "its hashes differ from what it states")])
    return Sweep(plan, Draws(scenario, plan.design), folder)


def _damaged(folder: Path, why: str) -> Fault:
    remedy = "Make it again in a new folder; a plan is never edited"
    return Fault(f"this plan was changed or damaged: {why}", file=str(folder / PLAN), remedy=remedy)


__all__ = ["Plan", "Sweep", "make_plan", "read_plan", "write_plan"]
