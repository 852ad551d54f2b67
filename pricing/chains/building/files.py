"""Write a rebuilt base year beside its chain."""

from __future__ import annotations

import re
from pathlib import Path

from pricing.chains.building.build import Built
from pricing.core.resources import configs_root
from pricing.errors import Fault, InputError


def built_chains() -> tuple[str, ...]:
    """Shipped chains that ``pricing chain build`` can rebuild."""
    data = configs_root() / "data"
    tables = (path.name.removesuffix("_raw.csv") for path in data.glob("*_raw.csv"))
    return tuple(sorted(name for name in tables if (data / f"{name}_rules.yaml").exists()))


def write(built: Built, root: Path) -> list[Path]:
    """Write the tables of a base year and put their hashes into the chain file.

    Parameters
    ----------
    built : Built
        What :func:`pricing.chains.building.build.build` found.
    root : Path
        Folder with ``chains/`` and ``data/``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        If the chain file does not name a table for every variant; nothing is written then.
    """
    path = root / "chains" / f"{built.chain.id}.yaml"
    text, faults = path.read_text(encoding="utf-8"), []
    for name, year in built.variants.items():
        table = f"{built.chain.id}_benchmark_{name}.csv"
        pattern = re.compile(rf'(\n +table: {re.escape(table)}\n +sha256: )"?[0-9a-f]{{64}}"?')
        text, count = pattern.subn(rf'\g<1>"{year.sha256}"', text)
        if count != 1:
            problem = f"the chain file has no benchmark '{name}' with its table"
            remedy = f"Write 'table: {table}' and below it 'sha256:' with 64 zeros"
            faults.append(Fault(problem, f"benchmarks.{name}", str(path), remedy=remedy))
    if faults:
        raise InputError(faults)
    written = [path]
    for name, year in built.variants.items():
        written.append(root / "data" / f"{built.chain.id}_benchmark_{name}.csv")
        written[-1].write_text(year.text, encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    return written
