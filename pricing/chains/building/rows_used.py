"""What becomes of every raw row, and formulas over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import prod

from pricing.chains.building.facts import Fact, Facts
from pricing.chains.building.formulas import COMMON_UNITS, Formula
from pricing.chains.building.recipe import Recipe, SetAside
from pricing.errors import Fault, InputError


@dataclass(frozen=True)
class Fate:
    """What became of one row."""

    row: Fact
    """The row."""
    use: str
    """``used``, ``superseded`` or ``rejected``."""
    rule: str
    """Rule that decided so; empty where it is used."""
    why: str
    """Reason."""


def fits(row: Fact, rule: SetAside) -> bool:
    """Whether a rule is about a row."""
    if row.id in rule.ids:
        return True
    return bool(rule.where) and all(
        any(fnmatchcase(getattr(row, column), one.strip()) for one in pattern.split("|"))
        for column, pattern in rule.where.items()
    )


def fates(facts: Facts, recipe: Recipe) -> tuple[Fate, ...]:
    """Use and rule of every row.

    Raises
    ------
    InputError
        With every row that is neither used nor set aside, every name that is no row, and every
        rule that fits nothing.
    """
    used = set(recipe.named()) - set(recipe.figures)
    found, counts = [], Counter[str]()
    faults = [
        Fault(f"'{name}' is used but is no row of {facts.name}", "rows")
        for name in sorted(used)
        if name not in facts
    ]
    faults += _figure_faults(facts, recipe)
    faults += [
        Fault(f"'{name}' of the rule '{rule.rule}' {problem}", "set_aside", remedy="Take it out")
        for rule in recipe.set_aside
        for name in rule.ids
        for problem in [_misplaced(name, facts, used)]
        if problem
    ]
    for row in facts.rows:
        fitting = (rule for rule in recipe.set_aside if fits(row, rule))
        rule = None if row.id in facts.shared else next(fitting, None)
        if row.id in used:
            found.append(Fate(row, "used", "", ""))
        elif rule is not None:
            counts[rule.rule] += 1
            found.append(Fate(row, rule.use, rule.rule, rule.why))
        elif row.id not in facts.shared:
            problem = f"'{row.id}' is neither used nor set aside by a rule"
            remedy = "Use it in a formula, or add a rule to 'set_aside' that says why not"
            faults.append(Fault(problem, "set_aside", *facts.place[row.id], remedy))
    faults += [
        Fault(f"the rule '{rule.rule}' fits no row", "set_aside", remedy="Remove it or mend it")
        for rule in recipe.set_aside
        if not counts[rule.rule]
    ]
    if faults:
        raise InputError(faults)
    return tuple(found)


def _misplaced(name: str, facts: Facts, used: set[str]) -> str:
    """What is wrong with setting a row aside by name; empty if nothing."""
    if name not in facts:
        return f"is no row of {facts.name}"
    return "is used in a formula" if name in used else ""


def _figure_faults(facts: Facts, recipe: Recipe) -> Iterator[Fault]:
    """Figures that nothing reads, that share a row's name, or that read a later figure."""
    read, known = recipe.named(), set[str]()
    for name, figure in recipe.figures.items():
        if name in facts:
            yield Fault(f"'{name}' is a row of {facts.name} too", "figures", remedy="Rename it")
        if name not in read:
            yield Fault(f"nothing reads the figure '{name}'", "figures", remedy="Remove it")
        for later in (set(figure.named) & set(recipe.figures)) - known:
            problem = f"'{name}' reads '{later}', which stands later"
            yield Fault(problem, "figures", remedy="Put a figure after those that it reads")
        known.add(name)


class Values:
    """Numbers of formulas, in t, USD/t or 1."""

    def __init__(self, facts: Facts, recipe: Recipe) -> None:
        self.facts = facts
        self.figures = recipe.figures
        self.units = COMMON_UNITS | recipe.units
        faults = list(self._faults(recipe))
        if faults:
            raise InputError(faults)

    def _faults(self, recipe: Recipe) -> Iterator[Fault]:
        """Rows in a formula without a number or with a unit that nobody knows."""
        for name in recipe.named():
            if name in recipe.figures:
                continue
            row, place = self.facts[name], self.facts.place[name]
            if self.facts.number(name) is None:
                problem = f"'{name}' is '{row.value}', which is no number to compute with"
                yield Fault(problem, "value", *place)
            if row.unit not in self.units:
                problem = f"'{name}' is in '{row.unit}', a unit that nobody knows"
                remedy = "Add it to 'units' with its factor to t, USD/t or 1"
                yield Fault(problem, "unit", *place, remedy)

    def of(self, name: str) -> float:
        """Number of a row or a figure [t, USD/t or 1]."""
        if name in self.figures:
            figure = self.figures[name]
            return 1.0 - self(figure) if figure.complement else self(figure)
        number = self.facts.number(name)
        assert number is not None  # checked for every row in a formula
        return number * self.units[self.facts[name].unit]

    def __call__(self, formula: Formula) -> float:
        """Number of a formula [t, USD/t or 1]."""
        added = sum(self.of(name) for name in formula.rows)
        if formula.mean:
            added /= len(formula.rows)
        added -= sum(self.of(name) for name in formula.minus)
        times = prod(self.of(name) for name in formula.times)
        return formula.factor * added * times / prod(self.of(name) for name in formula.over)
