"""What of the feeds is kept: everything, but of a feed beyond its budget only what is of use.

The lines that are left out are counted in records of their own, so that the journal tells the
same as the session knew.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace

from dryline.domain.instant import Instant
from dryline.engine.live.desk import Desk
from dryline.engine.live.health import OVERHEAD
from dryline.engine.live.hearing import Usefulness
from dryline.feeds.live.arrival import LINED, Arrival, ArrivalForm, PassedOver
from dryline.feeds.live.lines import LineReader
from dryline.feeds.said import Missing, Remarked

TOLD_BYTES, TOLD_MS = 256 << 10, 10_000
"""How much is left out, or for how long, before it is told."""


@dataclass
class _LeftOut:
    """A feed beyond its budget: how far it is read, and what was left out since last told."""

    reader: LineReader
    told_at: Instant
    sorts: Counter[Usefulness] = field(default_factory=Counter)
    bytes: int = 0
    missing: int = 0

    @property
    def is_much(self) -> bool:
        return self.bytes + OVERHEAD * self.sorts.total() >= TOLD_BYTES


class Sieve:
    """Arrivals on their way into a desk's records.

    Each that is let through must be applied before the next is asked for.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._feeds: dict[str, _LeftOut] = {}

    def through(self, arrival: Arrival, at: Instant) -> Iterator[Arrival]:
        """What is to be kept of an arrival that came at ``at``."""
        health = self._desk.state.feeds.get(arrival.source)
        if arrival.form in LINED and health is not None and health.is_over_budget:
            yield from self._sifted(arrival, at)
        elif arrival.source in self._feeds and arrival.form in (*LINED, ArrivalForm.STATUS):
            yield from self._whole(arrival, at)
        else:
            yield arrival

    def rest(self, at: Instant) -> Iterator[Arrival]:
        """What was left out and is not told yet."""
        for source, feed in self._feeds.items():
            if feed.bytes:
                yield _told(source, feed, at, feed.reader.seq)

    def _sifted(self, arrival: Arrival, at: Instant) -> Iterator[Arrival]:
        """Line by line what is of use; the rest is counted, and told now and then."""
        feed = self._feeds.get(arrival.source)
        if feed is None:
            feed = _LeftOut(copy.deepcopy(self._desk.reader(arrival.source)), at)
            self._feeds[arrival.source] = feed
            if feed.reader.rest:  # its beginning is kept already: it is taken anew when whole
                yield _told(arrival.source, feed, at, feed.reader.seq)
        unread = len(feed.reader.rest) + len(arrival.data)
        for line in feed.reader.lines(arrival.data):
            unread -= len(line) + 1
            after = feed.reader.seq
            if self._is_of_use(arrival, feed, line, at):
                if feed.bytes:
                    yield _told(arrival.source, feed, at, after)
                position = feed.reader.seq if arrival.position else 0
                yield replace(arrival, data=line + b"\n", position=position)
        feed.bytes += unread - len(feed.reader.rest)  # of empty and endless lines
        if feed.is_much or (feed.bytes and at.ms - feed.told_at.ms >= TOLD_MS):
            yield _told(arrival.source, feed, at, feed.reader.seq)

    def _is_of_use(self, arrival: Arrival, feed: _LeftOut, line: bytes, at: Instant) -> bool:
        said = list(feed.reader.said(line, at))
        worths = [
            self._desk.weigh(arrival.source, arrival.form, each, at)
            for each in said
            if not isinstance(each, Missing | Remarked)
        ]
        if Usefulness.OF_USE in worths:
            return True
        feed.bytes += len(line) + 1
        feed.sorts.update(worths or [Usefulness.NO_NEWS])
        feed.missing += sum(each.lines for each in said if isinstance(each, Missing))
        return False

    def _whole(self, arrival: Arrival, at: Instant) -> Iterator[Arrival]:
        """Within the budget again, or cut off: what was left out is told before what comes."""
        feed = self._feeds.pop(arrival.source)
        if arrival.form is ArrivalForm.STATUS:
            feed.bytes += len(feed.reader.rest)
            feed.sorts.update(Usefulness.GARBAGE for _ in feed.reader.cut_off())
        if feed.bytes:
            yield _told(arrival.source, feed, at, feed.reader.seq)
        yield replace(arrival, data=feed.reader.rest + arrival.data)


def _told(source: str, feed: _LeftOut, at: Instant, seq: int) -> Arrival:
    """The count of what was left out, to the line numbered ``seq``; counting begins anew."""
    over = PassedOver(
        bytes=feed.bytes,
        garbage=feed.sorts[Usefulness.GARBAGE],
        duplicates=feed.sorts[Usefulness.HEARD_BEFORE],
        missing=feed.missing,
        seq=seq,
    )
    feed.sorts, feed.bytes, feed.missing, feed.told_at = Counter(), 0, 0, at
    data = msgspec.json.encode(over)
    return Arrival(source=source, form=ArrivalForm.PASSED_OVER, data=data, position=seq)
