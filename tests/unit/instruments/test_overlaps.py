"""Limits and contracts that meet on one route, against hand values.

Abroad offers any amount at 80 USD/t and freight is 10, so it lands at 90; Home makes 0.2 P and uses
300 - 2 P: 18 t made, 102 t imported, 120 t used at 90.
"""

from __future__ import annotations

from typing import Any

import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.accounts.table import indicator_table, worst_check
from pricing.chains.schema import Chain
from pricing.equilibrium.table import Rows, solve_table
from pricing.errors import InputError
from tests.support.chains import quantity, scenario_on, two_lines
from tests.support.markets import Markets

ROUTE = {"good": "wheat", "destinations": ["Home"]}


def market(*more: float) -> Chain:
    """With further plants abroad, at the same cost, of some capacities [t]."""
    made = Markets(("wheat",), ("Home", "Abroad"), "cif")
    made.supply("wheat", "Home", made.curve("linear", 1.0, 18.0, 90.0))
    flat = {"kind": "flat", "cost": quantity(80.0, "USD/t")}
    made.supply("wheat", "Abroad", flat, capacity=quantity(1000.0, "t/yr"))
    for tonnes in more:
        plant = made.supply("wheat", "Abroad", flat, capacity=quantity(tonnes, "t/yr"))
        name = f"{plant['id']} {len(made.parts['processes'])}"
        made.parts["technologies"][-1]["id"] = name
        plant |= {"id": name, "technology": name}
    made.demand("wheat", "Home", "linear", 1.5, 120.0, 90.0)
    made.route("Abroad", "Home", 10.0)
    return made.chain()


def solved(*policies: dict[str, Any]) -> pricing.Result:
    return pricing.solve(scenario_on(market(), *policies))


def import_quota(tonnes: float, **more: Any) -> dict[str, Any]:
    return {"kind": "import_quota", **ROUTE, "quota": quantity(tonnes, "t/yr"), **more}


def offtake(tonnes: float, origin: str = "Abroad", **more: Any) -> dict[str, Any]:
    taken = {"tonnes": quantity(tonnes, "t/yr"), "buyer": "Home", "offtaker": "Home"}
    return {"kind": "offtake", "good": "wheat", "region": origin, **taken, **more}


def output_quota(tonnes: float) -> dict[str, Any]:
    places = {"good": "wheat", "regions": ["Abroad"]}
    return {"kind": "production_quota", **places, "quota": quantity(tonnes, "t/yr")}


def codes(result: pricing.Result) -> list[Code]:
    return [warning.code for warning in result.warnings]


def both_ways(*policies: dict[str, Any]) -> tuple[tuple[dict[str, Any], ...], ...]:
    return policies, policies[::-1]


def test_quotas_that_differ_by_rounding_are_the_same_quota():
    for order in both_ways(import_quota(70.0), import_quota(70.0000000001, rent_to="exporter")):
        with pytest.raises(InputError, match="put the same quota on the same trade in wheat"):
            solved(*order)


def test_licences_that_approve_as_much_as_a_quota_are_refused():
    """Half of the 102 t of base-year trade is 51 t, solved to 1e-11."""
    licences = {
        "kind": "export_licence",
        "goods": ["wheat"],
        "origins": ["Abroad"],
        "approved": "50 %",
        "rent_to": "exporter",
    }
    for order in both_ways(licences, import_quota(51.0)):
        with pytest.raises(InputError, match="put the same quota on the same trade in wheat"):
            solved(*order)


def test_the_tighter_quota_holds_where_they_differ():
    """70 t imported and 0.2 P made meet 300 - 2 P at P = 230 / 2.2, which leaves 14.5454.. a t."""
    result = solved(import_quota(70.0), import_quota(70.1, rent_to="exporter"))
    rent = 230.0 / 2.2 - 90.0
    agents = result.accounts.agents
    assert agents.licence_holders[0].sum() == pytest.approx(70.0 * rent, rel=1e-7)
    assert agents.exporters[0].sum() == pytest.approx(0.0, abs=1e-6)


def test_two_contracts_on_one_route_are_refused():
    with pytest.raises(InputError, match="the same tonnes would serve both") as caught:
        solved(offtake(110.0), offtake(100.0, public=True))
    assert "one contract of 210 t" in str(caught.value)


