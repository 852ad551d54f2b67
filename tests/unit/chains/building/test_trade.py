"""Figures, measured trade and trade by origin in the builder of base years, by hand."""

import numpy as np
import pytest

from pricing.chains.building.build import build
from pricing.chains.building.report import item_value, render
from tests.support.small_chain import CHAIN, RULES, VALUES, but, formula, refused


def flow_of(built, good="metal"):
    """(R, R) flows of the central base year [t]."""
    year = built.variants["central"]
    return year.flow[year.prices.goods.index(good)]


# --- figures ------------------------------------------------------------------------------


def test_a_figure_is_named_like_a_row_and_may_be_what_a_share_leaves(folder):
    """30 % of 60 + 40 t are used in the East."""
    figures = {
        "metal": formula("east", "west"),
        "share_east": formula("used_share_west", complement=True),
    }
    east = formula("metal", times=["share_east"], good="metal", region="East", use="cars")
    rules = but(RULES, figures=figures, uses=[east | {"deviation": 0}, RULES["uses"][1]])
    values = {name: row for name, row in VALUES.items() if name != "used_east"}
    built = build("small", folder(rules=rules, values=values))
    assert built.values.of("share_east") == pytest.approx(0.3)
    assert built.totals.values["use of metal in East: cars"] == pytest.approx(30.0)
    assert "share_east" in render(built)


def test_figures_that_lead_nowhere_are_refused(folder):
    figures = {
        "first": formula("second"),
        "second": formula("east"),
        "idle": formula("east"),
        "west": formula("east"),
    }
    levels = [*RULES["levels"], formula("first", process="smelter_east", deviation=1.0)]
    text = refused(folder(rules=but(RULES, figures=figures, levels=levels)))
    assert "'first' reads 'second', which stands later" in text
    assert "nothing reads the figure 'idle'" in text
    assert "'west' is a row of" in text


def test_a_difference_may_be_as_unsure_as_what_it_is_of(folder):
    """100 t of metal, 33 t used in the East (10 % of the 40 t of west) and 70 t in the West (10 %):
    the gap of 3 t is shared by variance, 4^2 to 7^2."""
    east = formula("used_east", good="metal", region="East", use="cars", factor=1.1)
    east |= {"deviation": 0.1, "deviation_of": "west"}
    built = build("small", folder(rules=but(RULES, uses=[east, RULES["uses"][1]])))
    used = built.totals.values
    assert used["use of metal in East: cars"] == pytest.approx(33.0 - 3.0 * 16.0 / 65.0)
    assert used["use of metal in West: cars"] == pytest.approx(70.0 - 3.0 * 49.0 / 65.0)


# --- trade that is measured ---------------------------------------------------------------


def measured(*routes, **more):
    """Rules with measured trade in metal, without uses of metal."""
    rows = [
        formula(row, good="metal", origin=i, destination=j, deviation=s) for row, i, j, s in routes
    ]
    return but(RULES, routes=rows, uses=[], checks=[], **more)


HOME = {"home_east": ("24", "t"), "home_west": ("38", "t")}
ROUTES = (
    ("home_east", "East", "East", 1.0 / 8.0),
    ("east_to_west", "East", "West", 1.0 / 11.0),
    ("home_west", "West", "West", 0.5),
)


def test_measured_routes_move_with_the_totals(folder):
    """The East makes 60 t; routes of 24 and 33 t, both +-3 t, share the gap. The West makes 40."""
    values = but(VALUES, **HOME)
    del values["used_east"], values["used_share_west"]
    built = build("small", folder(rules=measured(*ROUTES), values=values))
    assert flow_of(built) == pytest.approx(np.array([[25.5, 34.5], [0.0, 40.0]]))
    rows = built.variants["central"].rows
    assert {r.region: r.value for r in rows if r.variable == "use"} == pytest.approx(
        {"East": 25.5, "West": 74.5}
    )
    year = built.variants["central"]
    assert item_value(built, year, "exports metal East") == pytest.approx(34.5)
    assert item_value(built, year, "imports metal West") == pytest.approx(34.5)
    assert "metal: 3 routes, 0 of them without a record" in render(built)


def test_a_use_that_is_stated_binds_the_arrivals(folder):
    """30 t used in the East, so that its own 60 t leave 30 t for the West."""
    values = but(VALUES, **HOME)
    del values["used_share_west"]
    rules = measured(*ROUTES) | {"uses": RULES["uses"][:1]}
    built = build("small", folder(rules=rules, values=values))
    assert flow_of(built) == pytest.approx(np.array([[30.0, 30.0], [0.0, 40.0]]))


