"""The scenario object: a checked document with its chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pricing.chains.load import chain_hash, hash_of, load_chain
from pricing.chains.schema import Chain
from pricing.core.documents import Document
from pricing.core.faults import faults_of, validate
from pricing.core.yaml_text import dump_yaml
from pricing.errors import Fault, InputError
from pricing.scenarios import load
from pricing.scenarios.schema import ScenarioDocument

SCHEMA_LINE = "# yaml-language-server: $schema=../schema/scenario.schema.json\n"
_NOT_HASHED = {"id", "title", "description", "chain", "chain_hash"}


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

    @property
    def id(self) -> str:
        """Name of the scenario."""
        return self.document.id

    @property
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
        """A copy with some fields changed, checked again.

        Parameters
        ----------
        changes : mapping, optional
            Dotted path -> new value. Items of lists are addressed by ``id``; None removes.
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
        data = self.data()
        for path, value in {**(changes or {}), **fields}.items():
            _put(data, path, _plain(value))
        if data.get("chain") != self.document.chain:
            return scenario_from(Document(data, f"{self.id} (changed)", {}), self.folder)
        try:
            document = ScenarioDocument.model_validate(data)
        except ValidationError as error:
            where = Document(data, f"{self.id} (changed)", {})
            raise InputError(faults_of(error, where, ScenarioDocument)) from None
        return Scenario(document, self.chain, self.folder)

    def without_policies(self) -> Scenario:
        """The reference: the same assumptions and no added policy."""
        return self.but(id=f"{self.id} (no policy)", policies=[])


def scenario_from(document: Document, folder: Path | None) -> Scenario:
    """Validate a flattened document and load its chain."""
    checked = validate(ScenarioDocument, document)
    return Scenario(checked, load_chain(checked.chain, folder), folder, document)


def load_scenario(name_or_path: str | Path, patches: tuple[str, ...] = ()) -> Scenario:
    """Load a shipped scenario by name, or a file by path."""
    path = load.find(name_or_path)
    return scenario_from(load.read(path, patches), path.parent)


def parse_scenario(text: str | bytes, name: str = "<upload>") -> Scenario:
    """Read a scenario from text; it may extend shipped scenarios only."""
    return scenario_from(load.parse(text, name), None)


def _plain(value: Any) -> Any:
    """Pydantic objects as plain data."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _put(data: Any, path: str, value: Any) -> None:
    """Set, add or remove the value at a dotted path."""
    parts = path.split(".")
    for depth, part in enumerate(parts[:-1]):
        data = _child(data, part, ".".join(parts[: depth + 1]), path)
    last = parts[-1]
    if isinstance(data, list):
        position = next((n for n, item in enumerate(data) if item.get("id") == last), None)
        if value is None and position is not None:
            data.pop(position)
        elif position is not None:
            data[position] = value
        elif isinstance(value, dict):
            data.append({"id": last, **value})
        else:
            raise InputError([Fault(f"nothing is called '{last}'", path)])
    elif isinstance(data, dict):
        if value is None:
            data.pop(last, None)
        else:
            data[last] = value
    else:
        raise InputError([Fault("this path goes into a plain value", path)])


def _child(data: Any, part: str, sofar: str, path: str) -> Any:
    if isinstance(data, list):
        for item in data:
            if isinstance(item, dict) and item.get("id") == part:
                return item
        known = ", ".join(str(item.get("id")) for item in data if isinstance(item, dict))
        raise InputError(
            [Fault(f"nothing is called '{part}' at {sofar}", path, remedy=f"Known: {known}")]
        )
    if isinstance(data, dict):
        return data.setdefault(part, {})
    raise InputError([Fault(f"{sofar} is a plain value", path)])
