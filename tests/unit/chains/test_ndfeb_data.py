"""The shipped NdFeB data: rebuilt, balanced, anchored, priced and sourced."""

import csv
import dataclasses
import io
import json

import numpy as np
import pytest

from pricing.chains.load import load_chain
from pricing.chains.ndfeb_build import RECORD, build_from, build_ndfeb, read_sources, record
from pricing.chains.ndfeb_report import CHAIN_RULES, render_report, report_ndfeb, report_of
from pricing.chains.rawdata import RawTable
from pricing.chains.tables import TradeCosts
from pricing.core.resources import configs_root
from pricing.core.sources import Grade
from pricing.errors import InputError

VARIANTS = ("central", "home_bias", "proportional")
REGIONS = (
    "China", "United States", "EU", "Japan", "Korea", "Australia", "Malaysia", "Myanmar", "Vietnam",
    "India", "Brazil", "Rest of world",
)  # fmt: skip


@pytest.fixture(scope="module")
def sources():
    return read_sources(configs_root())


@pytest.fixture(scope="module")
def results(sources):
    return build_from(sources)


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


# --- the tables ---------------------------------------------------------------------------


def test_rebuild_gives_the_committed_tables(results):
    assert tuple(results) == VARIANTS
    for result in results.values():
        text = (configs_root() / "data" / result.table).read_text(encoding="utf-8")
        there = list(csv.DictReader(io.StringIO(text)))
        here = list(csv.DictReader(io.StringIO(result.text)))
        keys = ("variable", "good", "region", "partner", "process", "use", "unit", "source")
        assert [[r[k] for k in keys] for r in there] == [[r[k] for k in keys] for r in here]
        np.testing.assert_allclose(
            [float(r["value"]) for r in here], [float(r["value"]) for r in there], rtol=1e-10
        )


def test_two_rebuilds_are_the_same_to_the_last_bit(results):
    again = build_ndfeb(configs_root())

    assert {v: r.sha256 for v, r in again.items()} == {v: r.sha256 for v, r in results.items()}


def test_recorded_hashes_are_those_of_the_inputs(sources, chain):
    data = configs_root() / "data"
    stated = json.loads((data / RECORD).read_text(encoding="utf-8"))

    assert stated["inputs"] == sources.hashes
    assert stated["tables"] == {b.table: b.sha256 for b in chain.benchmarks.values()}


def test_record_is_json_of_inputs_and_tables(sources, results):
    assert set(json.loads(record(sources, results))) == {"inputs", "tables"}


def test_values_are_written_in_full(results):
    for row in csv.DictReader(io.StringIO(results["central"].text)):
        assert repr(float(row["value"])) == row["value"]


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


def test_thin_margin_is_refused(sources, results):
    thin = sources.rules.prices.revised(
        metal_margin={**sources.rules.prices.metal_margin, "China": 0.03}
    )
    changed = dataclasses.replace(sources, rules=sources.rules.revised(prices=thin))

    with pytest.raises(InputError, match=r"the margin of metal in China is 3\.0% of its price"):
        build_from(changed)


def test_anchors_of_rules_and_raw_table_must_agree(sources):
    held = sources.rules.held.revised(eu_use=21_000.0)

    with pytest.raises(InputError, match="the rules hold another value than the raw table"):
        build_from(dataclasses.replace(sources, rules=sources.rules.revised(held=held)))


def test_coefficients_must_follow_from_raw_figures(sources):
    rules = sources.rules.revised(loss_separation={"value": 5, "unit": "%"})

    with pytest.raises(InputError, match="separation: the coefficients differ"):
        build_from(dataclasses.replace(sources, rules=rules))


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


def test_every_raw_row_is_read_or_set_aside_by_a_rule(sources, results):
    report = report_of(sources, results)

    assert sum(report.rows.values()) == len(sources.raw.rows)
    assert len(report.set_aside) == sum(r.use != "used" for r in sources.raw.rows)
    assert sources.raw.unread(CHAIN_RULES) == []


def test_unread_row_is_an_error(sources, results):
    row = dataclasses.replace(sources.raw.rows[0], id="stray")
    raw = RawTable([*sources.raw.rows, row], "raw")

    with pytest.raises(RuntimeError, match=r"nothing reads them: .*stray"):
        report_of(dataclasses.replace(sources, raw=raw), results)


def test_duties_elasticities_and_capacities_of_the_chain_are_those_of_the_raw_table(chain, sources):
    raw = {row.id: float(row.value) for row in sources.raw.rows if row.value}
    duty = {(d.good, d.importer): d.rate.fraction for d in chain.duties if d.origin == "all"}
    for good in ("magnet", "metal", "oxide", "concentrate"):
        assert duty[good, "United States"] == pytest.approx(raw[f"duty_us_{good}"] / 100.0)
    for name, key in (("eu", "EU"), ("china", "China")):
        for good in ("magnet", "metal"):
            assert duty[good, key] == pytest.approx(raw[f"duty_{name}_{good}"] / 100.0)
    elasticity = chain.elasticities
    assert elasticity["mine_supply"].short.central == raw["glombo_supply_short"]
    assert elasticity["mine_supply"].long.central == raw["glombo_supply_long"]
    assert elasticity["magnet_demand"].long.central == -raw["glombo_demand_long"]
    assert elasticity["sourcing_magnet"].long.central == 1.0 - raw["trade_elasticity"]
    capacity = {p.id: p.capacity.tonnes for p in (*chain.processes, *chain.latent) if p.capacity}
    assert capacity["separation_malaysia"] == raw["lynas_capacity"]
    assert capacity["magnet_vietnam"] == raw["shin_etsu_vietnam"]
    assert capacity["metal_rest_of_world"] == raw["lcm_capacity"]
    assert capacity["mine_china"] == pytest.approx(1e3 * raw["iea_mine_china"])
    assert capacity["mp_independence"] + capacity["mp_10x"] == raw["mp_10x_total"]


def test_supply_elasticities_are_of_output_price(chain):
    for technology in chain.technologies:
        assert chain.elasticities[technology.supply.elasticity].of == "output_price"


# --- report ---------------------------------------------------------------------------------


def test_report_reads():
    report = report_ndfeb(configs_root())
    text = render_report(report)

    assert len(report.decisions) >= 15
    assert all(one.before and one.after and one.why for one in report.decisions)
    assert "{" not in text
    assert "75,099.0" in text
    assert "magnet:China>EU" in text
    assert min(report.smallest_margin.values()) >= 0.05
    assert max(len(line) for line in text.splitlines()) < 900
