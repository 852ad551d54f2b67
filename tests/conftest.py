"""What every run of the tests shows at its end."""

from __future__ import annotations

import pytest

# Their assertions say what they compared, as those of tests do.
pytest.register_assert_rewrite("tests.support.directions_support", "tests.support.directions_trade")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Figures that tests recorded with ``record_property``, whichever process ran them."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")
