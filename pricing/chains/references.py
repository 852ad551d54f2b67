"""Whether names in a chain document refer to something, and whether the chain runs downstream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pricing.chains.hosts import host_faults
from pricing.chains.nesting import nest_faults
from pricing.chains.points import missing_points
from pricing.errors import Fault

if TYPE_CHECKING:
    from pricing.chains.benchmarks import BenchmarkRow
    from pricing.chains.processes import LatentProcess, Process, Technology
    from pricing.chains.schema import Chain, Demand
    from pricing.chains.trade import Carriers

ALL = "all"
"""Wildcard for a good, a region or a territory in the rows of freight and duties."""
_ELASTICITY_OF = {
    "supply": ("margin", "output_price"),
    "demand": ("buyer_price",),
    "cross": ("cross_price",),
    "substitution": ("input_price",),
    "sourcing": ("landed_price",),
}
"""Use of an elasticity -> what it may be measured against."""


def faults_in(chain: Chain) -> list[Fault]:
    """Every name of a chain that is used twice or refers to nothing, and every circle."""
    check = _Check(chain)
    return [
        *check.repeated_ids(),
        *check.processes(),
        *check.curves(),
        *check.trade(),
        *check.benchmarks(),
        *missing_points(chain),
        *host_faults(chain),
        *stage_faults(chain),
    ]


class _Check:
    """The names that exist in one chain, and the faults of those that do not."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.names = {
            "good": [good.id for good in chain.goods],
            "region": [region.id for region in chain.regions],
            "territory": [region.territory or region.id for region in chain.regions],
            "technology": [technology.id for technology in chain.technologies],
            "process": [process.id for process in chain.processes],
            "elasticity": list(chain.elasticities),
        }
        self.known = {what: frozenset(names) for what, names in self.names.items()}

    def unknown(self, what: str, name: str, where: str, *, wild: bool = False) -> Iterator[Fault]:
        """A fault if a name is not known; ``all`` is known where it is a wildcard."""
        if name not in self.known[what] and not (wild and name == ALL):
            listed = dict.fromkeys([*self.names[what], ALL] if wild else self.names[what])
            remedy = "Known: " + (", ".join(listed) or "none")
            yield Fault(f"unknown {what} '{name}'", where, remedy=remedy)

    def repeated_ids(self) -> Iterator[Fault]:
        """Ids that stand twice, and names that mean everything."""
        chain = self.chain
        lists: dict[str, Iterable[str]] = {
            "goods": self.names["good"],
            "regions": self.names["region"],
            "technologies": self.names["technology"],
            "processes": self.names["process"],
        }
        for place, ids in lists.items():
            yield from _twice(ids, place, "id")
        taken = set(lists["processes"])
        for number, plant in enumerate(chain.latent):
            if plant.id in taken:
                problem = f"the id '{plant.id}' stands twice"
                yield Fault(problem, f"latent.{number}.id", remedy="Give each its own id")
            taken.add(plant.id)
        for number, name in enumerate(self.names["good"]):
            if name == ALL:
                yield Fault("'all' means every good", f"goods.{number}.id", remedy="Rename it")
        for number, region in enumerate(chain.regions):
            if ALL in (region.id, region.territory):
                yield Fault("'all' means every region", f"regions.{number}", remedy="Rename it")
        uses = [f"{d.good} in {d.region} for {d.use}" for d in chain.demands]
        yield from _twice(uses, "demands", "use")

    def processes(self) -> Iterator[Fault]:
        """Goods of technologies; technology and region of every plant."""
        for technology in self.chain.technologies:
            for side in ("inputs", "outputs"):
                for good in getattr(technology, side):
                    yield from self.unknown(
                        "good", good, f"technologies.{technology.id}.{side}.{good}"
                    )
            yield from nest_faults(self.chain, technology)
            if technology.substitution is not None:
                here = f"technologies.{technology.id}.substitution.elasticity"
                name = technology.substitution.elasticity
                yield from self._elasticity(name, "substitution", here)
        for place, plants in (("processes", self.chain.processes), ("latent", self.chain.latent)):
            for plant in plants:
                here = f"{place}.{plant.id}"
                yield from self.unknown("technology", plant.technology, f"{here}.technology")
                yield from self.unknown("region", plant.region, f"{here}.region")

    def curves(self) -> Iterator[Fault]:
        """Elasticities of supply, demand and sourcing; goods and regions of demands."""
        chain = self.chain
        groups: dict[str, tuple[Technology | Process | LatentProcess, ...]] = {
            "technologies": chain.technologies,
            "processes": chain.processes,
            "latent": chain.latent,
        }
        for place, owners in groups.items():
            for owner in owners:
                name = getattr(owner.supply, "elasticity", None)
                if name is not None:
                    here = f"{place}.{owner.id}.supply.elasticity"
                    yield from self._elasticity(name, "supply", here)
        for good in chain.goods:
            sigma = getattr(good.sourcing, "sigma", None)
            if sigma is not None:
                here = f"goods.{good.id}.sourcing.sigma"
                yield from self._elasticity(sigma, "sourcing", here)
        for number, demand in enumerate(chain.demands):
            here = f"demands.{number}"
            yield from self.unknown("good", demand.good, f"{here}.good")
            yield from self.unknown("region", demand.region, f"{here}.region")
            name = getattr(demand.curve, "elasticity", None)
            if name is not None:
                yield from self._elasticity(name, "demand", f"{here}.curve.elasticity")
            yield from self._cross(demand, f"{here}.curve.cross")

    def _cross(self, demand: Demand, where: str) -> Iterator[Fault]:
        """Other goods that move a demand: not itself, once each, and used in its region."""
        crosses = getattr(demand.curve, "cross", ())
        used = {d.good for d in self.chain.demands if d.region == demand.region}
        yield from _twice([cross.good for cross in crosses], where, "good")
        for number, cross in enumerate(crosses):
            here = f"{where}.{number}"
            yield from self._elasticity(cross.elasticity, "cross", f"{here}.elasticity")
            if cross.good not in self.known["good"]:
                yield from self.unknown("good", cross.good, f"{here}.good")
            elif cross.good == demand.good:
                problem = f"demand for {demand.good} names itself as the other good"
                remedy = "Its own price has the curve's elasticity"
                yield Fault(problem, f"{here}.good", remedy=remedy)
            elif cross.good not in used:
                problem = f"nobody in {demand.region} has a demand for {cross.good}"
                remedy = "Add that demand, or leave the good out"
                yield Fault(problem, f"{here}.good", remedy=remedy)

    def _elasticity(self, name: str, use: str, where: str) -> Iterator[Fault]:
        if name not in self.known["elasticity"]:
            yield from self.unknown("elasticity", name, where)
        elif self.chain.elasticities[name].of not in _ELASTICITY_OF[use]:
            of, allowed = self.chain.elasticities[name].of, _ELASTICITY_OF[use]
            yield Fault(
                f"elasticity '{name}' is of {of}, which does not fit {use}",
                where,
                remedy=f"Use one of: {', '.join(allowed)}",
            )

    def trade(self) -> Iterator[Fault]:
        """Goods and places in freight, inland cost, duties, export VAT and contracts."""
        wildcards = {
            "freight": {"good": "good", "origin": "region", "destination": "region"},
            "inland": {"good": "good", "region": "region"},
            "duties": {"good": "good", "importer": "territory", "origin": "region"},
            "export_vat": {"good": "good", "region": "region"},
            "contracts": {"good": "good", "origin": "region", "destination": "region"},
        }
        for place, fields in wildcards.items():
            for number, row in enumerate(getattr(self.chain, place)):
                for field, what in fields.items():
                    where = f"{place}.{number}.{field}"
                    yield from self.unknown(
                        what, getattr(row, field), where, wild=place != "contracts"
                    )
        bound = [f"{c.good} {c.origin} {c.destination}" for c in self.chain.contracts]
        yield from _twice(bound, "contracts", "route")
        for place, fields in wildcards.items():
            if place != "contracts":
                keys = ["layer"] * (place == "duties") + list(fields)
                rows = getattr(self.chain, place)
                yield from _twice(
                    [" ".join(getattr(row, k) for k in keys) for row in rows], place, "row"
                )
        yield from _layers(self.chain)
        for place in ("freight", "inland"):
            for number, row in enumerate(getattr(self.chain, place)):
                if row.carriers is not None:
                    yield from self._carriers(row.carriers, f"{place}.{number}.carriers")

    def _carriers(self, carriers: Carriers, where: str) -> Iterator[Fault]:
        """Owner and curve of carriers."""
        if carriers.owner is not None:
            yield from self.unknown("region", carriers.owner, f"{where}.owner")
        name = getattr(carriers.supply, "elasticity", None)
        if name is not None:
            yield from self._elasticity(name, "supply", f"{where}.supply.elasticity")

    def benchmarks(self) -> Iterator[Fault]:
        """Names in benchmark rows, and numbers that are stated twice."""
        uses = {(d.good, d.region, d.use) for d in self.chain.demands}
        for name, benchmark in self.chain.benchmarks.items():
            seen: dict[tuple[str | None, ...], int] = {}
            for number, row in enumerate(benchmark.rows):
                where = f"benchmarks.{name}.rows.{number}"
                for fault in self._row(row, where, uses):
                    yield replace(fault, problem=f"row {number + 1}: {fault.problem}")
                first = seen.setdefault(row.place(), number)
                if first != number:
                    said = " ".join(part for part in row.place() if part)
                    problem = f"rows {first + 1} and {number + 1} both state {said}"
                    yield Fault(problem, where, remedy="Keep one of the two")

    def _row(
        self, row: BenchmarkRow, where: str, uses: set[tuple[str, str, str]]
    ) -> Iterator[Fault]:
        """Names in one row of a benchmark."""
        found: list[Fault] = []
        for field, what in _ROW_FIELDS.items():
            name = getattr(row, field)
            if name is not None:
                found += self.unknown(what, name, f"{where}.{field}")
        if not found and row.variable == "use" and (row.good, row.region, row.use) not in uses:
            problem = f"no demand for {row.good} in {row.region} is called '{row.use}'"
            found.append(Fault(problem, f"{where}.use", remedy="Add it to 'demands'"))
        yield from found


