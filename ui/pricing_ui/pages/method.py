"""Method: the equations, how the solve went, binding regimes, the six checks."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state, told
from pricing_ui.checks import checks_table
from pricing_ui.plain import plain
from pricing_ui.table_block import table_block

from pricing.reporting.for_people import regime_counts, regime_table
from pricing.reporting.jumps import for_people

EQUATIONS = (
    (
        "**Every market clears**: output equals sales to all destinations plus public purchases; "
        "at a price of zero a surplus may be left.",
        r"0 \le p_{gi} \;\perp\; y_{gi} - \textstyle\sum_j f_{gij} - b_{gi} \ge 0",
    ),
    (
        "**Makers** run a process until its marginal cost equals its margin: outputs at ex-works "
        "prices and payments less inputs at their price index; within capacity.",
        r"0 \le x_k \le \bar x_k \;\perp\; c_k(x_k) - m_k",
        r"m_k = \textstyle\sum_g a^{out}_{kg} (p_{gj} + w_{kg}) - \sum_g a^{in}_{kg} P_{gj}",
    ),
    (
        "**Landed price**: ex-works price with export VAT and sellers' rents, then insurance, "
        "freight, duties on the customs value, and the levy up to the reference price.",
        r"c_{gij} = \mathrm{CIF}(p_{gi}) + d_{gij} + \tau_{gij}",
        r"\tau_{gij} = \max(0,\; \mathrm{ref}_g - \text{base price})",
    ),
    (
        "**Buyers** choose origins by landed price, good by good: `logit` from base-year shares "
        "(shown), `homogeneous` from the cheapest, `armington` in value.",
        r"S_{gij} = a_{gij} e^{-\theta c_{gij}} / \textstyle\sum_h a_{ghj} e^{-\theta c_{ghj}}",
        r"P_{gj} = -\tfrac{1}{\theta} \ln \textstyle\sum_i a_{gij} e^{-\theta c_{gij}}",
    ),
    (
        "**Final demand** falls with the price index, up to the choke price.",
        r"D_{gj} = D^0_{gj} \left( P_{gj} / P^0_{gj} \right)^{-\varepsilon}",
    ),
    (
        "**Limits** (quotas, budgets, capacities) bind with a shadow price or are slack without.",
        r"0 \le \mu_m \;\perp\; \text{room}_m \ge 0",
    ),
)
"""What holds in words, and as formulas short enough for a narrow screen."""
UNIQUE = {
    "structure": "Prices are unique by the structure of the problem.",
    "same": "A second start reached the same prices.",
    "other": "A second start reached another equilibrium.",
    "not_reached": "A second start did not converge; whether prices are unique is not known.",
}
"""Verdict on other equilibria -> words."""


def page() -> None:
    """Draw the page."""
    view = state.current()
    st.title("Method")
    st.caption(
        "One year, several regions and stages. Everybody takes prices as given, apart from "
        "exporters whom a scenario lets set theirs. In full: "
        "docs/model.md and docs/notation.md."
    )
    for words, *formulas in EQUATIONS:
        st.markdown(words)
        for formula in formulas:
            st.latex(formula)
    st.header("Solve")
    _solve(view)
    st.header("Regimes")
    _regimes(view)
    st.header("Accounting checks")
    checks_table(view.result)


def _solve(view: state.View) -> None:
    """Residuals and steps of the scenario and of its baseline; whether prices are unique."""
    result = view.result
    told.failure(view)
    for name, found in (
        ("Scenario", result.diagnostics),
        ("Baseline", result.reference.diagnostics),
    ):
        with st.container(horizontal=True):
            st.metric(f"{name}: residual (scaled)", f"{found.residual:.1e}", border=True)
            st.metric(f"{name}: steps", found.iterations, border=True)
            st.metric(f"{name}: method", str(found.method), border=True)
        st.caption(
            f"Largest residual: {found.worst}. A result above 1e-8 is an error, never shown."
        )
    st.caption(f"Solved in {1e3 * view.seconds:.0f} ms.")
    doubt = result.uniqueness
    within = "Within the regimes of policies that jump: " * (result.solved.search is not None)
    why = f" Asked because {doubt.reason}." if doubt.reason else ""
    st.caption(plain(f"{within}{UNIQUE[doubt.verdict]}{why}"))


def _regimes(view: state.View) -> None:
    """What every policy does, counted and row by row; first the outcomes of policies that jump."""
    if len(view.result.outcomes) > 1:
        st.dataframe(
            for_people(view.result),
            hide_index=True,
            width="stretch",
            key="method_outcomes",
            column_config={
                "world net [million USD/yr]": st.column_config.NumberColumn(format="%.3f")
            },
        )
        st.caption(
            "Outcomes of policies that jump, where they differ: each is consistent with the prices "
            "that it leads to. All pages show the first."
        )
    table = regime_table(view.result)
    if len(table):
        counts = regime_counts(view.result)
        st.dataframe(counts, hide_index=True, width="stretch", key="method_counts")
        st.caption("Number of places by policy, good and regime.")
    kept = st.multiselect("Regime", sorted(table["regime"].unique()), key="method_regime")
    if kept:
        table = table[table["regime"].isin(kept)]
    table_block(
        table,
        "method_regimes",
        "What every policy does at every place that it touches: duty, levy, rent or payment.",
        view.result,
        {"value": st.column_config.NumberColumn(format="%.3f")},
    )
