"""Reference prices of a scenario, and which regions count as inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pricing.chains.network import BoolArray
from pricing.equilibrium.build import active_policies
from pricing.equilibrium.program import Program
from pricing.instruments import AnyPolicy, ReferencePrice
from pricing.instruments.levels import FixedLevel
from pricing.scenarios.schema import ScenarioDocument


def reference_levels(document: ScenarioDocument, program: Program) -> dict[tuple[str, str], float]:
    """(good, member) -> highest reference price in force [USD/t]."""
    setting = program.network.setting
    levels: dict[tuple[str, str], float] = {}
    for policy in active_policies(document):
        if not isinstance(policy, ReferencePrice):
            continue
        members = setting.members(policy.zone, policy.where("zone"))
        for good, price in policy.level.resolve(setting, policy.where("level")).items():
            for r in np.flatnonzero(members):
                key = (setting.goods[good], setting.regions[r])
                levels[key] = max(price, levels.get(key, 0.0))
    return levels


def highest_levels(document: ScenarioDocument, program: Program) -> dict[str, float]:
    """Good -> highest reference price in force for any member [USD/t]."""
    highest: dict[str, float] = {}
    for (good, _), price in reference_levels(document, program).items():
        highest[good] = max(price, highest.get(good, price))
    return highest


def derivations(document: ScenarioDocument, program: Program) -> Iterator[str]:
    """How every reference price came about that is not simply stated."""
    setting = program.network.setting
    for policy in active_policies(document):
        if not isinstance(policy, ReferencePrice) or isinstance(policy.level, FixedLevel):
            continue
        levels = policy.level.resolve(setting, policy.where("level"))
        prices = ", ".join(f"{setting.goods[g]} {price / 1e3:.4g}" for g, price in levels.items())
        yield (
            f"Reference prices of '{policy.id}' ({prices} USD/kg): "
            f"{policy.level.derivation(setting)}."
        )


AS_SELLERS = ("origins",)
"""Field of a policy that names regions as exporters."""
SIDES = (("zone", "destinations", "buyers", "region"), AS_SELLERS)
"""Fields that name whom a policy is made for: importers or producers, else exporters."""


@dataclass(frozen=True)
class Split:
    """Two groups of regions: those that a report puts first, and the others."""

    inside: BoolArray
    """(R,) the first group; all regions where there is nothing to set apart."""
    name: str
    """What to call the first group in a heading."""
    others: str
    """What to call the others."""
    proper: BoolArray
    """(R,) regions, and not places where goods change their name."""
    zone: str = ""
    """Id of the zone that the first group is; empty for none."""
    sells: bool = False
    """Whether policies act on the first group as exporters only."""

    @property
    def outside(self) -> BoolArray:
        """(R,) the other regions."""
        return ~self.inside & self.proper

    def turned(self) -> Split:
        """The others first."""
        return Split(self.outside, self.others, self.name, self.proper)

    @property
    def whole(self) -> bool:
        """Whether the first group is the whole world."""
        return not self.outside.any()

    def where(self, regions: Sequence[str]) -> str:
        """Where the first group is, in words that go on after a noun."""
        if np.count_nonzero(self.inside) == 1:
            return f"in {regions[int(np.argmax(self.inside))]}"
        return "in the world" if self.whole else self.name


def split_of(document: ScenarioDocument, program: Program) -> Split:
    """The zone of a reference price; else regions that policies are made for; else a zone."""
    setting = program.network.setting
    policies = active_policies(document)
    zone = np.zeros(len(setting.regions), dtype=bool)
    for policy in policies:
        if isinstance(policy, ReferencePrice):
            zone |= setting.members(policy.zone, policy.where("zone"))
    candidates = [(zone, False)]
    candidates += [(_named(policies, program, fields), fields == AS_SELLERS) for fields in SIDES]
    if document.zones:
        candidates.append((setting.members([next(iter(document.zones))], "zones"), False))
    for mask, sells in candidates:
        if mask.any() and (~mask & setting.proper).any():
            return replace(named_split(mask, document, program), sells=sells)
    return Split(setting.proper, "world", "", setting.proper)


def named_split(mask: BoolArray, document: ScenarioDocument, program: Program) -> Split:
    """A group of regions and the rest, with what to call them."""
    regions, proper = program.network.regions, program.network.setting.proper
    inside = {region for region, is_in in zip(regions, mask, strict=True) if is_in}
    for zone, members in document.zones.items():
        if inside == set(members):
            return Split(mask, "in the zone", "outside", proper, zone)
    return Split(mask, inside.pop() if len(inside) == 1 else "under policy", "others", proper)


def _named(policies: tuple[AnyPolicy, ...], program: Program, fields: tuple[str, ...]) -> BoolArray:
    """Regions that policies name in some fields."""
    setting = program.network.setting
    mask = np.zeros(len(setting.regions), dtype=bool)
    for policy in policies:
        for field in fields:
            named = getattr(policy, field, ())
            places = [named] if isinstance(named, str) else named
            mask |= setting.members(places, policy.where(field))
    return mask
