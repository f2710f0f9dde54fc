"""The stewards' decisions (``--decisions FILE``).

CSV with ``race,car_number,kind,seconds,laps,position,lap,reason``; ``race`` may be left out.
Further columns: ``basis`` says where a decision was read, ``driver`` whom it was given to,
``served`` (yes or no) whether a drive-through or stop was served.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.errors import BadDecision
from dryline.feeds.hand_written import HandRow, read_hand_written, write_hand_written
from dryline.feeds.remarks import Remarks

COLUMNS = (
    "car_number", "kind", "race", "seconds", "laps", "position", "lap", "reason", "basis",
    "driver", "served",
)  # fmt: skip
_NEEDS = {
    DecisionKind.TIME_PENALTY: ("seconds", "how many seconds are added?"),
    DecisionKind.LAPS: ("laps", "how many laps are taken away?"),
    DecisionKind.PLACED_AT: ("position", "at which overall place?"),
}


_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def parse_decisions(
    data: bytes, name: str, race: str | None = None, remarks: Remarks | None = None
) -> tuple[Decision, ...]:
    """The decisions in file order; with ``race`` given, only those that name it or no race.

    What had to be mended to read the file is added to ``remarks``.

    Raises:
        BadDecision: an unknown kind or column, or a missing value, with file, line and remedy.
    """
    decisions = []
    rows = read_hand_written(
        data,
        name,
        columns=COLUMNS,
        needed=("car_number", "kind"),
        error=BadDecision,
        remarks=remarks,
    )
    for row in rows:
        decision = _decision(row, name)
        if race is None or _is_of(row.text("race"), race):
            decisions.append(decision)
    return tuple(decisions)


def write_decisions(decisions: Iterable[Decision]) -> bytes:
    """A decisions file of these decisions."""
    return write_hand_written(COLUMNS, [_cells(decision) for decision in decisions])


def _is_of(named: str | None, race: str) -> bool:
    if named is None:
        return True
    return f"/{_plain(named)}/" in f"/{_plain(race)}/"


def _plain(race: str) -> str:
    """A race as it is compared, be it an id or the path of its file or folder."""
    return re.sub(r"[^a-z0-9/]+", "-", race.strip("/").lower())


def _decision(row: HandRow, name: str) -> Decision:
    kind = _kind(row)
    if kind in _NEEDS:
        row.needed(*_NEEDS[kind])
    return Decision(
        car_number=row.needed("car_number", "on which car?"),
        kind=kind,
        seconds=row.number("seconds", -86_400, 86_400),
        laps=row.whole("laps", 1, 9999),
        position=row.whole("position", 1, 999),
        lap=row.whole("lap", 1, 9999),
        reason=row.text("reason") or row.text("basis") or "",
        race=row.text("race"),
        driver=row.text("driver"),
        served=_served(row),
        file=name,
        line=row.line,
    )


def _served(row: HandRow) -> bool:
    text = (row.text("served") or "yes").lower()
    if text not in _YES_NO:
        raise row.fail(f"{text[:20]!r} says neither yes nor no", "Write yes or no under served.")
    return _YES_NO[text]


def _kind(row: HandRow) -> DecisionKind:
    text = row.needed("kind", "what was decided?")
    try:
        return DecisionKind(text.lower())
    except ValueError:
        near = difflib.get_close_matches(text.lower()[:40], list(DecisionKind), 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(DecisionKind)}."
        raise row.fail(f"unknown kind of decision {text[:40]!r}", hint) from None


def _cells(decision: Decision) -> dict[str, str]:
    numbers = {
        "seconds": decision.seconds,
        "laps": decision.laps,
        "position": decision.position,
        "lap": decision.lap,
    }
    cells = {name: "" if value is None else str(value) for name, value in numbers.items()}
    return {
        "car_number": decision.car_number,
        "kind": decision.kind.value,
        "reason": decision.reason,
        "race": decision.race or "",
        "driver": decision.driver or "",
        "served": "yes" if decision.served else "no",
        **cells,
    }
