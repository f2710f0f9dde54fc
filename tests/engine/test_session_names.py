"""Which event and session a lap file is of, as its name and its folders' names say."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryline.engine.naming import race_name, session_name
from dryline.feeds.alkamel.file_names import TimingName, timing_name

SITE = "13_2024/02_IMOLA/526_FIA WEC/202404211300_Race"


@pytest.mark.parametrize(
    ("path", "event", "session", "hour"),
    [
        (f"{SITE}/Hour 6/23_Analysis_Race_Hour 6.CSV", "IMOLA", "Race", 6),
        (f"{SITE}/06_Hour 6/23_Analysis_Race_Hour 6.CSV", "IMOLA", "Race", 6),
        (f"{SITE}/23_Analysis_Race.CSV", "IMOLA", "Race", None),
        (f"{SITE}/23_Analysis_Race Part 2.CSV", "IMOLA", "race part 2", None),
        ("13_2024/02_IMOLA/526_FIA WEC/2024_Warm Up/23_A.CSV", "IMOLA", "Warm Up", None),
        ("2024/fuji/23_Analysis_Race.CSV", "fuji", "race", None),
        ("2024/fuji/23_Analysis_Warm Up.CSV", "fuji", "warm up", None),
        ("2024/fuji/23_Analysis_Race_Hour 24.CSV", "fuji", "race", 24),
        ("2024/fuji/Hour 9/23_Analysis_Race.CSV", "fuji", "race", 9),
        ("2024/fuji/qualifying/laps.csv", "fuji", "qualifying", None),
        ("2024/fuji/practice 1.csv", "fuji", "practice 1", None),
        ("2024/08-lime/202304140905-practice-1-laps.csv", "08-lime", "practice 1", None),
        ("2021/lime-rock/202107171510-qualifying---gtd-points---gtlm-laps.csv",
         "lime-rock", "qualifying gtd points gtlm", None),
        ("2024/imola_6h.csv", "imola_6h", "race", None),
        ("2024/thursday.csv", "thursday", "race", None),
        ("2024/20240421_fuji.csv", "fuji", "race", None),
        ("2024/race/23_Analysis_Race.CSV", "race", "race", None),
        ("monza_6h/laps.csv", "monza_6h", "race", None),
    ],
)  # fmt: skip
def test_event_and_session_are_read_from_names(
    tmp_path: Path, path: str, event: str, session: str, hour: int | None
) -> None:
    name = session_name(tmp_path / path)
    assert (name.event, name.session, name.version.hour) == (event, session, hour)


@pytest.mark.parametrize(
    "stem", ["imola_6h", "race_at_fuji", "raceway", "24h", "12", "2024", "13_2024", "lapsus"]
)
def test_a_name_of_the_users_own_says_nothing_of_a_session(stem: str) -> None:
    assert timing_name(stem) is None


def test_of_several_versions_the_whole_then_the_last_hour_then_the_official_counts() -> None:
    ranked = [
        TimingName("race", hour=9, standing=1),
        TimingName("race", hour=24, standing=-1),
        TimingName("race", hour=24),
        TimingName("race", hour=24, standing=1),
        TimingName("race", standing=-1),
        TimingName("race"),
    ]
    assert ranked == sorted({*ranked}, key=lambda name: name.rank)


def test_a_race_opened_from_its_folder_is_called_by_its_event(tmp_path: Path) -> None:
    (tmp_path / SITE / "Hour 6").mkdir(parents=True)
    (tmp_path / "2024" / "fuji").mkdir(parents=True)
    assert race_name(tmp_path / SITE / "Hour 6") == "IMOLA"
    assert race_name(tmp_path / SITE) == "IMOLA"
    assert race_name(tmp_path / "2024" / "fuji") == "fuji"
    assert race_name(tmp_path / "2024" / "fuji" / "23_Analysis_Warm Up.CSV") == "fuji warm up"


def test_a_catalogue_says_what_a_race_is_called(tmp_path: Path) -> None:
    (tmp_path / "catalogue.csv").write_text("race,file\nimsa/2021/roar,roar/1-laps.csv\n")
    assert session_name(tmp_path / "roar" / "1-laps.csv").event == "roar"
    assert session_name(tmp_path / "roar" / "1-laps.csv").session == "race"
