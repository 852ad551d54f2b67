"""Find, read and flatten scenario files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pricing.core.documents import Document, parse_document, read_document
from pricing.core.resources import configs_root
from pricing.errors import Fault, InputError
from pricing.scenarios.merge import merge

MAX_DEPTH = 3
"""Longest chain of ``extends``."""
ENDINGS = (".yaml", ".yml")
_FILE_KEYS = ("extends", "patches", "with", "without")
"""Keys of a file that flattening uses up."""


def shipped_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that come with the library."""
    return tuple(sorted(path.stem for path in (configs_root() / "scenarios").glob("*.yaml")))


def find(name_or_path: str | Path) -> Path:
    """Path of a scenario: a file where one is given, else a shipped name.

    Raises
    ------
    InputError
        If there is neither.
    """
    path = Path(name_or_path)
    if path.suffix in ENDINGS or path.is_file():
        return path
    if str(name_or_path) in shipped_scenarios():
        return configs_root() / "scenarios" / f"{name_or_path}.yaml"
    known = ", ".join(shipped_scenarios())
    raise InputError(
        [
            Fault(
                f"no shipped scenario and no file is called '{name_or_path}'",
                remedy=f"Shipped: {known}. A file name ends in .yaml",
            )
        ]
    )


def read(path: Path, patches: tuple[str, ...] = ()) -> Document:
    """Read a scenario file and everything it extends, flattened."""
    return _flatten(read_document(path), path.parent, patches, (path.resolve(),))[0]


def parse(text: str | bytes, name: str, patches: tuple[str, ...] = ()) -> Document:
    """Flatten an uploaded text; it may extend shipped scenarios only."""
    return _flatten(parse_document(text, name), None, patches, ())[0]


Patches = dict[str, tuple[Document, Any]]
"""Name of a patch -> the document that states it, and the patch."""


def _flatten(
    document: Document, folder: Path | None, asked: tuple[str, ...], seen: tuple[Path, ...]
) -> tuple[Document, Patches]:
    """The document on top of what it extends, with its patches; and every patch it knows."""
    own = {key: value for key, value in document.data.items() if key not in _FILE_KEYS}
    result = Document(own, document.name, document.lines)
    known: Patches = {}
    if "extends" in document.data:
        path = _base(document, folder, seen)
        base, known = _flatten(read_document(path), path.parent, (), (*seen, path.resolve()))
        result = merge(_without(base, document), result)
    elif "without" in document.data:
        _without(Document({}, document.name, {}), document)
    known = known | {name: (document, patch) for name, patch in _patches(document).items()}
    for name in (*_names(document, "with"), *asked):
        result = merge(result, _patch(name, known, document))
    return result, known


def _patch(name: str, known: Patches, document: Document) -> Document:
    """A named patch as a document of its own, with the lines of where it stands."""
    if name not in known:
        listed = "Known: " + (", ".join(known) or "none")
        line = document.line(("with",))
        raise InputError([Fault(f"unknown patch '{name}'", "with", document.name, line, listed)])
    origin, patch = known[name]
    lines = {
        place[2:]: line for place, line in origin.lines.items() if place[:2] == ("patches", name)
    }
    return Document(patch, origin.name, lines)


def _base(document: Document, folder: Path | None, seen: tuple[Path, ...]) -> Path:
    """Path of the scenario that a document extends."""
    name = document.data["extends"]
    line = document.line(("extends",))

    def refuse(problem: str, remedy: str = "") -> InputError:
        return InputError([Fault(problem, "extends", document.name, line, remedy)])

    if not isinstance(name, str):
        raise refuse(
            "'extends' names one scenario", "Write a shipped name or a file beside this one"
        )
    if name in shipped_scenarios():
        path = configs_root() / "scenarios" / f"{name}.yaml"
    elif folder is None:
        raise refuse(
            f"'{name}' is not a shipped scenario",
            "An uploaded file may extend shipped scenarios only",
        )
    elif not name.endswith(ENDINGS) or Path(name).name != name:
        known = ", ".join(shipped_scenarios())
        raise refuse(
            f"'{name}' is neither a shipped scenario nor a file beside this one",
            f"Shipped: {known}",
        )
    else:
        path = folder / name
        if path.is_symlink():
            raise refuse(f"'{name}' is a link", "Put the file itself beside this one")
        if not path.is_file():
            raise refuse(f"there is no file '{name}' beside this one")
    if path.resolve() in seen:
        raise refuse(f"'{name}' extends itself in a circle")
    if len(seen) >= MAX_DEPTH:
        raise refuse(f"more than {MAX_DEPTH} files extend one another")
    return path


def _names(document: Document, key: str) -> list[str]:
    """A list of names in a file, checked."""
    names = document.data.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        line = document.line((key,))
        raise InputError([Fault(f"'{key}' is a list of names", key, document.name, line)])
    return names


def _patches(document: Document) -> dict[str, Any]:
    patches = document.data.get("patches", {})
    if not isinstance(patches, dict) or not all(isinstance(p, dict) for p in patches.values()):
        line = document.line(("patches",))
        raise InputError(
            [Fault("'patches' maps names to parts of a scenario", "patches", document.name, line)]
        )
    return patches


def _without(base: Document, document: Document) -> Document:
    """The base less the policies that the document drops."""
    names = _names(document, "without")
    if not names:
        return base
    policies = base.data.get("policies", [])
    known = (
        [p.get("id") for p in policies if isinstance(p, dict)] if isinstance(policies, list) else []
    )
    unknown = [name for name in names if name not in known]
    if unknown:
        line = document.line(("without",))
        raise InputError(
            [
                Fault(
                    f"no policy to drop is called {', '.join(unknown)}",
                    "without",
                    document.name,
                    line,
                    "Known: " + ", ".join(str(name) for name in known),
                )
            ]
        )
    kept = [p for p in policies if p.get("id") not in names]
    return Document(base.data | {"policies": kept}, base.name, base.lines)
