"""How much of a result rests on which number: elasticities of the headline to every number.

Each number that can be changed alone is raised by one per cent and the scenario solved again.
Tonnes of the base year and coefficients must balance and move together; they are listed with their
sources and not varied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pricing.api import Result, solve
from pricing.chains.schema import Chain
from pricing.errors import PricingError
from pricing.reporting.provenance import DERIVED, NO_SOURCE, numbers
from pricing.reporting.summary import summarise
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument

if TYPE_CHECKING:
    import pandas as pd

STEP = 0.01
"""Relative change of a number [1]."""
SHOWN = 12
"""Numbers that are printed."""
TOGETHER = ("inputs", "outputs", "bases", "recovery")
"""Parts of a path whose numbers hold only together with the base year."""


@dataclass(frozen=True)
class Resting:
    """Numbers of a scenario and what its headline takes from each."""

    table: pd.DataFrame
    """Every number, as :func:`pricing.reporting.provenance.numbers` gives it, and a column for each
    headline with the elasticity to it [1]; null where the number was not varied."""
    headline: dict[str, float]
    """Headline output -> its value in the scenario, in its own unit."""
    scenario: Scenario
    """The scenario."""

    def shares(self) -> pd.DataFrame:
        """Grades by headline: part of the sum of absolute elasticities [%]."""
        part = self.table[list(self.headline)].abs()
        grouped = part.groupby(self.table["grade"].fillna(NO_SOURCE)).sum()
        return 100.0 * grouped / grouped.sum().where(grouped.sum() > 0.0)

    def on_estimates(self) -> dict[str, float]:
        """Headline -> part that rests on estimates and illustrative numbers [%]."""
        shares = self.shares()
        derived = [grade for grade in shares.index if grade in DERIVED]
        return {name: float(shares.loc[derived, name].sum()) for name in self.headline}


def headlines(result: Result) -> dict[str, float]:
    """Price, output and buyers' cost of the chain's last good where the policies act.

    Where nobody there uses it, as in a country that only mines, they are those of the others.
    """
    summary = summarise(result)
    good = result.solved.program.network.goods[-1]
    bought = {
        row.group: row.after
        for row in summary.prices
        if (row.good, row.price) == (good, "buyers pay") and row.after is not None
    }
    group = next((g for g in (summary.split.name, summary.split.others) if g in bought), "")
    found = {f"{good}, price [USD/t]": bought.get(group, 0.0)}
    for row in summary.output:
        if (row.good, row.group) == (good, group):
            found[f"{good}, output [t/yr]"] = row.after
    found["buyers' cost [USD/yr]"] = dict(summary.buyers_cost).get(group, 0.0)
    return {name: value for name, value in found.items() if abs(value) > 1e-6}


def resting(scenario: Scenario) -> Resting:
    """Elasticities of the headline to every number that can be changed alone.

    Parameters
    ----------
    scenario : Scenario
        Solved once as it is and once for each number.

    Raises
    ------
    PricingError
        If the scenario itself cannot be solved.
    """
    base = headlines(solve(scenario))
    table = numbers(scenario)
    chain = scenario.chain.model_dump(mode="json", exclude_none=True)
    document = scenario.document.model_dump(mode="json", exclude_unset=True)
    found: list[dict[str, float]] = []
    for row in table.itertuples():
        own = row.document == scenario.id
        if not own and not _alone(str(row.path), scenario):
            found.append({})
            continue
        place = _place(document if own else chain, str(row.path))
        found.append(_slopes(scenario, (document, chain), place, base) if place else {})
    for name in base:
        table[name] = [slopes.get(name) for slopes in found]
    return Resting(table, base, scenario)


def _alone(path: str, scenario: Scenario) -> bool:
    """Whether a number of the chain can be changed without the others, and is used."""
    parts, assumed = path.split("."), scenario.document.assumptions
    if parts[0] == "benchmarks":
        variant = assumed.benchmark or next(iter(scenario.chain.benchmarks))
        row = scenario.chain.benchmarks[parts[1]].rows[int(parts[3])]
        return parts[1] == variant and row.variable == "producer_price"
    if parts[0] == "elasticities":
        return parts[2:] == [assumed.horizon, assumed.case]
    if parts[0] == "latent":
        return parts[1] in assumed.latent
    return not set(parts) & set(TOGETHER)


def _place(data: Any, path: str) -> tuple[dict[str, Any], str] | None:
    """Mapping and key of the number at a path; items of lists by ``id`` or position."""
    parts = path.split(".")
    for depth, part in enumerate(parts):
        if isinstance(data, list):
            named = [item for item in data if isinstance(item, dict) and item.get("id") == part]
            data = named[0] if named else data[int(part)]
        elif depth == len(parts) - 1 and isinstance(data.get(part), int | float):
            return data, part
        else:  # ids may hold dots
            data = data.get(part)
        if data is None:
            return None
    return (data, "value") if isinstance(data, dict) and "value" in data else None


def _slopes(
    scenario: Scenario,
    data: tuple[dict[str, Any], dict[str, Any]],
    place: tuple[dict[str, Any], str],
    base: dict[str, float],
) -> dict[str, float]:
    """Elasticity of every headline; nothing where the number cannot be moved either way."""
    holder, key = place
    old = holder[key]
    if not old:
        return {}
    try:
        for step in (STEP, -STEP):
            holder[key] = old * (1.0 + step)
            try:
                document = ScenarioDocument.model_validate(data[0])
                moved = Scenario(document, Chain.model_validate(data[1]), scenario.folder)
                after = headlines(solve(moved))
            except (ValidationError, PricingError):
                continue
            return {n: (after.get(n, 0.0) / value - 1.0) / step for n, value in base.items()}
    finally:
        holder[key] = old
    return {}


def render(found: Resting) -> str:
    """What the headline rests on, as plain text."""
    lines = ["What the headline rests on: change in per cent for one per cent of a number", ""]
    for name, share in found.on_estimates().items():
        lines.append(f"  {name:32s}{found.headline[name]:16,.6g}  {share:5.1f} % on estimates")
    lines += ["", "Parts of the sum of absolute changes by grade, %"]
    shares = found.shares()
    lines.append(
        "  " + " " * 14 + "".join(f"{name.split(' [')[0]:>26s}" for name in found.headline)
    )
    for grade, row in shares.iterrows():
        lines.append(f"  {grade!s:14s}" + "".join(f"{value:26.1f}" for value in row))
    lines += ["", "Numbers that move it most"]
    lines += list(_largest(found))
    varied = int(found.table[list(found.headline)].notna().any(axis=1).sum())
    lines += [
        "",
        f"{varied} of {len(found.table)} numbers were varied, one at a time. Tonnes of the",
    ]
    lines.append("base year and coefficients must balance together and were not varied.")
    return "\n".join(lines) + "\n"


def _largest(found: Resting) -> Iterator[str]:
    """The numbers with the largest elasticity of any headline."""
    names = list(found.headline)
    size = found.table[names].abs().max(axis=1).fillna(0.0)
    for n in size.sort_values(ascending=False).index[:SHOWN]:
        row = found.table.loc[n]
        if size[n] > 0.0:
            moves = ", ".join(f"{row[name]:+.2f}" for name in names)
            name = _named(found.scenario, str(row["path"]))
            yield f"  {name} = {row['value']:g} {row['unit']} ({row['grade']}): {moves}"


def _named(scenario: Scenario, path: str) -> str:
    """A path; prices of the base year by good and region."""
    parts = path.split(".")
    if parts[0] != "benchmarks":
        return path
    row = scenario.chain.benchmarks[parts[1]].rows[int(parts[3])]
    return f"base-year price of {row.good} in {row.region}"
