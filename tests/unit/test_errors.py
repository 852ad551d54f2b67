"""The words of errors, and their journey between processes."""

from __future__ import annotations

import copy
import pickle

import pytest

from pricing.errors import Fault, InputError, NoEquilibriumError, PricingError


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("no rate"), "no rate."),
        (Fault("no rate."), "no rate."),
        (Fault("no rate", field="duty"), "duty: no rate."),
        (Fault("no rate", file="x.yaml"), "x.yaml: no rate."),
        (Fault("no rate", file="x.yaml", line=3), "x.yaml:3: no rate."),
        (Fault("no rate", line=3), "<input>:3: no rate."),
        (
            Fault("no rate", field="a.b", file="x.yaml", line=3, remedy="Add it"),
            "x.yaml:3: a.b: no rate. Add it.",
        ),
        (Fault("no rate", remedy="Add it."), "no rate. Add it."),
        (Fault("no rate", remedy="Did you mean 'rates'?"), "no rate. Did you mean 'rates'?"),
        (Fault("is it?", remedy="It is!"), "is it? It is!"),
    ],
)
def test_a_fault_says_where_what_and_what_to_try(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_a_fault_is_frozen_and_comparable() -> None:
    fault = Fault("no rate", field="duty")
    assert {fault, Fault("no rate", field="duty")} == {fault}
    with pytest.raises(AttributeError):
        fault.field = "x"  # type: ignore[misc]


class TestInputError:
    def test_it_lists_every_fault_on_its_own_line(self) -> None:
        error = InputError([Fault("no rate"), Fault("no base", line=2)])
        assert str(error) == "no rate.\n<input>:2: no base."
        assert error.faults == (Fault("no rate"), Fault("no base", line=2))

    def test_a_text_is_one_fault(self) -> None:
        assert InputError("no rate").faults == (Fault("no rate"),)

    def test_it_is_a_value_error_of_this_library(self) -> None:
        assert issubclass(InputError, PricingError)
        assert issubclass(InputError, ValueError)

    @pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
    def test_copies_keep_the_faults(self, again: object) -> None:
        error = InputError([Fault("no rate", "duty", "x.yaml", 3, "Add it")])
        assert callable(again)
        assert again(error).faults == error.faults

    def test_it_travels_between_processes(self) -> None:
        error = InputError([Fault("no rate", "duty", "x.yaml", 3, "Add it"), Fault("no base")])
        other = pickle.loads(pickle.dumps(error))
        assert (type(other), other.faults, str(other)) == (InputError, error.faults, str(error))


class TestNoEquilibriumError:
    ERROR = NoEquilibriumError(
        "forge_all_stages", "market clearance of oxide in Japan", 0.0312, "Try a smaller step."
    )

    def test_it_names_the_worst_condition_and_a_remedy(self) -> None:
        assert str(self.ERROR) == (
            "forge_all_stages: no equilibrium. Worst condition: market clearance of oxide in Japan "
            "(3.1e-02 of its scale). Try a smaller step."
        )
        assert isinstance(self.ERROR, PricingError)
        assert not isinstance(self.ERROR, ValueError)

    def test_it_travels_between_processes(self) -> None:
        other = pickle.loads(pickle.dumps(self.ERROR))
        assert str(other) == str(self.ERROR)
        assert vars(other) == vars(self.ERROR)
