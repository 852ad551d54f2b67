"""The app and a real browser, for the browser tests, screenshots and app_latency.py."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from pricing import launch

CHROMIUM = "CHROMIUM"
"""Environment variable that names the browser's program."""
PLACES = ("/usr/lib/chromium/chromium", "chromium", "chromium-browser", "google-chrome")
START_SECONDS = 60.0
SETTLED = """() => {
    const app = document.querySelector("[data-testid=stApp]");
    const still = app && app.dataset.testScriptState === "notRunning";
    const charts = [...document.querySelectorAll(".pricing-chart")];
    return still && charts.every(chart => chart.querySelector("canvas"))
        && !document.querySelector("[data-testid=stSkeleton], [data-stale=true]");
}"""
"""Whether the script has ended and every chart is drawn."""


def chromium() -> str | None:
    """Program of a Chromium; None where there is none."""
    for place in (os.environ.get(CHROMIUM, ""), *PLACES):
        found = place and shutil.which(place)
        if found:
            return found
    return None


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    program = chromium()
    if program is None:
        raise RuntimeError(f"no Chromium found; install it, or name it in {CHROMIUM}")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox"] if root else [],  # Chromium's sandbox refuses the root user
        )
        yield started
        started.close()


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(command: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """Run a server until the block ends; its process id, once it answers."""
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        try:
            await_health(server, port)
            yield server.pid
        except TimeoutError:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace"))
            raise
        finally:
            server.terminate()
            server.wait(timeout=20)


def await_health(server: subprocess.Popen[bytes], port: int) -> None:
    """Return once the server answers."""
    last = time.monotonic() + START_SECONDS
    while time.monotonic() < last and server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2.0) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"the server on port {port} did not start")


@contextmanager
def app(scenario: str = launch.DEFAULT) -> Iterator[str]:
    """Address of the app with a scenario open."""
    port = free_port()
    with served(launch.command(port), port, launch.environment(scenario)):
        yield f"http://127.0.0.1:{port}"


def settle(page: Page) -> None:
    """Return when the page is still and every chart is drawn."""
    page.wait_for_function(SETTLED)


def script(path: Path, port: int) -> list[str]:
    """Command that serves another script with the settings of the app."""
    return [str(path) if part == str(launch.app_file()) else part for part in launch.command(port)]
