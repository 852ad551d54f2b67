"""What is shipped, and what a chain holds, in words."""

from __future__ import annotations

from pathlib import Path

from pricing.chains.benchmarks import Benchmark
from pricing.chains.building.files import built_chains, write
from pricing.chains.load import load_chain, load_chain_file, shipped_chains
from pricing.chains.schema import Chain
from pricing.core.documents import read_document
from pricing.core.resources import configs_root
from pricing.errors import Fault, InputError
from pricing.reporting.words import tonnes, wrap
from pricing.scenarios import load


def listing() -> str:
    """Shipped scenarios with their titles, and shipped chains."""
    lines = ["Scenarios"]
    for name in load.shipped_scenarios():
        title = read_document(configs_root() / "scenarios" / f"{name}.yaml").data.get("title", "")
        lines += wrap(f"{name:<28}{title}", " " * 30, "  ")
    lines.append("Chains")
    for name in shipped_chains():
        title = read_document(configs_root() / "chains" / f"{name}.yaml").data.get("title", "")
        lines += wrap(f"{name:<28}{title}", " " * 30, "  ")
    for heading, folder in (
        ("Questions (pricing match)", "questions"),
        ("Exposures of guarantees (pricing exposure)", "exposures"),
    ):
        lines.append(heading)
        for path in sorted((configs_root() / folder).glob("*.yaml")):
            title = read_document(path).data.get("title", "")
            lines += wrap(f"{path.stem:<28}{title}", " " * 30, "  ")
    return "\n".join(lines) + "\n"


def chain_report(name: str) -> str:
    """Reconciliation report of a shipped chain, else a summary of the chain.

    Raises
    ------
    InputError
        If there is no such chain, or its file has faults.
    """
    if name in built_chains():
        return chain_summary(load_chain(name)) + "\n" + build_report(name)
    path = Path(name)
    is_file = path.suffix in (".yaml", ".yml") or path.is_file()
    return chain_summary(load_chain_file(path) if is_file else load_chain(name))


def build_report(name: str) -> str:
    """How the base year of a shipped chain comes out of its raw figures and rules.

    Raises
    ------
    InputError
        With every fault of its files.
    """
    from pricing.chains.building.build import build
    from pricing.chains.building.report import render

    return render(build(_buildable(name), configs_root()))


def write_build(name: str) -> list[Path]:
    """Rebuild the base year of a shipped chain and write its tables.

    Raises
    ------
    InputError
        With every fault of its files; nothing is written then.
    """
    from pricing.chains.building.build import build

    return write(build(_buildable(name), configs_root()), configs_root())


def _buildable(name: str) -> str:
    """The name, if there are raw figures and rules for it."""
    known = built_chains()
    if name not in known:
        problem = f"no raw figures and rules for a chain '{name}'"
        remedy = f"Known: {', '.join(known)}; see docs/how-to/build-a-benchmark.md"
        raise InputError([Fault(problem, "chain", remedy=remedy)])
    return name


def chain_summary(chain: Chain) -> str:
    """Goods, regions, processes and the benchmark's balance by good."""
    lines = wrap(f"{chain.id}: {chain.title}") + wrap(chain.description)
    lines += ["", f"Base year {chain.base_year}, {chain.currency.code} of {chain.currency.year}."]
    lines += wrap(
        f"Regions ({len(chain.regions)}): " + ", ".join(r.id for r in chain.regions), "  ", ""
    )
    lines += _processes(chain)
    for name, benchmark in chain.benchmarks.items():
        lines += ["", *wrap(f"Benchmark {name}: {benchmark.title}"), *_balance(chain, benchmark)]
    return "\n".join(lines) + "\n"


def _processes(chain: Chain) -> list[str]:
    """Processes by technology, and announced plants."""
    lines = []
    for technology in chain.technologies:
        where = [p.region for p in chain.processes if p.technology == technology.id]
        makes = ", ".join(technology.outputs)
        uses = ", ".join(f"{c.value:g} t {g}" for g, c in technology.inputs.items()) or "no input"
        lines += wrap(
            f"{technology.label} (makes {makes}; {uses} per t): {', '.join(where) or 'nowhere'}",
            "  ",
            "",
        )
    if chain.latent:
        plants = ", ".join(plant.id for plant in chain.latent)
        lines += wrap(f"Announced plants, off unless switched on: {plants}", "  ", "")
    return lines


def _balance(chain: Chain, benchmark: Benchmark) -> list[str]:
    """Output, use and trade of every good, and the largest gap between output and sales."""
    regions = {p.id: (p.region, p.technology) for p in chain.processes}
    technologies = {t.id: t for t in chain.technologies}
    made: dict[tuple[str, str], float] = {}
    sold: dict[tuple[str, str], float] = {}
    trade: dict[str, float] = {}
    for row in benchmark.rows:
        if row.variable == "production" and row.process in regions:
            region, technology = regions[row.process]
            for name, coefficient in technologies[technology].outputs.items():
                amount = coefficient.tonnes_per_tonne * row.value
                made[name, region] = made.get((name, region), 0.0) + amount
        elif row.variable == "flow" and row.good and row.region:
            key = (row.good, row.region)
            sold[key] = sold.get(key, 0.0) + row.value
            if row.region != row.partner:
                trade[row.good] = trade.get(row.good, 0.0) + row.value
    lines = [f"  {'t a year':<16}{'output':>12}{'traded':>12}  largest gap of output and sales"]
    for good in chain.goods:
        total = sum(amount for (g, _), amount in made.items() if g == good.id)
        keys = {key for key in (*made, *sold) if key[0] == good.id}
        gap = max((abs(made.get(k, 0.0) - sold.get(k, 0.0)) for k in keys), default=0.0)
        moved = trade.get(good.id, 0.0)
        lines.append(f"  {good.id:<16}{tonnes(total):>12}{tonnes(moved):>12}  {gap:.1e} t")
    return lines
