"""The sessions before a race of a study, in a folder of their own."""

from __future__ import annotations

from pathlib import Path

from dryline.domain.weekend import PracticePace
from dryline.engine.opening import open_race
from dryline.engine.weekend import told_by
from dryline.studies.study import races_of


def practice_before(race: Path, sessions: Path | None) -> tuple[PracticePace, ...]:
    """Who was how fast before a race: ``imsa/2024/05-sebring`` has its sessions in that folder of
    ``sessions``; empty where there is none. A session that tells no dry pace is left out.
    """
    if sessions is None:
        return ()
    folder = race.resolve() if race.is_dir() else race.resolve().parent
    beside = sessions.joinpath(*folder.parts[-3:])
    found = races_of([beside]) if beside.is_dir() else []
    return told_by([open_race(each) for each in found], strict=False).paces
