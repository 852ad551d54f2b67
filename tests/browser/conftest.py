"""A real browser on the app: without one, tests fail in CI and are named as skipped elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tools import browser

MISSING = (
    "NOT TESTED: the app in a browser. No Chromium was found; install one (Debian: apt install "
    f"chromium), or name its program in {browser.CHROMIUM}."
)
PATIENCE_MS = 60_000
"""How long a page may take, on a machine that is busy with other tests."""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if browser.chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with browser.browser() as started:
        yield started


@pytest.fixture(scope="session")
def address(chromium: Browser) -> Iterator[str]:
    """The app with the scenario that opens by default."""
    with browser.app() as found:
        yield found


class Log:
    """What a browser asked for and complained of."""

    def __init__(self, context: BrowserContext) -> None:
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or ""))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._hear)

    def _hear(self, message: object) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A reader; whatever the test does, no other host is asked and the browser has no complaint."""
    opened = chromium.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    opened.set_default_timeout(PATIENCE_MS)
    log = Log(opened)
    yield opened
    opened.close()
    assert log.hosts - {"127.0.0.1", ""} == set()
    assert log.complaints == []


@pytest.fixture
def page(context: BrowserContext, address: str) -> Page:
    """The app, opened."""
    opened = context.new_page()
    opened.goto(address)
    browser.settle(opened)
    return opened
