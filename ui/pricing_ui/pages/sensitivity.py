"""Sensitivity: which uncertain numbers a result hangs on, and how it spreads when all are drawn."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from pricing_ui import pick, state, told
from pricing_ui.chart_block import chart_block
from pricing_ui.plain import plain
from pricing_ui.table_block import table_block

import pricing
from pricing.reporting.stamp import source_line
from pricing.reporting.variants import side_by_side
from pricing.uncertainty import sensitivity_figures as figures
from pricing.uncertainty.response import Response, response
from pricing.uncertainty.sensitivity import (
    Sample,
    Swing,
    main_indicators,
    sample,
    tornado,
    with_ranges,
)

COUNTS = (64, 128, 256, 512)
"""Draws that a server makes while the reader waits."""
POINTS = {1: 11, 2: 6}
"""Values of each number in a line and in a map."""
MOST_KEPT = 50
"""Answers kept by the server, the latest used."""


@st.cache_resource(max_entries=MOST_KEPT, show_spinner=False)
def _swings(key: str, _scenario: pricing.Scenario) -> tuple[Swing, ...] | str:
    """Tornado by everything that it depends on, or why there is none."""
    return told.or_why(tornado, _scenario)


@st.cache_resource(max_entries=MOST_KEPT, show_spinner=False)
def _response(key: str, numbers: tuple[str, ...], _scenario: pricing.Scenario) -> Response | str:
    """Response by everything that it depends on, or why there is none."""
    return told.or_why(response, _scenario, numbers, POINTS[len(numbers)])


@st.cache_resource(max_entries=MOST_KEPT, show_spinner=False)
def _sample(key: str, count: int, _scenario: pricing.Scenario) -> Sample | str:
    """Draws by everything that they depend on, or why there are none."""
    return told.or_why(sample, _scenario, count)


@st.cache_resource(max_entries=MOST_KEPT, show_spinner=False)
def _variants(key: str, _result: pricing.Result) -> list[dict[str, str]]:
    """Rows by everything that they depend on."""
    return side_by_side(_result)


def page() -> None:
    """Draw the page."""
    view = state.current()
    st.title("Sensitivity")
    told.failure(view)
    own = view.result.scenario
    scenario = with_ranges(own)
    stated = scenario.document.uncertainty
    if own.document.uncertainty is None:
        st.caption(
            "This scenario says nothing about what is uncertain, so each number below is an "
            "elasticity of the chain, with its low, central and high value (see Assumptions)."
        )
    elif stated and stated.elasticities is not None:
        named = [figures.in_words(number.id) for number in stated.numbers]
        st.caption(plain(f"All but {', '.join(named)} are elasticities (see Assumptions)."))
    key = f"{scenario.hash} {stated.model_dump_json() if stated else ''}"
    with st.spinner("Solving each number at both ends of its range"):
        swings = _swings(key, scenario)
    if isinstance(swings, str):
        st.error(plain(swings))
        return
    labels = tuple(dict.fromkeys(swing.indicator for swing in swings))
    known = main_indicators(scenario, labels)
    words = {figures.words(name): name for name in known}
    outputs = [text for text, name in words.items() if name.startswith("output(")]
    first = [*outputs, *words][max(len(outputs) - 1, 0)]  # of the last stage
    indicator = words[pick.one_of("Indicator", list(words), first, "sensitivity_indicator")]
    source, stale = source_line(view.result), view.failure is not None
    chart_block(figures.tornado_of(swings, indicator, source), "sensitivity_tornado", stale)
    st.header("Over the whole range")
    _over(view, scenario, key, indicator, [s.number for s in swings if s.indicator == indicator])
    st.header("All at once")
    _draws(view, scenario, key, indicator)
    if own.document.variants:
        st.header("Other base years")
        _base_years(view, key)


def _base_years(view: state.View, key: str) -> None:
    """Numbers of the scenario on every base year that it names."""
    with st.spinner("Solving on the other base years"):
        rows = _variants(key, view.result)
    caption = (
        "The scenario as it stands, first on its own base year, then on the others that it names: "
        "other assumptions on who buys from whom, under which every price of the base year holds "
        "too."
    )
    table_block(pd.DataFrame(rows), "base_years", caption, view.result, whole=True)


def _over(
    view: state.View, scenario: pricing.Scenario, key: str, indicator: str, known: list[str]
) -> None:
    """One number as a line, or two as a map."""
    none = "No second number"
    with st.container(horizontal=True):
        first = pick.one_of("Number", known, known[0], "sensitivity_first", figures.in_words)
        others = [none, *(name for name in known if name != first)]
        second = pick.one_of("Second number", others, none, "sensitivity_second", figures.in_words)
    chosen = (first,) if second == none else (second, first)
    with st.spinner("Solving the grid"):
        found = _response(key, chosen, scenario)
    if isinstance(found, str):
        st.error(plain(found))
        return
    source, stale = source_line(view.result), view.failure is not None
    figure = figures.response_of(found, indicator, source)
    chart_block(figure, f"sensitivity_response_{len(chosen)}", stale)


def _draws(view: state.View, scenario: pricing.Scenario, key: str, indicator: str) -> None:
    """The spread over draws, when the reader asks for them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.selectbox("Draws", COUNTS, key="sensitivity_draws")
        asked = st.button("Draw", key="sensitivity_draw", type="primary")
    drawn = st.session_state.setdefault("sensitivity_drawn", set())
    if asked:
        drawn.add((key, count))
    if (key, count) not in drawn:
        st.caption(
            "Draws all uncertain numbers together. Many more draws, on more computers, are a "
            "sweep: pricing sweep plan, on the command line."
        )
        return
    with st.spinner(f"Solving {count} draws"):
        found = _sample(key, count, scenario)
    if isinstance(found, str):
        st.error(plain(found))
        return
    if found.unsolved:
        st.warning(f"{found.unsolved} of {count} draws have no equilibrium and are left out.")
    source, stale = source_line(view.result), view.failure is not None
    chart_block(figures.spread_of(found, indicator, source), "sensitivity_spread", stale)
    fan = figures.fan_of(found, st.session_state["sensitivity_first"], indicator, source)
    chart_block(fan, "sensitivity_fan", stale)
    statements = found.probabilities()
    if statements:
        rows = [
            {
                "statement": says,
                "probability": f"{estimate.value:.1%}",
                "95 % interval": f"{estimate.low:.1%} to {estimate.high:.1%}",
            }
            for says, estimate in statements
        ]
        caption = f"How often each statement of the scenario is true in {count} draws."
        table_block(pd.DataFrame(rows), "statements", caption, view.result)
