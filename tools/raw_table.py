"""Turn long tables of figures into ``configs/data/NAME_raw.csv``.

Usage: ``python tools/raw_table.py OUT.csv LETTER TABLE.csv [TABLE.csv ...]``

The tables have the columns chain, stage, region, variable, value, unit, year, source, url and note;
further ones (partner, horizon, low, high) go into the note. Rows of the chain ``LETTER`` are taken.
Each gets a name, a grade and a licence from its source; figures of sources that may not be passed
on whole are rounded and say so (LICENSE-DATA.md). What this guesses wrong is corrected by hand.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

FIELDS = (
    "id", "stage", "region", "variable", "value", "unit", "year", "source", "grade", "url",
    "licence", "note",
)  # fmt: skip
KINDS = (
    (r"^estimate|\(this compilation\)", "estimate", "CC BY 4.0 (derived by this project)"),
    (r"CEPII|BACI", "weak", "derived from Etalab Open Licence 2.0 data"),
    (r"Comext", "weak", "derived from Eurostat data, reuse with source named"),
    (r"IEA ", "official", "CC BY 4.0"),
    (r"USGS|USITC|US HTS \(page", "official", "public domain (US)"),
    (r"GLOMBO|Fontagne|Pothen|Frenzel|HZDR|Baffes", "literature", "single value, cited"),
    (r"secondary|trade press|htshub|dutydesk|etoolsage|hotcopper|okx|Atlas|literature$", "weak",
     "single value, cited"),
    (r"", "press", "single value, cited"),
)  # fmt: skip
"""Pattern of the source -> grade and licence; the first that fits holds."""
READ = "2026"
"""Year in which undated sources were read."""
EXTRA = ("partner", "hs_code", "horizon", "low", "high", "n_estimates")


def slug(*words: str) -> str:
    """Lower-case name of letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", " ".join(words).lower()).strip("_")


def rounded(value: str, unit: str) -> str:
    """A figure of a table that may not be passed on whole: 10 t, or three digits."""
    number = float(value)
    return f"{round(number, -1):g}" if unit.startswith("t ") else f"{float(f'{number:.3g}'):.12g}"


def rows(paths: list[Path], letter: str) -> list[dict[str, str]]:
    """Rows of one chain with names, grades and licences."""
    found, counts = [], Counter[str]()
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row["chain"] != letter:
                    continue
                more = "; ".join(f"{name} {row[name]}" for name in EXTRA if row.get(name))
                row["note"] = "; ".join(text for text in (row["note"], more) if text)
                name = slug(row["stage"], row["region"], row["variable"], row["year"])
                counts[name] += 1
                row["id"] = name if counts[name] == 1 else f"{name}_{counts[name]}"
                source = row["source"] + (" secondary" if "secondary" in row["note"] else "")
                _, row["grade"], row["licence"] = next(k for k in KINDS if re.search(k[0], source))
                if row["licence"].startswith("derived from") and row["value"]:
                    row["value"] = rounded(row["value"], row["unit"])
                    row["note"] += "; rounded"
                if row["source"] == "NOT FOUND":
                    row["grade"], row["licence"] = "weak", "none: a gap"
                row["year"] = row["year"] or READ
                row["note"] = row["note"].strip("; ")
                found.append({field: row[field] for field in FIELDS})
                found += [
                    found[-1] | {"id": f"{row['id']}_{end}", "value": row[end]}
                    for end in ("low", "high")
                    if row.get(end)
                ]
    return found


def main(arguments: list[str]) -> int:
    """Write the table."""
    out, letter, *paths = arguments
    with Path(out).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows([Path(path) for path in paths], letter))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
