"""What stands on everything that leaves the library: version, data vintage, hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricing._version import __version__

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result
    from pricing.scenarios.scenario import Scenario


def identity(scenario: Scenario) -> dict[str, str]:
    """Which scenario, data and software, as label and text in plain lines."""
    from pricing.chains.load import chain_hash

    chain = scenario.chain
    return {
        "scenario": scenario.id,
        "scenario hash (SHA-256)": scenario.hash,
        "software": f"critical-minerals-pricing {__version__}",
        "chain": chain.id,
        "chain hash (SHA-256)": chain_hash(chain),
        "data vintage": f"base year {chain.base_year}, {chain.currency.code} of "
        f"{chain.currency.year}",
    }


def stamp(result: Result) -> dict[str, str]:
    """Where the numbers of a result come from, and how well it was solved."""
    residual = f"{result.diagnostics.residual:.1e}"
    return {**identity(result.scenario), "residual (scaled, 1)": residual}


def comment_lines(about: dict[str, str]) -> str:
    """A stamp as lines that begin with ``#``, for the head of a CSV or YAML file."""
    return "".join(f"# {name}: {text}\n" for name, text in about.items())


def scenario_file(scenario: Scenario) -> str:
    """The scenario as a file, with lines that say what it is below the line for editors."""
    editors, newline, rest = scenario.to_yaml().partition("\n")
    return editors + newline + comment_lines(identity(scenario)) + rest


def scenario_line(scenario: Scenario) -> str:
    """Scenario, with the hash that tells it from all others."""
    return f"Scenario {scenario.id} ({scenario.hash[:12]})"


def data_line(scenario: Scenario) -> str:
    """Chain, vintage and version: the same for every scenario of one chain."""
    chain = scenario.chain
    return (
        f"chain {chain.id}, base year {chain.base_year}, {chain.currency.code} of "
        f"{chain.currency.year}, model {__version__}"
    )


def source_line(result: Result) -> str:
    """Scenario, chain, vintage and version in one line."""
    return f"{scenario_line(result.scenario)}, {data_line(result.scenario)}"
