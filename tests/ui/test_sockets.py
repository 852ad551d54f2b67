"""What is written in one turn of the loop is sent in one piece, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from tests.support.loops import finished

pytestmark = pytest.mark.usefixtures("own_modules")


async def heard(pieces: list[bytes]) -> bytes:
    """What a reader hears of pieces that a server writes in one turn."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
        await writer.drain()
        writer.close()

    with socket.create_server(("127.0.0.1", 0)) as place:
        server = await asyncio.start_server(answer, sock=place)
        reader, writer = await asyncio.open_connection(*place.getsockname())
        async with server:
            found = await reader.read()
        writer.close()
        return found


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of what servers have sent, each as it went out."""
    from pricing_ui.sockets import Gathering

    sizes: list[int] = []

    class Counted(Gathering):
        def send(self, data: Any, *flags: int) -> int:
            size = super().send(data, *flags)
            sizes.extend([size] if self._of_browser else [])
            return size

        def sendmsg(self, *parts: Any) -> int:
            sizes.append(super().sendmsg(*parts))
            return sizes[-1]

    monkeypatch.setattr(socket, "socket", Counted)
    return sizes


def test_what_is_written_in_one_turn_goes_out_in_one_piece(sent: list[int]) -> None:
    pieces = [bytes([number]) * 100 for number in range(33)]
    assert finished(heard(pieces)) == b"".join(pieces)
    assert sent == [3300]


def test_what_does_not_fit_at_once_arrives_whole(sent: list[int]) -> None:
    pieces = [bytes([number]) * 1_000_000 for number in range(16)]
    assert finished(heard(pieces)) == b"".join(pieces)
    assert sum(sent) == 16_000_000
    assert len(sent) > 1


def test_a_socket_of_no_browser_sends_when_it_is_told_to() -> None:
    from pricing_ui.sockets import Gathering

    ours, theirs = socket.socketpair()
    with Gathering(ours.family, ours.type, fileno=ours.detach()) as ours, theirs:
        assert ours.send(b"now") == 3
        assert theirs.recv(3) == b"now"
