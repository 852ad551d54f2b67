"""Parts of a report that only some policies need: payments, public purchases, diverted trade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pricing.accounts.payments.purchases import purchases
from pricing.accounts.payments.supports import support_payments
from pricing.chains.network import Array, BoolArray
from pricing.instruments import ExportBan, ImportQuota, PriceGuarantee, Tariff
from pricing.instruments.price_guarantee import RegionPrice
from pricing.reporting.words import NONE, cents, change, million, per_kg, row_of, step, tonnes, wrap

if TYPE_CHECKING:
    from pricing.reporting.inputs import Result

MOST_FLOWS = 6
"""Flows that are printed, the largest changes first."""
SMALL_FLOW = 0.5
"""Smaller changes of a flow are not printed [t]."""
REACHED = 1e-3
"""Receipts this close below the strike have reached it, as a share of it [1]."""


@dataclass(frozen=True)
class PaymentRow:
    """What makers get under one price guarantee."""

    policy: str
    """Id of the policy."""
    good: str
    """Good."""
    region: str
    """Region of the makers."""
    price: float
    """Their ex-works price [USD/t]."""
    payment: float
    """Payment less what they hand back, on average over their output [USD/t]."""
    strike: float
    """Guaranteed price [USD/t]."""
    tonnes: float
    """Output covered [t]."""
    index: str
    """Region whose price is the index, if it is another one; else empty."""
    index_price: float
    """Price of the index [USD/t]."""
    share: float
    """Share of the gap that is promised [1]."""
    served: float
    """Part of the promise that cap and budget let through [1]."""
    sold: float
    """Share of output that is paid for: what finds a buyer, or all of it [1]."""

    @property
    def received(self) -> float:
        """Price and payment together [USD/t]."""
        return self.price + self.payment


def payment_rows(result: Result) -> Iterator[PaymentRow]:
    """One row for every price guarantee."""
    program, state = result.solved.program, result.solved.state
    setting = program.network.setting
    policies = {p.id: p for p in result.accounts.policies if isinstance(p, PriceGuarantee)}
    sums = support_payments(program, state)
    for support, at, money in zip(program.supports, state.supports, sums, strict=True):
        policy = policies.get(support.policy)
        if policy is None:
            continue  # a subsidy or an offtake: it has no strike to reach
        good, region = setting.good(policy.good, ""), setting.region(policy.region, "")
        makers = np.unique(support.process)
        output = float((state.level[0, makers] * setting.output[makers, good]).sum())
        paid, due = float(money.full[0].sum()), float((at.shortfall * at.output)[0].sum())
        net = paid - float(money.handed_back[0].sum())
        index = policy.index.region if isinstance(policy.index, RegionPrice) else policy.region
        yield PaymentRow(
            policy.id,
            policy.good,
            policy.region,
            float(state.price[0, good, region]),
            net / output if output > 0.0 else 0.0,
            support.strike,
            output,
            index if index != policy.region else "",
            float(state.price[0, good, setting.region(index, "")]),
            support.down,
            paid / due if due > 0.0 else 1.0,
            float(at.sold[0]),
        )


def payments(result: Result) -> Iterator[str]:
    """What makers get in all under price guarantees, beside the strike."""
    rows = list(payment_rows(result))
    if not rows:
        return
    yield (
        f"{'PAYMENTS, USD/kg':<24}{'price':>9}{'+ payment':>11}{'= received':>12}"
        f"{'strike':>10}{'tonnes':>13}"
    )
    for row in rows:
        cells = (
            f"{cents(row.price):>9}{cents(row.payment):>11}{cents(row.received):>12}"
            f"{cents(row.strike):>10}{tonnes(row.tonnes):>13}"
        )
        yield from row_of(f"{row.good}, {row.region}", 24, cells)
    for row in rows:
        gap = row.received / row.strike - 1.0 if row.strike > 0.0 else 0.0
        if abs(gap) > REACHED and (why := _why_not_the_strike(row)):
            side = "below" if gap < 0.0 else "above"
            yield from wrap(
                f"Makers in {row.region} get {100.0 * abs(gap):.1f} % {side} the strike: "
                f"{'; '.join(why)}.",
                "  ",
            )


def _why_not_the_strike(row: PaymentRow) -> list[str]:
    """What keeps receipts away from the strike."""
    found = []
    if row.served < 1.0 - REACHED:
        found.append(f"cap or budget let through {100.0 * row.served:.0f} % of the payment")
    if row.sold < 1.0 - REACHED:
        found.append(f"{100.0 * row.sold:.0f} % of output finds a buyer, and only that is paid for")
    if row.share < 1.0:
        found.append(f"{100.0 * row.share:.0f} % of the gap is promised")
    if row.index and abs(row.index_price - row.price) > REACHED * row.strike:
        found.append(
            f"the payment follows the price in {row.index} ({cents(row.index_price)}), not their "
            "own"
        )
    return found


def public_purchases(result: Result) -> Iterator[str]:
    """Tonnes bought, the price paid, and what the stock cost and would fetch."""
    program, state = result.solved.program, result.solved.state
    rows = [buy for buy in purchases(program, state) if buy.tonnes[0] > 0.0]
    if not rows:
        return
    yield (
        f"{'PUBLIC PURCHASES':<24}{'tonnes':>12}{'USD/kg paid':>13}"
        f"{'cost, mn USD':>15}{'at market':>14}"
    )
    names = program.network.goods, program.network.regions
    for buy in rows:
        bought, floor = float(buy.tonnes[0]), float(buy.floor[0])
        market = bought * float(state.price[0, buy.good, buy.region])
        cells = (
            f"{tonnes(bought):>12}{per_kg(floor):>13}"
            f"{million(bought * floor).lstrip('+'):>15}{million(market).lstrip('+'):>14}"
        )
        yield from row_of(f"{names[0][buy.good]}, {names[1][buy.region]}", 24, cells)
    yield "  The stock counts as zero in net; its value at market prices is not a gain."


def _aimed(result: Result) -> BoolArray:
    """(G,) goods with a tariff, quota or ban on particular origins."""
    setting = result.solved.program.network.setting
    aimed = np.zeros(len(setting.goods), dtype=bool)
    for policy in result.accounts.policies:
        if isinstance(policy, Tariff | ImportQuota | ExportBan):
            goods = policy.goods if isinstance(policy, ExportBan) else (policy.good,)
            if not setting.members(policy.origins, policy.where("origins")).all():
                aimed[[setting.good(good, policy.where("good")) for good in goods]] = True
    return aimed


def _share(arrivals: Array, origin: int) -> str:
    total = float(arrivals.sum())
    return f"{100.0 * float(arrivals[origin]) / total:.0f} %" if total > 0.0 else NONE


def transshipment(result: Result) -> Iterator[str]:
    """Tonnes sold under another name, and how much of a buyer's supply its true origin is."""
    network = result.solved.program.network
    if not network.relays.any():
        return
    flows = [at.state.flow[0] for at in (result.reference, result.solved)]
    yield f"{'SOLD UNDER ANOTHER NAME, t':<48}{'':>22}{'change':>9}"
    for k in np.flatnonzero(network.relays):
        g, place = int(np.argmax(network.outputs[k])), int(network.process_region[k])
        origin = int(network.setting.true_origin[place])
        for j in np.flatnonzero(np.isfinite(network.log_weight[g, place])):
            old, new = (float(flow[g, place, j]) for flow in flows)
            cells = f"{step(tonnes(old), tonnes(new)):>22}{change(old, new):>9}"
            yield from row_of(f"{network.processes[k]} -> {network.regions[j]}", 48, cells)
            named = (_share(flow[g, :, j], origin) for flow in flows)
            true = (_share(network.under_true_origins(flow[g, :, j]), origin) for flow in flows)
            yield from wrap(
                f"Share of {network.regions[origin]}: by name {' -> '.join(named)}, in truth "
                f"{' -> '.join(true)}.",
                "    ",
                "  ",
            )


def diversion(result: Result) -> Iterator[str]:
    """The largest changes of flows of goods with a policy on particular origins."""
    network = result.solved.program.network
    before, after = result.reference.state.flow[0], result.solved.state.flow[0]
    moved = np.abs(after - before) * _aimed(result)[:, None, None] * network.setting.proper
    value = moved * network.setting.price_scale[:, None, None]
    ranked = np.argsort(-value, axis=None, kind="stable")[:MOST_FLOWS]
    places = [np.unravel_index(int(n), moved.shape) for n in ranked]
    shown = [place for place in places if moved[place] >= SMALL_FLOW]
    if not shown:
        return
    yield f"{'FLOWS THAT CHANGE MOST, t':<48}{'':>22}{'change':>9}"
    for place in shown:
        good, origin, destination = (int(n) for n in place)
        names = network.goods[good], network.regions[origin], network.regions[destination]
        route = f"{names[1]} -> {names[2]}" if origin != destination else f"{names[1]}, own use"
        old, new = float(before[place]), float(after[place])
        cells = f"{step(tonnes(old), tonnes(new)):>22}{change(old, new):>9}"
        yield from row_of(f"{names[0]} {route}", 48, cells)
