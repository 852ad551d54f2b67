"""How functions become machine code, and how long that is kept.

Only the functions that NumPy code calls are kept on disk, with all that they call inside. numba
finds them again by the text of their own file and by what they enclose: each encloses
:data:`STAMP`, so that a change of any file of this package has them compiled anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

unsigned: Any = np.uintp
ONE, TWO = unsigned(1), unsigned(2)
"""Places stay unsigned only in the company of unsigned numbers."""


def stamp_of(folder: Path) -> int:
    """A number that changes with the text of every Python file in a folder, and with its name."""
    text = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        text.update(file.relative_to(folder).as_posix().encode())
        text.update(file.read_bytes())
    return int.from_bytes(text.digest()[:7])


STAMP = stamp_of(Path(__file__).parent)


def _decorator(*liberties: str, **more: str) -> Callable[[Function], Function]:
    """Compile when first called."""
    # `_nrt` off: nothing counts references, which is a tenth of the time of a step
    options: dict[str, Any] = {"error_model": "numpy", "nogil": True, "_nrt": False, **more}

    def compile_later(function: Function) -> Function:
        made: Function = njit(fastmath=set(liberties), **options)(function)
        return made

    return compile_later


compiled = _decorator("contract")
reduction = _decorator("contract", "reassoc")
"""For sums, in any order."""
largest = _decorator("nnan", "nsz")
"""For maxima; what is not a number shows in the conditions that follow."""
put_in_place = _decorator("contract", inline="always")
"""For what is called once for every buyer: handing over arrays would cost more than the work."""


def kept(function: Function) -> Function:
    """Compile when first called, and keep the outcome beside its file or with the user's files."""
    made: Any = compiled(function)
    with suppress(RuntimeError):  # nowhere to write: every process compiles for itself
        made.enable_caching()
    kept_on_disk: Function = made
    return kept_on_disk
