"""Starts the app with safe settings, from a checkout or from an installed package."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from pricing.errors import InputError

SETTINGS = {
    "server.address": "127.0.0.1",
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.enableStaticServing": "false",
    "server.maxUploadSize": "1",
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": "127.0.0.1",
    "global.minCachedMessageSize": "1e+18",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": "false",
    "runner.postScriptGC": "false",
    "theme.headingFontSizes": '["2.75rem", "1.75rem"]',
    "theme.light.primaryColor": "#0072B2",
    "theme.light.backgroundColor": "#FFFFFF",
    "theme.light.textColor": "#1A1A1A",
    "theme.light.codeTextColor": "#1A1A1A",
    "theme.dark.primaryColor": "#3D9BE0",
    "theme.dark.backgroundColor": "#171614",
    "theme.dark.textColor": "#F2F2F2",
    "theme.dark.codeTextColor": "#F2F2F2",
}
"""Settings of the server; ``.streamlit/config.toml`` says why."""
GRACE = 5.0
"""Seconds that a server has to end once it was asked to."""
SCENARIO = "PRICING_SCENARIO"
"""Environment variable that names the scenario to open."""
DEFAULT = "forge_all_stages"
"""Scenario that opens where none is named."""


def app_file() -> Path:
    """The app's script: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_app", package.parent / "ui"):
        if (folder / "app.py").is_file():
            return folder / "app.py"
    raise InputError("this installation has no app; install the package again")


def command(port: int, address: str = SETTINGS["server.address"]) -> list[str]:
    """Command line of the server."""
    stated = SETTINGS | {"server.address": address}
    flags = [f"--{name}={value}" for name, value in stated.items()]
    script = app_file()
    server = script.with_name("serve.py")
    return [sys.executable, str(server), str(script), f"--server.port={port}", *flags]


def environment(scenario: str) -> dict[str, str]:
    """Environment of the server: the scenario, one thread for each solve, one store of memory.

    The matrices are small, so that a second thread only waits; sessions share the cores instead.
    A run of a page has a thread of its own, and glibc would give it a store of its own, out of
    which the next run takes nothing: the server grew by a tenth between 500 and 2,000 moves.
    """
    alone = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
    return alone | os.environ | {SCENARIO: scenario}


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end; it waits for open pages to close, which they may never do."""
    server.terminate()
    late = threading.Timer(GRACE, server.kill)
    late.daemon = True
    late.start()


def launch(scenario: str, port: int, address: str = SETTINGS["server.address"]) -> int:
    """Run the app until it is stopped; its exit code."""
    print(f"The app opens at http://{address}:{port}; stop it with Ctrl-C.")
    server = subprocess.Popen(command(port, address), env=environment(scenario))
    signal.signal(signal.SIGTERM, lambda *_: _stop(server))  # or the server would stay
    try:
        return server.wait()
    except KeyboardInterrupt:  # the server has had it too, and ends by itself
        server.wait()
        return 0
