"""The one scenario of a session, its history, and its solved result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st
from pricing_ui import links

import pricing
from pricing.editing.edits import value_at
from pricing.reporting.callouts import Callout, callouts
from pricing.reporting.figures import Baseline, Figure, NoPolicy
from pricing.reporting.headline import Headline, headline

if TYPE_CHECKING:
    from pricing_ui.kept import Kept

DESK = "desk"
"""Where the session keeps its desk."""
SCENARIO = "PRICING_SCENARIO"
"""Environment variable in which `pricing ui` names the scenario to open."""
DEFAULT = "forge_all_stages"
"""Scenario that opens where none is named."""
MOST_SOLVED = 200
"""Results kept by the server, the latest used."""
MOST_STEPS = 200
"""States that can be undone."""

Place = tuple[str, ...]
Draw = Callable[[pricing.Result, Baseline], Figure]
"""What makes a figure of a result."""


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
    seconds: float
    """What the server took to find out [s]."""
    _figures: dict[Draw, Figure] = field(default_factory=dict)

    def figure(self, draw: Draw) -> Figure:
        """A figure of the result, made once."""
        if draw not in self._figures:
            self._figures[draw] = draw(self.result, self.base)
        return self._figures[draw]

    @cached_property
    def headline(self) -> tuple[Headline, ...]:
        """The numbers that matter first."""
        return headline(self.result)

    @cached_property
    def callouts(self) -> tuple[Callout, ...]:
        """Messages of the result; none where it is not that of the present inputs."""
        return callouts(self.result) if self.failure is None else ()

    @cached_property
    def levers(self) -> dict[str, pricing.Lever]:
        """Path -> what a slider may move, in the order of the file."""
        return {lever.path: lever for lever in pricing.levers(self.scenario)}


@dataclass
class Draft:
    """A policy or source that is being written; the scenario knows nothing of it yet."""

    number: int
    """Tells drafts of a session apart."""
    place: Place | None
    """What it replaces; None for something new."""
    kind: str
    """Kind of its form."""
    data: dict[str, Any]
    """What has been filled in."""
    stood: Any = None
    """What stood in its place when it was begun."""
    tried: bool = False
    """Whether the reader asked for it; from then on its faults are told."""


class Step(NamedTuple):
    """One state of a session's work."""

    opened: pricing.Scenario
    """Scenario as it was opened."""
    scenario: pricing.Scenario
    """The same with its changes."""


@dataclass
class Desk:
    """What one session works on."""

    history: list[Step]
    """Every state, opened scenarios among them: to open another one can be undone too."""
    position: int = 0
    """Where in the history the session stands."""
    revision: int = 0
    """Grows when the scenario changes behind the back of the widgets that show it."""
    drafts: int = 0
    """Drafts begun so far."""
    draft: Draft | None = None
    """What is being written."""
    last: pricing.Result | None = None
    """Last result that could be solved."""
    view: View | None = None
    """What was drawn last."""
    saved: dict[str, pricing.Scenario] = field(default_factory=dict)
    """Variants kept for comparison, by name."""
    message: str = ""
    """Something to tell once."""
    told: str = ""
    """What was told last."""
    fresh: bool = True
    """Whether nothing was opened or changed yet in this session."""
    kept: Kept | None = None
    """What the tab still has of a session before this one."""

    @classmethod
    def on(cls, scenario: pricing.Scenario) -> Desk:
        """A desk with one scenario on it."""
        return cls([Step(scenario, scenario)])

    @property
    def loaded(self) -> pricing.Scenario:
        """Scenario as it was opened."""
        return self.history[self.position].opened

    @property
    def scenario(self) -> pricing.Scenario:
        """What the levers say."""
        return self.history[self.position].scenario

    def take(self, step: Step) -> None:
        """Go on from a new state; what was undone is gone."""
        self.history = [*self.history[: self.position + 1], step][-MOST_STEPS:]
        self.position, self.fresh = len(self.history) - 1, False


