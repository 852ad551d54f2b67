"""A lever that is moved before its page is whole leaves no element without a place."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from benchmarks.app_client import Client, session
from pricing import launch
from tests.support.loops import finished
from tools import browser

LEVER = "slider_policies.reference.level.price"


def put(tree: list[Any], path: list[int], is_block: bool) -> None:
    """Put an element where the browser would; an error if there is no such place."""
    *outer, index = path
    for step in outer:
        tree = tree[step]
    assert index <= len(tree), f"no place for {path}: {len(tree)} elements stand there"
    if index == len(tree):
        tree.append([])
    if not is_block:
        tree[index] = []


async def move_early(port: int, known: Client, delay: float) -> None:
    """Ask for the page, and move the lever after a delay [s], wherever the page is by then."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], proxy=None, max_size=None) as socket:
        page, lever = BackMsg(), known.asking(77.0 + delay)
        page.rerun_script.query_string = ""
        await socket.send(page.SerializeToString())
        await asyncio.sleep(delay)
        await socket.send(lever.SerializeToString())
        tree: list[Any] = [[], [], [], []]
        ends = 0
        while ends < 2:
            said = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), timeout=30))
            if said.HasField("delta") or said.HasField("ref_hash"):
                put(tree, list(said.metadata.delta_path), said.delta.HasField("add_block"))
            ends += Client.ended(said)


async def move_at_many_times(port: int) -> None:
    async with session(port, LEVER) as known:
        for step in range(30):
            await move_early(port, known, 0.004 * step)


@pytest.mark.slow
def test_an_early_move_finds_every_element_in_its_place() -> None:
    port = browser.free_port()
    with browser.served(launch.command(port), port, launch.environment(launch.DEFAULT)):
        finished(move_at_many_times(port))
