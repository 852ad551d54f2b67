"""The tidy table: one number a row, the same columns for every variable.

Columns: ``scenario, variable, good, stage, process, region, partner, instrument, policy, payer,
receiver, year, value, unit``. Units are t, USD/t, USD and 1. A label that does not apply is null
(None); a number that is not defined, such as the price of an origin that makes nothing, has no row.
On routes ``region`` is the origin and ``partner`` the destination; own use has both equal.
``scenario`` is the id of the scenario or, for its reference, the id followed by `` (no policy)``.
``process`` is a process, or the use in rows of final demand. ``instrument`` is the kind of
instrument or of cost, in rows of indicators what they are about besides good and region; ``policy``
is the id of the policy, or the layer of duties of the base year. Indicators and protection also
have rows for zones and for the world. Their variables begin with ``zone_`` and ``world_``
(``zone_indicator_output``), with the zone or ``world`` under ``region``: a variable without such a
beginning has rows for single regions only and may be added up over them. ``year`` is the base year
of the chain, whose volumes and prices these are; the year that chooses among dated policies does
not change it. All ``surplus_change`` plus all ``public_funds_cost`` (the weight of treasuries
beyond one; no rows where the weight is one) add up to the net.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pricing.accounts.ledger import Ledger
from pricing.accounts.parties import Account
from pricing.accounts.surplus import TO_REPLACE
from pricing.equilibrium.build import Solved
from pricing.reporting.references import reference_levels
from pricing.reporting.rows import solution
from pricing.reporting.tidy import COLUMNS, Record, Table

if TYPE_CHECKING:
    import pandas as pd

    from pricing.accounts import Accounts
    from pricing.scenarios.scenario import Scenario

NO_POLICY = " (no policy)"
"""Ending of the scenario column in rows of the reference."""

NOTHING = 1e-14
"""Payments below this share of the largest one are rounding, and have no row [1]."""
PAYMENT_LABELS = {
    "good": "good",
    "process": "name",
    "region": "region",
    "partner": "partner",
    "instrument": "instrument",
    "policy": "policy",
    "payer": "payer",
    "receiver": "receiver",
}
"""Column of the tidy table -> column of the ledger."""


def records(
    scenario: Scenario, solved: Solved, reference: Solved, accounts: Accounts
) -> list[Record]:
    """Tidy rows of a scenario and its no-policy reference, as plain Python values.

    Parameters
    ----------
    scenario : Scenario
        What was asked.
    solved, reference : Solved
        The scenario's equilibrium and its reference.
    accounts : Accounts
        Payments, surpluses, protection and indicators.

    Returns
    -------
    list of dict
        Keys are :data:`~pricing.reporting.tidy.COLUMNS`; a missing value is None. Rows of zones
        and of the world have variables that begin with ``zone_`` and ``world_``.
    """
    stages = {good.id: good.stage for good in scenario.chain.goods}
    own = Table(scenario.id, scenario.chain.base_year, stages)
    base = Table(scenario.id + NO_POLICY, scenario.chain.base_year, stages)
    solution(own, solved)
    solution(base, reference)
    _references(own, scenario, solved)
    _payments(own, accounts.ledger)
    _payments(base, accounts.base_ledger)
    _agents(own, accounts)
    _protection(own, base, accounts)
    _indicators(own, base, accounts)
    return [*own.rows, *base.rows]


def frame(rows: list[Record]) -> pd.DataFrame:
    """Tidy rows as a table with the same columns; missing labels are None, values are floats."""
    import pandas as pd

    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    labels = {
        name: pd.Series(values, dtype=object)
        for name, values in columns.items()
        if name not in ("year", "value")
    }
    numbers = {
        "year": pd.Series(columns["year"], dtype="int64"),
        "value": pd.Series(columns["value"], dtype="float64"),
    }
    return pd.DataFrame(labels | numbers, columns=list(COLUMNS))


def _references(table: Table, scenario: Scenario, solved: Solved) -> None:
    """Reference prices by good and member."""
    for (good, region), price in reference_levels(scenario.document, solved.program).items():
        table.add("reference_price", price, "USD/t", good=good, region=region)


def _payments(table: Table, ledger: Ledger) -> None:
    """Payments of the ledger that are not zero."""
    total: dict[tuple[Any, ...], float] = {}
    lists = {name: column.tolist() for name, column in ledger.columns.items()}
    keys = zip(lists["money"], *(lists[name] for name in PAYMENT_LABELS.values()), strict=True)
    for key, amount in zip(keys, lists["amount"], strict=True):
        total[key] = total.get(key, 0.0) + amount
    rounding = NOTHING * max(map(abs, total.values()), default=0.0)
    for (money, *labels), amount in total.items():
        if abs(amount) <= rounding:
            continue
        where = {name: label or None for name, label in zip(PAYMENT_LABELS, labels, strict=True)}
        table.add("money" if money else "sourcing", amount, "USD", **where)


def _agents(table: Table, accounts: Accounts) -> None:
    """Change in surplus by agent against the reference; the agent stands under ``receiver``.

    What a dollar of treasuries counts beyond one stands in rows of its own.
    """
    for row in accounts.agents.rows:
        if row.change == 0.0 or row.account is Account.NOBODY:
            continue
        stock = row.account is Account.STOCKS
        is_line = row.account is Account.TREASURIES
        held = "stock_liability" if row.name == TO_REPLACE else "stock_value"
        kind, _, policy = row.name.partition(":") if is_line else ("", "", "")
        table.add(
            held if stock else "surplus_change",
            row.change,
            "USD",
            good=row.good or None,
            process=None if is_line or stock else row.name or None,
            region=row.region or None,
            instrument=kind or None,
            policy=policy or None,
            receiver=str(row.account),
        )

    agents = accounts.agents
    weight = agents.cost_of_public_funds - 1.0
    for region, change in zip(agents.network.regions, agents.treasuries[0], strict=True):
        if weight * change != 0.0:
            table.add("public_funds_cost", weight * float(change), "USD", region=region)


def _area(accounts: Accounts, region: str) -> str:
    """Beginning of a variable by the kind of place that it is about."""
    if not region or region in accounts.program.network.regions:
        return ""
    return "world_" if region == "world" else "zone_"


def _protection(own: Table, base: Table, accounts: Accounts) -> None:
    """Value added per tonne of main output and rates of protection, by process and by zone."""
    processes = set(accounts.program.network.processes)
    for row in accounts.protection:
        process = row.subject if row.subject in processes else None
        where = {"good": row.good, "process": process, "region": row.region}
        area = _area(accounts, row.region)
        own.add(f"{area}value_added", row.value_added, "USD/t", **where)
        base.add(f"{area}value_added", row.value_added_base, "USD/t", **where)
        own.add(f"{area}value_added_change", row.change, "USD/t", **where)
        own.add(f"{area}erp_nominal", row.nominal, "1", **where)
        own.add(f"{area}erp_equilibrium", row.equilibrium, "1", **where)


def _indicators(own: Table, base: Table, accounts: Accounts) -> None:
    """Indicators of the scenario and of its reference."""
    for row in accounts.indicators:
        about, _, policy = row.detail.partition(":")
        where = {
            "good": row.good or None,
            "region": row.region or None,
            "instrument": about or None,
            "policy": policy or None,
        }
        name = f"{_area(accounts, row.region)}indicator_{row.name}"
        own.add(name, row.value, row.unit, partner=row.partner or None, **where)
        base.add(name, row.base, row.unit, **where)
