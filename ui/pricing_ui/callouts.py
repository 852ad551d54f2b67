"""What a reader must know before using the numbers."""

from __future__ import annotations

import streamlit as st
from pricing_ui.plain import plain

from pricing.reporting.callouts import Callout, Weight

BOX = {Weight.STOP: st.error, Weight.WARNING: st.warning, Weight.NOTE: st.info}
ICON = {
    Weight.STOP: ":material/block:",
    Weight.WARNING: ":material/warning:",
    Weight.NOTE: ":material/info:",
}


def draw(found: tuple[Callout, ...], most_open: int = 1) -> None:
    """Messages of the result: the first ones in short, then all of them behind a click.

    Those that stop a reader always show.
    """
    stops = sum(callout.weight is Weight.STOP for callout in found)
    shown = found[: max(stops, most_open)]
    for callout in shown:
        others = len(callout.texts) - 1
        more = f" *And {others} more.*" if others else ""
        _box(callout, plain(callout.texts[0]) + more)
    if len(found) > len(shown) or any(len(callout.texts) > 1 for callout in found):
        titles = ", ".join(_counted(callout) for callout in found)
        rest = st.expander(f"What to know: {titles}", key="what_to_know", on_change="rerun")
        if rest.open:  # closed, it costs nothing when the result changes
            with rest:
                for callout in found:
                    _box(callout, "\n".join(f"- {plain(text)}" for text in callout.texts))


def _counted(callout: Callout) -> str:
    count = len(callout.texts)
    return callout.title if count == 1 else f"{callout.title} ({count})"


def _box(callout: Callout, body: str) -> None:
    """One message."""
    BOX[callout.weight](f"**{callout.title}**\n\n{body}", icon=ICON[callout.weight])