_ROW_FIELDS = {"good": "good", "region": "region", "partner": "region", "process": "process"}


def _layers(chain: Chain) -> Iterator[Fault]:
    """Rules of layers of duties that no row has."""
    known = list(dict.fromkeys(row.layer for row in chain.duties))
    for layer, rule in chain.duty_layers.items():
        named = [("", layer), *((".yields_to", n) for n in rule.yields_to)]
        for field, name in (*named, *((".higher_of", n) for n in rule.higher_of)):
            if name not in known or (field and name == layer):
                remedy = "Layers in 'duties': " + (", ".join(known) or "none")
                problem = f"no other layer of duties is called '{name}'"
                yield Fault(problem, f"duty_layers.{layer}{field}", remedy=remedy)


def _twice(names: Iterable[str], place: str, field: str) -> Iterator[Fault]:
    """Names that stand more than once in a list, at their second place."""
    seen: Counter[str] = Counter()
    for number, name in enumerate(names):
        seen[name] += 1
        if seen[name] == 2:
            problem = f"the {field} '{name}' stands twice"
            remedy = "State it once" if field == "row" else "Give each its own name"
            yield Fault(problem, f"{place}.{number}.{field}", remedy=remedy)


def stage_faults(chain: Chain) -> list[Fault]:
    """Goods that need each other in a circle; else goods that stand before their inputs."""
    ids = [good.id for good in chain.goods]
    order = {name: ids.index(name) for name in ids}
    needs: dict[str, dict[str, str]] = {name: {} for name in order}
    for technology in chain.technologies:
        for made in technology.outputs:
            for used in technology.inputs:
                if made in order and used in order:
                    needs[made].setdefault(used, technology.id)
    circle = _circle(needs)
    if circle:
        words = " needs ".join(circle)
        where = f"technologies.{needs[circle[0]][circle[1]]}.inputs"
        remedy = "A chain runs one way: take one of these inputs out"
        return [Fault(f"the chain runs in a circle: {words}", where, remedy=remedy)]
    return [
        Fault(
            f"'{made}' stands before its input '{used}'",
            f"goods.{made}",
            remedy="List inputs before outputs",
        )
        for made, inputs in needs.items()
        for used in inputs
        if order[used] > order[made]
    ]


def _circle(needs: dict[str, dict[str, str]]) -> list[str]:
    """Goods of one circle, the first one again at the end; empty if there is none."""
    cleared: set[str] = set()
    for begin, inputs in needs.items():
        path, waiting = [begin], [iter(inputs)]
        while waiting and begin not in cleared:
            good = next(waiting[-1], None)
            if good is None:
                cleared.add(path.pop())
                waiting.pop()
            elif good in path:
                return [*path[path.index(good) :], good]
            elif good not in cleared:
                path.append(good)
                waiting.append(iter(needs[good]))
    return []
