"""Files: a scenario goes out and comes back; what may not come in is told and opens nothing."""

from __future__ import annotations

import pytest

import pricing
from tests.support.files import without_choke

BASE = pricing.load_scenario("forge_oxide_only")
EXTENDS = b"""extends: forge_oxide_only
id: mine
title: Mine
description: Another level.
sources:
  me: {text: "Chosen by me", date: "2026", grade: illustrative, derivation: "To see what it does"}
policies:
  - id: oxide
    level: {kind: fixed, prices: {oxide: {value: 90, unit: USD/kg, source: me}}}
"""


def upload(app, text: bytes):
    app.get("file_uploader")[0].set_value(("mine.yaml", text, "text/yaml")).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("text", [EXTENDS, BASE.to_yaml().encode()], ids=["extends", "whole"])
def test_a_file_comes_in_as_the_library_reads_it(show, now, text: bytes):
    app = upload(show("files", BASE), text)
    app.button(key="open_upload").click().run()

    assert now(app).hash == pricing.parse_scenario(text).hash


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"extends: ../../etc/passwd\nid: x\n", "not a shipped scenario"),
        (b"a: &x [1]\nb: *x\n", "anchors"),
        (b"id: !!python/object x\n", "tags"),
        (b"x" * 300_000, "larger than 256 kB"),
        (b"[" * 3000, "nesting is deeper"),
        (b"\xff\xfe", "not UTF-8"),
        (b"extends: forge_oxide_only\nid: x\npolicys: []\n", "Did you mean 'policies'?"),
        (b"title: '![x](http://example.org/x.png)'\nkind: '![y](http://example.org)'\n", "kind"),
    ],
    ids=["path", "alias", "tag", "large", "deep", "bytes", "misspelt", "markup"],
)
def test_a_bad_file_is_told_and_opens_nothing(show, now, text: bytes, told: str):
    app = upload(show("files", BASE), text)

    drawn = [line.value for line in app.markdown]
    assert any(told in line.replace("\\", "") for line in drawn), drawn
    assert not [line for line in drawn if "![" in line]
    assert any("Nothing was opened" in error.value for error in app.error)
    assert "open_upload" not in [button.key for button in app.button]
    assert now(app).hash == BASE.hash


def test_a_link_is_shown_and_stands_in_the_address(show):
    app = show("files", BASE)
    app.button(key="share").click().run()
    from pricing_ui import links

    packed = app.query_params["s"]
    packed = packed if isinstance(packed, str) else packed[0]
    assert links.unpack(packed).hash == BASE.hash
    assert any(code.value.endswith(f"?s={packed}") for code in app.code)


def test_a_scenario_too_long_for_a_link_is_told_and_not_linked(show, monkeypatch):
    app = show("files", BASE)
    from pricing_ui import links

    monkeypatch.setattr(links, "MOST_PACKED", 100)
    app.button(key="share").click().run()

    assert not app.exception
    assert any("send the scenario file instead" in error.value for error in app.error)
    assert "s" not in app.query_params


def test_a_changed_scenario_asks_for_a_name_and_gets_it(show, now):
    app = show("files", BASE)
    assert not app.info
    (lever, *_) = pricing.levers(BASE)
    moved = pricing.move(BASE, BASE, lever, 80.0)
    desk = app.session_state["desk"]
    desk.take(desk.history[0]._replace(scenario=moved))
    app.run()
    assert "no longer those of this title" in app.info[0].value

    short, title = app.text_input
    short.set_value("oxide_80")
    title.set_value("Oxide at 80")
    next(button for button in app.button if button.label == "Use this name").click().run()
    assert not app.exception
    assert (now(app).id, now(app).document.title) == ("oxide_80", "Oxide at 80")
    assert now(app).hash == moved.hash
    assert not app.info


def test_a_name_that_cannot_be_used_is_told(show, now):
    app = show("files", BASE)
    app.text_input[0].set_value("80 %")
    next(button for button in app.button if button.label == "Use this name").click().run()

    assert any("id" in line.value and "form needed here" in line.value for line in app.markdown)
    assert now(app).id == BASE.id


def test_without_an_equilibrium_no_results_are_offered_and_that_is_said(show, tmp_path):
    stuck = pricing.load_scenario(without_choke(tmp_path)).but({"policies.quota.quota": "0 t/yr"})
    app = show("files", stuck)

    assert [button.key for button in app.get("download_button")] == [f"take_{stuck.id}.yaml"]
    assert any("no results to take away" in info.value for info in app.info)
