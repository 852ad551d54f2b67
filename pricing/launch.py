"""Starts the app with safe settings, from a checkout or from an installed package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pricing.errors import InputError

SETTINGS = {
    "server.address": "127.0.0.1",
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.enableStaticServing": "false",
    "server.maxUploadSize": "1",
    "server.headless": "true",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": "false",
    "runner.postScriptGC": "false",
    "theme.light.primaryColor": "#0072B2",
    "theme.light.backgroundColor": "#FFFFFF",
    "theme.light.textColor": "#1A1A1A",
    "theme.dark.primaryColor": "#3D9BE0",
    "theme.dark.backgroundColor": "#171614",
    "theme.dark.textColor": "#F2F2F2",
}
"""Settings of the server; ``.streamlit/config.toml`` says why."""
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


def command(port: int) -> list[str]:
    """Command line of the server."""
    flags = [f"--{name}={value}" for name, value in SETTINGS.items()]
    script = str(app_file())
    return [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", *flags]


def launch(scenario: str, port: int) -> int:
    """Run the app until it is stopped; its exit code."""
    environment = os.environ | {SCENARIO: scenario}
    print(f"The app opens at http://127.0.0.1:{port}; stop it with Ctrl-C.")
    try:
        return subprocess.run(command(port), env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 0
