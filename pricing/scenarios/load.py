"""Find, read and flatten scenario files."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pricing.core.documents import Document, parse_document, read_document
from pricing.core.merge import merge
from pricing.core.places import Loc, short
from pricing.core.resources import configs_root
from pricing.errors import Fault, InputError

MAX_DEPTH = 3
"""Longest chain of ``extends`` through files that are not shipped."""
ENDINGS = (".yaml", ".yml")
FILE_KEYS = ("extends", "patches", "with", "without")
"""Keys of a file that flattening uses up."""


def shipped(folder: str) -> tuple[str, ...]:
    """Names of the files that come with the library in a folder of the configurations."""
    return tuple(sorted(path.stem for path in (configs_root() / folder).glob("*.yaml")))


def shipped_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that come with the library."""
    return shipped("scenarios")


def find_in(folder: str, what: str, name_or_path: str | Path) -> Path:
    """Path of a document that is no scenario: a file where one is given, else a shipped name.

    Raises
    ------
    InputError
        If there is neither; ``what`` is what the message calls it.
    """
    path, known = Path(name_or_path), shipped(folder)
    if path.suffix in ENDINGS:
        return path
    if str(name_or_path) in known:
        return configs_root() / folder / f"{name_or_path}.yaml"
    problem = f"no shipped {what} is called '{short(str(name_or_path), 80)}'"
    remedy = f"Shipped: {', '.join(known)}. A file name ends in .yaml"
    raise InputError([Fault(problem, remedy=remedy)])


def find(name_or_path: str | Path) -> Path:
    """Path of a scenario: a file where one is given, else a shipped name.

    Raises
    ------
    InputError
        If there is neither.
    """
    path = Path(name_or_path)
    if path.suffix in ENDINGS or _is(path, "is_file"):
        return path
    if str(name_or_path) in shipped_scenarios():
        return configs_root() / "scenarios" / f"{name_or_path}.yaml"
    if _is(path, "exists"):
        return path
    asked = short(str(name_or_path), 80)
    problem = f"no shipped scenario and no file is called '{asked}'"
    remedy = f"{_shipped_like(asked)}. A file name ends in .yaml"
    raise InputError([Fault(problem, remedy=remedy)])


def _shipped_like(name: str) -> str:
    """What is shipped under similar names, and where all names are listed."""
    shipped = shipped_scenarios()
    near = get_close_matches(name, shipped, n=3)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}'pricing list' shows all {len(shipped)}, such as baseline"


def _is(path: Path, what: Literal["is_file", "exists"]) -> bool:
    """Ask about a path; one that no file system can hold is not there."""
    try:
        return bool(getattr(path, what)())
    except (OSError, ValueError):
        return False


def read(path: Path, patches: tuple[str, ...] = ()) -> Document:
    """Read a scenario file and everything it extends, flattened."""
    return _flatten(read_document(path), path.parent, patches, (path.resolve(),))[0]


def patch_names(path: Path) -> tuple[str, ...]:
    """Names of the patches that a file states itself."""
    return tuple(_patches(read_document(path)))


def parse(text: str | bytes, name: str, patches: tuple[str, ...] = ()) -> Document:
    """Flatten an uploaded text; it may extend shipped scenarios only."""
    return _flatten(parse_document(text, name), None, patches, ())[0]


Patches = dict[str, tuple[Document, Any]]
"""Name of a patch -> the document that states it, and the patch."""


