"""Ledger and regimes as people read them: prices in USD/kg, sums in million USD a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricing.accounts.parties import Account

if TYPE_CHECKING:
    import pandas as pd

    from pricing.reporting.inputs import Comparison, Result

FIRST = ("payer", "receiver", "good", "instrument")
"""Labels of a payment that stand before its numbers."""
LAST = ("policy", "region", "partner", "name")
"""Labels of a payment that stand after them."""
TONNES, RATE, AMOUNT = "t/yr", "USD/kg", "million USD/yr"
PER_KG = {"USD/t": ("USD/kg", 1e-3)}
"""Unit -> unit shown and factor; others stay."""


PARTIES = {
    Account.MARKET: "buyers",
    Account.TREASURIES: "treasury",
    Account.USERS: "final users",
    Account.PROCESSES: "makers",
    Account.EXPORTERS: "exporters' rent",
    Account.FACTORS: "labour, energy, equipment",
}
"""Accounts whose own name says little to a reader."""


def party(name: str) -> str:
    """A party of the ledger for people.

    Examples
    --------
    >>> party("market:China"), party("licence_holders:EU"), party("nobody")
    ('buyers, China', 'licence holders, EU', 'nobody')
    """
    account, _, who = name.partition(":")
    words = PARTIES.get(Account(account), account.replace("_", " "))
    return f"{words}, {who}" if who else words


def ledger_table(result: Result) -> pd.DataFrame:
    """Every payment of a scenario.

    Columns: :data:`FIRST`; tonnes [t/yr], rate [USD/kg], amount [million USD/yr]; :data:`LAST`, and
    whether it is money (sourcing rows are not).
    """
    import pandas as pd

    rows = pd.DataFrame(result.accounts.ledger.columns)
    table = rows.loc[:, list(FIRST)].copy()
    table[TONNES] = rows["tonnes"].astype(float)
    table[RATE] = rows["rate"].astype(float) / 1e3
    table[AMOUNT] = rows["amount"].astype(float) / 1e6
    table[list(LAST)] = rows[list(LAST)]
    for side in ("payer", "receiver"):
        table[side] = table[side].map(party)
    table["instrument"] = table["instrument"].str.replace("_", " ")
    table["money"] = rows["money"].astype(bool)
    return table


def regime_table(result: Result) -> pd.DataFrame:
    """What every policy does at every place that it touches; prices in USD/kg."""
    import pandas as pd

    shown = []
    for row in result.accounts.regimes:
        unit, factor = PER_KG.get(row.unit, (row.unit, 1.0))
        shown.append(
            {
                "policy": row.policy,
                "instrument": row.instrument.replace("_", " "),
                "good": row.good,
                "origin or place": row.region,
                "destination": row.partner,
                "process": row.process,
                "regime": str(row.regime),
                "value": row.value * factor,
                "unit": unit,
            }
        )
    names = ("policy", "instrument", "good", "origin or place", "destination", "process")
    return pd.DataFrame(shown, columns=[*names, "regime", "value", "unit"])


def regime_counts(result: Result) -> pd.DataFrame:
    """Number of places by policy, instrument and good, one column for every regime that occurs."""
    keys = ["policy", "instrument", "good"]
    sizes = regime_table(result).groupby([*keys, "regime"]).size()
    return sizes.unstack(fill_value=0).reset_index()


COMPARED = ("variable", "good", "region", "baseline", "scenario", "difference", "unit")
"""Columns of differences that a reader sees first."""


def difference_table(comparison: Comparison) -> pd.DataFrame:
    """What differs between two results, as in ``comparison.table()``; prices in USD/kg.

    Labels that no row has are left out; those that few rows have stand behind the numbers.
    """
    from pricing.reporting.compare import output_differences

    table = output_differences(comparison.baseline, comparison.scenario)
    for unit, (shown, factor) in PER_KG.items():
        rows = table["unit"] == unit
        table.loc[rows, ["baseline", "scenario", "difference"]] *= factor
        table.loc[rows, "unit"] = shown
    table = table.dropna(axis="columns", how="all")
    first = [name for name in COMPARED if name in table]
    return table[[*first, *(name for name in table if name not in first)]]
