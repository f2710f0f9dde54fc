"""A series with three kinds of tyre is a file: every answer tells them apart, by its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomli_w

from dryline.domain.series import Series, car_classes, read_series
from dryline.domain.series_files import ENVIRONMENT
from dryline.feeds.alkamel.write import write_laps
from tests.apps.conftest import Said
from tests.made_up.three_tyres import CAR_CLASS, KINDS, drive, on_wets_first, shower

__all__: list[str] = []
WORDS = [each.words for each in KINDS]


@pytest.fixture
def race(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A race of a made-up series: five of twenty cars go onto full wets in its shower."""
    unknown = msgspec.to_builtins(Series.of(None))
    table = {key: value for key, value in unknown.items() if key != "name" and value is not None}
    tyres = [{k: v for k, v in msgspec.to_builtins(kind).items() if v} for kind in KINDS]
    own = {"recognition": {"classes": [[CAR_CLASS]]}, "full_name": "The Rain Cup", "tyres": tyres}
    folder = tmp_path / "series"
    folder.mkdir()
    (folder / "rain.toml").write_text(tomli_w.dumps(_told({**table, **own})), encoding="utf-8")
    path = tmp_path / "shower.csv"
    path.write_bytes(write_laps(drive(shower, 50, on_wets_first(5), seed=2).laps))
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    _forget()
    yield path
    _forget()


def _forget() -> None:
    read_series.cache_clear()
    car_classes.cache_clear()


def _told(value: Any) -> Any:
    """Without what is null, which a file leaves out."""
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items() if each is not None}
    return [_told(each) for each in value] if isinstance(value, list | tuple) else value


def test_each_car_is_said_to_be_on_its_kind(
    cli: Callable[..., Said], answer: Callable[..., Any], race: Path
) -> None:
    got = answer("track", race, "--at", "1:00:00")
    assert list(got["kinds"].values()) == WORDS
    now = {row["car_number"]: row["kinds"] for row in got["tyres"] if "kinds" in row}
    assert len(now) == 20
    likeliest = {car: max(kinds, key=kinds.__getitem__) for car, kinds in now.items()}
    right = [likeliest[car] == ("wet" if int(car) <= 5 else "inter") for car in now]
    assert sum(right) >= 17
    for row in got["tyres"]:
        if "kinds" in row:
            assert 1 - row["kinds"]["slick"] == pytest.approx(row["p_wet_tyre"], abs=1e-4)
    screen = " ".join(cli("track", race, "--at", "1:00:00")[1].split())
    assert all(f"On {words}: " in screen for words in WORDS[1:])
    assert f"{WORDS[2]} faster in {CAR_CLASS}" in screen
    drying = " ".join(cli("track", race, "--at", "1:12:00")[1].split())
    assert f"{WORDS[1]} faster in {CAR_CLASS}" in drying
    dry = " ".join(cli("track", race, "--at", "0:20:00")[1].split())
    assert f"{CAR_CLASS} {WORDS[0]} " in dry
    assert "On " not in dry


def test_each_stop_says_on_which_kind_the_car_came_and_went(
    cli: Callable[..., Said], answer: Callable[..., Any], race: Path
) -> None:
    stops = answer("stops", race, "--at", "1:15:00")["stops"]
    first = [stop for stop in stops if stop["lap"] < 20]
    went = {stop["car_number"]: stop["kinds_after"] for stop in first}
    assert {max(kinds, key=kinds.__getitem__) for kinds in went.values()} == {"inter", "wet"}
    for stop in first:
        assert max(stop["kinds_before"], key=stop["kinds_before"].__getitem__) == "slick"
        assert sum(stop["kinds_after"].values()) == pytest.approx(1.0, abs=1e-3)
    screen = cli("stops", race, "--at", "1:15:00")[1]
    assert "S > I" in screen
    assert "S > W" in screen


def test_a_call_fits_the_kind_that_is_quickest_and_says_what_it_cannot_compare(
    cli: Callable[..., Said], answer: Callable[..., Any], race: Path
) -> None:
    """Car 17 goes onto inters; in the worst of the shower full wets would be a little quicker."""
    asked = ("--car", "17", "--length", "1:35:00", "--replicates", "20")
    onto = answer("advise", race, "--at", "0:29:40", *asked)
    assert onto["track"]["p_own_wets"] < 0.5
    assert {"box+0:inter", "box+0:slick"} <= _keys(onto)
    assert not any("wet" in key for key in _keys(onto))
    worst = answer("advise", race, "--at", "0:58:00", *asked)
    assert "box+0:inter" in _keys(worst)
    assert not any("wet" in key for key in _keys(worst))
    assert any(f"change {WORDS[1]} for {WORDS[2]}" in each for each in worst["cannot_tell"])
    drying = answer("advise", race, "--at", "1:12:00", *asked)
    assert {"box+0:inter", "box+0:slick"} <= _keys(drying)
    assert not any(WORDS[2] in each for each in drying["cannot_tell"])


def _keys(advice: Any) -> set[str]:
    """The calls that were compared."""
    return {each["key"] for each in advice["candidates"]}


def test_with_slicks_and_wets_alone_nothing_is_told_of_kinds(
    cli: Callable[..., Said], answer: Callable[..., Any], race: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv(ENVIRONMENT)
    _forget()
    got = answer("track", race, "--at", "1:00:00")
    assert "kinds" not in got
    assert all("kinds" not in row for row in got["tyres"])
    assert all("rain_tyre" not in row for row in got["classes"])
    assert all("kinds_after" not in stop for stop in answer("stops", race)["stops"])
    assert "On wets: " in cli("track", race, "--at", "1:00:00")[1]
