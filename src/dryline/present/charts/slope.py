"""Whose pace falls away in a stint: every lap against its own stint's middle."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel, quantity
from dryline.present.charts.theme import Theme, class_colour
from dryline.present.charts.view import View

HEIGHT, WIDTH, COLUMNS = 170, 270, 3
Floats = npt.NDArray[np.float64]
DRY, NEAR, FEWEST = 1.05, 0.02, 5
"""Laps within 5 % of the class's quick ones (its first tenth) and 2 % of their stint's median
count, in stints with five of them: wet laps and mistakes do not."""


def slope_points(laps: pl.DataFrame) -> pl.DataFrame:
    """Green laps against the median of their stint: ``car_number, stint, stint_lap, off_s``."""
    middle = pl.col("lap_time_ms").median().over("car_number", "stint")
    quick = pl.col("lap_time_ms").quantile(0.1).over("car_class")
    kept = (
        laps.filter(pl.col("is_green"))
        .filter(pl.col("lap_time_ms") <= DRY * quick)
        .filter((pl.col("lap_time_ms") / middle - 1).abs() <= NEAR)
        .filter(pl.len().over("car_number", "stint") >= FEWEST)
    )
    off = (
        pl.col("lap_time_ms") - pl.col("lap_time_ms").median().over("car_number", "stint")
    ) / 1000
    return kept.select("car_number", "car_class", "stint", "stint_lap", off_s=off.round(3)).sort(
        "car_number", "stint", "stint_lap"
    )


def slope_rows(points: pl.DataFrame) -> pl.DataFrame:
    """The median of slopes between laps of one stint: ``car_number, slope_s, laps``.

    Seconds lost per lap (Theil-Sen, pairs within a stint only), fuel burnt and tyres worn
    together: timing cannot part the two.
    """
    rows = []
    for (car,), mine in points.group_by("car_number", maintain_order=True):
        slopes = [
            _pairs(stint["stint_lap"].cast(pl.Float64).to_numpy(), stint["off_s"].to_numpy())
            for _, stint in mine.group_by("stint", maintain_order=True)
        ]
        rows.append(
            {"car_number": car, "slope_s": round(float(np.median(np.concatenate(slopes))), 4),
             "laps": mine.height}
        )  # fmt: skip
    return pl.DataFrame(
        rows, schema={"car_number": pl.String, "slope_s": pl.Float64, "laps": pl.Int64}
    )


def _pairs(lap: Floats, off: Floats) -> Floats:
    i, j = np.triu_indices(len(lap), 1)
    return np.asarray((off[j] - off[i]) / (lap[j] - lap[i]))


def stint_slope(laps: pl.DataFrame, *, view: View = View()) -> Spec:
    """A panel a car (those named, or the first six): laps of all stints by lap of the stint.

    Args:
        laps: schema ``LAPS``.
        view: cars, class, window and theme.
    """
    shown = view.inside(view.of_class(laps), "elapsed_ms")
    cars = view.chosen(shown, 6)
    points = slope_points(shown).filter(pl.col("car_number").is_in(cars))
    slopes = slope_rows(points)
    lap_max = int(points["stint_lap"].quantile(0.98, "higher") or 2)
    spread = float(points["off_s"].abs().quantile(0.98) or 1.0)
    datasets: dict[str, pl.DataFrame] = {}
    panels = []
    classes = dict(shown.select("car_number", "car_class").unique().iter_rows())
    for i, car in enumerate(cars):
        mine = points.filter(pl.col("car_number") == car)
        row = slopes.filter(pl.col("car_number") == car)
        slope = row["slope_s"][0] if row.height else None
        datasets[f"laps_{i}"] = mine
        datasets[f"median_{i}"] = (
            mine.group_by("stint_lap").agg(off_s=pl.col("off_s").median(), laps=pl.len())
            .filter(pl.col("laps") >= 3).sort("stint_lap")
        )  # fmt: skip
        datasets[f"line_{i}"] = _line(mine, slope)
        words = "too few green laps" if slope is None else f"{_signed(slope)} s a lap"
        panels.append(
            _panel(i, [2, max(lap_max, 3)], spread, view.theme, classes[car], f"#{car} · {words}")
        )
    body: Spec = {"concat": panels, "columns": COLUMNS, "spacing": 26}
    return chart(_heading(slopes), view.theme, datasets, body)


def _line(points: pl.DataFrame, slope: float | None) -> pl.DataFrame:
    """The slope through the middle of the laps: two ends."""
    if slope is None or points.is_empty():
        return pl.DataFrame(schema={"stint_lap": pl.Int32, "off_s": pl.Float64})
    lap = points["stint_lap"].cast(pl.Float64)
    level = float((points["off_s"] - slope * lap).median() or 0.0)  # type: ignore[arg-type]
    ends = [int(lap.min()), int(lap.max())]  # type: ignore[arg-type]
    return pl.DataFrame(
        {"stint_lap": ends, "off_s": [round(level + slope * end, 3) for end in ends]}
    )


def _panel(
    index: int, laps: list[int], spread: float, theme: Theme, car_class: str, title: str
) -> Spec:
    x = quantity("stint_lap", laps, "lap of the stint", tickCount=6, tickMinStep=1)
    y = quantity(
        "off_s",
        [-spread, spread],
        "s off its stint" if index % COLUMNS == 0 else None,
        tickCount=5,
        format="+.1f",
    )
    colour = class_colour(theme, car_class)
    layers = [
        layer(f"laps_{index}", {"type": "point", "filled": True, "size": 9, "fillOpacity": 0.45,
                                "color": theme.muted, "clip": True}, {"x": x, "y": y}),
        layer(f"median_{index}", {"type": "line", "color": theme.ink, "strokeWidth": 1.3,
                                  "clip": True}, {"x": x, "y": y}),
        layer(f"line_{index}", {"type": "line", "color": colour, "strokeWidth": 2.4,
                                "strokeDash": [6, 3], "clip": True}, {"x": x, "y": y}),
    ]  # fmt: skip
    return panel(layers, HEIGHT, WIDTH, title={"text": title, "fontSize": 12, "offset": 6})


def _signed(slope: float) -> str:
    return f"{'+' if slope >= 0 else '−'}{abs(slope):.3f}"


def _heading(slopes: pl.DataFrame) -> Heading:
    reading = (
        "Each dot: a green lap against the median of its stint. Line: median by lap of the stint; "
        "dashed: robust slope. Fuel burnt and tyres worn act together."
    )
    if slopes.is_empty():
        return Heading("Whose pace falls away? No stint has five green laps yet", reading)
    worst = slopes.sort("slope_s", descending=True).row(0, named=True)
    if slopes.height == 1:
        return Heading(
            f"Does the pace fall away? #{worst['car_number']} {_signed(worst['slope_s'])} s a lap",
            reading,
        )
    best = slopes.sort("slope_s").row(0, named=True)
    if worst["slope_s"] <= 0:
        return Heading(
            f"Whose pace falls away? Nobody's: from {_signed(best['slope_s'])} s a lap "
            f"(#{best['car_number']}) to {_signed(worst['slope_s'])} (#{worst['car_number']})",
            reading,
        )
    return Heading(
        f"Whose pace falls away? #{worst['car_number']} {_signed(worst['slope_s'])} s a lap, "
        f"#{best['car_number']} {_signed(best['slope_s'])}",
        reading,
    )
