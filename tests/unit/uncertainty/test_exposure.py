"""What a guarantee may cost: against Black's formula, contract arithmetic and its own parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pricing
from pricing.core.documents import Document
from pricing.core.faults import validate
from pricing.errors import InputError
from pricing.uncertainty.exposure import Exposure, exposure
from pricing.uncertainty.exposure_document import Controls, ExposureDocument, Observed
from pricing.uncertainty.exposure_paths import _tight

SOURCE = {
    "text": "test",
    "date": "2026",
    "grade": "illustrative",
    "derivation": "Made up for tests",
}
STATED = {
    "kind": "mean_reverting",
    "source": "test",
    "level": "80 USD/kg",
    "speed": "1.3 1",
    "volatility": "50 %",
}


def document(**changes: Any) -> dict[str, Any]:
    """An exposure of the shipped guarantee with plain terms."""
    plain: dict[str, Any] = {
        "kind": "exposure",
        "id": "case",
        "title": "Case",
        "description": "Made up",
        "sources": {"test": SOURCE},
        "scenario": "mp_price_guarantee",
        "policy": "mp_floor",
        "valued_on": "2026-09-30",
        "settlement": "quarterly",
        "observed": "end",
        "tonnes": [{"since": 2026, "tonnes": "4000 t/yr", "source": "test"}],
        "price_now": "90 USD/kg",
        "price": STATED,
        "discount_rate": "3 %",
    }
    return plain | changes


def found(path: Path, **changes: Any) -> Exposure:
    """The answer, read from a file as a user would."""
    import json

    file = path / "case.yaml"
    file.write_text(json.dumps(document(**changes)), encoding="utf-8")
    return exposure(file)


@pytest.mark.parametrize(
    "price", [STATED, {"kind": "random_walk", "source": "test", "volatility": "40 %"}]
)
@pytest.mark.parametrize("settlement", ["quarterly", "annual"])
def test_plain_terms_cost_a_strip_of_puts(tmp_path: Path, price: Any, settlement: str) -> None:
    """Expected present value within three standard errors of Black (1976)."""
    answer = found(tmp_path, price=price, settlement=settlement)
    present, closed = answer.main.present, answer.closed_form
    assert closed is not None
    assert present.error < 0.01 * closed
    assert abs(present.mean - closed) < 3.0 * present.error


def test_the_strip_is_added_up_by_hand(tmp_path: Path) -> None:
    """The first quarter of three: October to December 2026, 1,000 t."""
    answer = found(tmp_path)
    assert answer.contract.tonnes[0] == pytest.approx(1000.0)
    assert answer.contract.times[0] == pytest.approx(0.25)
    years = answer.contract.years
    assert (years[0], years[1], years[-1]) == (2026, 2027, 2035)
    assert answer.contract.tonnes.sum() == pytest.approx(4000.0 * 9.0)
    rate = np.exp(-np.log(1.03) * answer.contract.times)
    assert answer.worst_present == pytest.approx(110e3 * (answer.contract.tonnes * rate).sum())


def test_averages_cost_less_than_ends(tmp_path: Path) -> None:
    """The average of a period varies less than its end, and a gap is convex."""
    end = found(tmp_path, price_now="110 USD/kg").main.present.mean
    average = found(tmp_path, price_now="110 USD/kg", observed="average")
    assert average.main.present.mean < end
    assert average.closed_form is None


def test_own_price_and_controls_do_not_change_the_draws_of_the_index(tmp_path: Path) -> None:
    own = {"ratio": "1 1", "deviation": "10 %", "speed": "2 1", "source": "test"}
    never = {
        "factor": "2 1",
        "tightened": "0 1",
        "eased": "1 1",
        "tight_now": False,
        "source": "test",
    }
    plain = found(tmp_path)
    more = found(tmp_path, own_price=own, controls=never)
    assert np.array_equal(plain.main.index, more.main.index)
    assert np.array_equal(plain.main.paid, more.main.paid)
    assert more.main.own is not None
    assert "Basis risk" in more.report()
    ratio = np.log(more.main.own / more.main.index)
    assert ratio[:, -1].std() == pytest.approx(0.10, rel=0.05)


def test_controls_are_tight_for_their_share_of_the_time() -> None:
    controls = Controls.model_validate(
        {"factor": "2 1", "tightened": "0.5 1", "eased": "1.5 1", "tight_now": True, "source": "s"}
    )
    tight = _tight(controls, np.random.default_rng(1).random((20_000, 60)))
    share = 0.25 + 0.75 * np.exp(-2.0 * np.arange(1, 61) / 12.0)
    np.testing.assert_allclose(tight.mean(axis=0), share, atol=0.012)


def test_a_nominal_strike_loses_value(tmp_path: Path) -> None:
    """With an index of zero, each payment is the strike in constant money."""
    answer = found(tmp_path, inflation="2 %")
    expected = 110e3 * answer.contract.tonnes * 1.02**-answer.contract.times
    assert answer.worst == pytest.approx(expected)
    assert answer.main.present.mean < found(tmp_path).main.present.mean


def test_caps_are_those_of_the_scenario(tmp_path: Path) -> None:
    """JARE: 5,000 t are covered of 6,000 made, and at most 10 million USD come back a year."""
    terms = {"scenario": "lynas_jare", "policy": "jare", "price_now": "200 USD/kg"}
    more = [{"since": 2026, "tonnes": "6000 t/yr", "source": "test"}]
    answer = found(tmp_path, settlement="annual", tonnes=more, **terms)
    assert answer.main.back[:, 1:].max() == pytest.approx(10e6)
    assert answer.worst[1] == pytest.approx(110e3 * 5000.0)
    assert answer.worst[0] == pytest.approx(110e3 * 1250.0)  # a quarter of the year
    assert answer.contract.index_of(np.ones((1, 200)), Observed.AVERAGE).shape[1] == 13


def test_faults_come_all_at_once() -> None:
    wrong = document(
        history=[
            {"date": "2026-01-01", "price": "50 USD/kg", "source": "nobody"},
            {"date": "2025-01-01", "price": "0 USD/kg", "source": "test"},
        ],
        tonnes=[
            {"since": 2030, "tonnes": "1 t/yr", "source": "test"},
            {"since": 2030, "tonnes": "1 t/yr", "source": "test"},
        ],
    )
    with pytest.raises(InputError) as caught:
        validate(ExposureDocument, Document(wrong, "case", {}))
    assert {fault.field for fault in caught.value.faults} == {
        "history.1.date",
        "history.1.price",
        "history.0.source",
        "tonnes.1.since",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"policy": "floor"}, "mp_price_guarantee has no price guarantee 'floor'.*Known: mp_floor"),
        ({"valued_on": "2040-01-01"}, "'mp_floor' has no end after 2040-01-01"),
        ({"price": {"kind": "random_walk", "source": "test"}}, "0 quotes are too few"),
        (
            {"tonnes": [{"since": 2030, "tonnes": "1 t/yr", "source": "test"}]},
            "no tonnes are stated for 2026",
        ),
    ],
)
def test_what_cannot_be_valued_is_refused(tmp_path: Path, changes: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        found(tmp_path, **changes)


@pytest.mark.parametrize("name", pricing.shipped_exposures())
def test_shipped_exposures_report(name: str) -> None:
    answer = pricing.exposure(name)
    text = answer.report()
    assert "PAYS ON BALANCE, million USD a year" in text
    assert answer.alternative is not None
    assert 0.0 < answer.main.present.mean < answer.worst_present
    table = answer.table()
    assert (table["p5"] <= table["p50"]).all()
    assert (table["p95"] <= table["worst"] * (1.0 + 1e-12)).all()
    assert text == pricing.exposure(name).report()


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    with pytest.raises(InputError, match="Shipped: lynas_jare, mp_materials"):
        pricing.exposure("mp")