def begin() -> None:
    """Make the desk of a new session, from the link that opened it if there is one."""
    if DESK in st.session_state:
        return
    default = pricing.load_scenario(os.environ.get(SCENARIO, DEFAULT))
    desk = Desk.on(default)
    packed = st.query_params.get(links.PARAMETER)
    if packed is not None:
        try:
            shared = links.unpack(packed)
            desk = Desk.on(shared)
        except pricing.InputError as error:
            why = str(error)
            desk.message = (
                "The link could not be opened, so the default scenario stands here. "
                f"{why[:1].upper()}{why[1:]}"
            )
        del st.query_params[links.PARAMETER]
    st.session_state[DESK] = desk


def desk() -> Desk:
    """The desk of this session."""
    begin()
    found: Desk = st.session_state[DESK]
    return found


def open_scenario(scenario: pricing.Scenario) -> None:
    """Start again from a scenario; can be undone."""
    here = desk()
    here.take(Step(scenario, scenario))
    here.draft = None
    _behind_the_widgets(here)


def change(scenario: pricing.Scenario) -> None:
    """Change what is open; what was undone is gone."""
    here = desk()
    if scenario.document != here.scenario.document:
        here.take(Step(here.loaded, scenario))
        _forget_link()


def put(changes: Mapping[Place, Any]) -> None:
    """Put plain values at places from outside the widgets that show them; a refusal is told."""
    here = desk()
    try:
        change(pricing.amend(here.scenario, changes))
    except pricing.InputError as error:
        here.message = str(error)
    _behind_the_widgets(here)


def take_back(place: Place) -> None:
    """Put one place back as it was opened; a refusal is told."""
    here = desk()
    try:
        change(pricing.undone(here.loaded, here.scenario, place))
    except pricing.InputError as error:
        here.message = str(error)
    _behind_the_widgets(here)


def reset() -> None:
    """Back to the scenario as opened; can be undone."""
    here = desk()
    change(here.loaded)
    _behind_the_widgets(here)


def step(by: int) -> None:
    """Undo (-1) or redo (+1)."""
    here = desk()
    here.position = min(max(here.position + by, 0), len(here.history) - 1)
    _behind_the_widgets(here)


def draft(kind: str, data: dict[str, Any], place: Place | None = None) -> None:
    """Begin to write something."""
    here = desk()
    here.drafts += 1
    stood = None if place is None else value_at(here.scenario.data(), place)
    here.draft = Draft(here.drafts, place, kind, data, stood)


def _behind_the_widgets(here: Desk) -> None:
    here.revision += 1
    _forget_link()


def _forget_link() -> None:
    """A link in the address no longer says what is on screen."""
    if links.PARAMETER in st.query_params:
        del st.query_params[links.PARAMETER]


@st.cache_resource(max_entries=MOST_SOLVED, show_spinner=False)
def _solved(key: str, _scenario: pricing.Scenario) -> tuple[pricing.Result | str, float]:
    """Result of a scenario by all it says, or why there is none; and the seconds it took."""
    begin = time.perf_counter()
    found: pricing.Result | str
    try:
        found = pricing.solve(_scenario)
    except (pricing.NoEquilibriumError, pricing.InputError) as error:
        found = str(error)
    return found, time.perf_counter() - begin


def _looked_up(scenario: pricing.Scenario) -> tuple[pricing.Result | str, float]:
    """What the server knows of a scenario.

    A hash is of numbers alone; a result also shows names and texts, which are the reader's own.
    """
    return _solved(f"{scenario.hash} {scenario.document.model_dump_json()}", scenario)


def solved(scenario: pricing.Scenario) -> pricing.Result | str:
    """Result of a scenario, or why there is none."""
    return _looked_up(scenario)[0]


def current() -> View:
    """What the pages draw; the same object until the scenario changes."""
    here = desk()
    if here.view is None or here.view.scenario is not here.scenario:
        here.view = _view(here)
    return here.view


def _view(here: Desk) -> View:
    found, seconds = _looked_up(here.scenario)
    if isinstance(found, pricing.Result):
        here.last = found
        return View(here.scenario, found, NoPolicy.of(found), None, seconds)
    if here.last is None:
        here.last = pricing.solve(pricing.load_scenario("baseline"))
    return View(here.scenario, here.last, NoPolicy.of(here.last), found, seconds)
