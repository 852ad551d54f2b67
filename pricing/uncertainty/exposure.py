"""What a price guarantee may cost: settlements of its contract over simulated index prices."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pricing.economics.contracts import Array
from pricing.equilibrium.build import calibrated
from pricing.errors import Fault, InputError
from pricing.instruments.price_guarantee import PriceGuarantee
from pricing.instruments.terms import Payer
from pricing.uncertainty.black import put
from pricing.uncertainty.exposure_contract import Contract, settlements
from pricing.uncertainty.exposure_document import ExposureDocument, Observed
from pricing.uncertainty.exposure_paths import QUANTILES, Paths, Sums, log_start, simulated

if TYPE_CHECKING:
    import pandas as pd

    from pricing.scenarios.scenario import Scenario

PAYERS = {Payer.TREASURY: "The treasury of", Payer.BUYER: "A buyer in"}
"""Who pays -> in words, before the region."""


@dataclass(frozen=True)
class Year:
    """One calendar year."""

    year: int
    """Which."""
    tonnes: float
    """Eligible tonnes [t]."""
    net: Sums
    """What the payer pays on balance [USD]."""
    worst: float
    """The most that the contract can cost [USD]."""
    chance: float
    """Chance that the payer pays on balance [1]."""


@dataclass(frozen=True)
class Exposure:
    """What a guarantee may cost."""

    document: ExposureDocument
    """The question."""
    scenario: Scenario
    """Scenario of the guarantee."""
    good: str
    """Good guaranteed."""
    payer: str
    """Who pays, in words."""
    contract: Contract
    """What is settled."""
    main: Paths
    """Under the process of the document."""
    alternative: Paths | None
    """Under the other one, if it names one."""

    def __repr__(self) -> str:
        """Name and expected present value."""
        expected = self.main.present.mean / 1e6
        return f"Exposure({self.document.id!r}, {expected:.1f} million USD expected)"

    @cached_property
    def worst(self) -> Array:
        """(S,) the most that the contract can cost at each settlement: an index of zero [USD]."""
        inflation = np.log1p(self.document.inflation.fraction)
        paid, _ = self.contract.settle(np.zeros((1, self.contract.tonnes.size)))
        return np.asarray(paid[0] * np.exp(-inflation * self.contract.times))

    @property
    def worst_present(self) -> float:
        """Present value of the worst case [USD]."""
        return float((self.worst * self.main.discount).sum())

    @cached_property
    def closed_form(self) -> float | None:
        """Expected present value by Black's formula; None where the terms are not that plain."""
        asked, terms, contract = self.document, self.contract.terms, self.contract
        plain = (
            asked.observed is Observed.END
            and asked.controls is None
            and asked.inflation.fraction == 0.0
            and (terms.up == 0.0 or np.isinf(terms.upper))
            and np.isinf([terms.cap, terms.budget]).all()
        )
        if not plain:
            return None
        forward, deviation = self.main.process.forward(log_start(asked), contract.times)
        gaps = terms.down * put(forward, terms.strike, deviation)
        return float((gaps * contract.tonnes * self.main.discount).sum())

    @cached_property
    def years(self) -> tuple[Year, ...]:
        """What is paid in each calendar year, under the process of the document."""
        net, when = self.main.paid - self.main.back, self.contract.years
        found = []
        for year in dict.fromkeys(when.tolist()):
            at = when == year
            sums, tonnes = net[:, at].sum(axis=1), float(self.contract.tonnes[at].sum())
            worst, chance = float(self.worst[at].sum()), float((sums > 0.0).mean())
            found.append(Year(year, tonnes, Sums.of(sums), worst, chance))
        return tuple(found)

    def table(self) -> pd.DataFrame:
        """One row a year: tonnes, expected payment with its error, quantiles, worst case [USD]."""
        import pandas as pd

        return pd.DataFrame(
            {
                "year": row.year,
                "tonnes": row.tonnes,
                "expected": row.net.mean,
                "standard_error": row.net.error,
                **{
                    f"p{100 * q:g}": cut
                    for q, cut in zip(QUANTILES, row.net.quantiles, strict=True)
                },
                "worst": row.worst,
                "chance_of_payment": row.chance,
            }
            for row in self.years
        )

    def to_json(self) -> str:
        """The table and the present values as one JSON object; money in USD."""
        views = {"main": self.main, "alternative": self.alternative}
        return json.dumps(
            {
                "id": self.document.id,
                "years": self.table().to_dict(orient="records"),
                "present_value": {
                    name: asdict(paths.present) for name, paths in views.items() if paths
                },
                "quantiles": QUANTILES,
                "worst_present_value": self.worst_present,
                "closed_form": self.closed_form,
            },
            indent=2,
        )

    def report(self) -> str:
        """One page for people."""
        from pricing.uncertainty.exposure_report import report

        return report(self)


def exposure(name_or_path: str | Path) -> Exposure:
    """What a guarantee may cost over its contract.

    Parameters
    ----------
    name_or_path : str or Path
        A shipped exposure, or a file.

    Returns
    -------
    Exposure
        Settlements of every draw; ``report()`` and ``table()`` sum them up.

    Raises
    ------
    InputError
        With every fault of the file, or if its policy is no guarantee with an end.
    """
    from pricing.uncertainty.exposure_files import load_exposure

    return value(*load_exposure(name_or_path))


def value(document: ExposureDocument, scenario: Scenario) -> Exposure:
    """As :func:`exposure`, of a document and a scenario at hand."""
    found = [policy for policy in scenario.document.policies if policy.id == document.policy]
    if not found or not isinstance(found[0], PriceGuarantee):
        known = ", ".join(p.id for p in scenario.document.policies if isinstance(p, PriceGuarantee))
        problem = f"{scenario.id} has no price guarantee '{document.policy}'"
        raise InputError([Fault(problem, "policy", remedy=f"Known: {known or 'none'}")])
    policy = found[0]
    setting = calibrated(scenario.chain, scenario.document).setting
    contract = Contract(policy.contract(setting), *settlements(document, policy))
    main = simulated(document, document.price, contract)
    other = document.alternative
    return Exposure(
        document,
        scenario,
        policy.good,
        f"{PAYERS[policy.paid_by]} {policy.payer or policy.region}",
        contract,
        main,
        None if other is None else simulated(document, other, contract),
    )
