"""What scenarios of other chains than the magnets' must do, with the reason of each."""

from __future__ import annotations

import pytest

import pricing
from tests.support.shipped import Case, case, says

US = "United States"
REST = "Rest of world"


@says("antimony_export_ban")
def antimony_ban(it: Case) -> None:
    """What China may not sell to one buyer it sells to others, who sell theirs to that buyer."""
    assert it.flow("antimony", "China", US) == 0.0
    assert it.users("antimony", US) > 0.0 > it.users("antimony", "China")
    assert it.price("antimony", "China") < 0.0 < it.output("antimony", US)


def banned_abroad(it: Case, good: str) -> None:
    """Nothing leaves China: it has too much, everybody else too little."""
    assert all(it.flow(good, "China", region) == 0.0 for region in (US, "EU", REST))
    assert it.users(good, "China") < 0.0
    assert all(it.users(good, region) > 0.0 for region in (US, "EU", REST))
    assert it.output(good, "China") < 0.0 < it.output(good, REST)


@says("gallium_export_ban")
def gallium_ban(it: Case) -> None:
    banned_abroad(it, "gallium")


@says("germanium_export_ban")
def germanium_ban(it: Case) -> None:
    """Prices rise by more than the 26 % of the report, as the text of the scenario says."""
    banned_abroad(it, "germanium")
    assert it.relative("germanium", "EU") > 3.0 * 0.26


@says("gallium_ban_on_us")
def gallium_ban_on_one(it: Case) -> None:
    assert it.flow("gallium", "China", US) == 0.0
    assert it.users("gallium", US) > 0.0


@says("germanium_ban_on_us")
def germanium_ban_on_one(it: Case) -> None:
    """China sold the United States little of what it used: others make up for nearly all of it."""
    assert it.flow("germanium", "China", US) == 0.0
    assert 0.0 < it.relative("germanium", US) < 1.3 / 23.4
    eased = case("germanium_ban_on_us", "y2026")
    assert eased.users("germanium", US) == pytest.approx(0.0, abs=1e-6)
    back = case("germanium_ban_on_us", "y2027").users("germanium", US)
    assert back == pytest.approx(it.users("germanium", US), rel=1e-9)


@says("korea_stock_lithium")
def lithium_stock(it: Case) -> None:
    """24 days of use at no less than the price of before; all of the plan costs more per tonne."""
    network = it.result.solved.program.network
    g, korea = network.goods.index("chemical"), network.regions.index("Korea")
    bought = float(network.flow[g, :, korea].sum()) * 30.0 / 365.0 - 1770.0
    paid = -it.treasury("Korea") / bought
    assert paid > float(network.buyer_price[g, korea])
    assert min(it.users("chemical", "Korea"), it.users("chemical", "Japan")) > 0.0
    assert it.output("chemical", "China") > 0.0
    whole = case("korea_stock_lithium", "days_100")
    assert whole.treasury("Korea") < it.treasury("Korea") * 94.0 / 24.0


@says("drc_cobalt_quota")
def cobalt_quota(it: Case) -> None:
    """Sellers hold the quota; mines elsewhere and users abroad take the rest of the cut."""
    assert it.output("intermediate", "DR Congo") < 0.0 < it.output("intermediate", "Indonesia")
    assert it.price("intermediate", "DR Congo") < 0.0 < it.users("cobalt", "China")
    assert it.gain("exporters") > 0.0
    assert it.use("cobalt", "China") < 0.0


@says("drc_cobalt_quota_stocks")
def cobalt_quota_and_stocks(it: Case) -> None:
    """What is released fills a part of a shortage: the price stays at the choke."""
    without = case("drc_cobalt_quota")
    assert without.missing("cobalt") - it.missing("cobalt") == pytest.approx(29_424.0, rel=1e-6)
    assert it.users("cobalt", "China") == pytest.approx(without.users("cobalt", "China"), rel=1e-6)
    assert it.relative("cobalt", "China") == pytest.approx(4.0, rel=1e-6)  # five times
    assert it.treasury("China") > 0.0


