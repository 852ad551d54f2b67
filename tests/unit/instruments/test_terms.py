"""What instruments look names up in, and what all of them have in common."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from pricing.core.quantities import Price
from pricing.errors import InputError
from pricing.instruments import AnyPolicy, ExportBan, PriceGuarantee, Tariff
from pricing.instruments.terms import Terms, arcs
from tests.support.settings import GOODS, LEFT, MINE, REGIONS, policy, refused, setting


def test_members_are_regions_zones_and_everyone():
    here = setting()

    assert here.members(["Port"], "x").tolist() == [False, False, False, True]
    assert here.members(["club", "Mine"], "x").tolist() == [True, True, True, False]
    assert here.members(["all"], "x").all()


@pytest.mark.parametrize(
    ("look", "problem"),
    [
        (lambda s: s.good("oar", "here"), "unknown good 'oar'"),
        (lambda s: s.region("club", "here"), "unknown region 'club'"),
        (lambda s: s.members(["Port", "clob"], "here"), "unknown region or zone 'clob'"),
    ],
)
def test_unknown_names(look, problem: str):
    with pytest.raises(InputError) as caught:
        look(setting())
    (fault,) = caught.value.faults

    assert (fault.field, fault.problem) == ("here", problem)
    assert "Known: " in fault.remedy


def test_a_zone_with_an_unknown_member():
    here = setting()
    here.zones["far"] = ("Moon",)

    with pytest.raises(InputError, match="unknown region 'Moon'"):
        here.members(["far"], "x")


def test_prices_are_converted_to_the_basis_of_the_good():
    here = setting()

    assert here.usd_per_tonne("ore", Price.of(2.0, "USD/kg"), "x") == 2000.0
    # 2,000 USD per tonne contained, half a tonne contained in a tonne of ore.
    contained = Price.of(2.0, "USD/kg", basis="t contained")
    assert here.usd_per_tonne("ore", contained, "x") == 1000.0
    with pytest.raises(InputError, match=r"not a basis of ore\. Use 't contained'"):
        here.usd_per_tonne("ore", Price.of(2.0, "USD/kg", basis="t gross"), "x")
    with pytest.raises(InputError, match=r"not a basis of metal\. Use no other basis"):
        here.usd_per_tonne("metal", contained, "x")


def test_makers_and_borders():
    here = setting()

    assert [here.processes[k] for k in here.makers(1, LEFT)] == ["smelt_left", "smelt_left_2"]
    assert here.makers(2, MINE).size == 0
    assert here.border.sum() == 16 - 4 - 2
    assert not here.border[1, 2]


def test_arcs_count_by_good_origin_and_destination():
    mask = Terms((len(GOODS), len(REGIONS))).zeros().astype(bool)
    mask[1, 2, 3] = mask[0, 0, 1] = True

    assert arcs(mask).tolist() == [1, 27]


@pytest.mark.parametrize(
    ("dates", "years"),
    [
        ({}, {2023, 2024, 2025, 2026}),
        ({"start": "2025-07-01"}, {2025, 2026}),
        ({"start": "2025-07-02"}, {2026}),
        ({"end": "2025-06-30"}, {2023, 2024}),
        ({"end": "2025-07-01"}, {2023, 2024, 2025}),
        ({"start": "2024-01-01", "end": "2024-12-31"}, {2024}),
    ],
)
def test_in_force_on_the_first_of_july(dates: dict[str, str], years: set[int]):
    duty = policy(Tariff, good="ore", destinations=["Port"], rate="5 %", **dates)

    assert {year for year in range(2023, 2027) if duty.in_force(year)} == years
    assert duty.in_force(None)
    assert duty.where("rate") == "policies.p.rate"


def test_every_unknown_name_of_a_policy_is_found_at_once():
    duty = policy(Tariff, good="oar", origins=["Mine", "x"], destinations=["y", "z"], rate="5 %")
    with pytest.raises(InputError) as caught:
        duty.check(setting())

    assert [(fault.field, fault.problem) for fault in caught.value.faults] == [
        ("policies.p.good", "unknown good 'oar'"),
        ("policies.p.origins.1", "unknown region or zone 'x'"),
        ("policies.p.destinations.0", "unknown region or zone 'y'"),
        ("policies.p.destinations.1", "unknown region or zone 'z'"),
    ]


def test_known_names_pass():
    ban = {"goods": ["ore", "part"], "origins": ["all"], "destinations": ["club", "Port"]}
    guarantee = {"good": "metal", "region": "Left", "strike": "1 USD/t", "payer": "Port"}

    assert policy(ExportBan, **ban).check(setting()) is None
    assert policy(PriceGuarantee, **guarantee).check(setting()) is None


def test_dates_are_in_order():
    problem = refused(
        Tariff,
        good="ore",
        destinations=["Port"],
        rate="5 %",
        start="2026-01-02",
        end="2026-01-01",
    )
    assert problem == "'end' lies before 'start'"


@pytest.mark.parametrize(
    "kind",
    [
        "tariff",
        "reference_price",
        "price_guarantee",
        "intervention_purchase",
        "import_quota",
        "export_ban",
        "production_quota",
    ],
)
def test_the_union_tells_instruments_by_kind(kind: str):
    with pytest.raises(ValueError, match=rf"\n{kind}\.source"):
        TypeAdapter(AnyPolicy).validate_python({"kind": kind, "id": "p"})
