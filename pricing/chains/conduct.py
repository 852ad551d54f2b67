"""Exporters who set prices: what is declared, and the routes on which they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pricing.chains.schema import Chain, Homogeneous
from pricing.core.declared import Declared, GoodId, RegionId
from pricing.core.quantities import Rate, Scaled, Share
from pricing.core.sources import SourceId
from pricing.errors import Fault

Array = NDArray[np.float64]
IntArray = NDArray[np.intp]


class Rivals(StrEnum):
    """What a price-setting exporter expects of its rivals."""

    RESPOND = "respond"
    """They sell along their supply curves: a dominant firm with a fringe."""
    FIXED = "fixed"
    """Their tonnes stay as they are: Cournot."""


class StatedMarkup(Declared):
    """A stated share on top of marginal cost, whatever happens."""

    kind: Literal["markup"] = "markup"
    rate: Annotated[Rate, Scaled.MARKUP, Field(title="Markup on marginal cost")]
    """Price at the exporter's border over marginal cost, less one."""


class ResidualDemand(Declared):
    """A share of the markup that is best against the demand that rivals leave."""

    kind: Literal["residual_demand"] = "residual_demand"
    weight: Annotated[Share, Field(title="Weight of market power")] = Share(value=1.0, unit="1")
    """Share of that markup which is charged: 0 for a price taker, 1 for a monopolist of its own
    residual demand."""
    rivals: Rivals = Rivals.RESPOND
    """What it expects of its rivals."""


Rule = Annotated[StatedMarkup | ResidualDemand, Field(discriminator="kind")]


class Conduct(Declared):
    """A group of exporters of one good that sets its prices together, buyer by buyer.

    It sells abroad above marginal cost; at home, and on routes without base-year trade, it takes
    prices. The base year stays as it is: marginal cost of selling to a buyer is the base-year price
    less the markup that the rule gives there.
    """

    good: GoodId
    """Good sold."""
    exporters: Annotated[tuple[RegionId, ...], Field(min_length=1)]
    """Regions whose sellers act as one."""
    destinations: Annotated[tuple[RegionId, ...] | None, Field(min_length=1)] = None
    """Buyers to whom it sets prices; all abroad if absent. A buyer who has hardly another origin
    would pay any price: leave it out."""
    rule: Annotated[Rule, Field(title="How prices are set")]
    """How prices are set."""
    source: SourceId
    """Key in ``sources``."""


@dataclass(frozen=True)
class Sellers:
    """Routes (C) on which exporters set prices."""

    arc: IntArray
    """(C,) route, ``(g R + i) R + j``."""
    group: IntArray
    """(C,) number of the group."""
    weight: Array
    """(C,) share of the markup on residual demand; zero for stated markups [1]."""
    rate: Array
    """(C,) stated markup on marginal cost; zero for the others [1]."""
    fixed: NDArray[np.bool_]
    """(C,) whether rivals' tonnes count as fixed."""
    base: Array
    """(C,) markup of the base year, part of the base-year price [USD/t]."""
    elasticity: tuple[str, ...]
    """(C,) elasticity of sourcing of the good, for messages."""

    @classmethod
    def none(cls) -> Sellers:
        """Nobody."""
        places, numbers = np.zeros(0, dtype=np.intp), np.zeros(0)
        return cls(places, places, numbers, numbers, np.zeros(0, dtype=bool), numbers, ())


def sellers(
    conduct: Sequence[Conduct],
    goods: Sequence[str],
    regions: Sequence[str],
    flow: Array,
    chain: Chain,
) -> Sellers:
    """Routes abroad with base-year trade (G, R, R) of every group; base-year markups are zero."""
    parts = []
    count, sigma = len(regions), {good.id: good.sourcing for good in chain.goods}
    for number, group in enumerate(conduct):
        g, members = goods.index(group.good), [regions.index(name) for name in group.exporters]
        named = regions if group.destinations is None else group.destinations
        abroad = np.setdiff1d([regions.index(name) for name in named], members)
        rule, name = group.rule, str(getattr(sigma[group.good], "sigma", ""))
        free = isinstance(rule, ResidualDemand)
        for i in members:
            for j in abroad[flow[g, i, abroad] > 0.0]:
                weight = rule.weight.fraction if isinstance(rule, ResidualDemand) else 0.0
                rate = rule.rate.fraction if isinstance(rule, StatedMarkup) else 0.0
                fixed = free and rule.rivals is Rivals.FIXED  # type: ignore[union-attr]
                parts.append(((g * count + i) * count + int(j), number, weight, rate, fixed, name))
    if not parts:
        return Sellers.none()
    arc, number_of, weights, rates, are_fixed, names = zip(*parts, strict=True)
    return Sellers(
        arc=np.array(arc, dtype=np.intp),
        group=np.array(number_of, dtype=np.intp),
        weight=np.array(weights),
        rate=np.array(rates),
        fixed=np.array(are_fixed),
        base=np.zeros(len(parts)),
        elasticity=names,
    )


def conduct_faults(chain: Chain, conduct: Sequence[Conduct]) -> Iterator[Fault]:
    """Names that are unknown, sellers in two groups, goods whose law has no such markup."""
    goods = {good.id: good for good in chain.goods}
    regions = [region.id for region in chain.regions]
    taken: set[tuple[str, str]] = set()
    for number, group in enumerate(conduct):
        here = f"assumptions.conduct.{number}"
        if group.good not in goods:
            known = ", ".join(goods)
            yield Fault(f"unknown good '{group.good}'", f"{here}.good", remedy=f"Known: {known}")
        elif isinstance(goods[group.good].sourcing, Homogeneous):
            problem = f"{group.good} is homogeneous: a buyer has one price for every origin"
            remedy = (
                "Exporters set prices, buyer by buyer, of logit and armington goods; state an "
                "export_tax or export_quota instead"
            )
            yield Fault(problem, f"{here}.good", remedy=remedy)
        for field, names in (
            ("exporters", group.exporters),
            ("destinations", group.destinations or ()),
        ):
            for name in names:
                if name not in regions:
                    remedy = "Known: " + ", ".join(regions)
                    yield Fault(f"unknown region '{name}'", f"{here}.{field}", remedy=remedy)
        for name in group.exporters:
            if (group.good, name) in taken:
                problem = f"{name} sells {group.good} in two groups, or stands twice"
                yield Fault(problem, f"{here}.exporters", remedy="Name it once")
            taken.add((group.good, name))
        if any(contract.good == group.good for contract in chain.contracts):
            problem = f"contracts bind trade in {group.good}, whose price would be set twice"
            yield Fault(problem, f"{here}.good", remedy="Leave out the contracts or the conduct")
