"""Finding scenario files and what they extend."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing.core.resources import configs_root
from pricing.errors import InputError
from pricing.scenarios import load
from pricing.scenarios.scenario import load_scenario, parse_scenario
from tests.support.files import HEAD, OTHER, SOURCE, TARIFF, fault, write


class TestFind:
    def test_shipped_names(self):
        assert "baseline" in load.shipped_scenarios()
        assert load.find("baseline") == configs_root() / "scenarios" / "baseline.yaml"

    def test_a_file_comes_before_a_shipped_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "forge_all_stages").mkdir()
        write(tmp_path, "baseline", "x")

        assert load.find("baseline") == Path("baseline")
        assert load.find("forge_all_stages").is_file()
        assert load.find("no_such.yml") == Path("no_such.yml")

    def test_a_directory_is_named_as_such(self, tmp_path: Path):
        assert fault(tmp_path).problem == "this is a directory"

    @pytest.mark.parametrize("name", ["basline", "", "a\0b", "x" * 5000, "~"])
    def test_what_is_not_there(self, name: str):
        with pytest.raises(InputError) as caught:
            load.find(name) if name else load.find("nothing at all")
        assert "no shipped scenario and no file is called" in str(caught.value)
        remedy = caught.value.faults[0].remedy
        assert "'pricing list' shows all" in remedy
        assert ("Did you mean baseline" in remedy) is (name == "basline")
        assert len(str(caught.value)) < 1000


class TestExtends:
    def test_a_shipped_scenario(self, tmp_path: Path):
        scenario = load_scenario(write(tmp_path, "a.yaml", HEAD))

        assert scenario.id == "top"
        assert scenario.document.zones == load_scenario("baseline").document.zones

    def test_a_file_beside_it(self, tmp_path: Path):
        write(tmp_path, "base.yml", f"{HEAD}{SOURCE}policies: [{TARIFF}]\n")
        scenario = load_scenario(
            write(
                tmp_path,
                "a.yaml",
                f"extends: base.yml\npolicies: [{OTHER}, {{id: duty, rate: 6 %}}]\n",
            )
        )

        assert [policy.id for policy in scenario.document.policies] == ["duty", "other"]
        assert scenario.document.policies[0].rate.value == 6.0
        assert scenario.folder == tmp_path

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("[a]", "'extends' names one scenario"),
            ("3", "'extends' names one scenario"),
            ("basline", "neither a shipped scenario nor a file beside this one"),
            ("../base.yaml", "neither a shipped scenario nor a file beside this one"),
            ("sub/base.yaml", "neither a shipped scenario nor a file beside this one"),
            ("/base.yaml", "neither a shipped scenario nor a file beside this one"),
            ("..", "neither a shipped scenario nor a file beside this one"),
            ("none.yaml", "there is no file 'none.yaml' beside this one"),
            ("folder.yaml", "there is no file 'folder.yaml' beside this one"),
            ("link.yaml", "'link.yaml' is a link"),
            ("a.yaml", "'a.yaml' extends itself in a circle"),
        ],
    )
    def test_nothing_else(self, tmp_path: Path, name: str, problem: str):
        (tmp_path / "sub").mkdir()
        (tmp_path / "folder.yaml").mkdir()
        for place in ("base.yaml", "sub/base.yaml"):
            write(tmp_path, place, HEAD)
        (tmp_path / "link.yaml").symlink_to(tmp_path / "base.yaml")
        path = write(tmp_path, "a.yaml", f"id: top\nextends: {name}\n")
        found = fault(path)

        assert problem in found.problem
        assert (found.file, found.line, found.field) == (str(path), 2, "extends")

    def test_a_circle_of_two(self, tmp_path: Path):
        write(tmp_path, "b.yaml", "extends: a.yaml\n")
        found = fault(write(tmp_path, "a.yaml", "extends: b.yaml\n"))

        assert found.problem == "'a.yaml' extends itself in a circle"
        assert found.file == str(tmp_path / "b.yaml")

    def test_at_most_three_files(self, tmp_path: Path):
        write(tmp_path, "c.yaml", HEAD)
        write(tmp_path, "b.yaml", "extends: c.yaml\n")
        top = write(tmp_path, "a.yaml", "extends: b.yaml\n")
        found = fault(top)

        assert found.problem == "more than 3 files extend one another"
        assert found.file == str(tmp_path / "c.yaml")
        assert load_scenario(tmp_path / "b.yaml").id == "top"

    def test_faults_of_the_extended_file_come_first(self, tmp_path: Path):
        write(tmp_path, "b.yaml", "extends: baseline\nx: &y 1\n")
        found = fault(write(tmp_path, "a.yaml", "extends: b.yaml\n"))

        assert (found.file, found.line) == (str(tmp_path / "b.yaml"), 2)


class TestUploads:
    def test_a_text_may_extend_a_shipped_scenario(self):
        assert parse_scenario(HEAD).id == "top"
        assert parse_scenario(HEAD.encode()).folder is None

    @pytest.mark.parametrize("name", ["base.yaml", "../base.yaml", "nothing"])
    def test_and_nothing_else(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
        write(tmp_path, "base.yaml", HEAD)
        monkeypatch.chdir(tmp_path)
        with pytest.raises(InputError, match="may extend shipped scenarios only") as caught:
            parse_scenario(f"extends: {name}\n", "mine.yaml")
        assert (caught.value.faults[0].file, caught.value.faults[0].line) == ("mine.yaml", 1)

    def test_no_chain_of_its_own(self):
        with pytest.raises(InputError) as caught:
            parse_scenario(f"{HEAD}chain: mine.yaml\n", "mine.yaml")
        (found,) = caught.value.faults
        assert (found.file, found.line, found.field) == ("mine.yaml", 3, "chain")

    def test_an_unknown_chain(self):
        with pytest.raises(InputError, match=r"<upload>:3: chain: unknown chain 'ndfe'\. Known:"):
            parse_scenario(f"{HEAD}chain: ndfe\n")


def test_faults_point_into_the_file_that_says_so(tmp_path: Path):
    base = (
        f"{HEAD}{SOURCE}"
        "policies:\n"  # line 6
        f"- {TARIFF.replace('5 %', '5 kg')}\n"  # line 7
        "patches:\n"
        "  other:\n"
        f"    policies: [{OTHER.replace('7 %', '-7 %')}]\n"  # line 10
    )
    top = "extends: base.yaml\nwith: [other]\nassumptions:\n  horizon: soon\nzones: {z: []}\n"
    write(tmp_path, "base.yaml", base)
    with pytest.raises(InputError) as caught:
        load_scenario(write(tmp_path, "top.yaml", top))

    places = {each.field: (Path(each.file).name, each.line) for each in caught.value.faults}
    assert places == {
        "policies.duty.rate.unit": ("base.yaml", 7),
        "policies.other.rate.value": ("base.yaml", 10),
        "assumptions.horizon": ("top.yaml", 4),
        "zones.z": ("top.yaml", 5),
    }


@pytest.mark.parametrize("name", load.shipped_scenarios())
def test_every_shipped_scenario_explains_itself(name: str):
    document = load_scenario(name).document

    assert len(document.description.split()) >= 20
    assert not document.description.startswith("Built on")
    assert not document.title.endswith(f"built on {document.id}")
