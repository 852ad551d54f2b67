"""Ledger and regimes in the units that people read; the same amounts as in the accounts."""

import pytest

import pricing
from pricing.reporting.for_people import (
    AMOUNT,
    RATE,
    TONNES,
    ledger_table,
    regime_counts,
    regime_table,
)
from tests.support.two_stage import STOCK


def test_payments_are_tonnes_times_rate_and_all_of_them(floor: pricing.Result):
    table = ledger_table(floor)
    rows = list(floor.accounts.ledger.rows)
    money = table[table["money"]]

    # t x USD/kg = thousand USD.
    assert (table[TONNES] * table[RATE] / 1e3).to_list() == pytest.approx(table[AMOUNT].to_list())
    assert table[AMOUNT].sum() * 1e6 == pytest.approx(sum(row.amount for row in rows))
    # The levies of Alpha and Beta, from flows and gaps of the solution.
    gap, flow = floor.solved.state.gaps[0][0], floor.solved.state.flow[0]
    levies = money.query("instrument == 'reference price'")[AMOUNT].sum()
    assert levies == pytest.approx((gap * flow).sum() / 1e6)
    assert levies > 0.0


def test_parties_are_words(floor: pricing.Result):
    table = ledger_table(floor)

    assert {"buyers, Alpha", "treasury, Beta", "sellers, Outside"} <= {
        *table["payer"],
        *table["receiver"],
    }
    for name in ("payer", "receiver", "instrument"):
        assert not table[name].str.contains(":").any()


def test_regimes_are_in_usd_per_kg(floor: pricing.Result):
    table = regime_table(floor)

    assert len(table) == len(floor.accounts.regimes)
    for shown, row in zip(table.itertuples(), floor.accounts.regimes, strict=True):
        assert row.unit == "USD/t"
        assert (shown.value, shown.unit) == (pytest.approx(row.value / 1e3), "USD/kg")
    # Up to 70 USD/kg of oxide from Outside in Beta: a gap of some 20.
    gap = table.query("good == 'oxide' and destination == 'Beta' and value > 0")["value"]
    assert gap.between(1.0, 25.0).all()


def test_counts_of_regimes_add_up(floor: pricing.Result):
    counts = regime_counts(floor)

    assert counts.drop(columns=["policy", "instrument", "good"]).to_numpy().sum() == len(
        floor.accounts.regimes
    )


def test_units_that_are_no_price_stay(untouched: pricing.Result):
    result = pricing.solve(untouched.scenario.but(policies=[STOCK]))
    (row,) = regime_table(result).to_dict("records")

    assert row["unit"] == "t"
    assert row["value"] == pytest.approx(result.solved.state.purchases.sum())


def test_without_policy_there_are_no_regimes(untouched: pricing.Result):
    assert regime_table(untouched).empty
