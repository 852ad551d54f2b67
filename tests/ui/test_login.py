"""Where a login is asked for, nobody sees anything before it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pricing.launch import app_file


def drawn() -> AppTest:
    app = AppTest.from_file(str(app_file()), default_timeout=60).run()
    assert not app.exception
    return app


def test_without_the_variable_everybody_gets_in(own_modules: None) -> None:
    app = drawn()
    assert app.title[0].value == "What if"
    assert len(app.slider)
    assert not [button for button in app.button if button.key in ("log_in", "log_out")]


@pytest.mark.parametrize(("known", "button"), [(False, ["log_in"]), (None, [])])
def test_with_it_nothing_shows_before_the_login(
    own_modules: None,
    monkeypatch: pytest.MonkeyPatch,
    known: bool | None,
    button: list[str],
) -> None:
    """Not logged in, and not even set up: Streamlit then knows no such attribute."""
    user = type("User", (), {} if known is None else {"is_logged_in": known})()
    monkeypatch.setattr("streamlit.user", user)
    monkeypatch.setenv("PRICING_LOGIN", "oidc")
    app = drawn()
    assert [each.key for each in app.button] == button
    assert bool(app.error) == (known is None)
    assert not len(app.slider)
    assert not app.get("bidi_component")
    assert "desk" not in app.session_state
