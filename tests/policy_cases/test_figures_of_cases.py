"""Every case of every instrument: tables of reports keep the identities, and all figures draw."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import pricing
from pricing.reporting import figures
from pricing.reporting.build_up import build_up
from pricing.reporting.chain_flow import End, flows
from pricing.reporting.curves import makers, use_at
from pricing.reporting.figures.gains import changes
from pricing.reporting.html_report import drawings
from pricing.reporting.summary import summarise
from tests.policy_cases.test_policy_cases import CASES, case_of
from tests.policy_cases.test_policy_cases import solved as result_of


@cache
def solved(name: str, number: int) -> pricing.Result:
    return result_of(case_of(name, number))


@pytest.mark.parametrize(("name", "number"), CASES)
def test_who_pays_adds_up_to_the_total_by_agents(name: str, number: int) -> None:
    result = solved(name, number)
    total = float(result.accounts.agents.total[0])

    assert sum(changes(result).values()) == pytest.approx(total, rel=1e-9, abs=1e-6)
    assert summarise(result).net == pytest.approx(total, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_prices_flows_and_curves_keep_their_identities(name: str, number: int) -> None:
    result = solved(name, number)
    for at in (result.solved, result.reference):
        state, is_open = at.state, at.program.open_arcs
        parts = build_up(at)
        assert sum(parts.values())[is_open] == pytest.approx(state.landed[0][is_open], rel=1e-9)
        found = list(flows(at))
        for g, r in np.ndindex(state.use.shape[1:]):
            used = use_at(at, g, r, state.index[0, g, [r]])[0]
            assert used == pytest.approx(state.use[0, g, r], rel=1e-6, abs=1e-6)
            made = sum(f.tonnes for f in found if (f.good, f.origin) == (g, r))
            assert made == pytest.approx(state.output[0, g, r], rel=1e-6, abs=1e-5)
        for g in range(state.use.shape[1]):
            for maker in makers(at, g):
                assert maker.rent >= -1e-6 * max(1.0, maker.price)


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_every_figure_draws(name: str) -> None:
    result = solved(name, 0)
    base = figures.NoPolicy.of(result)

    for draw in drawings(result):
        assert draw(result, base).alt


def test_purchases_for_a_stock_leave_the_chain_as_stocks() -> None:
    stored = [
        flow.tonnes
        for name, number in CASES
        if name == "stockpile"
        for flow in flows(solved(name, number).solved)
        if flow.end is End.STOCKS
    ]

    assert stored
    assert min(stored) > 0.0
