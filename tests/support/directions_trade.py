"""What export controls, reference prices and answers to them must do, with the reason of each."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.shipped import ZONE, Case, case, says


@says("baseline")
@says("baseline_motors")
def baseline(it: Case) -> None:
    assert max(abs(it.price(good, "China")) for good in ("oxide", "metal", "magnet")) < 1e-6


@says("china_export_ban")
def ban_on_the_zone(it: Case) -> None:
    assert all(it.flow("magnet", "China", member) == 0.0 for member in ZONE)
    assert it.users("magnet", "EU") > 0.0
    assert it.price("magnet", "China") < 0.0  # what the zone does not take is for sale elsewhere


@says("china_ban_on_japan")
def ban_on_japan(it: Case) -> None:
    assert it.flow("oxide", "China", "Japan") == 0.0
    assert it.price("oxide", "Malaysia") > 0.0  # the other large seller of oxide to Japan
    assert it.users("magnet", "Japan") > it.users("magnet", "EU") > 0.0


@says("china_licences_2025")
def licences_2025(it: Case) -> None:
    assert it.users("magnet", "EU") > 0.0
    assert it.users("magnet", "China") < 0.0
    assert it.gain("exporters") == 0.0  # what a licence is worth is lost


@says("china_truce_2026")
def truce(it: Case) -> None:
    """Use hardly answers within a year, so that even 2 % less is dear."""
    half = case("china_truce_2026", "y2025")
    assert it.relative("magnet", "EU") == pytest.approx(1.0 / 7.0, abs=0.01)
    assert 0.0 < it.users("magnet", "EU") < half.users("magnet", "EU")
    alone = case("china_licences_2025")
    assert half.users("magnet", "EU") == pytest.approx(alone.users("magnet", "EU"), rel=1e-9)


@says("china_snap_back_2027")
def snap_back(it: Case) -> None:
    """Fewer licences, and for oxide too: less is used abroad than under half of them."""
    for region in ("EU", "United States", "Korea"):
        half = case("china_truce_2026", "y2025").use("magnet", region)
        assert it.use("magnet", region) < half < case("china_truce_2026").use("magnet", region)


@says("derivative_duty_content")
def content_duty(it: Case) -> None:
    """44 % of the value at 50 % is 22 % of it, less than the 25 % of the full value."""
    full = case("derivative_duty_full_value")
    assert 0.0 < it.users("magnet", "United States") < full.users("magnet", "United States")


@says("derivative_duty_full_value")
def full_value_duty(it: Case) -> None:
    assert it.treasury("United States") > 0.0
    # no magnets are made at home, so nobody there gains from it
    assert it.output("magnet", "United States") == 0.0


@says("eu_magnets_cut")
def eu_cut(it: Case) -> None:
    half = 0.5 * 17_500.0
    assert it.flow("magnet", "China", "EU") == pytest.approx(half, rel=1e-3)
    assert it.users("magnet", "EU") > 0.0 > it.users("magnet", "United States")
    assert it.output("magnet", "EU") > 0.0


@says("eu_sourcing_65")
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


@says("forge_oxide_repriced")
def repriced(it: Case) -> None:
    """The same flows and landed prices; what the treasuries lose goes abroad."""
    answered(it)
    keeps = case("forge_oxide_only")
    assert it.flow("oxide", "China", "Japan") == keeps.flow("oxide", "China", "Japan")
    assert it.gain("exporters") > 0.0


@says("forge_oxide_restrained")
def restrained(it: Case) -> None:
    """A little less than the levy leaves: exporters hold nearly the whole gap of it."""
    answered(it)
    keeps = case("forge_oxide_only")
    assert sum(it.flow("oxide", "China", member) for member in ZONE) == pytest.approx(100.0)
    assert it.users("oxide", "Japan") > keeps.users("oxide", "Japan")
    assert it.gain("exporters") > 0.0


@says("forge_oxide_set_prices")
def set_prices(it: Case) -> None:
    """It takes the gap, yet loses: most of the sales on which it earned a markup are gone."""
    answered(it)
    assert it.gain("exporters") < 0.0
    network = it.result.solved.program.network
    price = it.result.reference.state.price[0, network.goods.index("oxide")]
    china = float(price[network.regions.index("China")])
    assert 0.0 < network.sellers.base.max() < 0.25 * china
    assert np.abs(it.result.reference.state.multiplier).max() < 1e-6 * china  # base year holds


@says("forge_oxide_only")
def oxide_floor(it: Case) -> None:
    assert it.price("oxide", "Malaysia") > 0.0
    assert it.output("metal", "Japan") < 0.0  # dearer oxide, no help for metal
    assert it.treasury("Japan") > 0.0


@says("forge_all_sales")
def all_sales(it: Case) -> None:
    """Members' own oxide is dear too: metal makers there lose more than behind a border floor.

    Sellers of oxide keep more than they lose, the stages around them lose more than that.
    """
    assert it.output("metal", "Japan") <= case("forge_oxide_only").output("metal", "Japan") < 0.0
    kept = it.gain("exporters")
    assert kept + it.makers("oxide", *ZONE) > 0.0
    assert kept + sum(it.makers(good, *ZONE) for good in it.goods) < 0.0
    assert it.makers("metal", "China") > kept


@says("forge_all_stages")
@says("forge_uncertain")
def all_stages(it: Case) -> None:
    assert it.output("magnet", *ZONE) > 0.0
    assert it.users("magnet", "EU") > 0.0
    assert it.treasury("EU") > 0.0
    assert it.price("magnet", "China") < 0.0


@says("forge_oxide_and_content")
def oxide_and_content(it: Case) -> None:
    """The duty on oxide inside magnets closes the way round the floor on oxide."""
    alone = case("forge_oxide_only")
    assert it.output("magnet", *ZONE) > alone.output("magnet", *ZONE)
    assert it.users("magnet", "EU") > alone.users("magnet", "EU")


@says("forge_rent_to_exporters")
def rent_to_exporters(it: Case) -> None:
    """Same landed prices under `duty_paid`; the money goes to exporters instead of treasuries."""
    levy = case("forge_all_stages")
    assert it.users("magnet", "EU") == pytest.approx(levy.users("magnet", "EU"), rel=1e-6)
    assert it.treasury("EU") < 0.1 * levy.treasury("EU")
    assert it.gain("exporters") > 0.0


@says("forge_uniform_levy")
def uniform_levy(it: Case) -> None:
    """A levy per member lifts its makers to the reference, which levies by origin do not."""
    network = it.result.solved.program.network
    at = (0, network.goods.index("magnet"), network.regions.index("Japan"))
    reference = 1000.0 * (0.3135 * (1.183413 * (0.880984 * 96.48 + 25.0) + 7.3) + 31.4)
    assert it.result.solved.state.price[at] == pytest.approx(reference, rel=1e-4)
    assert case("forge_all_stages").result.solved.state.price[at] < 0.99 * reference
    assert it.users("magnet", "EU") > 0.0


@says("forge_with_new_plants")
def with_new_plants(it: Case) -> None:
    """Behind the levies the zone makes more magnets; the announced plants are in both worlds."""
    assert it.output("magnet", *ZONE) > 0.0
    assert it.result.reference.state.output[0][3, 1] > 0.0  # magnets, United States


@says("forge_without_eu")
def without_eu(it: Case) -> None:
    """Outside, the EU's users are spared the levies of the zone; its magnet makers lose them."""
    inside = case("forge_all_stages")
    assert it.users("magnet", "EU") < 0.1 * inside.users("magnet", "EU")
    assert it.output("magnet", "EU") < inside.output("magnet", "EU")
    assert it.treasury("EU") < inside.treasury("EU")
    assert it.users("magnet", "Japan") > 0.0
