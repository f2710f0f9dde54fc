"""A made-up race on disk, and a command line that runs in process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dryline.apps.cli.run import run
from dryline.feeds.alkamel.write import write_laps
from tests.made_up.field import crossings

Said = tuple[int, str, str]


@pytest.fixture(scope="session")
def race_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A timing file of a made-up race, written by the product's own writer."""
    path = tmp_path_factory.mktemp("timing") / "made_up_1h.csv"
    path.write_bytes(write_laps(crossings(cars=8, hours=1.0)))
    return path


@pytest.fixture
def cli(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Said]:
    """Run ``dryline`` with these arguments: exit status, standard output, standard error.

    Nothing of the user's own is read or written, and no home is needed.
    """
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("DRYLINE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")

    def said(*arguments: object) -> Said:
        status = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return status, out, err

    return said


@pytest.fixture
def answer(cli: Callable[..., Said]) -> Callable[..., Any]:
    """The JSON object that a command prints: exactly one, and nothing else on standard output."""

    def asked(*arguments: object) -> Any:
        status, out, err = cli(*arguments, "--json")
        assert status == 0, err
        return json.loads(out)

    return asked


def refused(cli: Callable[..., Said], race_file: Path, arguments: tuple[str, ...]) -> str:
    """What is said, in one line, to a question that cannot be answered; ``{race}`` is the file."""
    status, out, err = cli(*(part.replace("{race}", str(race_file)) for part in arguments))
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    return err
