"""The generic algorithms of the reconciliation against closed forms and examples by hand."""

import numpy as np
import pytest

from pricing.chains.building.reconcile import (
    Adjustment,
    Balance,
    Measurement,
    largest,
    least_squares,
    ras,
)
from pricing.chains.building.reexports import Sells, origin_flows
from pricing.errors import InputError

# --- least squares ------------------------------------------------------------------------


def test_one_balance_shares_the_gap_by_variance():
    # Closed form: x = m + s^2 a (b - a m) / sum(s^2 a^2), with a gap of 5 and variances 1 and 4.
    found = least_squares(
        [Measurement("a", 10.0, 1.0), Measurement("b", 20.0, 2.0)],
        [Balance("sum", {"a": 1.0, "b": 1.0}, 35.0)],
    )

    assert found.values == pytest.approx({"a": 11.0, "b": 24.0}, rel=1e-14)
    assert found.penalty == pytest.approx(1.0 + 4.0)
    assert found.worst == "b"


def test_coefficients_count():
    # ore 10 (s=1) must be 2 x metal 4 (s=1): gap -2, step s^2 a gap/(1+4) -> ore 9.6, metal 4.8.
    found = least_squares(
        [Measurement("ore", 10.0, 1.0), Measurement("metal", 4.0, 1.0)],
        [Balance("smelter", {"ore": 1.0, "metal": -2.0})],
    )

    assert found.values == pytest.approx({"ore": 9.6, "metal": 4.8}, rel=1e-14)


def test_held_value_stays_to_the_last_bit():
    found = least_squares(
        [Measurement("a", 10.1, 0.0), Measurement("b", 20.0, 2.0)],
        [Balance("sum", {"a": 1.0, "b": 1.0}, 35.0)],
    )

    assert found.values["a"] == 10.1
    assert found.values["b"] == pytest.approx(24.9, rel=1e-15)


def test_several_measurements_of_one_item_are_pooled_by_precision():
    found = least_squares([Measurement("a", 10.0, 1.0), Measurement("a", 20.0, 2.0)], [])

    assert found.values["a"] == pytest.approx((10.0 + 20.0 / 4.0) / 1.25)


def test_held_measurement_overrides_others():
    held = [Measurement("a", 15.0, 0.0), Measurement("a", 20.0, 0.0)]  # the last one stands
    found = least_squares([Measurement("a", 10.0, 1.0), *held], [])

    assert found.values["a"] == 20.0


def test_what_balances_is_left_alone():
    measured = [Measurement("a", 1.0, 1.0), Measurement("b", 2.0, 1.0)]

    found = least_squares(measured, [Balance("double", {"a": 2.0, "b": -1.0})])

    assert found.values == {"a": 1.0, "b": 2.0}
    assert [one.relative for one in found.adjustments] == [0.0, 0.0]


def test_order_and_unit_do_not_matter():
    items = [("a", 10.0, 1.0), ("b", 20.0, 2.0), ("c", 5.0, 0.5)]
    laws = {"a": 1.0, "b": 1.0, "c": -3.0}
    straight = least_squares([Measurement(*i) for i in items], [Balance("x", laws)])
    scaled = least_squares(
        [Measurement(n, 1e3 * v, 1e3 * s) for n, v, s in reversed(items)], [Balance("x", laws)]
    )

    for name, value in straight.values.items():
        assert scaled.values[name] == pytest.approx(1e3 * value, rel=1e-13)


def test_contradicting_held_values_are_an_error():
    with pytest.raises(InputError, match="balance 'sum' cannot hold"):
        least_squares(
            [Measurement("a", 1.0, 0.0), Measurement("b", 1.0, 0.0)],
            [Balance("sum", {"a": 1.0, "b": 1.0}, 3.0)],
        )


def test_negative_tonnes_are_an_error():
    with pytest.raises(InputError, match="'a' would become -1"):
        least_squares(
            [Measurement("a", 1.0, 1.0), Measurement("b", 5.0, 0.0)],
            [Balance("sum", {"a": 1.0, "b": 1.0}, 4.0)],
        )


def test_balance_without_measurement_is_an_error():
    with pytest.raises(InputError, match="needs 'b', which has no measurement"):
        least_squares([Measurement("a", 1.0, 1.0)], [Balance("sum", {"a": 1.0, "b": 1.0}, 4.0)])


