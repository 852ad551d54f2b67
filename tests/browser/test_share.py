"""Scenarios that leave the app and come back: links, files, comparison, the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect

import pricing
from pricing.cli import main
from tests.browser import app

pytestmark = pytest.mark.slow


def moved(page: Page, value: float) -> pricing.Scenario:
    """Move the reference price and wait for the numbers."""
    scenario = app.at_price(value)
    app.type_into(app.box(page, app.PRICE), value)
    app.shows(page, pricing.solve(scenario))
    return scenario


def test_a_link_brings_every_number_to_another_screen(context: BrowserContext, page: Page) -> None:
    scenario = moved(page, 101.25)
    app.go(page, "Files and links")
    app.button(page, "Make a link").click()
    page.wait_for_url("**?s=*")
    colleague = context.new_page()
    colleague.goto(page.url.replace("/files?", "/?"))
    app.shows(colleague, pricing.solve(scenario))
    expect(app.box(colleague, app.PRICE)).to_have_value("101.25")


def test_files_give_the_same_numbers_on_the_command_line_and_back_in_the_app(
    context: BrowserContext,
    page: Page,
    address: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    moved(page, 104.5)
    app.go(page, "Files and links")
    file = app.download(page, "Scenario", tmp_path)
    results = app.download(page, "Results, CSV", tmp_path)
    sent = pricing.solve(file)
    assert app.numbers(sent) == app.numbers(pricing.solve(app.at_price(104.5)))
    assert main(["solve", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    lines = results.read_text(encoding="utf-8").splitlines(keepends=True)
    table = pd.read_csv(io.StringIO("".join(x for x in lines if not x.startswith("#"))))
    assert table["value"].to_list() == [row["value"] for row in said["records"]]
    colleague = context.new_page()
    colleague.goto(address)
    app.go(colleague, "Files and links")
    colleague.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    app.button(colleague, "Open it").click()
    app.go(colleague, "What if")
    app.shows(colleague, sent)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"policies: [", "valid"),
        (b"\x00\xff\xfe", "valid"),
        (b"extends: ../../secrets\nid: x\n", "secrets"),
        (b"extends: baseline\nid: x\ntitle: x\ndescription: x\npolices: []\n", "policies"),
        (b"extends: baseline\n" + b"# padding\n" * 150_000, "smaller"),
    ],
    ids=["yaml", "bytes", "path", "misspelt", "size"],
)
def test_a_bad_upload_is_told_and_changes_nothing(
    page: Page, tmp_path: Path, text: bytes, told: str
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(text)
    app.go(page, "Files and links")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    expect(page.get_by_test_id("stMain")).to_contain_text(told)
    expect(app.button(page, "Open it")).to_have_count(0)
    app.go(page, "What if")
    app.shows(page, pricing.solve(app.SCENARIO))


def test_a_kept_variant_is_compared_in_inputs_and_results(page: Page, tmp_path: Path) -> None:
    moved(page, 88.0)
    app.go(page, "Compare")
    page.get_by_role("textbox", name="Keep the present scenario as").fill("lower")
    app.button(page, "Keep").click()
    expect(app.button(page, "Forget lower")).to_be_visible()  # tables were there before
    inputs = pd.read_csv(app.download(page, "CSV", tmp_path), comment="#")
    assert inputs["path"].str.contains("reference.level").any()


def test_a_shipped_scenario_opens_from_its_page(page: Page) -> None:
    app.go(page, "Scenarios")
    card = page.locator(".st-key-scenario_section_301_magnets")
    expect(card).to_contain_text(pricing.load_scenario("section_301_magnets").document.title)
    app.button(card, "Open").click()
    app.shows(page, pricing.solve("section_301_magnets"))
    app.button(page, "Undo").click()
    app.shows(page, pricing.solve(app.SCENARIO))


def test_the_box_for_files_states_the_limit_that_holds(page: Page) -> None:
    app.go(page, "Files and links")
    box = page.get_by_test_id("stFileUploader")
    expect(box).to_contain_text("256 kB")
    expect(box.get_by_test_id("stFileUploaderDropzoneInstructions")).to_be_hidden()


def test_a_damaged_link_is_told_where_the_reader_looks(page: Page, address: str) -> None:
    page.goto(f"{address}/?s=AAAA")
    told = page.get_by_role("alert").filter(has_text="link could not be opened")
    expect(told).to_be_in_viewport()
