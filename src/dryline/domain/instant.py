"""A moment and a length, as two types that cannot be mixed up.

Both hold whole milliseconds. ``Instant`` counts from the race's common start (ELAPSED 0 of
the timing files); ``Duration`` is the distance between two instants. The algebra is closed:

    Instant - Instant   -> Duration      Duration + Duration -> Duration
    Instant + Duration  -> Instant       Duration * number   -> Duration
"""

from __future__ import annotations

from typing import Any, Self, overload

from dryline.domain.clock_text import format_ms, parse_ms


class _Milliseconds:
    """What instants and durations share: an immutable, ordered count of milliseconds."""

    __slots__ = ("ms",)
    ms: int

    def __init__(self, ms: int) -> None:
        if isinstance(ms, bool) or not isinstance(ms, int):
            raise TypeError(f"{type(self).__name__} takes whole milliseconds, not {ms!r}")
        object.__setattr__(self, "ms", ms)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read any form found in timing files: ``52.588``, ``1:35.020``, ``1:02:03.4``."""
        return cls(parse_ms(text))

    @classmethod
    def from_seconds(cls, seconds: float) -> Self:
        """The nearest whole millisecond to ``seconds``."""
        return cls(round(seconds * 1000))

    @property
    def seconds(self) -> float:
        """The same in seconds, for kernels and charts."""
        return self.ms / 1000

    def __reduce__(self) -> tuple[type[Self], tuple[int]]:
        return type(self), (self.ms,)

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.ms))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.ms == self.ms

    def __lt__(self, other: Self) -> bool:
        return self.ms < self._same(other).ms

    def __le__(self, other: Self) -> bool:
        return self.ms <= self._same(other).ms

    def __gt__(self, other: Self) -> bool:
        return self.ms > self._same(other).ms

    def __ge__(self, other: Self) -> bool:
        return self.ms >= self._same(other).ms

    def _same(self, other: Any) -> Self:
        if type(other) is not type(self):
            raise TypeError(f"cannot compare {type(self).__name__} with {type(other).__name__}")
        return other

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __str__(self) -> str:
        return format_ms(self.ms)


class Duration(_Milliseconds):
    """A length of time in whole milliseconds; may be negative (a gap the other way)."""

    __slots__ = ()

    def __add__(self, other: Duration) -> Duration:
        return Duration(self.ms + self._same(other).ms)

    def __sub__(self, other: Duration) -> Duration:
        return Duration(self.ms - self._same(other).ms)

    def __neg__(self) -> Duration:
        return Duration(-self.ms)

    def __abs__(self) -> Duration:
        return Duration(abs(self.ms))

    def __mul__(self, factor: float) -> Duration:
        return Duration(round(self.ms * factor))

    __rmul__ = __mul__

    def __truediv__(self, other: Duration) -> float:
        return self.ms / self._same(other).ms

    def __bool__(self) -> bool:
        return self.ms != 0


class Instant(_Milliseconds):
    """A moment of the race, in whole milliseconds since the common start."""

    __slots__ = ()

    def __add__(self, other: Duration) -> Instant:
        if not isinstance(other, Duration):
            return NotImplemented
        return Instant(self.ms + other.ms)

    __radd__ = __add__

    @overload
    def __sub__(self, other: Instant) -> Duration: ...
    @overload
    def __sub__(self, other: Duration) -> Instant: ...
    def __sub__(self, other: Instant | Duration) -> Instant | Duration:
        if isinstance(other, Instant):
            return Duration(self.ms - other.ms)
        if isinstance(other, Duration):
            return Instant(self.ms - other.ms)
        return NotImplemented


START = Instant(0)
"""The common start: ELAPSED 0."""
