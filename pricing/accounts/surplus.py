"""Change in surplus by agent, and the same total by areas.

Agents: surplus integrated over prices, plus lump sums, plus what treasuries and holders of rents
get. Areas: what goods are worth to users, less what it takes to make, move and switch them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pricing.accounts.contracting import contracted_sales
from pricing.accounts.parties import Account
from pricing.accounts.payments.margin_floors import margin_payments
from pricing.accounts.payments.purchases import purchases
from pricing.accounts.payments.supports import support_payments
from pricing.accounts.payments.take_or_pay import unused
from pricing.accounts.surplus_path import consumer_surplus
from pricing.accounts.volumes import add_at, beyond_average, money_price, stock_moves
from pricing.chains.network import Array, IntArray, Network
from pricing.economics.capacity import plant_rent
from pricing.equilibrium.program import Program
from pricing.equilibrium.state import State
from pricing.instruments.terms import Worth

if TYPE_CHECKING:
    from pricing.accounts.solution import Solution


def quasi_rent(program: Program, margin: Array) -> Array:
    """(N, K) integral of bounded supply over the margin [USD].

    Supply stays between the lowest and the highest level: beyond capacity the margin earns a
    capacity rent, below the must-run level it makes a loss. Where capacity adjusts, the area under
    long-run supply is what owners earn net of their part of the capital cost.
    """
    network = program.network
    low = np.where(program.open_process, np.minimum(network.minimum, network.capacity), 0.0)
    high = np.where(program.open_process, network.capacity, 0.0)
    return plant_rent(program.supply, margin, low, high)


def lump_sums(program: Program, state: State) -> Array:
    """(N, K) what processes get whatever they do at the margin [USD].

    The part of capped payments beyond the margin, a capped upside handed back, the floor price of
    public purchases above the market price, the rent of production quotas, what contracts are worth
    to sellers and pay for tonnes that are left, and margin floors.
    """
    total = lump_sums_before_floors(program, state)
    for floor, due in margin_payments(program, state):
        add_at(total, floor.process, due)
    return total


def lump_sums_before_floors(program: Program, state: State) -> Array:
    """(N, K) lump sums that count towards cash earnings [USD]."""
    network = program.network
    total = (state.multiplier @ program.limit.kept) * state.level
    total += contracted_sales(program, state)
    payments = support_payments(program, state)
    for support, paid in zip(program.supports, payments, strict=True):
        add_at(total, support.process, paid.lump_sum)
    for contract, _, amount in unused(program, state):
        add_at(total, contract.process, amount)
    for buy in purchases(program, state):
        premium = (buy.floor - state.price[:, buy.good, buy.region]) * buy.tonnes
        k = network.setting.makers(buy.good, buy.region)
        made = state.level[:, k] * network.outputs[k, buy.good]
        whole = np.maximum(made.sum(axis=1, keepdims=True), 1e-300)
        add_at(total, k, premium[:, None] * made / whole)
    return total


@dataclass(frozen=True)
class AgentChange:
    """Change of one account against the base, labelled."""

    account: Account
    """Kind of account."""
    region: str
    """Region."""
    name: str
    """Use, process, or instrument with its policy; empty for none."""
    good: str
    """Good; empty for none."""
    change: float
    """Change in surplus [USD]; the change of the row for ``sourcing``."""
    in_total: bool
    """Whether it is added up in the total by agents."""


TO_REPLACE = "to be bought back"
"""What the row of a stock's liability is called."""


@dataclass(frozen=True)
class Stocks:
    """Goods bought by intervention; worth nothing in the sum."""

    tonnes: Array
    """(N, G, R) tonnes bought [t]."""
    market_value: Array
    """(N, G, R) at ex-works prices [USD]."""
    cost: Array
    """(N, G, R) at what was paid [USD]."""


@dataclass(frozen=True)
class Agents:
    """Change in surplus of every account against the base [USD]."""

    network: Network
    """Names."""
    users: Array
    """(N, D) consumer surplus."""
    processes: Array
    """(N, K) quasi-rent and lump sums."""
    exporters: Array
    """(N, R) seller-held rents and captured gaps."""
    licence_holders: Array
    """(N, R) importer-held rents."""
    treasury_lines: dict[tuple[str, str], Array]
    """(instrument, policy) -> (N, R) change in receipts less payments."""
    stocks: Stocks
    """What public purchases took; not in the sum."""
    stock_sourcing: Array
    """(N, R) the non-money row that purchases for stocks bear, with a minus."""
    stock_worth: Array
    """(N, R) what changes of stocks count in the sum."""
    liabilities: Array
    """(N, G, R) what must be bought back later; not in the sum."""
    sourcing: Array
    """(N, G, R) change of the non-money row; already borne by users and processes."""
    cost_of_public_funds: float
    """Weight of treasuries in net welfare [1]."""

    @cached_property
    def treasuries(self) -> Array:
        """(N, R) change in receipts less payments of each treasury [USD]."""
        return np.asarray(sum(self.treasury_lines.values(), np.zeros_like(self.exporters)))

    @cached_property
    def users_by_region(self) -> Array:
        """(N, R) consumer surplus [USD]."""
        return _regions(self.users, self.network.demand_region, self.exporters)

    @cached_property
    def processes_by_region(self) -> Array:
        """(N, R) producer surplus [USD]."""
        return _regions(self.processes, self.network.process_region, self.exporters)

    @property
    def private(self) -> Array:
        """(N, R) change of everybody but treasuries [USD]."""
        people = self.users_by_region + self.processes_by_region
        held = self.stock_sourcing + self.stock_worth
        return people + self.exporters + self.licence_holders + held

    @property
    def total(self) -> Array:
        """(N,) change of all agents, treasuries at face value [USD]."""
        return np.asarray((self.private + self.treasuries).sum(axis=-1))

    @property
    def net_welfare(self) -> Array:
        """(N, R) change with treasuries weighted by the cost of public funds [USD]."""
        return self.private + self.cost_of_public_funds * self.treasuries

    @cached_property
    def rows(self) -> tuple[AgentChange, ...]:
        """Labelled changes of the first scenario."""
        return tuple(_rows(self))


