"""The example of docs/how-to/add-an-instrument.md does what the document says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pricing.accounts.accounts import account
from pricing.core.documents import parse_document
from pricing.editing.forms import policy_forms
from pricing.equilibrium.build import world
from pricing.equilibrium.reduce import assemble
from pricing.equilibrium.solver import solve
from pricing.instruments.policy import Policy
from pricing.instruments.terms import Terms
from tests.policy_cases.test_policy_cases import MARKETS
from tests.support.chains import scenario_on

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/how-to/add-an-instrument.md").read_text(encoding="utf-8")


KINDS = tuple(policy_forms())


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)
    return str(found)


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> type[Policy]:
    """The instrument of the document, as a module of its own."""
    module = ModuleType("carbon_charge")
    monkeypatch.setitem(sys.modules, "carbon_charge", module)
    exec(compile(block("python"), "add-an-instrument.md", "exec"), module.__dict__)
    return module.CarbonCharge


def solved(policy: Policy, market: dict[str, Any]) -> tuple[Any, Any]:
    """State and accounts of one policy on a market; it need not be in the union for that."""
    plain = scenario_on(MARKETS[market.pop("kind")](**market))
    here = world(plain.chain, plain.document)
    terms = Terms((len(here.network.goods), len(here.network.regions)))
    policy.check(here.network.setting)
    policy.apply(here.network.setting, terms)
    program = assemble("case", here.network, terms)
    _, state, _ = solve(program)
    base = here.reference
    books = account(program, state, base.program, base.state, policies=(policy,))  # type: ignore[arg-type]
    return state, books


def test_the_worked_example(example: type[Policy]) -> None:
    (case,) = parse_document(block("yml")).data["cases"]
    (stated,) = case["policies"]
    policy = example.model_validate({"id": "charge", "source": "test", **stated})
    state, books = solved(policy, dict(case["market"]))
    price, receipts = (expected["value"] for expected in case["expect"])

    assert state.index[0, 1, 0] == pytest.approx(price, rel=1e-9)
    assert books.agents.treasuries[0, 0] == pytest.approx(receipts, rel=1e-9)
    assert all(check.passed for check in books.checks)


def test_every_list_of_all_instruments_in_the_tests_is_named() -> None:
    """One that is not fails in front of whoever followed the text to its end."""
    listed = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if all(f'"{kind}"' in path.read_text(encoding="utf-8") for kind in KINDS)
    ]
    assert listed
    assert [path for path in listed if f"`{path}`" not in TEXT] == []
    named = re.findall(r"`((?:tests|docs|pricing)/[^`]*)`", TEXT)
    missing = [path for path in named if not (ROOT / path).exists()]
    assert {Path(path).stem for path in missing} == {"carbon_charge"}


def test_a_charge_of_zero_changes_nothing(example: type[Policy]) -> None:
    (case,) = parse_document(block("yml")).data["cases"]
    stated = case["policies"][0] | {"paid_at_origin": "80 USD/t"}
    policy = example.model_validate({"id": "charge", "source": "test", **stated})
    _, books = solved(policy, dict(case["market"]))

    assert books.agents.total[0] == 0.0
    assert all(check.passed for check in books.checks)
