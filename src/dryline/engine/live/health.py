"""How each feed is doing, as part of the state: ages, silences, losses, what was odd."""

from __future__ import annotations

import msgspec

from dryline.domain.instant import Duration, Instant
from dryline.feeds.live.arrival import PassedOver

PATIENCE_MS = 75_000
KEPT = 50
BUDGET = 4 << 20
"""How many bytes more of no use than of use a feed may leave in the journal."""
OVERHEAD = 128
"""What a record costs beside its data, about."""


class Silence(msgspec.Struct, frozen=True, array_like=True):
    """Nothing was heard between two instants of the race."""

    from_ms: int
    until_ms: int


class FeedHealth(msgspec.Struct, frozen=True, kw_only=True):
    """One feed.

    ``state`` is ``waiting``, ``connected``, ``lost``, ``ended`` or ``typed`` (a person).
    ``facts`` were believed; ``duplicates`` had been heard before; ``corrections`` changed a
    lap; ``late`` came after something that happened later; ``garbage`` could not be read or
    believed; ``missing`` are lines that the feed's own numbering shows to be lost. ``heard_ms``
    is when it last said anything, ``fact_ms`` when it last said something new.

    ``used_bytes`` of its lines changed something, ``useless_bytes`` did not; where these outgrow
    the budget, ``unkept_bytes`` more are counted and not kept, at ``flooded_ms`` for the last time.
    """

    source: str
    state: str = "waiting"
    reason: str = ""
    facts: int = 0
    duplicates: int = 0
    corrections: int = 0
    late: int = 0
    garbage: int = 0
    missing: int = 0
    losses: int = 0
    attempt: int = 0
    retry_ms: int = 0
    heard_ms: int | None = None
    fact_ms: int | None = None
    silences: tuple[Silence, ...] = ()
    last_garbage: str = ""
    used_bytes: int = 0
    useless_bytes: int = 0
    unkept_bytes: int = 0
    flooded_ms: int | None = None

    @property
    def is_over_budget(self) -> bool:
        """Whether what it says of no use is no longer to be kept."""
        return self.useless_bytes - self.used_bytes > BUDGET

    def floods(self, now: Instant) -> bool:
        """Whether it goes on saying more of no use than is kept."""
        return self.flooded_ms is not None and now.ms - self.flooded_ms <= PATIENCE_MS

    def age(self, now: Instant) -> Duration | None:
        """How long ago it last said something new; ``None`` before it ever did."""
        return None if self.fact_ms is None else Duration(max(0, now.ms - self.fact_ms))

    def is_stale(self, now: Instant, patience: Duration | None = None) -> bool:
        """Whether it is lost, or has been silent for longer than ``patience``."""
        limit_ms = PATIENCE_MS if patience is None else patience.ms
        silent = self.heard_ms is not None and now.ms - self.heard_ms > limit_ms
        return self.state == "lost" or (silent and self.state not in ("ended", "typed"))


def heard(health: FeedHealth, at_ms: int, **counted: int) -> FeedHealth:
    """The health after something came at ``at_ms``; ``counted`` is added to the counts."""
    silences, before = health.silences, health.heard_ms
    if before is not None and at_ms - before > PATIENCE_MS:
        silences = (*silences, Silence(before, at_ms))[-KEPT:]
    sums = {name: getattr(health, name) + value for name, value in counted.items()}
    return msgspec.structs.replace(
        health,
        heard_ms=at_ms if before is None else max(before, at_ms),
        silences=silences,
        state="connected" if health.state == "waiting" else health.state,
        **sums,
    )


def spent(health: FeedHealth, at_ms: int, used: int, useless: int) -> FeedHealth:
    """The health after a record of so many bytes of use and of none."""
    after = msgspec.structs.replace(
        health,
        used_bytes=health.used_bytes + used,
        useless_bytes=health.useless_bytes + useless + (0 if used else OVERHEAD),
    )
    return msgspec.structs.replace(after, flooded_ms=at_ms) if after.is_over_budget else after


def passed_over(health: FeedHealth, at_ms: int, over: PassedOver) -> FeedHealth:
    """The health after lines that are counted and not kept."""
    after = heard(
        health,
        at_ms,
        garbage=over.garbage,
        duplicates=over.duplicates,
        missing=over.missing,
        unkept_bytes=over.bytes,
        useless_bytes=OVERHEAD,
    )
    return msgspec.structs.replace(after, flooded_ms=at_ms)
