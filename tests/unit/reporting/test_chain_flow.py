"""The chain in one measure: what enters a stage leaves it, and nothing is lost on the way."""

import pytest

import pricing
from pricing.accounts.embodied import embodied
from pricing.reporting.chain_flow import End, equivalents, flows, nodes


def balance(solved) -> None:
    """Every node: sales out of it and inputs into it, by two roads; the world: ends and sources."""
    found = list(flows(solved))
    for node in nodes(solved):
        key = node.good, node.region
        out = sum(f.amount for f in found if (f.good, f.origin) == key)
        into = sum(f.amount for f in found if (f.made, f.destination) == key)
        assert out == pytest.approx(node.leaving, rel=1e-8)
        assert into == pytest.approx(node.entering, rel=1e-8)
    ends = sum(f.amount for f in found if f.end is not None)
    assert ends == pytest.approx(sum(node.added for node in nodes(solved)), rel=1e-9)


@pytest.mark.parametrize("name", pricing.shipped_scenarios())
def test_every_stage_balances(name: str):
    result = pricing.solve(name)
    balance(result.solved)
    balance(result.reference)


def with_hidden_magnets() -> pricing.Result:
    """Chinese magnets that may be sold as Vietnam's."""
    base = pricing.load_scenario("section_301_magnets")
    route = {
        "good": "magnet",
        "origin": "China",
        "via": "Vietnam",
        "destinations": ["United States", "EU"],
        "share": "20 %",
        "evasion_cost": "1 USD/kg",
        "source": next(iter(base.document.sources)),
    }
    return pricing.solve(base.but({"assumptions.transshipments": [route]}))


def test_disguised_goods_flow_from_where_they_are_made():
    result = with_hidden_magnets()
    balance(result.solved)
    network, state = result.solved.program.network, result.solved.state
    hidden = network.regions.index("China via Vietnam")
    magnet, us, china = (
        network.goods.index("magnet"),
        network.regions.index("United States"),
        network.regions.index("China"),
    )
    assert state.flow[0, magnet, hidden, us] > 100.0
    assert hidden not in {node.region for node in nodes(result.solved)}
    drawn = sum(
        f.tonnes
        for f in flows(result.solved)
        if (f.good, f.origin, f.destination) == (magnet, china, us)
    )
    assert drawn == pytest.approx(state.flow[0, magnet, [china, hidden], us].sum())


def test_what_is_in_disguised_goods_comes_from_where_they_are_made():
    result = with_hidden_magnets()
    network, state = result.solved.program.network, result.solved.state
    magnet, us = network.goods.index("magnet"), network.regions.index("United States")
    inside = embodied(network, state)[0, magnet, :, us]
    arrivals = network.under_true_origins(state.flow[0, magnet, :, us])
    assert inside[magnet] == pytest.approx(arrivals / arrivals.sum())
    assert not inside[:, network.regions.index("China via Vietnam")].any()
    recipe = inside.sum(axis=1) / inside[magnet].sum()
    assert recipe[network.goods.index("metal")] == pytest.approx(0.3135, rel=1e-9)


def test_made_up_chain_balances(floor: pricing.Result):
    balance(floor.solved)


def test_equivalents_are_the_recipes_in_a_row():
    result = pricing.solve("baseline")
    network = result.solved.program.network
    size = dict(zip(network.goods, equivalents(network, result.solved.state), strict=True))

    # Input coefficients of the chain file, one after the other.
    assert size == pytest.approx(
        {
            "concentrate": 1.0,
            "oxide": 0.880984,
            "metal": 0.880984 * 1.183413,
            "magnet": 0.880984 * 1.183413 * 0.3135,
        }
    )


def test_only_scrap_adds_after_the_mine():
    result = pricing.solve("baseline")
    network = result.solved.program.network
    added = {
        (network.goods[n.good], network.regions[n.region]): n.added
        for n in nodes(result.solved)
        if n.good > 0 and abs(n.added) > 1e-6
    }
    level = dict(zip(network.processes, result.solved.state.level[0], strict=True))

    assert added == pytest.approx(
        {
            ("oxide", "China"): 0.880984 * level["scrap_china"],
            ("oxide", "Japan"): 0.880984 * level["scrap_japan"],
        }
    )


def test_tonnes_add_up_to_trade_and_use(floor: pricing.Result):
    state = floor.solved.state
    found = list(flows(floor.solved))
    for g in range(state.price.shape[1]):
        sold = sum(f.tonnes for f in found if f.good == g and f.end in (None, End.USERS))
        assert sold == pytest.approx(state.flow[0, g].sum())
    assert {f.end for f in found} == {None, End.USERS}


def test_purchases_leave_the_chain(floor: pricing.Result):
    purchase = {
        "id": "buy",
        "kind": "intervention_purchase",
        "good": "oxide",
        "region": "Alpha",
        "floor": "75 USD/kg",
        "cap": "20 t/yr",
        "source": "made_up",
    }
    result = pricing.solve(floor.scenario.but(policies=[purchase]))
    stored = [f.tonnes for f in flows(result.solved) if f.end is End.STOCKS]

    assert stored == pytest.approx([20.0])
    balance(result.solved)
