"""Messages of a run of the script go to the browser together, and never later than they may.

What a browser asks of a part of a page waits until the page is out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.support.loops import finished

pytestmark = pytest.mark.usefixtures("own_modules")
Script = Callable[[Any], Awaitable[None]]


def message(**content: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes": ForwardMsg(**content).SerializeToString()}


ACCEPT = {"type": "websocket.accept"}
CLOSE = {"type": "websocket.close"}
BEGIN = message(new_session={"name": "page"})
BEGIN_PART = message(new_session={"name": "page"}, metadata={"run": {"fragment_ids": ["part"]}})
RUNS = message(session_status_changed={"script_is_running": True})
RESTS = message(session_status_changed={"script_is_running": False})
DELTA = message(delta={"fragment_id": "part"})
END = message(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
AGAIN = message(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)


async def spoken(
    steps: list[dict[str, Any] | float], query: bytes = b""
) -> tuple[list[int], list[Any]]:
    """How many messages had gone out after each step, and which in the end.

    A step is a message, or seconds to wait; the query is what the browser asked for.
    """
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

    await WholeAnswers(app)({"type": "websocket", "query_string": query}, None, browser)
    in_order = iter(steps)
    assert query or all(said in in_order for said in sent)
    return counts, sent


def joined(*messages: dict[str, Any]) -> dict[str, Any]:
    """What a browser hears as one: a zero, then each message after its length."""
    texts = [message["bytes"] for message in messages]
    parts = [len(text).to_bytes(4, "big") + text for text in texts]
    return {"type": "websocket.send", "bytes": b"\0" + b"".join(parts)}


def after(*steps: dict[str, Any] | float) -> list[int]:
    return finished(spoken(list(steps)))[0]


def test_a_run_goes_out_at_its_end() -> None:
    assert after(BEGIN, RUNS, DELTA, END, RESTS) == [0, 0, 0, 0, 5]


def test_a_run_that_asks_for_another_is_not_the_end() -> None:
    steps = (BEGIN, RUNS, DELTA, AGAIN, RESTS, BEGIN, RUNS, DELTA, END, RESTS)
    assert after(*steps) == [0] * 9 + [10]


def test_a_run_that_only_asks_for_another_is_not_told() -> None:
    silent, loud = (BEGIN_PART, RUNS, AGAIN, RESTS), (BEGIN, RUNS, DELTA, END, RESTS)
    assert finished(spoken([*silent, *loud])) == ([0] * 8 + [5], [*loud])
    assert finished(spoken([*silent, *silent, *loud])) == ([0] * 12 + [5], [*loud])


def test_what_went_out_before_a_run_that_is_not_told_stays() -> None:
    begun = BEGIN_PART, RUNS, 0.8  # shown because it is late
    assert after(*begun, AGAIN, RESTS, BEGIN, END, RESTS) == [0, 0, 2, 3, 4, 4, 4, 7]


def test_what_is_of_no_run_goes_out_at_once() -> None:
    assert after(ACCEPT, DELTA, BEGIN, END, RESTS, DELTA) == [1, 2, 2, 2, 5, 6]


def test_a_slow_run_shows_itself_while_it_goes_on() -> None:
    assert after(BEGIN, RUNS, 0.3, DELTA, END, RESTS, BEGIN) == [0, 0, 2, 3, 4, 5, 5]


def test_parts_of_a_page_that_is_there_wait_longer() -> None:
    assert after(BEGIN_PART, RUNS, 0.3, DELTA, END, RESTS) == [0, 0, 0, 0, 0, 5]
    assert after(BEGIN_PART, RUNS, 0.8, DELTA, END, RESTS) == [0, 0, 2, 3, 4, 5]


def test_a_browser_that_asks_for_it_hears_an_answer_as_one_message() -> None:
    run = BEGIN, RUNS, DELTA, END, RESTS
    steps = [ACCEPT, DELTA, *run, BEGIN_PART, RUNS, 0.8, DELTA, CLOSE]
    assert finished(spoken(steps, b"answers=whole")) == (
        [1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6],
        [ACCEPT, joined(DELTA), joined(*run), joined(BEGIN_PART, RUNS), joined(DELTA), CLOSE],
    )


def test_a_browser_that_has_gone_is_not_spoken_to() -> None:
    assert after(BEGIN, RUNS) == [0, 0]


def asked(**content: Any) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": BackMsg(**content).SerializeToString()}


PAGE = asked(rerun_script={"query_string": ""})
PART = asked(rerun_script={"fragment_id": "part"})
PART_AGAIN = asked(rerun_script={"fragment_id": "part", "query_string": "again"})
STOP = asked(stop_script=True)
FILE = asked(file_urls_request={"request_id": "file"})
GONE = {"type": "websocket.disconnect"}
NOT_OF_STREAMLIT = {"type": "websocket.receive", "bytes": b"\xff\xff"}
TEXT = {"type": "websocket.receive", "text": "words"}


async def heard(steps: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """What the app had heard after each step; a step is what the browser or the app says."""
    from pricing_ui.answers import WholeAnswers

    line: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    reached: list[dict[str, Any]] = []
    after_each: list[list[dict[str, Any]]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def listen() -> None:
            while True:
                reached.append(await receive())

        listening = asyncio.create_task(listen())
        for step in steps:
            await (send(step) if step["type"] == "websocket.send" else line.put(step))
            await asyncio.sleep(0.01)
            after_each.append(list(reached))
        listening.cancel()

    async def browser(said: Any) -> None:
        pass

    await WholeAnswers(app)({"type": "websocket", "query_string": b""}, line.get, browser)
    return after_each


def test_a_part_waits_until_its_page_is_out() -> None:
    steps = [PAGE, BEGIN, RUNS, PART, FILE, DELTA, END, RESTS, PART_AGAIN]
    found = finished(heard(steps))
    assert found[:7] == [[PAGE]] * 7
    assert found[7:] == [[PAGE, PART, FILE], [PAGE, PART, FILE, PART_AGAIN]]


def test_a_page_that_the_server_draws_anew_is_waited_for_too() -> None:
    assert finished(heard([BEGIN, PART, END, RESTS])) == [[], [], [], [PART]]


def test_a_part_that_is_drawn_is_not_waited_for() -> None:
    assert finished(heard([BEGIN, END, RESTS, BEGIN_PART, PART]))[-1] == [PART]


def test_a_server_started_anew_is_asked_for_the_page_of_a_part() -> None:
    """It does not know the part; the browser thinks that it goes on where it was."""
    again = asked(rerun_script={"query_string": "again"})
    found = finished(heard([PART_AGAIN, BEGIN, END, RESTS, PART_AGAIN]))
    assert found[0] == [again]
    assert found[-1] == [again, PART_AGAIN]


def test_a_page_that_asks_for_another_run_is_not_out() -> None:
    found = finished(heard([PAGE, BEGIN, AGAIN, RESTS, PART, BEGIN, END, RESTS]))
    assert found[-2:] == [[PAGE], [PAGE, PART]]


@pytest.mark.parametrize("other", [PAGE, STOP, GONE])
def test_a_part_of_a_page_that_nobody_wants_any_more_does_not_wait(other: dict[str, Any]) -> None:
    found = finished(heard([PAGE, BEGIN, PART, other]))
    assert found[-2:] == [[PAGE], [PAGE, PART, other]]


@pytest.mark.parametrize("noise", [NOT_OF_STREAMLIT, TEXT])
def test_what_the_server_will_refuse_reaches_it(noise: dict[str, Any]) -> None:
    assert finished(heard([PAGE, noise]))[-1] == [PAGE, noise]
