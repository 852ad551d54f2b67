"""From a scenario document and a chain to a program, and to its no-policy reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar

import numpy as np

from pricing.chains.assumptions import Assumptions
from pricing.chains.baseyear import base_year, first_guess, plain
from pricing.chains.calibrate import calibrate
from pricing.chains.checks import zone_faults
from pricing.chains.elasticities import of_the_base_year
from pricing.chains.network import Array, Network
from pricing.chains.schema import Chain
from pricing.chains.tables import Rows
from pricing.core.shelf import Shelf
from pricing.equilibrium.conduct import base_markups, solve_with_conduct
from pricing.equilibrium.jumping import search
from pricing.equilibrium.outcomes import Search
from pricing.equilibrium.program import Program
from pricing.equilibrium.rationing import bought
from pricing.equilibrium.reduce import assemble, check, reduced
from pricing.equilibrium.solver import Diagnostics, solve
from pricing.equilibrium.state import State
from pricing.equilibrium.tiers import count_beyond
from pricing.errors import Fault, InputError, NoEquilibriumError
from pricing.instruments import AnyPolicy
from pricing.instruments.terms import Terms
from pricing.scenarios.rest import layers_of
from pricing.scenarios.schema import ScenarioDocument


@dataclass(frozen=True)
class Solved:
    """A program with its solution."""

    program: Program
    """What was solved."""
    z: Array
    """(1, n) scaled unknowns."""
    state: State
    """Everything that follows from them."""
    diagnostics: Diagnostics
    """How it was found."""
    search: Search | None = None
    """Regimes that were tried, where policies jump."""


@dataclass(frozen=True)
class World:
    """A calibrated chain and its equilibrium without added policy."""

    network: Network
    """Calibrated network."""
    reference: Solved
    """The no-policy equilibrium under the same assumptions."""


_Kept = TypeVar("_Kept", World | NoEquilibriumError, Network)
_MOST_KEPT = 64
_WORLDS = Shelf[World | NoEquilibriumError](_MOST_KEPT)
_NETWORKS = Shelf[Network](_MOST_KEPT)


def world(chain: Chain, document: ScenarioDocument) -> World:
    """The calibrated chain and its reference; kept for the next scenario on the same world.

    That it has none is kept as well: a table may ask for every row.

    Raises
    ------
    InputError
        If the assumptions do not fit the chain.
    NoEquilibriumError
        If the world has no equilibrium without policy.
    """

    def make() -> World | NoEquilibriumError:
        network = calibrated(chain, document)
        try:
            return World(network, _without_policy(network))
        except NoEquilibriumError as error:
            return error

    found = _kept(_WORLDS, chain, document, make)
    if isinstance(found, NoEquilibriumError):
        raise found.with_traceback(None)
    return found


def calibrated(chain: Chain, document: ScenarioDocument) -> Network:
    """The calibrated chain; kept for the next scenario on the same world."""

    def make() -> Network:
        zones = {name: tuple(regions) for name, regions in document.zones.items()}
        assumed = document.assumptions
        rows = None if chain.benchmarks else _own_base_year(chain, assumed, zones)
        return _with_base_markups(calibrate(chain, assumed, zones, rows), chain, assumed, rows)

    return _kept(_NETWORKS, chain, document, make)


def _kept(
    shelf: Shelf[_Kept],
    chain: Chain,
    document: ScenarioDocument,
    make: Callable[[], _Kept],
) -> _Kept:
    """What a shelf holds for the assumptions and zones of a scenario; made where it is missing."""
    zones = sorted((name, tuple(regions)) for name, regions in document.zones.items())

    def locked() -> _Kept:
        made = make()
        _lock_arrays(made)
        return made

    return shelf.get(chain, document.assumptions.model_dump_json() + repr(zones), locked)


def _without_policy(network: Network) -> Solved:
    program = assemble("no policy", network, Terms((len(network.goods), len(network.regions))))
    return Solved(*solve_with_conduct(program))


def _with_base_markups(
    network: Network, chain: Chain, assumptions: Assumptions, rows: Rows | None
) -> Network:
    """The markups that exporters who set prices charge in the base year.

    Raises
    ------
    InputError
        If no markup is best there, or it exceeds the price.
    """
    if not network.sellers.arc.size:
        return network
    at_base = plain(assumptions).revised(expansion=assumptions.expansion)
    neutral = calibrate(chain, at_base, {}, rows)
    empty = Terms((len(neutral.goods), len(neutral.regions)))
    program = assemble("base year", neutral, empty)
    z, state, _ = solve(program)
    base = base_markups(program, z, state)
    places = np.unravel_index(neutral.sellers.arc, neutral.flow.shape)
    where = np.ravel_multi_index(places, network.flow.shape)  # disguised origins come last
    assert np.array_equal(where, network.sellers.arc)
    return replace(network, sellers=replace(network.sellers, base=base))


def _own_base_year(
    chain: Chain, assumptions: Assumptions, zones: dict[str, tuple[str, ...]]
) -> Rows:
    """Solve a chain without a base year for one; once more from there, on its own scale.

    It is an equilibrium of the short run, whatever the horizon.
    """
    neutral = of_the_base_year(chain, plain(assumptions))
    rows = first_guess(chain)
    for _ in range(2):
        network = calibrate(chain, neutral, zones, rows)
        program, state = (solved := _without_policy(network)).program, solved.state
        flows, freight = state.flow[0], state.freight[0]
        solution = state.price[0], state.level[0], flows, bought(program, state)[0], freight
        rows = base_year(chain, network, solution)
    rows.level = np.append(rows.level, np.zeros(len(assumptions.latent)))  # announced plants
    return rows


def _lock_arrays(part: object) -> None:
    """Make every array below read-only: a world is shared by every scenario on it."""
    if isinstance(part, np.ndarray):
        part.setflags(write=False)
    elif isinstance(part, list | tuple):
        for item in part:
            _lock_arrays(item)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            _lock_arrays(getattr(part, field.name))


def scenario_faults(chain: Chain, document: ScenarioDocument) -> list[Fault]:
    """Every fault of a scenario on its chain: zones, assumptions and all policies at once.

    Policies are checked even where a zone has an unknown member or an assumption is wrong: the
    member is left out, the assumptions are the chain's own. That there is no equilibrium is no
    fault of the document: solving says so.
    """
    regions = {region.id for region in chain.regions}
    zones = {name: tuple(members) for name, members in document.zones.items()}
    faults = list(zone_faults(chain, zones))
    kept = {n: tuple(m for m in members if m in regions) for n, members in zones.items()}
    clean = {n: members or (chain.regions[0].id,) for n, members in kept.items()}
    if faults:
        document = document.revised(zones=clean)
    faults += [
        Fault(f"unknown benchmark '{name}'", f"variants.{n}", remedy=f"Known: {', '.join(known)}")
        for n, name in enumerate(document.variants)
        if name not in (known := chain.benchmarks)
    ]
    try:
        calibrated(chain, document)
    except InputError as error:
        faults += [fault for fault in error.faults if fault not in faults]
        plants, said = {plant.id for plant in chain.latent}, document.assumptions
        known_plants = tuple(plant for plant in said.latent if plant in plants)
        clean_world = Assumptions(latent=known_plants, horizon=said.horizon, year=said.year)
        document = document.revised(assumptions=clean_world)
    try:
        network = calibrated(chain, document)
        check(network, terms_of(document, network))
    except InputError as error:
        faults += [fault for fault in error.faults if fault not in faults]
    return faults


def active_policies(document: ScenarioDocument) -> tuple[AnyPolicy, ...]:
    """Policies in force in the year of the assumptions."""
    year = document.assumptions.year
    return tuple(policy for policy in document.policies if policy.in_force(year))


def build(document: ScenarioDocument, network: Network) -> Program:
    """Program of a scenario.

    Raises
    ------
    InputError
        With the faults of every policy at once.
    """
    return assemble(document.id, network, terms_of(document, network))


def solved(document: ScenarioDocument, network: Network) -> Solved:
    """Equilibrium of a scenario, the lowest self-consistent regimes where policies jump.

    Raises
    ------
    InputError
        With the faults of every policy at once.
    NoEquilibriumError
        If its conditions cannot be met.
    """
    terms = terms_of(document, network)
    check(network, terms)
    if not terms.jumps:
        program = reduced(document.id, network, terms)
        return Solved(*solve_with_conduct(program))
    found = search(document.id, network, terms)
    return outcomes(found)[0]


def outcomes(found: Search) -> tuple[Solved, ...]:
    """Every self-consistent equilibrium of policies that jump, the lowest regimes first."""
    return tuple(
        Solved(one.program, one.z, one.state, one.diagnostics, found) for one in found.consistent
    )


def terms_of(document: ScenarioDocument, network: Network, *, several: bool = False) -> Terms:
    """What the policies of a scenario add.

    Quantities that hold the numbers of ``several`` scenarios cannot be validated; that the names
    beside them exist is for the caller to know, from one of the scenarios.

    Raises
    ------
    InputError
        With the faults of every policy at once, and of the others where they meet.
    """
    policies = active_policies(document)
    terms, faults = _applied(policies, network, several=several)
    if not faults:
        return terms
    right = [p for p in policies if p.id not in faults and not faults.keys() & set(layers_of(p))]
    others, _ = _applied(right, network, several=several)
    found = [fault for some in faults.values() for fault in some]
    raise InputError([*found, *_contradictions(network, others)])


def _applied(
    policies: Sequence[AnyPolicy], network: Network, *, several: bool
) -> tuple[Terms, dict[str, tuple[Fault, ...]]]:
    """What policies add, and the faults of those that cannot be put to use."""
    terms = Terms((len(network.goods), len(network.regions)))
    faults: dict[str, tuple[Fault, ...]] = {}
    for policy in policies:
        try:
            if not several:
                policy.check(network.setting)
            policy.apply(network.setting, terms)
        except InputError as error:
            faults[policy.id] = error.faults
    count_beyond(terms)
    return terms, faults


def _contradictions(network: Network, terms: Terms) -> tuple[Fault, ...]:
    """What policies say against each other."""
    try:
        check(network, terms)
    except InputError as error:
        return error.faults
    return ()
