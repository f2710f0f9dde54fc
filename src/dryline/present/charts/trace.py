"""The race trace: every lap against one constant pace. Upwards is ahead of it."""

from __future__ import annotations

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.present.charts.bands import band_layers, labelled, neutralised_bands
from dryline.present.charts.car_lines import (
    coloured,
    end_labels,
    hero_lines,
    label_layers,
    muted_lines,
)
from dryline.present.charts.grammar import WIDTH, Heading, Spec, chart, panel, quantity
from dryline.present.charts.view import View, running_order

HEIGHT = 440


def level_rows(laps: pl.DataFrame, pace_ms: float | None = None) -> pl.DataFrame:
    """When the imagined car completes each lap: ``lap, level_ms, constant_ms``.

    It laps at one pace, except where the car in front by now was neutralised: there it takes that
    car's own time, or every safety car would bury the race. Without ``pace_ms`` the pace is such
    that both end together.
    """
    leader = running_order(laps)["car_number"][0]
    mine = (
        laps.filter(pl.col("car_number") == leader)
        .sort("lap")
        .select("lap", "lap_time_ms", held=pl.col("neutralised_ms") > 0)
    )
    total = int(mine["lap_time_ms"].sum())
    held = int(mine.filter("held")["lap_time_ms"].sum())
    free = mine.filter(~pl.col("held")).height
    constant = pace_ms if pace_ms is not None else (total - held) / max(1, free)
    return mine.select(
        "lap",
        level_ms=pl.when("held").then(pl.col("lap_time_ms").cast(pl.Float64)).otherwise(constant)
        .cum_sum(),
        constant_ms=pl.lit(constant),
    )  # fmt: skip


def trace_rows(laps: pl.DataFrame, level: pl.DataFrame) -> pl.DataFrame:
    """Lead over the imagined car of ``level``: ``car_number, lap, at_ms, ahead_s``."""
    return (
        laps.join(level.select("lap", "level_ms"), on="lap")
        .select(
            "car_number",
            "lap",
            at_ms=pl.col("elapsed_ms"),
            ahead_s=((pl.col("level_ms") - pl.col("elapsed_ms")) / 1000).round(3),
        )
        .sort("car_number", "lap")
    )


def race_trace(
    laps: pl.DataFrame,
    neutralisations: pl.DataFrame,
    *,
    pace_ms: float | None = None,
    view: View = View(),
) -> Spec:
    """Every car of a class against a constant pace, by lap; see ``level_rows`` for that pace.

    Args:
        laps: schema ``LAPS``.
        neutralisations: schema ``NEUTRALISATIONS``.
        pace_ms: the level line; the leader's average of green laps and stops where none is given.
        view: class (that of the first car named or of the leader if none), cars and theme.
    """
    chosen = view.chosen(laps, 4)
    name = view.car_class or _class_of(laps, chosen)
    mine = view.inside(laps.filter(pl.col("car_class") == name), "elapsed_ms")
    cars = tuple(car for car in chosen if car in set(mine["car_number"]))
    level = level_rows(mine, pace_ms)
    rows = trace_rows(mine, level)
    heroes = rows.filter(pl.col("car_number").is_in(cars))
    first, last = int(mine["lap"].min()), int(mine["lap"].max())  # type: ignore[arg-type]
    domain = _domain(heroes)
    x = quantity("lap", [first, max(last, first + 1)], "lap", tickCount=12)
    y = quantity("ahead_s", domain, "seconds ahead of the constant pace  ↑", tickCount=9)
    colours = view.colours(cars)
    bands = neutralised_laps(neutralisations, mine)
    ends = (
        heroes.group_by("car_number", maintain_order=True)
        .agg(x=pl.col("lap").last(), y=pl.col("ahead_s").last().clip(*domain))
        .with_columns(label=pl.format("#{}", "car_number"))
    )
    datasets = {
        "neutralised": bands,
        "others": rows.filter(~pl.col("car_number").is_in(cars)),
        "heroes": heroes,
        "ends": coloured(end_labels(ends, domain, HEIGHT), colours, view.theme.ink),
    }
    layers = [
        *band_layers(view.theme, x),
        muted_lines("others", x, y, view.theme),
        *hero_lines("heroes", x, y, colours),
        *label_layers("ends", x, y),
    ]
    return chart(
        _heading(heroes, name, level["constant_ms"][0]), view.theme, datasets, panel(layers, HEIGHT)
    )


def neutralised_laps(periods: pl.DataFrame, laps: pl.DataFrame) -> pl.DataFrame:
    """Neutralised periods in laps of whoever led: ``kind, start_ms, end_ms, label`` as laps."""
    led = laps.group_by("lap").agg(at_ms=pl.col("elapsed_ms").min()).sort("lap")
    at, lap = led["at_ms"].to_list(), led["lap"].to_list()
    if not at:
        return neutralised_bands(periods, 0, 1)

    def lap_at(ms: int) -> float:
        before = next((i for i in range(len(at) - 1, -1, -1) if at[i] <= ms), None)
        if before is None:
            return float(lap[0])
        if before == len(at) - 1:
            return float(lap[-1])
        return float(lap[before] + (ms - at[before]) / (at[before + 1] - at[before]))

    bands = neutralised_bands(periods, at[0], at[-1]).drop("label")
    bands = bands.with_columns(
        pl.Series("start_ms", [round(lap_at(ms), 2) for ms in bands["start_ms"]], pl.Float64),
        pl.Series("end_ms", [round(lap_at(ms), 2) for ms in bands["end_ms"]], pl.Float64),
    )
    return labelled(bands, WIDTH / max(1, lap[-1] - lap[0]))


def _class_of(laps: pl.DataFrame, cars: tuple[str, ...]) -> str:
    return str(laps.filter(pl.col("car_number") == cars[0])["car_class"][0])


def _domain(heroes: pl.DataFrame) -> list[float]:
    low = float(heroes["ahead_s"].quantile(0.002) or 0.0)
    high = float(heroes["ahead_s"].quantile(0.998) or 0.0)
    room = max(2.0, (high - low) * 0.05)
    return [round(low - room, 1), round(high + room, 1)]


def _heading(heroes: pl.DataFrame, name: str, level: float) -> Heading:
    reading = (
        f"Level: {format_ms(round(level))} a lap, and the leader's own laps where neutralised. "
        "A line that falls is slower than that; a step down is a stop."
    )
    ends = heroes.sort("lap").group_by("car_number", maintain_order=True).last()
    best = ends.sort(["lap", "at_ms"], descending=[True, False]).row(0, named=True)
    return Heading(f"Where was {name} won and lost? #{best['car_number']} in front", reading)
