"""Every case file beside this one: a small market, policies, and what must come out.

A file has a ``title``, a ``source`` (who says so) and ``cases``, each with ``market``, ``policies``
and ``expect``, and ``assumptions`` where a case needs a year. Five kinds of market:

``border``  sellers abroad offer any amount at their price; ``use`` tonnes are bought at home
            whatever the price.
``lines``   one maker and one buyer with straight lines that meet at ``price`` and ``amount``.
``mill``    flour milled abroad from wheat at fixed costs; ``use`` tonnes of it are bought at home.
``bakery``  the same by the law of logit: each origin has a price and a levy of its own.
``small``   the small country of a textbook: straight lines at home, any amount abroad at ``world``;
            without ``world`` nobody is abroad.

A number that its source prints rounded says ``within`` what.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pricing
from pricing.chains.schema import Chain
from tests.support.chains import (
    elasticity,
    frame,
    good,
    places,
    quantity,
    row,
    scenario_on,
    two_lines,
)
from tests.support.markets import Markets
from tests.support.oracles import read
from tests.support.spatial import homogeneous, through

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [(path.stem, n) for path in FILES for n in range(len(read(path)["cases"]))]
HOME = "Home"


def border(use: float, sellers: dict[str, float], customs_value: str = "fob") -> Chain:
    """Buyers of ``use`` tonnes and sellers at fixed prices abroad; one good, no base year."""
    limit = 100.0 * max(sellers.values())
    return frame(
        goods=[homogeneous("wheat")],
        regions=places((HOME, *sellers), customs_value),
        elasticities={},
        technologies=[
            {
                "id": f"farming {name}",
                "label": name,
                "outputs": {"wheat": quantity(1.0, "t/t")},
                "supply": {"kind": "flat", "cost": quantity(price, "USD/t")},
                "source": "test",
            }
            for name, price in sellers.items()
        ],
        processes=[
            {
                "id": f"farms {name}",
                "technology": f"farming {name}",
                "region": name,
                "capacity": quantity(100.0 * use, "t/yr"),
                "source": "test",
            }
            for name in sellers
        ],
        demands=[
            {
                "good": "wheat",
                "region": HOME,
                "use": "bread",
                "curve": {
                    "kind": "fixed",
                    "value_of_lost_load": quantity(limit, "USD/t"),
                    "through": through(use, min(sellers.values())),
                },
                "source": "test",
            }
        ],
        freight=[
            {"cost": quantity(0.0, "USD/t"), "insurance": quantity(0.0, "1"), "source": "test"}
        ],
    )


def lines(**about: Any) -> Chain:
    """One maker and one buyer with straight lines."""
    regions = (about.pop("maker", HOME), about.pop("buyer", HOME))
    return two_lines(regions=regions, **about)


def mill(use: float, wheat: float, yields: float, milling: float) -> Chain:
    """Wheat and flour made abroad at fixed costs, flour used at home; no base year."""
    plain = {"supply": {"kind": "flat", "cost": quantity(wheat, "USD/t")}, "source": "test"}
    farming = {"id": "farming", "label": "farming", "outputs": {"wheat": quantity(1.0, "t/t")}}
    mills = {
        "id": "milling",
        "label": "milling",
        "inputs": {"wheat": quantity(yields, "t/t")},
        "outputs": {"flour": quantity(1.0, "t/t")},
        "supply": {"kind": "flat", "cost": quantity(milling, "USD/t")},
        "source": "test",
    }
    free = {"cost": quantity(0.0, "USD/t"), "insurance": quantity(0.0, "1"), "source": "test"}
    curve = {
        "kind": "fixed",
        "value_of_lost_load": quantity(1e4 * wheat, "USD/t"),
        "through": through(use, wheat),
    }
    return frame(
        goods=[homogeneous("wheat"), homogeneous("flour")],
        regions=places((HOME, "Abroad")),
        elasticities={},
        technologies=[farming | plain, mills],
        processes=[
            {
                "id": name,
                "technology": name,
                "region": "Abroad",
                "capacity": quantity(1e3 * use, "t/yr"),
                "source": "test",
            }
            for name in ("farming", "milling")
        ],
        demands=[
            {"good": "flour", "region": HOME, "use": "bread", "curve": curve, "source": "test"}
        ],
        freight=[free],
    )


def bakery(use: float, wheat: float, milling: float) -> Chain:
    """The mill, one tonne to the tonne, with a base year and goods that are told by origin."""
    same, flour = mill(use, wheat, 1.0, milling), {"good": "flour", "region": "Abroad"}
    grown = {"good": "wheat", "region": "Abroad"}
    rows = [
        row("producer_price", wheat, **grown),
        row("producer_price", wheat + milling, **flour),
        row("production", use, process="farming"),
        row("production", use, process="milling"),
        row("flow", use, **grown, partner="Abroad"),
        row("flow", use, **flour, partner=HOME),
        row("use", use, good="flour", region=HOME, use="bread"),
    ]
    document = same.model_dump(mode="json") | {
        "goods": [good("wheat"), good("flour")],
        "elasticities": {"sigma": elasticity(4.0, "landed_price")},
        "benchmarks": {"central": {"title": "by hand", "rows": rows}},
    }
    return Chain.model_validate(document)


def small(supply: list[float], use: list[float], world: float | None = None) -> Chain:
    """Lines ``a + b P`` of wheat at home, made and used; abroad sells any amount at ``world``."""
    if world is None:
        price = (use[0] - supply[0]) / (supply[1] - use[1])
        amount = supply[0] + supply[1] * price
        slopes = [slope * price / amount for slope in (supply[1], -use[1])]
        return lines(
            price=price,
            amount=amount,
            supply_elasticity=slopes[0],
            demand_elasticity=slopes[1],
        )
    made, used = supply[0] + supply[1] * world, use[0] + use[1] * world
    markets = Markets(("wheat",), (HOME, "Abroad"))
    at_home = markets.curve("linear", supply[1] * world / made, made, world)
    markets.supply("wheat", HOME, at_home)
    markets.supply("wheat", "Abroad", {"kind": "flat", "cost": quantity(world, "USD/t")})
    markets.demand("wheat", HOME, "linear", -use[1] * world / used, used, world)
    markets.route("Abroad", HOME, 0.0)
    return markets.chain()


MARKETS = {"border": border, "lines": lines, "mill": mill, "bakery": bakery, "small": small}


def measured(result: pricing.Result, expected: dict[str, Any]) -> float:
    """One number of a result: what, where and of which route."""
    state, agents = result.solved.state, result.accounts.agents
    names = list(result.solved.program.network.regions)
    here = {
        key: names.index(expected[key]) for key in ("region", "origin", "to") if key in expected
    }
    good = result.solved.program.network.goods.index(expected.get("good", "wheat"))
    route = (0, good, here.get("origin", 0), here.get("to", 0))
    whole = {
        "treasury": agents.treasuries[0],
        "licences": agents.licence_holders[0],
        "exporters": agents.exporters[0],
        "producers": agents.processes_by_region[0],
        "net": agents.net_welfare[0],
        "users": agents.users_by_region[0],
        "output": state.output[0, good],
        "price": state.price[0, good],
        "buyers_price": state.index[0, good],
    }
    what = expected["what"]
    if what == "flow":
        return float(state.flow[route])
    if what == "landed":
        return float(state.landed[route])
    if what == "duty_per_tonne":
        return float(agents.treasuries[0].sum() / state.flow[0].sum())
    values = whole[what]
    return float(values[here["region"]] if "region" in here else values.sum())


def case_of(name: str, number: int) -> dict[str, Any]:
    """One case of a file."""
    found: dict[str, Any] = read(FILES[0].with_name(f"{name}.yaml"))["cases"][number]
    return found


def solved(case: dict[str, Any]) -> pricing.Result:
    """The result of a case."""
    market = dict(case["market"])
    chain = MARKETS[market.pop("kind")](**market)
    assumed = case.get("assumptions", {})
    return pricing.solve(scenario_on(chain, *case["policies"], assumptions=assumed))


@pytest.mark.parametrize(("name", "number"), CASES)
def test_case(name: str, number: int) -> None:
    case = case_of(name, number)
    result = solved(case)
    for expected in case["expect"]:
        found = measured(result, expected)
        near = {"abs": expected["within"]} if "within" in expected else {"rel": 1e-9, "abs": 1e-7}
        assert found == pytest.approx(expected["value"], **near), expected
    assert all(check.passed for check in result.accounts.checks)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_says_who_says_so(path: Path) -> None:
    assert len(read(path)["source"]) > 20
    assert all(case["expect"] for case in read(path)["cases"])
