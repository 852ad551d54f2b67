"""Capital grant: a share of the annuity, in cash or by a loan below the market rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricing.errors import Fault, InputError
from pricing.instruments.capital_grant import CapitalGrant
from pricing.instruments.terms import Terms, granted
from tests.support.settings import GOODS, LEFT, METAL, PORT, REGIONS, policy, refused, setting

STATED = {"good": "metal", "region": "Left", "share": "30 %"}
LOAN = {"share": "50 %", "rate": "3 %", "market_rate": "8 %", "years": "20 years"}


def terms(adjusts: list[bool] | None, **fields: object) -> Terms:
    where = replace(setting(), adjusts=None if adjusts is None else np.array(adjusts))
    found = Terms((len(GOODS), len(REGIONS)))
    policy(CapitalGrant, **STATED | fields).apply(where, found)
    return found


def fault(adjusts: list[bool] | None, **fields: object) -> Fault:
    with pytest.raises(InputError) as caught:
        terms(adjusts, **fields)
    (found,) = caught.value.faults
    return found


def test_one_grant_on_the_makers_whose_capacity_adjusts():
    (grant,) = terms([True, True, True, False, True]).grants
    (maker, _) = setting().makers(METAL, LEFT)
    assert (grant.process.tolist(), grant.share, grant.payer) == ([maker], 0.3, LEFT)
    assert terms([True] * 5, payer="Port").grants[0].payer == PORT


def test_a_cheap_loan_is_worth_the_annuity_that_it_saves():
    """Annuity factors of a table: 0.067216 at 3 % and 0.101852 at 8 %, both over 20 years.

    Half of the investment is lent: 0.5 (1 - 0.067216 / 0.101852) = 0.17003.
    """
    assert policy(CapitalGrant, **STATED | {"loan": LOAN}).paid == pytest.approx(
        0.3 + 0.5 * (1.0 - 0.067216 / 0.101852), abs=5e-6
    )
    at_market = LOAN | {"rate": "8 %"}
    assert policy(CapitalGrant, **STATED | {"loan": at_market}).paid == 0.3


def test_grants_on_one_process_add_up_and_others_keep_their_cost():
    twice = [*terms([True] * 5).grants, *terms([True] * 5, share="20 %").grants]
    assert granted(twice, 5)[0].tolist() == pytest.approx([0.0, 0.0, 0.5, 0.5, 0.0])
    assert granted([], 5).tolist() == [[0.0] * 5]


def test_the_short_horizon_refuses_it_and_says_what_to_do():
    found = fault(None)
    assert found.problem == (
        "a capital_grant acts on capacity, which is fixed in the short horizon"
    )
    assert found.field == "policies.p.kind"
    assert "assumptions.horizon to long" in found.remedy


@pytest.mark.parametrize(
    ("adjusts", "fields", "field", "problem"),
    [
        ([True] * 5, {"good": "oar"}, "good", "unknown good 'oar'"),
        ([True] * 5, {"region": "x"}, "region", "unknown region 'x'"),
        ([True] * 5, {"payer": "x"}, "payer", "unknown region 'x'"),
        ([True] * 5, {"processes": ["dig"]}, "processes", "dig does not make metal in Left"),
        (
            [True, True, True, False, True],
            {"processes": ["smelt_left_2"]},
            "processes",
            "the capacity of smelt_left_2 does not adjust",
        ),
        (
            [False] * 5,
            {},
            "region",
            "no maker of metal in Left has a capacity that adjusts",
        ),
    ],
)
def test_what_it_cannot_act_on(
    adjusts: list[bool], fields: dict[str, object], field: str, problem: str
):
    found = fault(adjusts, **fields)
    assert (found.field, found.problem) == (f"policies.p.{field}", problem)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"share": "100 %"}, "the whole annuity is paid, and capacity costs nothing: state less"),
        ({"share": "60 %", "loan": LOAN}, "grant and loan together are more than the investment"),
        (
            {"loan": LOAN | {"rate": "9 %"}},
            "'rate' lies above 'market_rate': the loan would be no help",
        ),
    ],
)
def test_bad_documents(fields: dict[str, object], problem: str):
    assert refused(CapitalGrant, **STATED | fields) == problem
