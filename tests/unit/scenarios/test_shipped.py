"""Every scenario of the magnet chain moves what its policy is about as reasoning says.

No number of the library is an expectation here: signs, orders and identities only, each with its
reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import pricing

PAGE = Path(__file__).parents[3] / "docs" / "scenarios.md"
ZONE = ("United States", "EU", "Japan", "Korea", "Australia", "Malaysia")


@dataclass(frozen=True)
class Case:
    """A solved scenario, asked by name."""

    result: pricing.Result

    def _at(self, good: str, region: str) -> tuple[int, int]:
        network = self.result.solved.program.network
        return network.goods.index(good), network.regions.index(region)

    def price(self, good: str, region: str) -> float:
        """Change of the ex-works price."""
        return self._change("price", good, region)

    def users(self, good: str, region: str) -> float:
        """Change of the buyers' price."""
        return self._change("index", good, region)

    def output(self, good: str, *regions: str) -> float:
        """Change of output."""
        return sum(self._change("output", good, region) for region in regions)

    def use(self, good: str, region: str) -> float:
        """Change of use."""
        return self._change("use", good, region)

    def flow(self, good: str, origin: str, destination: str) -> float:
        """Tonnes in the scenario."""
        g, i = self._at(good, origin)
        return float(self.result.solved.state.flow[0, g, i, self._at(good, destination)[1]])

    def landed(self, good: str, origin: str, destination: str) -> float:
        """Landed price in the scenario."""
        g, i = self._at(good, origin)
        return float(self.result.solved.state.landed[0, g, i, self._at(good, destination)[1]])

    def share(self, good: str, origin: str, destination: str) -> float:
        """Share of an origin in what a region uses."""
        g, j = self._at(good, destination)
        return self.flow(good, origin, destination) / float(self.result.solved.state.use[0, g, j])

    def level(self, process: str) -> float:
        """Level of a process in the scenario."""
        k = self.result.solved.program.network.processes.index(process)
        return float(self.result.solved.state.level[0, k])

    def treasury(self, region: str) -> float:
        """Change of a treasury's balance."""
        r = self.result.solved.program.network.regions.index(region)
        return float(self.result.accounts.agents.treasuries[0, r])

    def gain(self, agent: str) -> float:
        """Change of all accounts of a kind in the world."""
        rows = self.result.accounts.agents.rows
        return sum(row.change for row in rows if row.account.value == agent and row.in_total)

    def _change(self, name: str, good: str, region: str) -> float:
        place = (0, *self._at(good, region))
        return float(
            getattr(self.result.solved.state, name)[place]
            - getattr(self.result.reference.state, name)[place]
        )


@cache
def case(name: str, *patches: str) -> Case:
    return Case(pricing.solve(pricing.load_scenario(name, patches)))


def baseline(it: Case) -> None:
    assert max(abs(it.price(good, "China")) for good in ("oxide", "metal", "magnet")) < 1e-6


def ban_on_the_zone(it: Case) -> None:
    assert all(it.flow("magnet", "China", member) == 0.0 for member in ZONE)
    assert it.users("magnet", "EU") > 0.0
    assert it.price("magnet", "China") < 0.0  # what the zone does not take is for sale elsewhere


def ban_on_japan(it: Case) -> None:
    assert it.flow("oxide", "China", "Japan") == 0.0
    assert it.price("oxide", "Malaysia") > 0.0  # the other large seller of oxide to Japan
    assert it.users("magnet", "Japan") > it.users("magnet", "EU") > 0.0


def licences_2025(it: Case) -> None:
    assert it.users("magnet", "EU") > 0.0
    assert it.users("magnet", "China") < 0.0
    assert it.gain("exporters") == 0.0  # what a licence is worth is lost


def truce(it: Case) -> None:
    half = case("china_truce_2026", "y2025")
    assert 0.0 < it.users("magnet", "EU") < half.users("magnet", "EU")
    alone = case("china_licences_2025")
    assert half.users("magnet", "EU") == pytest.approx(alone.users("magnet", "EU"), rel=1e-9)


def snap_back(it: Case) -> None:
    """Fewer licences, and for oxide too: less is used abroad than under half of them."""
    for region in ("EU", "United States", "Korea"):
        half = case("china_truce_2026", "y2025").use("magnet", region)
        assert it.use("magnet", region) < half < case("china_truce_2026").use("magnet", region)


