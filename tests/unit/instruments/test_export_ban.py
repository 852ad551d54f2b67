"""Export ban: closed arcs."""

from __future__ import annotations

import pytest

from pricing.instruments.export_ban import ExportBan
from tests.support.settings import LEFT, METAL, MINE, ORE, PORT, RIGHT, applied, only_fault, policy


def test_arcs_across_the_border_are_closed():
    ban = policy(ExportBan, goods=["ore", "metal"], origins=["Mine", "Left"], destinations=["all"])
    terms = applied(ban)
    ((name, closed),) = terms.closed

    assert name == "p"
    assert closed[ORE].tolist() == closed[METAL].tolist()
    assert closed[ORE, MINE].tolist() == [False, True, True, True]
    assert closed[ORE, LEFT].tolist() == [True, False, False, True]
    assert not closed[ORE, [RIGHT, PORT]].any()
    assert not closed[2].any()
    assert [*terms.limits, *terms.duties] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"goods": ["ore", "oar"]}, "policies.p.goods"),
        ({"origins": ["x"]}, "policies.p.origins"),
        ({"destinations": ["x"]}, "policies.p.destinations"),
    ],
)
def test_unknown_names(change: dict[str, object], field: str):
    stated = {"goods": ["ore"], "origins": ["Mine"], "destinations": ["club"]} | change

    assert only_fault(policy(ExportBan, **stated)).field == field
