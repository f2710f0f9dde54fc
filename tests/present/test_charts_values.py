"""Charts are values: valid, made of the frames' own rows, and blind to the future."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import ModuleType
from typing import Any

import altair
import jsonschema
import polars as pl
import pytest
from typer.main import get_command

from dryline.analysis.pace.clean_laps import clean_laps
from dryline.analysis.stops.pit_loss import pit_losses
from dryline.apps.cli.app import app
from dryline.domain.errors import BadOption, UnknownCar
from dryline.present import charts
from dryline.present.charts.bands import neutralised_bands
from dryline.present.charts.gap import gap_rows, pit_loss_rows
from dryline.present.charts.movement import MOVEMENT, championship_movement
from dryline.present.charts.pace_boxes import pace_rows
from dryline.present.charts.pits import pit_rows
from dryline.present.charts.position import position_rows
from dryline.present.charts.slope import slope_points, slope_rows
from dryline.present.charts.theme import DARK, LIGHT
from dryline.present.charts.trace import level_rows, trace_rows
from dryline.present.charts.tyre_wave import (
    crossing_ms,
    crossover_rows,
    group_rows,
    wave_window,
)
from dryline.present.charts.view import running_order
from dryline.present.charts.wetness_panels import TYRE_CHANGES, rain_rows, sector_rows
from tests.made_up.charted import made_up, outside
from tests.made_up.driving import race_of

KINDS = list(charts.KINDS)
RACE = made_up()
TABLES = outside(RACE)


def drawn(kind: str, race: Any = RACE, **view: Any) -> dict[str, Any]:
    asked = charts.Asked(charts.View(**view), tables=TABLES)
    spec: dict[str, Any] = charts.race_chart(race, kind, asked)
    return spec


def movement() -> pl.DataFrame:
    rows = [("A", 2, 1, 18.0, 43.0), ("B", 1, 2, 25.0, 40.0), ("C", 2, 3, 18.0, 18.0),
            ("D", None, 4, None, 10.0), ("E", 30, 5, 1.0, 9.5)]  # fmt: skip
    return pl.DataFrame(rows, schema=MOVEMENT, orient="row")


def validate(spec: dict[str, Any]) -> None:
    """Against the schema, with a few rows of each dataset: all rows of one are alike."""
    few = {name: rows[:2] for name, rows in spec["datasets"].items()}
    altair.Chart.from_dict(json.loads(json.dumps({**spec, "datasets": few})), validate=True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_is_valid_vega_lite(kind: str) -> None:
    validate(drawn(kind, theme=LIGHT, cars=("50", "7")))


def test_a_chart_that_is_not_valid_would_be_noticed() -> None:
    spec = drawn("trace")
    spec["layer"][0]["mark"]["type"] = "scribble"
    with pytest.raises(jsonschema.ValidationError):
        validate(spec)


@pytest.mark.parametrize("kind", KINDS)
def test_themes_differ_in_colours_only(kind: str) -> None:
    dark, light = (drawn(kind, theme=theme, cars=("50",)) for theme in (DARK, LIGHT))
    colour = re.compile(r"#[0-9a-f]{6}|0\.(?:17|22)")
    assert dark != light
    assert colour.sub("", charts.to_json(dark)) == colour.sub("", charts.to_json(light))


def test_the_table_of_movement_is_valid_and_gives_everybody_a_line_of_their_own() -> None:
    spec = championship_movement(movement(), "Drivers")
    validate(spec)
    rows = spec["datasets"]["movement"]
    left = [row["left"] for row in rows if row["left"] is not None]
    assert len(set(left)) == len(left) == 4
    assert [row["moved"] for row in rows] == ["up", "down", "down", "new", "up"]
    assert "A took the lead, 3 points clear" in spec["title"]["text"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_draws_as_svg_with_its_title_and_nothing_broken(kind: str) -> None:
    spec = drawn(kind, cars=("50", "7"))
    svg = charts.svg(spec)
    root = ElementTree.fromstring(svg)
    words = [text for node in root.iter() if node.tag.endswith("text") for text in node.itertext()]
    assert spec["title"]["text"] in " ".join(words)
    assert not {"NaN", "undefined", "null", "Infinity"} & set(re.findall(r"\w+", " ".join(words)))
    assert "NaN" not in svg
    assert root.get("aria-label")


def test_a_png_is_a_png() -> None:
    assert charts.png(drawn("trace"), 1.0).startswith(b"\x89PNG")


def test_titles_ask_a_question() -> None:
    for kind in KINDS:
        assert "?" in drawn(kind)["title"]["text"], kind


def test_the_pace_chart_holds_the_rows_of_the_pace_table() -> None:
    rows = pace_rows(RACE.laps)
    data = drawn("pace")["datasets"]
    shown = [row for name in sorted(data) for row in data[name]]
    keys = ("car_number", "laps", "q05", "q25", "q50", "q75", "q95", "best_fifth_ms")
    want = {tuple(row[key] for key in keys) for row in rows.to_dicts()}
    assert {tuple(row[key] for key in keys) for row in shown} == want
    assert rows.height == len(shown)


def test_the_pace_table_counts_only_green_laps_and_averages_the_best_fifth() -> None:
    row = pace_rows(RACE.laps).row(0, named=True)
    green = RACE.laps.filter(pl.col("is_green") & (pl.col("car_number") == row["car_number"]))
    best = sorted(green["lap_time_ms"])
    assert row["laps"] <= green.height
    fifth = best[: -(-row["laps"] // 5)]
    assert row["best_fifth_ms"] == round(sum(fifth) / len(fifth))


def test_the_gap_chart_holds_the_gaps_of_the_cars_named() -> None:
    spec = drawn("gap", cars=("50", "7"))
    rows = gap_rows(RACE.gaps("50")).filter(pl.col("car_number") == "7")
    assert spec["datasets"]["heroes"] == rows.to_dicts()
    last = spec["datasets"]["ends"][0]
    assert last["gap_s"] == rows["gap_s"][-1]
    losses = pit_losses(RACE.stops, clean_laps(RACE.laps))
    loss = pit_loss_rows(losses, RACE.entries["50"].car_class)
    assert loss.height == 1
    assert {abs(line["gap_s"]) for line in spec["datasets"]["pit_loss"]} <= {
        loss["loss_ms"][0] / 1000
    }


def test_behind_is_below_and_first_is_on_top() -> None:
    gap = drawn("gap", cars=("50", "7"))
    behind, ahead = gap["layer"][-1]["encoding"]["y"]["scale"]["domain"]
    assert behind > ahead
    bottom, top = drawn("positions")["layer"][-1]["encoding"]["y"]["scale"]["domain"]
    assert bottom > top == 0.5


def test_corners_are_enough_to_draw_every_position() -> None:
    rows = position_rows(RACE.laps)
    for car in RACE.cars:
        mine = rows.filter(pl.col("car_number") == car).sort("at_ms")
        for at, place in (
            RACE.laps.filter(pl.col("car_number") == car)
            .select("elapsed_ms", "position")
            .iter_rows()
        ):
            before = mine.filter(pl.col("at_ms") <= at).row(-1, named=True)
            after = mine.filter(pl.col("at_ms") >= at).row(0, named=True)
            assert place in (before["place"], after["place"])
            if before["at_ms"] != after["at_ms"]:
                assert before["place"] == after["place"] == place


def test_the_trace_is_elapsed_time_against_the_level_and_ends_at_zero_for_the_leader() -> None:
    mine = RACE.laps.filter(pl.col("car_class") == "HYPERCAR")
    level = level_rows(mine)
    rows = trace_rows(mine, level)
    spec = drawn("trace", car_class="HYPERCAR")
    assert len(spec["datasets"]["heroes"]) + len(spec["datasets"]["others"]) == rows.height
    leader = running_order(mine)["car_number"][0]
    assert leader in {row["car_number"] for row in spec["datasets"]["ends"]}
    last = rows.filter(pl.col("car_number") == leader).sort("lap").row(-1, named=True)
    assert abs(last["ahead_s"]) < 0.002


def test_time_in_the_pits_sums_to_the_stops() -> None:
    rows = pit_rows(RACE.stops)
    assert rows["lane_ms"].sum() == RACE.stops["pit_lane_ms"].sum()
    spec = drawn("pits")
    shown = [row for name, part in spec["datasets"].items() if "phases" in name for row in part]
    assert sum(row["lane_ms"] for row in shown) == rows["lane_ms"].sum()


def test_the_slope_finds_a_slope_that_is_there() -> None:
    flat = RACE.laps.with_columns(
        lap_time_ms=(100_000 + 50 * pl.col("stint_lap")).cast(pl.Int64), is_green=pl.lit(value=True)
    )
    slopes = slope_rows(slope_points(flat))
    assert slopes["slope_s"].to_list() == pytest.approx([0.05] * slopes.height)


def test_wetness_rows_are_the_samples_thinned_and_never_changed() -> None:
    rows = sector_rows(TABLES["samples"], 3)
    given = {row["at_ms"]: row for row in TABLES["samples"].to_dicts()}
    assert 2 < rows.height <= len(given)
    for row in rows.to_dicts():
        assert row["w"] == round(given[row["at_ms"]]["w3"], 3)
    rain = rain_rows(TABLES["samples"])
    assert all(row["end_ms"] >= row["start_ms"] for row in rain.to_dicts())


def test_a_neutralisation_that_lasts_is_drawn_to_the_end_of_the_axis() -> None:
    periods = RACE.neutralisations.with_columns(end_ms=pl.lit(None, dtype=pl.Int64))
    bands = neutralised_bands(periods, 0, 10**7)
    assert bands["end_ms"].to_list() == [10**7]
    assert bands["label"].to_list() == ["SC"]


def changes_at(*minutes: float) -> pl.DataFrame:
    rows = [(round(60_000 * m), f"c{i}", "A", "slick", 1.0) for i, m in enumerate(minutes)]
    return pl.DataFrame(rows, schema=TYRE_CHANGES, orient="row")


def test_the_window_of_a_crossover_is_that_of_the_densest_wave() -> None:
    start, end = wave_window(changes_at(10, 11, 100, 101, 102, 103, 300), "slick")
    assert (start, end) == ((87 * 60_000), (122 * 60_000))


def crossing_race(gain_ms: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Eight cars on 100 s laps; four change at minute 20 and are ``gain_ms`` faster from 30 on."""
    rows = [
        {
            "car_number": f"c{car}", "car_class": "A", "team": "", "lap": lap, "is_green": True,
            "start_ms": (lap - 1) * 100_000, "elapsed_ms": lap * 100_000 + car,
            "lap_time_ms": 100_000
            + (-gain_ms if lap >= 18 else 3_000) * (car < 4 and lap > 12),
        }
        for car in range(8)
        for lap in range(1, 30)
    ]  # fmt: skip
    return pl.DataFrame(rows), changes_at(20, 20, 20, 20)