def content_duty(it: Case) -> None:
    """44 % of the value at 50 % is 22 % of it, less than the 25 % of the full value."""
    full = case("derivative_duty_full_value")
    assert 0.0 < it.users("magnet", "United States") < full.users("magnet", "United States")


def full_value_duty(it: Case) -> None:
    assert it.treasury("United States") > 0.0
    # no magnets are made at home, so nobody there gains from it
    assert it.output("magnet", "United States") == 0.0


def eu_cut(it: Case) -> None:
    half = 0.5 * 17_500.0
    assert it.flow("magnet", "China", "EU") == pytest.approx(half, rel=1e-3)
    assert it.users("magnet", "EU") > 0.0 > it.users("magnet", "United States")
    assert it.output("magnet", "EU") > 0.0


def eu_cap(it: Case) -> None:
    assert it.share("magnet", "China", "EU") == pytest.approx(0.65, rel=1e-6)
    assert it.price("magnet", "EU") > 0.0
    assert it.users("magnet", "EU") > 0.0


def answered(it: Case) -> None:
    """Whatever outsiders answer, zone users pay the reference or more for Chinese oxide."""
    keeps = case("forge_oxide_only")
    treasuries = sum(it.treasury(member) for member in ZONE)
    assert 0.0 < treasuries < 0.1 * sum(keeps.treasury(member) for member in ZONE)
    assert it.landed("oxide", "China", "Japan") >= 110e3 * (1.0 - 1e-7)
    assert keeps.gain("exporters") == 0.0


def repriced(it: Case) -> None:
    """The same flows and landed prices; what the treasuries lose goes abroad."""
    answered(it)
    keeps = case("forge_oxide_only")
    assert it.flow("oxide", "China", "Japan") == keeps.flow("oxide", "China", "Japan")
    assert it.gain("exporters") > 0.0


def restrained(it: Case) -> None:
    """A little less than the levy leaves: exporters hold nearly the whole gap of it."""
    answered(it)
    keeps = case("forge_oxide_only")
    assert sum(it.flow("oxide", "China", member) for member in ZONE) == pytest.approx(100.0)
    assert it.users("oxide", "Japan") > keeps.users("oxide", "Japan")
    assert it.gain("exporters") > 0.0


def set_prices(it: Case) -> None:
    """It takes the gap, yet loses: most of the sales on which it earned a markup are gone."""
    answered(it)
    assert it.gain("exporters") < 0.0
    network = it.result.solved.program.network
    price = it.result.reference.state.price[0, network.goods.index("oxide")]
    china = float(price[network.regions.index("China")])
    assert 0.0 < network.sellers.base.max() < 0.25 * china
    assert np.abs(it.result.reference.state.multiplier).max() < 1e-6 * china  # base year holds


def oxide_floor(it: Case) -> None:
    assert it.price("oxide", "Malaysia") > 0.0
    assert it.output("metal", "Japan") < 0.0  # dearer oxide, no help for metal
    assert it.treasury("Japan") > 0.0


def all_sales(it: Case) -> None:
    """Members' own oxide is dear too: metal makers there lose more than behind a border floor."""
    assert it.output("metal", "Japan") <= case("forge_oxide_only").output("metal", "Japan") < 0.0


def all_stages(it: Case) -> None:
    assert it.output("magnet", *ZONE) > 0.0
    assert it.users("magnet", "EU") > 0.0
    assert it.treasury("EU") > 0.0
    assert it.price("magnet", "China") < 0.0


def oxide_and_content(it: Case) -> None:
    """The duty on oxide inside magnets closes the way round the floor on oxide."""
    alone = case("forge_oxide_only")
    assert it.output("magnet", *ZONE) > alone.output("magnet", *ZONE)
    assert it.users("magnet", "EU") > alone.users("magnet", "EU")


def rent_to_exporters(it: Case) -> None:
    """Same landed prices under `duty_paid`; the money goes to exporters instead of treasuries."""
    levy = case("forge_all_stages")
    assert it.users("magnet", "EU") == pytest.approx(levy.users("magnet", "EU"), rel=1e-6)
    assert it.treasury("EU") < 0.1 * levy.treasury("EU")
    assert it.gain("exporters") > 0.0


