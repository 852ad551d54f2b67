"""Price floors for critical minerals: what they do to prices, output, trade and purses.

>>> import pricing
>>> result = pricing.solve("forge_all_stages")
>>> result.diagnostics.residual < 1e-8
True
"""

from pricing._version import __version__
from pricing.api import Comparison, Result, compare, load_scenario, parse_scenario, solve
from pricing.chains.load import load_chain, shipped_chains
from pricing.errors import Fault, InputError, NoEquilibriumError, PricingError
from pricing.scenarios.load import shipped_scenarios
from pricing.scenarios.scenario import Scenario

__all__ = [
    "Comparison",
    "Fault",
    "InputError",
    "NoEquilibriumError",
    "PricingError",
    "Result",
    "Scenario",
    "__version__",
    "compare",
    "load_chain",
    "load_scenario",
    "parse_scenario",
    "shipped_chains",
    "shipped_scenarios",
    "solve",
]
