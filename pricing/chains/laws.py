"""The sourcing laws of a chain, calibrated to its benchmark."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array
from pricing.chains.schema import Armington, Chain, Good, Homogeneous, Logit
from pricing.economics.sourcing import (
    Law,
    calibrate,
    calibrate_armington,
    homogeneous_premium,
)
from pricing.errors import Fault

_LAW = {Logit: Law.LOGIT, Homogeneous: Law.HOMOGENEOUS, Armington: Law.ARMINGTON}


def elasticity_name(good: Good) -> str | None:
    """Name of the elasticity of sourcing; none where every buyer takes the cheapest."""
    return None if isinstance(good.sourcing, Homogeneous) else good.sourcing.sigma


def taken_as_homogeneous(chain: Chain, goods: Collection[str]) -> Chain:
    """The chain with every good named bought from the cheapest."""
    if not goods:
        return chain
    law = Homogeneous(law="homogeneous")
    return chain.model_copy(  # a law without an elasticity refers to nothing: no need to validate
        update={
            "goods": tuple(
                good.model_copy(update={"sourcing": law}) if good.id in goods else good
                for good in chain.goods
            )
        }
    )


@dataclass(frozen=True)
class SourcingArrays:
    """Arrays of :class:`pricing.chains.network.Network` that the sourcing laws need."""

    law: tuple[Law, ...]
    """(G,) law of each good."""
    sigma: Array
    """(G,) elasticity; ``inf`` for homogeneous goods [1]."""
    log_weight: Array
    """(G, R, R) weights [1]."""
    theta: Array
    """(G, R) sensitivity of the logit law [t/USD]."""
    buyer_price: Array
    """(G, R) average landed price at the benchmark [USD/t]."""
    premium: Array
    """(G, R, R) fixed preferences of buyers of homogeneous goods [USD/t]."""


def sourcing_arrays(
    chain: Chain, elasticity: dict[str, float], share: Array, landed: Array, parity: Array
) -> SourcingArrays:
    """Weights of every good's law that reproduce benchmark shares (G, R, R) at ``landed``."""
    law = tuple(_LAW[type(good.sourcing)] for good in chain.goods)
    names = [elasticity_name(good) for good in chain.goods]
    sigma = np.array([np.inf if name is None else elasticity[name] for name in names])
    homogeneous = np.array([own is Law.HOMOGENEOUS for own in law])
    armington = np.array([own is Law.ARMINGTON for own in law])
    finite = np.where(homogeneous, 1.0, sigma)
    log_weight, theta, buyer_price = calibrate(share, landed, finite, parity)
    theta = np.where((homogeneous | armington)[:, None], 1.0, theta)
    by_value = np.where(share > 0.0, calibrate_armington(share, landed, finite), log_weight)
    log_weight = np.where(armington[:, None, None], by_value, log_weight)
    log_weight = np.where(homogeneous[:, None, None], 0.0, log_weight)
    premium = np.where(homogeneous[:, None, None], homogeneous_premium(share, landed), 0.0)
    return SourcingArrays(law, sigma, log_weight, theta, buyer_price, premium)


def law_faults(chain: Chain, elasticity: dict[str, float]) -> Iterator[Fault]:
    """Armington goods that feed a process, and elasticities at which the law does not exist."""
    for good in chain.goods:
        if not isinstance(good.sourcing, Armington):
            continue
        where = f"goods.{good.id}.sourcing"
        if not elasticity[good.sourcing.sigma] > 1.0:
            yield Fault(
                f"armington needs an elasticity above 1, not {elasticity[good.sourcing.sigma]:g}",
                f"{where}.sigma",
                remedy="Raise it, or use logit",
            )
        for technology in chain.technologies:
            if good.id in technology.inputs:
                yield Fault(
                    f"technology '{technology.id}' uses {good.id} in tonnes, but armington "
                    "composites are weighted by value: they are not tonnes",
                    where,
                    remedy="Use logit or homogeneous for goods that feed a process",
                )
