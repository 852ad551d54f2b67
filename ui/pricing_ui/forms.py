"""Draws any form of the schema and returns what was filled in; knows parts, not instruments."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st
from pricing_ui import widgets
from pricing_ui.plain import schema_text
from pricing_ui.widgets import Around, Sheet

from pricing.editing import parts
from pricing.editing.names import Names, known_names

SMALL = (parts.Choice, parts.Name, parts.Day, parts.Whole, parts.Flag)
"""Parts that stand two in a row."""
EMPTIES = (parts.Name, parts.NameList, parts.Words, parts.Day, parts.Whole)
"""Parts that can be left empty by themselves; other optional ones have a box to tick."""


def draw(group: parts.Group, data: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """Draw a whole form; the place for faults of no field stands on top."""
    sheet.slots[""] = st.container()
    return _group(group, data, "", sheet, None)


def _group(
    group: parts.Group, data: Mapping[str, Any], path: str, sheet: Sheet, good: str | None
) -> dict[str, Any]:
    """Fields of a group: small ones two in a row, the others below one another."""
    good = _good_of(group, data) or good
    own = [f for f in group.fields if not f.common]
    found = _fields(own, data, path, sheet, good)
    common = [f for f in group.fields if f.common]
    if common:
        with st.expander("Name, source, dates and notes", expanded=False):
            found |= _fields(common, data, path, sheet, good)
    return found


def _fields(
    fields: list[parts.Field],
    data: Mapping[str, Any],
    path: str,
    sheet: Sheet,
    good: str | None,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    columns: list[AbstractContextManager[Any]] = []
    for each in fields:
        if isinstance(each.part, SMALL):
            columns = columns or list(st.columns(2, gap="medium"))
            where = columns.pop(0)
        else:
            columns, where = [], st.container()
        with where:
            value = _field(each, data, f"{path}.{each.name}".lstrip("."), sheet, good)
        if value is not None:
            found[each.name] = value
    return found


def _field(
    each: parts.Field, data: Mapping[str, Any], path: str, sheet: Sheet, good: str | None
) -> Any:
    """One field with its box to tick, its way back and the place for its faults."""
    value = data.get(each.name, each.default)
    sheet.labels[each.name] = each.label
    wanted = True
    if each.optional and not isinstance(each.part, EMPTIES):
        wanted = st.checkbox(
            f"Set: {each.label.lower()}",
            value is not None,
            key=sheet.name(f"{path}?"),
            help=widgets.about(each),
        )
    found = _part(each.part, each, value, path, (sheet, good)) if wanted else None
    if sheet.beside is not None:
        sheet.beside(each, path, found)
    sheet.slots[path] = st.container()
    return found


def _part(part: parts.Part, each: parts.Field, value: Any, path: str, around: Around) -> Any:
    """Draw a part and return its plain value; None where it was left empty."""
    sheet, good = around
    match part:
        case parts.Group():
            found: Any = _group(part, value or {}, path, sheet, good)
        case parts.OneOf():
            found = _one_of(part, each, value, path, around)
        case parts.Table():
            found = _table(part, each, value, path, around)
        case parts.Rows():
            found = _rows(part, each, value, path, around)
        case parts.Amount():
            found = widgets.amount(part, each, value, path, around)
        case parts.NameList() | parts.Name() if part.of is not Names.OWN:
            found = widgets.names(part, each, value, path, sheet)
        case _:
            found = widgets.simple(part, each, value, sheet.name(path))
    return found


def _one_of(part: parts.OneOf, each: parts.Field, value: Any, path: str, around: Around) -> Any:
    """A choice between groups, and the group that was chosen."""
    sheet, good = around
    tag = (value or {}).get(part.tag)
    key = sheet.name(f"{path}.{part.tag}")
    with st.container(border=True):
        chosen = widgets.chosen(part.options, each.label, tag, key, widgets.about(each))
        at = next(n for n, option in enumerate(part.options) if option.value == chosen)
        st.caption(schema_text(part.options[at].help))
        inner = value if tag == chosen else {}
        return {part.tag: chosen} | _group(part.groups[at], inner, path, sheet, good)


def _table(
    part: parts.Table, each: parts.Field, value: Any, path: str, around: Around
) -> dict[str, Any] | None:
    """One entry for each picked name, in the order of the chain."""
    sheet, good = around
    entries = value or {}
    known = known_names(sheet.scenario, part.of)
    words = known | {name: f"{name} (unknown)" for name in entries if name not in known}
    with st.container(border=True):
        picked = st.multiselect(
            each.label,
            list(words),
            list(entries),
            words.__getitem__,
            key=sheet.name(f"{path}[]"),
            help=widgets.about(each),
            placeholder="choose",
        )
        found = {}
        for name in sorted(picked, key=list(words).index):
            row = parts.Field(name, words[name], each.help, part.each)
            about = name if part.of is Names.GOOD else good
            entry = _field(row, entries, f"{path}.{name}", sheet, about)
            empty: Any = "" if isinstance(part.each, parts.Name) else {}
            found[name] = empty if entry is None else entry
    return found or None


def _rows(part: parts.Rows, each: parts.Field, value: Any, path: str, around: Around) -> list[Any]:
    """A list whose rows can be added and removed; each row keeps its widgets."""
    sheet, good = around
    key = sheet.name(f"{path}.rows")
    rows = st.session_state.setdefault(key, list(enumerate(value or [])))
    st.markdown(each.label)
    st.caption(schema_text(each.help))
    found = []
    for position, (number, content) in enumerate(rows):
        with st.container(border=True):
            row = parts.Field(
                str(number),
                f"{each.label} {position + 1}",
                each.help,
                part.each,
                False,
                None,
                False,
            )
            at = f"{path}.{position}"
            inner = Sheet(sheet.scenario, f"{sheet.key}#{number}", sheet.slots, sheet.labels)
            found.append(_field(row, {row.name: content}, at, inner, good) or {})
            st.button(
                "Remove",
                key=f"{key}-{number}",
                icon=":material/delete:",
                on_click=_drop_row,
                args=(key, number),
                type="tertiary",
            )
    st.session_state[key] = [(number, new) for (number, _), new in zip(rows, found, strict=True)]
    st.button(f"Add: {each.label.lower()}", key=f"{key}+", on_click=_add_row, args=(key,))
    return found


def _add_row(key: str) -> None:
    rows = st.session_state[key]
    st.session_state[key] = [*rows, (max((n for n, _ in rows), default=-1) + 1, {})]


def _drop_row(key: str, number: int) -> None:
    st.session_state[key] = [row for row in st.session_state[key] if row[0] != number]


def _good_of(group: parts.Group, data: Mapping[str, Any]) -> str | None:
    """The good that a group is about."""
    names = [f.name for f in group.fields if f.part == parts.Name(Names.GOOD)]
    return data.get(names[0]) if names else None
