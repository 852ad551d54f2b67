"""One table on a page: title, unit, source and a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st
from pricing_ui.plain import plain

from pricing.reporting.export import safe
from pricing.reporting.stamp import comment_lines, source_line, stamp

if TYPE_CHECKING:
    import pandas as pd


DIGIT, AROUND = 7, 22
"""Room for one letter of a cell, and beside all of them [pixel]."""


def roomy(rows: pd.DataFrame, columns: dict[str, Any] | None = None) -> dict[str, Any]:
    """Columns with room for their longest number.

    The browser measures the first rows only and cuts off the front of what is longer: 114.31 was
    shown as 14.31.
    """
    found = dict(columns or {})
    for name in rows.select_dtypes("number"):
        ends = (rows[name].min(), rows[name].max())
        longest = max(len(str(name)), *(len(f"{end:.4f}") for end in ends))
        stated = found.get(name) or st.column_config.NumberColumn()
        found[name] = stated | {"width": DIGIT * longest + AROUND}
    return found


def table_block(
    rows: pd.DataFrame,
    key: str,
    caption: str,
    result: Any,
    columns: dict[str, Any] | None = None,
    *,
    whole: bool = False,
) -> None:
    """Draw a table with a sentence on it, its source, and a button for a CSV file.

    One that is not whole shows its first rows, and the others as a reader scrolls.
    """
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        height="content" if whole else "auto",
        key=key,
        column_config=roomy(rows, columns),
        placeholder="",  # what a number does not have is left empty, and not "None"
        alt=caption,
    )
    st.caption(f"{plain(caption)} {plain(source_line(result))}.")
    st.download_button(
        "CSV",
        data=partial(_csv, rows, result),
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"{key}_csv",
        on_click="ignore",
    )


def _csv(rows: pd.DataFrame, result: Any) -> bytes:
    """The table below lines that say where it is from; text is safe for spreadsheets."""
    return (comment_lines(stamp(result)) + rows.map(safe).to_csv(index=False)).encode()
