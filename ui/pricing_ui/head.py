"""A script of our own in the page that Streamlit sends, before any of its own.

Streamlit has no place for one, and what comes later, with an element, finds the connection to the
server open.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT = Path(__file__).with_name("whole.js")
STREAMLIT = b'<script type="module"'
"""Where the page loads Streamlit; no other page and no file that readers ask for has it."""
PAGE = "text/html"
AS_IT_IS = "accept-encoding", "if-none-match", "if-modified-since"
"""What may bring a page that is packed, or none since the browser has one, with an older script."""

OF_ITS_FILE = "etag", "last-modified"
"""Headers that tell the page as Streamlit has it from others."""


class OwnScript:
    """Puts the script into every page of the app."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _asks_for_page(scope):
            asked = MutableHeaders(scope=scope)
            for name in AS_IT_IS:
                del asked[name]
            send = _Page(send).send
        await self.app(scope, receive, send)


class _Page:
    """One answer of the server; if it is a page, it goes out when it is there and edited."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if _begins_page(message):
            self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        own = b"<script>%b</script>%b" % (SCRIPT.read_bytes(), STREAMLIT)
        body = self._body.replace(STREAMLIT, own, 1)
        headers = MutableHeaders(raw=self._start["headers"])
        headers["content-length"] = str(len(body))
        for name in OF_ITS_FILE:
            del headers[name]
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})


def _asks_for_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return PAGE in Headers(scope=scope).get("accept", "")


def _begins_page(message: Message) -> bool:
    begins = message["type"] == "http.response.start"
    return begins and Headers(raw=message["headers"]).get("content-type", "").startswith(PAGE)