def _regions(values: Array, index: IntArray, like: Array) -> Array:
    """(N, R) sums of values by region."""
    total = np.zeros((values.shape[0], like.shape[-1]))
    add_at(total, index, values)
    return total


def _rows(agents: Agents) -> list[AgentChange]:
    network = agents.network
    regions, goods = network.regions, network.goods
    rows = []
    for n, change in enumerate(agents.users[0]):
        region, good = regions[network.demand_region[n]], goods[network.demand_good[n]]
        rows.append(
            AgentChange(Account.USERS, region, network.demand_use[n], good, float(change), True)
        )
    for k, change in enumerate(agents.processes[0]):
        region, name = regions[network.process_region[k]], network.processes[k]
        rows.append(AgentChange(Account.PROCESSES, region, name, "", float(change), True))
    for r, region in enumerate(regions):
        for account, values in (
            (Account.EXPORTERS, agents.exporters),
            (Account.LICENCE_HOLDERS, agents.licence_holders),
            (Account.STOCKS, agents.stock_sourcing + agents.stock_worth),
        ):
            rows.append(AgentChange(account, region, "", "", float(values[0, r]), True))
        for (instrument, policy), line in agents.treasury_lines.items():
            name = f"{instrument}:{policy}" if policy else instrument
            change = float(line[0, r])
            rows.append(AgentChange(Account.TREASURIES, region, name, "", change, True))
    rows.append(AgentChange(Account.TRANSPORT, "", "", "", 0.0, True))
    for account, name, table in (
        (Account.STOCKS, "market value", agents.stocks.market_value),
        (Account.STOCKS, TO_REPLACE, -agents.liabilities),
        (Account.NOBODY, "sourcing", agents.sourcing),
    ):
        for g, r in np.argwhere(table[0] != 0.0):
            change = float(table[0, g, r])
            rows.append(AgentChange(account, regions[r], name, goods[g], change, False))
    return rows


def changes(solution: Solution, base: Solution, cost_of_public_funds: float) -> Agents:
    """Change in surplus by agent.

    Parameters
    ----------
    solution, base : Solution
        The scenario and its reference on the same network.
    cost_of_public_funds : float
        Weight of treasuries in net welfare [1].
    """
    program, state = solution.program, solution.state
    network = program.network
    lines, old = solution.ledger.treasuries, base.ledger.treasuries
    zero = np.zeros((state.price.shape[0], len(network.regions)))
    held = {
        account: solution.ledger.net(account) - base.ledger.net(account)
        for account in (Account.EXPORTERS, Account.LICENCE_HOLDERS)
    }
    return Agents(
        network=network,
        users=consumer_surplus(program, state, base.state) + solution.contracted - base.contracted,
        processes=solution.producers - base.producers,
        exporters=held[Account.EXPORTERS],
        licence_holders=held[Account.LICENCE_HOLDERS],
        treasury_lines={key: lines.get(key, zero) - old.get(key, zero) for key in {**lines, **old}},
        stocks=_stocks(program, state),
        stock_sourcing=_stock_sourcing(program, state) - _stock_sourcing(base.program, base.state),
        stock_worth=_stock_worth(program, state),
        liabilities=_liabilities(program, state),
        sourcing=solution.sourcing - base.sourcing,
        cost_of_public_funds=cost_of_public_funds,
    )


def _stocks(program: Program, state: State) -> Stocks:
    tonnes, cost = np.zeros_like(state.price), np.zeros_like(state.price)
    for buy in purchases(program, state):
        tonnes[:, buy.good, buy.region] += buy.tonnes
        cost[:, buy.good, buy.region] += buy.tonnes * buy.floor
    paid = money_price(program, state)
    for move in stock_moves(program, state):
        tonnes[:, move.good, move.region] += move.bought
        cost[:, move.good, move.region] += move.bought * paid[:, move.good, move.region]
    return Stocks(tonnes, tonnes * state.price, cost)


def _stock_sourcing(program: Program, state: State) -> Array:
    """(N, R) the part of the non-money row that purchases for stocks bear, with a minus [USD]."""
    beyond, total = beyond_average(program, state), np.zeros_like(state.price[:, 0])
    for move in stock_moves(program, state):
        total[:, move.region] -= beyond[:, move.good, move.region] * move.bought
    return total


def _stock_worth(program: Program, state: State) -> Array:
    """(N, R) what changes of stocks count in the sum [USD]."""
    paid, total = money_price(program, state), np.zeros_like(state.price[:, 0])
    worth = {holding.policy: holding.worth for holding in program.terms.holdings}
    for move in stock_moves(program, state):
        index, rule = state.index[:, move.good], worth.get(move.limit.policy)
        if rule is Worth.MARKET:
            total[:, move.holder] += (move.bought - move.released) * index[:, move.holder]
        elif rule is Worth.COST:
            spent = move.bought * paid[:, move.good, move.region]
            total[:, move.holder] += spent - move.released * index[:, move.region]
    return total


def _liabilities(program: Program, state: State) -> Array:
    """(N, G, R) released tonnes at the price at which they must be bought back [USD]."""
    total = np.zeros_like(state.price)
    price = {holding.policy: holding.replaced_at for holding in program.terms.holdings}
    for move in stock_moves(program, state):
        due = np.ravel(price.get(move.limit.policy, 0.0))
        total[:, move.good, move.holder] += due * move.released
    return total
