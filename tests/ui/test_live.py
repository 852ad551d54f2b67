"""Parts of a page: after a change only those are drawn that show something else."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.usefixtures("own_modules")


def page() -> None:
    from collections import Counter

    import streamlit as st
    from pricing_ui import live, state

    live.begin()
    kept = st.session_state.setdefault("kept", {"a": 1, "b": 1})
    drawn = st.session_state.setdefault("drawn", Counter())

    def draw(name: str, value: int) -> None:
        drawn[name] += 1
        st.text(f"{name} {value}")
        st.button("more", key=name, on_click=more, args=(name,))

    def more(name: str) -> None:
        if name == "refused":
            state.desk().message = "no"
        else:
            kept[name] += 1
        live.answer()

    drawn["page"] += 1
    for name in ("a", "b"):
        live.part(f"part_{name}", lambda n=name: kept[n], lambda value, n=name: draw(n, value))
    live.part("refused", lambda: 0, lambda value: draw("refused", value))


def counts(app: AppTest) -> dict[str, int]:
    found: Counter[str] = app.session_state["drawn"]
    return dict(found)


def opened() -> AppTest:
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    return app


def only(app: AppTest, *names: str) -> dict[str, Any]:
    """Draws of everything, once more for what is named."""
    return {name: drawn + (name in names) for name, drawn in counts(app).items()}


def test_a_change_draws_only_what_shows_it() -> None:
    app = opened()
    expected = only(app, "b")
    app.button(key="b").click().run()
    assert counts(app) == expected
    assert [text.value for text in app.text if text.value.startswith("b")] == ["b 2"]


def test_what_is_to_be_told_is_told_by_the_whole_page() -> None:
    app = opened()
    expected = only(app, "page", "a", "b", "refused")
    app.button(key="refused").click().run()
    assert counts(app) == expected
