"""What an option names that is not there: refused in one line, with what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.choice import like, offered
from dryline.domain.clock_text import format_ms
from dryline.domain.errors import BadOption
from dryline.domain.series import series_names
from dryline.engine.naming import known_series
from dryline.engine.race_length import LONGEST_MS, MOST_LAPS, parse_length
from dryline.feeds.alkamel.write import write_laps
from tests.apps.conftest import Said
from tests.apps.test_cli_every_command import COMMANDS
from tests.made_up.field import crossings

NEEDED = {
    "gaps": ("--car", "7"), "rejoin": ("--car", "7"), "advise": ("--car", "7"),
    "debrief": ("--car", "7"), "report": ("--out", "r"), "chart": ("--out", "c.svg"),
    "live": ("--speed", "0", "--no-server"),
}  # fmt: skip
WITHOUT_A_RACE = {"journal replay", "library add"}
BAD = {
    "--at": ["5:00:00", "-0:01:00", "noon", "", "1:75:00"],
    "--length": [
        "300",
        "6",
        "2.5",
        "",
        "0",
        "-6:00",
        "0laps",
        "six",
        "300:00",
        "99999laps",
        "6;00",
    ],
    "--series": ["fia", "", "wec2024", "IMSA GT"],
    "--year": ["24", "20244", "-2024", "x"],
    "--car": ["99", "07", "", "7.0", "=1"],
    "--class": ["LMP1", "", "hyper car s"],
    "--hero": ["99"],
    "--against": ["99"],
    "--team": ["Nobody"],
    "--from": ["noon", "-1:00", "9:00:00"],
    "--to": ["noon", "-1:00", "0"],
}


def having(option: str) -> list[str]:
    """The commands about a race that take the option."""
    return [
        name
        for name, command in COMMANDS.items()
        if name not in WITHOUT_A_RACE
        and any(option in p.opts for p in command.params)
        and any(p.name == "race" for p in command.params)
    ]


CASES = [
    (name, option, value) for option in BAD for name in having(option) for value in BAD[option]
]


@pytest.mark.parametrize(("name", "option", "value"), CASES)
def test_a_value_that_names_nothing_is_one_clear_line(
    cli: Callable[..., Said], race_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    name: str, option: str, value: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    needed = list(NEEDED.get(name, ()))
    if option in needed or (option == "--team" and name == "advise"):
        at = needed.index("--car")
        del needed[at : at + 2]
    kind = ["gap"] if name == "chart" else []
    status, out, err = cli(name, *kind, race_file, *needed, f"{option}={value}")
    assert (status, out) == (2, ""), err
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    assert not (tmp_path / "c.svg").exists()


def test_the_end_itself_can_be_asked_and_the_second_after_it_cannot(
    cli: Callable[..., Said], race_file: Path
) -> None:
    end = crossings(cars=8, hours=1.0)["elapsed_ms"].max()
    for late_ms, status in ((0, 0), (999, 0), (1000, 2), (3_600_000, 2)):
        said = cli("show", race_file, "--at", format_ms(end + late_ms))
        assert said[0] == status, late_ms
    assert "leave --at out" in said[2]


@pytest.mark.parametrize(
    ("last", "length", "at", "status"),
    [
        ("0:30:00", (), "0:40:00", 0),  # a file that stops: the race may go on
        ("0:30:00", (), "1:25:00", 0),
        ("0:30:00", (), "1:31:00", 2),  # an hour of silence is the longest
        ("0:30:00", ("--length", "6:00"), "5:59:00", 0),
        ("0:30:00", ("--length", "6:00"), "6:01:00", 2),
    ],
)
def test_a_file_that_stops_before_the_flag_is_asked_about_the_time_that_it_may_go_on(
    cli: Callable[..., Said],
    tmp_path: Path,
    last: str,
    length: tuple[str, ...],
    at: str,
    status: int,
) -> None:
    cut = crossings(cars=6, hours=1.0).filter(pl.col("elapsed_ms") <= 1_800_000)
    path = tmp_path / "stopped.csv"
    path.write_bytes(write_laps(cut))
    assert cli("classification", path, *length, "--at", at)[0] == status, last


def test_a_race_is_asked_in_the_middle_of_a_long_red_flag(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    later = pl.col("elapsed_ms") > 1_800_000
    shift = pl.when(later).then(3 * 3_600_000).otherwise(0)
    made = crossings(cars=6, hours=1.0).with_columns(elapsed_ms=pl.col("elapsed_ms") + shift)
    first = later & ~later.shift(1, fill_value=False).over("car_number", order_by="lap")
    made = made.with_columns(
        known_at_ms=pl.col("elapsed_ms"),
        lap_time_ms=pl.col("lap_time_ms") + pl.when(first).then(3 * 3_600_000).otherwise(0),
    )
    path = tmp_path / "red.csv"
    path.write_bytes(write_laps(made))
    for at in ("1:00:00", "2:30:00", "3:10:00"):
        assert cli("classification", path, "--at", at)[0] == 0, at
    assert cli("classification", path, "--at", "4:30:00")[0] == 2


@pytest.mark.parametrize(
    ("text", "ms", "laps"),
    [
        ("6:00", 21_600_000, None), ("24h", 86_400_000, None), ("2:40:00", 9_600_000, None),
        ("100m", 6_000_000, None), ("335laps", None, 335), ("1 lap", None, 1),
        ("2.5h", 9_000_000, None),
        ("96h", LONGEST_MS, None), (f"{MOST_LAPS}laps", None, MOST_LAPS),
    ],
)  # fmt: skip
def test_a_length_is_a_time_or_laps(text: str, ms: int | None, laps: int | None) -> None:
    length = parse_length(text)
    assert (length.ms, length.laps) == (ms, laps)


@pytest.mark.parametrize(
    "text", ["300", "335", "6", "97h", f"{MOST_LAPS + 1}laps", "9" * 400 + "laps"]
)
def test_a_bare_number_or_what_is_longer_than_any_race_is_no_length(text: str) -> None:
    with pytest.raises(BadOption, match=r"Write .*laps") as caught:
        parse_length(text)
    assert len(str(caught.value)) < 200


def test_series_are_known_in_any_case_and_others_are_named() -> None:
    assert [known_series(name.upper()) for name in series_names()] == list(series_names())
    with pytest.raises(BadOption, match=f"Series: {', '.join(series_names())}"):
        known_series("fia")


@pytest.mark.parametrize(
    ("wanted", "names", "near"),
    [
        ("07", ["7", "31", "007"], ["7", "007"]),
        ("#50", ["5", "50"], ["50", "5"]),
        ("gtd pro", ["GTD", "GTDPRO"], ["GTDPRO", "GTD"]),
        ("99", ["7", "8"], []),
    ],
)
def test_those_that_are_like_it_are_offered_first(
    wanted: str, names: list[str], near: list[str]
) -> None:
    assert like(wanted, names) == near
    assert offered(wanted, names, "Cars").endswith(f"Cars: {', '.join(names)}.")


NAMES = st.text("07#aA é", max_size=4)


@given(NAMES, st.lists(NAMES, max_size=6, unique=True))
def test_what_is_offered_is_there(wanted: str, names: list[str]) -> None:
    near = like(wanted, names)
    assert set(near) <= set(names)
    assert len(near) == len(set(near)) <= 3


def test_whoever_is_not_there_is_told_who_is(cli: Callable[..., Said], race_file: Path) -> None:
    err = cli("laps", race_file, "--car", "70")[2]
    assert "Did you mean 7" in err
    assert "Cars: 7, 8, 31, 50, 91, 92, 007, 046." in err
