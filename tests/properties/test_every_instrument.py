"""Every instrument alone and beside every other, on one route and one maker.

Tightening moves an instrument's own target the right way, or not at all. Any two either solve with
all checks, or are refused with a reason and a remedy.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.economics.sourcing import Law
from pricing.errors import InputError
from tests.support.chains import scenario_on
from tests.support.every_instrument import (
    ABROAD,
    GOOD,
    HOME,
    MAKER,
    ROUTE,
    WORLD,
    chain,
    duty_by_content,
    examples,
    network,
    policy,
    solved,
)
from tests.support.markets import Markets
from tests.support.stacking import (
    DOCUMENT,
    GROUP,
    KINDS,
    TWICE,
    Pair,
    applies,
    document,
    pairs,
    refused,
)

SIZES = (0.0, 0.25, 0.5, 0.75, 1.0)


def test_every_instrument_has_an_example_and_a_group_that_it_stacks_like() -> None:
    assert set(examples()) == set(KINDS)
    assert set(GROUP) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_tightening_moves_its_own_target_the_right_way(kind: str) -> None:
    example = examples()[kind]
    moved = [example.sign * example.target(solved(policy(kind, size, "p"))) for size in SIZES]
    scale = max(map(abs, moved))
    assert all(later >= sooner - 1e-9 * scale for sooner, later in pairwise(moved))
    assert moved[-1] > moved[0] + 1e-6 * scale


def outcomes(first: str, law: Law) -> tuple[dict[Pair, InputError], dict[Pair, str]]:
    """What is refused, and why it should be, of a kind with itself and those after it."""
    found = {}
    beside = [pair for pair in pairs() if pair[0] == first and applies(pair, law)]
    for pair in beside:
        try:
            solved(policy(first, 0.75, "one", law), policy(pair[1], 0.6, "two", law), law=law)
        except InputError as error:
            found[pair] = error
    return found, {pair: why for pair in beside if (why := refused(pair, law))}


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize(
    "law",
    [Law.LOGIT, *(pytest.param(law, marks=pytest.mark.slow) for law in Law if law != Law.LOGIT)],
)
def test_any_two_are_well_defined_or_refused(first: str, law: Law) -> None:
    """As the document says (``docs/stacking.md``)."""
    found, expected = outcomes(first, law)
    assert set(found) == set(expected)
    for pair, why in expected.items():
        assert why in str(found[pair])
        assert all(fault.remedy for fault in found[pair].faults)


def test_the_document_of_pairs_is_made_of_what_is_tested() -> None:
    """``python -m tests.support.stacking`` writes it."""
    assert DOCUMENT.read_text(encoding="utf-8") == document()
    assert {one for pair in pairs() for one in pair} == set(KINDS)


@pytest.mark.parametrize("pair", sorted(TWICE))
def test_the_same_limit_twice_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="put the same quota on the same"):
        solved(policy(pair[0], 0.75, "one"), policy(pair[1], 0.75, "two"))


def beside_a_levy(kind: str, law: Law = Law.LOGIT) -> dict[str, Any]:
    """A duty beyond the ordinary ones that leaves part of the levy's gap open."""
    if kind in ("full_value", "embedded_reference_gap"):
        return duty_by_content(kind, "duty")
    return policy(kind, 0.75, "duty", law)


BEYOND = ["stepped_safeguard", "entry_price", "full_value", "embedded_reference_gap"]


@pytest.mark.parametrize("law", [Law.LOGIT, Law.ARMINGTON])
@pytest.mark.parametrize("kind", BEYOND)
def test_a_levy_counts_a_duty_beyond_the_ordinary_ones_as_paid(kind: str, law: Law) -> None:
    """Nothing lands dearer than with the levy alone; it collects what the duty leaves open."""
    levy = policy("reference_price", 1.0, "levy", law)
    alone, both = solved(levy, law=law), solved(levy, beside_a_levy(kind, law), law=law)
    state, as_before = both.solved.state, alone.solved.state
    np.testing.assert_allclose(state.landed, as_before.landed, rtol=1e-8)
    np.testing.assert_allclose(state.flow, as_before.flow, rtol=1e-7, atol=1e-6)
    lines, old = both.accounts.agents.treasury_lines, alone.accounts.agents.treasury_lines
    own = next(line for line in lines if line[1] == "duty")
    duty, left = (float(lines[k][0, 1]) for k in (own, ("reference_price", "levy")))
    assert min(duty, left) > 0.0
    assert duty + left == pytest.approx(float(old["reference_price", "levy"][0, 1]), rel=1e-7)
    assert Code.PAYS_TWICE not in [found.code for found in both.warnings]


