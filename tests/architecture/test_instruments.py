"""Every instrument has a file, a case from outside, an equivalence and its place in the documents.

That tightening moves its target one way is ``tests/properties/test_every_instrument.py``, for all.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from pricing.editing.forms import policy_forms
from pricing.instruments import AnyPolicy
from pricing.instruments.policy import Policy
from tests.support.oracles import read

ROOT = Path(__file__).parents[2]
KINDS = list(policy_forms())
CASES = [
    policy["kind"]
    for path in (ROOT / "tests/policy_cases/cases").glob("*.yaml")
    for case in read(path)["cases"]
    for policy in case["policies"]
]
ELSEWHERE = {
    "origin_rule": "tests/oracle/test_transshipment.py",
}
"""Instruments whose closed forms need more than a case file can say."""
EVERY, BESIDE = "tests/properties/test_every_instrument.py", "tests/properties/test_equivalences.py"
EQUIVALENCES = {
    "tariff": (EVERY, "test_a_quota_is_a_tariff_of_the_size_of_its_rent"),
    "tariff_rate_quota": (EVERY, "test_a_slack_tariff_rate_quota_is_the_low_tariff"),
    "stepped_safeguard": (BESIDE, "test_a_stepped_safeguard_is_a_tariff_of_the_steps_it"),
    "entry_price": (BESIDE, "test_an_entry_price_is_the_gap_within_the_tolerance"),
    "content_tariff": (BESIDE, "test_a_tariff_on_content_is_a_tariff_on_the_value_by_its_share"),
    "reference_price": (EVERY, "test_one_levy_is_a_levy_by_origin_where_all_buy_the_cheapest"),
    "minimum_import_price": (BESIDE, "test_a_minimum_import_price_is_a_levy_whose_receipts"),
    "undertaking": (
        "tests/unit/instruments/test_undertaking.py",
        "test_without_end_of_volume_it_is_a_minimum_import_price",
    ),
    "price_guarantee": (EVERY, "test_an_uncapped_guarantee_is_a_subsidy_of_the_size_of_its_gap"),
    "margin_guarantee": (BESIDE, "test_a_margin_guarantee_is_a_price_guarantee_where_costs"),
    "offtake": (
        "tests/properties/test_taken_tonnes.py",
        "test_tonnes_under_contract_are_a_subsidy_of_their_discount",
    ),
    "production_subsidy": (BESIDE, "test_a_priced_offtake_beyond_output_is_a_subsidy_of_its_gap"),
    "input_subsidy": (BESIDE, "test_an_input_subsidy_is_a_production_subsidy_by_the_recipe"),
    "capital_grant": (
        "tests/properties/test_long_horizon.py",
        "test_a_cheap_loan_is_a_grant_of_what_it_saves",
    ),
    "intervention_purchase": (BESIDE, "test_an_intervention_is_a_stock_that_buys_the_same"),
    "stockpile": (BESIDE, "test_an_intervention_is_a_stock_that_buys_the_same"),
    "import_quota": (EVERY, "test_a_quota_is_a_tariff_of_the_size_of_its_rent"),
    "sourcing_cap": (BESIDE, "test_a_sourcing_cap_is_a_quota_of_its_tonnes_whose_rent"),
    "origin_rule": (
        "tests/oracle/test_transshipment.py",
        "test_a_rule_that_makes_hiding_dearer_is_a_higher_cost_of_hiding",
    ),
    "production_quota": (BESIDE, "test_a_subsidy_beside_a_production_quota_adds_to_its_rent"),
    "export_tax": (BESIDE, "test_an_export_quota_is_an_export_tax_of_the_size_of_its_rent"),
    "export_quota": (BESIDE, "test_an_export_quota_is_an_export_tax_of_the_size_of_its_rent"),
    "export_licence": (BESIDE, "test_a_licence_for_a_share_is_a_quota_of_its_tonnes"),
    "export_ban": (BESIDE, "test_a_ban_is_a_licence_for_nearly_nothing"),
}
"""Instrument -> file and beginning of the test that holds it against another one."""


@pytest.mark.parametrize("kind", KINDS)
def test_one_instrument_one_file(kind: str) -> None:
    assert (ROOT / f"pricing/instruments/{kind}.py").is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_a_case_from_outside(kind: str) -> None:
    assert kind in CASES or (ROOT / ELSEWHERE[kind]).is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_an_equivalence(kind: str) -> None:
    where, test = EQUIVALENCES[kind]
    assert f"\ndef {test}" in (ROOT / where).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_and_a_paragraph(kind: str) -> None:
    text = (ROOT / "docs/instruments.md").read_text(encoding="utf-8")
    heading = [
        line for line in text.splitlines() if line.startswith("### ") and f"`{kind}`" in line
    ]
    assert f"| `{kind}` |" in text
    assert len(heading) == 1


NAMES = {
    "good",
    "region",
    "origin",
    "destination",
    "buyer",
    "payer",
    "offtaker",
    "process",
    "member",
}
LISTS = {f"{name}s" for name in NAMES - {"process"}} | {"processes", "zone"}
"""Names in the plural; a zone is a set of regions."""


@pytest.mark.parametrize("policy", get_args(get_args(AnyPolicy)[0]), ids=KINDS)
def test_the_singular_is_one_name_and_the_plural_a_list(policy: type[Policy]) -> None:
    """The one convention of names in all instruments, which a scenario's author can rely on."""
    stated = policy.model_json_schema()
    for name, field in stated["properties"].items():
        kinds = {part.get("type") for part in (field, *field.get("anyOf", ()))} - {None, "null"}
        if name in NAMES:
            assert kinds == {"string"}, name
        elif name in LISTS:
            assert kinds == {"array"}, name
