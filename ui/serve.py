"""``streamlit run`` on sockets that suit it: ``python serve.py app.py --server.port=8501``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from pricing_ui import sockets

TURN = 0.05
"""Seconds that a thread keeps the interpreter while others want it. The server's loop waits for the
whole answer of a script anyway; taking turns with it costs both, most where processors sleep."""


def leave(*_: object) -> None:
    """End well: who is told to stop has not failed."""
    sys.exit(0)


if __name__ == "__main__":
    sockets.install()
    sys.setswitchinterval(TURN)
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            told, leave
        )  # the server takes them first, and passes them on when it is done
    from streamlit.web import cli

    script, *flags = sys.argv[1:]
    served = Path(__file__).with_name("served.py")
    sys.argv = ["streamlit", "run", str(served), *flags, "--", script]
    cli.main()