@pytest.mark.parametrize("tonnes", [70.0, 70.001, 100.0])
def test_a_contract_that_fills_a_quota_is_refused(tonnes: float):
    for quota in (import_quota(70.0), output_quota(70.0)):
        for order in both_ways(quota, offtake(tonnes)):
            with pytest.raises(InputError, match=f"must take {tonnes:g} t, and .* lets 70 t pass"):
                solved(*order)


def test_a_contract_below_a_quota_asks_for_nothing_where_the_quota_is_full():
    """As above: 70 t at 230 / 2.2."""
    result = solved(import_quota(70.0), offtake(69.0))
    rent = 230.0 / 2.2 - 90.0
    assert result.accounts.agents.licence_holders[0].sum() == pytest.approx(70.0 * rent, rel=1e-7)


def test_a_contract_beyond_all_plants_is_refused():
    with pytest.raises(InputError, match=r"5,000 t, and the plants .* at most 1,000 t of wheat"):
        solved(offtake(5000.0))


def test_a_contract_beyond_what_an_absurd_price_brings_out_is_refused():
    """Farms without a capacity grow ``60 (P / 2)^0.1``: 238.9 t at a million times the price."""
    curve = {"kind": "isoelastic", "elasticity": "supply"}
    chain = two_lines(2.0, 60.0, 0.1, 1.0, regions=("Abroad", "Home"))
    chain = chain.revised(technologies=tuple(t.revised(supply=curve) for t in chain.technologies))
    message = r"must take 239 t, and the plants of Abroad can make at most 238.86. t of wheat, with"
    with pytest.raises(InputError, match=message):
        pricing.solve(scenario_on(chain, offtake(239.0)))
    taken = pricing.solve(scenario_on(chain, offtake(65.0)))
    assert float(taken.solved.state.flow[0, 0, 0, 1]) == pytest.approx(65.0, rel=1e-8)


def test_a_contract_that_names_plants_is_held_against_these():
    """1,040 t are made in all, and 40 t by the plant that the contract names."""
    chain, named = market(40.0), {"processes": ["wheat_Abroad 3"]}
    with pytest.raises(InputError, match=r"41 t, and wheat_Abroad 3 can make at most 40 t"):
        pricing.solve(scenario_on(chain, offtake(41.0, **named)))
    everyone = pricing.solve(scenario_on(chain, offtake(41.0)))
    assert everyone.diagnostics.residual <= 1e-8


def test_tonnes_that_named_plants_do_not_make_are_told():
    """It asks 85 where the other plant asks 80, and goods carry no name of a plant."""
    dear = {"kind": "flat", "cost": quantity(85.0, "USD/t")}
    chain = market(40.0)
    data = chain.model_dump(mode="json", exclude_none=True)
    data["technologies"][-1]["supply"] = dear
    chain = Chain.model_validate(data)
    result = pricing.solve(scenario_on(chain, offtake(35.0, processes=["wheat_Abroad 3"])))

    assert result.solved.state.level[0, 2] == pytest.approx(0.0, abs=1e-6)
    (warning,) = (w for w in result.warnings if w.code is Code.UNDELIVERED)
    assert warning.numbers == pytest.approx({"contracted": 35.0, "made": 0.0}, abs=1e-6)
    assert "the rest comes from others in the same region" in warning.text


@pytest.mark.parametrize("row", [1, 2, 5])
def test_a_row_of_a_table_beyond_all_plants_is_refused_as_alone(row: int):
    tonnes = ["10 t/yr", "20 t/yr", "30 t/yr", "40 t/yr", "50 t/yr", "60 t/yr", "70 t/yr"]
    tonnes[row] = "5 kt/yr"
    with pytest.raises(InputError) as alone:
        solved(offtake(5000.0, id="take"))
    base = scenario_on(market(), offtake(10.0, id="take"))
    with pytest.raises(InputError) as caught:
        pricing.solve_many(base, {"policies.take.tonnes": tonnes})

    (fault,), (same,) = caught.value.faults, alone.value.faults
    assert fault.problem == f"row {row + 1}: {same.problem}"
    assert (fault.field, fault.remedy) == (same.field, same.remedy)


def test_a_row_of_a_table_past_a_quota_is_refused_as_alone():
    base = scenario_on(market(), import_quota(70.0, id="quota"), offtake(10.0, id="take"))
    tonnes = ["10 t/yr", "71 t/yr", "20 t/yr", "30 t/yr", "40 t/yr"]
    with pytest.raises(InputError, match="row 2: 'take' must take 71 t, and 'quota' lets 70 t"):
        pricing.solve_many(base, {"policies.take.tonnes": tonnes})


