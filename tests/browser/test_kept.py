"""What a tab keeps for a session that has to begin anew."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import pricing
from pricing import launch
from tests.browser import app
from tools import browser

AGAIN, FORGET = "Open it again", "Forget it"


PRESENT = "() => JSON.parse(sessionStorage.getItem('pricing') ?? '{}').present ?? null"


def moved(page: Page, price: float) -> None:
    """Move a lever, and wait until the tab keeps that; it hears of it after the page is drawn."""
    before = page.evaluate(PRESENT)
    app.type_into(app.box(page, app.PRICE), price)
    app.shows(page, pricing.solve(app.at_price(price)))
    page.wait_for_function(f"before => ({PRESENT})() !== before", arg=before)


@pytest.fixture
def reader(chromium: Browser) -> Iterator[BrowserContext]:
    """A reader whose browser may complain of a server that is away."""
    opened = chromium.new_context(viewport={"width": 1400, "height": 1000})
    opened.set_default_timeout(60_000)
    yield opened
    opened.close()


def test_a_server_that_is_started_anew_loses_nothing(reader: BrowserContext) -> None:
    port = browser.free_port()
    command, environment = launch.command(port), launch.environment(app.SCENARIO)
    one, other = reader.new_page(), reader.new_page()
    with browser.served(command, port, environment):
        for page in (one, other):
            page.goto(f"http://127.0.0.1:{port}")
            browser.settle(page)
        one.bring_to_front()
        moved(one, 88.0)
        app.go(one, "Compare")
        one.get_by_role("textbox", name="Keep the present scenario as").fill("lower")
        app.button(one, "Keep").click()
        expect(app.button(one, "Forget lower")).to_be_visible()
        app.go(one, "What if")
        moved(one, 90.0)
        other.bring_to_front()
        moved(other, 101.0)
    with browser.served(command, port, environment):
        expect(app.button(other, AGAIN)).to_be_visible()
        app.button(other, AGAIN).click()
        app.shows(other, pricing.solve(app.at_price(101.0)))
        one.bring_to_front()
        expect(app.button(one, AGAIN)).to_be_visible()
        expect(one.get_by_text("with 1 change and 1 kept variant")).to_be_visible()
        app.button(one, AGAIN).click()
        app.shows(one, pricing.solve(app.at_price(90.0)))
        app.button(one, "Undo").click()
        app.shows(one, pricing.solve(app.SCENARIO))
        app.go(one, "Compare")
        expect(app.button(one, "Forget lower")).to_be_visible()


def test_after_a_second_restart_a_move_brings_a_page_that_works(reader: BrowserContext) -> None:
    """From then on the browser does not ask for the page by itself, and moves a part of it."""
    port = browser.free_port()
    command, environment = launch.command(port), launch.environment(app.SCENARIO)
    page = reader.new_page()
    with browser.served(command, port, environment):
        page.goto(f"http://127.0.0.1:{port}")
        browser.settle(page)
        moved(page, 88.0)
    with browser.served(command, port, environment):
        app.button(page, AGAIN).click()
        app.shows(page, pricing.solve(app.at_price(88.0)))
        browser.settle(page)
    with browser.served(command, port, environment):
        page.wait_for_timeout(6000)  # until it has the server again
        app.type_into(app.box(page, app.PRICE), 91.0)
        app.button(page, AGAIN).click()
        app.shows(page, pricing.solve(app.at_price(88.0)))
        moved(page, 91.0)


def test_what_the_first_page_told_stays_when_the_tab_has_earlier_work(
    page: Page, address: str
) -> None:
    moved(page, 88.0)
    page.goto(f"{address}/?s=AAAA")
    expect(app.button(page, AGAIN)).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="link could not be opened")).to_be_visible()


def test_keeping_variants_is_no_earlier_work(page: Page) -> None:
    app.go(page, "Compare")
    for name in ("one", "two"):
        page.get_by_role("textbox", name="Keep the present scenario as").fill(name)
        app.button(page, "Keep").click()
        expect(app.button(page, f"Forget {name}")).to_be_visible()
    browser.settle(page)
    expect(app.button(page, AGAIN)).to_have_count(0)


def test_a_page_that_is_loaded_again_offers_what_stood_there(page: Page) -> None:
    moved(page, 88.0)
    page.reload()
    expect(app.button(page, AGAIN)).to_be_visible()
    app.button(page, FORGET).click()
    expect(app.button(page, AGAIN)).to_have_count(0)
    app.shows(page, pricing.solve(app.SCENARIO))
    browser.settle(page)  # the tab hears of the answer last; loaded again sooner, it asks again
    page.reload()
    browser.settle(page)
    expect(app.button(page, AGAIN)).to_have_count(0)


def test_an_offer_stays_until_it_is_answered(page: Page) -> None:
    moved(page, 88.0)
    for _ in range(3):
        page.reload()
        expect(app.button(page, AGAIN)).to_be_visible()
        browser.settle(page)
    app.button(page, AGAIN).click()
    app.shows(page, pricing.solve(app.at_price(88.0)))


def test_what_was_done_since_goes_before_an_offer_left_unanswered(page: Page) -> None:
    moved(page, 88.0)
    page.reload()
    expect(app.button(page, AGAIN)).to_be_visible()
    moved(page, 90.0)
    page.reload()
    app.button(page, AGAIN).click()
    app.shows(page, pricing.solve(app.at_price(90.0)))


def test_a_damaged_variant_is_named_and_the_rest_opened(page: Page) -> None:
    moved(page, 88.0)
    page.evaluate("""() => {
        const kept = JSON.parse(sessionStorage.getItem("pricing"));
        sessionStorage.setItem("pricing", JSON.stringify({ ...kept, saved: { old: "AAAA" } }));
    }""")
    page.reload()
    expect(page.get_by_text("Kept variants that cannot be opened again: old.")).to_be_visible()
    app.button(page, AGAIN).click()
    app.shows(page, pricing.solve(app.at_price(88.0)))


def test_what_a_tab_kept_and_is_damaged_is_told(page: Page) -> None:
    page.evaluate("""() => sessionStorage.setItem("pricing",
        JSON.stringify({ opened: "AAAA", present: "AAAA", saved: {} }))""")
    page.reload()
    expect(page.get_by_role("alert").filter(has_text="cannot be opened again")).to_be_visible()
    app.shows(page, pricing.solve(app.SCENARIO))


def test_a_link_in_the_same_tab_throws_nothing_away(page: Page, address: str) -> None:
    moved(page, 88.0)
    text = pricing.load_scenario("section_301_magnets").to_yaml().encode()
    packed = base64.urlsafe_b64encode(zlib.compress(text)).decode().rstrip("=")
    page.goto(f"{address}/?s={packed}")
    app.shows(page, pricing.solve("section_301_magnets"))
    app.button(page, AGAIN).click()
    app.shows(page, pricing.solve(app.at_price(88.0)))


def test_what_another_program_wrote_to_the_same_place_is_no_work(page: Page) -> None:
    page.evaluate("() => sessionStorage.setItem('pricing', '{')")
    page.reload()
    browser.settle(page)
    expect(app.button(page, AGAIN)).to_have_count(0)
    moved(page, 88.0)
    page.reload()
    expect(app.button(page, AGAIN)).to_be_visible()
