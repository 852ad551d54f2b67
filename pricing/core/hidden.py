"""Errors of the system about files that are first written under a hidden name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def told_as(target: Path) -> Iterator[None]:
    """Let an error about a hidden file name the target instead, which is what the reader knows.

    Examples
    --------
    >>> with told_as(Path("results")):
    ...     Path("no/such/.export-x1").mkdir()
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] No such file or directory: 'results'
    """
    try:
        yield
    except OSError as error:
        name = error.filename
        if isinstance(name, str) and any(part.startswith(".") for part in Path(name).parts):
            error.filename = str(target)
        raise