def test_adjustments_are_ranked_by_size():
    changes = [Adjustment("a", 1.0, 2.0, "t", ""), Adjustment("b", 9.0, 4.0, "t", "")]

    assert [one.item for one in largest(changes, 1)] == ["b"]
    assert Adjustment("c", 0.0, 0.0, "t", "").relative == 0.0
    assert Adjustment("c", 0.0, 1.0, "t", "").relative == float("inf")


# --- entropy ------------------------------------------------------------------------------


def test_ras_without_knowledge_is_proportional():
    flow = ras(np.ones((2, 2)), np.array([30.0, 10.0]), np.array([20.0, 20.0]))

    np.testing.assert_allclose(flow, [[15.0, 15.0], [5.0, 5.0]], rtol=1e-15)


def test_ras_two_by_two_by_hand():
    # Totals 3, 3 and 3, 3 with prior [[4, 1], [1, 1]]: x on the diagonal, 3 - x beside it, and the
    # cross ratio x^2 / (3 - x)^2 = 4 of the prior is kept, so x = 2.
    flow = ras(np.array([[4.0, 1.0], [1.0, 1.0]]), np.array([3.0, 3.0]), np.array([3.0, 3.0]))

    np.testing.assert_allclose(flow, [[2.0, 1.0], [1.0, 2.0]], rtol=1e-13)


def test_ras_keeps_shut_routes_shut_and_meets_totals():
    prior = np.array([[0.0, 1.0, 1.0], [1.0, 1.0, 5.0]])
    rows, columns = np.array([4.0, 6.0]), np.array([3.0, 5.0, 2.0])

    flow = ras(prior, rows, columns)

    assert flow[0, 0] == 0.0
    np.testing.assert_allclose(flow.sum(axis=0), columns, rtol=1e-13)
    np.testing.assert_allclose(flow.sum(axis=1), rows, rtol=1e-13)


@pytest.mark.parametrize(
    ("prior", "rows", "columns", "message"),
    [
        ([[1.0, 1.0]], [4.0], [3.0, 2.0], "must agree"),
        ([[1.0, 1.0]], [1.0], [-1.0, 2.0], "none negative"),
        ([[1.0, 0.0], [1.0, 0.0]], [1.0, 1.0], [1.0, 1.0], "column 1"),
        ([[1.0, 1.0], [0.0, 0.0]], [1.0, 1.0], [1.0, 1.0], "row 1"),
        ([[1.0, 0.0], [1.0, 1.0]], [3.0, 1.0], [2.0, 2.0], "cannot be met"),
    ],
)
def test_totals_that_cannot_be_met_are_an_error(prior, rows, columns, message):
    with pytest.raises(InputError, match=message):
        ras(np.array(prior), np.array(rows), np.array(columns))


# --- re-exports ---------------------------------------------------------------------------


def test_pure_trader_is_seen_through():
    recorded = np.array([[0.0, 4.0, 0.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])

    used = origin_flows(np.array([10.0, 0.0, 0.0]), recorded)

    np.testing.assert_allclose(used, [[6.0, 1.0, 3.0], [0, 0, 0], [0, 0, 0]], atol=1e-14)


@pytest.mark.parametrize(
    ("rule", "from_a", "from_b"),
    [(Sells.MIX, 2.0, 1.0), (Sells.HOME_FIRST, 3.0, 0.0), (Sells.OWN_FIRST, 1.0, 2.0)],
)
def test_maker_that_also_imports_follows_its_rule(rule, from_a, from_b):
    # B makes 2, buys 4 from A and sends 3 to C.
    recorded = np.array([[0.0, 4.0, 0.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])

    used = origin_flows(np.array([9.0, 2.0, 0.0]), recorded, [Sells.MIX, rule, Sells.MIX])

    assert used[:, 2] == pytest.approx([from_a, from_b, 0.0])
    assert used.sum(axis=0) == pytest.approx([5.0, 3.0, 3.0])
    assert used.sum(axis=1) == pytest.approx([9.0, 2.0, 0.0])


def test_goods_sent_in_a_circle_come_home():
    # A sends 5 to B, B returns 2 to A and keeps 3.
    used = origin_flows(np.array([10.0, 0.0]), np.array([[0.0, 5.0], [2.0, 0.0]]))

    np.testing.assert_allclose(used, [[7.0, 3.0], [0.0, 0.0]], atol=1e-13)


def test_more_exports_than_supply_are_an_error():
    with pytest.raises(InputError, match=r"regions \[1\] export more"):
        origin_flows(np.array([10.0, 0.0]), np.array([[0.0, 2.0], [3.0, 0.0]]))
