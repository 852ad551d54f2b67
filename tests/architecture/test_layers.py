"""Imports point down only, nothing in the library needs the app, and `import pricing` is light.

The order of the layers is stated once, in ``SEES``. Imports are read from the syntax tree, so an
import inside a function or under ``TYPE_CHECKING`` counts as well: a layer is about who may know
whom. What is not on disk is not checked; a module of `pricing/` that has no layer is a fault.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Every layer and the layers it sees besides itself.
SEES: dict[str, set[str]] = {
    "_version": set(),
    "errors": set(),
    "economics": {"errors"},
    "core": {"errors", "_version"},
}
for _layer in (
    "instruments",
    "chains",
    "scenarios",
    "equilibrium",
    "accounts",
    "editing",
    "reporting",
    "uncertainty",
    "runs",
):
    SEES[_layer] = set(SEES)
# On top, where the public names are put together. ``pricing`` is the package itself.
for _layer in (
    "api",
    "many",
    "questions",
    "launch",
    "checked",
    "schemas",
    "pricing",
    "commands",
    "cli",
    "__main__",
):
    SEES[_layer] = set(SEES)
SEES["api"].discard("pricing")
SEES["pricing"] -= {"cli", "__main__"}

ECONOMICS_MAY_USE = {"numpy"}
HEAVY = ("altair", "numba", "pandas", "ruamel", "scipy", "streamlit")
# Far above numpy and pydantic together, far below what a heavy package adds.
MOST_MODULES = 600


# --- the checker -------------------------------------------------------------------------


def imports(path: Path, module: str) -> Iterator[tuple[int, str, str | None]]:
    """Line, module and name of every import in a file; ``name`` is None for ``import module``."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                above = parents[: len(parents) - (node.level - 1)]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                yield node.lineno, base, alias.name
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else None
            called = node.func.id if isinstance(node.func, ast.Name) else called
            target = node.args[0]
            if called in {"import_module", "__import__"} and isinstance(target, ast.Constant):
                yield node.lineno, str(target.value), None


