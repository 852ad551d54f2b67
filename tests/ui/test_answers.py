"""Messages of a run of the script go to the browser together, and never later than they may."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

pytestmark = pytest.mark.usefixtures("own_modules")
Script = Callable[[Any], Awaitable[None]]


def message(**content: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes": ForwardMsg(**content).SerializeToString()}


ACCEPT = {"type": "websocket.accept"}
BEGIN = message(new_session={"name": "page"})
RUNS = message(session_status_changed={"script_is_running": True})
RESTS = message(session_status_changed={"script_is_running": False})
DELTA = message(delta={"fragment_id": "part"})
END = message(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
AGAIN = message(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)


async def spoken(steps: list[dict[str, Any] | float]) -> list[int]:
    """How many messages had gone out after each step; a step is a message, or seconds to wait."""
    from pricing_ui.answers import WholeAnswers

    sent: list[Any] = []
    counts: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for step in steps:
            await (asyncio.sleep(step) if isinstance(step, float) else send(step))
            counts.append(len(sent))

    async def browser(said: Any) -> None:
        await asyncio.sleep(0)  # as a socket whose buffer is full
        sent.append(said)

    await WholeAnswers(app)({"type": "websocket"}, None, browser)
    assert sent == [step for step in steps if not isinstance(step, float)][: len(sent)]
    return counts


def after(*steps: dict[str, Any] | float) -> list[int]:
    return asyncio.run(spoken(list(steps)))


def test_a_run_goes_out_at_its_end() -> None:
    assert after(BEGIN, RUNS, DELTA, END, RESTS) == [0, 0, 0, 0, 5]


def test_a_run_that_asks_for_another_is_not_the_end() -> None:
    steps = (BEGIN, RUNS, AGAIN, RESTS, BEGIN, RUNS, DELTA, END, RESTS)
    assert after(*steps) == [0] * 8 + [9]


def test_what_is_of_no_run_goes_out_at_once() -> None:
    assert after(ACCEPT, DELTA, BEGIN, END, RESTS, DELTA) == [1, 2, 2, 2, 5, 6]


def test_a_slow_run_shows_itself_while_it_goes_on() -> None:
    assert after(BEGIN, RUNS, 0.3, DELTA, END, RESTS, BEGIN) == [0, 0, 2, 3, 4, 5, 5]


def test_a_browser_that_has_gone_is_not_spoken_to() -> None:
    assert after(BEGIN, RUNS) == [0, 0]
