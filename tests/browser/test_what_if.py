"""Levers in a real browser: the numbers on screen are the library's."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, BrowserContext, Page, expect

import pricing
from pricing.reporting.callouts import callouts
from pricing.reporting.headline import headline
from tests.browser import app
from tests.support.files import without_choke
from tools import browser

pytestmark = pytest.mark.slow
CHARTS = ".pricing-chart"
PIXELS = "canvases => canvases.map(canvas => canvas.toDataURL())"


def test_it_opens_with_the_numbers_of_the_library(page: Page) -> None:
    app.shows(page, pricing.solve(app.SCENARIO))
    charts = page.locator(CHARTS)
    assert charts.count() >= 5
    for place in range(charts.count()):
        assert charts.nth(place).get_attribute("aria-label")


def test_the_summary_has_a_name_and_explains_itself(page: Page) -> None:
    summary = page.get_by_role("region", name="Summary", exact=True)
    found = headline(pricing.solve(app.SCENARIO))
    terms = summary.locator("[tabindex='0']")
    expect(terms).to_have_count(len(found))
    for place, number in enumerate(found):
        expect(terms.nth(place)).to_have_accessible_description(number.help)
    expect(summary.get_by_role("definition").filter(has_not_text=re.compile(r"\S"))).to_have_count(
        0
    )


def test_the_keyboard_moves_a_slider_and_every_chart(page: Page) -> None:
    pictures = page.locator(f"{CHARTS} canvas")
    before = pictures.evaluate_all(PIXELS)
    assert len(before) == page.locator(CHARTS).count() == len(set(before))
    slider, box = app.slider(page, app.PRICE), app.box(page, app.PRICE)
    slider.focus()
    slider.press("ArrowRight")
    expect(box).not_to_have_value("96.48")
    value = float(box.input_value())
    assert value > 96.48
    result = pricing.solve(app.at_price(value))
    app.shows(page, result)
    assert app.numbers(result) != app.numbers(pricing.solve(app.SCENARIO))
    page.wait_for_function(
        f"([where, before]) => ({PIXELS})([...document.querySelectorAll(where)])"
        ".every((picture, place) => picture !== before[place])",
        arg=[f"{CHARTS} canvas", before],
    )


WATCH_FIRST_NUMBER = """() => {
    window.seen = [];
    const note = () => {
        const text = document.querySelector(".headline dd.value")?.innerText;
        if (text && text !== window.seen.at(-1)) window.seen.push(text);
    };
    note();
    new MutationObserver(note).observe(document.body,
        { subtree: true, childList: true, characterData: true });
}"""


def test_every_move_of_a_key_held_down_counts_and_numbers_never_go_back(page: Page) -> None:
    """Moves follow faster than answers, so the browser tells of the box as it stood before."""
    presses, slider, box = 60, app.slider(page, app.PRICE), app.box(page, app.PRICE)
    page.evaluate(WATCH_FIRST_NUMBER)
    slider.focus()
    for _ in range(presses):
        page.keyboard.down("ArrowRight")  # again while it is down: as a key repeats itself
        page.wait_for_timeout(33)
    page.keyboard.up("ArrowRight")
    reached = 98.0 + 2.0 * (presses - 1)  # from 96.48 to the next step of 2, and on
    app.shows(page, pricing.solve(app.at_price(reached)))
    expect(slider).to_have_attribute("aria-valuetext", f"{reached:.2f}")
    expect(box).to_have_value(f"{reached:g}")
    seen = [float(text) for text in page.evaluate("window.seen")]
    assert len(seen) > 3
    assert seen == sorted(seen)  # a higher floor, a higher price


def test_the_browser_hears_the_answer_to_a_move_as_one_message(page: Page) -> None:
    """It would draw the page once more for each that it hears by itself."""
    heard: list[str | bytes] = []

    def hear(frame: str | bytes) -> None:
        heard.append(frame)

    page.on("websocket", lambda opened: opened.on("framereceived", hear))
    page.reload()
    browser.settle(page)
    assert heard
    heard.clear()
    app.type_into(app.box(page, app.PRICE), 123.45)
    app.shows(page, pricing.solve(app.at_price(123.45)))
    browser.settle(page)
    assert len(heard) == 1


def test_a_page_whose_wish_for_one_message_was_lost_on_the_way_works(
    context: BrowserContext, address: str
) -> None:
    page = context.new_page()
    page.add_init_script("URLSearchParams.prototype.set = () => {}")
    page.goto(address)
    browser.settle(page)
    app.type_into(app.box(page, app.PRICE), 123.45)
    app.shows(page, pricing.solve(app.at_price(123.45)))


def test_the_number_box_moves_the_slider_and_undo_brings_it_back(page: Page) -> None:
    opened, moved = pricing.solve(app.SCENARIO), pricing.solve(app.at_price(123.45))
    app.type_into(app.box(page, app.PRICE), 123.45)
    app.shows(page, moved)
    expect(app.slider(page, app.PRICE)).to_have_attribute("aria-valuetext", "123.45")
    app.button(page, "Undo").click()
    app.shows(page, opened)
    expect(app.box(page, app.PRICE)).to_have_value("96.48")
    app.button(page, "Redo").click()
    app.shows(page, moved)
    app.button(page, "Reset").click()
    app.shows(page, opened)
    expect(app.button(page, "Reset")).to_be_disabled()


def test_tab_goes_through_all_levers(page: Page) -> None:
    paths = [lever.path for lever in pricing.levers(pricing.load_scenario(app.SCENARIO))]
    wanted = {f"{kind}_{path.replace('.', '-')}" for path in paths for kind in ("slider", "box")}
    app.slider(page, paths[0]).focus()
    reached: list[str] = []
    for _ in range(12 * len(paths)):  # help, ways back and steppers may stand between them
        reached += page.evaluate(
            "() => { const place = document.activeElement.closest("
            "'[class*=st-key-slider_], [class*=st-key-box_]');"
            "return place ? [...place.classList].filter(name => name.startsWith('st-key-'))"
            ".map(name => name.slice(7)) : []; }"
        )
        if wanted <= set(reached):
            return
        page.keyboard.press("Tab")
    assert wanted - set(reached) == set()


def test_the_keyboard_alone_moves_every_lever(page: Page) -> None:
    levers = pricing.levers(pricing.load_scenario(app.SCENARIO))
    app.slider(page, levers[0].path).focus()
    moved = pricing.load_scenario(app.SCENARIO)
    for lever in levers:
        slider = app.slider(page, lever.path)
        for _ in range(12):  # help, ways back and steppers stand between them
            if slider.evaluate("it => it === document.activeElement"):
                break
            page.keyboard.press("Tab")
        expect(slider).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(app.box(page, lever.path)).not_to_have_value(f"{lever.value:g}")
        value = float(app.box(page, lever.path).input_value())
        assert value == pytest.approx(lever.value + lever.step, abs=lever.step / 2)
        moved = moved.but({lever.path: f"{value:.12g} {lever.unit}"})
        app.shows(page, pricing.solve(moved))
        expect(slider).to_be_focused()  # a redraw must not throw the reader back


def test_charts_that_moved_are_those_of_a_page_that_is_drawn_anew(page: Page) -> None:
    """Rows and legends in the same order: a browser keeps what it has unless told otherwise."""
    for price in (60.0, 120.0, 35.0):
        app.type_into(app.box(page, app.PRICE), price)
        app.shows(page, pricing.solve(app.at_price(price)))
        browser.settle(page)
    pictures = page.locator(f"{CHARTS} canvas")
    moved = pictures.evaluate_all(PIXELS)
    app.go(page, "Method")
    app.go(page, "What if")
    expect(pictures).to_have_count(len(moved))
    for before, after in zip(moved, pictures.evaluate_all(PIXELS), strict=True):
        assert unlike(before, after) < 0.002  # a legend may lie a part of a pixel beside


def unlike(*pictures: str) -> float:
    """Share of the pixels in which two pictures differ by more than a shade."""
    raw = (base64.b64decode(picture.partition(",")[2]) for picture in pictures)
    left, right = (Image.open(io.BytesIO(data)).convert("RGBA") for data in raw)
    assert left.size == right.size
    grey = ImageChops.difference(left, right).convert("L")
    return sum(grey.histogram()[64:]) / (left.width * left.height)


def test_without_an_equilibrium_the_last_result_stays_and_the_reason_is_told(
    chromium: Browser, context: BrowserContext, tmp_path: Path
) -> None:
    scenario = without_choke(tmp_path)
    opened = pricing.solve(scenario)
    with browser.app(str(scenario)) as address:
        page = context.new_page()
        page.goto(address)
        app.shows(page, opened)
        slider = app.slider(page, "policies.quota.quota")
        slider.focus()
        slider.press("Home")
        expect(page.get_by_role("alert").filter(has_text="Not solved")).to_contain_text(
            "magnet in Alpha"
        )
        app.shows(page, opened)
        expect(page.locator(CHARTS).first).to_have_css("opacity", "0.35")
        app.go(page, "Who pays")
        for what in ("stMetric", "stDataFrame", "stTable"):
            expect(page.get_by_test_id(what).first).to_have_css("opacity", "0.35")
        app.go(page, "What if")
        app.button(page, "Undo").click()
        expect(page.get_by_role("alert").filter(has_text="Not solved")).to_have_count(0)
        expect(page.locator(CHARTS).first).to_have_css("opacity", "1")
        page.close()  # before the server ends


@pytest.mark.parametrize("width", [390, 800])
def test_a_narrow_window_cuts_nothing_off(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    browser.settle(page)
    room = page.evaluate("document.documentElement.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= room
    for chart in page.locator(CHARTS).all():
        expect(chart).to_be_visible()
        place = chart.bounding_box()
        assert place is not None
        assert place["x"] >= 0.0
        assert place["x"] + place["width"] <= room + 1.0
    app.type_into(app.box(page, app.PRICE), 110.0)
    app.shows(page, pricing.solve(app.at_price(110.0)))


def test_a_budget_that_is_used_up_is_told_until_it_is_not(
    chromium: Browser, context: BrowserContext
) -> None:
    name, budget = "australia_reserve", "policies.reserve.budget"
    with browser.app(name) as address:
        page = context.new_page()
        page.goto(address)
        app.shows(page, pricing.solve(name))
        told = page.get_by_role("alert").filter(has_text="Budget or cap used up")
        expect(told).to_have_count(0)
        app.type_into(app.box(page, budget), 2.0)
        result = pricing.solve(pricing.load_scenario(name).but({budget: "2 million USD"}))
        app.shows(page, result)
        (why,) = next(c.texts for c in callouts(result) if c.title == "Budget or cap used up")
        expect(told).to_contain_text(why)
        app.type_into(app.box(page, budget), 261.0)
        expect(told).to_have_count(0)
        page.close()  # before the server ends
