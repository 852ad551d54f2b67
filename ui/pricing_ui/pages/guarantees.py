"""Guarantees: what one may cost over its contract, when the index price moves."""

from __future__ import annotations

import streamlit as st
from pricing_ui import state, told
from pricing_ui.chart_block import chart_block
from pricing_ui.plain import plain

import pricing
from pricing.reporting.words import million
from pricing.uncertainty import exposure_figures
from pricing.uncertainty.exposure import Exposure, value
from pricing.uncertainty.exposure_document import ExposureDocument, Settlement
from pricing.uncertainty.exposure_files import load_exposure

MOST_VALUED = 100
"""Answers kept by the server, the latest used."""
FIELDS = (
    ("level", "Level to which the price returns [USD/kg]", "USD/kg"),
    ("speed", "Speed of return [1/yr]", "1"),
    ("volatility", "Volatility [1/√yr]", "1"),
)
"""Numbers of a process, their labels and units."""


@st.cache_resource(show_spinner=False)
def _opened(name: str) -> tuple[ExposureDocument, pricing.Scenario]:
    return load_exposure(name)


@st.cache_resource(max_entries=MOST_VALUED, show_spinner=False)
def _valued(key: str, _document: ExposureDocument, _scenario: pricing.Scenario) -> Exposure | str:
    """Answer by everything that it depends on, or why there is none."""
    return told.or_why(value, _document, _scenario)


def page() -> None:
    """Draw the page."""
    st.title("Guarantees")
    st.caption(
        "What a price guarantee may cost over its contract. Tonnes, index and terms are those of "
        "the contract, not those that the open scenario is solved with; they move here only."
    )
    known = pricing.shipped_exposures()
    open_now = state.desk().scenario.id
    own = [name for name in known if _opened(name)[1].id == open_now]
    name = st.selectbox(
        "Guarantee",
        known,
        index=known.index(own[0]) if own else 0,
        format_func=lambda known: _opened(known)[0].title,
        key="guarantee",
    )
    document, scenario = _opened(name)
    left, right = st.columns([1, 2], gap="large")
    with left:
        st.markdown(plain(document.description))
        try:
            document, scenario = _inputs(name, document, scenario)
        except pricing.InputError as error:
            st.error(plain(str(error)))
            return
    found = _valued(f"{document.model_dump_json()} {scenario.hash}", document, scenario)
    with right:
        if isinstance(found, str):
            st.error(plain(found))
        else:
            _answer(found)


def _inputs(
    name: str, document: ExposureDocument, scenario: pricing.Scenario
) -> tuple[ExposureDocument, pricing.Scenario]:
    """The document and the scenario with the numbers of the page."""

    def number(label: str, default: float | None, field: str) -> float | None:
        return st.number_input(
            label,
            0.0,
            value=default,
            format="%g",
            placeholder="estimated",
            key=f"{name}_{field}",
        )

    (policy,) = (p for p in scenario.document.policies if p.id == document.policy)
    strike, last = policy.strike, document.price_now or document.history[-1].price
    changes: dict[str, object] = {}
    to_strike = number(f"Guaranteed price [{strike.unit}]", strike.value, "strike")
    if to_strike != strike.value:
        scenario = scenario.but({f"policies.{document.policy}.strike.value": to_strike})
    tonnes = document.tonnes[-1].tonnes
    to_tonnes = number(f"Tonnes a year [{tonnes.unit}]", tonnes.value, "tonnes")
    if to_tonnes != tonnes.value:
        row = document.tonnes[0].model_dump(mode="json", exclude_none=True)
        changes["tonnes"] = [row | {"tonnes": {"value": to_tonnes, "unit": tonnes.unit}}]
    now = number(f"Index at the valuation [{last.unit}]", last.value, "now")
    changes["price_now"] = {"value": now, "unit": last.unit}
    rate = document.discount_rate
    discount = number(f"Discount rate [{rate.unit}]", rate.value, "discount")
    changes["discount_rate"] = {"value": discount, "unit": rate.unit}
    often = st.segmented_control(
        "Settled",
        [known.value for known in Settlement],
        default=document.settlement.value,
        required=True,
        key=f"{name}_often",
    )
    st.caption("How the price moves; what is left empty is estimated from the quotes of the file.")
    process = document.price.model_dump(mode="json", exclude_none=True)
    for field, label, unit in FIELDS:
        if field in type(document.price).model_fields:
            given = number(label, None, field)
            if given is not None:
                process[field] = {"value": given, "unit": unit}
    changes |= {"settlement": often, "price": process}
    return document.varied(changes), scenario


def _answer(found: Exposure) -> None:
    """Main sums, charts, and the report."""
    present = found.main.present
    with st.container(horizontal=True, gap="small"):
        for label, sum_, text in (
            ("Expected", present.mean, f"Standard error {present.error / 1e6:.1f}"),
            ("One case in twenty above", present.quantiles[-1], "95 % quantile"),
            ("At worst", found.worst_present, "An index of zero in every period"),
        ):
            st.metric(f"{label} [million USD]", million(sum_), help=text, border=True)
    paid = f"{found.payer[0].lower()}{found.payer[1:]}"
    st.caption(plain(f"Present value of what is paid on balance, by {paid}."))
    for figure in (exposure_figures.yearly_cost(found), exposure_figures.chance_of_cost(found)):
        chart_block(figure, f"guarantees_{figure.name}")
    with st.expander("Report"):
        st.code(found.report(), language=None)
