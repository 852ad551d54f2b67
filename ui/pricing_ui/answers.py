"""What server and browser say to each other, in an order that suits both.

The browser looks at every element of a page whenever it hears that a script has begun, runs, or has
ended, if only to find it unchanged. Messages that trickle in make it do so three or four times for
one move of a lever; what arrives together it draws once. And a run that says nothing but asks for
another, as that of a lever does, need not be told.

The server may take back what it has not yet sent of a part of the page that is to be drawn again,
but not what follows that part on the page. A lever that is moved while its page is still being
drawn would leave the browser with elements that have no place; it waits until the page is out.
"""

from __future__ import annotations

import asyncio
from itertools import takewhile
from struct import Struct
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_WAITS, PART_WAITS = 0.1, 0.5
"""Seconds that an answer waits for its end; after them it shows what it has. A page that is there
already is better drawn anew once, even if late."""
JOINED = b"answers=whole"
"""What a browser asks for that hears many messages as one; see ``whole.js``."""
SAID = "websocket.send"
MANY, LENGTH = b"\0", Struct("!I")
"""What many messages begin with, and each of them; none of Streamlit's begins with a zero."""
FRAMING = "new_session", "session_status_changed", "script_finished"
"""What is said of every run."""


class WholeAnswers:
    """Sends what a run of the script has to say in one go, and lets parts wait for their page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        page = Page()
        joined = JOINED in scope["query_string"].split(b"&")
        asked, answer = Asked(receive, page), Answer(send, page, joined)
        try:
            await self.app(scope, asked.receive, answer.send)
        finally:
            await answer.drop()
            await asked.drop()


class Page:
    """The page of one connection."""

    def __init__(self) -> None:
        self.is_known = False
        """Whether the server has begun to draw it."""
        self.is_out = asyncio.Event()
        """Set while none is being drawn."""
        self.is_out.set()


class Asked:
    """Messages from one browser."""

    def __init__(self, receive: Receive, page: Page) -> None:
        self._receive = receive
        self._page = page
        self._kept: list[Message] = []
        self._next: asyncio.Task[Message] | None = None
        """What the browser says next, if it was awaited in vain."""

    async def receive(self) -> Message:
        """The next message; one that asks for a part of a page waits until the page is out.

        A server that was started anew does not know the parts of a page from before; it is asked
        for the page.
        """
        if not self._kept:
            self._kept.append(await self._heard())
        while self._waits():
            await self._page_or_message()
        message = self._kept.pop(0)
        if _of_a_part(message) and not self._page.is_known:
            message = _for_the_page(message)
        if _of_a_page(message):
            self._page.is_out.clear()
        return message

    def _waits(self) -> bool:
        """Whether what is next asks for a part of a page that is still wanted, and not yet out."""
        return (
            not self._page.is_out.is_set()
            and _of_a_part(self._kept[0])
            and not any(map(_takes_over, self._kept))
        )

    async def _page_or_message(self) -> None:
        """Return when the page is out, or the browser has said something more."""
        page = asyncio.create_task(self._page.is_out.wait())
        self._next = self._next or asyncio.create_task(self._hear())
        try:
            await asyncio.wait({page, self._next}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            page.cancel()
        if self._next.done():
            self._kept.append(await self._heard())

    async def _heard(self) -> Message:
        """What the browser says next."""
        heard = await (self._next or self._hear())
        self._next = None
        return heard

    async def _hear(self) -> Message:
        return await self._receive()

    async def drop(self) -> None:
        """Stop listening; the browser has gone."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)


def _said(message: Message) -> BackMsg:
    try:
        return BackMsg.FromString(message.get("bytes") or b"")
    except DecodeError:
        return BackMsg()  # it is the server that closes the door on such a browser


def _of_a_part(message: Message) -> bool:
    """Whether a message asks to draw a part of the page again."""
    return bool(_said(message).rerun_script.fragment_id)


def _for_the_page(message: Message) -> Message:
    """The message that asks for the page of the part that a message asks for."""
    said = _said(message)
    said.rerun_script.ClearField("fragment_id")
    return message | {"bytes": said.SerializeToString()}


def _of_a_page(message: Message) -> bool:
    """Whether a message asks to draw the page."""
    said = _said(message)
    return said.HasField("rerun_script") and not said.rerun_script.fragment_id


def _takes_over(message: Message) -> bool:
    """Whether nothing of the page that is being drawn is wanted any more."""
    gone = message["type"] == "websocket.disconnect"
    return gone or _said(message).HasField("stop_script") or _of_a_page(message)


class Answer:
    """Messages to one browser, kept from the beginning of a run to its end."""

    def __init__(self, send: Send, page: Page, joined: bool) -> None:
        self._send = send
        self._page = page
        self._joined = joined
        self._kept: list[Message] = []
        self._asks_again = False
        self._begun = 0
        """How many messages were kept when the run began."""
        self._silent = False
        """Whether the run has said nothing yet."""
        self._rests = False
        """Whether the script has come to rest with the last message."""
        self._until: asyncio.TimerHandle | None = None
        """When what is kept goes out at the latest; None while nothing waits."""
        self._late: asyncio.Task[None] | None = None
        self._in_turn = asyncio.Lock()

    async def send(self, message: Message) -> None:
        """Keep a message of a run; send it if it is the last, or late, or of no run."""
        self._kept.append(message)
        waits, ends = self._read(message)
        if waits and self._until is None:
            self._until = asyncio.get_running_loop().call_later(waits, self._waited)
        if self._forgets():
            del self._kept[self._begun :]
        if ends:
            self._stop()
        if self._until is None:
            await self._all()
        if ends:
            self._page.is_out.set()

    def _read(self, message: Message) -> tuple[float, bool]:
        """How long a run that begins may wait, and whether nothing more comes of one."""
        said = ForwardMsg.FromString(message.get("bytes") or b"")
        kind = said.WhichOneof("type")
        self._silent &= kind in FRAMING
        if kind == "script_finished":
            self._asks_again = said.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        self._rests = (
            kind == "session_status_changed" and not said.session_status_changed.script_is_running
        )
        waits = 0.0
        if kind == "new_session":
            self._begun, self._silent = len(self._kept) - 1, True
            of_parts = bool(said.metadata.run.fragment_ids)
            waits = PART_WAITS if of_parts else PAGE_WAITS
            if not of_parts:
                self._page.is_known = True
                self._page.is_out.clear()
        return waits, self._rests and not self._asks_again

    def _forgets(self) -> bool:
        """Whether a run has ended that said nothing, is followed by another, and is all kept."""
        going_out = self._until is None or (self._late is not None and not self._late.done())
        return self._rests and self._asks_again and self._silent and not going_out

    def _waited(self) -> None:
        self._until = None
        self._late = asyncio.create_task(self._all())

    async def _all(self) -> None:
        async with self._in_turn:
            while self._kept:
                await self._send(self._next())

    def _next(self) -> Message:
        """What goes out next: one message, or as many as a browser can hear as one."""
        said = list(takewhile(lambda message: message["type"] == SAID, self._kept))
        if not (said and self._joined):
            return self._kept.pop(0)
        del self._kept[: len(said)]
        texts = [message["bytes"] for message in said]
        parts = [MANY, *(LENGTH.pack(len(each)) + each for each in texts)]
        return {"type": SAID, "bytes": b"".join(parts)}

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
