"""Finding scenario files, ``extends``, ``patches``, ``with`` and ``without``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pricing.core.resources import configs_root
from pricing.errors import Fault, InputError
from pricing.scenarios import load
from pricing.scenarios.scenario import Scenario, load_scenario, parse_scenario

SOURCE = """
sources:
  test: {text: made for tests, date: "2026", grade: official}
"""
TARIFF = "{id: duty, kind: tariff, source: test, good: oxide, destinations: [EU], rate: 5 %}"
OTHER = "{id: other, kind: tariff, source: test, good: metal, destinations: [EU], rate: 7 %}"
HEAD = "extends: baseline\nid: top\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def fault(path: Path, *patches: str) -> Fault:
    with pytest.raises(InputError) as caught:
        load_scenario(path, patches)
    (found,) = caught.value.faults
    return found


def rates(scenario: Scenario) -> dict[str, Any]:
    return {policy.id: str(getattr(policy, "rate", "")) for policy in scenario.document.policies}


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
        assert "baseline" in caught.value.faults[0].remedy
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


class TestPatches:
    TEXT = (
        f"{HEAD}{SOURCE}policies: [{TARIFF}]\n"
        "patches:\n"
        "  higher: {policies: [{id: duty, rate: 9 %}]}\n"
        "  long: {assumptions: {horizon: long}}\n"
    )

    def test_patches_wait_until_they_are_named(self, tmp_path: Path):
        path = write(tmp_path, "a.yaml", self.TEXT)

        assert load_scenario(path).document.policies[0].rate.value == 5.0
        both = load_scenario(path, ("higher", "long")).document
        assert both.policies[0].rate.value == 9.0
        assert both.assumptions.horizon == "long"

    def test_a_file_applies_its_own_and_those_of_its_base(self, tmp_path: Path):
        write(tmp_path, "base.yaml", self.TEXT)
        text = "extends: base.yaml\nwith: [long, mine]\npatches: {mine: {title: mine}}\n"
        document = load_scenario(write(tmp_path, "a.yaml", text)).document

        assert (document.assumptions.horizon, document.title) == ("long", "mine")
        assert document.policies[0].rate.value == 5.0

    def test_a_patch_of_the_same_name_replaces_that_of_the_base(self, tmp_path: Path):
        write(tmp_path, "base.yaml", self.TEXT)
        text = "extends: base.yaml\npatches: {higher: {title: mine}}\n"
        document = load_scenario(write(tmp_path, "a.yaml", text), ("higher",)).document

        assert document.title == "mine"
        assert document.policies[0].rate.value == 5.0

    def test_the_last_patch_wins(self, tmp_path: Path):
        text = f"{HEAD}with: [b, a]\npatches: {{a: {{title: a}}, b: {{title: b}}}}\n"
        path = write(tmp_path, "a.yaml", text)

        assert load_scenario(path).document.title == "a"
        assert load_scenario(path, ("b",)).document.title == "b"

    def test_unknown_patches_are_all_named(self, tmp_path: Path):
        path = write(tmp_path, "a.yaml", self.TEXT + "with: [lower]\n")
        with pytest.raises(InputError) as caught:
            load_scenario(path, ("wider",))

        found = caught.value.faults
        assert [each.problem for each in found] == [
            "unknown patch 'lower'",
            "unknown patch 'wider'",
        ]
        assert {each.remedy for each in found} == {"Known: higher, long"}
        assert {each.line for each in found} == {self.TEXT.count("\n") + 1}
        assert fault(write(tmp_path, "b.yaml", HEAD), "x").remedy == "Known: none"

    @pytest.mark.parametrize(
        ("line", "field", "remedy"),
        [
            ("with: long", "with", "Write [a, b]"),
            ("with: [1]", "with", "Write [a, b]"),
            ("without: duty", "without", "Write [a, b]"),
            ("patches: [a]", "patches", "Write 'name: {policies: [...]}'"),
            ("patches: {a: 1}", "patches", "Write 'name: {policies: [...]}'"),
            ("patches:", "patches", "Write 'name: {policies: [...]}'"),
        ],
    )
    def test_lists_and_mappings(self, tmp_path: Path, line: str, field: str, remedy: str):
        found = fault(write(tmp_path, "a.yaml", f"{HEAD}{line}\n"))

        assert (found.field, found.line, found.remedy) == (field, 3, remedy)

    def test_a_patch_holds_parts_of_a_scenario_only(self, tmp_path: Path):
        text = f"{HEAD}with: [a]\npatches:\n  a:\n    without: [x]\n"
        found = fault(write(tmp_path, "a.yaml", text))

        assert (found.field, found.line) == ("without", 6)
        assert "unknown field 'without'" in found.problem


class TestWithout:
    def base(self, folder: Path) -> None:
        write(folder, "base.yaml", f"{HEAD}{SOURCE}policies:\n- {TARIFF}\n- {OTHER}\n")

    def test_policies_of_the_base_are_dropped(self, tmp_path: Path):
        self.base(tmp_path)
        scenario = load_scenario(write(tmp_path, "a.yaml", "extends: base.yaml\nwithout: [duty]\n"))

        assert [policy.id for policy in scenario.document.policies] == ["other"]

    def test_a_dropped_policy_can_be_stated_anew(self, tmp_path: Path):
        self.base(tmp_path)
        again = TARIFF.replace("5 %", "1 USD/t").replace("rate", "specific")
        text = f"extends: base.yaml\nwithout: [duty]\npolicies: [{again}]\n"
        policies = load_scenario(write(tmp_path, "a.yaml", text)).document.policies

        assert [policy.id for policy in policies] == ["other", "duty"]
        assert policies[1].rate is None

    def test_lines_follow_the_policies_that_stay(self, tmp_path: Path):
        self.base(tmp_path)
        text = "extends: base.yaml\nwithout: [duty]\npolicies: [{id: other, rate: 1 USD/t}]\n"
        found = fault(write(tmp_path, "a.yaml", text))
        assert (found.file, found.line) == (str(tmp_path / "a.yaml"), 3)

        write(tmp_path, "base.yaml", f"{HEAD}{SOURCE}policies:\n- {TARIFF}\n- {{id: other}}\n")
        found = fault(write(tmp_path, "a.yaml", "extends: base.yaml\nwithout: [duty]\n"))
        assert (found.file, found.line) == (str(tmp_path / "base.yaml"), 8)

    @pytest.mark.parametrize(
        ("base", "known"),
        [("base.yaml", "duty, other"), ("baseline", "none")],
    )
    def test_unknown_policies_are_named(self, tmp_path: Path, base: str, known: str):
        self.base(tmp_path)
        found = fault(write(tmp_path, "a.yaml", f"extends: {base}\nwithout: [x, y]\n"))

        assert found.problem == "no policy to drop is called x, y"
        assert (found.line, found.remedy) == (2, f"Known: {known}")

    def test_nothing_to_extend(self, tmp_path: Path):
        found = fault(write(tmp_path, "a.yaml", "id: a\nwithout: [x]\n"))

        assert (found.field, found.remedy) == ("without", "Known: none")

    @pytest.mark.parametrize("policies", ["x", "[1, {id: duty}]"])
    def test_a_faulty_base_is_faulty_still(self, tmp_path: Path, policies: str):
        write(tmp_path, "base.yaml", f"{HEAD}policies: {policies}\n")
        with pytest.raises(InputError) as caught:
            load_scenario(write(tmp_path, "a.yaml", "extends: base.yaml\nwithout: [duty]\n"))

        files = {each.file for each in caught.value.faults}
        assert files <= {str(tmp_path / "base.yaml"), str(tmp_path / "a.yaml")}


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
