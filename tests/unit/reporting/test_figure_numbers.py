"""What figures show is what tables and accounts say."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.reporting import figures


def tidy(result: pricing.Result, variable: str):
    """Rows of one variable of the scenario itself, from the tidy table."""
    table = result.table()
    return table[(table["scenario"] == result.scenario.id) & (table["variable"] == variable)]


def test_output_equals_the_tidy_table(floor: pricing.Result, untouched: pricing.Result):
    drawn = figures.output_by_region(floor, untouched).table.set_index("place")
    table = tidy(floor, "production")
    for row in table[table["process"].isna()].itertuples():
        if row.value > 0.0:
            shown = drawn.loc[f"{row.good}, {row.region}", "scenario_output"]
            assert shown == pytest.approx(row.value)


def test_prices_lie_between_those_of_the_regions(floor: pricing.Result, untouched: pricing.Result):
    drawn = figures.prices_by_stage(floor, untouched).table.set_index("place")
    table = tidy(floor, "buyer_price")
    for good in floor.scenario.chain.goods:
        regional = table[table["good"] == good.id]["value"] / 1000.0
        places = [place for place in drawn.index if place.startswith(f"{good.id}, landed, ")]
        assert places
        for place in places:
            price = drawn.loc[place, "scenario"]
            assert regional.min() * (1 - 1e-9) <= price <= regional.max() * (1 + 1e-9)
    references = tidy(floor, "reference_price").groupby("good")["value"].max() / 1000.0
    for good, price in references.items():
        assert drawn.loc[f"{good}, landed, in the zone", "floor"] == pytest.approx(price)


@pytest.mark.parametrize("show", list(figures.Show))
def test_trade_matrix_equals_the_tidy_table(show, floor: pricing.Result, untouched: pricing.Result):
    for good in (good.id for good in floor.scenario.chain.goods):
        cells = figures.trade_matrix(floor, untouched, good, show).table
        value = cells.set_index(["origin", "destination"])["value"]
        after, before = (tidy(result, "flow") for result in (floor, untouched))
        keys = ["good", "region", "partner"]
        after, before = after.set_index(keys)["value"], before.set_index(keys)["value"]
        expected = {
            figures.Show.SCENARIO: after,
            figures.Show.BASELINE: before,
            figures.Show.DIFFERENCE: after - before,
        }[show][good]
        shared = value.index.intersection(expected.index)
        assert len(shared) > 0
        assert value[shared].to_list() == pytest.approx(expected[shared].to_list(), abs=1e-6)
        assert value.sum() == pytest.approx(expected.sum(), abs=1e-6)


def test_parts_sum_to_the_net_and_to_the_tidy_table(
    floor: pricing.Result, untouched: pricing.Result
):
    figure = figures.who_pays(floor, untouched)
    parts = figure.data["parts"].groupby("place")["change"].sum()
    net = figure.data["net"].set_index("place")["net"]
    rows = [tidy(floor, name) for name in ("surplus_change", "public_funds_cost")]
    world = sum(table["value"].sum() for table in rows) / 1e6

    assert parts.to_dict() == pytest.approx(net.to_dict())
    assert world != 0.0
    assert net.sum() == pytest.approx(world)


def test_bars_of_a_price_end_at_the_landed_price(floor: pricing.Result, untouched: pricing.Result):
    for result, state in ((floor, "scenario"), (untouched, "baseline")):
        figure = figures.price_build_up(floor, untouched, "magnet", "Outside", "Alpha")
        bars = figure.table[figure.table["state"] == state].set_index("step")
        table = tidy(result, "landed_price").set_index(["good", "region", "partner"])["value"]
        landed = table["magnet", "Outside", "Alpha"] / 1000.0

        parts = bars.drop("landed price")
        assert bars.loc["landed price", "x2"] == pytest.approx(landed)
        assert parts["amount"].sum() == pytest.approx(landed)
        assert parts["x"].to_list()[1:] == pytest.approx(parts["x2"].to_list()[:-1])


def test_a_closed_route_has_no_price():
    ban = pricing.solve("china_export_ban")
    closed = np.argwhere(ban.reference.program.open_arcs & ~ban.solved.program.open_arcs)
    network = ban.solved.program.network
    g, i, j = closed[0]

    figure = figures.price_build_up(
        ban,
        figures.NoPolicy.of(ban),
        network.goods[g],
        network.regions[i],
        network.regions[j],
    )

    assert figure.table.query("state == 'scenario'")["amount"].eq(0.0).all()
    assert (
        figure.table.query("state == 'baseline' and step == 'landed price'")["amount"].gt(0).all()
    )
    assert "no sale" in figure.data["steps"]["label"].iloc[-1]


def test_steps_of_a_market_are_its_flows_and_landed_prices(
    floor: pricing.Result, untouched: pricing.Result
):
    figure = figures.market(floor, untouched, "oxide", "Beta")
    keys = ["good", "region", "partner"]
    flow, landed = (tidy(floor, name).set_index(keys)["value"] for name in ("flow", "landed_price"))
    blocks = figure.table.groupby("place").agg({"tonnes": "first", "y2": "max", "x": "first"})
    for origin, block in blocks.iterrows():
        assert block["tonnes"] == pytest.approx(flow["oxide", origin, "Beta"])
        assert block["y2"] == pytest.approx(landed["oxide", origin, "Beta"] / 1000.0)
    assert blocks.sort_values("x")["y2"].is_monotonic_increasing
    used = figure.data["points"].set_index("state")["x"]
    assert used["scenario"] == pytest.approx(blocks["tonnes"].sum())
    # The demand curve passes through the point of the solution.
    curve = figure.data["demand"].query("state == 'scenario'")
    point = figure.data["points"].set_index("state").loc["scenario"]
    assert np.hypot(*(curve[axis] / point[axis] - 1.0 for axis in "xy")).min() < 1e-9
    assert figure.data["floors"]["y"].to_list() == [70.0]


def test_first_shown_is_the_good_that_moves_and_its_main_trade(floor: pricing.Result):
    # A levy of some 16 USD/kg on 600 t of magnets, of some 19 on 100 t of oxide.
    assert figures.most_moved(floor) == "magnet"
    assert figures.most_moved(pricing.solve("mp_price_guarantee")) == "oxide"
    # A ban moves no money; without China's metal its price in the zone rises thirtyfold.
    assert figures.most_moved(pricing.solve("china_export_ban")) == "metal"
    # Only Beta uses oxide among the allies.
    assert figures.main_buyer(floor, "oxide") == "Beta"
    # China's ban is felt by those who buy from it.
    assert figures.main_buyer(pricing.solve("china_export_ban"), "magnet") != "China"
    assert figures.usual_origin(floor, "oxide", "Beta") in ("Alpha", "Outside")
    assert figures.usual_origin(floor, "magnet", "Outside") == "Outside"


def test_ribbons_keep_their_size_and_fill_their_nodes(
    floor: pricing.Result, untouched: pricing.Result
):
    figure = figures.chain_flow(floor, untouched)
    ends = figure.data["ribbons"].groupby("link").agg(["first", "last"])
    thick = ends["y2"] - ends["y"]
    nodes = figure.data["nodes"]
    numbers = figure.table.query("use == 'final users'").groupby("state")["equivalent [t/yr]"].sum()

    assert thick["first"].to_list() == pytest.approx(thick["last"].to_list())
    last = nodes[nodes["x2"] == nodes["x2"].max()]
    size = (last["y2"] - last["y"]).to_numpy()
    assert size.sum() / size.max() > 1.0
    arriving = ends[ends["x"]["last"] == last["x"].iloc[0]]
    heights = (arriving["y2"]["last"] - arriving["y"]["last"]).sum()
    assert heights == pytest.approx(size.sum())
    top, below = last.iloc[: len(last) // 2], last.iloc[len(last) // 2 :]
    ratio = (below["y2"] - below["y"]).sum() / (top["y2"] - top["y"]).sum()
    assert ratio == pytest.approx(numbers["scenario"] / numbers["baseline"])


def test_treasuries_name_policies_as_their_writer_did(floor: pricing.Result):
    (policy,) = floor.scenario.document.policies
    base = figures.NoPolicy.of(floor)
    figure = figures.treasury(floor, base)
    own = figure.table[figure.table["place"].str.contains(policy.label)]
    assert len(own)
    assert own["sentence"].str.contains(policy.label).all()

    twin = floor.scenario.data()["policies"][0] | {"id": "twin", "label": policy.label}
    both = floor.scenario.but(policies=[*floor.scenario.data()["policies"], twin])
    places = figures.treasury(pricing.solve(both), base).table["place"]
    assert not places.str.contains(policy.label).any()  # one label for two: ids tell them apart
    assert places.str.contains(policy.id).any()


def test_producers_by_stage_add_up_to_producers_of_each_region():
    """What the bars of a region show together, here by stage; one process by hand."""
    result = pricing.solve("forge_oxide_only")
    base = figures.NoPolicy.of(result)
    table = figures.producers(result, base).table
    whole = figures.who_pays(result, base).data["parts"]
    makers = whole[whole["agent"] == "producers"].set_index("place")["change"]
    good, region = zip(*table["place"].str.split(", ", n=1), strict=True)
    by_region = table.assign(region=region).groupby("region")["change"].sum()
    for name in ("Japan", "United States", "China"):
        assert by_region[name] == pytest.approx(makers[name], rel=0.01)  # the smallest left out
    agents = result.accounts.agents
    k = agents.network.processes.index("magnet_japan")
    drawn = table[(np.array(good) == "magnet") & (np.array(region) == "Japan")]["change"]
    assert drawn.to_list() == [pytest.approx(agents.processes[0, k] / 1e6)]


def test_treasury_equals_the_accounts(floor: pricing.Result, untouched: pricing.Result):
    drawn = figures.treasury(floor, untouched).table["change"].sum()

    # Changes below 1 USD are left out of the figure.
    expected = tidy(floor, "indicator_treasury_change")["value"].sum() / 1e6
    assert drawn == pytest.approx(expected, abs=1e-4)


def test_nothing_moves_against_itself(untouched: pricing.Result):
    figure = figures.trade_change(untouched, untouched)

    assert figure.table.empty
    assert "No flow differs" in figure.alt
