"""Kinds of executor, apart from what they need."""

from enum import StrEnum


class Kind(StrEnum):
    """Kinds of executor."""

    SERIAL = "serial"
    """This process, one part after the other."""
    PROCESS = "process"
    """Processes on this computer."""
    DASK = "dask"
    """Workers of a Dask cluster that see the folder of the sweep."""
