"""Bad scenarios, through the library and the command line: what, where, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import pricing
from pricing.cli import main
from tests.support.refusals import line_of, refused

TEXT = """\
extends: baseline
id: mine
title: Mine
sources:
  law: {text: A law, date: "2026", grade: official}
zones:
  mine: [EU, Japan]
policies:
  - id: duty
    kind: tariff
    source: law
    good: oxide
    destinations: [mine]
    rate: 5 %
  - id: floor
    kind: price_guarantee
    source: law
    good: oxide
    region: Japan
    strike: 110 USD/kg
"""
SOUND = TEXT.replace("region: Japan", "region: EU")
FLOOR = """\
  - id: {id}
    kind: reference_price
    source: law
    zone: [mine]
    level: {{kind: fixed, prices: {{{good}: 100 USD/kg}}}}
    mechanism: {{kind: {kind}}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


CHANGES = {
    "unknown key": ("rate: 5 %", "rte: 5 %", "policies.duty.rte", "unknown field 'rte'"),
    "duplicate key": ("good: oxide", "kind: tariff", "policies.duty", "stands twice"),
    "anchor": ("rate: 5 %", "rate: &x 5 %", "policies.duty.rate", "anchors (&)"),
    "alias": ("rate: 5 %", "rate: *x", "policies.duty.rate", "aliases (*)"),
    "tag": ("rate: 5 %", "rate: !!str 5", "policies.duty.rate", "tags (!)"),
    "wrong unit": (
        "rate: 5 %",
        "rate: 5 USD/t",
        "policies.duty.rate.unit",
        "'USD/t' is not allowed",
    ),
    "no unit": ("rate: 5 %", "rate: 5", "policies.duty.rate", "a unit is missing"),
    "negative": ("rate: 5 %", "rate: -5 %", "policies.duty.rate.value", "too small"),
    "nan": (
        "rate: 5 %",
        "rate: {value: .nan, unit: '%'}",
        "policies.duty.rate.value",
        "not a finite number",
    ),
    "infinity": (
        "rate: 5 %",
        "rate: {value: -.inf, unit: '%'}",
        "policies.duty.rate.value",
        "not a finite number",
    ),
    "boolean": (
        "rate: 5 %",
        "rate: {value: true, unit: '%'}",
        "policies.duty.rate.value",
        "a number is needed here, not true/false",
    ),
    "text": (
        "rate: 5 %",
        "rate: {value: '5', unit: '%'}",
        "policies.duty.rate.value",
        "a number is needed here, not text",
    ),
    "unknown kind": ("kind: tariff", "kind: tarif", "policies.duty.kind", "'tarif' is not allowed"),
    "unknown good": ("good: oxide", "good: oxid", "policies.duty.good", "unknown good 'oxid'"),
    "unknown zone": ("[mine]", "[mien]", "policies.duty.destinations.0", "unknown region or zone"),
    "unknown member": ("[EU, Japan]", "[EU, Jpan]", "zones.mine.1", "unknown region 'Jpan'"),
    "unknown source": ("source: law", "source: lwa", "policies.duty.source", "no entry 'lwa'"),
    "nothing said": ("rate: 5 %", "note: none", "policies.duty", "needs 'rate' or 'specific'"),
    "dates": (
        "rate: 5 %",
        "rate: 5 %\n    start: 2030-01-01\n    end: 2029-01-01",
        "policies.duty",
        "'end' lies before 'start'",
    ),
    "two ids": ("id: floor", "id: duty", "policies.1.id", "two policies are called 'duty'"),
    "region of a guarantee": (
        "region: EU",
        "region: Korea",
        "policies.floor.region",
        "nothing in Korea makes oxide",
    ),
    "upper below strike": (
        "strike: 110 USD/kg",
        "strike: 110 USD/kg\n    upper: 100 USD/kg",
        "policies.floor",
        "'upper' lies below 'strike'",
    ),
    "cap and budget": (
        "strike: 110 USD/kg",
        "strike: 110 USD/kg\n    cap: 1 t/yr\n    budget: 1 USD",
        "policies.floor",
        "not both",
    ),
    "chain": ("title: Mine", "chain: copper", "chain", "unknown chain 'copper'"),
    "benchmark": (
        "title: Mine",
        "assumptions: {benchmark: x}",
        "assumptions.benchmark",
        "unknown benchmark 'x'",
    ),
    "elasticity": (
        "title: Mine",
        "assumptions: {elasticities: {magnet_demand: {value: 0 1, source: law}}}",
        "assumptions.elasticities.magnet_demand",
        "elasticity 'magnet_demand' is 0",
    ),
}


def test_the_text_is_sound_before_it_is_changed(folder: Path):
    (folder / "a.yaml").write_text(SOUND)

    assert pricing.load_scenario("a.yaml").id == "mine"
    assert main(["validate", "a.yaml"]) == 0


@pytest.mark.parametrize("name", CHANGES)
def test_one_fault_with_its_place(name: str, folder: Path, capsys: pytest.CaptureFixture[str]):
    old, new, field, problem = CHANGES[name]
    text = SOUND.replace(old, new, 1)
    assert text != SOUND
    (folder / "a.yaml").write_text(text)
    (found,) = refused(Path("a.yaml"), capsys)

    assert (found.file, found.field) == ("a.yaml", field)
    assert problem in found.problem
    whole = field in ("policies.duty", "policies.floor")  # such a fault stands at its whole item
    item = {"policies.duty": "- id: duty", "policies.floor": "- id: floor"}
    at = item[field] if whole and name != "duplicate key" else new.splitlines()[0]
    last = name in ("two ids", "duplicate key")
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if at in line]
    assert found.line == lines[-1 if last else 0]
    if not whole:
        assert found.remedy