def uniform_levy(it: Case) -> None:
    """A levy per member lifts its makers to the reference, which levies by origin do not."""
    network = it.result.solved.program.network
    at = (0, network.goods.index("magnet"), network.regions.index("Japan"))
    reference = 1000.0 * (0.3135 * (1.183413 * (0.880984 * 96.48 + 25.0) + 7.3) + 31.4)
    assert it.result.solved.state.price[at] == pytest.approx(reference, rel=1e-4)
    assert case("forge_all_stages").result.solved.state.price[at] < 0.99 * reference
    assert it.users("magnet", "EU") > 0.0


def with_new_plants(it: Case) -> None:
    """Behind the levies the zone makes more magnets; the announced plants are in both worlds."""
    assert it.output("magnet", *ZONE) > 0.0
    assert it.result.reference.state.output[0][3, 1] > 0.0  # magnets, United States


def without_eu(it: Case) -> None:
    """Outside, the EU's users are spared the levies of the zone; its magnet makers lose them."""
    inside = case("forge_all_stages")
    assert it.users("magnet", "EU") < 0.1 * inside.users("magnet", "EU")
    assert it.output("magnet", "EU") < inside.output("magnet", "EU")
    assert it.treasury("EU") < inside.treasury("EU")
    assert it.users("magnet", "Japan") > 0.0


def stock_of_oxide(it: Case) -> None:
    assert it.users("oxide", "Japan") > 0.0
    assert it.price("oxide", "China") > 0.0  # everybody pays for filling
    assert it.treasury("Japan") < 0.0


def vault_days(it: Case) -> None:
    assert it.users("magnet", "United States") > 0.0
    assert it.treasury("United States") < 0.0
    # 60 of 366 days of what the country used
    network = it.result.solved.program.network
    used = it.result.reference.state.use[0, network.goods.index("magnet"), 1]
    assert it.use("magnet", "United States") == pytest.approx(used * 60.0 / 365.0, rel=0.02)


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


def buyers_floor(it: Case) -> None:
    # more is made than the contract covers, so the next tonne gets the market price
    assert it.output("oxide", "Malaysia") == pytest.approx(0.0, abs=1e-3)
    assert it.gain("licence_holders") < 0.0
    assert abs(it.treasury("Japan")) < 1.0e6  # no public money is in the clause


def price_guarantee(it: Case) -> None:
    assert it.output("oxide", "United States") > 0.0
    assert it.treasury("United States") < 0.0
    assert it.users("oxide", "United States") <= 0.0


def offtake_of_a_plant(it: Case) -> None:
    """80 % of 400 t stay in the country, and somebody bears the discount."""
    assert it.flow("metal", "United States", "United States") >= 320.0 * (1.0 - 1e-6)
    assert it.gain("licence_holders") < 0.0


def offtake_and_earnings(it: Case) -> None:
    assert it.flow("magnet", "United States", "United States") >= 7000.0 * (1.0 - 1e-6)
    assert it.level("mp_10x") > 0.0
    # 140 million at most for earnings; the discount on tonnes comes on top
    lines = it.result.accounts.agents.treasury_lines
    (paid,) = (change for (_, policy), change in lines.items() if policy == "earnings")
    assert -140.0e6 <= float(paid.sum()) <= 0.0


def loan(it: Case) -> None:
    """Money for capital makes more of the plant worth building."""
    assert it.level("vulcan") > case("osc_loan_vulcan", "no_support").level("vulcan") > 0.0
    assert it.level("vulcan") <= 10_000.0


def floor_purchases(it: Case) -> None:
    """The floor holds, the money lasts, and separation in Malaysia pays more."""
    network = it.result.solved.program.network
    at = (0, network.goods.index("concentrate"), network.regions.index("Australia"))
    assert it.result.solved.state.price[at] == pytest.approx(37_000.0, rel=1e-6)
    assert -261.0e6 < it.treasury("Australia") < 0.0
    assert it.users("concentrate", "Malaysia") > 0.0


def section_301(it: Case) -> None:
    assert it.users("magnet", "United States") > 0.0
    assert it.price("magnet", "Japan") > 0.0  # buyers move to the origin without the duty
    assert it.treasury("United States") > 0.0


def tariff_steps(it: Case) -> None:
    """Nothing in 2025, both in the middle of 2026, section 301 alone in 2027."""
    assert case("us_tariff_steps", "y2025").users("magnet", "United States") == pytest.approx(
        0.0, abs=1e-6
    )
    alone = case("section_301_magnets").users("magnet", "United States")
    assert it.users("magnet", "United States") > alone
    later = case("us_tariff_steps", "y2027").users("magnet", "United States")
    assert later == pytest.approx(alone, rel=1e-9)


