"""The page Guarantees shows what the library computes, and moves with its inputs."""

from __future__ import annotations

import pytest

import pricing
from pricing.reporting.words import million

BASE = pricing.load_scenario("baseline")


@pytest.mark.parametrize("name", pricing.shipped_exposures())
def test_the_sums_are_those_of_the_library(show, name):
    app = show("guarantees", BASE)
    app.selectbox(key="guarantee").set_value(name).run()

    assert not app.exception
    found = pricing.exposure(name)
    present = found.main.present
    assert [metric.value for metric in app.metric] == [
        million(sum_) for sum_ in (present.mean, present.quantiles[-1], found.worst_present)
    ]
    assert app.code[0].value == found.report().rstrip()
    assert len(app.get("bidi_component")) == 2


def test_a_higher_strike_on_more_tonnes_costs_more(show):
    app = show("guarantees", BASE)
    app.selectbox(key="guarantee").set_value("mp_materials").run()
    before = float(app.metric[2].value.replace(",", ""))
    app.number_input(key="mp_materials_strike").set_value(132.0).run()
    app.number_input(key="mp_materials_tonnes").set_value(2000.0).run()

    assert not app.exception
    assert float(app.metric[2].value.replace(",", "")) == pytest.approx(0.6 * before, rel=1e-4)


def test_a_stated_volatility_is_taken_and_one_of_zero_refused(show):
    app = show("guarantees", BASE)
    app.selectbox(key="guarantee").set_value("mp_materials").run()
    app.number_input(key="mp_materials_volatility").set_value(0.4).run()
    assert "volatility 0.4 1/sqrt(yr)." in " ".join(app.code[0].value.split())
    app.number_input(key="mp_materials_volatility").set_value(0.0).run()

    assert not app.exception
    assert "volatility must be above zero" in app.error[0].value.replace("\\", "")
