"""A chart in a real browser: what a move draws anew, what a hover says, and its two buttons."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

import pricing
from pricing.reporting import figures
from pricing.reporting.theme import PALETTES, Look
from tests.browser import app
from tools import browser

pytestmark = pytest.mark.slow
CHARTS = ".pricing-chart"
PROXY = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "server" / "nginx.conf"
KEEP = """charts => { window.kept = charts.map(it => it.chart.drawn); }"""
SAME = """charts => charts.map((it, place) => it.chart.drawn === window.kept[place])"""
DATA = """(charts, [place, name, field]) =>
    charts[place].chart.drawn.view.data(name).map(row => row[field])"""


def test_a_move_gives_the_charts_new_data_and_draws_none_from_nothing(page: Page) -> None:
    charts = page.locator(CHARTS)
    charts.evaluate_all(KEEP)
    app.type_into(app.box(page, app.PRICE), 123.45)
    result = pricing.solve(app.at_price(123.45))
    app.shows(page, result)
    browser.settle(page)
    assert charts.evaluate_all(SAME) == [True] * 5
    prices = figures.prices_by_stage(result, figures.NoPolicy.of(result)).drawn["rows"]
    expected = [row["scenario"] for row in prices.rows]
    assert charts.evaluate_all(DATA, [0, "rows", "scenario"]) == pytest.approx(expected, rel=1e-12)


def test_after_moves_that_overtake_one_another_chart_and_summary_agree(page: Page) -> None:
    slider = app.slider(page, app.PRICE)
    slider.focus()
    for _ in range(8):
        slider.press("ArrowRight")
    page.wait_for_timeout(1000)  # a server that is busy hears the last ones late
    browser.settle(page)
    result = pricing.solve(app.at_price(float(app.box(page, app.PRICE).input_value())))
    app.shows(page, result)
    prices = figures.prices_by_stage(result, figures.NoPolicy.of(result)).drawn["rows"]
    shown = page.locator(CHARTS).evaluate_all(DATA, [0, "rows", "scenario"])
    assert shown == pytest.approx([row["scenario"] for row in prices.rows], rel=1e-12)


def test_a_chart_says_what_it_shows_to_those_who_cannot_see_it(page: Page) -> None:
    result = pricing.solve(app.SCENARIO)
    figure = figures.prices_by_stage(result, figures.NoPolicy.of(result))
    said = page.locator(CHARTS).first.get_attribute("aria-label") or ""
    assert said.startswith(f"{figure.title}, {figure.unit}.")


def test_a_chart_fits_its_place_when_the_window_changes(page: Page) -> None:
    chart = page.locator(CHARTS).first
    for width in (800, 1300):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_function(
            "([where]) => { const box = document.querySelector(where);"
            "const { width } = box.querySelector('canvas').getBoundingClientRect();"
            "return Math.abs(width - box.clientWidth) < 2; }",
            arg=[CHARTS],
        )
    expect(chart).to_be_visible()


def test_a_mark_says_its_sentence_on_hover(page: Page) -> None:
    chart = page.locator(CHARTS).first
    place = chart.bounding_box()
    assert place is not None
    told = page.locator("#vg-tooltip-element.visible")
    for across, down in itertools.product(range(20, 80), range(30, 90, 7)):
        page.mouse.move(place["x"] + place["width"] * across / 100, place["y"] + down)
        if told.count():
            break
    result = pricing.solve(app.SCENARIO)
    rows = figures.prices_by_stage(result, figures.NoPolicy.of(result)).drawn["rows"].rows
    assert told.inner_text().strip().removeprefix("sentence").strip() in {
        row["sentence"] for row in rows
    }


def test_a_chart_is_saved_by_keyboard_on_the_ground_of_the_page(page: Page, tmp_path: Path) -> None:
    """Without a ground, the light letters of a dark page could not be read in a paper."""
    app.button(page, "PNG: Prices by stage").focus()
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    waiting.value.save_as(tmp_path / "chart.png")
    assert waiting.value.suggested_filename == "prices_by_stage.png"
    with Image.open(tmp_path / "chart.png") as saved:
        assert saved.convert("RGBA").getpixel((0, 0)) == (255, 255, 255, 255)


def test_a_chart_fills_the_screen_and_leaves_it_by_keyboard(page: Page) -> None:
    button = app.button(page, "Enlarge: Prices by stage")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.fullscreenElement?.matches('.pricing-chart-frame')")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.fullscreenElement")
    expect(button).to_be_focused()


def test_every_button_of_a_chart_has_a_name_of_its_own(page: Page) -> None:
    buttons = page.locator(".pricing-chart-tools button")
    names = buttons.evaluate_all("found => found.map(it => it.getAttribute('aria-label'))")
    assert len(set(names)) == len(names) == 10


def test_charts_follow_the_look_of_the_page_without_an_answer_of_the_server(page: Page) -> None:
    for look in (Look.DARK, Look.LIGHT):
        page.emulate_media(color_scheme=look.value)
        page.wait_for_function(
            "([where, ink]) => [...document.querySelectorAll(where)].every("
            "it => it.chart.drawn.view.signal('ink') === ink)",
            arg=[CHARTS, PALETTES[look].ink],
        )


POLICY = """policy => new MutationObserver((_, watch) => {
    if (!document.head) return;
    watch.disconnect();
    const held = document.createElement("meta");
    Object.assign(held, {httpEquiv: "Content-Security-Policy", content: policy});
    document.head.prepend(held);
}).observe(document, {childList: true, subtree: true})"""


def test_charts_are_drawn_under_the_content_policy_that_the_documents_state(
    context: BrowserContext, address: str
) -> None:
    stated = re.search(r'Content-Security-Policy "([^"]+)"', PROXY.read_text(encoding="utf-8"))
    assert stated is not None
    policy = stated[1].replace("frame-ancestors 'none'; ", "")  # a page cannot state this itself
    page = context.new_page()
    page.add_init_script(f"({POLICY})({json.dumps(policy)})")
    page.goto(address)
    expect(page.locator(f"{CHARTS} canvas")).to_have_count(5)
    assert page.locator("meta[http-equiv=Content-Security-Policy]").count() == 1