@says("heavy_licences_2025")
def heavy_licences(it: Case) -> None:
    """A quarter gets out; separators of clay live on three products, so NdPr is dearer too."""
    network = it.result.solved.program.network
    for good in ("dysprosium", "terbium"):
        g, china, rest = (network.goods.index(good), *map(network.regions.index, ("China", REST)))
        licensed = 0.25 * float(network.flow[g, china, rest])
        assert it.flow(good, "China", REST) == pytest.approx(licensed, rel=1e-6)
        assert it.users(good, "China") < 0.0 < it.users(good, REST)
    assert it.price("ndpr", "China") > 0.0 > it.output("clay", "China")


@says("ndpr_guarantee_outside")
def ndpr_guarantee(it: Case) -> None:
    """More NdPr presses its price, so that less clay is separated and its heavy oxides are dear."""
    for region in (US, "Malaysia"):
        assert it.output("ndpr", region) > 0.0 > it.treasury(region)
    assert it.price("ndpr", "China") < 0.0 < it.price("dysprosium", "China")
    assert it.price("terbium", "China") > 0.0


@says("indonesia_nickel_quota")
def nickel_quota(it: Case) -> None:
    network = it.result.solved.program.network
    mined = network.goods.index("ore"), network.regions.index("Indonesia")
    assert float(it.result.solved.state.output[(0, *mined)]) == pytest.approx(1_903_000.0, rel=1e-6)
    assert it.output("ore", "Philippines") > 0.0
    assert it.relative("nickel", "China") > 1.0  # more than doubles, says its text


@says("lithium_reference_price")
def lithium_floor(it: Case) -> None:
    """Nobody in the zone makes any: users pay the reference, treasuries take the gap."""
    for member in (US, "EU", "Japan", "Korea"):
        assert it.landed("chemical", "China", member) >= 12_500.0 * (1.0 - 1e-7)
        assert it.treasury(member) > 0.0 > -it.users("chemical", member)
    network = it.result.solved.program.network
    g, korea = network.goods.index("chemical"), network.regions.index("Korea")
    for origin, sign in (("Chile", -1.0), ("China", 1.0)):  # the levy takes away who was cheaper
        before = float(network.flow[g, network.regions.index(origin), korea])
        assert sign * (it.flow("chemical", origin, "Korea") - before) > 0.0
    assert it.price("chemical", "Chile") < 0.0


@says("zimbabwe_lithium_ban")
def lithium_ban(it: Case) -> None:
    assert it.flow("concentrate", "Zimbabwe", "China") == 0.0
    assert it.price("concentrate", "Australia") > 0.0
    assert it.users("chemical", "Korea") > 0.0


@says("tungsten_section_301")
def tungsten_duty(it: Case) -> None:
    """A quarter of the invoice is paid; others sell to the United States what they used."""
    network = it.result.solved.program.network
    apt, china, us = network.goods.index("apt"), *map(network.regions.index, ("China", US))
    flow, price = it.flow("apt", "China", US), it.result.solved.state.price[0, apt, china]
    assert 0.0 < flow < float(network.flow[apt, china, us])
    assert it.treasury(US) == pytest.approx(0.25 * flow * float(price), rel=1e-6)
    assert it.output("apt", US) > 0.0 > it.price("apt", "China")
    assert it.users("apt", US) > 0.0 > it.users("apt", "China")


@says("us_graphite_duties")
def graphite_duties(it: Case) -> None:
    """Anode from Japan and Korea takes the place of China's; all that are charged collect."""
    kept = case("us_graphite_duties", "section_301_alone")
    other = "Japan and Korea"
    assert it.flow("anode", other, US) > 2.0 * kept.flow("anode", other, US)
    assert it.users("anode", US) > kept.users("anode", US) > 0.0
    assert it.treasury(US) > kept.treasury(US) > 0.0


