"""Levels, uses and measured trade of a chain, and the balances between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property

import numpy as np

from pricing.chains.building.recipe import Level, NetExport, Recipe, Total, Use
from pricing.chains.building.reconcile import TOLERANCE, Balance, Measurement, Reconciled
from pricing.chains.building.rows_used import Values
from pricing.chains.building.trade import OriginTrade, flow_item, trade_by_origin
from pricing.chains.network import Array
from pricing.chains.schema import Chain
from pricing.errors import Fault, InputError


class Totals:
    """What moves together when the tonnes of a chain are balanced."""

    def __init__(self, chain: Chain, recipe: Recipe, values: Values) -> None:
        self.chain, self.recipe, self.values = chain, recipe, values
        self.goods = [good.id for good in chain.goods]
        self.regions = [region.id for region in chain.regions]
        technologies = {technology.id: technology for technology in chain.technologies}
        self.recipes = {p.id: technologies[p.technology] for p in chain.processes}
        self.measured_trade = recipe.measured_trade
        self.uses = {(row.good, row.region, row.use): row.item for row in recipe.uses}
        self.home_only = {
            prior.good
            for variant in recipe.variants.values()
            for prior in variant.priors
            if prior.home_only
        }

    @cached_property
    def by_origin(self) -> dict[str, OriginTrade]:
        """Good -> its trade by origin, where re-exports are taken out of the record."""
        rules = self.recipe.by_origin
        return {one.good: trade_by_origin(one, self.regions, self.values) for one in rules}

    def faults(self) -> Iterator[Fault]:
        """Names that the chain does not have, and figures that are missing."""
        levels = {row.process for row in self.recipe.levels}
        made = {process.id for process in self.chain.processes}
        named = {process for total in self.recipe.totals for process in total.processes}
        for process in sorted((levels | named) - made):
            yield Fault(f"'{process}' is no process of the chain", "levels")
        for process in sorted(made - levels):
            yield Fault(f"'{process}' has no level", "levels", remedy="Add one, or remove it")
        for place in {net.region for net in self.recipe.net_exports} - set(self.regions):
            yield Fault(f"'{place}' is no region of the chain", "net_exports")
        goods = {net.good for net in self.recipe.net_exports}
        for good in (goods | {route.good for route in self.recipe.routes}) - set(self.goods):
            yield Fault(f"'{good}' is no good of the chain", "routes or net_exports")
        yield from self._use_faults()
        yield from self._trade_faults()

    def _use_faults(self) -> Iterator[Fault]:
        bought = {(d.good, d.region, d.use) for d in self.chain.demands}
        for use in sorted(set(self.uses) - bought):
            yield Fault(f"'{', '.join(use)}' is no demand of the chain", "uses")
        missing = sorted(bought - set(self.uses))
        twice = Counter(use[:2] for use in missing)
        for use in missing:
            if use[0] not in self.measured_trade or twice[use[:2]] > 1:
                problem = f"'{', '.join(use)}' has no use"
                yield Fault(problem, "uses", remedy="Add one, or remove it")

    def _trade_faults(self) -> Iterator[Fault]:
        recipe, known = self.recipe, set(self.regions)
        named = {place for route in recipe.routes for place in (route.origin, route.destination)}
        priors = [prior for variant in recipe.variants.values() for prior in variant.priors]
        named |= {place for one in recipe.by_origin for place in one.places}
        named |= {place for prior in priors for place in prior.places}
        named |= {place for price in recipe.prices for place in price.regions}
        for place in sorted(named - known):
            yield Fault(f"'{place}' is no region of the chain", "routes, variants or prices")
        goods = {one.good for one in (*recipe.by_origin, *priors, *recipe.prices)}
        for good in sorted((goods | set(recipe.feed_at_home)) - set(self.goods)):
            yield Fault(f"'{good}' is no good of the chain", "by_origin, variants or prices")
        for route in recipe.routes:
            if route.good in self.measured_trade and route.deviation is None:
                problem = f"{route.good} from {route.origin} to {route.destination}"
                remedy = "Give every route of the good a deviation, or none"
                yield Fault(f"{problem} has no deviation", "routes", remedy=remedy)
        for name, variant in recipe.variants.items():
            for prior in variant.priors:
                if prior.good in self.measured_trade:
                    problem = f"trade in {prior.good} is measured, so that no prior is used"
                    yield Fault(problem, f"variants.{name}", remedy="Take the prior out")

    def measurements(self) -> Iterator[Measurement]:
        """Every figure with its confidence."""
        recipe, values = self.recipe, self.values
        rows: tuple[Level | Use | Total | NetExport, ...]
        rows = (*recipe.levels, *recipe.uses, *recipe.totals, *recipe.net_exports)
        for row in rows:
            value = abs(values(row))  # no item is negative; net imports change sign below
            size = values.of(row.deviation_of) if row.deviation_of else value
            yield Measurement(row.item, value, abs(size) * row.deviation, row.why, row.named)
        for trade in self.by_origin.values():
            yield from trade.measured
        for route in recipe.routes:
            if route.deviation is not None:
                item = flow_item(route.good, route.origin, route.destination)
                value = values(route)
                yield Measurement(item, value, value * route.deviation, route.why, route.named)

    def balances(self, items: frozenset[str]) -> Iterator[Balance]:
        """Output equals use of every good: in the world, by region, or route by route.

        Parameters
        ----------
        items : frozenset of str
            What is measured; of the routes of a good whose trade is measured these are open.
        """
        for good in self.goods:
            if good in self.measured_trade:
                yield from self._by_route(good, items)
            elif good in self.home_only:
                for region in self.regions:
                    terms = _net(self._made(good, region), self._used(good, region))
                    if terms:
                        yield Balance(f"{good} in {region}", terms)
            else:
                terms = _net(self._made(good), self._used(good))
                yield Balance(f"{good} in the world", terms)
        for total in self.recipe.totals:
            terms = {f"level of {process}": 1.0 for process in total.processes}
            yield Balance(total.item, terms | {total.item: -1.0})
        for net in self.recipe.net_exports:
            sign = -1.0 if self.values(net) >= 0.0 else 1.0
            terms = _net(self._made(net.good, net.region), self._used(net.good, net.region))
            yield Balance(net.item, terms | {net.item: sign})

    def _by_route(self, good: str, items: frozenset[str]) -> Iterator[Balance]:
        """Output of a region equals its sales; arrivals equal its use where that is measured."""
        uses = [(d.good, d.region, d.use) for d in self.chain.demands]
        free = {use[:2] for use in uses if use not in self.uses}
        for region in self.regions:
            sales = {flow_item(good, region, other): 1.0 for other in self.regions}
            sold = _net(self._made(good, region), {i: c for i, c in sales.items() if i in items})
            if sold:
                yield Balance(f"{good} from {region}", sold)
            bought = {flow_item(good, other, region): 1.0 for other in self.regions}
            terms = _net({i: c for i, c in bought.items() if i in items}, self._used(good, region))
            if terms and (good, region) not in free:
                yield Balance(f"{good} in {region}", terms)

    def _made(self, good: str, region: str | None = None) -> dict[str, float]:
        """Item -> tonnes of a good made per tonne, in a region or everywhere."""
        return {
            f"level of {process.id}": self.recipes[process.id].outputs[good].tonnes_per_tonne
            for process in self.chain.processes
            if region in (None, process.region) and good in self.recipes[process.id].outputs
        }

    def _used(self, good: str, region: str | None = None) -> dict[str, float]:
        """Item -> tonnes of a good used per tonne, in a region or everywhere."""
        inputs = {
            f"level of {process.id}": self.recipes[process.id].inputs[good].tonnes_per_tonne
            for process in self.chain.processes
            if region in (None, process.region) and good in self.recipes[process.id].inputs
        }
        final = {
            item: 1.0
            for (name, place, _), item in self.uses.items()
            if name == good and region in (None, place)
        }
        return inputs | final

    def levels(self, found: Reconciled) -> Array:
        """(K,) balanced levels [t]."""
        return np.array([found.values[f"level of {p.id}"] for p in self.chain.processes])

    def measured_flow(self, found: Reconciled, good: str) -> Array:
        """(R, R) balanced flows of a good whose trade is measured [t]."""
        return np.array(
            [
                [found.values.get(flow_item(good, i, j), 0.0) for j in self.regions]
                for i in self.regions
            ]
        )

    def by_region(self, found: Reconciled) -> tuple[Array, Array]:
        """Supply and use (G, R) of the goods whose trade is not measured [t]."""
        supply = np.zeros((len(self.goods), len(self.regions)))
        use = np.zeros_like(supply)
        for g, good in enumerate(self.goods):
            for r, region in enumerate(self.regions):
                supply[g, r] = _sum(found, self._made(good, region))
                use[g, r] = _sum(found, self._used(good, region))
        return supply, use

    def final_use(self, found: Reconciled) -> dict[tuple[str, str, str], float]:
        """(good, region, use) -> t; what arrives and nobody else uses if not measured.

        Raises
        ------
        InputError
            If others use more than arrives.
        """
        final = {use: found.values[item] for use, item in self.uses.items()}
        faults = []
        for d in self.chain.demands:
            use = d.good, d.region, d.use
            if use not in final:
                arrivals = self.measured_flow(found, d.good)[:, self.regions.index(d.region)].sum()
                left = float(arrivals) - _sum(found, self._used(d.good, d.region))
                if left < -TOLERANCE * arrivals:
                    problem = f"{d.region} uses {-left:.6g} t more {d.good} than arrive there"
                    faults.append(Fault(problem, "uses", remedy="Correct a level, or a flow"))
                final[use] = max(left, 0.0)
        if faults:
            raise InputError(faults)
        return final


def _net(plus: dict[str, float], minus: dict[str, float]) -> dict[str, float]:
    """Coefficients of a difference; none where they cancel."""
    terms = {i: plus.get(i, 0.0) - minus.get(i, 0.0) for i in dict.fromkeys((*plus, *minus))}
    return {item: coefficient for item, coefficient in terms.items() if coefficient}


def _sum(found: Reconciled, terms: dict[str, float]) -> float:
    """Balanced value of a sum [t]."""
    return sum(coefficient * found.values[item] for item, coefficient in terms.items())
