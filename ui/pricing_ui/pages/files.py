"""Files and links: take the scenario away, bring one in, do the same in Python."""

from __future__ import annotations

from functools import partial

import streamlit as st
from pricing_ui import links, state
from pricing_ui.plain import plain

import pricing
from pricing.reporting.export import parquet, tidy_csv, workbook
from pricing.reporting.html_report import html_report
from pricing.reporting.stamp import comment_lines, identity, scenario_file

SNIPPET = """{about}import pricing

scenario = pricing.load_scenario("{name}.yaml")  # the file from this page
result = pricing.solve(scenario)
baseline = result.reference  # the same world without added policy
assert scenario.hash == "{hash}"
print(result.report())
print(result.table())  # rows of the baseline end in "(no policy)"
"""

UPLOAD = "upload"
"""Key of the box for files."""
OWN_LIMIT = (
    f"<style>.st-key-{UPLOAD} [data-testid=stFileUploaderDropzoneInstructions]"
    "{display:none}</style>"
)
"""Hides Streamlit's own limit, which counts whole megabytes; the reader of files takes less."""
RESULTS = (
    ("Results, CSV", "results.csv", "text/csv", tidy_csv),
    ("Results, Parquet", "results.parquet", "application/vnd.apache.parquet", parquet),
    (
        "Results, Excel",
        "results.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        workbook,
    ),
    ("Report to print", "report.html", "text/html", lambda result: html_report(result).encode()),
)
"""Button, file name, MIME type and what writes the file."""


def page() -> None:
    """Draw the page."""
    here, view = state.desk(), state.current()
    scenario = here.scenario
    st.title("Files and links")
    _naming(here)
    st.header("Take away")
    st.caption(f"Scenario {scenario.id}, hash {scenario.hash[:12]}, version {pricing.__version__}.")
    with st.container(horizontal=True):
        _download("Scenario", partial(scenario_file, scenario), f"{scenario.id}.yaml", "text/yaml")
        if view.failure is None:
            for label, name, mime, write in RESULTS:
                _download(label, lambda w=write: w(view.result), name, mime)
    if view.failure is not None:
        st.info("It has no equilibrium, so there are no results to take away.")
    if st.button("Make a link", key="share", help="The link carries every number of the scenario"):
        _share(scenario)
    st.header("The same in Python")
    about = comment_lines(identity(scenario))
    snippet = SNIPPET.format(name=scenario.id, hash=scenario.hash, about=about)
    st.code(snippet, language="python")
    st.header("Bring in")
    st.html(OWN_LIMIT)
    given = st.file_uploader(
        "Scenario file (.yaml), up to 256 kB; it may extend shipped scenarios only",
        type=["yaml", "yml"],
        key=UPLOAD,
    )
    if given is not None:
        _bring_in(given.getvalue())


def _naming(here: state.Desk) -> None:
    """What the scenario is called; a changed one should not go by the name of the shipped one."""
    document, opened = here.scenario.document, here.loaded.document
    st.header("Name it")
    if here.scenario.hash != here.loaded.hash and document.title == opened.title:
        st.info("The numbers are no longer those of this title. Give it a name before it leaves.")
    with st.form(f"name{here.revision}", border=False):
        left, right = st.columns([1, 3])
        name = left.text_input("Short name", document.id, help="Name of the file")
        title = right.text_input("Title", document.title, help="One line for people")
        text = st.text_area("What it shows", document.description, height=120)
        named = st.form_submit_button("Use this name")
    if named:
        words = {"id": name, "title": title, "description": text}
        changes = {(key,): value.strip() for key, value in words.items()}
        try:
            state.change(pricing.amend(here.scenario, changes))
        except pricing.InputError as error:
            _told(error)
        else:
            st.rerun()


def _told(error: pricing.InputError) -> None:
    """Every fault, as text."""
    for fault in error.faults:
        st.markdown(f"- {plain(str(fault))}")


def _share(scenario: pricing.Scenario) -> None:
    """Put the scenario into the address, and show that address for copying."""
    try:
        packed = links.pack(scenario)
    except pricing.InputError as error:
        st.error(plain(str(error)))
        return
    st.query_params[links.PARAMETER] = packed
    st.success(
        f"This link carries the scenario in {len(packed):,} letters: copy and mail it. Whoever "
        "opens it starts from these numbers."
    )
    app = (st.context.url or "").partition("?")[0].rpartition("/")[0]
    st.code(f"{app}/?{links.PARAMETER}={packed}", language=None)


def _download(label: str, write: object, name: str, mime: str) -> None:
    st.download_button(label, write, name, mime, key=f"take_{name}", on_click="ignore")


def _bring_in(text: bytes) -> None:
    """Open an uploaded scenario, or say every fault."""
    try:
        scenario = pricing.parse_scenario(text)
    except pricing.InputError as error:
        count = len(error.faults)
        st.error(f"This file is not a valid scenario: {count} to correct. Nothing was opened.")
        _told(error)
        return
    st.success(f"Read: {plain(scenario.document.title)}")
    st.button("Open it", key="open_upload", on_click=state.open_scenario, args=(scenario,))
