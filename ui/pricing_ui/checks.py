"""The six accounting checks as a table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from pricing_ui.plain import plain

CAPTION = "Accounting checks. Largest errors are shares of world spending."


def checks_table(result: Any) -> None:
    """Verdict and table of the checks; sizes are shares of world spending."""
    checks = result.accounts.checks
    failed = [check.name for check in checks if not check.passed]
    if failed:
        st.error(f"These checks failed: {', '.join(failed)}.")
    else:
        st.success(f"All {len(checks)} checks hold.")
    rows = [
        {
            "check": check.name,
            "holds": "yes" if check.passed else "NO",
            "compares": plain(check.compares),
            "largest error": f"{check.error:.1e}",
            "where": plain(check.worst),
        }
        for check in checks
    ]
    st.table(pd.DataFrame(rows), hide_index=True, alt=CAPTION)  # whose cells run over several lines
    st.caption(CAPTION)
