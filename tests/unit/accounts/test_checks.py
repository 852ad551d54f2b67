"""The six checks hold on random policies, and each fails when its numbers are touched."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from pricing.accounts import account
from pricing.accounts.checks import run
from pricing.accounts.ledger import Ledger
from pricing.accounts.parties import Account
from pricing.accounts.payments import build
from pricing.accounts.solution import Solution
from pricing.equilibrium.evaluate import evaluate
from pricing.equilibrium.solver import solve
from pricing.errors import InputError, NoEquilibriumError
from tests.support.chains import line_market, quantity, random_chain, scenario_on
from tests.unit.accounts.worlds import (
    ZONE,
    accounts_of,
    floor,
    levels,
    passed,
    random_accounts,
    taxed_chain,
)

NAMES = ["balances", "landed prices", "receipts", "volumes", "treasuries", "totals"]


@pytest.mark.parametrize("seed", range(6))
def test_checks_hold_on_random_policies(seed):
    chain = taxed_chain(seed) if seed % 2 else random_chain(seed, 1 + seed % 4, 8)
    held = 0
    for number in range(8):
        try:
            accounts = random_accounts(seed, number, chain)
        except (InputError, NoEquilibriumError):
            continue
        held += 1
        assert list(passed(accounts)) == NAMES
        assert all(passed(accounts).values()), accounts.checks
    assert held >= 3


def test_what_treasuries_pay_counts_as_spending():
    """Supply of 20 + 20 P earns 1,000 a tonne: 20,020 t are made, 100 are taken for nothing."""
    subsidy = {"kind": "production_subsidy", "good": "wheat", "region": "Home"}
    market = line_market((20.0, 20.0), (100.0, 20.0), 2.0)
    accounts = accounts_of(scenario_on(market, subsidy | {"amount": quantity(1000.0, "USD/t")}))
    assert all(passed(accounts).values())
    assert accounts.checks[0].scale == pytest.approx(20_020.0 * 1000.0, rel=1e-9)


@lru_cache(maxsize=1)
def busy():
    """Accounts in which every kind of row has money."""
    chain = taxed_chain(3)
    price = levels(chain, 1.3)
    network = accounts_of(scenario_on(chain, **ZONE)).program.network
    maker = next(
        r for r in network.regions[1:] if network.setting.makers(0, network.regions.index(r)).size
    )
    policies = [
        floor({"kind": "border_levy", "rent_capture": quantity(0.4, "1")}, g1=price["g1"]),
        {
            "kind": "tariff",
            "good": "g2",
            "destinations": ["zone"],
            "rate": quantity(10.0, "%"),
            "specific": quantity(5.0, "USD/t"),
        },
        {
            "kind": "price_guarantee",
            "good": "g0",
            "region": maker,
            "strike": quantity(1.5 * price["g0"], "USD/t"),
            "cap": quantity(1.0, "t/yr"),
        },
        {
            "kind": "intervention_purchase",
            "good": "g0",
            "region": "r0",
            "floor": quantity(1.2 * price["g0"], "USD/t"),
            "cap": quantity(50.0, "t/yr"),
        },
        {
            "kind": "import_quota",
            "good": "g0",
            "destinations": ["zone"],
            "quota": quantity(float(network.flow[0].sum()) * 0.02, "t/yr"),
            "rent_to": "exporter",
        },
    ]
    return accounts_of(scenario_on(chain, *policies, **ZONE))


def rerun(accounts, *, state=None, ledger=None, agents=None, policies=None):
    """Checks once more, with something replaced."""
    solution = Solution(
        accounts.program,
        state or accounts.state,
        ledger or accounts.ledger,
        accounts.policies if policies is None else policies,
    )
    base = Solution(accounts.base_program, accounts.base, accounts.base_ledger, ())
    checks = run(solution, base, agents or accounts.agents)
    return [check.name for check in checks if not check.passed]


def corrupted(ledger: Ledger, instrument: str, payer: Account) -> Ledger:
    """The ledger with the largest amount of one kind of row raised by a thousandth."""
    blocks = list(ledger.blocks)
    number = next(
        n
        for n, block in enumerate(blocks)
        if block.instrument == instrument and block.payer.account is payer and block.amount.any()
    )
    amount = blocks[number].amount.copy()
    amount[0, np.argmax(np.abs(amount[0]))] *= 1.001
    blocks[number] = replace(blocks[number], amount=amount)
    return replace(ledger, blocks=tuple(blocks))


def test_the_busy_example_is_sound():
    accounts = busy()
    assert rerun(accounts) == []
    kinds = {str(block.instrument) for block in accounts.ledger.blocks if block.amount.any()}
    assert kinds >= {
        "goods", "export_vat", "freight", "insurance", "existing_duty", "reference_price",
        "tariff", "import_quota", "price_guarantee", "intervention_purchase", "sourcing",
        "purchase", "conversion_cost",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("instrument", "payer", "fails"),
    [
        ("goods", Account.MARKET, {"landed prices"}),
        ("goods", Account.SELLERS, {"balances", "receipts"}),
        ("freight", Account.MARKET, {"landed prices"}),
        ("insurance", Account.MARKET, {"landed prices"}),
        ("tariff", Account.MARKET, {"landed prices", "treasuries"}),
        ("existing_duty", Account.MARKET, {"landed prices", "treasuries"}),
        ("export_vat", Account.MARKET, {"landed prices", "treasuries"}),
        ("reference_price", Account.MARKET, {"landed prices"}),
        ("import_quota", Account.MARKET, {"landed prices"}),
        ("purchase", Account.USERS, {"balances", "landed prices"}),
        ("purchase", Account.PROCESSES, {"balances", "landed prices"}),
        ("sourcing", Account.USERS, {"balances"}),
        ("conversion_cost", Account.PROCESSES, {"balances"}),
        ("price_guarantee", Account.TREASURIES, {"balances", "receipts", "treasuries"}),
        ("intervention_purchase", Account.TREASURIES, {"treasuries"}),
        ("intervention_purchase", Account.SELLERS, {"balances", "receipts"}),
    ],
)
def test_a_touched_row_is_found(instrument, payer, fails):
    accounts = busy()
    assert set(rerun(accounts, ledger=corrupted(accounts.ledger, instrument, payer))) == fails


def test_touched_states_are_found():
    accounts = busy()
    flow = accounts.state.flow * 1.001
    assert "volumes" in rerun(accounts, state=replace(accounts.state, flow=flow))
    landed = accounts.state.landed * 1.001
    assert "landed prices" in rerun(accounts, state=replace(accounts.state, landed=landed))
    output = accounts.state.output + 5.0
    assert "volumes" in rerun(accounts, state=replace(accounts.state, output=output))


def test_use_as_stated_is_what_users_and_plants_need():
    accounts = busy()
    use = accounts.state.use * (1.0 + 1e-6)
    assert rerun(accounts, state=replace(accounts.state, use=use)) == ["volumes"]


def test_touched_surpluses_are_found():
    accounts = busy()
    agents = accounts.agents
    assert rerun(accounts, agents=replace(agents, users=agents.users * 1.001)) == [
        "balances",
        "totals",
    ]
    rents = agents.exporters * 1.001
    assert rerun(accounts, agents=replace(agents, exporters=rents)) == ["totals"]


def test_a_policy_that_is_missing_from_the_law_is_found():
    accounts = busy()
    without = tuple(policy for policy in accounts.policies if policy.kind != "tariff")
    assert "treasuries" in rerun(accounts, policies=without)


def test_not_a_number_fails():
    accounts = busy()
    users = accounts.agents.users.copy()
    users[0, 0] = np.nan
    failed = rerun(accounts, agents=replace(accounts.agents, users=users))
    assert {"balances", "totals"} <= set(failed)


def test_no_policy_is_exactly_no_change():
    accounts = accounts_of(scenario_on(taxed_chain(1), **ZONE))
    agents = accounts.agents
    for change in (agents.users, agents.processes, agents.private, agents.treasuries):
        assert not change.any()
    assert all(passed(accounts).values())
    moved = replace(agents, users=agents.users + 1.0)
    assert "totals" in rerun(accounts, agents=moved)


def test_the_worst_place_is_named():
    accounts = busy()
    ledger = corrupted(accounts.ledger, "purchase", Account.USERS)
    solution = Solution(accounts.program, accounts.state, ledger, accounts.policies)
    base = Solution(accounts.base_program, accounts.base, accounts.base_ledger, ())
    balances = run(solution, base, accounts.agents)[0]
    assert balances.worst.startswith("final in r")
    assert balances.scale > 0.0


def test_two_scenarios_at_once_give_each_its_own_numbers():
    accounts = busy()
    program = accounts.program
    guess = solve(program)[0]
    other = guess.copy()
    other[:, program.sizes[0]] *= 1.01
    both = evaluate(program, np.concatenate([guess, other]))
    pair = account(program, both, accounts.base_program, accounts.base, policies=accounts.policies)
    alone = account(
        program,
        evaluate(program, other),
        accounts.base_program,
        accounts.base,
        policies=accounts.policies,
    )
    assert pair.agents.total[0] == pytest.approx(accounts.agents.total[0], rel=1e-9)
    assert pair.agents.total[1] == pytest.approx(alone.agents.total[0], rel=1e-9)
    assert pair.agents.processes[1] == pytest.approx(alone.agents.processes[0], rel=1e-9)
    assert [check.passed for check in pair.checks] == [check.passed for check in alone.checks]


def test_scenarios_on_one_world_share_its_accounts():
    chain = taxed_chain(2)
    price = levels(chain, 1.1)
    first, second = (
        accounts_of(
            scenario_on(chain, floor({"kind": "border_levy"}, g0=factor * price["g0"]), **ZONE)
        )
        for factor in (1.0, 1.2)
    )
    assert first.base_ledger is second.base_ledger
    afresh = build(second.base_program, second.base)
    assert len(afresh.blocks) == len(second.base_ledger.blocks)
    for kept, new in zip(second.base_ledger.blocks, afresh.blocks, strict=True):
        assert np.array_equal(kept.amount, new.amount)
    assert all(passed(second).values())
