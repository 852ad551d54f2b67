"""Price processes: exact transitions, and estimates of known numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pricing.errors import InputError
from pricing.uncertainty.prices import LogPrice, MeanReverting, RandomWalk, log_price

OU = LogPrice(level=np.log(80e3), speed=1.3, volatility=0.5, drift=0.0)
FITTED = MeanReverting(kind="mean_reverting", source="test")


def test_two_half_steps_are_one_step() -> None:
    for process in (OU, LogPrice(0.0, 0.0, 0.4, -0.08)):
        once = process.moments(11.0, 0.6)
        mean, variance = process.moments(11.0, 0.25)
        mean, more = process.moments(mean, 0.35)
        kept = np.exp(-2.0 * process.speed * 0.35)
        assert (mean, variance * kept + more) == pytest.approx(once, rel=1e-12)


def test_paths_have_the_moments_of_the_process() -> None:
    shocks = np.random.default_rng(5).standard_normal((40_000, 30))
    paths = OU.paths(11.0, shocks, 1.0 / 12.0)
    mean, variance = OU.moments(11.0, 2.5)
    error = np.sqrt(variance / len(paths))
    assert abs(paths[:, -1].mean() - mean) < 4.0 * error
    assert paths[:, -1].var() == pytest.approx(variance, rel=0.03)


@pytest.mark.parametrize(("growth", "factor"), [("5 %", 1.05), ("-5 %", 0.95)])
def test_the_random_walk_grows_as_it_says(growth: Any, factor: float) -> None:
    walk = RandomWalk(kind="random_walk", source="test", growth=growth, volatility="40 %")  # type: ignore[arg-type]
    forward, _ = log_price(walk, np.empty(0), np.empty(0)).forward(np.log(50.0), np.array([2.0]))
    assert forward == pytest.approx([50.0 * factor**2])


def test_known_numbers_are_found_again_within_their_errors() -> None:
    """Two hundred quotes at unequal times; each estimate within three standard errors."""
    rng = np.random.default_rng(11)
    years = np.cumsum(rng.uniform(0.05, 0.4, 200))
    logs = [np.log(60e3)]
    for step in np.diff(years):
        mean, variance = OU.moments(logs[-1], step)
        logs.append(float(mean + np.sqrt(variance) * rng.standard_normal()))
    found = log_price(FITTED, years, np.array(logs))
    truth = {"level": 80.0, "speed": 1.3, "volatility": 0.5}
    for estimate in found.estimates:
        assert estimate.error is not None
        assert 0.0 < estimate.error < truth[estimate.name]
        assert abs(estimate.value - truth[estimate.name]) < 3.0 * estimate.error, estimate

    stated = MeanReverting.model_validate(
        {"kind": "mean_reverting", "source": "test", "speed": "1.3 1"}
    )
    held = log_price(stated, years, np.array(logs))
    assert held.speed == pytest.approx(1.3)
    assert {e.name: e.error is None for e in held.estimates} == {
        "level": False,
        "speed": True,
        "volatility": False,
    }


def test_volatility_of_a_random_walk_is_the_root_of_mean_squares() -> None:
    years, logs = np.array([0.0, 0.5, 1.5, 2.0, 3.0]), np.array([0.0, 0.3, -0.1, 0.2, 0.4])
    walk = log_price(RandomWalk(kind="random_walk", source="test"), years, logs)
    squares = np.array([0.09 / 0.5, 0.16, 0.09 / 0.5, 0.04])
    assert walk.volatility == pytest.approx(np.sqrt(squares.mean()))


def test_too_few_quotes_are_refused() -> None:
    with pytest.raises(InputError, match="4 quotes are too few to estimate level and speed and"):
        log_price(FITTED, np.arange(4.0), np.zeros(4))


def test_a_price_that_does_not_move_is_refused() -> None:
    with pytest.raises(ValueError, match="volatility must be above zero"):
        RandomWalk.model_validate({"kind": "random_walk", "source": "test", "volatility": "0 1"})