@says("canada_matawinie")
def guarantee_for_a_mine(it: Case) -> None:
    """As much is built as is guaranteed, as the market pays less than a tonne costs: the gap is
    paid, users gain, and every other mine sells for less. Of a mine that stands it moves little."""
    standing = case("canada_matawinie", "built")
    network = it.result.solved.program.network
    mine = network.processes.index("matawinie")
    assert float(it.result.reference.state.level[0, mine]) == 0.0
    assert it.level("matawinie") == pytest.approx(30_000.0, rel=1e-6)
    at = (0, network.goods.index("flake"), network.regions.index(REST))
    price, before = (
        float(state.price[at]) for state in (it.result.solved.state, it.result.reference.state)
    )
    (plant,) = (p for p in pricing.load_chain("graphite").latent if p.id == "matawinie")
    cost = plant.supply.cost_at_zero.usd_per_tonne + plant.annuity / plant.capacity.tonnes
    assert price < before < cost < 1_050.0  # the price at which the text says it needs no help
    assert price == pytest.approx(562.0, abs=1.0)
    whole = plant.capacity.tonnes
    rest = (cost * whole - 1_500.0 * 30_000.0) / (whole - 30_000.0)
    assert rest == pytest.approx(717.0, abs=1.0)
    assert it.treasury(REST) == pytest.approx(-30_000.0 * (1_500.0 - price), rel=1e-6)
    assert all(it.makers("flake", region) < 0.0 for region in ("China", "East Africa", "Brazil"))
    assert it.users("flake", US) < 0.0
    assert it.users("flake", REST) < 0.0
    unaided = float(standing.result.reference.state.level[0, mine])
    assert unaided == pytest.approx(27_335.0, abs=1.0)
    assert 0.0 < standing.output("flake", REST) < 0.2 * it.output("flake", REST)
    assert standing.makers("flake", REST) > -0.9 * standing.treasury(REST)


def fills(it: Case, good: str) -> None:
    """Buying for a stock makes the good dearer everywhere, and the treasury pays."""
    assert it.users(good, US) > 0.0
    assert it.price(good, "China") > 0.0
    assert it.treasury(US) < 0.0


@says("project_vault_antimony")
def vault_antimony(it: Case) -> None:
    fills(it, "antimony")


@says("project_vault_gallium")
def vault_gallium(it: Case) -> None:
    fills(it, "gallium")


@says("project_vault_cobalt")
def vault_cobalt(it: Case) -> None:
    fills(it, "cobalt")


@says("australia_reserve_antimony")
def reserve_antimony(it: Case) -> None:
    assert it.price("concentrate", REST) > 0.0 > it.treasury(REST)


@says("australia_reserve_gallium")
def reserve_gallium(it: Case) -> None:
    assert it.price("gallium", REST) > 0.0 > it.treasury(REST)


def held_up(it: Case, good: str, zone: tuple[str, ...], reference: float) -> None:
    """Nothing from outside lands below it: users pay, treasuries collect, China sells for less."""
    network = it.result.solved.program.network
    g = network.goods.index(good)
    for member in zone:
        j = network.regions.index(member)
        outside = [r for r in network.regions if r not in zone]
        bought = [r for r in outside if network.flow[g, network.regions.index(r), j] > 0.0]
        assert all(it.landed(good, r, member) >= reference * (1.0 - 1e-7) for r in bought)
        assert float(it.result.reference.state.index[0, g, j]) < reference
        assert it.users(good, member) > 0.0
        assert it.treasury(member) > 0.0
    assert it.price(good, "China") < 0.0


@says("forge_antimony")
def antimony_reference(it: Case) -> None:
    held_up(it, "antimony", (US, "EU", "Japan"), 27_500.0)
    made = float(it.result.reference.state.output[0, it.goods.index("antimony"), 1])
    assert it.output("antimony", US) == pytest.approx(0.03 * made, rel=0.1)


@says("forge_gallium")
def gallium_reference(it: Case) -> None:
    held_up(it, "gallium", (US, "EU"), 530_000.0)
    assert it.output("gallium", US, "EU") == 0.0


@says("forge_germanium")
def germanium_reference(it: Case) -> None:
    held_up(it, "germanium", (US, "EU"), 2_430_000.0)
    assert it.output("germanium", "EU") > 0.0
    network = it.result.solved.program.network
    g, eu = network.goods.index("germanium"), network.regions.index("EU")
    base = network.flow[g, eu]
    for region, sign in (("EU", 1.0), (REST, -1.0)):
        before = float(base[network.regions.index(region)])
        assert sign * (it.flow("germanium", "EU", region) - before) > 0.0


@says("forge_tungsten")
def tungsten_reference(it: Case) -> None:
    held_up(it, "apt", (US,), 48_000.0)
    assert it.output("apt", US) > 0.0
