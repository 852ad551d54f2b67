"""Turn each alternative until it reaches the same target, so that their costs can be compared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pricing._version import __version__
from pricing.api import Result, solve
from pricing.chains.curves import Horizon
from pricing.many import solve_many
from pricing.questions.load import load_question, scenario_for
from pricing.questions.schema import Alternative, Lever, Match, Target, inside_of
from pricing.scenarios.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from pricing.reporting.matched import Column
    from pricing.reporting.references import Split

STEPS = 24
"""Steps from the weakest to the strongest value in which a crossing is looked for."""
AT_ONCE = 6
"""Values that are solved together; a divisor of the steps."""
CLOSE = 1e-7
"""Largest miss of the target, as a share of it [1]."""


@dataclass(frozen=True)
class Answer:
    """What one alternative takes to reach the target, or how near it comes."""

    alternative: Alternative
    """What was turned."""
    horizon: Horizon
    """In which horizon."""
    level: float | None
    """Value at which the target is reached, in the unit of the lever; None if out of reach."""
    nearest: float | None
    """The level, or the tried value that comes nearest; None where no value has an equilibrium."""
    result: Result | None
    """The equilibrium at ``nearest``."""

    @property
    def in_reach(self) -> bool:
        """Whether the target is reached."""
        return self.level is not None

    @property
    def words(self) -> str:
        """The level, or why there is none."""
        unit = self.alternative.lever.unit
        if self.level is not None:
            return f"{self.level:,.4g} {unit}"
        if self.nearest is None:
            return "no equilibrium anywhere between the two ends"
        return f"out of reach; nearest at {self.nearest:,.4g} {unit}"


@dataclass(frozen=True)
class Matched:
    """Alternatives at the same target."""

    question: Match
    """What was asked."""
    answers: tuple[Answer, ...]
    """One for each alternative and horizon."""

    def table(self) -> pd.DataFrame:
        """One measure a row.

        Columns: ``horizon, what, good, regions, unit``, ``no policy``, and one for each
        alternative. An alternative out of reach stands at its nearest value.
        """
        from pricing.reporting.matched import frame

        return frame([(h.value, *self._columns(h)) for h in self.question.horizons])

    def report(self) -> str:
        """Short text report."""
        from pricing.reporting.matched import text
        from pricing.reporting.words import wrap

        question = self.question
        lines = [*wrap(question.title), "", *wrap(question.description)]
        for horizon in question.horizons:
            heading = f"{horizon.value.upper()} HORIZON, {self._wanted(horizon)}"
            lines += ["", *text(heading, *self._columns(horizon))]
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def to_json(self) -> str:
        """One JSON object: ``question, version, answers, records`` of the table."""
        table = self.table().astype(object)
        content = {
            "question": self.question.id,
            "version": __version__,
            "answers": [
                {
                    "alternative": a.alternative.id,
                    "horizon": a.horizon.value,
                    "level": a.level,
                    "nearest": a.nearest,
                    "unit": a.alternative.lever.unit,
                }
                for a in self.answers
            ],
            "records": table.where(table.notna(), None).to_dict("records"),
        }
        return json.dumps(content, allow_nan=False) + "\n"

    def _of(self, horizon: Horizon) -> list[Answer]:
        return [answer for answer in self.answers if answer.horizon is horizon]

    def _columns(self, horizon: Horizon) -> tuple[list[Column], Split]:
        """Alternatives of one horizon, and the regions of the target against all others."""
        from pricing.reporting.matched import Column
        from pricing.reporting.references import Split, named_split

        answers = self._of(horizon)
        columns = [
            Column(a.alternative.id, a.alternative.label, a.words, a.result) for a in answers
        ]
        found = next((a.result for a in answers if a.result is not None), None)
        if found is None:
            return columns, Split(np.ones(0, dtype=bool), "", "", np.ones(0, dtype=bool))
        mask = inside_of(found, self.question.target.regions)
        return columns, named_split(mask, found.scenario.document, found.solved.program)

    def _wanted(self, horizon: Horizon) -> str:
        """The target in words."""
        target, found = self.question.target, [a.result for a in self._of(horizon) if a.result]
        place = ", ".join(target.regions)
        number = f": {target.wanted(found[0]):,.0f} {target.unit}" if found else ""
        return f"{target.kind.replace('_', ' ')} of {place}{number}"


def match(name_or_path: str | Path) -> Matched:
    """Answer a question: every alternative at the level at which it reaches the target.

    Parameters
    ----------
    name_or_path : str or Path
        A shipped question or a file ending in ``.yaml``.

    Raises
    ------
    InputError
        If the question, its base or an alternative is not valid.
    """
    question, document, folder = load_question(name_or_path)
    asked = [
        (number, alternative, horizon)
        for horizon in question.horizons
        for number, alternative in enumerate(question.alternatives)
        if horizon in alternative.horizons
    ]
    scenarios = [scenario_for(question, document, folder, n, horizon) for n, _, horizon in asked]
    answers = []
    for (_, alternative, horizon), scenario in zip(asked, scenarios, strict=True):
        search = Search(scenario, alternative.lever, question.target)
        level, nearest, result = search.found
        answers.append(Answer(alternative, horizon, level, nearest, result))
    return Matched(question, tuple(answers))


@dataclass(frozen=True)
class Search:
    """One lever of one scenario against a target."""

    scenario: Scenario
    """What is solved."""
    lever: Lever
    """What is turned."""
    target: Target
    """What is to be reached."""

    @cached_property
    def found(self) -> tuple[float | None, float | None, Result | None]:
        """Level of the target or None, the nearest value, and the result there.

        The first crossing from the weakest value on counts; what lies beyond it is not solved. A
        target that lies between two equilibria (a jump) is not reached there.
        """
        values = np.linspace(self.lever.weakest, self.lever.strongest, STEPS + 1)
        gaps = np.full(values.size, np.nan)
        for n in range(STEPS):
            if n % AT_ONCE == 0:
                first = n if n == 0 else n + 1  # the last of the stretch before is known
                stretch = slice(first, n + AT_ONCE + 1)
                gaps[stretch] = self._misses(values[stretch])
            if gaps[n] * gaps[n + 1] <= 0.0:
                root = self._root(values[n : n + 2], gaps[n : n + 2])
                result = self._at(root)
                if abs(self._miss(result)) <= CLOSE:
                    return root, root, result
        if np.isnan(gaps).all():
            return None, None, None
        nearest = float(values[np.nanargmin(np.abs(gaps))])
        return None, nearest, self._at(nearest)

    def _root(self, ends: NDArray[np.float64], gaps: NDArray[np.float64]) -> float:
        """Where the miss changes its sign between two values, or the end that has none."""
        from scipy.optimize import toms748

        if (gaps == 0.0).any():
            return float(ends[int(np.argmax(gaps == 0.0))])
        low, high = sorted(float(end) for end in ends)
        return float(toms748(self._gap, low, high, xtol=1e-11 * (high - low), rtol=1e-11))

    def _misses(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Misses of the target at some values of the lever; NaN without an equilibrium."""
        columns = {path: [self._amount(v) for v in values] for path in self.lever.paths}
        batch = solve_many(self.scenario, columns)
        missed = [
            np.nan if n in batch.failures else self._miss(batch[n]) for n in range(len(batch))
        ]
        return np.array(missed)

    def _amount(self, value: float) -> dict[str, object]:
        return {"value": float(value), "unit": self.lever.unit}

    def _at(self, value: float) -> Result:
        return solve(self.scenario.but(dict.fromkeys(self.lever.paths, self._amount(value))))

    def _gap(self, value: float) -> float:
        return self._miss(self._at(value))

    def _miss(self, result: Result) -> float:
        """How far beyond the target, as a share of it [1]."""
        wanted = self.target.wanted(result)
        return (self.target.value(result) - wanted) / abs(wanted)


__all__ = ["Answer", "Matched", "match"]
