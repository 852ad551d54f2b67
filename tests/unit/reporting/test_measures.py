"""Parts of the report that only some policies need, and the line of assumptions."""

import pytest

import pricing
from pricing.reporting.assumed import assumptions_in_words
from pricing.reporting.measures import payment_rows
from tests.support.two_stage import STOCK, STRIKE, TARIFF, changed


def test_payments_add_up_to_what_makers_receive():
    result = pricing.solve("mp_price_guarantee")
    [row] = payment_rows(result)
    paid = -float(result.accounts.agents.treasury_lines["price_guarantee", row.policy].sum())

    assert row.payment * row.tonnes == pytest.approx(paid)
    assert row.payment == pytest.approx(row.strike - row.index_price)
    assert row.received < row.strike == pytest.approx(110_000)
    text = result.report()
    assert f"{row.price / 1000:.2f}" in text
    assert f"{row.received / 1000:.2f}    110.00" in text
    assert "below the strike: the payment follows the\n  price in China" in text
    assert "guaranteed ones the payments below" in text


def test_a_cap_is_named_as_what_keeps_receipts_below_the_strike():
    """Lynas sells 5,772 t, and the contract is for 5,000: 87 % of the payment."""
    result = pricing.solve("lynas_jare")
    [row] = payment_rows(result)

    assert row.served == pytest.approx(5_000 / row.tonnes)
    assert row.payment == pytest.approx(row.served * (row.strike - row.index_price))
    said = " ".join(result.report().split())
    assert "6.3 % below the strike: cap or budget let through 87 % of the payment; the" in said


def test_half_of_the_gap_is_named_where_half_is_promised():
    said = " ".join(changed([STRIKE | {"share_down": "50 %"}]).report().split())

    assert "below the strike: 50 % of the gap is promised." in said


def test_payment_on_the_own_price_needs_no_note():
    result = changed([STRIKE])
    [row] = payment_rows(result)

    assert row.received == pytest.approx(80_000)
    assert "PAYMENTS, USD/kg" in result.report()
    assert "the strike:" not in result.report()


def test_public_purchases_say_what_the_stock_is_worth():
    result = changed([STOCK])
    lines = result.report().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("PUBLIC PURCHASES"))
    bought = float(result.solved.state.purchases.sum())

    assert lines[start + 1].split()[:2] == ["magnet,", "Beta"]
    assert f"{bought:,.1f}" in lines[start + 1] or f"{bought:,.0f}" in lines[start + 1]
    assert lines[start + 1].split()[3:] == ["60.0", *[f"{bought * 0.06:,.1f}"] * 2]
    assert "counts as zero in net" in lines[start + 2]


def test_flows_that_change_most_for_policies_on_particular_origins():
    text = pricing.solve("section_301_magnets").report()
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("FLOWS THAT CHANGE MOST"))

    assert lines[start + 1].startswith("magnet China -> United States")
    assert len(lines[start:]) > 6
    assert lines[start + 7] == ""
    assert "FLOWS THAT CHANGE" not in changed([TARIFF]).report()


def test_assumptions_name_every_exception():
    base = pricing.load_scenario("forge_with_new_plants")
    text = assumptions_in_words(base)

    assert text.startswith(
        "Assumptions: short horizon, central elasticities, benchmark central. 11 announced plants "
        "run in both states (mp_independence, "
    )
    changed = base.but(
        {
            "assumptions.horizon": "long",
            "assumptions.case": "low",
            "assumptions.benchmark": "proportional",
            "assumptions.latent": ["mp_metal"],
            "assumptions.existing_duties": False,
            "assumptions.year": 2030,
            "assumptions.cost_of_public_funds": "1.3 1",
            "assumptions.demand": [
                {"good": "magnet", "region": "EU", "factor": "1.5 1", "source": _source(base)}
            ],
            "assumptions.capacities": [
                {"process": "metal_japan", "capacity": "900 t/yr", "source": _source(base)}
            ],
        }
    )
    assert assumptions_in_words(changed) == (
        "Assumptions: long horizon, low elasticities, benchmark proportional. Capacity: "
        "more of it costs more, as long-run elasticities say. 1 announced plant "
        "runs in both states (mp_metal). Demand changed: magnet in EU x 1.5. Capacity set: "
        "metal_japan 900 t. The duties of the base year are off. Policies as in force in 2030, on "
        "data of the base year. A dollar of public funds counts 1.3."
    )


def test_assumptions_name_elasticities_and_routes():
    base = pricing.load_scenario("forge_all_stages")
    name = next(iter(base.chain.elasticities))
    other = base.but(
        {
            f"assumptions.elasticities.{name}": {"value": "2 1", "source": _source(base)},
            "assumptions.parity_shares": [
                {
                    "good": "oxide",
                    "origin": "Brazil",
                    "destination": "EU",
                    "share": "1 %",
                    "source": _source(base),
                }
            ],
        }
    )

    assert f"Other elasticities: {name} 2. Routes opened: oxide Brazil to EU." in (
        assumptions_in_words(other)
    )


def _source(scenario: pricing.Scenario) -> str:
    return next(iter(scenario.document.sources))
