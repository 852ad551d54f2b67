"""The shipped NdFeB chain: balanced, anchored, priced, sourced. test_every_chain rebuilds it."""

import json

import numpy as np
import pytest

from pricing.chains.load import load_chain
from pricing.chains.tables import TradeCosts
from pricing.core.sources import Grade

VARIANTS = ("central", "home_bias", "proportional")
REGIONS = (
    "China", "United States", "EU", "Japan", "Korea", "Australia", "Malaysia", "Myanmar", "Vietnam",
    "India", "Brazil", "Rest of world",
)  # fmt: skip


@pytest.fixture(scope="module")
def chain():
    return load_chain("ndfeb")


def rows(chain, variant, variable, good=None):
    found = chain.benchmarks[variant].rows
    return [r for r in found if r.variable == variable and (good is None or r.good == good)]


def flows(chain, variant, good):
    return {(r.region, r.partner): r.value for r in rows(chain, variant, "flow", good)}


def level(chain, variant):
    return {r.process: r.value for r in rows(chain, variant, "production")}


# --- the chain ----------------------------------------------------------------------------


def test_chain_has_the_agreed_names(chain):
    assert chain.id == "ndfeb"
    assert tuple(g.id for g in chain.goods) == ("concentrate", "oxide", "metal", "magnet")
    assert tuple(r.id for r in chain.regions) == REGIONS
    assert tuple(chain.benchmarks) == VARIANTS
    fob = {r.id for r in chain.regions if r.customs_value == "fob"}
    assert fob == {"United States", "Australia"}
    for process in chain.processes:
        stage = process.id.partition("_")[0]
        assert process.id == f"{stage}_{process.region.lower().replace(' ', '_')}"


# --- balances and anchors -------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_good_balances_everywhere(chain, variant):
    made, used = {}, {}
    technology = {t.id: t for t in chain.technologies}
    levels = level(chain, variant)
    assert set(levels) == {p.id for p in chain.processes}
    for process in chain.processes:
        recipe = technology[process.technology]
        for target, coefficients in ((made, recipe.outputs), (used, recipe.inputs)):
            for good, ratio in coefficients.items():
                at = good, process.region
                target[at] = target.get(at, 0.0) + ratio.base * levels[process.id]
    for row in rows(chain, variant, "use"):
        used[row.good, row.region] = used.get((row.good, row.region), 0.0) + row.value
    out, arrived = {}, {}
    for row in rows(chain, variant, "flow"):
        assert row.value > 0.0
        out[row.good, row.region] = out.get((row.good, row.region), 0.0) + row.value
        arrived[row.good, row.partner] = arrived.get((row.good, row.partner), 0.0) + row.value

    assert out == pytest.approx(made, rel=1e-12)
    assert arrived == pytest.approx(used, rel=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
def test_anchors_hold(chain, variant):
    levels, magnets = level(chain, variant), flows(chain, variant, "magnet")
    into_eu = {i: t for (i, j), t in magnets.items() if j == "EU"}
    prices = {(r.good, r.region): r.value for r in rows(chain, variant, "producer_price")}

    assert sum(t for p, t in levels.items() if p.startswith("mine_")) == pytest.approx(
        75_099.0, rel=1e-12
    )
    assert prices["oxide", "China"] == 55_000.0
    assert into_eu.pop("China") == 17_500.0
    assert into_eu.pop("EU") == 1_000.0
    assert sum(into_eu.values()) == pytest.approx(1_500.0, rel=1e-12)
    assert levels["magnet_eu"] == pytest.approx(1_000.0, rel=1e-12)
    assert [j for i, j in magnets if i == "EU"] == ["EU"]


def test_free_quantities_lie_in_the_range_of_the_sources(chain):
    levels = level(chain, "central")
    world = {
        stage: sum(t for p, t in levels.items() if p.startswith(stage))
        for stage in ("magnet", "scrap")
    }

    assert 213_000.0 < world["magnet"] < 277_000.0
    assert 0.0 < world["scrap"] < 20_000.0


@pytest.mark.parametrize("variant", VARIANTS)
def test_capacities_hold_the_benchmark(chain, variant):
    levels = level(chain, variant)
    for process in chain.processes:
        if process.capacity is not None:
            assert levels[process.id] < process.capacity.tonnes


def test_variants_differ_only_in_oxide_and_metal_trade_and_prices(chain):
    for variant in VARIANTS[1:]:
        for good in ("concentrate", "magnet"):
            assert flows(chain, variant, good) == flows(chain, "central", good)
        assert level(chain, variant) == pytest.approx(level(chain, "central"), rel=1e-12)
        assert flows(chain, variant, "metal") != pytest.approx(
            flows(chain, "central", "metal"), rel=0.1
        )


# --- prices ---------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_margin_is_at_least_five_per_cent_at_buyers_prices(chain, variant):
    goods = [g.id for g in chain.goods]
    price = np.full((4, 12), np.nan)
    for row in rows(chain, variant, "producer_price"):
        price[goods.index(row.good), REGIONS.index(row.region)] = row.value
    landed = TradeCosts(chain).landed(price)
    bought, paid = {}, {}
    for row in rows(chain, variant, "flow"):
        g, i, j = goods.index(row.good), REGIONS.index(row.region), REGIONS.index(row.partner)
        bought[row.good, row.partner] = bought.get((row.good, row.partner), 0.0) + row.value
        cost = landed[g, i, j] * row.value
        paid[row.good, row.partner] = paid.get((row.good, row.partner), 0.0) + cost
    recipes = {t.id: t for t in chain.technologies}
    for process in chain.processes:
        recipe = recipes[process.technology]
        at = REGIONS.index(process.region)
        value = sum(c.base * price[goods.index(g), at] for g, c in recipe.outputs.items())
        inputs = sum(
            c.base * paid[g, process.region] / bought[g, process.region]
            for g, c in recipe.inputs.items()
        )
        assert (value - inputs) / value >= 0.05, process.id


# --- announced plants -----------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANTS)
def test_announced_plants_can_buy_their_inputs(chain, variant):
    prior, recipes = {}, {t.id: t for t in chain.technologies}
    for row in rows(chain, variant, "prior_share"):
        prior[row.good, row.partner] = prior.get((row.good, row.partner), 0.0) + row.value
    assert prior == pytest.approx(dict.fromkeys(prior, 1.0), rel=1e-12)
    for plant in chain.latent:
        for good in recipes[plant.technology].inputs:
            used = any(j == plant.region for _, j in flows(chain, variant, good))
            assert used != ((good, plant.region) in prior), plant.id


# --- sources --------------------------------------------------------------------------------


def test_every_source_is_used_and_estimates_say_how(chain):
    text = json.dumps(chain.model_dump(mode="json", exclude={"sources"}))
    for name, source in chain.sources.items():
        assert f'"{name}"' in text, f"nothing refers to {name}"
        if source.grade is Grade.ESTIMATE:
            assert source.derivation


def test_every_benchmark_row_has_a_source_and_a_derivation(chain):
    for benchmark in chain.benchmarks.values():
        assert all(row.source in chain.sources and row.derivation for row in benchmark.rows)


def test_supply_elasticities_are_of_output_price(chain):
    for technology in chain.technologies:
        assert chain.elasticities[technology.supply.elasticity].of == "output_price"
