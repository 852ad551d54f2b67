"""Names that a scenario may refer to, read off its chain and off text that may have faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pricing.chains.references import ALL
from pricing.chains.schema import Chain
from pricing.core.declared import Known, Names


def names_in(chain: Chain, data: Mapping[str, Any]) -> Known:
    """Names of a chain, and those that the text of a scenario gives itself.

    Of duty layers it knows more than may be named: which policies are one is checked later.
    """
    regions = [region.id for region in chain.regions]
    assumed = data.get("assumptions")
    switched_on = list(_texts(assumed.get("latent") if isinstance(assumed, Mapping) else None))
    plants = [plant.id for plant in chain.latent]
    policies = data.get("policies")
    given = policies if isinstance(policies, list | tuple) else ()
    ids = [policy.get("id") for policy in given if isinstance(policy, dict)]
    return {
        Names.GOOD: [good.id for good in chain.goods],
        Names.REGION: regions,
        Names.PLACE: [*regions, *_texts(data.get("zones")), ALL],
        Names.ANYWHERE: [*regions, ALL],
        Names.PROCESS: [
            *(process.id for process in chain.processes),
            *(name for name in switched_on if name in plants),
        ],
        Names.PLANT: plants,
        Names.LAYER: [*dict.fromkeys(duty.layer for duty in chain.duties), *_texts(ids)],
        Names.BENCHMARK: list(chain.benchmarks),
        Names.ELASTICITY: list(chain.elasticities),
    }


def _texts(part: Any) -> Iterator[str]:
    """Texts in a list, or names in a mapping; nothing in what is neither."""
    if isinstance(part, list | tuple | Mapping):
        yield from (item for item in part if isinstance(item, str))
