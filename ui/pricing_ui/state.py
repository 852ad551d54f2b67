"""The one scenario of a session, its history, and its solved result."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import streamlit as st
from pricing_ui import links

import pricing
from pricing.reporting.figures import NoPolicy

DESK = "desk"
"""Where the session keeps its desk."""
SCENARIO = "PRICING_SCENARIO"
"""Environment variable in which `pricing ui` names the scenario to open."""
DEFAULT = "forge_all_stages"
"""Scenario that opens where none is named."""
MOST_SOLVED = 200
"""Results kept by the server, the latest used."""


@dataclass(frozen=True)
class View:
    """What a page draws."""

    scenario: pricing.Scenario
    """What the levers say."""
    result: pricing.Result
    """Its result, or the last one that could be solved."""
    base: NoPolicy
    """The same world without added policy."""
    failure: str | None
    """Why the scenario has no equilibrium; None where it has."""


@dataclass
class Desk:
    """What one session works on."""

    loaded: pricing.Scenario
    """Scenario as it was opened."""
    history: list[pricing.Scenario]
    """Every state since, the first one as loaded."""
    position: int = 0
    """Where in the history the session stands."""
    last: pricing.Result | None = None
    """Last result that could be solved."""
    saved: dict[str, pricing.Scenario] = field(default_factory=dict)
    """Variants kept for comparison, by name."""
    message: str = ""
    """Something to tell once."""

    @property
    def scenario(self) -> pricing.Scenario:
        """What the levers say."""
        return self.history[self.position]


def begin() -> None:
    """Make the desk of a new session, from the link that opened it if there is one."""
    if DESK in st.session_state:
        return
    default = pricing.load_scenario(os.environ.get(SCENARIO, DEFAULT))
    desk = Desk(default, [default])
    packed = st.query_params.get(links.PARAMETER)
    if packed is not None:
        try:
            shared = links.unpack(packed)
            desk = Desk(shared, [shared])
        except pricing.InputError as error:
            desk.message = f"The link could not be opened, so the default stands here. {error}"
        del st.query_params[links.PARAMETER]
    st.session_state[DESK] = desk


def desk() -> Desk:
    """The desk of this session."""
    begin()
    found: Desk = st.session_state[DESK]
    return found


def open_scenario(scenario: pricing.Scenario) -> None:
    """Start again from a scenario."""
    here = desk()
    here.loaded, here.history, here.position = scenario, [scenario], 0


def change(scenario: pricing.Scenario) -> None:
    """Take a new state; what was undone is gone."""
    here = desk()
    if scenario.hash != here.scenario.hash:
        here.history = [*here.history[: here.position + 1], scenario]
        here.position += 1


def step(by: int) -> None:
    """Undo (-1) or redo (+1)."""
    here = desk()
    here.position = min(max(here.position + by, 0), len(here.history) - 1)


@st.cache_resource(max_entries=MOST_SOLVED, show_spinner=False)
def _solved(key: str, _scenario: pricing.Scenario) -> pricing.Result | str:
    """Result of a scenario by its hash, or why there is none."""
    try:
        return pricing.solve(_scenario)
    except (pricing.NoEquilibriumError, pricing.InputError) as error:
        return str(error)


def solved(scenario: pricing.Scenario) -> pricing.Result | str:
    """Result of a scenario, or why there is none."""
    return _solved(scenario.hash, scenario)


def current() -> View:
    """What the pages draw."""
    here = desk()
    found = solved(here.scenario)
    if isinstance(found, pricing.Result):
        here.last = found
        return View(here.scenario, found, NoPolicy.of(found), None)
    if here.last is None:
        here.last = pricing.solve(pricing.load_scenario("baseline"))
    return View(here.scenario, here.last, NoPolicy.of(here.last), found)
