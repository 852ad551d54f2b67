"""What a tariff-rate quota and a levy that counts its duties cannot have beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pricing
from pricing.errors import InputError
from tests.support.chains import quantity, scenario_on
from tests.support.every_instrument import (
    ABROAD,
    GOOD,
    HOME,
    ROUTE,
    WORLD,
    chain,
    network,
    policy,
    solved,
)


def pair() -> list[dict[str, Any]]:
    levy = policy("reference_price", 1.0, "levy")
    rates = {"in_quota": "5 %", "over_quota": "25 %", "quota": "40 t/yr"}
    return [levy, {"kind": "tariff_rate_quota", "id": "tiers", **ROUTE, **rates}]


def minimum(at: str) -> dict[str, Any]:
    price = float(network().setting.price_scale[1])
    prices = {GOOD: quantity(price, "USD/t")}
    route = {"origins": [ABROAD], "destinations": [HOME], "prices": prices}
    return {"kind": "minimum_import_price", "id": "minimum", **route, "compare_at": at}


def test_two_quotas_on_one_route_are_refused_with_a_levy_alone() -> None:
    levy, tiers = pair()
    other = tiers | {"id": "other", "quota": "60 t/yr"}
    assert solved(tiers, other).accounts.checks
    with pytest.raises(
        InputError, match="two tariff-rate quotas on g1 from r0 to r1, which 'levy'"
    ):
        solved(levy, tiers, other)


def test_a_second_floor_must_count_the_duty_too() -> None:
    assert solved(*pair(), minimum("duty_paid")).accounts.checks
    with pytest.raises(InputError, match="only the first counts what is due beyond the quota"):
        solved(*pair(), minimum("cif"))


def test_layers_do_not_name_a_quota() -> None:
    levy, tiers = pair()
    levy["mechanism"] = levy["mechanism"] | {"layers": ["tiers"]}
    with pytest.raises(InputError, match="'layers' names 'tiers'") as error:
        solved(levy, tiers)
    assert error.value.faults[0].field == "policies.levy.mechanism.layers"


def test_exporters_who_set_prices_do_not_face_both() -> None:
    markup = {"kind": "markup", "rate": quantity(0.1, "1")}
    group = {"exporters": [ABROAD], "good": GOOD, "rule": markup, "source": "test"}
    assumed = WORLD | {"conduct": [group]}
    with pytest.raises(InputError, match="where exporters set prices"):
        pricing.solve(scenario_on(chain(), *pair(), assumptions=assumed))


@pytest.mark.parametrize("path", [f"levy.level.prices.{GOOD}", "tiers.over_quota", "tiers.quota"])
def test_rows_of_a_table_are_what_each_gives_alone(path: str) -> None:
    price = float(network().setting.price_scale[1])
    rows = [f"{share * price!r} USD/t" for share in (0.9, 1.05, 1.2, 1.5)]
    rates, quotas = ["10 %", "20 %", "30 %", "90 %"], ["1 t/yr", "20 t/yr", "40 t/yr", "4 kt/yr"]
    rows = {"tiers.over_quota": rates, "tiers.quota": quotas}.get(path, rows)
    base = scenario_on(chain(), *pair(), assumptions=WORLD)
    where = f"policies.{path}"
    for one, value in zip(pricing.solve_many(base, {where: rows}), rows, strict=True):
        alone = pricing.solve(base.but({where: value}))
        for name in ("landed", "flow"):
            here, there = (getattr(result.solved.state, name)[0] for result in (one, alone))
            np.testing.assert_allclose(here, there, rtol=1e-7, atol=1e-6)
        lines = [result.accounts.agents.treasury_lines for result in (one, alone)]
        for key, line in lines[1].items():
            np.testing.assert_allclose(lines[0][key], line, rtol=1e-6, atol=1e-2)
        assert all(check.passed for check in one.accounts.checks)
