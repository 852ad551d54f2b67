"""The server of the app answers at once, and stops when asked."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from benchmarks.app_client import session
from pricing import launch
from tests.support.loops import finished
from tools import browser

BARE = Path(__file__).resolve().parents[2] / "benchmarks" / "bare_page.py"
ACKNOWLEDGED_MS = 40.0
"""When a reader's acknowledgement comes, for which messages would wait on a delayed socket."""


async def fastest(port: int, moves: int) -> float:
    """Shortest time from a move to the end of an answer in several messages [ms]."""
    async with session(port, lever="", whole=False) as client:
        return min([await client.move(float(move)) for move in range(moves)])


@pytest.mark.slow
def test_answers_do_not_wait_for_acknowledgements() -> None:
    port = browser.free_port()
    with browser.served(browser.script(BARE, port), port, launch.environment("baseline")):
        assert finished(fastest(port, 30)) < 0.9 * ACKNOWLEDGED_MS


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_well_when_told_to(told: signal.Signals) -> None:
    port = browser.free_port()
    command, environment = browser.script(BARE, port), launch.environment("baseline")
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    browser.await_health(server, port)
    server.send_signal(told)
    said, _ = server.communicate(timeout=30)
    assert server.returncode == 0
    assert "Abort" not in said
    assert "Traceback" not in said
