"""What was made from an object that does not change, kept for the next one who asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Shelf(Generic[Made]):
    """Things by the identity of what they were made from; those used last are kept.

    Examples
    --------
    >>> shelf, owner = Shelf[int](most=1), object()
    >>> shelf.get(owner, "", lambda: 1), shelf.get(owner, "", lambda: 2)
    (1, 1)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        # The owner is kept too: while it is, no other object can have its id.
        self._kept: OrderedDict[tuple[int, Hashable], tuple[object, Made]] = OrderedDict()

    def __len__(self) -> int:
        """Things kept."""
        return len(self._kept)

    def get(self, owner: object, key: Hashable, make: Callable[[], Made]) -> Made:
        """The thing made from an owner under a key; made where it is missing."""
        at = id(owner), key
        with self._lock:
            known = self._kept.get(at)
            if known is not None:
                self._kept.move_to_end(at)
                return known[1]
        made = make()  # outside the lock: it may take long, and two that make the same agree
        with self._lock:
            self._kept[at] = owner, made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
