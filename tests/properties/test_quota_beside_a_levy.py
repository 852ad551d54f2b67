"""A tariff-rate quota beside a levy that counts its duties: what it must equal, and when."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.economics.sourcing import Law
from tests.properties.test_every_instrument import tariff, two_tiers
from tests.support.every_instrument import GOOD, arrivals, network, policy, solved


def treasuries(result: pricing.Result) -> float:
    return float(result.accounts.agents.treasuries[0].sum())


@pytest.mark.parametrize("law", [Law.LOGIT, Law.HOMOGENEOUS, Law.ARMINGTON])
@pytest.mark.parametrize("reference", [0.9, 1.1, 1.3])
def test_a_quota_beside_a_levy_ends_as_either_duty_beside_it(reference: float, law: Law) -> None:
    """Of a million tonnes the low duty is left, of a gram the high one; line by line.

    Prices are those of the three regions; nothing passes through the disguised route.
    """
    levy = policy("reference_price", 1.0, "levy", law)
    price = float(network(law).setting.price_scale[1])
    levy["level"] = {"kind": "fixed", "prices": {GOOD: f"{reference * price!r} USD/t"}}
    for tonnes, rate in ((1e6, 0.05), (1e-6, 0.25)):
        tiers = solved(levy, two_tiers(tonnes) | {"id": "duty"}, law=law)
        plain = solved(levy, tariff(rate), law=law)
        for name in ("flow", "price", "index"):
            here, there = (getattr(found.solved.state, name)[:, :, :3] for found in (tiers, plain))
            np.testing.assert_allclose(here, there, rtol=1e-6, atol=1e-4)
        lines, due = (found.accounts.agents.treasury_lines for found in (tiers, plain))
        for mine, other in (("tariff_rate_quota", "tariff"), ("reference_price",) * 2):
            got, expected = (
                sum(line[0].sum() for (kind, _), line in some.items() if kind == name)
                for some, name in ((lines, mine), (due, other))
            )
            assert got == pytest.approx(expected, rel=1e-5, abs=1.0)
        assert float(tiers.accounts.agents.licence_holders[0].sum()) == pytest.approx(0.0, abs=1.0)
        assert Code.PAYS_TWICE not in [found.code for found in tiers.warnings]


@pytest.mark.parametrize("law", [Law.LOGIT, Law.ARMINGTON])
def test_prices_do_not_know_a_quota_whose_licences_a_levy_makes_worthless(law: Law) -> None:
    """At 1.4 times the price every tonne lands at the reference, and only names of payments move.

    Small quotas are flooded, the large one is slack: the treasury gets the same from all.
    """
    levy = policy("reference_price", 1.0, "levy", law)
    price = float(network(law).setting.price_scale[1])
    levy["level"] = {"kind": "fixed", "prices": {GOOD: f"{1.4 * price!r} USD/t"}}
    alone = solved(levy, law=law)
    arrive = arrivals(alone)
    duties = []
    for share in (0.25, 0.75, 2.0):
        both = solved(levy, two_tiers(share * arrive) | {"id": "duty"}, law=law)
        for name in ("landed", "flow", "price"):
            here, there = (getattr(found.solved.state, name) for found in (both, alone))
            np.testing.assert_allclose(here, there, rtol=1e-7, atol=1e-6)
        assert treasuries(both) == pytest.approx(treasuries(alone), rel=1e-8)
        lines = both.accounts.agents.treasury_lines
        duties.append(float(lines["tariff_rate_quota", "duty"][0].sum()))
    high, middle, low = duties
    assert 0.0 < low < middle < high
    assert high / low == pytest.approx(0.25 * 0.75 / 0.05 + 0.25, rel=1e-7)  # 5 % on a quarter
    assert middle / low == pytest.approx(0.25 * 0.25 / 0.05 + 0.75, rel=1e-7)


@pytest.mark.parametrize("size", [0.8, 0.9, 1.0])
def test_a_tighter_quota_beside_a_levy_lets_no_more_in(size: float) -> None:
    levy = policy("reference_price", 0.5, "levy")
    loose, tight = (
        arrivals(solved(levy, policy("tariff_rate_quota", s, "tiers"))) for s in (size - 0.1, size)
    )
    assert tight <= loose * (1.0 + 1e-9)
