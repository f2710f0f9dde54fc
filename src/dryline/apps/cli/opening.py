"""What a race that was opened cannot be asked, said with errors that help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.instant import Duration, Instant

if TYPE_CHECKING:
    from dryline.race.moment import Moment
    from dryline.race.race import Race

SILENCE = Duration(3_600_000)
"""So long can nobody cross the line in a race that goes on: a red flag."""
SECOND = Duration(1000)


def may_be_over(race: Race, now: Instant) -> bool:
    """Whether a race read up to ``now`` may have nothing more to come; else there is no doubt."""
    return race.finish is not None or now - race.end > SILENCE


def refuse_beyond(race: Race, at: str) -> None:
    """Of a whole race nothing is known of a moment after its end.

    The end is its last crossing. A file that stops before anybody has won may be that of a race
    which goes on: it is asked about any moment of its scheduled length, and an hour of silence.

    Raises:
        BadOption: where ``at`` lies beyond it.
    """
    now, end = race.instant(at), race.end
    if race.finish is None:
        length = race.info.length
        end = max(end + SILENCE, Instant(0 if length is None else length.ms or 0))
    if now - end < SECOND:
        return
    raise BadOption(
        f"--at {at}: the last crossing of {race.info.name} is at {format_clock(race.end.ms)}",
        remedy="Name an earlier moment, or leave --at out for how it ended.",
    )


def refuse_finished(moment: Moment) -> None:
    """Of a race that is over there is nothing to forecast and nothing to advise.

    Raises:
        NotKnown: from the winner's finish on.
    """
    race, now = moment.race, moment.at
    if race.finish is None or now < race.finish:
        return
    won = format_clock(race.finish.ms)
    raise NotKnown(
        f"{race.info.name} is over at {format_clock(now.ms)}: it was won at {won}",
        remedy="Ask about a moment before that with --at; classification says how it ended.",
    )