def test_one_use_may_be_what_arrives_and_others_do_not_use(folder):
    """The West gets 34.5 + 40 t and uses 50 t for cars; for more cars than tonnes it is refused."""
    boats = dict(CHAIN["demands"][1], use="boats")
    chain = but(CHAIN, demands=[*CHAIN["demands"], boats])
    cars = formula("used_west", good="metal", region="West", use="cars", deviation=0)
    values = but(VALUES, **HOME, used_west=("50", "t"))
    del values["used_east"], values["used_share_west"]
    rules = measured(*ROUTES) | {"uses": [cars]}
    rows = build("small", folder(chain, rules, values)).variants["central"].rows
    used = {(r.region, r.use): r.value for r in rows if r.variable == "use"}
    assert used["West", "boats"] == pytest.approx(24.5)
    text = refused(folder(chain, rules, values | {"used_west": ("80", "t")}))
    assert "West uses 5.5 t more metal than arrive there" in text


def test_measured_trade_needs_a_deviation_everywhere_and_no_prior(folder):
    prior = {"good": "metal", "note": "Made up"}
    rules = measured(*ROUTES[:2], variants={"central": {"title": "One", "priors": [prior]}})
    rules["routes"].append(formula("home_west", good="metal", origin="West", destination="West"))
    values = but(VALUES, **HOME)
    del values["used_east"], values["used_share_west"]
    text = refused(folder(rules=rules, values=values))
    assert "metal from West to West has no deviation" in text
    assert "trade in metal is measured, so that no prior is used" in text


def test_weights_raise_the_routes_that_they_fit(folder):
    """Without records a cross ratio of trade is that of the weights."""
    weights = [{"destination": "West", "value": 9.0}, {"origin": "East", "value": 3.0}]
    prior = {"good": "metal", "home": 2.0, "weights": weights, "recorded": False, "note": "Made up"}
    rules = but(RULES, variants={"central": {"title": "One", "priors": [prior]}})
    flow = flow_of(build("small", folder(rules=rules)))
    ratio = flow[0, 0] * flow[1, 1] / (flow[0, 1] * flow[1, 0])
    assert ratio == pytest.approx(2.0 * 2.0 / (3.0 * 1.0))  # the last that fits holds


def test_names_in_priors_and_prices_are_checked(folder):
    prior = {"good": "iron", "closed": [["Moon", "West"]], "note": "Made up"}
    prior |= {"weights": [{"origin": "Mars", "value": 2.0}]}
    price = dict(RULES["prices"][0], regions=["Venus"])
    variants = {"central": {"title": "One", "priors": [prior]}}
    rules = but(RULES, variants=variants, prices=[*RULES["prices"], price])
    text = refused(folder(rules=rules))
    for name in ("Moon", "Mars", "Venus"):
        assert f"'{name}' is no region of the chain" in text
    assert "'iron' is no good of the chain" in text


def test_a_weight_says_for_which_routes_it_is(folder):
    prior = {"good": "metal", "weights": [{"value": 3.0}], "note": "Made up"}
    rules = but(RULES, variants={"central": {"title": "One", "priors": [prior]}})
    assert "name an origin, a destination, or both" in refused(folder(rules=rules))


# --- trade by origin ----------------------------------------------------------------------


def with_north(**more):
    """The small chain with a North that buys metal and makes none."""
    north = dict(CHAIN["regions"][0], id="North")
    demand = dict(CHAIN["demands"][0], region="North")
    return but(CHAIN, regions=[*CHAIN["regions"], north], demands=[*CHAIN["demands"], demand])


SENT = {
    "east_north": ("15", "t", "press", "East", "trade_to:North"),
    "north_west": ("10", "t", "press", "North", "trade_to:West"),
    "exports_east": ("30", "t"),
}
BY_ORIGIN = {
    "good": "metal",
    "rows": ["east_north", "north_west"],
    "made": {"East": "east", "West": "west"},
    "exports": [{"region": "East", "total": "exports_east"}],
    "smallest": 1.0,
    "deviation": 0.1,
    "why": "Made up",
    "note": "The North makes none",
}


def sent(by_origin=BY_ORIGIN, **rows):
    """Rules and values with recorded trade through the North."""
    rules = measured() | {"by_origin": [by_origin]}
    values = VALUES | SENT | rows
    gone = ("used_east", "used_share_west", "east_to_west")
    return {"rules": rules, "values": {n: row for n, row in values.items() if n not in gone}}


