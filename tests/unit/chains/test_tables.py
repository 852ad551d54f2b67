"""Rows of a chain document as arrays: the most specific row holds, layers add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pricing.chains.tables import Rows, TradeCosts
from tests.support.chains import quantity, row
from tests.support.hand import hand_chain

ROWS = "benchmarks.central.rows"


def rows(*changes: tuple[str, Any]) -> Rows:
    chain = hand_chain(*changes)
    names = [process.id for process in chain.processes]
    goods, regions = [g.id for g in chain.goods], [r.id for r in chain.regions]
    return Rows(chain.benchmarks["central"].rows, goods, regions, names, chain)


def test_numbers_land_in_their_arrays():
    found = rows()

    assert found.price[0].tolist()[0] == 100.0
    assert np.isnan(found.price[0, 1])
    assert found.level.tolist() == [100.0, 20.0, 30.0]
    assert found.flow[1].tolist() == [[20.0, 0.0], [5.0, 25.0]]
    assert found.use.tolist() == [[0.0, 0.0], [25.0, 25.0]]
    assert found.demand.tolist() == [25.0, 25.0]


def test_uses_of_one_good_add_up():
    other = hand_chain().demands[0].model_dump(mode="json") | {"use": "other"}
    more = row("use", 5.0, good="metal", region="North", use="other")
    found = rows(("demands.+", other), (f"{ROWS}.+", more))

    assert found.use[1].tolist() == [30.0, 25.0]
    assert found.demand.tolist() == [25.0, 25.0, 5.0]


def test_shares_come_from_flows_and_from_priors_where_nothing_flows():
    west = ("regions.+", {"id": "West", "customs_value": "cif", "source": "test"})
    priors = [
        (f"{ROWS}.+", row("prior_share", 3.0, good="metal", region="North", partner="West")),
        (f"{ROWS}.+", row("prior_share", 1.0, good="metal", region="South", partner="West")),
        (f"{ROWS}.+", row("prior_share", 1.0, good="metal", region="North", partner="South")),
    ]
    share = rows(west, *priors).shares()

    assert share[1, :, 0] == pytest.approx([0.8, 0.2, 0.0])
    assert share[1, :, 1] == pytest.approx([0.0, 1.0, 0.0])
    assert share[1, :, 2] == pytest.approx([0.75, 0.25, 0.0])
    assert share[0, :, 2].tolist() == [0.0, 0.0, 0.0]


def test_the_most_specific_row_of_freight_holds():
    found = TradeCosts(hand_chain())

    assert found.freight[0].tolist() == [[3.0, 10.0], [10.0, 4.0]]
    assert found.freight[1].tolist() == [[4.0, 10.0], [20.0, 4.0]]
    assert found.insurance[1] == pytest.approx(np.array([[0.0, 0.02], [0.01, 0.0]]))


def test_the_last_of_equally_specific_rows_holds():
    """One row for an origin, one for a destination: on the route of both the later one holds."""
    regions = [region.id for region in hand_chain().regions]
    rest = {"insurance": quantity(0.0, "1"), "source": "test"}
    by_origin = {"origin": regions[0], "cost": quantity(5.0, "USD/t"), **rest}
    to_place = {"destination": regions[1], "cost": quantity(7.0, "USD/t"), **rest}

    for rows, cost in (((by_origin, to_place), 7.0), ((to_place, by_origin), 5.0)):
        chain = hand_chain(*(("freight.+", row) for row in rows))
        assert TradeCosts(chain).freight[0, 0, 1] == cost


def test_nothing_stated_is_free():
    found = TradeCosts(
        hand_chain(("freight", []), ("inland", []), ("duties", []), ("export_vat", []))
    )

    assert not found.freight.any()
    assert not found.insurance.any()
    assert not found.export_vat.any()
    assert found.duties == ()
    price = np.array([[100.0, np.nan], [500.0, 600.0]])
    landed = found.landed(price)
    assert landed[1].tolist() == [[500.0, 500.0], [600.0, 600.0]]
    assert np.isnan(landed[0, 1]).all()


def test_duties_are_for_borders_and_unrefunded_vat_for_exports():
    found = TradeCosts(hand_chain())
    mfn, extra = found.duties

    assert (mfn.policy, mfn.instrument) == ("mfn", "existing_duty")
    assert mfn.rate[0] == pytest.approx(np.array([[0.0, 0.10], [0.05, 0.0]]))
    assert mfn.specific[0].tolist() == [[0.0, 2.0], [0.0, 0.0]]
    assert extra.rate[1, 1, 0] == pytest.approx(0.25)
    assert found.export_vat[0] == pytest.approx(np.array([[0.0, 0.05], [0.0, 0.0]]))
    assert found.export_vat[1] == pytest.approx(np.array([[0.0, 0.0], [0.10, 0.0]]))
