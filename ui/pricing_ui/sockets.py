"""A socket that sends without delay, and together what is written together.

Streamlit opens its socket without naming the protocol, and for such a one asyncio does not switch
off Nagle's algorithm (https://github.com/Kludex/uvicorn/issues/3149). Of an answer in many messages
all but the first would wait for the acknowledgement of the first, which many readers, proxies among
them, send after 40 ms.

An answer is some thirty messages, and asyncio sends each by itself. A browser that has the first
draws the page with it, and once more with the rest; what arrives in one piece it draws once.
"""

from __future__ import annotations

import socket
from typing import Any


class Gathering(socket.socket):
    """Sends at once what asyncio writes in one turn of its loop."""

    _of_browser = False
    """Whether a browser is at the other end; asyncio's own sockets, say, must send when told to."""
    _put_off = False
    """Whether the sender was told to come again."""

    def listen(self, *backlog: int) -> None:
        """Wait for connections; they inherit the option."""
        if self.family in (socket.AF_INET, socket.AF_INET6):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().listen(*backlog)

    def accept(self) -> tuple[socket.socket, Any]:
        """Take the connection of a browser; it is of this class, see :func:`install`."""
        connection, address = super().accept()
        if isinstance(connection, Gathering):
            connection._of_browser = True
        return connection, address

    def send(self, data: Any, *flags: int) -> int:
        """Send when asked for the second time.

        Refused, asyncio keeps what it has and comes again in the next turn, with all that was
        written in between.
        """
        self._put_off = self._of_browser and not self._put_off
        if self._put_off:
            raise BlockingIOError
        return super().send(data, *flags)

    def sendmsg(self, *parts: Any) -> int:
        """Send; newer Pythons ask for the second time in this way."""
        self._put_off = False
        return super().sendmsg(*parts)


def install() -> None:
    """Let all sockets that this process opens from now on be of this kind."""
    socket.socket = Gathering  # type: ignore[misc]
