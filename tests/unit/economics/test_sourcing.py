"""The logit sourcing law: shares, price index, calibration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pricing.economics.sourcing import Array, calibrate, logit


def one_buyer(weights: list[float], theta: float, landed: list[float]) -> tuple[Array, float]:
    """Shares and price index of a single buyer of a single good."""
    with np.errstate(divide="ignore"):
        log_weight = np.log(np.array(weights))[None, :, None]
    shares, index = logit(log_weight, np.array([[theta]]), np.array(landed)[None, :, None])
    return shares[0, :, 0], float(index[0, 0])


def test_two_origins_in_closed_form():
    shares, index = one_buyer([0.6, 0.4], 0.02, [100.0, 130.0])
    total = 0.6 * math.exp(-2.0) + 0.4 * math.exp(-2.6)

    assert shares == pytest.approx([0.6 * math.exp(-2.0) / total, 0.4 * math.exp(-2.6) / total])
    assert index == pytest.approx(-math.log(total) / 0.02)


def test_one_origin_is_its_own_price():
    shares, index = one_buyer([1.0, 0.0], 0.02, [100.0, 1.0])

    assert shares.tolist() == [1.0, 0.0]
    assert index == pytest.approx(100.0)


def test_nothing_on_offer():
    shares, index = one_buyer([0.0, 0.0], 0.02, [100.0, 1.0])

    assert shares.tolist() == [0.0, 0.0]
    assert index == math.inf


def test_extreme_prices_neither_overflow_nor_vanish():
    shares, index = one_buyer([0.5, 0.5], 1.0, [1e6, 1e6 + 1.0])
    assert shares == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1))])
    assert index == pytest.approx(1e6 - math.log(0.5 + 0.5 * math.exp(-1)))

    shares, index = one_buyer([0.5, 0.5], 1.0, [-1e6, 1e6])
    assert shares.tolist() == [1.0, 0.0]
    assert index == pytest.approx(-1e6 + math.log(2.0))


def test_a_leading_scenario_axis():
    log_weight, theta = np.zeros((1, 2, 2)), np.ones((1, 2))
    landed = np.arange(12.0).reshape(3, 1, 2, 2)
    shares, index = logit(log_weight, theta, landed)

    assert shares.shape == (3, 1, 2, 2)
    for n in range(3):
        alone = logit(log_weight, theta, landed[n])
        assert shares[n] == pytest.approx(alone[0])
        assert index[n] == pytest.approx(alone[1])


prices = arrays(float, (2, 4, 3), elements=st.floats(1.0, 300.0))
weights = arrays(float, (2, 4, 3), elements=st.floats(-3.0, 3.0))
thetas = arrays(float, (2, 3), elements=st.floats(0.001, 0.2))


@given(weights, thetas, prices)
def test_shares_sum_to_one(log_weight: Array, theta: Array, landed: Array):
    shares, index = logit(log_weight, theta, landed)

    assert (shares >= 0.0).all()
    assert shares.sum(axis=1) == pytest.approx(np.ones((2, 3)))
    assert np.isfinite(index).all()


@given(weights, thetas, prices, st.floats(0.1, 50.0))
def test_a_rise_of_every_price_raises_the_index_by_as_much(
    log_weight: Array, theta: Array, landed: Array, rise: float
):
    shares, index = logit(log_weight, theta, landed)
    after, higher = logit(log_weight, theta, landed + rise)

    assert after == pytest.approx(shares, abs=1e-9)
    assert higher - index == pytest.approx(np.full((2, 3), rise), rel=1e-6)


@given(weights, thetas, prices, st.integers(0, 3))
def test_the_slope_of_the_index_is_the_share(
    log_weight: Array, theta: Array, landed: Array, origin: int
):
    step = np.zeros_like(landed)
    step[:, origin, :] = 1e-3
    up, down = (logit(log_weight, theta, landed + s)[1] for s in (step, -step))
    shares, _ = logit(log_weight, theta, landed)

    assert (up - down) / 2e-3 == pytest.approx(shares[:, origin, :], abs=1e-6)


@given(weights, thetas, prices)
def test_the_index_is_average_price_less_gain_from_variety(
    log_weight: Array, theta: Array, landed: Array
):
    shares, index = logit(log_weight, theta, landed)
    with np.errstate(divide="ignore", invalid="ignore"):
        term = np.where(shares > 0.0, shares * (np.log(shares) - log_weight), 0.0)

    average = (shares * landed).sum(axis=1) + term.sum(axis=1) / theta
    assert index == pytest.approx(average, abs=1e-6)


class TestCalibration:
    SHARE = np.array([[[0.7], [0.3], [0.0], [0.0]]])
    LANDED = np.array([[[100.0], [140.0], [np.nan], [90.0]]])
    SIGMA = np.array([4.0])

    def calibrated(self, parity: float = 0.0) -> tuple[Array, Array, Array]:
        shares = np.zeros_like(self.SHARE)
        shares[0, 2, 0] = parity
        return calibrate(self.SHARE, self.LANDED, self.SIGMA, shares)

    def test_benchmark_shares_and_average_price_come_back(self):
        log_weight, theta, average = self.calibrated()
        landed = np.where(np.isfinite(self.LANDED), self.LANDED, 0.0)
        shares, index = logit(log_weight, theta, landed)

        assert average[0, 0] == pytest.approx(112.0)
        assert theta[0, 0] == pytest.approx(4.0 / 112.0)
        assert shares[0, :, 0] == pytest.approx([0.7, 0.3, 0.0, 0.0])
        assert index[0, 0] == pytest.approx(112.0)
        assert np.isneginf(log_weight[0, 2:, 0]).all()

    @pytest.mark.parametrize("share", [0.01, 0.25, 0.9])
    def test_a_parity_share_is_taken_at_the_average_price(self, share: float):
        log_weight, theta, average = self.calibrated(share)
        landed = np.where(np.isfinite(self.LANDED), self.LANDED, average[0, 0])
        shares, index = logit(log_weight, theta, landed)

        assert shares[0, 2, 0] == pytest.approx(share)
        assert shares[0, :2, 0] == pytest.approx(np.array([0.7, 0.3]) * (1.0 - share))
        assert index[0, 0] < 112.0

    def test_an_arc_with_trade_keeps_its_share(self):
        parity = np.full_like(self.SHARE, 0.5)
        log_weight, *_ = calibrate(self.SHARE, self.LANDED, self.SIGMA, parity)
        plain, *_ = self.calibrated()

        assert log_weight[0, :2] == pytest.approx(plain[0, :2])
        assert log_weight[0, 2:, 0] == pytest.approx([0.0, 0.0])

    def test_a_buyer_without_use_has_no_weights(self):
        nothing = np.zeros_like(self.SHARE)
        log_weight, theta, average = calibrate(
            nothing, self.LANDED, self.SIGMA, np.full_like(nothing, 0.5)
        )

        assert np.isneginf(log_weight).all()
        assert theta.tolist() == [[1.0]]
        assert np.isnan(average).all()


@given(
    arrays(float, (1, 5, 2), elements=st.floats(0.01, 1.0)),
    arrays(float, (1, 5, 2), elements=st.floats(10.0, 300.0)),
    st.floats(0.5, 10.0),
)
def test_calibration_reproduces_any_benchmark(raw: Array, landed: Array, sigma: float):
    share = raw / raw.sum(axis=1, keepdims=True)
    log_weight, theta, average = calibrate(share, landed, np.array([sigma]), np.zeros_like(share))
    found, index = logit(log_weight, theta, landed)

    assert found == pytest.approx(share, rel=1e-9)
    assert index == pytest.approx(average, rel=1e-9)
