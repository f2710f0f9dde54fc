"""The bench: the protocol is frozen, the naive file of the pages scores as naive, nothing leaks."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.errors import BadOption, BrokenInvariant, NotKnown
from dryline.engine.opening import open_race
from dryline.feeds.alkamel.write import write_laps
from dryline.model.running import running_at
from dryline.studies import Study
from dryline.studies.bench import bench as benched
from dryline.studies.bench.asked import (
    AskedInstant,
    BenchRace,
    asked_instants,
    bench_race,
    final_order,
    sha256_of,
)
from dryline.studies.bench.bench import bench, scores_of
from dryline.studies.bench.entrant import ClassForecast, Entrant
from dryline.studies.bench.manifest import (
    BenchManifest,
    ForecastScores,
    Frozen,
    FrozenClass,
    FrozenRace,
    frozen,
    order_sha256,
)
from dryline.studies.cases import AFTER_ALL_MS, LearningRace
from dryline.studies.tasks import LocalEngine
from tests.apps.conftest import answer, cli
from tests.conftest import ROOT
from tests.made_up.field import crossings

__all__ = ["answer", "cli"]
NAIVE = ROOT / "docs" / "how-to" / "naive_forecaster.py"
RUN_NAIVE = f"'{sys.executable}' '{NAIVE}' {{request}} {{out}}"
ALONE = Study(engine=LocalEngine(1))
SCORES = ForecastScores.__struct_fields__
FROZEN_CONTROL = ForecastScores(0.5, 0.25, 1.0, 0.75, 0.8)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two made-up races whose names tell their length."""
    folder = tmp_path_factory.mktemp("bench") / "wec" / "2024"
    folder.mkdir(parents=True)
    for seed, name in enumerate(("one_1h.csv", "two_1h.csv")):
        (folder / name).write_bytes(write_laps(crossings(cars=8, seed=seed, stint_laps=9)))
    return folder


def asked_of(
    frame: pl.DataFrame, length_s: float = 3600.0, manifest: BenchManifest | None = None
) -> list[AskedInstant]:
    known = LearningRace("here/made_up", "wec", 2024, length_s, wet=False, crossings=frame)
    return list(asked_instants(BenchRace(known, "5ha", False), manifest or BenchManifest(1, ())))


def same_as_naive(rows: list[dict[str, Any]]) -> bool:
    return all(row[name] == row[f"naive_{name}"] for row in rows for name in SCORES)


def test_the_naive_file_of_the_page_scores_as_our_own_naive_to_the_last_digit(
    season: Path, answer: Callable[..., Any]
) -> None:
    found = answer("bench", season, "--run", RUN_NAIVE, "--workers", "1", "--name", "page")
    assert len(found["rows"]) == 2 * 2 * 3
    assert same_as_naive(found["rows"])
    assert len({row["log_loss"] for row in found["rows"]}) > 3
    assert found["outside_protocol"] == ["2024/one_1h", "2024/two_1h"]
    assert (found["races"], found["forecaster"]) == (0, "page")
    assert found["manifest_sha256"] == frozen().manifest_sha256
    for row in found["summary"]["fractions"]:
        assert (row["races"], row["class_races"], row["control"]) == ("outside", 4, None)
        assert row["forecast"]["gain"]["log_loss"]["mean"] == 0.0


def test_the_naive_file_is_plain_python_and_short() -> None:
    text = NAIVE.read_text(encoding="utf-8")
    imported = {line.split()[1] for line in text.splitlines() if line.startswith("import ")}
    assert imported <= sys.stdlib_module_names
    assert "dryline" not in text
    assert len(text.splitlines()) < 40


@pytest.mark.needs_data
def test_on_real_races_of_the_protocol_too_and_their_truth_is_the_manifests(
    data: Path, answer: Callable[..., Any]
) -> None:
    races = (data / "wec/2024/fuji_6h.csv", data / "imsa/2022/11-watkins-glen-international")
    found = answer("bench", *races, "--run", RUN_NAIVE, "--workers", "1")
    assert same_as_naive(found["rows"])
    assert (found["races"], found["outside_protocol"]) == (2, [])
    assert len(found["rows"]) == 3 * (2 + 5)
    assert all(row["control_log_loss"] is not None for row in found["rows"])
    for path in races:
        listed = frozen().manifest.race_of(sha256_of(path))
        assert listed is not None
        race = bench_race(path, listed.sha256, frozen().manifest)
        for at, asked in enumerate(asked_instants(race, frozen().manifest)):
            won_from = {each.car_class: each.winner_was[at] for each in listed.classes}
            assert {name: p.tolist().index(0) for name, p in asked.places.items()} == won_from


