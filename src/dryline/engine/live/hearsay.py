"""What a feed says in the team's name: heard under the feed's own name, deciding nothing.

Whoever holds a feed can write any name before any words. So a name that a feed gives is worth what
the feed is: its words count, still under the feed's name, only where it was named as the team's.
"""

from __future__ import annotations

from msgspec.structs import replace

from dryline.domain.event import HEARD, Evidence, TeamInput, TimingEvent
from dryline.feeds.live.arrival import ArrivalForm
from dryline.race.team_evidence import TEAM_SOURCE


def as_heard(event: TimingEvent, source: str, form: str) -> TimingEvent:
    """The event as the feed ``source`` may state it; only what is the team's is changed."""
    counts = form == ArrivalForm.TEAM_LINES
    match event:
        case TeamInput(author=author) if counts and event.kind != HEARD:
            return replace(event, author=f"{source}: {author}")
        case TeamInput():
            return TeamInput(
                happened_at=event.happened_at,
                known_at=event.known_at,
                author=source,
                kind=HEARD,
                text=event.text,
            )
        case Evidence(source=team) if team.startswith(TEAM_SOURCE) and not counts:
            return replace(event, source=f"{source}: {team}")
    return event
