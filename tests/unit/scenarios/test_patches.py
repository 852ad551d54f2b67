"""Named patches, and policies of the base that are dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing.errors import InputError
from pricing.scenarios.scenario import load_scenario
from tests.support.files import HEAD, OTHER, SOURCE, TARIFF, fault, write


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
        # The one named in the file at its own line, the one asked for where patches stand.
        patches = self.TEXT.splitlines().index("patches:") + 1
        assert [each.line for each in found] == [self.TEXT.count("\n") + 1, patches]
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