def modules(root: Path, top: str) -> Iterator[tuple[Path, str]]:
    """Every Python file below ``root/top`` with its dotted name."""
    for path in sorted((root / top).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        yield path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(root: Path, module: str, name: str | None = None) -> str:
    """Layer of a module of the library, or of ``name`` imported from it."""
    parts = module.split(".")
    if len(parts) > 1:
        return parts[1]
    path = root / "pricing" / (name or "")
    is_module = name is not None and (path.is_dir() or path.with_suffix(".py").is_file())
    return str(name) if is_module else "pricing"


def library_faults(root: Path) -> list[str]:
    """Imports inside ``pricing/`` that point up, sideways or to a package that is not allowed."""
    faults = []
    for path, module in modules(root, "pricing"):
        layer = layer_of(root, module)
        where = path.relative_to(root).as_posix()
        if layer not in SEES:
            faults.append(f"{where}: pricing.{layer} has no layer; give it one in test_layers.py")
            continue
        for line, target, name in imports(path, module):
            top = target.partition(".")[0]
            problem = ""
            if top == "pricing":
                seen = layer_of(root, target, name)
                if seen != layer and seen not in SEES[layer]:
                    problem = f"{layer} must not see {seen}"
            elif top in {"streamlit", "ui", "tests", "benchmarks"}:
                problem = f"nothing in pricing/ may import {top}"
            elif layer == "economics" and top not in sys.stdlib_module_names | ECONOMICS_MAY_USE:
                problem = f"economics must not use {top}"
            if problem:
                faults.append(f"{where}:{line}: {problem}")
    return faults


APP_MAY_SEE = {"pricing", "reporting", "editing", "uncertainty"}
# The app draws: nothing to compute with, and nothing that would run what somebody sent.
APP_MAY_USE = (sys.stdlib_module_names - {"pickle", "marshal", "shelve", "subprocess"}) | {
    "google",  # protobuf, which Streamlit's messages are made of
    "pandas",
    "pricing",
    "pricing_ui",
    "starlette",  # Streamlit's own server, whose answers go through it
    "streamlit",
}


def app_faults(root: Path) -> list[str]:
    """Imports inside ``ui/`` of anything but public names and the layers made for it."""
    faults = []
    for path, module in modules(root, "ui"):
        for line, target, name in imports(path, module):
            if target.partition(".")[0] not in APP_MAY_USE:
                where = f"{path.relative_to(root).as_posix()}:{line}"
                faults.append(f"{where}: the app must not use {target}")
            if target.partition(".")[0] != "pricing":
                continue
            names = [*target.split("."), name] if name else target.split(".")
            private = any(part.startswith("_") and not part.endswith("__") for part in names)
            if private or layer_of(root, target, name) not in APP_MAY_SEE:
                where = f"{path.relative_to(root).as_posix()}:{line}"
                faults.append(f"{where}: the app must not see {'.'.join(names)}")
    return faults


# --- this tree ---------------------------------------------------------------------------


def test_imports_of_the_library_point_down():
    assert library_faults(ROOT) == []


def test_app_uses_public_names_only():
    assert app_faults(ROOT) == []


def test_importing_the_library_is_light():
    code = "import json, sys, pricing; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = json.loads(run.stdout)

    assert [name for name in loaded if name.partition(".")[0] in HEAVY] == []
    assert len(loaded) <= MOST_MODULES


# --- the checker itself ------------------------------------------------------------------


def write(root: Path, files: dict[str, str]) -> Path:
    """A small source tree."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("file", "line", "fault"),
    [
        ("core/a.py", "from pricing.chains import schema", "core must not see chains"),
        ("core/a.py", "import pricing.economics.curves", "core must not see economics"),
        ("core/a.py", "from ..chains.schema import Chain", "core must not see chains"),
        ("core/a.py", "from .. import chains", "core must not see chains"),
        ("core/__init__.py", "from ..chains import schema", "core must not see chains"),
        ("core/a.py", "import pricing", "core must not see pricing"),
        ("core/a.py", "from pricing import solve", "core must not see pricing"),
        ("core/a.py", "def f():\n    from pricing import chains", "core must not see chains"),
        ("core/a.py", "import_module('pricing.chains')", "core must not see chains"),
        ("economics/a.py", "from pricing.core import units", "economics must not see core"),
        ("economics/a.py", "import scipy.optimize", "economics must not use scipy"),
        ("economics/a.py", "import pydantic", "economics must not use pydantic"),
        ("instruments/a.py", "from pricing import scenarios", "instruments must not see scenarios"),
        ("equilibrium/a.py", "import pricing.accounts", "equilibrium must not see accounts"),
        ("accounts/a.py", "import pricing.reporting", "accounts must not see reporting"),
        ("runs/a.py", "from pricing import api", "runs must not see api"),
        ("api.py", "from pricing import cli", "api must not see cli"),
        ("__init__.py", "from pricing.cli import main", "pricing must not see cli"),
        ("cli.py", "import streamlit as st", "nothing in pricing/ may import streamlit"),
        ("runs/a.py", "from ui import app", "nothing in pricing/ may import ui"),
        ("odds/ends.py", "", "pricing.odds has no layer; give it one in test_layers.py"),
    ],
)
def test_checker_finds_a_bad_import(tmp_path: Path, file: str, line: str, fault: str):
    packages = ("core", "economics", "chains", "scenarios", "equilibrium", "accounts", "reporting")
    files = {f"pricing/{name}/__init__.py": "" for name in packages}
    files |= {"pricing/api.py": "", "pricing/cli.py": "", f"pricing/{file}": line}

    faults = library_faults(write(tmp_path, files))

    assert [text.split(": ", 1)[1] for text in faults] == [fault]
    assert faults[0].startswith(f"pricing/{file}")


def test_checker_passes_good_imports(tmp_path: Path):
    files = {
        "pricing/__init__.py": "from pricing import api\nfrom pricing.chains import schema",
        "pricing/_version.py": "__version__ = '1'",
        "pricing/errors.py": "import enum",
        "pricing/core/units.py": "import pydantic\nfrom pricing import _version, errors",
        "pricing/core/files.py": "from . import units\nfrom .units import TONNE",
        "pricing/economics/curves.py": "import math\nimport numpy as np\nimport pricing.errors",
        "pricing/chains/schema.py": "from pricing.core.units import TONNE",
        "pricing/runs/plan.py": "import scipy\nfrom pricing.chains import schema",
        "pricing/api.py": "from pricing.runs import plan",
        "pricing/cli.py": "import pricing\nfrom pricing import api, solve",
    }

    assert library_faults(write(tmp_path, files)) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("from pricing import core", "pricing.core"),
        ("from pricing.core import units", "pricing.core.units"),
        ("import pricing.equilibrium.solver", "pricing.equilibrium.solver"),
        ("from pricing import _hidden", "pricing._hidden"),
        ("from pricing.reporting.charts import _spec", "pricing.reporting.charts._spec"),
        ("from pricing.reporting._charts import spec", "pricing.reporting._charts.spec"),
        ("from pricing.reportings import x", "pricing.reportings.x"),
    ],
)
def test_checker_finds_an_app_that_looks_inside(tmp_path: Path, line: str, fault: str):
    files = {"pricing/core/__init__.py": "", "pricing/reporting/charts.py": "", "ui/app.py": line}

    assert app_faults(write(tmp_path, files)) == [f"ui/app.py:1: the app must not see {fault}"]


@pytest.mark.parametrize("name", ["numpy", "scipy.optimize", "pickle", "altair", "requests"])
def test_checker_finds_an_app_that_computes_or_unpickles(tmp_path: Path, name: str):
    files = {"pricing/core/__init__.py": "", "ui/app.py": f"import {name}"}

    assert app_faults(write(tmp_path, files)) == [f"ui/app.py:1: the app must not use {name}"]


def test_the_app_keeps_no_pickled_copies():
    """``st.cache_data`` pickles what it keeps; ``st.cache_resource`` keeps the thing itself."""
    texts = {path: path.read_text(encoding="utf-8") for path, _ in modules(ROOT, "ui")}

    assert [str(path) for path, text in texts.items() if "cache_data" in text] == []


def test_checker_passes_an_app_that_uses_the_doors(tmp_path: Path):
    good = (
        "import pricing\nimport streamlit as st\nfrom pricing import __version__, solve\n"
        "from pricing import reporting\n"
        "from pricing.reporting import charts\nfrom pricing.reporting.charts import build_up\n"
        "from pricing_ui import state"
    )
    files = {"pricing/reporting/charts.py": "", "ui/app.py": good}

    assert app_faults(write(tmp_path, files)) == []
