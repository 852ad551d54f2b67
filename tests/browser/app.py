"""What a reader finds on the pages of the app; the only place that knows how they are marked up."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

import pricing
from pricing.reporting.headline import headline
from tools import browser

SCENARIO = "forge_all_stages"
PRICE = "policies.reference.level.price"


def slider(page: Page, path: str) -> Locator:
    return page.locator(f".st-key-slider_{path.replace('.', '-')} input")


def box(page: Page, path: str) -> Locator:
    return page.locator(f".st-key-box_{path.replace('.', '-')} input")


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def type_into(field: Locator, value: float) -> None:
    field.fill(f"{value:g}")
    field.press("Enter")


def numbers(result: pricing.Result) -> list[str]:
    """The summary strip as the library says it."""
    return [number.shown for number in headline(result)]


def shows(page: Page, result: pricing.Result) -> None:
    """Wait until the summary strip says what the library says."""
    expect(page.locator(".headline dd.value")).to_have_text(numbers(result))


def at_price(value: float) -> pricing.Scenario:
    return pricing.load_scenario(SCENARIO).but({PRICE: f"{value:.12g} USD/kg"})


def go(page: Page, name: str) -> None:
    """Open another page from the menu."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    browser.settle(page)


def download(page: Page, name: str, folder: Path) -> Path:
    """Press a download button of a page that is still; the file.

    While the script runs, the server forgets the files of the run before.
    """
    browser.settle(page)
    with page.expect_download() as waiting:
        button(page, name).first.click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target