def test_what_ships_is_whole() -> None:
    shipped, rows = frozen().manifest, frozen().control
    assert (shipped.protocol, len(shipped.races)) == (1, 48)
    assert len({race.sha256 for race in shipped.races}) == len({r.race for r in shipped.races})
    scored = {
        (race.race, fraction, each.car_class)
        for race in shipped.races
        for each in race.classes
        for fraction, won_from in zip((0.25, 0.5, 0.75), each.winner_was, strict=True)
        if won_from is not None
    }
    assert scored == set(rows)
    assert all(each.cars >= 3 for race in shipped.races for each in race.classes)
    assert shipped.race_of(shipped.races[7].sha256) == shipped.races[7]
    assert shipped.race_of("0" * 64) is None


def test_winners_are_counted_by_place_and_a_race_never_speaks_of_itself() -> None:
    manifest = BenchManifest(
        1, (listed("a", ("GT", 3, (0, 1, None))), listed("b", ("GT", 2, (1, 0, 0))))
    )
    both = manifest.winners(0.25, None)
    assert (both.won.tolist(), both.seen.tolist()) == ([1, 1, 0], [2, 2, 1])
    alone = manifest.winners(0.25, "a")
    assert (alone.won.tolist(), alone.seen.tolist()) == ([0, 1], [1, 1])
    assert manifest.winners(0.75, None).seen.tolist() == [1, 1]


def listed(name: str, *classes: tuple[str, int, tuple[int | None, ...]], **more: Any) -> FrozenRace:
    plain = {"sha256": name, "length_ms": 3_600_000, "series": "imsa", "year": 2021, "wet": True,
             "order_sha256": ""}  # fmt: skip
    return FrozenRace(
        race=name, classes=tuple(FrozenClass(*c) for c in classes), **{**plain, **more}
    )


def frozen_with(path: Path, order: Mapping[str, list[str]]) -> Frozen:
    """A protocol of one race, the one in ``path``, half as long as its name says."""
    race = listed(
        "club/here", ("HYPERCAR", 4, (0, 0, 0)), sha256=sha256_of(path),
        length_ms=1_800_000, order_sha256=order_sha256(order),
    )  # fmt: skip
    control = {
        (race.race, fraction, car_class): FROZEN_CONTROL
        for fraction in (0.25, 0.5, 0.75)
        for car_class in ("HYPERCAR", "LMGT3")
    }
    return Frozen(BenchManifest(7, (race,)), control, "m" * 64, "c" * 64)


def test_a_race_is_known_by_its_hash_and_another_is_scored_apart(
    season: Path, monkeypatch: pytest.MonkeyPatch, cli: Callable[..., Any]
) -> None:
    inside, outside = sorted(season.iterdir())
    final = final_order(running_at(open_race(inside).crossings, AFTER_ALL_MS))
    monkeypatch.setattr(benched, "frozen", lambda: frozen_with(inside, final))
    found = bench([inside, outside], Entrant.of(RUN_NAIVE, 60.0), ALONE)
    assert (found["version"], found["races"], found["races_in_protocol"]) == (7, 1, 1)
    assert found["outside_protocol"] == ["2024/two_1h"]
    known = [row for row in found["rows"] if row["in_protocol"]]
    assert {(row["race"], row["series"], row["wet"], row["length_h"]) for row in known} == {
        ("club/here", "imsa", True, 0.5)
    }
    assert all(row["control_error"] == FROZEN_CONTROL.error for row in known)
    assert all(row["control_error"] is None for row in found["rows"] if not row["in_protocol"])
    kinds = [row["races"] for row in found["summary"]["fractions"]]
    assert set(kinds) == {"protocol", "imsa", "short", "wet", "outside"}
    first = found["summary"]["fractions"][0]
    assert [*first["control"]["coverage_80"].values()] == pytest.approx([0.8] * 3)
    over, gain = first["forecast"]["gain_over_control"], first["control"]["gain"]
    assert over["hit"]["mean"] == pytest.approx(-gain["hit"]["mean"])
    assert over["log_loss"]["mean"] == pytest.approx(0.5 - first["naive"]["log_loss"])

    status, out, err = cli("bench", inside, outside, "--run", RUN_NAIVE, "--workers", "1")
    assert (status, err) == (0, "")
    assert "Protocol 7, manifest mmmmmmmmmmmm, control cccccccccccc: 1 of its 1 races" in out
    assert "Outside the protocol, scored apart: 2024/two_1h" in out
    for who, times in (("yours", 6), ("naive", 6), ("control", 3)):
        assert len(re.findall(rf"^\d\d%.* {who} .*%$", out, re.MULTILINE)) == times


