"""Which of several sessions in one file is read: the one that is named, else the race."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.feeds.remarks import Remarks

ORDER = ("test", "practice", "warm_up", "qualifying", "race")
"""Kinds of session, the one that counts most last."""


@dataclass(frozen=True)
class NamedSession:
    """A session in a file: its name there, and its kind."""

    name: str
    kind: str


def chosen(found: Sequence[NamedSession], session: str | None, remarks: Remarks) -> NamedSession:
    """The session called ``session``, by name or kind; without one the race, of equals the last.

    Raises:
        UnreadableFile: where there is none of that name.
    """
    wanted = found
    if session is not None:
        word = session.strip().casefold()
        wanted = [each for each in found if word in (each.name.casefold(), each.kind)]
    names = ", ".join(each.name for each in found)
    if not wanted:
        raise UnreadableFile(
            f"it holds no session {session!r}", file=remarks.file, remedy=f"It holds {names}."
        )
    best = max(enumerate(wanted), key=lambda each: (ORDER.index(each[1].kind), each[0]))[1]
    if len(found) > 1:
        remarks.add(
            "several_sessions",
            Severity.NOTE,
            f"the file holds {len(found)} sessions ({names}); {best.name} is read",
            rows=len(found),
        )
    return best
