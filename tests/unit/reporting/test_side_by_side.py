"""Scenarios side by side: the same numbers as each alone, only what differs in the inputs."""

import pytest

import pricing
from pricing.errors import InputError
from pricing.reporting import figures
from pricing.reporting.for_people import difference_table
from pricing.reporting.side_by_side import (
    NO_POLICY,
    common_split,
    comparable,
    differing_references,
    inputs_side_by_side,
    results_side_by_side,
)
from tests.support.hand import rich

PRICE = "policies.floor.level.prices.oxide"
FIGURES = (figures.compared_prices, figures.compared_output, figures.compared_gains)


@pytest.fixture(scope="module")
def variants(floor: pricing.Result, untouched: pricing.Result) -> dict[str, pricing.Result]:
    dear = pricing.solve(floor.scenario.but({PRICE: "80 USD/kg"}))
    return {"floor": floor, "none": untouched, "dear": dear}


def test_inputs_list_only_what_differs(variants: dict[str, pricing.Result]):
    pair = {name: variants[name].scenario for name in ("floor", "dear")}
    table = inputs_side_by_side(pair)

    assert table.to_dict("records") == [
        {"path": PRICE, "floor": "70 USD/kg", "dear": "80 USD/kg"},
    ]
    assert inputs_side_by_side({"floor": variants["floor"].scenario}).empty
    whole = inputs_side_by_side({name: result.scenario for name, result in variants.items()})
    assert (whole["none"] == "-").all()


def test_a_scenario_may_not_be_called_like_a_column(floor: pricing.Result):
    for name in ("good", "path", "unit", NO_POLICY):
        with pytest.raises(InputError, match=f"'{name}'. Choose another name"):
            results_side_by_side({name: floor})
        with pytest.raises(InputError, match=f"'{name}'. Choose another name"):
            inputs_side_by_side({name: floor.scenario})


def test_results_are_those_of_the_tidy_table(variants: dict[str, pricing.Result]):
    table = results_side_by_side(variants).set_index(["what", "good", "regions"])

    for name, result in variants.items():
        rows = result.table().query("scenario == @result.scenario.id")
        net = rows[rows["variable"].isin(["surplus_change", "public_funds_cost"])]["value"].sum()
        assert table.loc[("net", "", "world"), name] == pytest.approx(net / 1e6)
        made = rows.query("variable == 'production' and process.isna() and good == 'magnet'")
        zone = made[made["region"].isin(["Alpha", "Beta"])]["value"].sum()
        assert table.loc[("output", "magnet", "in the zone"), name] == pytest.approx(zone)
    none = table["none"].drop(index="net", level="what")
    assert none.to_list() == pytest.approx(
        table[NO_POLICY].drop(index="net", level="what").to_list()
    )
    parts = table.drop(index="world", level="regions").loc["net"].sum()
    assert parts["dear"] == pytest.approx(table.loc[("net", "", "world"), "dear"])


def test_groups_are_those_of_the_first_with_a_policy(variants: dict[str, pricing.Result]):
    order = {name: variants[name] for name in ("none", "floor")}

    assert common_split(order).zone == "allies"


def test_figures_of_several_chains_are_refused(variants: dict[str, pricing.Result]):
    with pytest.raises(InputError, match=r"not about the same things: .*rich on hand"):
        common_split({**variants, "rich": pricing.solve(rich())})


def test_other_chains_and_other_assumptions_are_noticed(variants: dict[str, pricing.Result]):
    elastic = variants["floor"].scenario.but(
        {"assumptions.elasticities.demand": {"value": "0.4 1", "source": "made_up"}}
    )
    more = {"good": "magnet", "region": "all", "factor": "1.1 1", "source": "made_up"}
    grown = variants["floor"].scenario.but({"assumptions.demand": [more]})
    foreign = {**variants, "rich": pricing.solve(rich()), "grown": pricing.solve(grown)}

    assert list(comparable(foreign)) == [*variants, "grown"]
    assert differing_references(comparable(foreign)) == ["grown"]
    # Another elasticity leaves the calibrated base year as it is.
    assert differing_references({**variants, "elastic": pricing.solve(elastic)}) == []


@pytest.mark.parametrize("draw", FIGURES)
def test_figures_are_whole_and_their_template_knows_no_data(draw, variants):
    figure = draw(variants)

    assert figure.spec is draw({"floor": variants["floor"]}).spec
    assert figure.chart().to_dict(validate=True)["datasets"]
    for result in variants.values():
        assert result.scenario.hash[:12] in figure.source
    for rows in figure.data.values():
        assert rows["sentence"].str.endswith(".").all()


def test_marks_are_the_numbers_of_the_table(variants: dict[str, pricing.Result]):
    table = results_side_by_side(variants).set_index(["what", "good", "regions"])
    prices = figures.compared_prices(variants).table.set_index(["place", "name"])["value"]
    output = figures.compared_output(variants).table.set_index(["place", "name"])["value"]
    net = figures.compared_gains(variants)

    for name in (NO_POLICY, *variants):
        bought = table.loc[("price, buyers pay", "oxide", "in the zone"), name]
        made = table.loc[("output", "magnet", "outside"), [NO_POLICY, name]]
        assert prices["oxide in the zone\nbuyers pay", name] == pytest.approx(bought)
        change = 100.0 * (made.iloc[1] / made.iloc[0] - 1.0)
        assert output["magnet\noutside", name] == pytest.approx(change)
    for name in variants:
        place = f"{name}\nin the zone"
        drawn = net.data["net"].set_index("place").loc[place, "net"]
        bars = net.data["parts"].set_index("place")["change"]
        assert drawn == pytest.approx(table.loc[("net", "", "in the zone"), name])
        assert drawn == pytest.approx(bars[place].sum())


def test_every_difference_is_shown_in_usd_per_kg(variants: dict[str, pricing.Result]):
    comparison = pricing.compare(variants["none"], variants["dear"])
    ours, plain = difference_table(comparison), comparison.table()

    assert len(ours) == len(plain)
    assert "USD/t" not in set(ours["unit"])
    told = ["variable", "good", "region", "baseline", "scenario", "difference", "unit"]
    assert list(ours)[:7] == told  # a reader need not scroll for the numbers
    prices = ours["unit"] == "USD/kg"
    assert prices.any()
    for shown, factor in ((prices, 1e-3), (~prices, 1.0)):
        for side in ("baseline", "scenario", "difference"):
            given = plain.loc[shown, side].to_numpy(dtype=float, na_value=0.0) * factor
            assert ours.loc[shown, side].to_numpy(dtype=float, na_value=0.0) == pytest.approx(given)
