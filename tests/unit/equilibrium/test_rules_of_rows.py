"""Rules asked once with the numbers of all rows say what each row says by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from pricing.core.quantities import Quantity
from pricing.equilibrium import columns
from pricing.equilibrium.rules_of_rows import Asked, hold_in_all, quantity_of_rows
from pricing.scenarios.schema import ScenarioDocument
from tests.support.chains import SOURCES
from tests.support.oracles import read

CASES = sorted((Path(__file__).parents[2] / "policy_cases" / "cases").glob("*.yaml"))
FACTORS = (1.0, 0.9, 1.1, 0.4, 2.0, 3.0, 0.0, -1.0)


def documents(path: Path) -> Iterator[ScenarioDocument]:
    """The policies of a file of cases, each by itself."""
    for case in read(path)["cases"]:
        for policy in case["policies"]:
            yield document(policy)


def document(policy: dict[str, Any]) -> ScenarioDocument:
    named = {**policy, "id": "it", "source": "test"}
    head = {"id": "one", "title": "t", "description": "d", "chain": "any"}
    return ScenarioDocument.model_validate({**head, "policies": [named], "sources": SOURCES})


def quantities(item: Any, path: str) -> Iterator[tuple[str, Quantity]]:
    """Dotted paths of quantities that a column can name."""
    if isinstance(item, Quantity):
        yield path, item
    elif isinstance(item, BaseModel):
        for name in type(item).model_fields:
            yield from quantities(getattr(item, name), f"{path}.{name}")
    elif isinstance(item, dict):
        for name, inner in item.items():
            yield from quantities(inner, f"{path}.{name}")


def accepted(varied: ScenarioDocument, table: dict[str, list[str]]) -> bool:
    """Whether a table passes: rules asked at once, rows at the ends validated."""
    own = [columns._column(varied, path, texts) for path, texts in table.items()]
    found = [column for column in own if column is not None]
    if len(found) < len(own):
        return False
    (policy,) = varied.policies
    try:
        columns._varied(policy, found)
        for n in columns._ends(found):
            type(policy).model_validate(columns._in_row(policy, found, n))
    except ValueError:
        return False
    return True


def valid(varied: ScenarioDocument, table: dict[str, list[str]], n: int) -> bool:
    """Whether a row by itself is valid."""
    data = varied.policies[0].model_dump(mode="json", exclude_none=True)
    for path, texts in table.items():
        *parents, last = path.split(".")[2:]
        columns._look_up(data, parents)[last] = texts[n]
    try:
        type(varied.policies[0]).model_validate(data)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_table_passes_where_every_row_does_and_only_there(path: Path) -> None:
    """Every quantity of every instrument, and every pair in one policy, at random numbers."""
    rng, said = np.random.default_rng(7), set[bool]()
    for varied in documents(path):
        known = list(quantities(varied.policies[0], "policies.it"))
        for some in [*((one,) for one in known), *combinations(known, 2)]:
            for most in (3, len(FACTORS)):
                table = {
                    name: [
                        f"{q.value * factor} {q.unit}" for factor in rng.permutation(FACTORS[:most])
                    ]
                    for name, q in some
                }
                every = all(valid(varied, table, n) for n in range(most))
                assert accepted(varied, table) == every, table
                said.add(every)
    assert said == ({True, False} if path.stem != "export_ban" else set())


def entry_price(**parts: str) -> dict[str, Any]:
    return {
        "kind": "entry_price",
        "good": "g",
        "destinations": ["r"],
        "entry_price": "100 USD/t",
        **parts,
    }


def test_a_rule_that_fails_between_the_ends_is_seen() -> None:
    """A tolerance is a whole number of steps: at both ends, not in the middle."""
    varied = document(entry_price(max_tariff="60 USD/t", tolerance="8 %", step="2 %"))
    path = "policies.it.tolerance"
    assert accepted(varied, {path: ["4 %", "6 %", "8 %"]})
    assert not accepted(varied, {path: ["4 %", "5 %", "8 %"]})
    assert not accepted(varied, {"policies.it.step": ["2 %", "1e-6 %", "4 %"]})


@pytest.mark.parametrize("texts", [["5 apples", "5 %"], ["-1 %", "5 %"], ["1e999 %", "5 %"]])
def test_what_one_row_must_not_say_is_seen(texts: list[str]) -> None:
    varied = document({"kind": "tariff", "good": "g", "destinations": ["r"], "rate": "10 %"})
    assert not accepted(varied, {"policies.it.rate": texts})


def test_units_may_differ_between_rows() -> None:
    varied = document({"kind": "tariff", "good": "g", "destinations": ["r"], "rate": "10 %"})
    table = {"policies.it.rate": ["5 %", ".05 1", " 5e0% "]}
    column = columns._column(varied, *next(iter(table.items())))
    assert column is not None
    np.testing.assert_array_equal(column.numbers.ravel(), [0.05, 0.05, 0.05])
    assert accepted(varied, table)


def test_rows_that_differ_are_no_answer() -> None:
    def of(*values: float) -> Asked:
        return np.array(values)[:, None].view(Asked)

    assert of(1.0, 2.0) > 0.0
    assert not of(1.0, 2.0) > 2.0
    with pytest.raises(ValueError, match="rows differ"):
        bool(of(1.0, 2.0) > 1.0)


def test_rules_are_asked_without_validating_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule that nothing above 'upper' is guaranteed is asked once where it holds in all."""
    terms = {"strike": "100 USD/t", "upper": "130 USD/t"}
    varied = document({"kind": "price_guarantee", "good": "g", "region": "r", **terms})
    (policy,) = varied.policies
    kind = type(policy.strike)  # type: ignore[union-attr]

    def holds(numbers: Sequence[float]) -> bool:
        strike = quantity_of_rows(kind, np.array(numbers)[:, None].view(Asked), "USD/t")
        return hold_in_all(policy.model_copy(update={"strike": strike}), ("strike",))

    assert holds([90.0, 120.0])
    assert not holds([90.0, 140.0])
    assert not holds([140.0, 150.0])
    monkeypatch.setattr(columns, "_validate_each", None)
    assert accepted(varied, {"policies.it.strike": ["90 USD/t", "120 USD/t"]})