def test_one_limit_by_two_ways_leaves_the_split_of_the_rent_open():
    """Home is the only outlet: 70 t made are 70 t shipped, worth 230 / 2.2 - 90 each."""
    export = {"kind": "export_quota", "good": "wheat", "origins": ["Abroad"]}
    export |= {"quota": quantity(70.0, "t/yr")}
    for quota in (import_quota(70.0), export):
        for order in both_ways(output_quota(70.0), quota):
            result = solved(*order)
            (warning,) = (w for w in result.warnings if w.code is Code.RENT_SPLIT_OPEN)
            assert sum(warning.numbers.values()) == pytest.approx(230.0 / 2.2 - 90.0, rel=1e-7)


def test_a_flooded_tariff_rate_quota_beside_a_quota_leaves_no_split_open():
    """40 t pay no duty and 30 t all of it: the first rent is that duty, the second what is left."""
    rates = {"in_quota": "0 %", "over_quota": "5 %", "quota": "40 t/yr"}
    flooded = {"kind": "tariff_rate_quota", "good": "wheat", "destinations": ["Home"]} | rates
    result = solved(flooded, import_quota(70.0, rent_to="exporter"))

    assert result.solved.state.flow[0, 0, 1, 0] == pytest.approx(70.0, rel=1e-9)
    assert Code.RENT_SPLIT_OPEN not in codes(result)


@pytest.mark.parametrize("made", [69.0, 71.0])
def test_the_tighter_of_two_ways_has_all_of_the_rent(made: float):
    result = solved(output_quota(made), import_quota(70.0))
    assert Code.RENT_SPLIT_OPEN not in codes(result)
    rent = (300.0 - min(made, 70.0)) / 2.2 - 90.0
    agents = result.accounts.agents
    held = agents.processes_by_region[0, 1] if made < 70.0 else agents.licence_holders[0].sum()
    assert held == pytest.approx(min(made, 70.0) * rent, rel=1e-7)


@pytest.mark.parametrize(("tonnes", "price", "cost"), [(30, 150, 1800), (40, 200, 4400)])
def test_a_discount_has_no_end_short_of_the_contract(tonnes: float, price: float, cost: float):
    """Makers at home ask tonnes / 0.2, users pay the 90 of imports: the offtaker bears the rest."""
    result = solved(offtake(tonnes, "Home"))
    state = result.solved.state
    assert state.flow[0, 0, 0, 0] == pytest.approx(tonnes, rel=1e-9)
    assert state.price[0, 0, 0] == pytest.approx(price, rel=1e-9)
    assert state.index[0, 0, 0] == pytest.approx(90.0, rel=1e-9)
    assert result.accounts.agents.licence_holders[0].sum() == pytest.approx(-cost, rel=1e-8)
    assert Code.UNDELIVERED not in codes(result)


def test_all_metal_of_the_shipped_contract_is_delivered():
    """395 t of the 400 t that the plant can make, far beyond the discount of a price scale."""
    case = pricing.load_scenario("realloys_offtake")
    result = pricing.solve(case.but({"policies.offtake.tonnes": "395 t/yr"}))
    network = result.solved.program.network
    good, region = network.goods.index("metal"), network.regions.index("United States")
    assert result.solved.state.flow[0, good, region, region] == pytest.approx(395.0, rel=1e-9)
    assert Code.UNDELIVERED not in codes(result)


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("terms", [{}, {"price": quantity(85.0, "USD/t")}])
def test_what_users_leave_for_nothing_is_paid_for(terms: dict[str, Any], public: bool):
    """At a price of zero they use 300 t of 400, and the offtaker pays for all: take or pay.

    Ex works 80 with freight 10: 90 a tonne of discount on 300 t, and 80 on the 100 t that are left
    and not made. Priced at 85, makers offer at zero for the next tonne, so that the discount is the
    freight, what is left is worth nothing, and the offtaker settles 85 on the 400 t that are made.
    """
    result = solved(offtake(400.0, public=public, **terms))
    (warning,) = (w for w in result.warnings if w.code is Code.UNDELIVERED)
    left = 0.0 if terms else 100.0 * 80.0
    said = {"contracted": 400.0, "delivered": 300.0, "paid": left}
    assert warning.numbers == pytest.approx(said, rel=1e-8, abs=1e-4)
    assert result.solved.state.index[0, 0, 0] == pytest.approx(0.0, abs=1e-9)
    assert "Take or pay" in warning.text
    cost = 300.0 * 90.0 + left if not terms else 300.0 * 10.0 + 400.0 * 85.0
    agents = result.accounts.agents
    payer = agents.treasuries if public else agents.licence_holders
    assert payer[0].sum() == pytest.approx(-cost, rel=1e-8)
    earned = 400.0 * 85.0 if terms else left  # ex works 80 covers the cost of 80
    cost_of_making = 400.0 * 80.0 if terms else 0.0
    assert agents.processes_by_region[0, 1] == pytest.approx(earned - cost_of_making, rel=1e-7)
    assert all(check.passed for check in result.accounts.checks)


