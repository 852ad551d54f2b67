"""The scenario object: a checked document with its chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from pricing.chains.load import chain_hash, hash_of, load_chain
from pricing.chains.schema import Chain
from pricing.core.documents import Document
from pricing.core.faults import validate
from pricing.core.yaml_text import dump_yaml
from pricing.errors import Fault, InputError, NoEquilibriumError
from pricing.scenarios import load
from pricing.scenarios.known import names_in
from pricing.scenarios.rest import rest_of
from pricing.scenarios.schema import ScenarioDocument, faults_across

SCHEMA_LINE = "# yaml-language-server: $schema=../schema/scenario.schema.json\n"
_NOT_HASHED = {"id", "title", "description", "chain", "chain_hash", "uncertainty"}


@dataclass(frozen=True)
class Scenario:
    """A scenario that can be solved; immutable. Change it with :meth:`but`."""

    document: ScenarioDocument
    """What the file says, flattened."""
    chain: Chain
    """The chain it runs on."""
    folder: Path | None = None
    """Where a local chain file lies."""
    origin: Document | None = None
    """Text it was read from, for lines in error messages."""

    def __repr__(self) -> str:
        """Name, chain and policies."""
        policies = ", ".join(policy.id for policy in self.document.policies) or "no policies"
        return f"Scenario({self.id!r}, chain {self.chain.id}, {policies})"

    @property
    def id(self) -> str:
        """Name of the scenario."""
        return self.document.id

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the scenario, its chain and the chain's data."""
        content = self.document.model_dump(mode="json", exclude=_NOT_HASHED)
        return hash_of({"scenario": content, "chain": chain_hash(self.chain)})

    @property
    def chain_changed(self) -> bool:
        """Whether the file was exported with a chain that has another hash."""
        stated = self.document.chain_hash
        return stated is not None and stated != chain_hash(self.chain)

    def data(self) -> dict[str, Any]:
        """Plain data of the flattened document, every default filled in."""
        return self.document.model_dump(mode="json", exclude_none=True)

    def to_yaml(self) -> str:
        """Text of a scenario file that gives the same numbers anywhere with the same chain."""
        return SCHEMA_LINE + dump_yaml(self.data() | {"chain_hash": chain_hash(self.chain)})

    def but(self, changes: Mapping[str, Any] | None = None, /, **fields: Any) -> Scenario:
        """A copy with some fields changed and every field checked again.

        Names of goods, regions and benchmarks are looked up when the copy is solved.

        Parameters
        ----------
        changes : mapping, optional
            Dotted path -> new value. Items of lists are addressed by ``id``, or by their place
            where they have none; None removes.
        **fields
            Top-level fields, for example ``id="variant"``.

        Examples
        --------
        >>> import pricing
        >>> base = pricing.load_scenario("forge_oxide_only")
        >>> higher = base.but({"policies.oxide.level.prices.oxide": "120 USD/kg"}, id="higher")
        >>> higher.id
        'higher'

        Raises
        ------
        InputError
            If a path leads nowhere or the result is not valid.
        """
        given: object = changes
        if not isinstance(given, Mapping | None):
            problem = f"changes are a mapping, not {type(given).__name__}"
            remedy = "Write {'policies.floor.level': value}"
            raise InputError([Fault(problem, "changes", remedy=remedy)])
        data = self.data()
        for path, value in {**(changes or {}), **fields}.items():
            _put(data, path, plain(value))
        return self.with_data(data)

    def with_data(self, data: dict[str, Any], judge: Judge | None = None) -> Scenario:
        """A copy that says something else, every field checked.

        What ``judge`` finds in the parts that are right comes with the faults of the others.

        Raises
        ------
        InputError
            If the data are not valid.
        """
        changed = Document(data, f"{self.id} (changed)", {})
        if data.get("chain") != self.document.chain:
            return scenario_from(changed, self.folder, judge or _nothing)
        return Scenario(_checked(changed, self.chain, judge or _nothing), self.chain, self.folder)

    @classmethod
    def on(cls, chain: Chain, data: Mapping[str, Any]) -> Scenario:
        """A scenario from plain data, on a chain that a program has at hand.

        Raises
        ------
        InputError
            If the data are not valid.
        """
        document = Document({"chain": chain.id, **data}, "<scenario>", {})
        return cls(_checked(document, chain, _nothing), chain, origin=document)


Judge = Callable[[Chain, ScenarioDocument], Sequence[Fault]]
"""Puts policies and assumptions to use on a chain, and says what does not fit."""


def _nothing(chain: Chain, document: ScenarioDocument) -> Sequence[Fault]:
    return ()


def _checked(document: Document, chain: Chain, judge: Judge) -> ScenarioDocument:
    """What a document says, on its chain; all faults at once."""
    try:
        return validate(ScenarioDocument, document)
    except InputError as error:
        raise InputError(_with_names(document, chain, error.faults, judge)) from None


def scenario_from(document: Document, folder: Path | None, judge: Judge = _nothing) -> Scenario:
    """Validate a flattened document and load its chain.

    Names are looked up where policies and assumptions are put to use; where that cannot be reached
    because of other faults, they are looked up here, and ``judge`` sees the parts that are right,
    so that all faults come at once.
    """
    try:
        checked = validate(ScenarioDocument, document)
    except InputError as error:
        faults = [_file_key(fault) for fault in error.faults]
        raise InputError(_with_chain(document, folder, faults, judge)) from None
    return Scenario(checked, _chain(document, checked.chain, folder), folder, document)


