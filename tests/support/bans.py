"""Export bans of the small made-up chain."""

from __future__ import annotations

from typing import Any


def export_ban(good: str, *origins: str, to: str = "all") -> dict[str, Any]:
    """A ban on a good from some regions, as a scenario states it."""
    return {
        "id": "ban",
        "kind": "export_ban",
        "goods": [good],
        "origins": list(origins),
        "destinations": [to],
        "source": "made_up",
    }