def test_a_ban_leaves_a_contract_undelivered_and_says_so():
    ban = {"kind": "export_ban", "goods": ["wheat"], "origins": ["Abroad"]}
    result = solved(ban | {"destinations": ["Home"]}, offtake(100.0))
    (warning,) = (w for w in result.warnings if w.code is Code.UNDELIVERED)
    assert warning.numbers == {"contracted": 100.0, "delivered": 0.0, "paid": 0.0}
    assert "its route is shut. Neither side can perform, so nothing is due" in warning.text


def test_a_table_pays_for_what_is_left_as_single_solves_do():
    """Up to 300 t the discount that sells them, 90 - (300 - t) / 2.2; beyond, 80 USD a tonne."""
    tonnes = [250.0, 300.0, 310.0, 350.0, 400.0, 450.0]
    base = scenario_on(market(), offtake(10.0, id="take", public=True))
    rows = Rows.of(base, {"policies.take.tonnes": [f"{t} t/yr" for t in tonnes]})
    solved_rows = solve_table(rows)
    table = indicator_table(rows, solved_rows)
    paid = [
        n
        for n, key in enumerate(table.keys)
        if (key.name, key.region) == ("treasury", "Home") and "take" in key.detail
    ]
    taken = [min(t, 300.0) for t in tonnes]
    cost = [
        t * (90.0 - (300.0 - t) / 2.2) + 80.0 * max(asked - t, 0.0)
        for t, asked in zip(taken, tonnes, strict=True)
    ]
    assert -table.value[paid[0]] == pytest.approx(cost, rel=1e-7)
    assert all(worst_check(rows, solved_rows, n) <= 1e-9 for n in range(len(tonnes)))


def cap(origin: str, share: str, **more: Any) -> dict[str, Any]:
    """Written as in a file."""
    return {"kind": "sourcing_cap", "good": "wheat", "buyers": ["Home"], "origins": [origin]} | {
        "share": share,
        **more,
    }


def test_caps_that_leave_nothing_to_buy_are_refused():
    """Shares of 30 % and 50 % never make a whole; 30 % and 70 %, or 80 %, do."""
    one, other = cap("Abroad", "30 %", id="one"), cap("Home", "50 %", id="other")
    for order in both_ways(one, other):
        with pytest.raises(InputError, match=r"'\w+' and '\w+' leave nothing") as no:
            solved(*order)
        (fault,) = no.value.faults
        assert fault.field == f"policies.{order[1]['id']}.share"
        assert "Raise a share" in fault.remedy
    # 30 % come at 90 and 70 % at the price p at Home: 0.2 p = 0.7 (300 - 2 (27 + 0.7 p)).
    made = 0.2 * 172.2 / 1.18
    for share in ("70 %", "80 %"):
        state = solved(one, other | {"share": share}).solved.state
        assert state.flow[0, 0, :, 0] == pytest.approx([made, made * 3.0 / 7.0], rel=1e-7)


def test_caps_that_contradict_each_other_in_one_row_of_a_table_are_told_there():
    """Two numbers that are possible each, at neither end of their columns."""
    base = scenario_on(market(), cap("Abroad", "60 %", id="one"), cap("Home", "60 %", id="other"))
    shares = {
        "policies.one.share": ["10 %", "40 %", "90 %"],
        "policies.other.share": ["95 %", "50 %", "20 %"],
    }
    with pytest.raises(InputError, match="row 2: 'one' and 'other' leave nothing"):
        pricing.solve_many(base, table=shares)


def test_a_cap_on_the_only_origins_that_a_ban_leaves_open_is_refused():
    ban = {"kind": "export_ban", "goods": ["wheat"], "origins": ["Abroad"], "id": "ban"}
    with pytest.raises(InputError, match=r"'cap' leaves nothing .* the routes that 'ban' shuts"):
        solved(cap("Home", "50 %", id="cap"), ban | {"destinations": ["Home"]})
