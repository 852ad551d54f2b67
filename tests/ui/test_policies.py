"""Every instrument can be added, edited, copied, switched off and removed by its form."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import pricing
from pricing.editing import parts
from pricing.editing.forms import policy_forms, source_form
from pricing.editing.names import Names
from tests.support.hand import rich

BASE = pricing.load_scenario("forge_oxide_only")
PRICE = "policies.oxide.level.prices.oxide"
LONG = BASE.but({"assumptions.horizon": "long"})
HIDDEN = {
    "good": "oxide",
    "origin": "China",
    "via": "Vietnam",
    "destinations": ["United States"],
    "share": "10 %",
    "evasion_cost": "1 USD/kg",
    "source": next(iter(BASE.document.sources)),
}
WORLDS = {
    "capital_grant": LONG,  # it acts on capacity
    "origin_rule": BASE.but({"assumptions.transshipments": [HIDDEN]}),  # it looks for these
}
"""Kind -> scenario that it is added to, where the usual one gives it nothing to act on."""
KINDS = list(policy_forms())
NAMED = {
    Names.GOOD: "oxide",
    Names.REGION: "Japan",  # makes oxide and uses it
    Names.PLACE: "United States",
    Names.PROCESS: "separation_united_states",
}
ELSEWHERE = "China"
"""Where origins lie, so that a border is crossed."""
SPECIAL = {
    ("tariff_rate_quota", "over_quota"): 90.0,  # above the duty inside the quota
    ("input_subsidy", "region"): "China",  # where oxide is processed
    ("undertaking", "good"): "metal",  # no levy holds up the price there
}
"""Kind and path -> what is filled in where the usual entry does not fit."""


def begun(app: AppTest, kind: str) -> str:
    """Begin a policy; the prefix of its widgets."""
    app.selectbox(key="new_kind").set_value(kind).run()
    app.button(key="new_policy").click().run()
    assert not app.exception
    return f"draft{app.session_state['desk'].draft.number}"


def fill(app: AppTest, group: parts.Group, prefix: str, path: str = "") -> None:
    """Fill in every required field below; where none is required, the first amount."""
    needed = [field for field in group.fields if field.required and not field.common]
    if path and not needed:
        needed = [f for f in group.fields if f.optional and isinstance(f.part, parts.Amount)][:1]
    for field in needed:
        at = f"{path}.{field.name}".lstrip(".")
        if field.optional:
            app.checkbox(key=f"{prefix}/{at}?").check().run()
        fill_part(app, field, prefix, at)


def fill_part(app: AppTest, field: parts.Field, prefix: str, at: str) -> None:
    special = SPECIAL.get((app.session_state["desk"].draft.kind, at))
    match field.part:
        case parts.Name(of=of):
            app.selectbox(key=f"{prefix}/{at}").set_value(special or NAMED[of]).run()
        case parts.NameList(of=of):
            name = ELSEWHERE if field.name == "origins" else NAMED[of]
            app.multiselect(key=f"{prefix}/{at}").set_value([name]).run()
        case parts.Amount(usual=unit):
            app.number_input(key=f"{prefix}/{at}.value").set_value(special or 70.0).run()
            assert app.selectbox(key=f"{prefix}/{at}.unit").value == unit
        case parts.OneOf(groups=groups):
            fill(app, groups[0], prefix, at)
        case parts.Table(of=of, each=each):
            app.multiselect(key=f"{prefix}/{at}[]").set_value([NAMED[of]]).run()
            row = parts.Field(NAMED[of], "", "", each)
            fill_part(app, row, prefix, f"{at}.{NAMED[of]}")
        case parts.Group() as inner:
            fill(app, inner, prefix, at)
        case parts.Rows():
            app.button(key=f"{prefix}/{at}.rows+").click().run()
            fill_part(app, parts.Field("0", "", "", field.part.each), prefix, f"{at}.0")
        case parts.Words():
            app.text_input(key=f"{prefix}/{at}").set_value("text").run()


def first_optional_amount(kind: str) -> str | None:
    fields = policy_forms()[kind].group.fields
    names = (f.name for f in fields if f.optional and isinstance(f.part, parts.Amount))
    return next(names, None)


def told(app: AppTest) -> list[str]:
    return [text.value for text in app.markdown if text.value.startswith(":material/error:")]


@pytest.mark.parametrize("kind", KINDS)
def test_an_instrument_is_added_by_its_form_and_solves(show, now, kind: str):
    base = WORLDS.get(kind, BASE)
    app = show("policies", base)
    prefix = begun(app, kind)
    fill(app, policy_forms()[kind].group, prefix)
    app.button(key="apply").click().run()
    amount = first_optional_amount(kind)
    if now(app).hash == base.hash and amount is not None:  # it needs one of several, such as a rate
        assert told(app)
        app.checkbox(key=f"{prefix}/{amount}?").check().run()
        app.number_input(key=f"{prefix}/{amount}.value").set_value(7.0).run()
        app.button(key="apply").click().run()

    assert not app.exception
    assert told(app) == []
    added = now(app).document.policies[-1]
    assert (added.kind, added.id, added.source) == (kind, kind, "own_choice")
    assert app.session_state["desk"].draft is None
    again = pricing.parse_scenario(now(app).to_yaml())
    assert again.hash == now(app).hash
    assert pricing.solve(again).diagnostics.residual < 1e-8


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_form_tells_every_fault_beside_its_field(show, now, kind: str):
    app = show("policies", BASE)
    begun(app, kind)
    assert told(app) == []  # nobody is blamed before they asked
    app.button(key="apply").click().run()

    required = [f for f in policy_forms()[kind].group.fields if f.required and not f.common]
    assert not app.exception
    assert len(told(app)) >= sum(not isinstance(f.part, parts.OneOf) for f in required)
    assert any("to correct above" in error.value for error in app.error)
    assert now(app).hash == BASE.hash


def every_policy() -> list[Any]:
    shipped = (pricing.load_scenario(name) for name in pricing.shipped_scenarios())
    return [
        pytest.param(scenario, policy.id, id=f"{scenario.id}-{policy.id}")
        for scenario in (*shipped, rich())
        for policy in scenario.document.policies
    ]


@pytest.mark.parametrize(("scenario", "name"), every_policy())
def test_a_form_loses_nothing_of_what_it_shows(show, now, scenario, name: str):
    app = show("policies", scenario)
    app.button(key=f"edit_{name}").click().run()
    app.button(key="apply").click().run()

    assert not app.exception
    assert told(app) == []
    assert app.session_state["desk"].draft is None
    assert now(app).hash == scenario.hash


def test_the_list_of_policies_states_their_levels(show):
    app = show("policies", BASE)
    told = [caption.value.replace("\\", "") for caption in app.caption]
    assert any("fixed (prices oxide 110 USD/kg)" in text for text in told)


def test_an_edit_gives_the_numbers_of_the_library(show, now):
    app = show("policies", BASE)
    app.button(key="edit_oxide").click().run()
    app.number_input(key="draft1/level.prices.oxide.value").set_value(90.0).run()
    assert now(app).hash == BASE.hash  # a draft is not yet in the scenario
    app.button(key="apply").click().run()

    source = BASE.document.policies[0].level.prices["oxide"].source
    price = {"value": 90.0, "unit": "USD/kg", "source": source}
    assert now(app).hash == BASE.but({"policies.oxide.level.prices.oxide": price}).hash


def test_a_form_that_was_overtaken_says_so_and_takes_what_holds_now(show, now):
    app = show("policies", BASE)
    app.button(key="edit_oxide").click().run()
    assert not app.warning
    desk = app.session_state["desk"]
    moved = BASE.but({PRICE: "150 USD/kg"})
    desk.take(desk.history[0]._replace(scenario=moved))  # as a slider does
    app.run()
    assert any("changed since the form was opened" in warning.value for warning in app.warning)

    app.button(key="refill").click().run()
    assert not app.warning
    app.button(key="apply").click().run()
    assert now(app).hash == moved.hash


def test_a_form_whose_policy_is_gone_says_so(show, now):
    app = show("policies", BASE)
    app.button(key="edit_oxide").click().run()
    app.button(key="remove_oxide").click().run()
    assert any("removed since the form was opened" in warning.value for warning in app.warning)

    app.button(key="apply").click().run()
    assert [policy.id for policy in now(app).document.policies] == ["oxide"]


def test_another_kind_of_rule_has_another_form(show, now):
    app = show("policies", BASE)
    app.button(key="edit_oxide").click().run()
    app.selectbox(key="draft1/level.kind").set_value("ladder").run()
    app.selectbox(key="draft1/level.anchor").set_value("oxide").run()
    app.number_input(key="draft1/level.price.value").set_value(80.0).run()
    app.multiselect(key="draft1/level.margins[]").set_value(["metal"]).run()
    app.number_input(key="draft1/level.margins.metal.value").set_value(7.0).run()
    app.button(key="apply").click().run()

    assert told(app) == []
    level = now(app).document.policies[0].level
    assert (level.kind, level.anchor, list(level.margins)) == ("ladder", "oxide", ["metal"])


def test_a_level_that_follows_a_plant(show, now):
    plant = next(p.id for p in BASE.chain.processes if p.id.startswith("separation"))
    app = show("policies", BASE)
    app.button(key="edit_oxide").click().run()
    app.selectbox(key="draft1/level.kind").set_value("cost_plus").run()
    app.multiselect(key="draft1/level.producers[]").set_value(["oxide"]).run()
    app.selectbox(key="draft1/level.producers.oxide").set_value(plant).run()
    app.button(key="apply").click().run()

    assert told(app) == []
    assert now(app).document.policies[0].level.producers == {"oxide": plant}


def test_copy_switch_and_remove(show, now):
    app = show("policies", BASE)
    app.button(key="copy_oxide").click().run()
    app.button(key="apply").click().run()
    assert [policy.id for policy in now(app).document.policies] == ["oxide", "oxide_2"]

    app.button(key="switch_oxide").click().run()
    assert [policy.active for policy in now(app).document.policies] == [False, True]
    assert any("switched off" in caption.value for caption in app.caption)
    app.button(key="switch_oxide").click().run()
    app.button(key="remove_oxide_2").click().run()
    assert now(app).hash == BASE.hash


def test_a_name_that_is_taken_is_told_and_nothing_is_overwritten(show, now):
    app = show("policies", BASE)
    prefix = begun(app, "export_ban")
    fill(app, policy_forms()["export_ban"].group, prefix)
    app.text_input(key=f"{prefix}/id").set_value("oxide").run()
    app.button(key="apply").click().run()

    assert any("two policies are called" in text.replace("\\", "") for text in told(app)) or any(
        "Two policies are called" in text.replace("\\", "") for text in told(app)
    )
    assert now(app).hash == BASE.hash


def test_discarded_a_draft_leaves_nothing(show, now):
    app = show("policies", BASE)
    begun(app, "tariff")
    app.button(key="discard").click().run()

    assert app.session_state["desk"].draft is None
    assert now(app).hash == BASE.hash


def test_members_of_a_zone(show, now):
    app = show("policies", BASE)
    app.multiselect(key="zone0_forge").set_value(["United States", "Japan"]).run()
    assert now(app).document.zones["forge"] == ("United States", "Japan")

    key = f"zone{app.session_state['desk'].revision}_forge"
    app.multiselect(key=key).set_value([]).run()
    assert not app.exception
    assert any("zones.forge" in error.value.replace("\\", "") for error in app.error)
    assert now(app).document.zones["forge"] == ("United States", "Japan")


def test_faults_name_fields_as_the_form_does(show):
    app = show("policies", BASE)
    group = policy_forms()["price_guarantee"].group
    prefix = begun(app, "price_guarantee")
    fill(app, group, prefix)
    for name in ("cap", "budget"):
        app.checkbox(key=f"{prefix}/{name}?").check().run()
        app.number_input(key=f"{prefix}/{name}.value").set_value(70.0).run()
    app.button(key="apply").click().run()
    labels = {field.name: field.label for field in group.fields}
    assert labels["cap"] != "cap"
    [says] = [text for text in told(app) if "not both" in text]
    assert all(f"'{labels[name]}'" in says.replace("\\", "") for name in ("cap", "budget"))


def test_a_zone_is_added_and_removed(show, now):
    app = show("policies", BASE)

    def add(name, members):
        app.text_input(key="zone_name").set_value(name)
        app.multiselect(key="zone_members").set_value(members)
        next(button for button in app.button if button.label == "Add zone").click().run()
        assert not app.exception

    for name in ("", "1st", "forge"):  # none, no name to begin with, taken
        add(name, ["Korea"])
        assert app.error
        assert app.text_input(key="zone_name").value == name  # to be corrected
        assert now(app).hash == BASE.hash
    add("pacific", ["Korea", "Japan"])
    assert not app.error
    assert now(app).document.zones["pacific"] == ("Korea", "Japan")
    assert app.text_input(key="zone_name").value == ""
    assert app.multiselect(key="zone_members").value == []

    revision = app.session_state["desk"].revision
    app.button(key=f"remove_zone{revision}_pacific").click().run()
    assert "pacific" not in now(app).document.zones
    revision = app.session_state["desk"].revision
    app.button(key=f"remove_zone{revision}_forge").click().run()
    assert any("forge" in error.value for error in app.error)  # a policy is made for it
    assert "forge" in now(app).document.zones


def test_a_source_is_added_by_its_form(show, now):
    app = show("policies", BASE)
    app.button(key="new_source").click().run()
    app.button(key="apply").click().run()
    assert told(app)  # a text is needed
    app.text_area(key="draft1/text").set_value("Federal Register 91 FR 1").run()
    app.selectbox(key="draft1/grade").set_value("official").run()
    app.button(key="apply").click().run()

    assert now(app).document.sources["source"].grade == "official"
    assert source_form().group.fields[0].name == "text"


def test_readers_with_the_same_numbers_each_see_their_own_names(show):
    """The server keeps results for all sessions, and a hash leaves names out."""
    for scenario in (BASE, BASE.but(id="confidential", title="Plan B")):
        assert scenario.hash == BASE.hash
        app = show("policies", scenario)
        said = [html.proto.body for html in app.get("html")]
        assert any(f"Scenario {scenario.id} ({scenario.hash[:12]})" in body for body in said)


def test_markup_in_a_file_stays_text(show):
    evil = "![x](http://example.org/x.png) <b>b</b> $a$"
    hostile = BASE.but({"policies.oxide.label": evil}, title=evil, description=evil)
    app = show("policies", hostile)

    drawn = [text.value for text in (*app.markdown, *app.caption)]
    assert any("example" in text for text in drawn)
    assert not [text for text in drawn if "![" in text or "](" in text.replace("\\](", "")]
