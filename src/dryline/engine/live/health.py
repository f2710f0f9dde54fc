"""How each feed is doing, as part of the state: ages, silences, losses, what was odd."""

from __future__ import annotations

import msgspec

from dryline.domain.instant import Duration, Instant

PATIENCE_MS = 75_000
KEPT = 50


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
