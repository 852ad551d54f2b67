"""The program that sets the chains against what happened."""

import re

import numpy as np
import pytest

from benchmarks.happened import CASES, LAWS, support
from benchmarks.validation import EVENTS, main


@pytest.mark.slow
def test_a_ban_bites_harder_where_less_gives_way():
    """Price rises fall from low to high elasticities, under both laws."""
    lines = list(EVENTS["germanium_ban"].lines())
    assert [(line.law, line.case) for line in lines] == [(law, c) for law in LAWS for c in CASES]
    rises = [float(re.match(r"([+-]\d+) %", line.words)[1]) for line in lines]
    assert rises[0] > rises[1] > rises[2] > 26.0
    assert rises[3] > rises[4] > rises[5] > 26.0


def test_protection_pays_the_gap_on_tonnes(capsys, monkeypatch):
    """110 less the base-year price of 55 USD/kg on 718 t, short of what the guarantee moves."""
    monkeypatch.setattr("sys.argv", ["validation.py", "mp_income"])
    assert main() == 0
    text = capsys.readouterr().out
    paid = float(re.search(r"718 t made: ([\d.]+)", text)[1])
    assert paid == pytest.approx(55.0 * 718 / 1e3, rel=0.02)


def test_a_ban_on_one_buyer_moves_no_price_where_all_origins_are_one():
    lines = [line for line in EVENTS["antimony_ban"].lines() if line.law == "homogeneous"]
    assert all(line.words.startswith("+0 %") for line in lines)


@pytest.mark.slow
def test_stocks_soften_the_cobalt_quota_and_the_world_lies_inside_the_range():
    """Hydroxide rose by 170 %: less than without stocks, between the ends of the long run with."""
    rises = [
        re.findall(r"intermediates ([+-]\d+) %", line.words)
        for line in EVENTS["cobalt_quota"].lines()
    ]
    alone, with_stocks = (
        np.array([int(rise[k]) for rise in rises]).reshape(2, 2, 3) for k in (0, 1)
    )
    assert (with_stocks <= alone).all()
    assert (with_stocks[:, 1, 2] < 170).all()
    assert (with_stocks[:, 1, 1] > 170).all()
    assert (alone[:, 0] > 170).all()


@pytest.mark.slow
def test_capital_support_and_acting_together_cost_less():
    """Signs of IMF WP 2026/072, with central elasticities in the long run."""
    both, alone = ("Japan", "EU"), ("EU",)
    cost = {
        (kind, who): support(kind, who, "central")
        for kind in ("price_guarantee", "capital_grant")
        for who in (both, alone)
    }
    for who in (both, alone):
        assert 0.0 < cost["capital_grant", who] < cost["price_guarantee", who]
    for kind in ("price_guarantee", "capital_grant"):
        assert cost[kind, both] < cost[kind, alone]


def test_a_minimum_price_cuts_imports_by_a_part():
    lines = [line.words for line in EVENTS["india_steel"].lines() if line.law == "logit"]
    falls = [float(fall) for words in lines for fall in re.findall(r"([+-]\d+) %", words)]
    assert all(-90.0 < fall < 0.0 for fall in falls)
    assert any(-35.0 <= fall <= -27.0 for fall in falls)


@pytest.mark.slow
def test_duties_on_anode_move_purchases_to_others():
    """China's share of US imports fell from nine tenths to 55 %; it falls further at full rates."""
    shares = [re.findall(r"(\d+) %", line.words) for line in EVENTS["anode_duties"].lines()]
    assert all(int(after) < 60 < int(before) for after, before in shares)
