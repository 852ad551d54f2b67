"""Compare: any scenarios side by side, what differs in inputs and in results."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state
from pricing_ui.chart_block import chart_block
from pricing_ui.plain import plain
from pricing_ui.table_block import table_block

import pricing
from pricing.reporting import figures
from pricing.reporting.for_people import difference_table
from pricing.reporting.side_by_side import (
    check_names,
    comparable,
    differing_references,
    inputs_side_by_side,
    results_side_by_side,
)

OPENED, PRESENT = "as opened", "present"
MOST = 6
"""Scenarios compared at once: as many as shapes and colours can tell apart."""


def page() -> None:
    """Draw the page."""
    here = state.desk()
    st.title("Compare")
    _keep(here)
    known = {OPENED: here.loaded, **here.saved, PRESENT: here.scenario}
    names = dict.fromkeys([*known, *pricing.shipped_scenarios()])
    told = {scenario.hash for scenario in (here.loaded, *here.saved.values())}
    unlike = here.scenario.hash not in told
    chosen = st.multiselect(
        "Scenarios to compare, the first one against all others",
        list(names),
        default=[OPENED, *here.saved, *([PRESENT] if unlike else [])][:MOST],
        max_selections=MOST,
        key=f"compare_chosen_{len(here.saved)}_{unlike}",
        help=f"Up to {MOST}: as opened, kept ones, the present one, and shipped ones",
    )
    if not chosen:
        st.info("Choose at least one scenario; the world without policy stands beside it.")
        return
    scenarios = {name: known.get(name) or pricing.load_scenario(name) for name in chosen}
    _draw(scenarios)


def _keep(here: state.Desk) -> None:
    """Keep the present scenario under a name; open or forget a kept one."""
    form = st.form("save", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Keep the present scenario as", key="variant_name", max_chars=40)
        kept = st.form_submit_button("Keep")
    if kept and name.strip():
        _keep_as(here, name.strip())
    with st.container(horizontal=True):
        for saved, scenario in list(here.saved.items()):
            st.button(
                plain(f"Open {saved}"),
                on_click=state.open_scenario,
                args=(scenario,),
                key=f"open_{saved}",
                help="Go on from it under What if; it stays kept",
            )
            st.button(
                plain(f"Forget {saved}"),
                on_click=here.saved.pop,
                args=(saved,),
                key=f"forget_{saved}",
            )


def _keep_as(here: state.Desk, name: str) -> None:
    """Keep the present scenario, unless its name would hide something else."""
    if name in (OPENED, PRESENT, *pricing.shipped_scenarios()):
        st.error(f"Not kept: {plain(name)} is another scenario of the list. Choose another name.")
        return
    try:
        check_names([name])
    except pricing.InputError as error:
        st.error(f"Not kept: {plain(str(error))}")
        return
    here.saved[name], here.fresh = here.scenario, False


def _draw(scenarios: dict[str, pricing.Scenario]) -> None:
    """Tables and charts of the scenarios that can be solved."""
    found = {name: state.solved(scenario) for name, scenario in scenarios.items()}
    for name, result in found.items():
        if isinstance(result, str):
            st.error(plain(f"{name} is not solved. {result}"))
    solved = {name: result for name, result in found.items() if not isinstance(result, str)}
    if not solved:
        return
    first = next(iter(solved.values()))
    if len(solved) > 1:
        _inputs({name: scenarios[name] for name in solved}, first)
    else:
        st.info(
            "One scenario, beside the world without policy. To compare more: keep variants under "
            "a name as you change them, or choose shipped ones in the list above."
        )
    st.header("What differs in the results")
    drawn = comparable(solved)
    for name in [name for name in solved if name not in drawn]:
        other = next(iter(drawn))
        st.warning(plain(f"{name} is about other goods or regions than {other}: not shown."))
    for name in differing_references(drawn):
        says = (
            f"{name} rests on other assumptions, so its own world without policy is another one "
            f"than the one shown, which is that of {next(iter(drawn))}."
        )
        st.info(plain(says))
    rounded = {
        name: st.column_config.NumberColumn(format="%,.2f") for name in ("no policy", *drawn)
    }
    table_block(
        results_side_by_side(drawn),
        "compare_results",
        "Prices in USD/kg at volumes without policy, output in t/yr, money in million USD a year.",
        first,
        rounded,
    )
    for draw in (figures.compared_prices, figures.compared_output, figures.compared_gains):
        figure = draw(drawn)
        chart_block(figure, f"compare_{figure.name}")
    _pairs(drawn)


def _inputs(scenarios: dict[str, pricing.Scenario], first: pricing.Result) -> None:
    """What is not the same in all scenarios."""
    st.header("What differs in the inputs")
    inputs = inputs_side_by_side(scenarios)
    if len(inputs):
        table_block(inputs, "compare_inputs", "Only what is not the same in all.", first)
    else:
        st.info("Nothing: these scenarios have the same inputs.")


def _pairs(drawn: dict[str, pricing.Result]) -> None:
    """Every number in which another scenario differs from the first one."""
    first, *others = drawn
    if not others:
        return
    st.header("Every number")
    other = st.selectbox(f"From {first} to", others, key=f"compare_other_{first}")
    rows = difference_table(pricing.compare(drawn[first], drawn[other]))
    if len(rows):
        words = f"Every number that differs between {first} (baseline) and {other} (scenario)."
        table_block(rows, "compare_every", words, drawn[other])
    else:
        st.info("Nothing differs.")
