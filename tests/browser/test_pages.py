"""Every page draws, and the app starts and stops as a command."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

import pricing
from tests.browser import app
from tools import browser

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def test_every_page_draws(page: Page) -> None:
    names = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    assert len(names) >= 8
    for name in names:
        app.go(page, name.strip())
        expect(page.get_by_test_id("stException")).to_have_count(0)
        for chart in page.locator(".pricing-chart").all():
            assert chart.get_attribute("aria-label")


def test_a_refusal_is_in_view_however_far_the_reader_scrolled(page: Page) -> None:
    app.go(page, "Policies")
    page.get_by_text("Zones: who is a member").click()
    page.get_by_role("textbox", name="New zone").fill("1st")
    app.button(page, "Add zone").click()
    told = page.get_by_role("alert").filter(has_text="zones.1st")
    expect(told).to_be_in_viewport(ratio=1.0)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") > 0


def built_wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*command, folder], cwd=ROOT, capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_an_installed_wheel_opens_the_app_and_stops_when_told(
    context: BrowserContext, tmp_path: Path
) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, built_wheel(tmp_path)], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    # The dependencies are those of this environment; a path entry does not bring its .pth files,
    # and so not the checkout.
    (packages / "shared.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    port = browser.free_port()
    command = [str(home / "bin" / "pricing"), "ui", app.SCENARIO, f"--port={port}"]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        browser.await_health(server, port)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}")
        app.shows(page, pricing.solve(app.SCENARIO))
        page.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
