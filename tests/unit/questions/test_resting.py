"""What a result rests on: elasticities against a closed form."""

import pytest

import pricing
from pricing.cli import main
from pricing.core.sources import Grade
from pricing.questions.resting import render, resting
from tests.support.chains import scenario_on
from tests.support.markets import Markets


@pytest.fixture(scope="module")
def floor() -> pricing.Scenario:
    """Supply 2 p, demand 200 - 2 p, makers are guaranteed 60: 120 t are sold at 40."""
    market = Markets(("wheat",), ("Home",))
    market.supply("wheat", "Home", market.curve("linear", 1.0, 100.0, 50.0))
    market.demand("wheat", "Home", "linear", 1.0, 100.0, 50.0)
    guarantee = {"kind": "price_guarantee", "good": "wheat", "region": "Home"}
    return scenario_on(market.chain(), guarantee | {"strike": "60 USD/t"})


def test_elasticities_are_those_of_the_closed_form(floor: pricing.Scenario) -> None:
    """Output 2 K and price 100 - K: elasticities 1 and -K / (100 - K) = -1.5 to the strike."""
    found = resting(floor)
    strike = found.table[found.table["path"].str.endswith("strike")].iloc[0]
    assert found.headline["wheat, price [USD/t]"] == pytest.approx(40.0)
    assert strike["wheat, price [USD/t]"] == pytest.approx(-1.5)
    assert strike["wheat, output [t/yr]"] == pytest.approx(1.0)


def test_shares_add_up_and_estimates_are_among_them(floor: pricing.Scenario) -> None:
    found = resting(floor)
    shares = found.shares()
    assert shares.sum().to_list() == pytest.approx([100.0] * len(found.headline))
    made_up = shares.loc[str(Grade.ILLUSTRATIVE)]
    assert found.on_estimates() == pytest.approx(made_up.to_dict())
    assert "Numbers that move it most" in render(found)


def test_every_number_is_listed_with_its_source() -> None:
    scenario = pricing.load_scenario("gallium_export_ban")
    found = resting(scenario)
    table = found.table
    of_chain = table[table["document"] == scenario.chain.id]
    assert of_chain[["source", "date", "grade"]].notna().all().all()
    assert of_chain.loc[of_chain["estimate"].astype(bool), "derivation"].notna().all()
    varied = table[table[list(found.headline)].notna().any(axis=1)]
    assert {"elasticities.gallium_demand.short.central", "processes.gallium_china.capacity"} <= set(
        varied["path"]
    )
    assert not varied["path"].str.contains("recovery|outputs").any()
    assert scenario == pricing.load_scenario("gallium_export_ban")  # left as it was


def test_command_prints_and_writes(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "numbers.csv"
    assert main(["sources", "germanium_export_ban", "--out", str(path)]) == 0
    assert "% on estimates" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8").startswith("document,path,value,unit,source,date,grade")
    assert main(["sources", "germanium_export_ban", "--out", str(path)]) == 2
    assert "this file exists" in capsys.readouterr().err
