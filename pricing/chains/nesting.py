"""Whether nests of substitutable inputs are stated in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pricing.errors import Fault

if TYPE_CHECKING:
    from pricing.chains.processes import Technology
    from pricing.chains.schema import Chain


def nest_faults(chain: Chain, technology: Technology) -> Iterator[Fault]:
    """Inputs of a nest that are none, or stand twice; prices that are missing or not wanted."""
    own, here = technology.substitution, f"technologies.{technology.id}.substitution"
    if own is None:
        return
    known = ", ".join(technology.inputs) or "none"
    for number, name in enumerate(own.inputs):
        where = f"{here}.inputs.{number}"
        if name not in technology.inputs:
            yield Fault(f"'{name}' is no input", where, remedy=f"Inputs: {known}")
        elif name in own.inputs[:number]:
            yield Fault(f"the input '{name}' stands twice", where, remedy="Name it once")
        if not chain.benchmarks and name not in own.at:
            problem = f"without a benchmark the price of {name} needs 'at'"
            yield Fault(problem, here, remedy="Or add a benchmark")
    for name in own.at:
        if chain.benchmarks:
            problem = "'at' is for chains without a benchmark: here base-year prices hold"
            yield Fault(problem, f"{here}.at.{name}", remedy="Leave it out")
        elif name not in own.inputs:
            yield Fault(f"'{name}' is not in the nest", f"{here}.at.{name}", remedy="Leave it out")