def test_the_crossover_is_found_where_the_changed_cars_become_the_faster() -> None:
    laps, changes = crossing_race(gain_ms=2_000)
    found = crossing_ms(group_rows(crossover_rows(laps, changes, "slick", 1_100_000)), "A", "slick")
    assert found is not None
    assert abs(found - 18 * 100_000) <= 180_000
    laps, changes = crossing_race(gain_ms=-1_000)
    groups = group_rows(crossover_rows(laps, changes, "slick", 1_100_000))
    assert crossing_ms(groups, "A", "slick") is None


TIMES = ("at_ms", "start_ms", "end_ms", "x")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("at", ["0:20:00", "0:30:30", "0:47:00"])
def test_a_chart_of_a_race_cut_at_an_instant_holds_nothing_later(kind: str, at: str) -> None:
    cut = RACE.cut(at)
    spec = drawn(kind, cut)
    now = RACE.instant(at).ms
    if kind != "trace":  # its axis counts laps
        for name, rows in spec["datasets"].items():
            for row in rows:
                late = [row[t] for t in TIMES if isinstance(row.get(t), int) and row[t] > now]
                assert not late, (name, row)
    ends_there = RACE.crossings.filter(pl.col("elapsed_ms") <= now)
    assert spec == drawn(kind, race_of(ends_there))


