"""Pictures of every page of the app for the documentation, in docs/images/app.

Usage: ``python -m tools.screenshots [FOLDER]``. Twice the resolution of the screen, a wide window
that holds the whole page; colours are reduced to a palette to keep the files small.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tools import browser

FOLDER = Path(__file__).parents[1] / "docs" / "images" / "app"
SCENARIO = "forge_all_stages"
WIDTH, MOST_HEIGHT, SCALE = 1500, 1700, 2
PRICE = ".st-key-box_policies-reference-level-price input"
MAIN = "[data-testid=stMain]"


def picture(page: Page, file: Path) -> None:
    """The page from its top, as high as its content or as the limit allows."""
    page.mouse.move(0, 0)
    page.set_viewport_size({"width": WIDTH, "height": MOST_HEIGHT})
    browser.settle(page)
    content = page.locator("[data-testid=stMainBlockContainer]").evaluate("it => it.scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": min(int(content), MOST_HEIGHT)})
    browser.settle(page)
    page.evaluate("document.activeElement && document.activeElement.blur()")
    page.evaluate(f"document.querySelector('{MAIN}').scrollTo(0, 0)")
    page.screenshot(path=file, animations="disabled", caret="hide")
    shrink(file)


def shrink(file: Path) -> None:
    """Rewrite a picture with a palette of 256 colours."""
    from PIL import Image

    with Image.open(file) as opened:
        small = opened.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


def keep_variants(page: Page) -> None:
    """Two variants beside what was opened, so that there is something to compare."""
    for name, price in (("lower floor", "80"), ("higher floor", "115")):
        open_page(page, "What if")
        page.locator(PRICE).fill(price)
        page.locator(PRICE).press("Enter")
        expect(page.get_by_role("button", name="Undo")).to_be_enabled()
        browser.settle(page)
        open_page(page, "Compare")
        page.get_by_role("textbox", name="Keep the present scenario as").fill(name)
        page.get_by_role("button", name="Keep", exact=True).click()
        browser.settle(page)


def open_page(page: Page, name: str) -> None:
    """Open a page from the menu."""
    menu = page.get_by_test_id("stSidebarNav")
    menu.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    browser.settle(page)


def main(folder: Path) -> int:
    """Write one picture a page."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser.browser() as chromium, browser.app(SCENARIO) as address:
        context = chromium.new_context(
            viewport={"width": WIDTH, "height": MOST_HEIGHT}, device_scale_factor=SCALE
        )
        context.set_default_timeout(90_000)
        page = context.new_page()
        page.goto(address)
        browser.settle(page)
        for link in page.get_by_test_id("stSidebarNavLink").all_inner_texts():
            name = link.strip()
            if name == "Compare":
                keep_variants(page)
            open_page(page, name)
            if name == "Policies":
                page.get_by_role("button", name="Edit", exact=True).first.click()
                expect(page.get_by_role("button", name="Apply", exact=True)).to_be_visible()
            file = folder / f"{name.lower().replace(' ', '_')}.png"
            picture(page, file)
            print(f"{file.name}: {file.stat().st_size // 1024} kB")
            if name == "Compare":
                page.get_by_role("button", name="Reset", exact=True).click()
                browser.settle(page)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