def _with_chain(
    document: Document, folder: Path | None, faults: Sequence[Fault], judge: Judge
) -> list[Fault]:
    """Faults of a document with those of names in it, or with those of its chain."""
    named = document.data.get("chain")
    if not isinstance(named, str) or any(fault.field == "chain" for fault in faults):
        return list(faults)
    try:
        chain = _chain(document, named, folder)
    except InputError as error:
        return [*faults, *error.faults]
    return _with_names(document, chain, faults, judge)


def _with_names(
    document: Document, chain: Chain, faults: Sequence[Fault], judge: Judge
) -> list[Fault]:
    """Faults of a document with those of every name in it and of the parts that are right."""
    found = {(fault.field, fault.problem): fault for fault in faults}
    try:
        validate(ScenarioDocument, document, names_in(chain, document.data))
    except InputError as error:
        found = {(fault.field, fault.problem): fault for fault in error.faults} | found
    rest = rest_of(document.data, chain)
    further = [] if rest is None else _judged(chain, rest, judge)
    for fault in (*faults_across(document.data), *further):
        placed = document.fault(fault.problem, fault.field, fault.remedy)
        found.setdefault((placed.field, placed.problem), placed)
    return list(found.values())


def _judged(chain: Chain, rest: ScenarioDocument, judge: Judge) -> Sequence[Fault]:
    """Faults of what is right by itself; none where the chain has no base year to judge it by."""
    try:
        return judge(chain, rest)
    except NoEquilibriumError:
        return ()


def _chain(document: Document, name: str, folder: Path | None) -> Chain:
    """The chain that a document names; if there is none, the fault has its line."""
    try:
        return load_chain(name, folder)
    except InputError as error:
        raise InputError([_placed(fault, document) for fault in error.faults]) from None


def _file_key(fault: Fault) -> Fault:
    """Suggest a word that only files may say, where an unknown top-level field is close to one."""
    if fault.field in load.FILE_KEYS:
        return replace(fault, remedy="Only the top of a file may say this, a patch may not")
    near = get_close_matches(fault.field, load.FILE_KEYS, n=1)
    if near and fault.problem.startswith("unknown field"):
        return replace(fault, remedy=f"Did you mean '{near[0]}'?")
    return fault


def _placed(fault: Fault, document: Document) -> Fault:
    """A fault of the name of the chain with its line; faults inside the chain file have theirs."""
    return fault if fault.file else document.fault(fault.problem, fault.field, fault.remedy)


def load_scenario(
    name_or_path: str | Path, patches: tuple[str, ...] = (), judge: Judge = _nothing
) -> Scenario:
    """Load a shipped scenario by name, or a file by path."""
    path = load.find(name_or_path)
    return scenario_from(load.read(path, patches), path.parent, judge)


def parse_scenario(text: str | bytes, name: str = "<upload>", judge: Judge = _nothing) -> Scenario:
    """Read a scenario from text; it may extend shipped scenarios only."""
    return scenario_from(load.parse(text, name), None, judge)


def plain(value: Any) -> Any:
    """Pydantic objects as plain data."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def _put(data: Any, path: str, value: Any) -> None:
    """Set, add or remove the value at a dotted path."""
    parts = path.split(".")
    for depth, part in enumerate(parts[:-1]):
        data = _child(data, part, ".".join(parts[: depth + 1]), path)
    last = parts[-1]
    if isinstance(data, list):
        position = next((n for n, item in enumerate(data) if _id(item) == last), None)
        if value is None and position is not None:
            data.pop(position)
        elif isinstance(value, dict):
            place = len(data) if position is None else position
            data[place : place + 1] = [{"id": last, **value}]
        else:
            raise _lost(last, ".".join(parts[:-1]), path, data)
    elif isinstance(data, dict):
        if value is None:
            data.pop(last, None)
        else:
            data[last] = value
    else:
        raise InputError([Fault("this path goes into a plain value", path)])


def _child(data: Any, part: str, sofar: str, path: str) -> Any:
    """The part of a list or mapping that a path goes on to; a missing mapping is made."""
    if isinstance(data, list):
        for item in data:
            if _id(item) == part:
                return item
        if part.isdecimal() and int(part) < len(data) and _id(data[int(part)]) is None:
            return data[int(part)]
        raise _lost(part, sofar.removesuffix(f".{part}"), path, data)
    if isinstance(data, dict):
        return data.setdefault(part, {})
    raise InputError([Fault("this path goes into a plain value", path)])


def _id(item: Any) -> Any:
    """Id of an item of a list; None where it has none."""
    return item.get("id") if isinstance(item, dict) else None


def _lost(name: str, where: str, path: str, items: list[Any]) -> InputError:
    """Error of a path to an item that is not there."""
    known = ", ".join(str(_id(item)) for item in items if _id(item) is not None) or "none"
    return InputError(
        [Fault(f"nothing in {where} is called '{name}'", path, remedy=f"Known: {known}")]
    )