@pytest.mark.parametrize("kind", KINDS)
def test_what_happens_later_changes_nothing(kind: str) -> None:
    now = RACE.instant("0:31:00").ms
    other = pl.col("elapsed_ms") > now
    changed = RACE.crossings.with_columns(
        flag=pl.when(other).then(pl.lit("red")).otherwise("flag"),
        driver=pl.when(other).then(pl.lit("Somebody ELSE")).otherwise("driver"),
    )
    assert drawn(kind, RACE.cut("0:31:00")) == drawn(kind, race_of(changed).cut("0:31:00"))


def test_a_table_from_outside_is_cut_at_the_race_s_end() -> None:
    cut = RACE.cut("0:20:00")
    bands = drawn("laps", cut)["datasets"]["wet"]
    assert bands == [{"start_ms": RACE.end.ms // 4, "end_ms": cut.end.ms}]


HOSTILE = '</script><script>alert(1)</script> "O\'Brien" & אבג\u2028'


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_names_do_no_harm(kind: str) -> None:
    frame = RACE.crossings.with_columns(team=pl.lit(HOSTILE), driver=pl.lit(HOSTILE))
    spec = drawn(kind, race_of(frame), cars=("50",))
    assert "<script" not in charts.svg(spec)
    text = charts.to_json(spec)
    assert "<" not in text
    assert json.loads(text) == json.loads(json.dumps(spec))


def test_a_page_is_one_file_that_asks_nobody_for_anything() -> None:
    frame = RACE.crossings.with_columns(driver=pl.lit(HOSTILE))
    page = charts.page(drawn("stints", race_of(frame)), drawn("gap"))
    own = page.replace(charts.script_bundle(), "")
    assert len(own) < len(page) / 4
    assert not re.findall(r"src=|<link|<img|@import|url\(|https?://(?!vega.github.io/schema)", own)
    assert page.count("<script>") == 2
    assert "alert(1)</script>" not in page
    assert len(page) < 2_000_000


def test_unknown_kinds_cars_and_missing_tables_are_refused_in_one_line() -> None:
    with pytest.raises(BadOption, match="no chart 'pie'"):
        drawn("pie")
    with pytest.raises(UnknownCar, match="no car '999'"):
        drawn("gap", cars=("999",))
    with pytest.raises(BadOption, match="needs the table samples"):
        charts.race_chart(RACE, "wetness", charts.Asked())
    bare = {"win_probability": pl.DataFrame({"at_ms": [1], "car_number": ["7"]})}
    with pytest.raises(BadOption, match="no column p_win_class"):
        charts.race_chart(RACE, "win", charts.Asked(tables=bare))
    with pytest.raises(BadOption, match="has no lap to draw"):
        charts.race_chart(RACE.cut("0:00:01"), "gap")


@pytest.mark.parametrize("kind", KINDS)
def test_a_race_of_a_few_laps_can_be_drawn(kind: str) -> None:
    charts.svg(drawn(kind, RACE.cut("0:05:30")))


def test_nothing_heavy_is_imported_before_something_is_drawn() -> None:
    code = (
        "import sys, dryline.present.charts as c; c.THEMES; c.View;"
        "print(sorted({'vl_convert', 'numba', 'typer'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_every_name_of_the_facade_is_what_it_says_and_stays_so() -> None:
    for _ in range(2):  # a module of that name, once imported, would stand in its place
        for name in charts.__all__:
            assert not isinstance(getattr(charts, name), ModuleType), name
    with pytest.raises(AttributeError, match="no attribute 'pie'"):
        _ = charts.pie


def test_every_chart_table_and_option_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "charts.md").read_text(encoding="utf-8")
    drawing = get_command(app).commands["chart"]  # type: ignore[attr-defined]
    options = [flag for each in drawing.params for flag in each.opts if flag.startswith("--")]
    opening = {
        "--series", "--year", "--session", "--length", "--messages", "--say", "--mapping",
        "--weekend", "--classes", "--entries",
    }  # fmt: skip
    for word in [*charts.KINDS, "championship", *charts.SCHEMAS]:
        assert f"`{word}`" in text, word
    for option in set(options) - opening:
        assert option in text, option
