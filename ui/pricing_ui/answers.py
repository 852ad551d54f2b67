"""Answers of the server that reach the browser whole.

The browser looks at every element of a page whenever it hears that a script has begun, runs, or has
ended, if only to find it unchanged. Messages that trickle in make it do so three or four times for
one move of a lever; what arrives together it draws once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 0.1
"""Seconds that an answer waits for its end; after them a slow page shows what it has."""


class WholeAnswers:
    """Sends what a run of the script has to say in one go."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        answer = Answer(send)
        try:
            await self.app(scope, receive, answer.send)
        finally:
            await answer.drop()


class Answer:
    """Messages to one browser, kept from the beginning of a run to its end."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._kept: list[Message] = []
        self._asks_again = False
        self._until: asyncio.TimerHandle | None = None
        """When what is kept goes out at the latest; None while nothing waits."""
        self._late: asyncio.Task[None] | None = None
        self._in_turn = asyncio.Lock()

    async def send(self, message: Message) -> None:
        """Keep a message of a run; send it if it is the last, or late, or of no run."""
        self._kept.append(message)
        begins, ends = self._read(message)
        if begins and self._until is None:
            self._until = asyncio.get_running_loop().call_later(LONGEST, self._waited)
        if ends:
            self._stop()
        if self._until is None:
            await self._all()

    def _read(self, message: Message) -> tuple[bool, bool]:
        """Whether a run begins, and whether nothing more comes of it."""
        said = ForwardMsg.FromString(message.get("bytes") or b"")
        kind = said.WhichOneof("type")
        if kind == "script_finished":
            self._asks_again = said.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        rests = (
            kind == "session_status_changed" and not said.session_status_changed.script_is_running
        )
        return kind == "new_session", rests and not self._asks_again

    def _waited(self) -> None:
        self._until = None
        self._late = asyncio.create_task(self._all())

    async def _all(self) -> None:
        async with self._in_turn:
            while self._kept:
                await self._send(self._kept.pop(0))

    def _stop(self) -> None:
        if self._until is not None:
            self._until.cancel()
            self._until = None

    async def drop(self) -> None:
        """Forget what is kept; the browser has gone."""
        self._stop()
        if self._late is not None:
            self._late.cancel()
            await asyncio.gather(self._late, return_exceptions=True)
