"""The numbers that matter first, each with its unit and what it was without policy."""

from __future__ import annotations

from html import escape

import streamlit as st
from pricing_ui import told
from pricing_ui.state import View

from pricing.reporting.headline import Headline
from pricing.reporting.stamp import scenario_line

STYLE = """<style>
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.6rem, 1fr));
  gap: 0.5rem; margin: 0; padding: 0 !important; }
.headline > div { position: relative; padding: 0.6rem;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: 0.5rem; }
.headline dt { font-size: 0.8rem; font-weight: 400; line-height: 1.25; }
.headline dd { margin: 0; font-size: 1.4rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
.headline dd.change { font-size: 0.8rem; opacity: 0.8; }
.headline [tabindex] { cursor: help; border-bottom: 1px dotted; opacity: 0.8; }
.headline [role=tooltip] { display: none; position: absolute; z-index: 9; left: -1px; right: -1px;
  top: 100%; margin-top: 0.25rem; padding: 0.5rem 0.6rem; background: Canvas; border: 1px solid;
  border-radius: 0.4rem; }
.headline [tabindex]:hover + [role=tooltip], .headline [tabindex]:focus + [role=tooltip] {
  display: block; }
.headline-source { font-size: 0.8rem; opacity: 0.7; margin: 0.4rem 0 0; }
</style>"""
"""Looks of the strip; sent once, not with every change."""


def style() -> None:
    """What :func:`strip` needs once on a page."""
    st.html(STYLE)


def strip(view: View) -> None:
    """Draw the strip.

    One element: seven would take the browser 12 ms after every move of a lever.
    """
    told.failure(view)
    boxes = "".join(_box(place, number) for place, number in enumerate(view.headline))
    source = escape(scenario_line(view.result.scenario))
    st.html(
        f'<section aria-label="Summary"><dl class="headline">{boxes}</dl>'
        f'<p class="headline-source">{source}.</p></section>'
    )


def _box(place: int, number: Headline) -> str:
    """One number with its words; the sentence on it shows on hover and with the keyboard."""
    about = f"headline-{place}"
    since = number.change and f"{escape(number.change)} against the baseline"
    change = f'<dd class="change">{since}</dd>' if since else ""
    return (
        f'<div><dt><span tabindex="0" aria-describedby="{about}">{escape(number.label)} '
        f"[{escape(number.unit)}]</span>"
        f'<span role="tooltip" id="{about}">{escape(number.help)}</span></dt>'
        f'<dd class="value">{escape(number.shown)}</dd>{change}</div>'
    )
