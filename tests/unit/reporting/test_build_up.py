"""Parts of landed prices: they add up, route by route, and are what the law says."""

import numpy as np
import pytest

import pricing
from pricing.reporting.build_up import Part, build_up
from tests.support.hand import rich

CASES = (*pricing.shipped_scenarios(), rich())


@pytest.mark.parametrize("case", CASES, ids=[*pricing.shipped_scenarios(), "rich"])
def test_parts_add_up_to_the_landed_price(case: str | pricing.Scenario):
    result = pricing.solve(case)
    for solved in (result.solved, result.reference):
        is_open = solved.program.open_arcs
        total = sum(build_up(solved).values())
        landed = solved.state.landed[0][is_open]

        assert total[is_open] == pytest.approx(landed, rel=1e-12)
        assert np.isnan(total[~is_open]).all()


def on_route(result: pricing.Result, good: str, origin: str, destination: str) -> dict[Part, float]:
    network = result.solved.program.network
    place = (
        network.goods.index(good),
        network.regions.index(origin),
        network.regions.index(destination),
    )
    return {part: float(amount[place]) for part, amount in build_up(result.solved).items()}


def test_a_route_follows_the_chain_file(floor: pricing.Result):
    """Freight 1 USD/kg, insurance 1 %, 5 % duty on FOB (Alpha) or CIF (Beta), levy up to 60."""
    for destination, on_cif in (("Alpha", False), ("Beta", True)):
        parts = on_route(floor, "magnet", "Outside", destination)
        ex_works = parts[Part.EX_WORKS]
        cif = 1.01 * ex_works + 1000.0

        assert parts[Part.FREIGHT] == pytest.approx(cif - ex_works)
        assert parts[Part.DUTIES] == pytest.approx(0.05 * (cif if on_cif else ex_works))
        assert parts[Part.LEVY] == pytest.approx(60_000.0 - cif - parts[Part.DUTIES])
        assert parts[Part.LEVY] > 0.0
        for part in (Part.EXPORT, Part.SELLERS_RENT, Part.IMPORTERS_RENT, Part.OTHER):
            assert parts[part] == 0.0


def test_rent_to_exporters_is_no_levy():
    levied = on_route(pricing.solve("forge_all_stages"), "magnet", "China", "EU")
    kept = on_route(pricing.solve("forge_rent_to_exporters"), "magnet", "China", "EU")

    assert levied[Part.LEVY] > 0.0
    assert levied[Part.SELLERS_RENT] == 0.0
    assert kept[Part.LEVY] == pytest.approx(0.0, abs=1e-9)
    assert kept[Part.SELLERS_RENT] > 0.0
    assert sum(levied.values()) == pytest.approx(sum(kept.values()), rel=1e-9)


def test_a_tariff_is_a_duty():
    parts = on_route(pricing.solve("section_301_magnets"), "magnet", "China", "United States")

    # Section 301 on magnets: 25 % on top of the MFN rate of 2.1 %, both on FOB.
    fob = parts[Part.EX_WORKS] + parts[Part.EXPORT]
    assert parts[Part.DUTIES] == pytest.approx(0.271 * fob, rel=1e-9)
    assert parts[Part.LEVY] == 0.0
