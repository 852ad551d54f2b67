"""Solved scenarios, asked by name, and what must be true of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pricing

ZONE = ("United States", "EU", "Japan", "Korea", "Australia", "Malaysia")


@dataclass(frozen=True)
class Case:
    """A solved scenario, asked by name."""

    result: pricing.Result

    def _at(self, good: str, region: str) -> tuple[int, int]:
        network = self.result.solved.program.network
        return network.goods.index(good), network.regions.index(region)

    def price(self, good: str, region: str) -> float:
        """Change of the ex-works price."""
        return self._change("price", good, region)

    def users(self, good: str, region: str) -> float:
        """Change of the buyers' price."""
        return self._change("index", good, region)

    def output(self, good: str, *regions: str) -> float:
        """Change of output."""
        return sum(self._change("output", good, region) for region in regions)

    def relative(self, good: str, region: str) -> float:
        """Change of the buyers' price, of the base year's."""
        before = self.result.reference.state.index[(0, *self._at(good, region))]
        return self.users(good, region) / float(before)

    @property
    def goods(self) -> tuple[str, ...]:
        """Goods of the chain."""
        return tuple(self.result.solved.program.network.goods)

    def makers(self, good: str, *regions: str) -> float:
        """Change of the surplus of the plants that make a good."""
        setting = self.result.solved.program.network.setting
        makes = setting.output[:, self.goods.index(good)] > 0.0
        named = {name for name, here in zip(setting.processes, makes, strict=True) if here}
        return sum(
            row.change
            for row in self.result.accounts.agents.rows
            if row.account.value == "processes" and row.name in named and row.region in regions
        )

    def missing(self, good: str) -> float:
        """Tonnes that users everywhere go without in the scenario."""
        return sum(
            row["value"]
            for row in self.result.records
            if row["variable"] == "shortage" and row["good"] == good
        )

    def use(self, good: str, region: str) -> float:
        """Change of use."""
        return self._change("use", good, region)

    def flow(self, good: str, origin: str, destination: str) -> float:
        """Tonnes in the scenario."""
        g, i = self._at(good, origin)
        return float(self.result.solved.state.flow[0, g, i, self._at(good, destination)[1]])

    def landed(self, good: str, origin: str, destination: str) -> float:
        """Landed price in the scenario."""
        g, i = self._at(good, origin)
        return float(self.result.solved.state.landed[0, g, i, self._at(good, destination)[1]])

    def share(self, good: str, origin: str, destination: str) -> float:
        """Share of an origin in what a region uses."""
        g, j = self._at(good, destination)
        return self.flow(good, origin, destination) / float(self.result.solved.state.use[0, g, j])

    def level(self, process: str) -> float:
        """Level of a process in the scenario."""
        k = self.result.solved.program.network.processes.index(process)
        return float(self.result.solved.state.level[0, k])

    def treasury(self, region: str) -> float:
        """Change of a treasury's balance."""
        r = self.result.solved.program.network.regions.index(region)
        return float(self.result.accounts.agents.treasuries[0, r])

    def gain(self, agent: str) -> float:
        """Change of all accounts of a kind in the world."""
        rows = self.result.accounts.agents.rows
        return sum(row.change for row in rows if row.account.value == agent and row.in_total)

    def _change(self, name: str, good: str, region: str) -> float:
        place = (0, *self._at(good, region))
        return float(
            getattr(self.result.solved.state, name)[place]
            - getattr(self.result.reference.state, name)[place]
        )


@cache
def case(name: str, *patches: str) -> Case:
    return Case(pricing.solve(pricing.load_scenario(name, patches)))


DIRECTIONS: dict[str, Callable[[Case], None]] = {}
"""Scenario -> what must be true of it."""


def says(name: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Note a function as what must be true of a scenario."""

    def noted(direction: Callable[[Case], None]) -> Callable[[Case], None]:
        DIRECTIONS[name] = direction
        return direction

    return noted
