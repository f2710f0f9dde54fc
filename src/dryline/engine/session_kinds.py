"""Which kind of session the files are of: as the user says, as their clock tells, by their name."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import polars as pl

from dryline.domain.choice import offered
from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.finding import Finding, Severity
from dryline.domain.race_info import RaceInfo
from dryline.domain.session_kind import SessionKind, kind_in_name
from dryline.feeds.alkamel.file_names import timing_name
from dryline.feeds.alkamel.taken_away import laps_taken_away
from dryline.race.laps import causal_columns, timed_laps
from dryline.race.race import Race
from dryline.race.session_kind import kind_by_clock


def known_kind(text: str) -> SessionKind:
    """A kind of session as a person types it: ``warm-up``, ``qualifying``.

    Raises:
        BadOption: naming the kinds that there are.
    """
    wanted = re.sub(r"[\s-]+", "_", text.strip().casefold())
    if wanted in set(SessionKind):
        return SessionKind(wanted)
    kinds = [kind.name_in_words for kind in SessionKind]
    raise BadOption(
        f"--session {text[:40]!r} is no kind of session", remedy=offered(text, kinds, "Kinds")
    )


def named_kind(path: Path) -> SessionKind | None:
    """What the name of the lap file says, else that of its folder; ``None`` where neither does."""
    for name in (path.stem, path.parent.name):
        said = timing_name(name)
        kind = None if said is None else kind_in_name(said.session)
        if kind is not None:
            return kind
    return None


def kind_of(
    path: Path, crossings: pl.DataFrame, stated: str | None = None
) -> tuple[SessionKind, tuple[Finding, ...]]:
    """The kind of the session in a lap file, and a remark where only its clock says so.

    What the source itself ``stated`` holds. Else the clock tells a race from the others, and the
    name says which of the others it was.
    """
    if stated in set(SessionKind):
        return SessionKind(stated), ()
    clock, name = kind_by_clock(crossings), named_kind(path)
    if clock is None or (name is not None and clock.is_race == name.is_race):
        return name or SessionKind.RACE, ()
    if clock.is_race and name is None:
        return clock, ()
    why = "the cars did not start together, they left their garages one by one"
    if clock.is_race:
        why = "the field started together"
    against = "" if name is None else f", though its name says {name.words}"
    found = Finding(
        kind="session_kind_inferred",
        severity=Severity.NOTE,
        message=f"taken for {clock.words}: {why}{against}",
        file=path.name,
        remedy="Say --session where it was another.",
    )
    return clock, (found,)


def of_kind(info: RaceInfo, kind: SessionKind) -> RaceInfo:
    """The same session, said to be of that kind."""
    return msgspec.structs.replace(info, session_kind=kind)


def taken_away(data: bytes, name: str, crossings: pl.DataFrame) -> tuple[Finding, ...]:
    """The laps of a session that was no race whose times did not count, as its file tells."""
    return laps_taken_away(data, name, causal_columns(crossings).filter(counted()))


def counted() -> pl.Expr:
    """Laps that could be a car's best, before any was taken away."""
    return (pl.col("lap") > 1) & timed_laps()


def refuse_unless_race(race: Race) -> None:
    """What only a race can be asked.

    Raises:
        NotKnown: where the session is another, with what it can be asked.
    """
    kind = race.info.session_kind
    if kind.is_race:
        return
    raise NotKnown(
        f"{race.info.name} is {kind.words}, not a race: its order is that of the best laps",
        remedy="Ask session, show, classification, laps, stints, stops or pace; if it is a race, "
        "say --session race.",
    )


def refuse_race(race: Race) -> None:
    """What a race cannot be asked.

    Raises:
        NotKnown: where it is one, with what it can be asked.
    """
    if not race.is_race:
        return
    raise NotKnown(
        f"{race.info.name} is a race: distance decides it, not the best lap",
        remedy="Ask show, stints, pace or debrief; if it was practice or qualifying, say "
        "--session practice or --session qualifying.",
    )
