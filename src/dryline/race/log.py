"""An append-only list that can be shared: old states keep seeing their own length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Log(Generic[Item]):
    """An immutable sequence whose ``append`` costs the same however long it has grown.

    The items live in one list that all descendants share; each log remembers how many of them
    are its own. Appending to a log that is not the newest copies it first.
    """

    __slots__ = ("_items", "_length")

    def __init__(self, items: list[Item] | None = None) -> None:
        self._items: list[Item] = [] if items is None else items
        self._length = len(self._items)

    def append(self, item: Item) -> Log[Item]:
        """A log with one more item; this one is unchanged."""
        newest = self._length == len(self._items)
        items = self._items if newest else self._items[: self._length]
        items.append(item)
        return Log(items)

    def continues(self, other: Log[Item]) -> bool:
        """Whether this is ``other`` with perhaps some items more, known without comparing."""
        return self._items is other._items and self._length >= other._length

    def since(self, start: int) -> list[Item]:
        """The items from place ``start`` on."""
        return self._items[start : self._length]

    def __getitem__(self, index: int) -> Item:
        place = index + self._length if index < 0 else index
        if not 0 <= place < self._length:
            raise IndexError(index)
        return self._items[place]

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Item]:
        for index in range(self._length):
            yield self._items[index]
