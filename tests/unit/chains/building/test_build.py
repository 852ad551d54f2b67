"""The builder of base years on a small chain solved by hand, and what it refuses."""

import re
from pathlib import Path

import pytest

from pricing.chains.building.build import build
from pricing.chains.building.files import write
from pricing.chains.building.recipe import Recipe
from pricing.chains.building.report import item_value, render
from pricing.chains.load import load_chain_file
from pricing.core.documents import parse_document
from pricing.core.faults import validate
from pricing.errors import InputError
from tests.support.small_chain import CHAIN, RULES, VALUES, ZEROS, but, formula, refused

ROOT = Path(__file__).parents[4]


def test_totals_trade_and_prices_by_hand(folder):
    """100 t of metal need 200 t of ore: only the mine and the use of the West can give way."""
    built = build("small", folder())
    year = built.variants["central"]
    assert built.totals.values["level of mine"] == pytest.approx(200.0)
    assert built.totals.values["use of metal in West: cars"] == pytest.approx(70.0)
    # Metal: rows 60 and 40, columns 30 and 70, prior [[18, 33], [12, 28]] keeps its cross ratio.
    flow = year.flow[1]
    assert flow.sum(axis=1) == pytest.approx([60.0, 40.0])
    assert flow.sum(axis=0) == pytest.approx([30.0, 70.0])
    assert flow[0, 0] * flow[1, 1] / (flow[0, 1] * flow[1, 0]) == pytest.approx(18 * 28 / (33 * 12))
    # Ore 50 in the West; two tonnes landed in the East cost 120, a margin of 20 % makes 150.
    assert item_value(built, year, "price metal East") == pytest.approx(150.0)
    assert item_value(built, year, "price metal West") == pytest.approx(160.0)
    assert {m.process: m.share for m in year.margins} == pytest.approx(
        {"mine": 1.0, "smelter_east": 0.2, "smelter_west": 1.0 - 100.0 / 160.0}
    )


def test_a_variant_may_leave_recorded_trade_out(folder):
    """Without records trade goes by size: 60 and 40 t of metal to 30 and 70 t of use."""
    prior = {"good": "metal", "recorded": False, "note": "Made up"}
    variants = RULES["variants"] | {"by_size": {"title": "Two", "priors": [prior]}}
    chain = but(CHAIN)
    table = {"title": "Two", "table": "small_benchmark_by_size.csv", "sha256": ZEROS}
    chain["benchmarks"]["by_size"] = table
    built = build("small", folder(chain=chain, rules=but(RULES, variants=variants)))
    assert tuple(built.variants) == ("central", "by_size")
    by_size = built.variants["by_size"]
    assert by_size.flow[1].ravel() == pytest.approx([18.0, 42.0, 12.0, 28.0])
    assert by_size.trade == ()


def test_written_files_load_and_calibrate(folder):
    root = folder()
    written = write(build("small", root), root)
    assert [path.name for path in written] == ["small.yaml", "small_benchmark_central.csv"]
    chain = load_chain_file(written[0], root / "data")
    assert len(chain.benchmarks["central"].rows) > 8
    again = [path.read_bytes() for path in written]
    write(build("small", root), root)
    assert [path.read_bytes() for path in written] == again


def test_report_names_rows_and_rules(folder):
    text = render(build("small", folder()))
    for words in ("level of mine", "-4.8%", "rejected    old", "code", "use metal West"):
        assert words in text


def test_netback_lands_like_its_rival(folder):
    rule = {"kind": "netback", "good": "metal", "regions": ["West"], "rival": "East"}
    rule |= {"market": "East", "why": "Made up"}
    built = build("small", folder(rules=but(RULES, prices=[*RULES["prices"][:2], rule])))
    year = built.variants["central"]
    assert item_value(built, year, "price metal West") == pytest.approx(140.0)


def test_every_row_needs_a_fate(folder):
    text = refused(folder(values=VALUES | {"extra": ("1", "t"), "more": ("2", "t")}))
    assert "'extra' is neither used nor set aside by a rule" in text
    assert "'more' is neither used nor set aside by a rule" in text


def test_a_rule_that_fits_nothing_is_refused(folder):
    idle = {"rule": "idle", "use": "rejected", "ids": ["nothing"], "why": "Made up"}
    text = refused(folder(rules=but(RULES, set_aside=[*RULES["set_aside"], idle])))
    assert "the rule 'idle' fits no row" in text


def test_a_row_set_aside_by_name_is_a_row_and_not_used(folder):
    wrong = {"rule": "wrong", "use": "rejected", "ids": ["east", "eats", "old"], "why": "Made up"}
    text = refused(folder(rules=but(RULES, set_aside=[wrong, *RULES["set_aside"][1:]])))
    assert "'east' of the rule 'wrong' is used in a formula" in text
    assert "'eats' of the rule 'wrong' is no row" in text
    assert "'old'" not in text


def test_unknown_rows_units_and_codes_are_refused(folder):
    levels = [formula("mined", "nowhere", process="mine", deviation=0.1), *RULES["levels"][1:]]
    assert "'nowhere' is used but is no row" in refused(folder(rules=but(RULES, levels=levels)))
    text = refused(folder(values=VALUES | {"east": (">60", "t"), "west": ("40", "stone")}))
    assert "'east' is '>60', which is no number to compute with" in text
    assert "'west' is in 'stone', a unit that nobody knows" in text


