"""What a reader must know before using the numbers, in plain words, most important first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricing.accounts.books import Books
from pricing.accounts.floors import filled_twice, floor_warnings, paid_twice
from pricing.accounts.notices import CHANGED, Code, Warning_
from pricing.accounts.overlaps import not_by_its_plants, open_splits, undelivered
from pricing.accounts.surplus_path import path_warnings
from pricing.accounts.tied_trade import tied_trade
from pricing.accounts.warnings import makers, markets, policies


def warnings(books: Books) -> tuple[Warning_, ...]:
    """All warnings of the first scenario."""
    sources = (
        _failed_checks,
        _nothing_changed,
        markets.shortages,
        floor_warnings,
        makers.protection_missed,
        makers.shut,
        makers.minimum_lowered,
        policies.exhausted_limits,
        paid_twice,
        filled_twice,
        policies.kept_by_exporters,
        policies.binding_quotas,
        policies.shut_trade,
        open_splits,
        undelivered,
        not_by_its_plants,
        markets.worthless,
        policies.promises_not_kept,
        policies.idle_stocks,
        policies.routes_without_trade,
        policies.one_levy,
        tied_trade,
        markets.open_flows,
        path_warnings,
    )
    return tuple(warning for source in sources for warning in source(books))


def _failed_checks(books: Books) -> Iterator[Warning_]:
    for check in books.checks:
        if not check.passed:
            text = (
                f"Check of {check.name} failed by {check.error:.1e} of world spending "
                f"({check.worst or 'world'}): do not use these numbers."
            )
            yield Warning_(Code.CHECK_FAILED, text, check.name, {"error": check.error})


def _nothing_changed(books: Books) -> Iterator[Warning_]:
    network, state, base = books.program.network, books.state, books.base
    price = np.abs(state.price - base.price) / network.setting.price_scale[:, None]
    level = np.abs(state.level - base.level) / network.level_scale
    purses = np.abs(books.agents.treasuries).max(), np.abs(books.agents.private).max()
    own = {policy.id for policy in books.policies}
    rows = [block.amount for block in books.ledger.blocks if block.policy in own]
    paid = max((np.abs(amount).max(initial=0.0) for amount in rows), default=0.0)
    money = max(*purses, paid) / books.checks[0].scale
    if books.policies and max(price.max(), level.max(), money) < CHANGED:
        text = "Nothing changed: the policies ask for nothing at base-year prices and volumes."
        yield Warning_(Code.NOTHING_CHANGED, text, "")
