"""The version of the library, and its only place."""

__version__ = "0.1.0"
