"""A series that nobody has met is asked like any other, and is called by no other's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dryline.domain.series import car_classes, read_series, series_names
from dryline.domain.series_files import ENVIRONMENT
from dryline.engine.opening import open_race
from dryline.feeds.alkamel.write import write_laps
from tests.apps.conftest import Said
from tests.made_up.field import crossings
from tests.made_up.series_files import CLASSES, NAMES, series_files

ASKED: tuple[tuple[str, ...], ...] = (
    ("show",),
    ("show", "--findings"),
    ("classification",),
    ("stops",),
    ("track",),
    ("forecast", "--at", "0:30:00", "--replicates", "20", "--length", "1:00"),
    ("rejoin", "--at", "0:30:00", "--replicates", "20", "--length", "1:00", "--car", "7"),
)
ANOTHER = re.compile(r"\b(?:wec|imsa)\b|world endurance", re.IGNORECASE)
SOME = settings(
    max_examples=4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def no_files_stay_known() -> Iterator[None]:
    yield
    forget()


def forget() -> None:
    read_series.cache_clear()
    car_classes.cache_clear()


@contextmanager
def a_race(classes: list[str]) -> Iterator[Path]:
    """The timing file of a made-up race of these classes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made_up_1h.csv"
        laps = {name: 90.0 + 8.0 * at for at, name in enumerate(classes)}
        path.write_bytes(write_laps(crossings(cars=6, hours=1.0, classes=laps)))
        yield path


def everything_said(cli: Callable[..., Said], race: Path, *more: str) -> str:
    """What every question is answered with, on screen and as JSON; each must be answered."""
    said = []
    for command, *asked in ASKED:
        for form in ((), ("--json",)):
            status, out, err = cli(command, race, *asked, *more, *form)
            assert status == 0, err
            said += [out, err]
    return "\n".join(said)


@SOME
@given(made=series_files())
def test_a_made_up_series_is_recognised_and_answered_under_its_own_name(
    cli: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, made: tuple[str, list[str], Any]
) -> None:
    name, classes, table = made
    with TemporaryDirectory() as folder, a_race(classes) as race:
        (Path(folder) / f"{name}.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
        monkeypatch.setenv(ENVIRONMENT, folder)
        forget()
        assert name in series_names()
        assert open_race(race).series == name
        said = everything_said(cli, race)
        assert ANOTHER.search(said) is None
        assert "believed as measured elsewhere" in said
        assert cli("show", race, "--series", name.upper())[0] == 0


@SOME
@given(classes=CLASSES)
def test_a_race_of_no_known_series_is_answered_and_says_what_it_rests_on(
    cli: Callable[..., Said], classes: list[str]
) -> None:
    with a_race(classes) as race:
        said = everything_said(cli, race)
    assert ANOTHER.search(said) is None
    assert "the series is not known" in said


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, spoil=st.sampled_from(("restart", "races", "full_name")))
def test_a_series_file_with_a_hole_is_refused_with_its_name(
    cli: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, race_file: Path, name: str,
    spoil: str,
) -> None:  # fmt: skip
    table = {"full_name": "x", "restart": {}, "races": [], "recognition": {}}
    del table[spoil]
    with TemporaryDirectory() as folder:
        (Path(folder) / f"{name}.toml").write_text(tomli_w.dumps(table), encoding="utf-8")
        monkeypatch.setenv(ENVIRONMENT, folder)
        forget()
        status, out, err = cli("show", race_file)
        assert (status, out) == (2, "")
        assert f"{name}.toml" in err
        assert "Traceback" not in err
