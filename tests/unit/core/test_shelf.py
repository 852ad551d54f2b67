"""What was made from an object is kept, the latest used, and never taken for another's."""

from concurrent.futures import ThreadPoolExecutor

from pricing.core.shelf import Shelf


class Owner:
    """Something that others are made from."""


def test_a_thing_is_made_once_for_its_owner_and_key() -> None:
    shelf, one, other, made = Shelf[int](10), Owner(), Owner(), []

    def make() -> int:
        made.append(None)
        return len(made)

    assert [shelf.get(owner, key, make) for owner in (one, other, one) for key in "ab"] == [
        1, 2, 3, 4, 1, 2,
    ]  # fmt: skip


def test_the_latest_used_stay() -> None:
    shelf, owners = Shelf[int](2), [Owner() for _ in range(3)]
    shelf.get(owners[0], "", lambda: 0)
    shelf.get(owners[1], "", lambda: 1)
    shelf.get(owners[0], "", lambda: -1)
    shelf.get(owners[2], "", lambda: 2)
    assert len(shelf) == 2
    assert shelf.get(owners[0], "", lambda: -1) == 0
    assert shelf.get(owners[1], "", lambda: 3) == 3


def test_an_owner_that_is_gone_is_not_taken_for_a_new_one() -> None:
    shelf = Shelf[int](1000)
    found = [shelf.get(Owner(), "", lambda n=n: n) for n in range(100)]  # type: ignore[misc]
    assert found == list(range(100))


def test_what_fails_is_not_kept() -> None:
    shelf, owner = Shelf[float](2), Owner()
    for _ in range(2):
        try:
            shelf.get(owner, "", lambda: 1 / 0)
        except ZeroDivisionError:
            continue
        raise AssertionError
    assert len(shelf) == 0


def test_threads_share_it() -> None:
    shelf, owners = Shelf[int](5), [Owner() for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        asked = [n % 20 for n in range(2000)]
        found = list(pool.map(lambda n: shelf.get(owners[n], "", lambda: n), asked))
    assert found == asked
    assert len(shelf) == 5