def test_every_policy_names_its_faults_at_once(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = SOUND.replace("good: oxide", "good: tin").replace("[mine]", "[nobody]")
    text += FLOOR.format(id="high", good="tin", kind="border_levy").replace("[mine]", "[EU]")
    (folder / "a.yaml").write_text(text)
    found = refused(Path("a.yaml"), capsys)

    places = {each.field: each.line for each in found}
    assert places == {
        "policies.duty.good": line_of(text, "good: tin"),
        "policies.duty.destinations.0": line_of(text, "[nobody]"),
        "policies.floor.good": 18,
        "policies.high.level.prices.tin": line_of(text, "tin: 100"),
    }
    assert {each.file for each in found} == {"a.yaml"}
    assert all(each.remedy.startswith("Known: ") for each in found)


def test_faults_of_form_come_all_at_once(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = SOUND.replace("rate: 5 %", "rate: 5 kg").replace("110 USD/kg", "-1 USD/kg")
    text = text.replace("title: Mine", "tittle: Mine").replace("[EU, Japan]", "[]")
    (folder / "a.yaml").write_text(text)
    found = refused(Path("a.yaml"), capsys)

    assert {(each.field, each.line) for each in found} == {
        ("tittle", 3),
        ("zones.mine", 7),
        ("policies.duty.rate.unit", 14),
        ("policies.floor.strike.value", 20),
    }


def test_wrong_values_and_unknown_names_come_all_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    """In one policy, in a level below it, in assumptions, zones and the list of sources."""
    text = SOUND.replace("good: oxide", "good: oxid", 1).replace("rate: 5 %", "rate: 5 kg")
    text = text.replace("[EU, Japan]", "[EU, Jpan]").replace("[mine]", "[nobody]")
    text = text.replace("    strike: 110 USD/kg", "    strike: 110 USD/kg\n    processes: [dig]")
    text = text.replace("title: Mine", "variants: [x]")
    text += FLOOR.format(id="high", good="tin", kind="border_levi").replace("law", "lwa")
    text += (
        "assumptions:\n"
        "  horizon: longer\n"
        "  latent: [pitt]\n"
        "  elasticities: {no_such: low}\n"
        "  cost_of_public_funds: -1 1\n"
    )
    (folder / "a.yaml").write_text(text)
    found = {each.field: each for each in refused(Path("a.yaml"), capsys)}

    assert {name: each.problem for name, each in found.items()} == {
        "zones.mine.1": "unknown region 'Jpan'",
        "variants.0": "unknown benchmark 'x'",
        "assumptions.horizon": "the value 'longer' is not allowed here",
        "assumptions.latent.0": "unknown announced plant 'pitt'",
        "assumptions.elasticities.no_such": "unknown elasticity 'no_such'",
        "assumptions.cost_of_public_funds.value": "-1.0 is too small",
        "policies.duty.good": "unknown good 'oxid'",
        "policies.duty.destinations.0": "unknown region or zone 'nobody'",
        "policies.duty.rate.unit": "the unit 'kg' is not allowed here",
        "policies.floor.processes.0": "unknown process 'dig'",
        "policies.high.level.prices.tin": "unknown good 'tin'",
        "policies.high.mechanism.kind": "the kind 'border_levi' is not allowed here",
        "policies.high.source": "no entry 'lwa' in 'sources'",
    }
    lines = {
        "zones.mine.1": line_of(text, "Jpan"),
        "assumptions.elasticities.no_such": line_of(text, "no_such"),
        "policies.duty.destinations.0": line_of(text, "nobody"),
        "policies.high.level.prices.tin": line_of(text, "tin: 100"),
        "policies.high.source": line_of(text, "lwa"),
    }
    assert {name: found[name].line for name in lines} == lines
    assert "Did you mean 'oxide'?" in found["policies.duty.good"].remedy


LAYERED = """\
  - id: wrong
    kind: tariff
    source: law
    good: oxide
    destinations: [EU]
    rate: -5 %
  - id: after
    kind: tariff
    source: law
    good: oxide
    destinations: [EU]
    rate: 5 %
    yields_to: [wrong]
"""


def test_a_wrong_value_does_not_hide_what_other_policies_cannot_do(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    """Nor a contradiction of two further ones; what yields to a wrong policy is not judged."""
    text = TEXT.replace("region: Japan", "region: Korea") + LAYERED
    text += "".join(
        FLOOR.format(id=name, good="metal", kind=f"{name}_levy") for name in ("border", "uniform")
    )
    (folder / "a.yaml").write_text(text)
    found = {each.field: each for each in refused(Path("a.yaml"), capsys)}

    assert {name: each.problem for name, each in found.items()} == {
        "policies.wrong.rate.value": "-5.0 is too small",
        "policies.floor.region": "nothing in Korea makes oxide",
        "policies.uniform": "'uniform' and 'border' both hold up the price of metal at one border, "
        "and one of them is a uniform levy or an undertaking",
    }
    assert found["policies.floor.region"].line == line_of(text, "region: Korea")


def test_what_cannot_be_done_does_not_hide_a_contradiction(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    text = TEXT.replace("region: Japan", "region: Korea")
    text += "".join(
        FLOOR.format(id=name, good="metal", kind=f"{name}_levy") for name in ("border", "uniform")
    )
    (folder / "a.yaml").write_text(text)

    places = [each.field for each in refused(Path("a.yaml"), capsys)]
    assert places == ["policies.floor.region", "policies.uniform"]


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("zones:\n  mine: [EU, Japan]", "zones:\n  mine: 5", ["zones.mine"]),
        (
            "title: Mine",
            "assumptions: {horizon: longer, latent: []}",
            ["assumptions.horizon"],
        ),
        (
            "title: Mine",
            "assumptions: {cost_of_public_funds: -1 1}",
            ["assumptions.cost_of_public_funds.value", "policies.floor.region"],
        ),
    ],
)
def test_nothing_is_said_of_what_hangs_on_a_fault(
    old: str, new: str, fields: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
):
    """Not of policies of a wrong zone; of none where it is open what the world allows."""
    text = (TEXT if len(fields) > 1 or "horizon" in new else SOUND).replace(old, new)
    text = text.replace("region: Japan", "region: Korea")
    (folder / "a.yaml").write_text(text)

    assert [each.field for each in refused(Path("a.yaml"), capsys)] == fields


def test_a_solve_names_faults_of_assumptions_and_policies(folder: Path):
    scenario = pricing.load_scenario("forge_oxide_only")
    wrong = scenario.but({"assumptions.benchmark": "x", "policies.oxide.zone": ["atlantis"]})
    with pytest.raises(pricing.InputError) as caught:
        pricing.solve(wrong)
    assert [fault.field for fault in caught.value.faults] == [
        "assumptions.benchmark",
        "policies.oxide.zone.0",
    ]


def test_a_wrong_value_does_not_hide_a_chain_that_does_not_exist(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    text = SOUND.replace("rate: 5 %", "rate: 5 kg").replace("title: Mine", "chain: copper")
    (folder / "a.yaml").write_text(text)

    assert [each.field for each in refused(Path("a.yaml"), capsys)] == [
        "policies.duty.rate.unit",
        "chain",
    ]


def test_faults_of_all_patches_come_at_once(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = SOUND + (
        "patches:\n"
        "  high: {policies: [{id: duty, rate: 5 kg}]}\n"
        "  wide: {policies: [{id: duty, good: tin}]}\n"
    )
    (folder / "a.yaml").write_text(text)

    assert main(["validate", "a.yaml"]) == 2
    shown = capsys.readouterr().err
    assert f"a.yaml:{line_of(text, 'high:')}: policies.duty.rate.unit" in shown
    assert f"a.yaml:{line_of(text, 'wide:')}: policies.duty.good: unknown good 'tin'" in shown


def test_a_uniform_and_a_border_levy_on_one_good(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = SOUND + FLOOR.format(id="one", good="oxide", kind="border_levy")
    text += FLOOR.format(id="other", good="oxide", kind="uniform_levy")
    (folder / "a.yaml").write_text(text)
    found = refused(Path("a.yaml"), capsys)

    assert len(found) == 1
    assert found[0].line in (line_of(text, "id: one"), line_of(text, "id: other"))
    assert "uniform levy" in found[0].problem
    assert found[0].remedy


def test_levies_on_two_goods_are_no_contradiction(folder: Path):
    text = SOUND + FLOOR.format(id="one", good="oxide", kind="border_levy")
    text += FLOOR.format(id="other", good="metal", kind="uniform_levy")
    (folder / "a.yaml").write_text(text)

    assert pricing.load_scenario("a.yaml").id == "mine"
