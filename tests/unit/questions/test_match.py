"""Instruments turned until they reach one target, on a market that is solved by hand.

Supply is 2 p and demand 200 - 2 p: 100 t at 50 USD/t. A maker who gets s and a user who pays u make
and take the same tonnes where 2 s = 200 - 2 u.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import pricing
from pricing.cli import OK, main
from pricing.core.resources import configs_root
from pricing.errors import InputError
from pricing.questions.load import load_question

PAGE = (Path(__file__).parents[3] / "docs" / "four-alternatives.md").read_text(encoding="utf-8")
SOURCE = '{text: Made up, date: "2026", grade: illustrative, derivation: Round numbers for a test}'
LINE = "short: {low: 1, central: 1, high: 1}, long: {low: 1, central: 1, high: 1}, source: test"
CHAIN = f"""
schema_version: 1
kind: chain
id: wheat
title: One good in one region
description: Supply 2 p, demand 200 - 2 p
base_year: 2024
currency: {{code: USD, year: 2024}}
vat_basis: excluded
sources: {{test: {SOURCE}}}
goods: [{{id: wheat, label: Wheat, stage: farm, basis: t wheat,
    sourcing: {{law: homogeneous}}, source: test}}]
regions: [{{id: Home, customs_value: fob, source: test}}]
elasticities:
  supply: {{of: margin, {LINE}}}
  demand: {{of: buyer_price, {LINE}}}
technologies:
  - id: farming
    label: Farming
    outputs: {{wheat: 1 t/t}}
    supply: {{kind: linear, elasticity: supply, through: {{quantity: 100 t/yr, price: 50 USD/t}}}}
    source: test
processes: [{{id: farms, technology: farming, region: Home, source: test}}]
demands:
  - good: wheat
    region: Home
    use: bread
    curve: {{kind: linear, elasticity: demand, through: {{quantity: 100 t/yr, price: 50 USD/t}}}}
    source: test