def test_processes_and_demands_need_figures(folder):
    rules = but(RULES, levels=RULES["levels"][:2], uses=RULES["uses"][:1])
    rules["levels"] += [formula("west", process="smelter_moon", deviation=0)]
    text = refused(folder(rules=rules))
    assert "'smelter_west' has no level" in text
    assert "'smelter_moon' is no process of the chain" in text
    assert "'metal, West, cars' has no use" in text


def test_a_number_of_the_chain_must_equal_its_rows(folder):
    text = refused(folder(values=VALUES | {"capacity": ("0.08", "kt")}))
    assert "'processes.smelter_east.capacity' is 70 in the chain, but the raw rows give 80" in text
    stated = [formula("capacity", at="processes.smelter_south.capacity")]
    text = refused(folder(rules=but(RULES, stated=stated)))
    assert "the chain has no number at 'processes.smelter_south.capacity'" in text


def test_thin_margins_and_missing_prices_are_refused(folder):
    text = refused(folder(rules=but(RULES, smallest_margin={"share": 0.3, "why": "Made up"})))
    assert "the margin of smelter_east is 20.0% of its revenue, below 30.0%" in text
    text = refused(folder(rules=but(RULES, prices=RULES["prices"][:2])))
    assert "metal of West has no positive price" in text


def test_held_figures_that_contradict_are_refused(folder):
    levels = [formula("mined", process="mine", deviation=0), *RULES["levels"][1:]]
    text = refused(folder(rules=but(RULES, levels=levels)))
    assert "balance 'ore in the world' cannot hold" in text


def test_names_of_routes_and_net_trade_are_checked(folder):
    routes = [formula("east_to_west", good="metal", origin="North", destination="West")]
    routes += [formula("east_to_west", good="iron", origin="East", destination="West")]
    net = [formula("east", good="metal", region="South", deviation=0.1)]
    text = refused(folder(rules=but(RULES, routes=routes, net_exports=net)))
    for words in (
        "'North' is no region of the chain",
        "'South' is no region of the chain",
        "'iron' is no good of the chain",
    ):
        assert words in text


def test_net_trade_pulls_the_totals(folder):
    """The West makes 40 t and buys 30 on balance, so that it uses 70."""
    net = [formula("net_west", good="metal", region="West", factor=-1, deviation=0)]
    values = VALUES | {"net_west": ("30", "t")}
    built = build("small", folder(rules=but(RULES, net_exports=net), values=values))
    assert built.totals.values["net trade in metal of West"] == pytest.approx(30.0)
    assert built.totals.values["use of metal in West: cars"] == pytest.approx(70.0)


def test_announced_plants_get_sellers_by_output(folder):
    chain = but(CHAIN)
    chain["regions"] = [*chain["regions"], dict(chain["regions"][0], id="North")]
    chain["latent"] = [
        {"id": "smelter_north", "label": "Plan", "technology": "smelting", "region": "North"}
        | {"capacity": "10 t/yr", "supply": {"kind": "flat", "cost": "30 USD/t"}}
        | {"parity_share": "5 %", "source": "made_up"}
    ]
    year = build("small", folder(chain=chain)).variants["central"]
    shares = [row for row in year.rows if row.variable == "prior_share"]
    assert [(row.good, row.region, row.partner, row.value) for row in shares] == [
        ("ore", "West", "North", 1.0)
    ]


def test_items_of_checks_must_exist(folder):
    wrong = but(RULES, checks=[formula("east", item="flow metal East to West")])
    with pytest.raises(InputError, match="'flow metal East to West' is no item"):
        render(build("small", folder(rules=wrong)))


def test_columns_and_shared_rows_are_checked(folder):
    root = folder()
    path = root / "data" / "small_raw.csv"
    path.write_text("id,value\n", encoding="utf-8")
    with pytest.raises(InputError, match="wrong columns"):
        build("small", root)
    for row in ("short,row", "," * 12):
        root = folder()
        path.write_text(path.read_text(encoding="utf-8") + f"{row}\n", encoding="utf-8")
        with pytest.raises(InputError, match="this row has not 12 cells"):
            build("small", root)
    root = folder()
    (root / "data" / "common_raw.csv").write_bytes((root / "data" / "small_raw.csv").read_bytes())
    with pytest.raises(InputError, match=r"code, east.* also in"):
        build("small", root)


def test_raw_rows_need_grade_and_source(folder):
    text = refused(folder(values=VALUES | {"east": ("60", "t", "hearsay"), "west": ("40", "")}))
    assert "the grade is 'hearsay', not one of official" in text
    assert "unit missing" in text


def test_the_chain_file_must_name_the_tables(folder):
    chain = but(CHAIN)
    chain["benchmarks"]["central"]["table"] = "other.csv"
    root = folder(chain=chain)
    with pytest.raises(InputError, match="the chain file has no benchmark 'central'"):
        write(build("small", root), root)
    assert not (root / "data" / "small_benchmark_central.csv").exists()


def test_the_rules_of_the_how_to_are_rules():
    text = (ROOT / "docs" / "how-to" / "build-a-benchmark.md").read_text(encoding="utf-8")
    block = re.search(r"```text\n(title: .*?)```", text, re.DOTALL)
    assert block is not None
    rules = validate(Recipe, parse_document(block[1]))
    assert rules.set_aside[0].rule == "other_year"
