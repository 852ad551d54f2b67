"""From a chain document and assumptions to a calibrated network.

Every curve and weight is set so that the base year, with the duties that existed, is an
equilibrium exactly. What does not balance is an error that lists every imbalance.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing.chains import checks, disguise, elasticities, fleet, tables
from pricing.chains.assumptions import Assumptions
from pricing.chains.behaviour import Plant, demand_curves, off_base_demand, supply_curves
from pricing.chains.byproducts import by_products, feed_faults, net_of_rents, with_rents
from pricing.chains.capacity import expand, unbounded
from pricing.chains.conduct import conduct_faults, sellers
from pricing.chains.contracts import contract_faults, contracts
from pricing.chains.crossing import cross_prices
from pricing.chains.curves import Horizon
from pricing.chains.hosts import host_faults
from pricing.chains.laws import law_faults, sourcing_arrays, taken_as_homogeneous
from pricing.chains.network import Array, ByProducts, IntArray, Network
from pricing.chains.plants import coefficients, plants
from pricing.chains.processes import LatentProcess, Process
from pricing.chains.rebased import through_base_year
from pricing.chains.references import ALL
from pricing.chains.scales import level_scale, measured_by_use, scales
from pricing.chains.schema import Armington, Chain, Homogeneous
from pricing.chains.substituting import nests
from pricing.economics.cross import CrossPrices
from pricing.economics.curves import DemandCurves, SupplyCurves
from pricing.errors import Fault, InputError
from pricing.instruments.terms import Setting


def calibrate(
    chain: Chain,
    assumptions: Assumptions,
    zones: dict[str, tuple[str, ...]],
    rows: tables.Rows | None = None,
) -> Network:
    """Calibrate a chain to its benchmark.

    Parameters
    ----------
    chain : Chain
        The document.
    assumptions : Assumptions
        Horizon, elasticities, announced plants and the like.
    zones : dict
        Named sets of regions, for instruments.
    rows : Rows, optional
        Base year of a chain that states none.

    Raises
    ------
    InputError
        If names do not match, the benchmark does not balance, or a margin is not positive; every
        fault is listed.
    """
    builder = _Builder(chain, assumptions, rows)
    return builder.build(zones)


class _Builder:
    """Index maps and benchmark arrays of one chain under one set of assumptions."""

    def __init__(self, chain: Chain, assumptions: Assumptions, rows: tables.Rows | None) -> None:
        self.chain = chain
        self.assumptions = assumptions
        self.faults: list[Fault] = []
        self.goods = [good.id for good in chain.goods]
        self.regions = [region.id for region in chain.regions]
        latent = {plant.id: plant for plant in chain.latent}
        self.faults += checks.assumption_faults(chain, assumptions)
        self._stop_on_faults()
        self.chain = chain = taken_as_homogeneous(chain, assumptions.homogeneous)
        self.faults += conduct_faults(chain, assumptions.conduct)
        self.faults += host_faults(chain)  # where nobody insists on the host's good it may stop
        self._stop_on_faults()
        self.active: list[Process | LatentProcess]
        self.active = [*chain.processes, *(latent[name] for name in assumptions.latent)]
        self.names = [process.id for process in self.active]
        self.technologies = {technology.id: technology for technology in chain.technologies}
        self.elasticity = elasticities.chosen(chain, self.active, assumptions)
        self.faults += elasticities.smallest_faults(assumptions, self.elasticity)
        added = disguise.places(chain, assumptions)
        self.true_origin, self.sold_as = disguise.behind(len(self.regions), added)
        self.regions += [f"{self.regions[i]} via {self.regions[k]}" for i, k in added]
        self.variant = assumptions.benchmark or next(iter(chain.benchmarks), "")
        self.benchmark = rows or tables.Rows(
            chain.benchmarks[self.variant].rows, self.goods, self.regions, self.names, chain
        )
        self.disguised = disguise.disguises(chain, assumptions, added, self.benchmark.flow)
        self.benchmark.widened(self.sold_as)

    def _stop_on_faults(self) -> None:
        if self.faults:
            raise InputError(self.faults)

    def build(self, zones: dict[str, tuple[str, ...]]) -> Network:
        """Put everything together."""
        self.faults += checks.zone_faults(self.chain, zones)
        rows, costs = self.benchmark, self._trade_costs()
        inputs, outputs = coefficients(self.active, self.technologies, self.goods)
        region = np.array([self.regions.index(p.region) for p in self.active], dtype=np.intp)
        landed = costs.landed(rows.price)
        bound, agreed = contracts(self.chain, rows)
        share, parity = rows.shares(bound), self._parity(rows.flow, outputs, region)
        self._check_base_year(inputs, outputs, region, share)
        routes = self._routes(costs, parity)
        self._stop_on_faults()
        bought = sourcing_arrays(self.chain, self.elasticity, share, landed, parity)
        buyer_price = bought.buyer_price
        known = self.active, self.technologies, self.assumptions, rows
        running = plants(*known, (inputs, outputs), region, buyer_price)
        more, inputs, outputs, region = disguise.passages(
            self.disguised, rows, inputs, outputs, region
        )
        own = len(running) + len(more)
        running += [*more, *(route.plant for route in routes)]
        region = np.append(region, np.array([route.owner for route in routes], dtype=np.intp))
        inputs, outputs = (np.pad(a, ((0, len(routes)), (0, 0))) for a in (inputs, outputs))
        level = np.array([plant.level for plant in running])
        fixed, faults = elasticities.at_fixed_capacity(
            self.chain, self.assumptions, self.elasticity
        )
        self.faults += faults
        feeds, supply, paying = self._supply(running, level, fixed)
        setting = self._setting(zones, outputs, inputs, region, running, supply)
        minimum = np.array([plant.minimum for plant in running])
        capacity = np.array([plant.capacity for plant in running])
        demand, cross = self._demand(buyer_price)
        carried = fleet.fleet(routes, own, supply, len(self.regions))
        if rows.stated:
            self.faults += checks.input_faults(self.active, inputs, region, buyer_price, rows)
            self.faults += checks.level_faults(self.active, level, minimum)
        self._stop_on_faults()
        typical = level_scale(supply, capacity, level)
        curves = expand(self.chain, self.assumptions, (self.elasticity, fixed), paying, supply)
        setting, minimum, capacity = unbounded(curves, setting, minimum, capacity)
        nested = nests(self.chain, self.active, self.elasticity, region, buyer_price)
        network = Network(
            setting=replace(setting, replaceable=nested.replaceable(inputs)),
            inputs=inputs,
            nests=nested,
            outputs=outputs,
            process_region=region,
            supply=curves,
            minimum=minimum,
            capacity=capacity,
            level=level,
            level_scale=typical,
            by_products=feeds,
            demand_good=np.array([self.goods.index(d.good) for d in self.chain.demands], np.intp),
            demand_region=np.array(
                [self.regions.index(d.region) for d in self.chain.demands], np.intp
            ),
            demand_use=tuple(d.use for d in self.chain.demands),
            demand=demand,
            cross=cross,
            price=rows.price,
            buyer_price=buyer_price,
            flow=rows.flow,
            contracted=bound,
            contract_price=agreed,
            law=bought.law,
            log_weight=np.where(
                disguise.open_routes(self.disguised, share.shape, len(self.chain.regions)),
                bought.log_weight,
                -np.inf,
            ),
            theta=bought.theta,
            sigma=bought.sigma,
            premium=bought.premium,
            freight=self._fixed_freight(costs.freight, carried.arc),
            fleet=carried,
            insurance=costs.insurance,
            export_vat=costs.export_vat,
            customs_fob=costs.customs_fob,
            duties=costs.duties if self.assumptions.existing_duties else (),
            parity=parity > 0.0,
            evasion=disguise.evasion(self.disguised, share.shape),
            sellers=sellers(
                self.assumptions.conduct, self.goods, self.regions, rows.flow, self.chain
            ),
        )
        return measured_by_use(network)

    def _check_base_year(
        self, inputs: Array, outputs: Array, region: IntArray, share: Array
    ) -> None:
        """What cannot be calibrated, whatever the curves."""
        rows = self.benchmark
        self.faults += contract_faults(self.chain, rows)
        self.faults += law_faults(self.chain, self.elasticity)
        self.faults += checks.plant_faults(self.active)
        if rows.stated:
            where = f"benchmarks.{self.variant}"
            self.faults += checks.balance_faults(rows, inputs, outputs, region, where)
            self.faults += checks.price_faults(rows, share, where)

    def _trade_costs(self) -> tables.TradeCosts:
        """Costs of every route, disguised ones included, and what these cost in the base year."""
        rows, costs = self.benchmark, tables.TradeCosts(self.chain)
        self.faults += disguise.disguise_faults(self.chain, self.disguised, rows.shares())
        disguise.mirror(costs, self.sold_as)
        costs.freight = costs.freight if rows.freight is None else rows.freight
        disguise.fill(rows, costs, self.disguised)
        return costs

    def _supply(
        self, plants: list[Plant], level: Array, fixed: dict[str, float]
    ) -> tuple[ByProducts, SupplyCurves, list[Plant]]:
        """By-products, cost curves at fixed capacity, and plants with what is left of margins.

        The rents of by-products enter the margins of hosts.
        """
        feeds = by_products(self.chain, self.names)
        supply, faults = supply_curves(self.chain, fixed, plants)
        if feeds.process.size:
            feeds, seen = with_rents(feeds, plants, supply, level)
            supply, faults = supply_curves(self.chain, fixed, seen)
            faults += feed_faults(feeds, plants, level)
            plants = net_of_rents(feeds, seen)
        self.faults += faults if self.benchmark.stated else []
        return feeds, supply, plants

    def _parity(self, flow: Array, outputs: Array, region: IntArray) -> Array:
        """Parity shares of announced plants (every buyer) and of stated routes.

        Where several plants sell one good from one region, the odds ``s / (1 - s)`` of their
        shares abroad add up, as the weights of the sourcing law do; at home the largest stated
        share holds for the region.
        """
        odds, home = np.zeros_like(flow), np.zeros_like(flow)
        for k, plant in enumerate(self.active):
            if isinstance(plant, LatentProcess):
                r, share = region[k], min(plant.parity_share.fraction, 0.999)
                at_home = plant.home_share or plant.parity_share
                for good in np.flatnonzero(outputs[k] > 0.0):
                    odds[good, r, :] += share / (1.0 - share)
                    home[good, r, r] = max(home[good, r, r], at_home.fraction)
        parity = np.where(np.eye(len(self.regions), dtype=bool), home, odds / (1.0 + odds))
        for row in self.assumptions.parity_shares:
            g = self.goods.index(row.good)
            i, j = self.regions.index(row.origin), self.regions.index(row.destination)
            parity[g, i, j] = row.share.fraction
        for hidden in self.disguised:
            parity[hidden.good, hidden.place, hidden.destinations] = hidden.share
        return np.where(flow > 0.0, 0.0, np.minimum(parity, 0.999))

    def _routes(self, costs: tables.TradeCosts, parity: Array) -> list[fleet.Route]:
        """Routes whose transport has a price: those with trade, or where trade may begin."""
        rows = self.benchmark
        anywhere = np.array([isinstance(g.sourcing, Homogeneous) for g in self.chain.goods])
        used = (rows.flow > 0.0) | (parity > 0.0) | anywhere[:, None, None]
        found = fleet.routes(self.chain, costs, rows.flow, used)
        self.faults += fleet.route_faults(found, rows.stated)
        return found

    @staticmethod
    def _fixed_freight(freight: Array, arcs: np.ndarray) -> Array:
        """Freight of the routes without carriers of their own; zero on the others."""
        fixed = freight.copy()
        fixed.ravel()[arcs] = 0.0
        return fixed

    def _setting(
        self,
        zones: dict[str, tuple[str, ...]],
        outputs: Array,
        inputs: Array,
        region: IntArray,
        plants: list[Plant],
        supply: SupplyCurves,
    ) -> Setting:
        sizes = scales(plants, region, inputs, outputs, self.benchmark.price, supply)
        return Setting(
            goods=tuple(self.goods),
            regions=tuple(self.regions),
            territory=(
                *(r.territory or r.id for r in self.chain.regions),
                *self.regions[len(self.chain.regions) :],
            ),
            zones=dict(zones),
            bases={
                g.id: {b.name: b.tonnes_per_tonne.tonnes_per_tonne for b in g.bases}
                for g in self.chain.goods
            },
            processes=tuple(plant.id for plant in plants),
            process_region=region,
            output=outputs,
            recipe=sizes.recipe,
            inputs=inputs,
            benchmark_output=sizes.made,
            benchmark_flow=np.nan_to_num(self.benchmark.flow),
            price_scale=sizes.price,
            quantity_scale=sizes.quantity,
            one_price=np.array([isinstance(g.sourcing, Homogeneous) for g in self.chain.goods]),
            composite=np.array([isinstance(g.sourcing, Armington) for g in self.chain.goods]),
            true_origin=self.true_origin,
            sold_as=self.sold_as,
            unit_cost=sizes.unit_cost,
            size=sizes.size,
            year=self.assumptions.year,
        )

    def _demand(self, buyer_price: Array) -> tuple[DemandCurves, CrossPrices]:
        """Demand curves through the benchmark or a stated point, and what other prices do."""
        demands = self.chain.demands
        at = [(self.goods.index(d.good), self.regions.index(d.region)) for d in demands]
        price = np.array([buyer_price[g, r] for g, r in at])
        factor = np.ones(len(demands))
        for change in self.assumptions.demand:
            for n, d in enumerate(demands):
                if d.good == change.good and change.region in (ALL, d.region):
                    factor[n] *= change.factor.fraction
        base = (price, self.benchmark.demand)
        curves, cross, faults = self._demand_of(self.elasticity, base, buyer_price)
        flat = np.where(np.isfinite(buyer_price), buyer_price, 1.0).reshape(1, -1)
        if self.benchmark.stated:
            self.faults += faults
            shift = cross.shift(curves, flat)[0]
            self.faults += off_base_demand(curves, self.chain.demands, base, shift)
        elif self.assumptions.horizon is Horizon.LONG:
            known = elasticities.of_the_base_year(self.chain, self.assumptions)
            used = elasticities.chosen(self.chain, self.active, known)
            short = self._demand_of(used, base, buyer_price)[:2]
            curves, cross = through_base_year((curves, cross), short, price, flat)
        return replace(curves, quantity=curves.quantity * factor), cross

    def _demand_of(
        self, elasticity: dict[str, float], base: tuple[Array, Array], buyer_price: Array
    ) -> tuple[DemandCurves, CrossPrices, list[Fault]]:
        """Curves as the chain states them, what other prices do, and other prices that lack."""
        curves = demand_curves(self.chain, elasticity, base)
        return curves, *cross_prices(self.chain, elasticity, buyer_price, curves)
