"""Pace, services and the track from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dryline.apps.cli.bundles import RaceSource
from dryline.feeds.alkamel.write import write_laps
from tests.apps.conftest import Said
from tests.made_up.showers import drive, dry, shower


def test_a_command_to_go_on_with_names_the_race_before_its_options() -> None:
    source = RaceSource(race="a race.csv")
    assert source.command("stops") == "dryline stops 'a race.csv'"
    drawn = "dryline chart wetness 'a race.csv' --out wetness.svg"
    assert source.command("chart wetness --out wetness.svg") == drawn


@pytest.mark.parametrize("by", ["car", "driver", "stint"])
def test_pace_is_given_with_its_interval_beside_the_usual_measures(
    answer: Callable[..., Any], race_file: Path, by: str
) -> None:
    rows = answer("pace", race_file, "--by", by)["rows"]
    assert len(rows) >= 8
    for row in rows:
        assert row["lo_ms"] <= row["pace_ms"] <= row["hi_ms"]
        assert row["laps_used"] > 0
        assert set(row) >= {"recent_ms", "best_fifth_ms", "behind_ms", "car_class"}


def test_every_lap_is_used_or_refused_for_a_reason(
    answer: Callable[..., Any], race_file: Path
) -> None:
    counts = answer("pace", race_file)["laps"]
    assert sum(counts.values()) == len(answer("laps", race_file)["laps"])
    assert counts["used"] > counts["in_lap"] > 0


def test_a_service_is_a_kind_with_a_probability(
    answer: Callable[..., Any], race_file: Path
) -> None:
    kinds = {
        "drive_through", "splash", "fuel", "tyres", "fuel_and_tyres", "repair", "unknown",
    }  # fmt: skip
    for stop in answer("stops", race_file)["stops"]:
        assert stop["service"]["kind"] in kinds
        assert 0.0 <= stop["service"]["confidence"] <= 1.0


def test_a_range_is_given_for_every_car_that_still_runs(
    answer: Callable[..., Any], cli: Callable[..., Said], race_file: Path
) -> None:
    cars = answer("range", race_file, "--at", "0:40:00")["cars"]
    standing = answer("show", race_file, "--at", "0:40:00")["cars"]
    running = [car["car_number"] for car in standing if car["status"] in ("running", "in_pit")]
    assert [car["car_number"] for car in cars] == running
    for car in cars:
        left = car["left"]
        assert 0 <= left["p10"] <= left["p50"] <= left["p90"]
        assert left["p50"] < car["range_laps"] + 3 * car["range_sd_laps"]
    only = answer("range", race_file, "--at", "0:40:00", "--car", "7")["cars"]
    assert only == [car for car in cars if car["car_number"] == "7"]
    status, _, err = cli("range", race_file, "--length", "1:00")
    assert (status, "is over" in err) == (2, True)


@pytest.mark.parametrize("at", [(), ("--at", "0:40:00")])
def test_the_track_has_the_contracts_fields(
    answer: Callable[..., Any], race_file: Path, at: tuple[str, ...]
) -> None:
    got = answer("track", race_file, *at)
    sample = got["samples"][-1]
    assert set(sample) == {"at_ms", "wetness", "sd", "p_wet", "p_rain", "loss"}
    assert [len(sample[name]) for name in ("wetness", "sd", "p_wet", "loss")] == [3, 3, 3, 3]
    assert all(0 <= p <= 1 for p in (*sample["p_wet"], sample["p_rain"], *sample["wetness"]))
    assert set(got["classes"][0]) >= {"car_class", "wet_minus_slick_ms", "sd", "p_wet_faster"}
    assert got["filtered"] is bool(at)


def test_practice_tells_on_the_command_line_that_a_race_begins_wet(
    answer: Callable[..., Any], cli: Callable[..., Said], tmp_path: Path
) -> None:
    race, practice = tmp_path / "monza.csv", tmp_path / "monza-practice.csv"
    race.write_bytes(write_laps(drive(shower(-5, 0.22, 30), 20, 9, start_on_wets=True).laps))
    practice.write_bytes(write_laps(drive(dry, 30, seed=21).laps))
    told = (race, "--at", "0:15:00", "--weekend", practice)
    against, alone = answer("track", *told)["reference"], answer("track", *told[:3])["reference"]
    assert (against["known"], against["source"]) == (True, "weekend")
    assert 0 < against["doubt"] < alone["doubt"]
    assert (alone["known"], alone["source"]) == (False, "first_pace")
    assert against["words"] in " ".join(cli("track", *told)[1].split())
    stops = answer("stops", *told)["stops"]
    assert all(stop["wet_before"] > 0.9 for stop in stops if stop["wet_before"] is not None)
    status, out, err = cli("track", race, "--weekend", tmp_path / "absent.csv")
    assert (status, out) == (2, "")
    assert "absent.csv" in err


def test_on_a_wet_track_the_next_change_of_tyre_is_dated_for_every_class(
    answer: Callable[..., Any], cli: Callable[..., Said]
) -> None:
    got = answer("track", "imola-2024", "--at", "4:00:00")
    ahead = got["crossovers_ahead"]
    assert [each["car_class"] for each in ahead] == [each["car_class"] for each in got["classes"]]
    for each in ahead:
        assert each["direction"] in ("to_wet", "to_slick")
        assert 0 < each["p_within_hour"] < 1
        known = [each["after_ms"][q] for q in ("p10", "p50", "p90")]
        told = [ms for ms in known if ms is not None]
        assert told == sorted(told)
        assert known == [*told, *[None] * (3 - len(told))]
        assert all(0 <= ms <= 3_600_000 for ms in told)
    assert "Within the hour" in cli("track", "imola-2024", "--at", "4:00:00")[1]


@pytest.mark.parametrize("at", [(), ("--at", "1:30:00"), ("--at", "6:02:00")])
def test_a_change_of_tyre_is_not_dated_in_hindsight_on_a_dry_track_or_after_the_flag(
    answer: Callable[..., Any], cli: Callable[..., Said], at: tuple[str, ...]
) -> None:
    assert answer("track", "imola-2024", *at)["crossovers_ahead"] is None
    assert "Within the hour" not in cli("track", "imola-2024", *at)[1]


def test_an_unknown_way_to_compare_is_refused(cli: Callable[..., Said], race_file: Path) -> None:
    status, out, err = cli("pace", race_file, "--by", "colour")
    assert (status, out) == (2, "")
    assert "car, driver or stint" in err


def test_messages_can_be_said_on_the_command_line(
    answer: Callable[..., Any], cli: Callable[..., Said], race_file: Path
) -> None:
    said = (
        "--say", "at=0:10:00 kind=vsc", "--say", "at=0:12:00 kind=flag flag=green",
        "--say", "at=0:20:00 kind=tyre car_number=7 tyre=wet source='our spotter'",
    )  # fmt: skip
    periods = answer("neutralisations", race_file, *said)["periods"]
    assert ("vsc", "message") in [(each["kind"], each["source"]) for each in periods]
    tyres = answer("track", race_file, "--at", "0:21:00", *said)["tyres"]
    assert [row["car_number"] for row in tyres if row["seen"]] == ["7"]
    for words, complaint in (("rain now", "without ="), ("at=1 kind=hail", "unknown kind")):
        status, out, err = cli("track", race_file, "--say", words)
        assert (status, out) == (2, "")
        assert complaint in err
