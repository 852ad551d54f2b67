"""Hosts of by-products: whether they exist, and whether they may stop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pricing.errors import Fault

if TYPE_CHECKING:
    from pricing.chains.processes import Process
    from pricing.chains.schema import Chain


def host_faults(chain: Chain) -> Iterator[Fault]:
    """Hosts that do not exist, stand elsewhere or are by-products; logit goods that may run dry."""
    known = {process.id: process for process in chain.processes}
    for process in chain.processes:
        own = process.by_product_of
        if own is None:
            continue
        here, host = f"processes.{process.id}.by_product_of.host", known.get(own.host)
        if host is None or host is process:
            remedy = "Known: " + ", ".join(name for name in known if name != process.id)
            yield Fault(f"unknown host '{own.host}'", here, remedy=remedy)
        elif host.region != process.region:
            problem = f"{process.id} in {process.region} has a host in {host.region}"
            yield Fault(problem, here, remedy="Feed does not travel: name a host of the region")
        elif host.by_product_of is not None:
            problem = f"the host {host.id} is a by-product itself"
            yield Fault(problem, here, remedy=f"Name its host, {host.by_product_of.host}")
        else:
            yield from _may_run_dry(chain, process, host)


def _may_run_dry(chain: Chain, process: Process, host: Process) -> Iterator[Fault]:
    """A logit buyer wants some of every origin at any price: supply must not reach zero."""
    outputs = {t.id: set(t.outputs) for t in chain.technologies}
    laws = {good.id: good.sourcing.law for good in chain.goods}
    if host.minimum is not None and host.minimum.tonnes > 0.0:
        return
    makers = [p for p in chain.processes if p.region == process.region]
    at_host = outputs.get(host.technology, set())
    others = [p for p in makers if p is not host and outputs.get(p.technology, set()) & at_host]
    rivals = [p for p in chain.latent if p.region == host.region]
    others_later = [p for p in rivals if outputs.get(p.technology, set()) & at_host]
    needed = len(at_host) == 1 and all(laws.get(g) != "homogeneous" for g in at_host)
    if needed and not others and not others_later:
        return  # its own buyers keep it running
    for good in sorted(outputs.get(process.technology, set())):
        alone = all(
            p.by_product_of is not None for p in makers if good in outputs.get(p.technology, set())
        )
        if laws.get(good, "homogeneous") != "homogeneous" and alone:
            yield Fault(
                f"buyers of {good} want some from {process.region} at any price, but the host "
                f"{host.id} can stop, and then there is none",
                f"processes.{process.id}.by_product_of",
                remedy=f"Give {host.id} a minimum (must-run), or make {good} homogeneous",
            )