"""
BASE = f"""
id: base
title: Base
description: No policy
chain: wheat_chain.yaml
sources: {{test: {SOURCE}}}
"""
GUARANTEE = (
    "{id: p, kind: price_guarantee, source: test, good: wheat, region: Home, strike: 1 USD/t}"
)
SUBSIDY = (
    "{id: p, kind: production_subsidy, source: test, good: wheat, region: Home, amount: 1 USD/t}"
)
QUOTA = (
    "{id: p, kind: production_quota, source: test, good: wheat, regions: [Home], quota: 90 t/yr}"
)
OUTPUT = "{kind: output, good: wheat, regions: [Home], change: 20 %}"


def question(folder: Path, target: str, *alternatives: tuple[str, str, str, float, float]) -> Path:
    """A question beside its base and chain; alternatives are policy, field, unit and two ends."""
    (folder / "wheat_chain.yaml").write_text(CHAIN, encoding="utf-8")
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    lines = [
        "kind: match",
        "id: asked",
        "title: Asked",
        "description: A test",
        "base: base.yaml",
        f"target: {target}",
        "alternatives:",
    ]
    for n, (policy, field, unit, weakest, strongest) in enumerate(alternatives):
        lines += [
            f"  - id: a{n}",
            f"    label: Alternative {n}",
            "    description: A test",
            f"    changes: {{policies: [{policy}]}}",
            f"    lever: {{paths: [policies.p.{field}], unit: {unit}, weakest: {weakest}, "
            f"strongest: {strongest}}}",
        ]
    path = folder / "asked.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_equal_output_takes_the_same_gap_from_a_guarantee_and_a_subsidy(tmp_path: Path) -> None:
    """120 t need 60 for makers and 40 for users: a strike of 60, or 20 on top, 2,400 either way."""
    guarantee = (GUARANTEE, "strike", "USD/t", 45.0, 90.0)
    subsidy = (SUBSIDY, "amount", "USD/t", 0.0, 50.0)

    matched = pricing.match(question(tmp_path, OUTPUT, guarantee, subsidy))

    strike, gap = matched.answers
    assert strike.level == pytest.approx(60.0, rel=1e-7)
    assert gap.level == pytest.approx(20.0, rel=1e-7)
    table = matched.table().set_index(["what", "good"])
    treasuries = table.loc[("gain", "treasuries")]
    assert list(treasuries[["a0", "a1"]]) == pytest.approx([-2400.0, -2400.0], rel=1e-6)


def test_equal_cost_gives_the_strike_that_costs_it(tmp_path: Path) -> None:
    """A strike K makes 2 K tonnes, which sell at 100 - K: it costs 2 K (2 K - 100)."""
    target = "{kind: fiscal_cost, regions: [Home], cost: 2400 USD}"

    (answer,) = pricing.match(
        question(tmp_path, target, (GUARANTEE, "strike", "USD/t", 50.0, 90.0))
    ).answers

    assert answer.level == pytest.approx(60.0, rel=1e-6)


def test_equal_price_gives_the_quota_that_brings_it(tmp_path: Path) -> None:
    """Users pay 60 for 80 t."""
    target = "{kind: makers_price, good: wheat, regions: [Home], price: 60 USD/t}"

    (answer,) = pricing.match(
        question(tmp_path, target, (QUOTA, "quota", "t/yr", 100.0, 50.0))
    ).answers

    assert answer.level == pytest.approx(80.0, rel=1e-6)


def test_out_of_reach_is_said_with_the_nearest_value(tmp_path: Path) -> None:
    """A quota never makes anybody grow more; a strike of at most 55 makes 110 t, not 120."""
    quota = (QUOTA, "quota", "t/yr", 90.0, 50.0)
    strike = (GUARANTEE, "strike", "USD/t", 45.0, 55.0)

    matched = pricing.match(question(tmp_path, OUTPUT, quota, strike))

    assert [answer.level for answer in matched.answers] == [None, None]
    assert [answer.nearest for answer in matched.answers] == [90.0, 55.0]
    assert "out of reach; nearest at 55 USD/t" in matched.report()
    assert json.loads(matched.to_json())["answers"][1]["level"] is None


@pytest.mark.slow
def test_the_page_shows_what_the_library_finds() -> None:
    """The table of ``docs/four-alternatives.md``; every alternative is at the target."""
    matched = pricing.match("four_alternatives")
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    wanted = {matched.question.target.wanted(a.result) for a in matched.answers if a.result}

    assert shown in matched.report()
    assert all(answer.in_reach for answer in matched.answers)
    assert len(wanted) == 1
    for answer in matched.answers:
        assert matched.question.target.value(answer.result) == pytest.approx(*wanted, rel=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "assumption", ["case: low", "case: high", "benchmark: home_bias", "benchmark: proportional"]
)
def test_who_pays_does_not_depend_on_what_is_assumed(tmp_path: Path, assumption: str) -> None:
    """The page says so: users under floors and standard, treasury or offtaker under the others."""
    text = (configs_root() / "questions" / "four_alternatives.yaml").read_text(encoding="utf-8")
    text = text.replace("base: baseline_motors", "base: here.yaml")
    text = text.replace("horizons: [short, long]", "horizons: [short]")
    text = text[: text.index("  - id: capital")]
    base = f"extends: baseline_motors\nid: here\nassumptions: {{{assumption}}}\n"
    (tmp_path / "here.yaml").write_text(base, encoding="utf-8")
    (tmp_path / "asked.yaml").write_text(text, encoding="utf-8")

    matched = pricing.match(tmp_path / "asked.yaml")

    gain = matched.table().set_index(["what", "good", "regions"]).loc["gain"]
    users, treasuries = (
        gain.loc[("final users", "in the zone")],
        gain.loc[("treasuries", "in the zone")],
    )
    assert users["floor_all_stages"] < users["floor_magnets"] < users["standards"] < 0.0
    assert users["price_gap"] > 0.0
    assert treasuries["floor_magnets"] > 0.0 > treasuries["price_gap"]
    assert gain.loc[("licences, contracts", "in the zone"), "offtake"] < 0.0
    out_of_reach = [a.alternative.id for a in matched.answers if not a.in_reach]
    assert out_of_reach == (["floor_all_stages"] if assumption == "case: low" else [])


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    """A subsidy of 10 million USD; the treasury also gets and loses duties on the way."""
    text = PAGE[PAGE.index("kind: match") :]
    path = tmp_path / "example.yaml"
    path.write_text(text[: text.index("```")], encoding="utf-8")

    (answer,) = pricing.match(path).answers

    assert answer.level is not None
    assert answer.result is not None
    network = answer.result.solved.program.network
    row = network.goods.index("magnet"), network.regions.index("EU")
    paid = answer.level * 1e3 * answer.result.solved.state.output[0][row]
    assert paid == pytest.approx(10e6, rel=0.05)


def test_capital_support_is_asked_for_in_the_long_horizon_only() -> None:
    question, _, _ = load_question("four_alternatives")
    by_id = {alternative.id: alternative for alternative in question.alternatives}

    assert [h.value for h in by_id["capital"].horizons] == ["long"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("regions: [Home]", "regions: [Mars]", "Mars"),
        ("good: wheat, regions", "good: rye, regions", "rye"),
        ("weakest: 45.0", "weakest: 90.0", "nothing to turn"),
        ("policies.p.strike", "policies.q.strike", "nothing in policies is called 'q'"),
        ("base: base.yaml", "base: nowhere", "nowhere"),
        ("base: base.yaml", "bass: base.yaml", "unknown field"),
        ("unit: USD/t, weak", "unit: t/yr, weak", "USD/t"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = question(tmp_path, OUTPUT, (GUARANTEE, "strike", "USD/t", 45.0, 90.0))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(InputError, match=said):
        pricing.match(path)


def test_a_target_that_asks_for_nothing_is_refused(tmp_path: Path) -> None:
    target = "{kind: fiscal_cost, regions: [Home], cost: 0 USD}"

    with pytest.raises(InputError, match="reached by doing nothing"):
        pricing.match(question(tmp_path, target, (GUARANTEE, "strike", "USD/t", 45.0, 90.0)))


def test_two_alternatives_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = (GUARANTEE, "strike", "USD/t", 45.0, 90.0)
    path = question(tmp_path, OUTPUT, twice, twice)
    path.write_text(path.read_text(encoding="utf-8").replace("id: a1", "id: a0"), encoding="utf-8")

    with pytest.raises(InputError, match="same 'id'"):
        pricing.match(path)


@pytest.mark.parametrize(
    "kind", ["kind: output, change: 5 %", "kind: makers_price, price: 60 USD/kg"]
)
def test_a_target_where_nothing_is_made_is_refused(tmp_path: Path, kind: str) -> None:
    text = PAGE[PAGE.index("kind: match") :]
    text = text[: text.index("```")].replace(
        "target: {kind: fiscal_cost, regions: [EU], cost: 10 million USD}",
        f"target: {{{kind}, good: magnet, regions: [United States]}}",
    )
    path = tmp_path / "asked.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match="no magnet is made in these regions"):
        pricing.match(path)


def test_a_fault_in_an_alternative_has_the_line_of_the_question(tmp_path: Path) -> None:
    path = question(tmp_path, OUTPUT, (GUARANTEE, "strike", "USD/t", 45.0, 90.0))
    text = path.read_text(encoding="utf-8").replace("strike: 1 USD/t", "strke: 1 USD/t")
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError) as caught:
        pricing.match(path)

    line = next(n for n, row in enumerate(text.splitlines(), 1) if "strke" in row)
    assert {(fault.file, fault.line) for fault in caught.value.faults} == {(str(path), line)}


def test_the_command_prints_a_report_or_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = question(tmp_path, OUTPUT, (GUARANTEE, "strike", "USD/t", 45.0, 90.0))

    assert main(["match", str(path)]) == OK
    assert "1 Alternative 0                       60 USD/t" in capsys.readouterr().out
    assert main(["match", "--json", str(path)]) == OK
    (answer,) = json.loads(capsys.readouterr().out)["answers"]
    assert answer["level"] == pytest.approx(60.0, rel=1e-7)
    assert answer["unit"] == "USD/t"


def test_an_unknown_question_lists_what_is_shipped() -> None:
    with pytest.raises(InputError, match="four_alternatives"):
        pricing.match("five_alternatives")
