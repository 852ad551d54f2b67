"""Assumptions: how the world works; every input with its range, source and way back."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pricing_ui import callouts, forms, state
from pricing_ui.plain import plain
from pricing_ui.strip import strip, style
from pricing_ui.widgets import Sheet

import pricing
from pricing.editing import parts
from pricing.editing.changes import in_words
from pricing.editing.edits import faults_below, value_at
from pricing.editing.elasticities import Case, ElasticityChoice, elasticities, own_value
from pricing.editing.forms import assumptions_form

USUAL, OWN = "usual", "own"
"""Choices beside the stated ends of a range."""
AT = "assumptions"


def page() -> None:
    """Draw the page."""
    here, view = state.desk(), state.current()
    st.title("Assumptions")
    st.caption("How the world works. What we do stands under Policies.")
    style()
    strip(view)
    callouts.draw(view.callouts, most_open=0)
    left, right = st.columns(2, gap="large")
    with left:
        _inputs(here)
    with right:
        _elasticities(here)


def _inputs(here: state.Desk) -> None:
    """Everything but elasticities, by the form of the schema; what is valid holds at once."""
    sheet = Sheet(here.scenario, f"assume{here.revision}")
    present: dict[str, Any] = here.scenario.data().get(AT, {})
    opened: dict[str, Any] = here.loaded.data().get(AT, {})
    fields = assumptions_form().group.fields
    sheet.beside = lambda field, path, value: _ways_back(field, path, value, opened)
    filled = forms.draw(parts.Group(fields), present, sheet)
    changed = {
        (AT, field.name): filled.get(field.name)
        for field in fields
        if filled.get(field.name) != present.get(field.name)
    }
    if not changed:
        return
    try:
        state.change(pricing.amend(here.scenario, changed))
    except pricing.InputError as error:
        found, others = faults_below(error.faults, (AT,))
        found.setdefault("", []).extend(others)
        sheet.tell(found)
        return
    st.rerun()


def _ways_back(field: parts.Field, path: str, value: Any, opened: dict[str, Any]) -> None:
    """Reset one input to what was opened, or to what the schema says."""
    if "." in path:
        return  # rows go back as a whole
    before = opened.get(field.name)
    ways = {"Opened": (before, state.take_back, ((AT, path),))}
    if field.default != before:
        ways["Default"] = (field.default, state.put, ({(AT, path): field.default},))
    ways = {name: way for name, way in ways.items() if way[0] != value}
    if ways:
        with st.container(horizontal=True):
            for name, (back, act, args) in ways.items():
                st.button(
                    plain(f"{name}: {in_words(back)}"),
                    key=f"{name.lower()}_{path}",
                    icon=":material/undo:",
                    type="tertiary",
                    on_click=act,
                    args=args,
                )


def _elasticities(here: state.Desk) -> None:
    """One row for each elasticity: the stated range, or an own value."""
    st.header("Elasticities")
    horizon = here.scenario.document.assumptions.horizon
    st.caption(
        f"Values of the {horizon} horizon. *Usual* follows the choice on the left for all of them."
    )
    for choice in elasticities(here.scenario):
        with st.container(border=True):
            st.markdown(f"**{plain(choice.label)} {choice.value:g}** · {plain(choice.of)}")
            _elasticity(here, choice)
            st.caption(plain(" ".join(t for t in (f"Source: {choice.source}.", choice.note) if t)))


def _elasticity(here: state.Desk, choice: ElasticityChoice) -> None:
    """Pick an end of the range, or a value."""
    key = f"elasticity{here.revision}_{choice.name}"
    words = {USUAL: "usual"}
    words |= {case.value: f"{case} {value:g}" for case, value in choice.stated.items()}
    words[OWN] = "own"
    said = OWN if choice.own is not None else choice.chosen.value if choice.chosen else USUAL
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            choice.label,
            list(words),
            format_func=words.__getitem__,
            default=said,
            required=True,
            key=key,
            label_visibility="collapsed",
            on_change=_pick,
            args=(choice, key),
        )
        if choice.own is not None:
            st.number_input(
                f"Own value of {choice.label.lower()}",
                min_value=0.0,
                value=choice.own,
                key=f"{key}_own",
                format="%g",
                width=120,
                label_visibility="collapsed",
                on_change=_own,
                args=(choice, f"{key}_own"),
            )
    before = value_at(here.loaded.data(), choice.place)
    if before != value_at(here.scenario.data(), choice.place):
        st.button(
            f"Opened: {'as usual' if before is None else plain(in_words(before))}",
            key=f"opened_{choice.name}",
            icon=":material/undo:",
            type="tertiary",
            on_click=state.take_back,
            args=(choice.place,),
        )


def _pick(choice: ElasticityChoice, key: str) -> None:
    """An end of the range, the usual one, or the present value as a start for an own one."""
    picked = st.session_state[key]
    said = {USUAL: None, OWN: own_value(choice.value)} | {case.value: case.value for case in Case}
    state.put({choice.place: said[picked]})


def _own(choice: ElasticityChoice, key: str) -> None:
    state.put({choice.place: own_value(float(st.session_state[key]))})