@pytest.mark.parametrize("kind", BEYOND)
@pytest.mark.parametrize("counts", [{"compare_at": "cif"}, {"layers": []}])
def test_a_gap_that_is_filled_twice_is_told(kind: str, counts: dict[str, Any]) -> None:
    """A levy on a price before duties, or with chosen layers, does not count such a duty."""
    levy = policy("reference_price", 1.0, "levy")
    levy["mechanism"] = levy["mechanism"] | counts
    duty = beside_a_levy(kind)
    both = solved(levy, duty)
    (warning,) = [found for found in both.warnings if found.code is Code.PAYS_TWICE]
    assert "'levy'" in warning.text
    lines = both.accounts.agents.treasury_lines
    assert warning.numbers["duty"] == pytest.approx(float(lines[duty["kind"], "duty"][0, 1]))
    assert warning.numbers["duty"] > 0.0
    for alone in (levy, duty):
        assert Code.PAYS_TWICE not in [found.code for found in solved(alone).warnings]


@pytest.mark.parametrize("kind", ["full_value", "embedded_reference_gap"])
def test_levels_of_a_levy_beside_a_content_duty_in_one_table(kind: str) -> None:
    """Levels below, between and above what lands with the duty give what each gives alone."""
    levy, path = policy("reference_price", 1.0, "levy"), f"policies.levy.level.prices.{GOOD}"
    base = scenario_on(chain(), levy, duty_by_content(kind, "duty"), assumptions=WORLD)
    price = float(network().setting.price_scale[1])
    levels = [f"{share * price!r} USD/t" for share in (0.8, 1.1, 1.4)]
    table = pricing.solve_many(base, {path: levels})
    for one, level in zip(table, levels, strict=True):
        alone = pricing.solve(base.but({path: level}))
        for name in ("landed", "flow"):
            here, there = (getattr(result.solved.state, name)[0] for result in (one, alone))
            np.testing.assert_allclose(here, there, rtol=1e-7, atol=1e-6)
        assert all(check.passed for check in one.accounts.checks)


@pytest.mark.parametrize("kind", ["stepped_safeguard", "entry_price"])
def test_customs_sees_a_raised_invoice_of_a_homogeneous_good(kind: str) -> None:
    """There the floor counts the duty as paid, and the duty looks at what exporters ask."""
    law = Law.HOMOGENEOUS
    minimum = policy("minimum_import_price", 1.0, "minimum", law)
    alone, both = (
        solved(*some, law=law) for some in ((minimum,), (minimum, policy(kind, 1.0, "duty", law)))
    )
    for name in ("index", "flow"):
        one, other = (getattr(result.solved.state, name) for result in (alone, both))
        assert other[0, 1, ..., 1] == pytest.approx(one[0, 1, ..., 1], rel=1e-6, abs=1e-4), name


def test_the_order_of_policies_does_not_matter() -> None:
    kinds = ("tariff", "tariff_rate_quota", "import_quota", "minimum_import_price", "export_tax")
    mix = [policy(kind, 0.5 + 0.05 * n, kind) for n, kind in enumerate(kinds)]
    there, back = solved(*mix), solved(*mix[::-1])
    assert back.solved.state.flow == pytest.approx(there.solved.state.flow, rel=1e-7, abs=1e-7)


def test_the_tighter_of_two_quotas_holds_and_only_its_rent_is_paid() -> None:
    loose, tight = policy("import_quota", 0.5, "loose"), policy("export_licence", 0.75, "tight")
    both, alone = solved(loose, tight), solved(tight)
    assert both.solved.state.flow == pytest.approx(alone.solved.state.flow, rel=1e-7)


def gains(result: pricing.Result) -> dict[str, float]:
    """What holders of licences, exporters and the treasury at home get more [USD]."""
    agents = result.accounts.agents
    parts = {
        "licences": agents.licence_holders,
        "exporters": agents.exporters,
        "treasury": agents.treasuries[:, [1]],
        "producers": agents.processes_by_region,
    }
    return {name: float(values[0].sum()) for name, values in parts.items()}


@pytest.mark.parametrize("size", [0.4, 0.7, 1.0])
@pytest.mark.parametrize("holder", ["importer", "importing_treasury"])
def test_a_quota_is_a_tariff_of_the_size_of_its_rent(size: float, holder: str) -> None:
    quota = policy("import_quota", size, "quota") | {"rent_to": holder}
    limited = solved(quota)
    rent = float(limited.solved.state.multiplier[0, 0])
    assert rent > 0.0
    taxed = solved({"kind": "tariff", **ROUTE, "specific": f"{rent!r} USD/t"})
    assert taxed.solved.state.flow == pytest.approx(limited.solved.state.flow, rel=1e-7, abs=1e-7)
    got = [gains(result) for result in (limited, taxed)]
    assert got[0]["licences"] + got[0]["treasury"] == pytest.approx(got[1]["treasury"], rel=1e-6)
    assert (got[0]["licences"] > 0.0) == (holder == "importer")


def tariff(rate: float) -> dict[str, Any]:
    return {"kind": "tariff", "id": "duty", **ROUTE, "rate": f"{rate!r} 1"}


def two_tiers(tonnes: float) -> dict[str, Any]:
    rates = {"in_quota": "5 %", "over_quota": "25 %", "quota": f"{tonnes!r} t/yr"}
    return {"kind": "tariff_rate_quota", **ROUTE, **rates}


def test_a_slack_tariff_rate_quota_is_the_low_tariff() -> None:
    slack, low = solved(two_tiers(1e6)), solved(tariff(0.05))
    assert slack.solved.state.flow == pytest.approx(low.solved.state.flow, rel=1e-7, abs=1e-7)
    assert gains(slack) == pytest.approx(gains(low), rel=1e-6, abs=1.0)


