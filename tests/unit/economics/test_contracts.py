"""Settlements against contract terms."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.economics.contracts import Guarantee


def test_sharing_above_a_second_threshold_stops_at_its_cap() -> None:
    """Lynas-JARE: 30 % above 150 on 5,000 t reaches 10 million USD at 156.67 USD/kg."""
    jare = Guarantee(110e3, upper=150e3, up=0.3, cap=5000.0, cap_up=10e6)
    at = np.array([[156_666.0], [156_668.0], [200e3], [150e3], [100e3]])
    paid, back = jare.settle(at, np.array([5000.0]))
    assert back[0, 0] < 10e6 == back[1, 0] == back[2, 0]
    assert paid[:, 0] == pytest.approx([0.0, 0.0, 0.0, 0.0, 50e6])
    assert back[3:, 0] == pytest.approx([0.0, 0.0])


def test_the_maker_keeps_what_is_left_of_the_excess() -> None:
    """At 123 USD/kg and 30 % above 110 the maker keeps 119.1 USD/kg."""
    floor = Guarantee(110e3, upper=110e3, up=0.3)
    _, back = floor.settle(np.array([123e3]), np.array([1.0]))
    assert 123e3 - back[0] == pytest.approx(119.1e3)


def test_caps_are_used_up_in_order() -> None:
    tonnes = np.full(4, 100.0)
    index = np.array([50.0, 90.0, 70.0, 20.0])
    paid, _ = Guarantee(100.0, cap=250.0).settle(index, tonnes)
    assert paid == pytest.approx([5000.0, 1000.0, 1500.0, 0.0])
    paid, _ = Guarantee(100.0, budget=6500.0).settle(index, tonnes)
    assert paid == pytest.approx([5000.0, 1000.0, 500.0, 0.0])


def test_quarters_pay_at_least_what_the_year_pays() -> None:
    """A gap is convex in the price: low quarters are not made good by high ones."""
    index = np.random.default_rng(3).uniform(60e3, 160e3, (200, 4))
    floor, quarter = Guarantee(110e3), np.full(4, 1000.0)
    quarterly = floor.settle(index, quarter)[0].sum(axis=1)
    yearly = floor.settle(index.mean(axis=1, keepdims=True), np.array([4000.0]))[0][:, 0]
    assert (quarterly >= yearly - 1e-6).all()
    assert (quarterly > yearly + 1.0).any()
