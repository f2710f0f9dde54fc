"""Race control and outside facts from a file next to the race (``--messages FILE``).

CSV; ``at`` and ``kind`` are needed, all other columns may be left out. Times are race times,
``H:MM:SS`` since the start. Lines whose kind is one of race control's become
``RaceControlMessage``, the others ``Evidence``; ``docs/messages.md`` lists both.
"""

from __future__ import annotations

import csv
import difflib
import io
import shlex
from collections.abc import Iterable

from dryline.domain.errors import InputError
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.domain.legible import legible
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.write import long_text
from dryline.feeds.hand_written import HandRow, read_hand_written, write_hand_written
from dryline.feeds.remarks import Remarks

Message = RaceControlMessage | Evidence

COLUMNS = (
    "at", "kind", "text", "flag", "sector", "car_number", "car_class", "penalty",
    "laps_to_serve", "seconds", "source", "weight", "intensity", "probability", "from", "until",
    "tyre", "known_at",
)  # fmt: skip
RACE_CONTROL = (
    "flag", "vsc", "track_declared_wet", "track_declared_dry", "pit_lane_open",
    "pit_lane_closed", "investigation", "penalty", "note",
)  # fmt: skip
EVIDENCE = ("rain", "wet", "dry", "slow_zone", "rain_forecast", "tyre")
_NEEDS = {
    "flag": (("flag", "which flag?"),),
    "investigation": (("car_number", "which car?"),),
    "penalty": (("car_number", "which car?"), ("penalty", "which penalty?")),
    "tyre": (("car_number", "which car?"), ("tyre", "which tyre?")),
    "rain_forecast": (("from", "from when?"),),
}
_RACE_CONTROL_ONLY = ("flag", "car_class", "penalty", "laps_to_serve", "seconds")
_EVIDENCE_ONLY = ("weight", "intensity", "probability", "from", "until", "tyre")


def parse_messages(data: bytes, name: str, remarks: Remarks | None = None) -> tuple[Message, ...]:
    """All messages, ordered by the instant at which they became known, then by line.

    What had to be mended to read the file is added to ``remarks``.

    Raises:
        InputError: a line that cannot be used, with file, line and remedy.
    """
    rows = read_hand_written(data, name, columns=COLUMNS, needed=("at", "kind"), remarks=remarks)
    return tuple(sorted(map(_message, rows), key=lambda message: message.known_at.ms))


def parse_said(said: Iterable[str]) -> tuple[Message, ...]:
    """Messages typed one by one, as ``column=value`` words: ``at=3:42:00 kind=rain sector=3``.

    Raises:
        InputError: a word without ``=``, an unknown column, or a message that cannot be used.
    """
    return tuple(
        message
        for number, text in enumerate(said, start=1)
        for message in parse_messages(_as_table(text), f"--say {number}")
    )


def _as_table(text: str) -> bytes:
    try:
        words = [word.partition("=") for word in shlex.split(legible(text))]
    except ValueError as error:
        raise InputError(f"--say {text[:60]!r}: {error}", remedy="Close the quotation.") from error
    if any(not mark for _, mark, _ in words):
        raise InputError(
            f"--say {text[:60]!r} has a word without =",
            remedy="Write column=value words, like at=3:42:00 kind=track_declared_wet.",
        )
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow([column for column, _, _ in words])
    rows.writerow([value for _, _, value in words])
    return table.getvalue().encode()


def write_messages(messages: Iterable[Message]) -> bytes:
    """A messages file of these messages."""
    return write_hand_written(COLUMNS, [_cells(message) for message in messages])


def _message(row: HandRow) -> Message:
    kind = _kind(row)
    for column, question in _NEEDS.get(kind, ()):
        row.needed(column, question)
    row.needed("at", "when?")
    at = row.time_ms("at") or 0
    known_at = row.time_ms("known_at")
    if known_at is not None and known_at < at:
        raise row.fail("known_at lies before at", "Nothing is known before it happens.")
    known = Instant(at if known_at is None else known_at)
    if kind in EVIDENCE:
        return _evidence(row, kind, Instant(at), known)
    return _race_control(row, kind, Instant(at), known)


def _kind(row: HandRow) -> str:
    text = row.needed("kind", "what was said?")
    kind = text.lower()
    known = RACE_CONTROL + EVIDENCE
    if kind not in known:
        near = difflib.get_close_matches(kind[:40], known, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
        raise row.fail(f"unknown kind {text[:40]!r}", hint)
    others = _RACE_CONTROL_ONLY if kind in EVIDENCE else _EVIDENCE_ONLY
    for column in others:
        if row.text(column) is not None:
            raise row.fail(
                f"{column} does not go with kind {kind}", f"Leave the column {column} empty."
            )
    return kind


def _race_control(row: HandRow, kind: str, at: Instant, known: Instant) -> RaceControlMessage:
    return RaceControlMessage(
        happened_at=at,
        known_at=known,
        kind=kind,
        text=row.text("text") or "",
        flag=_flag(row),
        sector=row.whole("sector", 1, 9),
        car_number=row.text("car_number"),
        car_class=row.text("car_class"),
        penalty=row.text("penalty"),
        laps_to_serve=row.whole("laps_to_serve", 0, 999),
        seconds=row.number("seconds", 0, 86_400),
        source=row.text("source") or "race control",
    )


def _evidence(row: HandRow, kind: str, at: Instant, known: Instant) -> Evidence:
    weight = row.number("weight", 0, 1)
    start, end = row.time_ms("from"), row.time_ms("until")
    if start is not None and end is not None and end < start:
        raise row.fail("until lies before from", "Swap the two times.")
    return Evidence(
        happened_at=at,
        known_at=known,
        kind=kind,
        source=row.text("source") or row.file,
        weight=0.5 if weight is None else weight,
        sector=row.whole("sector", 1, 9),
        intensity=row.number("intensity", 0, 1000),
        probability=row.number("probability", 0, 1),
        from_at=None if start is None else Instant(start),
        until=None if end is None else Instant(end),
        car_number=row.text("car_number"),
        tyre=row.text("tyre"),
        text=row.text("text") or "",
    )


def _flag(row: HandRow) -> Flag | None:
    text = row.text("flag")
    if text is None:
        return None
    if text.upper() in spec.FLAGS:
        return spec.FLAGS[text.upper()]
    try:
        return Flag(text.lower())
    except ValueError:
        raise row.fail(f"unknown flag {text[:40]!r}", f"Known are {', '.join(Flag)}.") from None


def _cells(message: Message) -> dict[str, str]:
    cells: dict[str, object] = {
        "at": _clock(message.happened_at),
        "kind": message.kind,
        "text": message.text,
        "sector": message.sector,
        "car_number": message.car_number,
        "source": message.source,
    }
    if message.known_at != message.happened_at:
        cells["known_at"] = _clock(message.known_at)
    if isinstance(message, RaceControlMessage):
        cells |= {
            "flag": None if message.flag is None else message.flag.value,
            **{name: getattr(message, name) for name in _RACE_CONTROL_ONLY if name != "flag"},
        }
    else:
        cells |= {"from": _clock(message.from_at), "until": _clock(message.until)}
        cells |= {n: getattr(message, n) for n in ("weight", "intensity", "probability", "tyre")}
    return {name: "" if value is None else str(value) for name, value in cells.items()}


def _clock(at: Instant | None) -> str | None:
    return None if at is None else long_text(at.ms).removesuffix(".000")