def credit(it: Case) -> None:
    """Each step of the phase-down helps less than the one before; after the last, nobody."""
    steps = [it, *(case("us_45x", f"y{year}") for year in (2031, 2032, 2033, 2034))]
    helped = [step.output("oxide", "United States") for step in steps]
    assert helped == sorted(helped, reverse=True)
    assert len({round(h, 3) for h in helped}) == len(helped)
    assert helped[-1] == pytest.approx(0.0, abs=1e-6)
    assert it.treasury("United States") < 0.0


def minimum_price(it: Case) -> None:
    assert it.users("magnet", "United States") > 0.0
    assert it.gain("exporters") > 0.0
    # the gap is theirs: treasuries get no more than duties on a higher invoice
    assert abs(it.treasury("United States")) < 0.1 * it.gain("exporters")


def magnets_alone(it: Case) -> None:
    """Motor makers in the zone pay the floor on magnets, those outside do not."""
    assert it.output("motor", "EU") < 0.0
    assert it.output("motor", "United States") < 0.0
    assert it.output("motor", "China") > 0.0
    assert it.output("magnet", *ZONE) > 0.0


def magnets_and_content(it: Case) -> None:
    alone = case("motors_floor_magnets")
    for region in ("EU", "United States"):
        assert it.output("motor", region) > alone.output("motor", region)
        assert it.users("motor", region) > alone.users("motor", region) > 0.0
    assert it.output("motor", "China") < alone.output("motor", "China")


def duty_on_motors(it: Case) -> None:
    assert it.output("motor", "United States") > 0.0
    assert it.users("motor", "United States") > 0.0
    assert it.use("magnet", "United States") > 0.0


def cut_off(it: Case) -> None:
    """5 % by weight is below 15 %: nothing is due."""
    assert it.users("motor", "United States") == pytest.approx(0.0, abs=1e-6)
    assert it.treasury("United States") == pytest.approx(0.0, abs=1.0)


DIRECTIONS: dict[str, Callable[[Case], None]] = {
    "australia_reserve": floor_purchases,
    "baseline": baseline,
    "baseline_motors": baseline,
    "china_ban_on_japan": ban_on_japan,
    "china_export_ban": ban_on_the_zone,
    "china_licences_2025": licences_2025,
    "china_snap_back_2027": snap_back,
    "china_truce_2026": truce,
    "derivative_duty_content": content_duty,
    "derivative_duty_full_value": full_value_duty,
    "eu_magnets_cut": eu_cut,
    "eu_sourcing_65": eu_cap,
    "forge_all_sales": all_sales,
    "forge_all_stages": all_stages,
    "forge_oxide_and_content": oxide_and_content,
    "forge_oxide_only": oxide_floor,
    "forge_oxide_repriced": repriced,
    "forge_oxide_restrained": restrained,
    "forge_oxide_set_prices": set_prices,
    "forge_rent_to_exporters": rent_to_exporters,
    "forge_uncertain": all_stages,
    "forge_uniform_levy": uniform_levy,
    "forge_with_new_plants": with_new_plants,
    "forge_without_eu": without_eu,
    "japan_stock_60_days": stock_of_oxide,
    "lynas_jare": buyers_floor,
    "motors_duty_content": duty_on_motors,
    "motors_duty_full_value": cut_off,
    "motors_floor_and_content": magnets_and_content,
    "motors_floor_magnets": magnets_alone,
    "mp_10x": offtake_and_earnings,
    "mp_price_guarantee": price_guarantee,
    "osc_loan_vulcan": loan,
    "project_vault_60_days": vault_days,
    "project_vault_money": vault_money,
    "realloys_offtake": offtake_of_a_plant,
    "section_301_magnets": section_301,
    "us_45x": credit,
    "us_minimum_import_price": minimum_price,
    "us_tariff_steps": tariff_steps,
}
"""Scenario of the magnet chain -> what must be true of it."""


def test_every_scenario_of_the_magnet_chain_has_a_direction_and_a_line_in_the_documents() -> None:
    documents = {n: pricing.load_scenario(n).document for n in pricing.shipped_scenarios()}
    magnets = {name for name, d in documents.items() if d.chain.startswith("ndfeb")}
    text = PAGE.read_text(encoding="utf-8")

    assert set(DIRECTIONS) == magnets
    assert [name for name in sorted(magnets) if f"| `{name}` |" not in text] == []


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
