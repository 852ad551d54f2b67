"""``streamlit run`` on a socket that sends at once: ``python serve.py app.py --server.port=8501``.

Streamlit opens its socket without naming the protocol, and for such a one asyncio does not switch
off Nagle's algorithm (https://github.com/Kludex/uvicorn/issues/3149). Of an answer in many messages
all but the first would wait for the acknowledgement of the first, which many readers, proxies among
them, send after 40 ms.
"""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path


class Undelayed(socket.socket):
    """A socket whose connections send what they are given at once."""

    def listen(self, *backlog: int) -> None:
        """Wait for connections; they inherit the option."""
        if self.family in (socket.AF_INET, socket.AF_INET6):
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().listen(*backlog)


def leave(*_: object) -> None:
    """End well: who is told to stop has not failed."""
    sys.exit(0)


if __name__ == "__main__":
    socket.socket = Undelayed  # type: ignore[misc]
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            told, leave
        )  # the server takes them first, and passes them on when it is done
    from streamlit.web import cli

    script, *flags = sys.argv[1:]
    served = Path(__file__).with_name("served.py")
    sys.argv = ["streamlit", "run", str(served), *flags, "--", script]
    cli.main()
