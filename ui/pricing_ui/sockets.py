"""A socket that sends without delay.

Streamlit opens its socket without naming the protocol, and for such a one asyncio does not switch
off Nagle's algorithm (https://github.com/Kludex/uvicorn/issues/3149). What follows in a second
piece would wait for the acknowledgement of the first, which many readers, proxies among them, send
after 40 ms.
"""

from __future__ import annotations

import socket


class Prompt(socket.socket):
    """Sends what it is given at once."""

    def listen(self, *backlog: int) -> None:
        """Wait for connections; they inherit the option."""
        if self.family in (socket.AF_INET, socket.AF_INET6):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().listen(*backlog)


def install() -> None:
    """Let all sockets that this process opens from now on be of this kind."""
    socket.socket = Prompt  # type: ignore[misc]
