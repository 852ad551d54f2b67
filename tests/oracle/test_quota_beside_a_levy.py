"""A tariff-rate quota beside a levy that counts its duties, against another root finder.

The market of ``test_logit_border``: two outsiders share a quota. A tonne within it pays 5 % and the
levy ``s`` up to the reference, one beyond it 25 % and what that leaves of ``s``. Holders sell
licences at one price ``rho`` to whoever saves most by them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.optimize import brentq

import pricing
from tests.oracle.test_logit_border import (
    ABROAD,
    DUTY,
    HOME,
    INSURED,
    P0,
    Q0,
    Array,
    Market,
    chain,
    cif,
    market,
    paid,
)
from tests.support.chains import scenario_on


class Tiers(NamedTuple):
    """What a tonne pays by origin, and what a licence saves there at most."""

    levy: Array
    more: Array
    saves: Array


def tiers(price: Array, reference: float) -> Tiers:
    value = cif(price)
    levy = ABROAD * np.maximum(0.0, reference - paid(price) - 0.05 * value)
    more = ABROAD * 0.2 * value
    cost_within, cost_beyond = levy, more + np.maximum(0.0, levy - more)
    return Tiers(levy, more, cost_beyond - cost_within)


def licensed(reference: float, quota: float) -> tuple[float, Market, Array]:
    """Price of a licence, the market there, and tonnes within the quota by origin."""

    def at(rho: float) -> Market:
        def landed(price: Array) -> Array:
            levy, _, saves = tiers(price, reference)
            return paid(price) + ABROAD * (0.05 * cif(price) + levy + np.minimum(rho, saves))

        return market(landed)

    def asked(rho: float) -> float:
        found = at(rho)
        wanted = tiers(found.price, reference).saves > rho
        return float(found.flow[wanted].sum()) - quota

    rho = 0.0 if asked(0.0) <= 0.0 else float(brentq(asked, 0.0, 100.0, xtol=1e-13))
    found = at(rho)
    saves = tiers(found.price, reference).saves
    within = np.where(saves > rho + 1e-6, found.flow, 0.0)
    rest = (np.abs(saves - rho) <= 1e-6) * ABROAD * found.flow
    room = min(quota - within.sum(), rest.sum())
    return rho, found, within + room * rest / max(rest.sum(), 1e-300)


CASES = {
    "slack": (103.0, 80.0),
    "filled": (103.0, 57.0),
    "one pays beyond, all of the other is within": (105.0, 40.0),
    "one is beyond, the other pays beyond": (103.0, 15.0),
    "of no worth to one, who has what the other leaves": (112.0, 50.0),
    "of no worth and slack": (135.0, 80.0),
    "of no worth and filled": (135.0, 15.0),
}
"""Reference and quota."""


# At a kink the root finder asks for digits that there are not; its answer is held to 1e-8 tonnes.
@pytest.mark.filterwarnings("ignore:The iteration is not making good progress")
@pytest.mark.parametrize("kept", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("name", CASES)
def test_duties_levies_and_licences_of_two_origins(name: str, kept: float) -> None:
    reference, quota = CASES[name]
    rho, due, within = licensed(reference, quota)
    levy, more, saves = tiers(due.price, reference)
    beyond = due.flow * ABROAD - within
    left = levy * within + np.maximum(0.0, levy - more) * beyond
    rent = kept * left / (INSURED * (1.0 + DUTY + 0.05))
    low = 0.05 * ABROAD * (cif(due.price) * due.flow + INSURED * rent)

    result = pricing.solve(scenario_on(chain(), *policies(reference, quota, kept)))

    state, agents = result.solved.state, result.accounts.agents
    for found, expected in (
        (state.price[0, 0], due.price),
        (state.landed[0, 0, :, 0], due.landed),
        (state.flow[0, 0, :, 0], due.flow),
        (line(result, "tariff_rate_quota"), (low + more * beyond).sum()),
        (line(result, "reference_price"), (1.0 - kept) * left.sum()),
        (line(result, "existing_duty"), mfn(due) + (DUTY * INSURED * rent).sum()),
        (agents.exporters.sum(), rent.sum()),
        (agents.licence_holders.sum(), (np.minimum(rho, saves) * within).sum()),
    ):
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-5)
    assert all(check.passed for check in result.accounts.checks)


def policies(reference: float, quota: float, kept: float) -> list[dict[str, Any]]:
    rates = {"quota": f"{quota} t/yr", "in_quota": "5 %", "over_quota": "25 %"}
    mechanism = {"kind": "border_levy", "rent_capture": f"{100 * kept} %"}
    level = {"kind": "fixed", "prices": {"wheat": f"{reference} USD/t"}}
    return [
        {"kind": "tariff_rate_quota", **HOME, **rates},
        {"kind": "reference_price", "zone": ["Home"], "level": level, "mechanism": mechanism},
    ]


def line(result: pricing.Result, kind: str) -> float:
    """Change of what Home's treasury gets under one kind of instrument [USD]."""
    lines = result.accounts.agents.treasury_lines
    return float(sum(line[0, 0] for (name, _), line in lines.items() if name == kind))


def mfn(due: Market) -> float:
    """Change of ordinary duties on invoices that nobody raised [USD]."""
    return float((DUTY * cif(due.price)) @ due.flow - (DUTY * cif(P0)) @ Q0)
