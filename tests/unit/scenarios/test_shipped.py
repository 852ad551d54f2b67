"""Every scenario moves what its policy is about as reasoning says.

No number of the library is an expectation here: signs, orders and identities only, each with its
reason.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

import pricing
import tests.support.directions_chains  # fills DIRECTIONS, as the next two lines do
import tests.support.directions_support
import tests.support.directions_trade  # noqa: F401
from tests.support.shipped import DIRECTIONS, ZONE, case

PAGE = Path(__file__).parents[3] / "docs" / "scenarios.md"


def test_every_scenario_has_a_line_in_the_documents_and_a_direction() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert set(DIRECTIONS) == set(pricing.shipped_scenarios())
    assert [name for name in DIRECTIONS if f"| `{name}` |" not in text] == []


def _day(text: str) -> date:
    """A date as the page writes it, 4 Apr 2025."""
    return datetime.strptime(text, "%d %b %Y").replace(tzinfo=UTC).date()


def test_dates_of_the_documents_are_those_of_the_policies() -> None:
    """Else a scenario that asks for a year counts what the page says is over, or not yet there."""
    day = r"(\d{1,2} [A-Z][a-z]{2} \d{4})"
    said = {
        name: (_day(first), _day(last) if last else None)
        for name, first, last in re.findall(
            rf"^\| `(\w+)` \|[^|]*\| (?:from )?{day}(?: to {day})?", PAGE.read_text("utf-8"), re.M
        )
    }
    documents = {name: pricing.load_scenario(name).document for name in DIRECTIONS}
    stated = {n: [(p.start, p.end) for p in d.policies] for n, d in documents.items()}
    assert {name: dates for name, dates in said.items() if dates not in stated[name]} == {}
    # a scenario of one year may say more about its policies than a cell holds
    dated = {n for n, d in documents.items() if any(p.start for p in d.policies)}
    assert {n for n in dated if documents[n].assumptions.year is None} <= set(said)


@pytest.mark.parametrize("name", sorted(DIRECTIONS))
def test_scenario_solves_and_moves_as_its_policy_says(name: str) -> None:
    solved = case(name)

    assert solved.result.diagnostics.residual < 1e-8
    assert np.isfinite(solved.result.solved.state.price).all()
    DIRECTIONS[name](solved)


@pytest.mark.parametrize("name", sorted(DIRECTIONS))
def test_a_reader_is_told_what_a_scenario_stands_for(name: str) -> None:
    """A sentence or more for people, and a date on the source of every policy."""
    document = pricing.load_scenario(name).document

    assert len(document.description) > 100
    for policy in document.policies:
        assert document.sources[policy.source].date


def test_the_ban_of_gallium_follows_its_dates() -> None:
    """Nothing arrives in 2025, the base year comes back while it is suspended, then nothing."""

    def sold(year: int) -> float:
        patches = () if year == 2025 else (f"y{year}",)
        return case("gallium_ban_on_us", *patches).flow("gallium", "China", "United States")

    before = case("gallium_ban_on_us").result.reference.state
    assert sold(2025) == sold(2027) == 0.0
    assert sold(2026) > 0.0
    assert sold(2026) in before.flow
    assert case("gallium_ban_on_us").users("gallium", "United States") > 0.0


@pytest.mark.parametrize(
    ("name", "good", "floor", "most"),
    [
        ("australia_reserve_antimony", "concentrate", 19_866.0, 1_270.0),
        ("australia_reserve_gallium", "gallium", 483_000.0, np.inf),
    ],
)
def test_the_reserve_of_australia_holds_its_floor(
    name: str, good: str, floor: float, most: float
) -> None:
    """The floor holds, a part of the money does, and buyers elsewhere pay more."""
    it, home = case(name), "Rest of world"
    network = it.result.solved.program.network
    at = (0, network.goods.index(good), network.regions.index(home))
    bought = -it.treasury(home) / floor

    assert it.result.solved.state.price[at] == pytest.approx(floor, rel=1e-9)
    assert 0.0 < bought < most
    assert bought * floor < 261.0e6
    assert it.output(good, home) > 0.0
    assert it.users(good, "China") > 0.0


@pytest.mark.parametrize("good", ["antimony", "gallium"])
def test_project_vault_makes_buyers_pay_when_it_fills_and_spares_them_under_a_ban(
    good: str,
) -> None:
    """Sixty days of use are bought; drawn under the ban, they leave users with a smaller loss."""
    name, home = f"project_vault_{good}", "United States"
    filled = case(name)
    network = filled.result.solved.program.network
    at = network.goods.index(good), network.regions.index(home)
    used = float(network.flow[at[0], :, at[1]].sum())
    spent = -float(filled.result.accounts.agents.treasury_lines["stockpile", "fill"][0, at[1]])
    price = float(filled.result.solved.state.index[0][at])
    assert spent == pytest.approx(used * 60.0 / 365.0 * price, rel=1e-3)
    assert filled.users(good, home) > 0.0

    alone, with_it = (case(name, f"ban_{how}_reserve") for how in ("without", "with"))
    lost = [-float(it.result.accounts.agents.users_by_region[0, at[1]]) for it in (alone, with_it)]
    assert lost[0] > lost[1] > 0.0
    if good == "antimony":
        said = f"from {lost[0] / 1e6:.0f} to {lost[1] / 1e6:.0f} million USD"
        assert said in " ".join(PAGE.read_text(encoding="utf-8").split())


def test_the_page_tells_what_the_floors_do_to_two_plants() -> None:
    """The one that makes its own metal, and the one that buys it in."""
    built = [
        f"{case(name, *patches).level(plant):,.0f}"
        for name, plant in (("mp_10x_grants", "mp_10x_to_build"), ("osc_loan_vulcan", "vulcan"))
        for patches in ((), ("no_floor",))
    ]
    said = (
        "10X builds {} t a year with them and {} without, Vulcan {} and {}, with the money in both"
    ).format(*built)
    assert said in " ".join(PAGE.read_text(encoding="utf-8").split())


def test_the_page_adds_up_what_sixty_days_cost() -> None:
    """Magnets, antimony, gallium and cobalt, in million USD of the treasury's purchases."""
    spent = []
    for name, policy in (
        ("project_vault_60_days", "vault"),
        ("project_vault_antimony", "fill"),
        ("project_vault_gallium", "fill"),
        ("project_vault_cobalt", "fill"),
    ):
        lines = case(name).result.accounts.agents.treasury_lines
        spent.append(-float(lines["stockpile", policy].sum()) / 1e6)
    magnets, antimony, gallium, cobalt = spent
    said = (
        f"cost {magnets:.0f} million USD of magnets, {antimony:.0f} of antimony, {gallium:.0f} of "
        f"gallium and {cobalt:.0f} of cobalt at the prices that buying them makes: "
        f"{10.0 * round(sum(spent) / 10.0):.0f} million"
    )
    assert said in " ".join(PAGE.read_text(encoding="utf-8").split())


def test_the_page_compares_the_answers_of_exporters_with_the_numbers_of_the_library() -> None:
    """Tonnes from China to the zone, its exporters' gain, the zone's treasuries and users."""
    names = ("only", "repriced", "restrained", "set_prices")
    for solved in (case(f"forge_oxide_{name}") for name in names):
        agents, network = solved.result.accounts.agents, solved.result.solved.program.network
        zone = [network.regions.index(member) for member in ZONE]
        china = network.regions.index("China")
        tonnes = sum(solved.flow("oxide", "China", member) for member in ZONE)
        money = (
            agents.exporters[0, china],
            agents.treasuries[0, zone].sum(),
            agents.users_by_region[0, zone].sum(),
        )
        cells = " | ".join([f"{tonnes:.0f}", *(f"{value / 1e6:.1f}" for value in money)])
        assert f"| `{solved.result.scenario.id}` | {cells} |" in PAGE.read_text(encoding="utf-8")