def test_a_version_that_reads_another_order_from_a_file_of_the_protocol_says_so(
    season: Path,
) -> None:
    (path, _) = sorted(season.iterdir())
    manifest = frozen_with(path, {"HYPERCAR": ["7"]}).manifest
    with pytest.raises(BrokenInvariant, match="another final order from club/here than protocol 7"):
        bench_race(path, sha256_of(path), manifest)


def test_a_race_outside_the_protocol_needs_a_length(tmp_path: Path) -> None:
    path = tmp_path / "wec" / "nameless.csv"
    path.parent.mkdir()
    path.write_bytes(write_laps(crossings(cars=6, hours=0.5)))
    with pytest.raises(NotKnown, match="how long"):
        bench([path], Entrant.of(RUN_NAIVE, 60.0), ALONE)


def test_the_same_file_twice_is_refused(season: Path, tmp_path: Path) -> None:
    path = next(season.iterdir())
    (tmp_path / "again_1h.csv").write_bytes(path.read_bytes())
    with pytest.raises(BadOption, match="are the same file"):
        bench([path, tmp_path / "again_1h.csv"], Entrant.of(RUN_NAIVE, 60.0), ALONE)


def test_classes_of_three_are_asked_and_of_two_are_not() -> None:
    assert {tuple(each.order) for each in asked_of(crossings(cars=5))} == {("HYPERCAR",)}
    assert {tuple(each.order) for each in asked_of(crossings(cars=6))} == {("HYPERCAR", "LMGT3")}


@pytest.mark.parametrize(("later_ms", "asked"), [(-1, 2), (0, 2), (1, 3)])
def test_a_race_that_is_over_by_then_is_not_asked(later_ms: int, asked: int) -> None:
    frame = crossings(cars=6)
    last_ms: Any = frame["elapsed_ms"].max()
    three_quarters_s = (last_ms - later_ms) / 1000
    assert len(asked_of(frame, three_quarters_s / 0.75)) == asked


@given(st.integers(0, 2), st.integers(0, 10**6))
def test_what_is_asked_does_not_change_with_what_comes_later(which: int, seed: int) -> None:
    frame = crossings(cars=6, seed=seed % 5)
    asked = asked_of(frame)[which]
    later = pl.col("elapsed_ms") > asked.at_ms
    chance = np.random.default_rng(seed)
    shift = pl.Series(chance.integers(0, 10**6, len(frame)))
    spoilt = frame.with_columns(
        elapsed_ms=pl.col("elapsed_ms") + pl.when(later).then(shift).otherwise(0),
        lap_time_ms=pl.when(later).then(1).otherwise(pl.col("lap_time_ms")).cast(pl.Int64),
        driver=pl.when(later).then(pl.lit("Nobody")).otherwise(pl.col("driver")),
    )
    again = asked_of(spoilt)[which]
    assert again.timing() == asked.timing()
    assert again.request(Path("there")) == asked.request(Path("there"))


def test_the_cut_file_is_the_race_as_it_was_and_the_question_says_what_is_wanted(
    tmp_path: Path,
) -> None:
    frame = crossings(cars=6)
    manifest = BenchManifest(3, (listed("b", ("GT", 2, (1, 0, 0))),))
    asked = asked_of(frame, manifest=manifest)[1]
    cut = tmp_path / "cut.csv"
    cut.write_bytes(asked.timing())
    read = open_race(cut).crossings
    known = frame.filter(pl.col("elapsed_ms") <= 1_800_000)
    assert 0 < len(known) < len(frame)
    columns = ["car_number", "lap", "elapsed_ms", "lap_time_ms", "driver", "pit_lane_ms", "flag"]
    assert (
        read.select(columns)
        .sort("car_number", "lap")
        .equals(known.select(columns).sort("car_number", "lap"))
    )
    said = json.loads(asked.request(cut))
    cars = said.pop("cars")
    assert said == {
        "protocol": 3, "race": "here/made_up", "series": "wec", "year": 2024, "fraction": 0.5,
        "at": "0:30:00", "at_ms": 1_800_000, "length": "1:00:00", "length_ms": 3_600_000,
        "timing": str(cut), "winners_by_place": {"won": [1, 0], "seen": [1, 1]},
    }  # fmt: skip
    entries = frame.select("car_number", "car_class").unique().rows()
    assert sorted((car["car_number"], car["car_class"]) for car in cars) == sorted(entries)
    assert asked.name == "here/made_up at 0:30:00 (50%)"


