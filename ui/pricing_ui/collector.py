"""Python's garbage collector in a server that runs a script for every move of a slider."""

from __future__ import annotations

import gc
from functools import cache

YOUNG = 20_000
"""New objects between two looks at the young ones; a run of a page makes some thousands."""


@cache
def settle() -> None:
    """Set aside what the first run has loaded, once for the process.

    Modules, chains and charts stay as long as the server does. A full collection looked at all of
    them again: it took 0.3 s every fifty moves, and every session waited for it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
