"""The page Sensitivity shows what the library computes."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.reporting.headline import headline
from pricing.uncertainty.sensitivity import sample, tornado
from pricing.uncertainty.sensitivity_figures import fan_of, spread_of, tornado_of, words

FORGE = pricing.load_scenario("forge_uncertain")
OUTPUT = "output(magnet, forge)"


def charts(app):
    return app.get("bidi_component")


def test_the_tornado_stands_at_once_and_draws_wait_for_the_button(show):
    app = show("sensitivity", FORGE)
    assert not app.exception
    assert len(charts(app)) == 2
    app.selectbox(key="sensitivity_second").set_value("anchor").run()
    app.selectbox(key="sensitivity_indicator").set_value(words(OUTPUT)).run()
    app.button(key="sensitivity_draw").click().run()

    assert not app.exception
    assert len(charts(app)) == 4
    found = sample(FORGE, 64)
    shown = app.dataframe[0].value
    assert list(shown["probability"]) == [f"{e.value:.1%}" for _, e in found.probabilities()]
    caption = spread_of(found, OUTPUT, "").caption
    assert any(caption[:60] in text.value.replace("\\", "") for text in app.markdown)


def test_other_base_years_stand_beside_the_scenario_s_own(show):
    scenario = pricing.load_scenario("forge_oxide_only")
    app = show("sensitivity", scenario)
    shown = app.dataframe[0].value.set_index("number")
    other = pricing.solve(scenario.but({"assumptions.benchmark": "proportional"}))
    for name, result in (("central", pricing.solve(scenario)), ("proportional", other)):
        for number in headline(result):
            assert shown.loc[f"{number.label} [{number.unit}]", name] == number.shown
    makers = "metal, change in makers' value added [USD/kg]"
    assert shown.loc[makers, "central"][0] == "-"  # the sign that docs/validation.md tells of
    assert shown.loc[makers, "proportional"][0] == "+"


def test_a_scenario_without_ranges_takes_those_of_the_elasticities(show):
    app = show("sensitivity", pricing.load_scenario("forge_oxide_only"))

    assert not app.exception
    assert any("so each number below is an elasticity" in text.value for text in app.caption)
    assert len(charts(app)) == 2


@pytest.mark.parametrize("are_drawn", [False, True])
def test_numbers_of_the_scenario_are_told_from_elasticities(show, are_drawn):
    both = FORGE.but({"uncertainty.elasticities": "triangular"})
    app = show("sensitivity", both if are_drawn else FORGE)
    said = "All but anchor, oxide margin, metal margin, magnet margin are elasticities"
    assert any(said in text.value for text in app.caption) is are_drawn


def test_figures_have_the_numbers_of_the_library():
    swings = tornado(FORGE)
    figure = tornado_of(swings, OUTPUT, "here")
    own = [swing for swing in swings if swing.indicator == OUTPUT]

    ends = [row["end"] for row in figure.drawn["rows"].rows]
    assert ends == [end for swing in own for end in swing.ends]
    assert [swing.width for swing in own] == sorted((s.width for s in own), reverse=True)
    shares = [row["share"] for row in spread_of(sample(FORGE, 64), OUTPUT, "").drawn["rows"].rows]
    assert abs(sum(shares) - 100.0) < 1e-9
    assert words(OUTPUT) == "Output: magnet, forge"


def test_a_fan_has_the_quantiles_of_its_draws():
    """Every draw is in one band; bands follow the number; a quantile of one band by hand."""
    found = sample(FORGE, 64)
    rows = fan_of(found, "anchor", OUTPUT, "").drawn["rows"].rows
    at = found.draws.values(0, 64)[:, found.draws.ids.index("anchor")]
    order = np.argsort(at)

    assert len(rows) == 4
    assert [row["x"] for row in rows] == sorted(row["x"] for row in rows)
    first = found.values(OUTPUT)[order[:16]]
    assert rows[0]["p50"] == pytest.approx(np.median(first))
    assert rows[0]["p95"] == pytest.approx(np.quantile(first, 0.95))
