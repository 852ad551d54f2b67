"""What stocks, payments, duties and the motor stage must do, with the reason of each."""

from __future__ import annotations

import pytest

from tests.support.shipped import ZONE, Case, case, says


@says("japan_stock_60_days")
def stock_of_oxide(it: Case) -> None:
    assert it.users("oxide", "Japan") > 0.0
    assert it.price("oxide", "China") > 0.0  # everybody pays for filling
    assert it.treasury("Japan") < 0.0


@says("project_vault_60_days")
def vault_days(it: Case) -> None:
    assert it.users("magnet", "United States") > 0.0
    assert it.treasury("United States") < 0.0
    # 60 of 365 days of what the country used
    network = it.result.solved.program.network
    used = it.result.reference.state.use[0, network.goods.index("magnet"), 1]
    assert it.use("magnet", "United States") == pytest.approx(used * 60.0 / 365.0, rel=0.02)


@says("project_vault_money")
def vault_money(it: Case) -> None:
    """The sum is spent, and buys less than it would at base-year prices."""
    network = it.result.solved.program.network
    at = (0, network.goods.index("magnet"), network.regions.index("United States"))
    lines = it.result.accounts.agents.treasury_lines
    (paid,) = (change for (_, policy), change in lines.items() if policy == "vault")
    bought = it.use("magnet", "United States")
    assert float(paid.sum()) == pytest.approx(-200.0e6, rel=0.05)  # an index, so not to the cent
    assert 0.0 < bought < 200.0e6 / it.result.reference.state.index[at]
    assert it.users("magnet", "United States") > 0.0
    assert it.price("magnet", "China") > 0.0


@says("lynas_jare")
def buyers_floor(it: Case) -> None:
    # more is made than the contract covers, so the next tonne gets the market price
    assert it.output("oxide", "Malaysia") == pytest.approx(0.0, abs=1e-3)
    assert it.gain("licence_holders") < 0.0
    assert abs(it.treasury("Japan")) < 1.0e6  # no public money is in the clause


@says("mp_price_guarantee")
def price_guarantee(it: Case) -> None:
    assert it.output("oxide", "United States") > 0.0
    assert it.treasury("United States") < 0.0
    assert it.users("oxide", "United States") <= 0.0


@says("realloys_offtake")
def offtake_of_a_plant(it: Case) -> None:
    """80 % of 400 t stay in the country, and somebody bears the discount."""
    assert it.flow("metal", "United States", "United States") >= 320.0 * (1.0 - 1e-6)
    assert it.gain("licence_holders") < 0.0


@says("mp_10x")
def offtake_and_earnings(it: Case) -> None:
    assert it.flow("magnet", "United States", "United States") >= 7000.0 * (1.0 - 1e-6)
    assert it.level("mp_10x") > 0.0
    # 140 million at most for earnings; the discount on tonnes comes on top
    lines = it.result.accounts.agents.treasury_lines
    (paid,) = (change for (_, policy), change in lines.items() if policy == "earnings")
    assert -140.0e6 <= float(paid.sum()) <= 0.0


@says("osc_loan_vulcan")
def loan(it: Case) -> None:
    """Money for capital makes more of the plant worth building; the floors take the margin of a
    maker who buys metal in."""
    assert it.level("vulcan") > case("osc_loan_vulcan", "no_support").level("vulcan") > 0.0
    assert it.level("vulcan") < case("osc_loan_vulcan", "no_floor").level("vulcan") <= 10_000.0


@says("mp_10x_grants")
def grants(it: Case) -> None:
    """A gift makes more of the plant worth building; so do floors where MP makes the metal."""
    built = it.level("mp_10x_to_build")
    assert built > case("mp_10x_grants", "no_grants").level("mp_10x_to_build") > 0.0
    assert built > case("mp_10x_grants", "no_floor").level("mp_10x_to_build")
    assert built <= 7_000.0


@says("australia_reserve")
def floor_purchases(it: Case) -> None:
    """The floor holds, the money lasts, and separation in Malaysia pays more."""
    network = it.result.solved.program.network
    at = (0, network.goods.index("concentrate"), network.regions.index("Australia"))
    assert it.result.solved.state.price[at] == pytest.approx(37_000.0, rel=1e-6)
    assert -261.0e6 < it.treasury("Australia") < 0.0
    assert it.users("concentrate", "Malaysia") > 0.0


@says("section_301_magnets")
def section_301(it: Case) -> None:
    assert it.users("magnet", "United States") > 0.0
    assert it.price("magnet", "Japan") > 0.0  # buyers move to the origin without the duty
    assert it.treasury("United States") > 0.0


@says("us_tariff_steps")
def tariff_steps(it: Case) -> None:
    """China pays 30 % in 2025, 35 % in the middle of 2026 and 25 % in 2027, others 10, 10 and 0."""
    alone = case("section_301_magnets").users("magnet", "United States")
    emergency = case("us_tariff_steps", "y2025").users("magnet", "United States")
    assert it.users("magnet", "United States") > emergency > alone
    later = case("us_tariff_steps", "y2027").users("magnet", "United States")
    assert later == pytest.approx(alone, rel=1e-9)


@says("us_45x")
def credit(it: Case) -> None:
    """Each step of the phase-down helps less than the one before; after the last, nobody."""
    steps = [it, *(case("us_45x", f"y{year}") for year in (2031, 2032, 2033, 2034))]
    helped = [step.output("oxide", "United States") for step in steps]
    assert helped == sorted(helped, reverse=True)
    assert len({round(h, 3) for h in helped}) == len(helped)
    assert helped[-1] == pytest.approx(0.0, abs=1e-6)
    assert it.treasury("United States") < 0.0


@says("us_minimum_import_price")
def minimum_price(it: Case) -> None:
    assert it.users("magnet", "United States") > 0.0
    assert it.gain("exporters") > 0.0
    # the gap is theirs: treasuries get no more than duties on a higher invoice
    assert abs(it.treasury("United States")) < 0.1 * it.gain("exporters")


@says("motors_floor_magnets")
def magnets_alone(it: Case) -> None:
    """Motor makers in the zone pay the floor on magnets, those outside do not."""
    assert it.output("motor", "EU") < 0.0
    assert it.output("motor", "United States") < 0.0
    assert it.output("motor", "China") > 0.0
    assert it.output("magnet", *ZONE) > 0.0


@says("motors_floor_and_content")
def magnets_and_content(it: Case) -> None:
    alone = case("motors_floor_magnets")
    for region in ("EU", "United States"):
        assert it.output("motor", region) > alone.output("motor", region)
        assert it.users("motor", region) > alone.users("motor", region) > 0.0
    assert it.output("motor", "China") < alone.output("motor", "China")


@says("motors_duty_content")
def duty_on_motors(it: Case) -> None:
    assert it.output("motor", "United States") > 0.0
    assert it.users("motor", "United States") > 0.0
    assert it.use("magnet", "United States") > 0.0


@says("motors_duty_full_value")
def cut_off(it: Case) -> None:
    """5 % by weight is below 15 %: nothing is due."""
    assert it.users("motor", "United States") == pytest.approx(0.0, abs=1e-6)
    assert it.treasury("United States") == pytest.approx(0.0, abs=1.0)
