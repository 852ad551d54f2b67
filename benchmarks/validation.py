"""The chains against what happened: distances, not fits.

Usage: ``python benchmarks/validation.py [CASE ...]``. Every case is solved with low, central and
high elasticities and with both ends of the sourcing bracket: buyers who switch by landed price
(``logit``) and buyers to whom all origins are one good (``homogeneous``). Nothing is adjusted to
the answers, which come from the raw tables or the sources named in docs/validation.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from benchmarks.happened import (
    Line,
    anode_imports,
    ban,
    gap,
    imf,
    india,
    protection,
    rises,
)
from pricing.errors import NoEquilibriumError


@dataclass(frozen=True)
class Event:
    """Something that happened, and what the model says about it."""

    title: str
    """What it is."""
    happened: str
    """The figure, with its source."""
    lines: Callable[[], Iterator[Line]]
    """What the model says."""


EVENTS = {
    "gallium_ban": Event(
        "A full Chinese export ban on gallium",
        "USGS OFR 2024-1057: price above +150 %",
        ban("gallium"),
    ),
    "germanium_ban": Event(
        "A full Chinese export ban on germanium",
        "USGS OFR 2024-1057: price +26 %",
        ban("germanium"),
    ),
    "antimony_ban": Event(
        "China's ban on antimony for the United States, December 2024",
        "price outside 2.62 times the Chinese one in June and July 2025 (Argus, SMM)",
        ban("antimony"),
    ),
    "antimony_gap": Event(
        "Which share of exports reproduces the antimony gap of 2.62",
        "US imports of metal from China fell to 52 % (USITC, 494 to 259 t)",
        gap("antimony", "antimony_export_ban", 2.62),
    ),
    "gallium_gap": Event(
        "Which share of exports reproduces the gallium gap of 3.46",
        "Rotterdam 725 USD/kg in May 2025, China 209 (Reuters, SMM); the base year has 1.49",
        gap("gallium", "gallium_export_ban", 3.46),
    ),
    "dysprosium_gap": Event(
        "Which share of exports reproduces the dysprosium gap of 4.28, and of 1.13",
        "Europe 850 USD/kg, China 198 in May 2025 (Argus, SMM), on under 1 % of tonnes; 96 % of "
        "tonnes at 224 (Adamas); exports of October 2025 in a year are 25 % of the base year's",
        lambda: chain(*(gap("dysprosium", "heavy_licences_2025", g)() for g in (4.28, 1.13))),
    ),
    "cobalt_quota": Event(
        "DR Congo exports 96,600 t of cobalt a year, 52 % of what it made in 2024",
        "hydroxide +170 % from January to September 2025 (Energynews, 15.6 USD/lb); averages of "
        "2025 over 2024: LME +27 %, US cathode +25 % (USGS)",
        rises(
            {"drc_cobalt_quota": "", "drc_cobalt_quota_stocks": "with stocks "},
            {"intermediate": "intermediates", "cobalt": "refined"},
        ),
    ),
    "lithium_ban": Event(
        "Zimbabwe suspends exports of lithium concentrate, 25 February 2026",
        "Benchmark's index of carbonate 349.2 on 18 February, 366.6 on 4 March (+5 %), 371.5 on "
        "1 April (+6 %); it had risen from 254.0 on 7 January",
        rises(
            {"zimbabwe_lithium_ban": ""}, {"concentrate": "concentrate", "chemical": "chemicals"}
        ),
    ),
    "anode_duties": Event(
        "US duties on Chinese anode material",
        "China sold 55 % of US imports in January to August 2025, Indonesia 31, Korea 14 (trade "
        "press), with preliminary duties for a part of that time",
        anode_imports,
    ),
    "india_steel": Event(
        "India's minimum import price on steel, February 2016",
        "imports -27 % in April to June, -35 % in April to August 2016 (Fastmarkets, MyDigitalFC)",
        india,
    ),
    "imf_order": Event(
        "4 % more magnets from Japan and the EU in the long run, by price or by capital support",
        "IMF WP 2026/072: a price floor costs the budget more than a capital subsidy, and acting "
        "together costs less than alone",
        imf,
    ),
    "mp_income": Event(
        "Price-protection income of MP Materials",
        "51 million USD in Q4 2025, 42.3 in Q1 2026 (company reports)",
        protection,
    ),
}


def main() -> int:
    """Print every case asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(EVENTS))
    for name in parser.parse_args().cases or EVENTS:
        event = EVENTS[name]
        print(f"{event.title}\n  happened: {event.happened}")
        try:
            for line in event.lines():
                print(f"  {line.law:12s}{line.case:14s}{line.words}", flush=True)
        except NoEquilibriumError as error:
            print(f"  no equilibrium: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
