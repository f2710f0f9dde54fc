"""Screens as they were last looked at: any change shows up as a change of the golden file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.apps.conftest import Said, cli, race_file

__all__ = ["cli", "race_file"]

SCREENS = [
    ("show", "{race}"),
    ("show", "{race}", "--at", "0:31:00", "--class", "LMGT3", "--hero", "31"),
    ("classification", "{race}"),
    ("laps", "{race}", "--car", "7", "--at", "0:30:00"),
    ("stints", "{race}", "--car", "50"),
    ("stops", "{race}", "--class", "HYPERCAR"),
    ("neutralisations", "{race}"),
    ("gaps", "{race}", "--car", "8"),
    ("show", "imola-2024"),
    ("classification", "imola-2024", "--on-the-road"),
    ("plan", "imola-2024", "--car", "92", "--at", "4:50:00"),
]


@pytest.mark.parametrize("width", [80, 100, 150])
@pytest.mark.parametrize("arguments", SCREENS, ids=lambda a: "-".join(a).replace("{race}", "RACE"))
def test_a_screen_is_as_it_was_last_looked_at(
    cli: Callable[..., Said],
    race_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    snapshot: SnapshotAssertion,
    arguments: tuple[str, ...],
    width: int,
) -> None:
    monkeypatch.chdir(race_file.parent)
    monkeypatch.setenv("COLUMNS", str(width))
    status, out, _ = cli(*(part.replace("{race}", race_file.name) for part in arguments))
    assert status == 0
    assert "\n".join(line.rstrip() for line in out.splitlines()) == snapshot