def test_the_cars_of_a_question_do_not_stand_in_the_order_of_any_result() -> None:
    numbers = [
        car["car_number"] for car in json.loads(asked_of(crossings())[0].request(Path()))["cars"]
    ]
    half = len(numbers) // 2
    assert numbers[:half] == sorted(numbers[:half])


def test_the_scores_are_those_of_the_winner_the_places_and_the_interval() -> None:
    place = np.array([1, 0, 2])
    said = ClassForecast(
        np.array([0.5, 0.4, 0.1]),
        np.array([[0.6, 0.4, 0.0], [0.4, 0.5, 0.1], [0.0, 0.1, 0.9]]),
    )
    found = scores_of(said, place, np.array([0.5, 0.2, 0.999]))
    assert found.log_loss == pytest.approx(-np.log(0.4))
    assert found.brier == pytest.approx(0.5**2 + 0.6**2 + 0.1**2)
    assert found.hit == 0.0
    assert found.error == pytest.approx((0.6 + 0.7 + 0.1) / 3)
    # randomised PIT: 0.6 + 0.5 * 0.4 inside; 0.2 * 0.4 and 0.1 + 0.999 * 0.9 outside 0.1..0.9
    assert found.held == pytest.approx(1 / 3)


def test_every_forecaster_meets_the_same_jitter() -> None:
    first = benched._jitter("a", 0.25, "GT", 4)
    assert benched._jitter("a", 0.25, "GT", 4).tolist() == first.tolist()
    for other in (("b", 0.25, "GT"), ("a", 0.5, "GT"), ("a", 0.25, "LMP2")):
        assert benched._jitter(*other, 4).tolist() != first.tolist()


def test_a_final_order_has_one_hash_whatever_order_its_classes_are_named_in() -> None:
    order = {"GT": ["7", "007"], "LMP2": ["2"]}
    assert order_sha256(order) == order_sha256(dict(reversed(order.items())))
    assert order_sha256(order) != order_sha256({**order, "GT": ["007", "7"]})


def test_a_run_goes_on_where_it_was_cut_off_and_a_changed_program_is_asked_anew(
    season: Path, tmp_path: Path
) -> None:
    program, tally = tmp_path / "naive.py", tmp_path / "tally"
    source = NAIVE.read_text(encoding="utf-8")
    program.write_text(f"open({str(tally)!r}, 'a').write('x')\n{source}", encoding="utf-8")
    run = f"'{sys.executable}' '{program}' {{request}} {{out}}"
    kept = replace(ALONE, resume=tmp_path / "kept")
    first, second = sorted(season.iterdir())
    bench([first], Entrant.of(run, 60.0), kept)
    assert tally.read_text() == "x" * 3
    both = bench([first, second], Entrant.of(run, 60.0), kept)
    assert tally.read_text() == "x" * 6
    program.write_text(program.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    again = bench([first, second], Entrant.of(run, 60.0), kept)
    assert tally.read_text() == "x" * 12
    assert again["rows"] == both["rows"]


def test_workers_change_nothing(season: Path) -> None:
    paths = sorted(season.iterdir())
    alone = bench(paths, Entrant.of(RUN_NAIVE, 60.0), ALONE)
    spread = bench(paths, Entrant.of(RUN_NAIVE, 60.0), Study(engine=LocalEngine(2)))
    assert spread == alone


def test_drylines_own_forecast_enters_by_the_same_door(season: Path) -> None:
    path = sorted(season.iterdir())[0]
    run = (
        f"'{sys.executable}' -m dryline forecast {{file}} --at {{at}} --length {{length}} "
        "--series {series} --year {year} --forecaster statistical --replicates 100 --json"
    )
    found = bench([path], Entrant.of(run, 300.0), ALONE)
    assert len(found["rows"]) == 6
    assert all(row["log_loss"] != row["naive_log_loss"] for row in found["rows"])


def test_the_hash_is_that_of_the_timing_file_also_in_a_folder(season: Path, tmp_path: Path) -> None:
    path = next(season.iterdir())
    (tmp_path / "23_Analysis_Race.csv").write_bytes(path.read_bytes())
    (tmp_path / "notes.txt").write_text("no timing")
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    assert sha256_of(path) == sha256_of(tmp_path) == wanted


def test_the_frozen_files_hold_no_timing() -> None:
    folder = ROOT / "src" / "dryline" / "data" / "bench"
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    for race in manifest["races"]:
        assert set(race) == {*FrozenRace.__struct_fields__}
        for each in race["classes"]:
            assert set(each) == {*FrozenClass.__struct_fields__}
