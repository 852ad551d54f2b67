"""Method: the equations in short, how the solve went, binding regimes, the six checks."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd
import streamlit as st
from pricing_ui import state
from pricing_ui.checks import checks_table

EQUATIONS = """
One year, several regions and stages, everybody takes prices as given.

- **Makers** run a process until its marginal cost equals outputs at ex-works prices (and
  guarantees) less inputs at their price index, within capacity.
- **Landed price** = (ex-works price + export VAT + sellers' rents), plus insurance, freight,
  duties and levies.
- **Buyers** choose origins by landed price, good by good: `logit` from base-year shares,
  `homogeneous` from the cheapest, or `armington` in value.
- **Final demand** falls with the price index of what it buys.
- **Every market clears**: output equals sales to all destinations plus public purchases; a price of
  zero may leave a surplus.
- **Limits** (quotas, budgets, capacities) bind with a shadow price, or are slack with none.

In full: `docs/model.md` and `docs/notation.md`.
"""


def page() -> None:
    """Draw the page."""
    view = state.current()
    st.title("Method")
    st.markdown(EQUATIONS)
    st.subheader("Solve")
    found = view.result.diagnostics
    with st.container(horizontal=True):
        st.metric("Residual (scaled)", f"{found.residual:.1e}")
        st.metric("Steps", found.iterations)
        st.metric("Method", str(found.method))
    st.caption(f"Largest residual: {found.worst}.")
    st.subheader("Regimes")
    st.caption("What every policy does at every place that it touches.")
    regimes = [asdict(row) for row in view.result.accounts.regimes]
    st.dataframe(pd.DataFrame(regimes), hide_index=True, width="stretch", key="method_regimes")
    st.subheader("Accounting checks")
    checks_table(view.result)
