"""Policies: add, edit, duplicate, switch off and remove every instrument; zones; sources."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st
from pricing_ui import callouts, forms, state
from pricing_ui.plain import plain, schema_text
from pricing_ui.strip import strip, style
from pricing_ui.widgets import Sheet

import pricing
from pricing.editing.changes import in_words
from pricing.editing.edits import OWN_CHOICE, faults_below, value_at
from pricing.editing.forms import named_after, policy_forms, source_form
from pricing.editing.names import Names, known_names
from pricing.reporting.callouts import policy_states

SOURCE = "source"
"""Kind of a draft that is a source."""
ZONE_NAME, ZONE_MEMBERS = "zone_name", "zone_members"
"""Where the session keeps what is written of a new zone."""


def page() -> None:
    """Draw the page."""
    here, view = state.desk(), state.current()
    st.title("Policies")
    st.caption("What we do. How the world works stands under Assumptions.")
    style()
    strip(view)
    callouts.draw(view.callouts, most_open=0)
    left, right = st.columns([2, 3], gap="large")
    with left:
        _list(here, view)
        _begin(here)
        _zones(here)
        _sources(here)
    with right:
        _editor(here)


def _list(here: state.Desk, view: state.View) -> None:
    """Every policy with what it says, what it does and its buttons."""
    policies = here.scenario.data().get("policies", [])
    states = {} if view.failure else policy_states(view.result)
    if not policies:
        st.info("No policy yet. Choose an instrument below.")
    for policy in policies:
        with st.container(border=True, key=f"card_{policy['id']}"):
            form = policy_forms()[policy["kind"]]
            called = plain(policy.get("label") or policy["id"])
            st.markdown(f"**{called}** · {form.label.lower()}")
            st.caption(plain(_said(policy)))
            if policy["id"] in states:
                st.caption(f"Now: {plain(states[policy['id']])}")
            _buttons(policy, [p["id"] for p in policies])


def _buttons(policy: dict[str, Any], taken: list[str]) -> None:
    name = policy["id"]
    place = ("policies", name)
    copy = policy | {"id": _free(name, taken)}
    if "label" in copy:
        copy["label"] = f"{copy['label']}, copy"[:120]
    with st.container(horizontal=True):
        st.button(
            "Edit", key=f"edit_{name}", on_click=state.draft, args=(policy["kind"], policy, place)
        )
        again = (policy["kind"], copy)
        st.button(
            "Duplicate", key=f"copy_{name}", type="tertiary", on_click=state.draft, args=again
        )
        active = policy["active"]
        st.button(
            "Switch off" if active else "Switch on",
            key=f"switch_{name}",
            type="tertiary",
            on_click=state.put,
            args=({(*place, "active"): not active},),
        )
        gone = ({place: None},)
        st.button("Remove", key=f"remove_{name}", type="tertiary", on_click=state.put, args=gone)


def _said(policy: dict[str, Any]) -> str:
    """What a policy says, without what is usual."""
    fields = policy_forms()[policy["kind"]].group.fields
    told = (
        f"{field.label}: {in_words(policy[field.name])}"
        for field in fields
        if not field.common and field.name in policy and policy[field.name] != field.default
    )
    return ". ".join(told)


def _free(name: str, taken: list[str]) -> str:
    """The name, with a number where it is taken."""
    numbered = (f"{name[:70]}_{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(n for n in numbered if n not in taken)


def _begin(here: state.Desk) -> None:
    """Begin a policy of any kind."""
    known = policy_forms()
    with st.container(border=True):
        kind = st.selectbox(
            "Add an instrument", list(known), format_func=lambda k: known[k].label, key="new_kind"
        )
        st.caption(schema_text(known[kind].help))
        taken = [policy.id for policy in here.scenario.document.policies]
        name = _free(kind, taken)
        blank = {"id": name, "label": named_after(name), "kind": kind, "source": OWN_CHOICE}
        st.button(
            "Begin", key="new_policy", on_click=state.draft, args=(kind, blank), type="primary"
        )


def _editor(here: state.Desk) -> None:
    """The form of the draft; only a draft without a fault gets into the scenario."""
    draft = here.draft
    if draft is None:
        st.info("Edit a policy, or begin one. The scenario changes when you apply it.")
        return
    form = source_form() if draft.kind == SOURCE else policy_forms()[draft.kind]
    named = "A source" if draft.kind == SOURCE else form.label
    st.header(named if draft.place is None else f"{named}: {plain(draft.place[1])}")
    st.caption(schema_text(form.help))
    _overtaken(here, draft)
    sheet = Sheet(here.scenario, f"draft{draft.number}")
    filled = forms.draw(form.group, draft.data, sheet)
    kept = ("kind",) if draft.kind != SOURCE else ()
    draft.data = {key: draft.data[key] for key in kept} | filled
    with st.container(horizontal=True):
        applied = st.button("Apply", key="apply", type="primary")
        st.button("Discard", key="discard", on_click=_discard)
    scenario, faults = _tried(here, draft)
    if applied and scenario is not None:
        state.change(scenario)
        _discard()
        st.rerun()
    draft.tried = draft.tried or applied
    if draft.tried and faults:
        count = sum(len(found) for found in faults.values())
        st.error(f"{count} to correct above; the scenario stays as it was.")
        sheet.tell(faults)


def _overtaken(here: state.Desk, draft: state.Draft) -> None:
    """Say that what the form replaces has been moved, undone or removed since it was begun."""
    if draft.place is None:
        return
    stands = value_at(here.scenario.data(), draft.place)
    if stands == draft.stood:
        return
    if stands is None:
        st.warning("This has been removed since the form was opened. Apply adds it again.")
        return
    st.warning(
        "This has been changed since the form was opened, by a slider, a button or undo. "
        "Apply puts what stands in the form in its place."
    )
    st.button(
        "Fill in what holds now",
        key="refill",
        on_click=state.draft,
        args=(draft.kind, stands, draft.place),
    )


def _tried(
    here: state.Desk, draft: state.Draft
) -> tuple[pricing.Scenario | None, dict[str, list[pricing.Fault]]]:
    """The scenario with the draft in it, or what is wrong with the draft."""
    if draft.kind == SOURCE:
        place = draft.place or ("sources", _free("source", list(here.scenario.document.sources)))
        spots = (".".join(place),)
    else:
        policies = [policy.id for policy in here.scenario.document.policies]
        known = draft.place is not None and draft.place[1] in policies
        place = draft.place if known else ("policies", "")  # nothing is called that: it is added
        at = policies.index(place[1]) if known else len(policies)
        spots = (f"policies.{draft.data.get('id', at)}", f"policies.{at}")
    try:
        return pricing.amend(here.scenario, {place: draft.data}), {}
    except pricing.InputError as error:
        found, others = faults_below(error.faults, spots)
        found.setdefault("", []).extend(others)
        return None, {path: faults for path, faults in found.items() if faults}


def _discard() -> None:
    state.desk().draft = None


def _zones(here: state.Desk) -> None:
    """Who is in which zone."""
    with st.expander("Zones: who is a member", key="zones"):
        known = list(known_names(here.scenario, Names.REGION))
        for name, members in here.scenario.document.zones.items():
            key = f"zone{here.revision}_{name}"
            st.multiselect(
                name, known, list(members), key=key, on_change=_members, args=(name, key)
            )
            st.button(
                plain(f"Remove {name}"),
                key=f"remove_{key}",
                icon=":material/delete:",
                type="tertiary",
                on_click=state.put,
                args=({("zones", name): None},),
            )
        with st.form("zone", border=False):
            st.text_input("New zone", key=ZONE_NAME, placeholder="name")
            st.multiselect("Its members", known, key=ZONE_MEMBERS)
            st.form_submit_button("Add zone", on_click=_add_zone)


def _members(name: str, key: str) -> None:
    state.put({("zones", name): st.session_state[key]})


def _add_zone() -> None:
    """Add the zone of the form; what is refused stays there to be corrected."""
    here, name = state.desk(), st.session_state[ZONE_NAME].strip()
    if not name or name in here.scenario.document.zones:
        here.message = f"There is a zone '{name}'." if name else "A zone needs a name."
        return
    state.put({("zones", name): st.session_state[ZONE_MEMBERS]})
    if name in here.scenario.document.zones:
        st.session_state[ZONE_NAME], st.session_state[ZONE_MEMBERS] = "", []


def _sources(here: state.Desk) -> None:
    """Sources that numbers of this scenario can name."""
    with st.expander("Sources: who says so", key="sources"):
        for key, source in here.scenario.document.sources.items():
            st.markdown(f"**{plain(key)}** · {source.grade} · {source.date}")
            st.caption(plain(source.text))
            data = source.model_dump(mode="json", exclude_none=True)
            st.button(
                "Edit",
                key=f"source_{key}",
                on_click=state.draft,
                args=(SOURCE, data, ("sources", key)),
            )
        today = {"date": dt.date.today().isoformat(), "grade": "estimate"}
        st.button("Add a source", key="new_source", on_click=state.draft, args=(SOURCE, today))
