"""What stands on everything that leaves the library: version, data vintage, hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricing._version import __version__

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result


def stamp(result: Result) -> dict[str, str]:
    """Where numbers come from, as label and text in plain ASCII lines."""
    from pricing.chains.load import chain_hash

    scenario, chain = result.scenario, result.scenario.chain
    return {
        "scenario": scenario.id,
        "scenario hash (SHA-256)": scenario.hash,
        "software": f"critical-minerals-pricing {__version__}",
        "chain": chain.id,
        "chain hash (SHA-256)": chain_hash(chain),
        "data vintage": f"base year {chain.base_year}, {chain.currency.code} of "
        f"{chain.currency.year}",
        "residual (scaled, 1)": f"{result.diagnostics.residual:.1e}",
    }


def comment_lines(result: Result) -> str:
    """The stamp as lines that begin with ``#``, for the head of a CSV file."""
    return "".join(f"# {name}: {text}\n" for name, text in stamp(result).items())


def source_line(result: Result) -> str:
    """Scenario, chain, vintage and version in one line."""
    scenario = result.scenario
    chain = scenario.chain
    return (
        f"Scenario {scenario.id} ({scenario.hash[:12]}), chain {chain.id}, base year "
        f"{chain.base_year}, {chain.currency.code} of {chain.currency.year}, model {__version__}"
    )
