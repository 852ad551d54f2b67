"""From a calibrated network and the terms of its policies to a program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricing.chains.network import Network
from pricing.economics.sourcing import Law
from pricing.equilibrium import spatial
from pricing.equilibrium.arcs import Along
from pricing.equilibrium.arrays import limit_arrays
from pricing.equilibrium.ceilings import granted_supply
from pricing.equilibrium.charges import Charges
from pricing.equilibrium.choice import choice_sets, refuse_contradictions, require_offers
from pricing.equilibrium.lasting import lasting
from pricing.equilibrium.layout import Layout
from pricing.equilibrium.own_limits import own_limits
from pricing.equilibrium.program import Program
from pricing.equilibrium.unknowns import unknowns
from pricing.instruments.terms import Terms


def assemble(name: str, network: Network, terms: Terms) -> Program:
    """Reduce a network and the terms of its policies to a program.

    Raises
    ------
    InputError
        If two policies contradict each other on the same arc.
    InfeasibleError
        If a buyer without a choke price has nothing on offer.
    """
    check(network, terms)
    return reduced(name, network, terms)


def check(network: Network, terms: Terms) -> None:
    """Refuse policies that contradict each other.

    Raises
    ------
    InputError
        With every contradiction.
    """
    refuse_contradictions(network, terms, [*network.duties, *terms.duties])


def reduced(name: str, network: Network, terms: Terms) -> Program:
    """Program of terms that do not contradict each other.

    The numbers in ``terms`` may carry a scenario axis; then so does what follows from them.
    """
    kept = lasting(network)
    open_arcs, open_origin, open_process = choice_sets(network, terms)
    endings = kept.endings(terms.limits)
    require_offers(name, network, terms, open_arcs, endings)
    contracted = np.where(open_arcs, network.contracted, 0.0)
    offers = kept.offers(network, open_arcs, open_origin)
    limits = [*terms.limits, *kept.shortages, *own_limits(network, contracted)]
    charges = Charges.of(network, terms)
    shut, compared = (open_arcs, open_origin), (charges.value, charges.landed)
    limit = limit_arrays(network, limits, len(terms.supports), shut, compared)
    routes = spatial.routes(network, kept.goods[Law.HOMOGENEOUS], open_arcs, limit, charges.landed)
    opened = open_origin, open_process
    unserved = kept.unserved.copy()
    unserved[kept.demand_place[endings]] = np.inf
    program = Program(
        name=name,
        network=network,
        lasting=kept,
        terms=terms,
        supply=granted_supply(network, terms),
        open_arcs=open_arcs,
        contracted=contracted,
        bound=contracted.sum(axis=1),
        measured=(routes.goods, np.asarray(contracted.any(axis=(1, 2)))),
        open_origin=open_origin,
        open_process=open_process,
        charges=charges,
        along=Along.every(network, kept, offers, contracted, charges, limit),
        supports=tuple(terms.supports),
        limits=tuple(limits),
        limit=limit,
        routes=routes,
        endings=endings,
        entries=offers.entries,
        **vars(unknowns(network, opened, limits, limit, routes, unserved)),
    )
    return replace(program, blocks=Layout.of(program))
