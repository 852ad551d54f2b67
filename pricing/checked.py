"""Files of every kind, checked: what one is, in words, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from pricing.api import load_scenario
from pricing.chains.load import load_chain_file
from pricing.core.documents import read_document
from pricing.core.resources import configs_root
from pricing.equilibrium.build import calibrated
from pricing.errors import Fault, InputError
from pricing.questions.load import find_question, load_question, scenario_for, shipped_questions
from pricing.scenarios.load import ENDINGS, find, patch_names
from pricing.scenarios.scenario import Scenario
from pricing.scenarios.schema import ScenarioDocument
from pricing.uncertainty.exposure_files import find_exposure, load_exposure, shipped_exposures


def checked(name: str) -> str:
    """Load a file, or what is shipped under a name, with everything that it builds on.

    Raises
    ------
    InputError
        With every fault.
    NoEquilibriumError
        If it is a chain without a base year that has no equilibrium either.
    """
    path = Path(name)
    if path.suffix in ENDINGS:
        kind = str(read_document(path).data.get("kind", "scenario"))
        return KINDS.get(kind, _scenario)(path)
    if name in shipped_questions():
        return _question(find_question(name))
    if name in shipped_exposures():
        return _exposure(find_exposure(name))
    return _scenario(find(name))


def _scenario(path: Path) -> str:
    """A scenario, with each of its patches."""
    scenario, *_ = _all(
        partial(load_scenario, path, patches)
        for patches in ((), *((name,) for name in patch_names(path)))
    )
    remark = ", made for other data of its chain" if scenario.chain_changed else ""
    return f"a valid scenario, hash {scenario.hash[:12]}{remark}"


def _all(loads: Iterable[Callable[[], Scenario]]) -> list[Scenario]:
    """Every scenario that one file makes, or the faults of all of them, each once."""
    made: list[Scenario] = []
    faults: dict[Fault, None] = {}
    for load in loads:
        try:
            made.append(load())
        except InputError as error:
            faults |= dict.fromkeys(error.faults)
    if faults:
        raise InputError(list(faults))
    return made


def _chain(path: Path) -> str:
    """A chain, calibrated, so that what does not balance is found too."""
    shipped = path.resolve().parent == (configs_root() / "chains").resolve()
    chain = load_chain_file(path, configs_root() / "data" if shipped else None)
    plain = ScenarioDocument(id="check", title="check", description="check", chain=path.name)
    try:
        calibrated(chain, plain)
    except InputError as error:
        raise InputError([replace(f, file=f.file or str(path)) for f in error.faults]) from None
    return f"a valid chain, {len(chain.goods)} goods in {len(chain.regions)} regions"


def _question(path: Path) -> str:
    """A question, with the scenario of each alternative."""
    question, document, folder = load_question(path)
    _all(
        partial(scenario_for, question, document, folder, number, horizon)
        for number, alternative in enumerate(question.alternatives)
        for horizon in alternative.horizons
    )
    return f"a valid question, {len(question.alternatives)} alternatives"


def _exposure(path: Path) -> str:
    """An exposure, with the scenario of its guarantee."""
    document, scenario = load_exposure(path)
    return f"a valid exposure of '{document.policy}' in {scenario.id}"


KINDS: dict[str, Callable[[Path], str]] = {
    "chain": _chain,
    "match": _question,
    "exposure": _exposure,
    "scenario": _scenario,
}
"""Kind of document -> its check."""
