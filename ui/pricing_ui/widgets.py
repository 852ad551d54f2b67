"""One widget for each small part of a form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from pricing_ui.plain import plain, schema_text

import pricing
from pricing.editing import parts
from pricing.editing.bands import band_at, bands_of, base_year_of
from pricing.editing.edits import OWN_CHOICE
from pricing.editing.names import Names, known_names

QUOTED = re.compile(r"(?<=')\w+(?=')")
"""A name within a message."""


@dataclass
class Sheet:
    """What one form is drawn with."""

    scenario: pricing.Scenario
    """Whose names are offered."""
    key: str
    """Tells the widgets of this form from all others."""
    slots: dict[str, Any] = field(default_factory=dict)
    """Path of a field -> the empty place below it, for its faults."""
    labels: dict[str, str] = field(default_factory=dict)
    """Name of a field in files -> as the form calls it."""
    beside: Callable[[parts.Field, str, Any], None] | None = None
    """Draws what a page wants below every field, such as a way back."""

    def name(self, path: str) -> str:
        """Key of a widget."""
        return f"{self.key}/{path}"

    def tell(self, faults: Mapping[str, list[pricing.Fault]]) -> None:
        """Show every fault below its field, or below the nearest field around it."""
        for path, found in faults.items():
            spot = path
            while spot not in self.slots:
                spot = spot.rpartition(".")[0]
            for fault in found:
                text = str(pricing.Fault(fault.problem, remedy=fault.remedy))
                text = plain(QUOTED.sub(lambda name: self.labels.get(name[0], name[0]), text))
                self.slots[spot].markdown(f":material/error: :red[{text[:1].upper()}{text[1:]}]")


Around = tuple[Sheet, str | None]
"""The sheet, and the good that numbers are about."""


def about(each: parts.Field) -> str:
    """Help of a field, and its name in files, which formulas use; rows have numbers for names."""
    text = schema_text(each.help)
    return f"{text}\n\nIn files: `{each.name}`" if each.name.isidentifier() else text


def simple(part: parts.Part, each: parts.Field, value: Any, key: str) -> Any:
    """Texts, flags, dates, whole numbers and choices."""
    label, tip = each.label, about(each)
    match part:
        case parts.Flag():
            return st.toggle(label, bool(value), key=key, help=tip)
        case parts.Day():
            day = dt.date.fromisoformat(value) if value else None
            picked = st.date_input(label, day, dt.date.min, dt.date.max, key=key, help=tip)
            return picked.isoformat() if isinstance(picked, dt.date) else None
        case parts.Whole(low, high):
            ends = (None if end is None else int(end) for end in (low, high))
            return st.number_input(
                label, *ends, value, step=1, key=key, help=tip, placeholder="not set"
            )
        case parts.Choice(options):
            picked = chosen(options, label, value, key, tip)
            st.caption(schema_text(next(o.help for o in options if o.value == picked)))
            return picked
        case parts.Words(long=True):
            return st.text_area(label, value or "", key=key, help=tip, height=80).strip() or None
        case parts.Words() | parts.Name():
            return st.text_input(label, value or "", key=key, help=tip).strip() or None
    raise TypeError(f"no way to draw {part}")


def chosen(
    options: tuple[parts.Option, ...], label: str, value: str | None, key: str, tip: str
) -> str:
    labels = {option.value: option.label for option in options}
    known = list(labels)
    index = known.index(value) if value in labels else 0
    picked: str = st.selectbox(label, known, index, labels.__getitem__, key=key, help=tip)
    return picked


def names(
    part: parts.Name | parts.NameList, each: parts.Field, value: Any, path: str, sheet: Sheet
) -> Any:
    """One name or several, picked from what is known; one that is not known stays and says so."""
    known = known_names(sheet.scenario, part.of)
    key, tip = sheet.name(path), about(each)
    stated = [value] if isinstance(value, str) else list(value or ())
    words = known | {name: f"{name} (unknown)" for name in stated if name not in known}
    options = list(words)
    empty = "choose" if each.required else "not set" if each.optional else "none"
    if isinstance(part, parts.NameList):
        picked = st.multiselect(
            each.label, options, stated, words.__getitem__, key=key, help=tip, placeholder=empty
        )
        return picked or (None if each.optional or each.required else [])
    if value is None and part.of is Names.SOURCE:
        value = OWN_CHOICE
    index = options.index(value) if value in words else None
    return st.selectbox(
        each.label, options, index, words.__getitem__, key=key, help=tip, placeholder=empty
    )


def amount(
    part: parts.Amount, each: parts.Field, value: Any, path: str, around: Around
) -> dict[str, Any] | None:
    """A number, its unit, and behind a click its basis and source."""
    sheet, good = around
    value = value or {"value": None, "unit": part.usual}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        unit_at = part.units.index(value["unit"]) if value["unit"] in part.units else 0
        number = st.number_input(
            each.label,
            part.low.get(value["unit"]),  # zero in every unit, or none
            value=value["value"],
            key=sheet.name(f"{path}.value"),
            format="%g",
            help=about(each),
            placeholder="number",
        )
        unit = st.selectbox(
            f"Unit of {each.label.lower()}",
            part.units,
            unit_at,
            format_func=lambda unit: "fraction" if unit == "1" else unit,
            key=sheet.name(f"{path}.unit"),
            label_visibility="collapsed",
            width=130,
        )
        with st.popover("Source", help="Source, basis and derivation of this number"):
            more = _about(part, value, path, sheet)
    if number is None:
        return None
    _band(part, unit, float(number), (sheet.scenario, good))
    return {"value": float(number), "unit": unit, **more}


def _about(part: parts.Amount, value: Mapping[str, Any], path: str, sheet: Sheet) -> dict[str, Any]:
    """Basis, source, derivation and note of one number; what is empty is left out."""
    bases = dict.fromkeys(basis.name for good in sheet.scenario.chain.goods for basis in good.bases)
    sources = known_names(sheet.scenario, Names.SOURCE)
    found: dict[str, Any] = {}
    if part.has_basis:
        found["basis"] = _pick("Basis of the mass", {b: b for b in bases}, value, path, sheet)
    found["source"] = _pick("Source of this number", sources, value, path, sheet)
    for name in ("derivation", "note"):
        key = sheet.name(f"{path}.{name}")
        text = st.text_area(name.capitalize(), value.get(name) or "", key=key, height=70)
        found[name] = text.strip() or None
    return {name: content for name, content in found.items() if content is not None}


def _pick(
    label: str, words: Mapping[str, str], value: Mapping[str, Any], path: str, sheet: Sheet
) -> str | None:
    """One of some names, or none for what holds around it."""
    name = label.split(maxsplit=1)[0].lower()
    stated, options = value.get(name), list(words)
    index = options.index(stated) if stated in words else None
    key = sheet.name(f"{path}.{name}")
    picked: str | None = st.selectbox(
        label, options, index, words.__getitem__, key=key, placeholder="as usual"
    )
    return picked


def _band(
    part: parts.Amount, unit: str, number: float, about: tuple[pricing.Scenario, str | None]
) -> None:
    """What the number means on its scale."""
    scenario, good = about
    benchmark = scenario.document.assumptions.benchmark
    base = base_year_of(scenario.chain, benchmark, good) if good else None
    band = band_at(bands_of(part.quantity, unit, base, part.scaled), number)
    if band is not None:
        st.caption(plain(band.name[:1].upper() + band.name[1:]))