def test_a_flooded_tariff_rate_quota_is_the_high_tariff_that_shares_its_receipts() -> None:
    high = solved(tariff(0.25))
    tonnes = 0.5 * float(high.solved.state.flow[0, 1, 0, 1])
    flooded = solved(two_tiers(tonnes))
    assert flooded.solved.state.flow == pytest.approx(high.solved.state.flow, rel=1e-7, abs=1e-7)
    got, due = gains(flooded), gains(high)
    assert got["licences"] + got["treasury"] == pytest.approx(due["treasury"], rel=1e-6)
    # The difference of the rates, on the customs value of the tonnes in the quota.
    state, customs_fob = flooded.solved.state, network().customs_fob[1]
    fob = float(state.price[0, 1, 0])
    cif = fob * (1.0 + network().insurance[1, 0, 1]) + network().freight[1, 0, 1]
    value = fob if customs_fob else cif
    assert got["licences"] == pytest.approx(0.20 * value * tonnes, rel=1e-6)


def test_the_receipts_of_a_flooded_quota_by_hand() -> None:
    """60 t at 100 USD/t, 5 and 25 % on 40 t: 700 to the treasury, 800 to licence holders."""
    markets = Markets(("wheat",), ("Home", "Abroad"))
    markets.supply("wheat", "Abroad", {"kind": "flat", "cost": {"value": 100.0, "unit": "USD/t"}})
    markets.demand("wheat", "Home", "linear", 1e-3, 60.0, 125.0)
    markets.route("Abroad", "Home", 0.0)
    quota = {"kind": "tariff_rate_quota", "good": "wheat", "destinations": ["Home"]}
    rates = {"quota": "40 t/yr", "in_quota": "5 %", "over_quota": "25 %"}
    agents = pricing.solve(scenario_on(markets.chain(), quota | rates)).accounts.agents
    assert float(agents.treasuries[0].sum()) == pytest.approx(700.0, rel=1e-9)
    assert float(agents.licence_holders[0].sum()) == pytest.approx(800.0, rel=1e-9)


@pytest.mark.parametrize("size", [0.5, 1.0])
def test_an_uncapped_guarantee_is_a_subsidy_of_the_size_of_its_gap(size: float) -> None:
    guaranteed = solved(policy("price_guarantee", size, "p"))
    strike = network().setting.price_scale[1] * (0.9 + 0.4 * size)
    gap = float(strike - guaranteed.solved.state.price[0, 1, 1])
    assert gap > 0.0
    paid = solved({"kind": "production_subsidy", **MAKER, "amount": f"{gap!r} USD/t"})
    assert paid.solved.state.flow == pytest.approx(guaranteed.solved.state.flow, rel=1e-7, abs=1e-7)
    assert gains(paid) == pytest.approx(gains(guaranteed), rel=1e-6, abs=1.0)


@pytest.mark.parametrize("reference", [105.0, 115.0, 130.0])
def test_one_levy_is_a_levy_by_origin_where_all_buy_the_cheapest(reference: float) -> None:
    """Homogeneous, one outsider, no inland cost: home price and delivered price are the same."""
    markets = Markets(("wheat",), ("Home", "Abroad"))
    for place, tonnes in (("Home", 40.0), ("Abroad", 200.0)):
        markets.supply("wheat", place, markets.curve("linear", 0.8, tonnes, 100.0))
        markets.demand("wheat", place, "linear", 0.6, 120.0, 100.0)
    markets.route("Abroad", "Home", 2.0)
    floor = {
        "kind": "reference_price",
        "zone": ["Home"],
        "level": {"kind": "fixed", "prices": {"wheat": f"{reference} USD/t"}},
    }
    states = [
        pricing.solve(
            scenario_on(markets.chain(), floor | {"mechanism": {"kind": mechanism}})
        ).solved.state
        for mechanism in ("border_levy", "uniform_levy")
    ]
    for name in ("flow", "price", "index"):
        one, other = (getattr(state, name) for state in states)
        assert one == pytest.approx(other, rel=1e-7, abs=1e-7), name
    if states[0].flow[0, 0, 1, 0] > 1e-6:
        assert states[0].index[0, 0, 0] == pytest.approx(reference)


@pytest.mark.parametrize("kind", ["tariff", "export_tax", "production_subsidy", "origin_rule"])
def test_a_size_of_zero_changes_nothing(kind: str) -> None:
    nothing, zero = solved(), solved(policy(kind, 0.0, "p"))
    assert zero.solved.state.flow == pytest.approx(nothing.solved.state.flow, rel=1e-8, abs=1e-8)
    assert np.abs(zero.accounts.agents.total).max() < 1e-3


def test_the_route_and_the_maker_are_those_of_the_examples() -> None:
    assert (ROUTE["good"], ROUTE["origins"], ROUTE["destinations"]) == (GOOD, [ABROAD], [HOME])
    assert network().regions[:3] == (ABROAD, HOME, "r2")
