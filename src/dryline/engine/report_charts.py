"""The charts of a report: what each asks, drawn for paper; the page adapts them to the dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from dryline.analysis.claims.tables import Tables, slug
from dryline.domain.series import first_titles
from dryline.present.charts.movement import MOVEMENT, championship_movement
from dryline.present.charts.of_race import Asked, race_chart
from dryline.present.charts.pace_boxes import pace, pace_rows
from dryline.present.charts.render import svg
from dryline.present.charts.theme import LIGHT
from dryline.present.charts.view import View
from dryline.present.report.arrange import Figure
from dryline.race.race import Race

MOST_BYTES = 2_500_000
"""All charts together; what would go over it is left out, the last classes first."""
FRONT = 5
_DATA = ("samples", "tyre_changes", "stint_tyres", "wet", "win_probability")


def race_figures(
    race: Race, official: pl.DataFrame, extra: Mapping[str, pl.DataFrame]
) -> dict[str, tuple[Figure, ...]]:
    """Figures by section id: the fight at the front, then every class."""
    tables = {name: frame for name, frame in extra.items() if name in _DATA}
    found: dict[str, list[Figure]] = {}
    size = 0
    for section, figure in _drawn(race, official, tables):
        size += len(figure.svg.encode())
        if size <= MOST_BYTES:
            found.setdefault(section, []).append(figure)
    return {section: tuple(figures) for section, figures in found.items()}


def _drawn(
    race: Race, official: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> Iterator[tuple[str, Figure]]:
    placed = official.filter(pl.col("position").is_not_null()).sort("position")
    names = list(dict.fromkeys(placed["car_class"].to_list()))
    for at, name in enumerate(names):
        cars = tuple(placed.filter(pl.col("car_class") == name)["car_number"].to_list()[:FRONT])
        view = View(theme=LIGHT, car_class=name, cars=cars)
        where = "won-and-lost" if at == 0 else f"class-{name}"
        if len(cars) > 1:
            text = f"{name}: gap to #{cars[0]}, which won it; below the line is behind"
            yield where, _figure(race, "gap", f"gap-{slug(name)}", text, view, tables)
            text = f"{name}: seconds ahead of a constant pace; upwards is ahead"
            yield where, _figure(race, "trace", f"trace-{slug(name)}", text, view, tables)
        if "win_probability" in tables and len(cars) > 1:
            text = f"{name}: the chance of winning the class, forecast with what was known then"
            worm = View(theme=LIGHT, car_class=name)
            yield where, _figure(race, "win", f"win-{slug(name)}", text, worm, tables)
        text = f"{name}: place in class at every crossing"
        yield (
            f"class-{name}",
            _figure(race, "class-positions", f"places-{slug(name)}", text, view, tables),
        )
    for name in names:
        cars = tuple(placed.filter(pl.col("car_class") == name)["car_number"].to_list()[:FRONT])
        yield from _paces(race, name, cars, tables)
    wet = tables.get("wet")
    if wet is not None and wet.height:
        text = "Where was it wet, and who changed tyres when? (inferred from the lap times)"
        yield "weather", _figure(race, "wetness", "wetness", text, View(theme=LIGHT), tables)
    for name in names:
        everybody = View(theme=LIGHT, car_class=name)
        text = f"{name}: who drove when, and on what" if tables else f"{name}: who drove when"
        yield (
            f"class-{name}",
            _figure(race, "stints", f"stints-{slug(name)}", text, everybody, tables),
        )
        if race.stops.filter(pl.col("car_class") == name).height:
            text = f"{name}: time in the pits"
            yield (
                f"class-{name}",
                _figure(race, "pits", f"pits-{slug(name)}", text, everybody, tables),
            )


def _paces(
    race: Race, name: str, cars: tuple[str, ...], tables: Mapping[str, pl.DataFrame]
) -> Iterator[tuple[str, Figure]]:
    """Pace by driver of the first cars of a class, where they have laps that show one."""
    laps = race.laps.filter(pl.col("car_number").is_in(cars))
    if pace_rows(laps, "driver").is_empty():
        return
    spec = pace(laps, by="driver", view=View(theme=LIGHT, car_class=name))
    text = f"{name}: pace by driver, the first {len(cars)} cars"
    yield f"class-{name}", drawn(f"pace-{slug(name)}", text, spec)


def _figure(
    race: Race,
    kind: str,
    name: str,
    caption: str,
    view: View,
    tables: Mapping[str, pl.DataFrame],
) -> Figure:
    return drawn(name, caption, race_chart(race, kind, Asked(view=view, tables=tables)))


def drawn(name: str, caption: str, spec: dict[str, Any]) -> Figure:
    """A chart drawn, with the chart itself beside the drawing."""
    return Figure(name, caption, svg(spec), spec)


def event_figures(tables: Tables) -> dict[str, tuple[Figure, ...]]:
    """Championship movement, from the published tables before and after the round."""
    found = []
    for title in first_titles():
        rows = _movement(tables, title)
        if rows.height:
            spec: dict[str, Any] = championship_movement(rows, title, view=View(theme=LIGHT))
            text = f"{title}: before the round and after it"
            found.append(drawn(f"movement-{slug(title)}", text, spec))
    return {"championship": tuple(found)}


def _movement(tables: Tables, title: str) -> pl.DataFrame:
    own = pl.col("championship") == title
    after = tables.frames["standings_after"].filter(own & pl.col("position").is_not_null())
    before = tables.frames["standings_before"].filter(own)
    return (
        after.join(before, on="names", how="left", suffix="_before", maintain_order="left")
        .select(
            name=pl.when(pl.col("car_number").is_null())
            .then("names")
            .otherwise(pl.format("#{} {}", "car_number", "names")),
            before_position=pl.col("position_before"),
            after_position=pl.col("position"),
            before_points=pl.col("points_before"),
            after_points=pl.col("points"),
        )
        .cast(MOVEMENT)  # type: ignore[arg-type]
    )