def _flatten(
    document: Document, folder: Path | None, asked: tuple[str, ...], seen: tuple[Path, ...]
) -> tuple[Document, Patches]:
    """The document on top of what it extends, with its patches; and every patch it knows."""
    own = {key: value for key, value in document.data.items() if key not in FILE_KEYS}
    result = Document(own, document.name, document.lines, document.files)
    known: Patches = {}
    if "extends" in document.data:
        path = _base(document, folder, seen)
        base, known = _flatten(read_document(path), path.parent, (), (*seen, path.resolve()))
        own = _described(own, base)
        result = Document(own, document.name, document.lines, document.files)
        result = merge(_without(base, document), result)
    elif "without" in document.data:
        _without(Document({}, document.name, {}), document)
    known = known | {name: (document, patch) for name, patch in _patches(document).items()}
    named = _names(document, "with")
    wanted = (*named, *asked)
    listed = "Known: " + (", ".join(known) or "none")
    # A patch that the caller asks for has no line of its own: it is missing where patches stand.
    unknown = [
        document.fault(f"unknown patch '{short(name)}'", field, listed)
        for field, names in (("with", named), ("patches", asked))
        for name in names
        if name not in known
    ]
    if unknown:
        raise InputError(unknown)
    for name in wanted:
        result = merge(result, _patch(name, known), document.name)
    return result, known


def _described(own: dict[str, Any], base: Document) -> dict[str, Any]:
    """What a file says, with a title and description that are not those of its base."""
    origin = base.data.get("id", "another scenario")
    title = f"{own.get('id', origin)}, built on {origin}"
    description = f"Built on '{origin}', without a description of its own."
    return {"title": title, "description": description, **own}


def _patch(name: str, known: Patches) -> Document:
    """A named patch as a document of its own, with the lines of where it stands."""
    origin, patch = known[name]
    lines = {
        place[2:]: line for place, line in origin.lines.items() if place[:2] == ("patches", name)
    }
    return Document(patch, origin.name, lines)


def _base(document: Document, folder: Path | None, seen: tuple[Path, ...]) -> Path:
    """Path of the scenario that a document extends."""
    name = document.data["extends"]

    def refuse(problem: str, remedy: str = "") -> InputError:
        return InputError([document.fault(problem, "extends", remedy)])

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
        raise refuse(
            f"'{name}' is neither a shipped scenario nor a file beside this one",
            _shipped_like(name),
        )
    else:
        path = folder / name
        if path.is_symlink():
            raise refuse(f"'{name}' is a link", "Put the file itself beside this one")
        if not path.is_file():
            raise refuse(f"there is no file '{name}' beside this one")
    if path.resolve() in seen:
        raise refuse(f"'{name}' extends itself in a circle")
    shipped = configs_root().resolve()
    if sum(not file.is_relative_to(shipped) for file in seen) >= MAX_DEPTH:
        raise refuse(f"more than {MAX_DEPTH} files extend one another")
    return path


def _names(document: Document, key: str) -> list[str]:
    """A list of names in a file, checked."""
    names = document.data.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError([document.fault(f"'{key}' is a list of names", key, "Write [a, b]")])
    return names


def _patches(document: Document) -> dict[str, Any]:
    patches = document.data.get("patches", {})
    if not isinstance(patches, dict) or not all(isinstance(p, dict) for p in patches.values()):
        problem = "'patches' maps names to parts of a scenario"
        raise InputError([document.fault(problem, "patches", "Write 'name: {policies: [...]}'")])
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
        problem = f"no policy to drop is called {', '.join(unknown)}"
        listed = "Known: " + (", ".join(str(name) for name in known) or "none")
        raise InputError([document.fault(problem, "without", listed)])
    kept = [
        n for n, p in enumerate(policies) if not isinstance(p, dict) or p.get("id") not in names
    ]
    return _with_policies(base, kept)


def _with_policies(base: Document, kept: list[int]) -> Document:
    """The document with some of its policies, each with its own lines."""
    at: dict[Loc, Loc] = {loc: loc for loc in base.lines if loc[:1] != ("policies",)}
    place = {n: position for position, n in enumerate(kept)}
    for loc in base.lines:
        if loc == ("policies",):
            at[loc] = loc
        elif loc[:1] == ("policies",) and loc[1] in place:
            at[loc] = ("policies", place[int(loc[1])], *loc[2:])
    policies = [base.data["policies"][n] for n in kept]
    data = base.data | {"policies": policies}
    lines = {new: base.lines[old] for old, new in at.items()}
    files = {new: base.files[old] for old, new in at.items() if old in base.files}
    return Document(data, base.name, lines, files)
