"""Ledger rows and agents, read from outside."""

from __future__ import annotations

import pytest

from pricing.accounts.notices import Code
from tests.support.chains import scenario_on
from tests.unit.accounts.worlds import ZONE, accounts_of, codes, floored, taxed_chain


def test_rows_carry_labels_and_add_up():
    accounts = floored()
    rows = list(accounts.ledger.rows)
    paid = {row.payer for row in rows}
    process = accounts.program.network.processes[0]
    assert {"sellers:r0", "market:r1", "users:r1/final", f"processes:{process}"} <= paid
    for row in rows:
        assert row.amount == pytest.approx(row.tonnes * row.rate, rel=1e-9, abs=1e-6)
        assert row.money is (row.receiver != "nobody")
    levies = [row for row in rows if row.instrument == "reference_price"]
    assert all(row.receiver == f"treasuries:{row.partner}" for row in levies)
    total = sum(row.amount for row in levies)
    line = accounts.agents.treasury_lines["reference_price", "p0"]
    assert total == pytest.approx(float(line.sum()))


def test_clearing_accounts_keep_nothing():
    accounts = floored()
    balance: dict[str, float] = {}
    for row in accounts.ledger.rows:
        balance[row.payer] = balance.get(row.payer, 0.0) - row.amount
        balance[row.receiver] = balance.get(row.receiver, 0.0) + row.amount
    scale = accounts.checks[0].scale
    for name, left in balance.items():
        if name.startswith(("market:", "sellers:")):
            assert abs(left) < 1e-9 * scale


def test_agents_add_up_to_the_total():
    agents = floored(0.5).agents
    rows = [row for row in agents.rows if row.in_total]
    assert sum(row.change for row in rows) == pytest.approx(float(agents.total[0]))
    assert any(row.account == "exporters" and row.change > 0.0 for row in rows)
    bystanders = [row for row in agents.rows if not row.in_total]
    assert {row.name for row in bystanders} == {"sourcing"}


def test_capture_moves_the_levy_to_exporters_and_nothing_else():
    levy, shared = floored(), floored(1.0)
    assert levy.state.flow == pytest.approx(shared.state.flow, rel=1e-6, abs=1e-6)
    taken = float(levy.agents.treasuries.sum())
    kept = float(shared.agents.exporters.sum())
    # invoices that are raised pay insurance of 2 % on the rise
    assert kept * 1.02 == pytest.approx(taken, rel=1e-6)
    assert Code.RENT_TO_EXPORTERS in codes(shared)
    assert Code.RENT_TO_EXPORTERS not in codes(levy)


def test_existing_duties_are_levels_in_rows_and_changes_in_agents():
    accounts = accounts_of(scenario_on(taxed_chain(1), **ZONE))
    duties = [row for row in accounts.ledger.rows if row.instrument == "existing_duty"]
    assert sum(row.amount for row in duties) > 0.0
    assert not accounts.agents.treasuries.any()
    assert Code.NOTHING_CHANGED not in codes(accounts)
