"""Random chains with duties of the base year, whose layers add up, yield or include each other."""

from __future__ import annotations

import numpy as np

from pricing.chains.schema import Chain
from tests.support.chains import quantity

GENERAL, AIMED = "general", "aimed"
"""Layers: of one importer on everybody, and of all importers on the first region."""


def with_duties(chain: Chain, seed: int) -> Chain:
    """Two layers on the last good, which no process uses, so that no margin gets thinner."""
    rng = np.random.default_rng([seed, 4])
    document = chain.model_dump(mode="json", exclude_unset=True)
    good, regions = document["goods"][-1]["id"], document["regions"]
    importer = regions[int(rng.integers(len(regions)))]["id"]
    where = (
        {"layer": GENERAL, "importer": importer, "rate": quantity(rng.uniform(1.0, 20.0), "%")},
        {"layer": AIMED, "importer": "all", "origin": regions[0]["id"]}
        | {"rate": quantity(rng.uniform(1.0, 40.0), "%")},
    )
    rules = ({}, {AIMED: {"yields_to": [GENERAL]}}, {AIMED: {"higher_of": [GENERAL]}})
    document["duties"] = [row | {"good": good, "source": "test"} for row in where]
    document["duty_layers"] = rules[int(rng.integers(len(rules)))]
    return Chain.model_validate(document)
