"""Limits that are slack, and prices where nobody buys, in markets with one delivered price."""

from __future__ import annotations

import numpy as np
import pytest

import pricing
from pricing.accounts.notices import Code
from pricing.accounts.regimes import AT_BOUND, Regime
from tests.policy_cases.test_policy_cases import border
from tests.support.chains import scenario_on


def bought(quota: float) -> pricing.Result:
    """60 t from Abroad, under a tariff-rate quota."""
    policy = {
        "kind": "tariff_rate_quota",
        "good": "wheat",
        "destinations": ["Home"],
        "quota": f"{quota} t/yr",
        "in_quota": "5 %",
        "over_quota": "25 %",
    }
    return pricing.solve(scenario_on(border(60.0, {"Abroad": 100.0}), policy))


@pytest.mark.parametrize(("quota", "binds"), [(61.0, False), (110.0, False), (40.0, True)])
@pytest.mark.parametrize("rest", [0.0, 0.5 * AT_BOUND])
def test_a_quota_binds_where_imports_reach_it_whatever_the_last_digits_say(
    quota: float, binds: bool, rest: float
):
    result = bought(quota)
    program, state = result.solved.program, result.solved.state
    for number, limit in enumerate(program.terms.limits):
        if limit.wedge is not None:
            least = rest * limit.scale
            state.multiplier[:, number] = np.maximum(state.multiplier[:, number], least)

    regimes = {row.regime for row in result.accounts.regimes if row.value <= 1.0}
    codes = {warning.code for warning in result.warnings}

    assert (Code.QUOTA_BINDING in codes) is binds
    assert binds or regimes == {Regime.SLACK}, regimes


@pytest.mark.parametrize("crumbs", [0.0, 1e-12])
def test_where_nobody_buys_a_good_at_one_price_it_has_no_buyers_price(crumbs: float):
    """Nor where use is the solver's last digits: without a route its average would be zero."""
    result = bought(110.0)
    names, use = result.solved.program.network.regions, result.solved.state.use
    assert use[0, 0, names.index("Abroad")] == 0.0
    use[0, 0, names.index("Abroad")] = crumbs
    table = result.table()

    for variable in ("buyer_price", "price_index", "indicator_buyer_price"):
        rows = table[table.variable == variable]
        assert set(rows.region) == {"Home"}
        assert rows.value.max() == pytest.approx(105.0)