def test_what_the_north_passes_on_is_credited_to_the_east(folder):
    """The East sends 30 t to the North (its total, not the 15 t recorded), 10 t of it go on."""
    built = build("small", folder(chain=with_north(), **sent()))
    want = [[30.0, 10.0, 20.0], [0.0, 40.0, 0.0], [0.0, 0.0, 0.0]]
    assert flow_of(built) == pytest.approx(np.array(want))
    assert built.passed_on == {"metal": {"North": 10.0}}
    assert "metal only passed on: North 10 t" in render(built)


def test_makers_may_sell_their_own_first_or_only_what_they_buy(folder):
    """The West gets 10 t from the North and sends 5 t to the East."""
    more = {"west_east": ("5", "t", "press", "West", "trade_to:East")}
    rows = [*BY_ORIGIN["rows"], "west_east"]
    passed_on = {}
    for rule in ("own_first", "home_first"):
        changed = BY_ORIGIN | {"rows": rows, "sells": {"East": "own_first", "West": rule}}
        built = build("small", folder(chain=with_north(), **sent(changed, **more)))
        passed_on[rule] = built.passed_on["metal"].get("West", 0.0)
        home = flow_of(built)[1, 1]
        assert home == pytest.approx(35.0 if rule == "own_first" else 40.0)
    assert passed_on == pytest.approx({"own_first": 0.0, "home_first": 5.0})


def test_a_route_that_is_known_stands_in_the_place_of_the_record(folder):
    exports = [{"region": "East", "total": "exports_east", "known": {"West": "known"}}]
    rules = BY_ORIGIN | {"exports": exports, "deviations": [{"destination": "West", "value": 2.0}]}
    built = build("small", folder(chain=with_north(), **sent(rules, known=("12", "t"))))
    # 12 t straight to the West, 18 t to the North, of which 10 t go on.
    assert flow_of(built)[0] == pytest.approx([30.0, 22.0, 8.0])


def test_rows_that_are_no_trade_of_the_chain_are_refused(folder):
    wrong = BY_ORIGIN | {"made": {"Moon": "east"}, "good": "iron"}
    text = refused(folder(chain=with_north(), **sent(wrong)))
    assert "'Moon' is no region of the chain" in text
    assert "'iron' is no good of the chain" in text
    known = BY_ORIGIN | {
        "exports": [{"region": "East", "total": "exports_east", "known": {"West": "west"}}]
    }
    text = refused(folder(chain=with_north(), **sent(known)))
    assert "the exports of East leave -10 t for 15 t recorded" in text
    row = ("15", "t", "press", "East", "trade_to:Moon")
    text = refused(folder(chain=with_north(), **sent(east_north=row)))
    assert "'east_north' is no trade between regions of the chain" in text


# --- prices and announced plants ----------------------------------------------------------


def test_conversion_costs_a_multiple_of_what_it_costs_elsewhere(folder):
    """Metal of the East costs 150 with ore for 120; in the West ore costs 100."""
    rule = {"kind": "conversion", "good": "metal", "regions": ["West"], "origin": "East"}
    rule |= {"ratio": 1.5, "why": "Made up"}
    built = build("small", folder(rules=but(RULES, prices=[*RULES["prices"][:2], rule])))
    price = item_value(built, built.variants["central"], "price metal West")
    assert price == pytest.approx(100.0 + 1.5 * 30.0)


@pytest.mark.parametrize(("at_home", "shares"), [((), {"West": 0.9, "North": 0.1}), (("ore",), 1)])
def test_an_announced_plant_may_live_on_what_its_region_makes(folder, at_home, shares):
    chain = with_north()
    chain["processes"] = [
        *chain["processes"],
        dict(chain["processes"][0], id="pit", region="North"),
    ]
    chain["latent"] = [
        {"id": "smelter_north", "label": "Plan", "technology": "smelting", "region": "North"}
        | {"capacity": "10 t/yr", "supply": {"kind": "flat", "cost": "30 USD/t"}}
        | {"parity_share": "5 %", "source": "made_up"}
    ]
    rules = but(RULES, feed_at_home=list(at_home))
    held = RULES["levels"][1:]
    rules["levels"] = [formula("mined", process="mine", factor=0.9, deviation=0.1), *held]
    rules["levels"].append(formula("mined", process="pit", factor=0.1, deviation=0.1))
    rules["uses"] = [*RULES["uses"], dict(RULES["uses"][0], region="North", factor=0.0)]
    ore = dict(RULES["prices"][0], regions=["West", "North"])
    rules["prices"] = [ore, *RULES["prices"][1:]]
    year = build("small", folder(chain=chain, rules=rules)).variants["central"]
    found = {
        r.region: r.value for r in year.rows if r.variable == "prior_share" and r.good == "ore"
    }
    want = {"North": 1.0} if at_home else shares
    assert found == pytest.approx(want, abs=0.01)
