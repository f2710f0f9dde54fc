"""Who was where, lap by lap: P1 on top."""

from __future__ import annotations

from typing import Literal

import polars as pl

from dryline.present.charts.bands import band_layers, neutralised_bands
from dryline.present.charts.car_lines import (
    COLOUR,
    coloured,
    end_labels,
    halo,
    hero_lines,
    label_layers,
    muted_lines,
)
from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel, quantity, time_x
from dryline.present.charts.theme import Theme, class_colour
from dryline.present.charts.view import View, classes_in_order, running_order

Place = Literal["position", "position_in_class"]
ROW_PX = {True: 11, False: 18}
UNSEEN_MS, STOPPED_MS = 30 * 60_000, 10 * 60_000
"""A line breaks where a car was not seen for so long; one not seen for so long before the end
has its label where it was last seen."""


def position_rows(laps: pl.DataFrame, place: Place = "position") -> pl.DataFrame:
    """Corners of every car's line: ``car_number, car_class, at_ms, place, part``.

    Crossings at which the place is that of the crossing before and of the one after are left out;
    straight lines between the rest are the whole. A new ``part`` begins where a car has not been
    seen for half an hour.
    """
    here, at = pl.col("place"), pl.col("at_ms")
    inner = (here == here.shift(1)) & (here == here.shift(-1))
    return (
        laps.select("car_number", "car_class", at_ms=pl.col("elapsed_ms"), place=pl.col(place))
        .sort("car_number", "at_ms")
        .with_columns(part=((at.diff() > UNSEEN_MS).cum_sum().over("car_number")).fill_null(0))
        .filter(~inner.over("car_number", "part").fill_null(value=False))
    )


def positions(
    laps: pl.DataFrame,
    neutralisations: pl.DataFrame,
    *,
    place: Place = "position",
    view: View = View(),
) -> Spec:
    """Positions over time: all cars in one chart, or in class with a panel for each class.

    Args:
        laps: schema ``LAPS``.
        neutralisations: schema ``NEUTRALISATIONS``.
        place: overall, or in class.
        view: class, highlighted cars, window and theme.
    """
    shown = view.inside(view.of_class(laps), "elapsed_ms")
    end = view.until(shown)
    x = time_x("at_ms", view.start_ms, end)
    datasets = {"neutralised": neutralised_bands(neutralisations, view.start_ms, end)}
    groups: list[str | None] = [None]
    if place == "position_in_class":
        groups = list(classes_in_order(shown))
    panels = []
    for i, name in enumerate(groups):
        mine = shown if name is None else shown.filter(pl.col("car_class") == name)
        heroes = tuple(car for car in view.cars if car in set(mine["car_number"]))
        panels.append(_panel(mine, place, heroes, view, x, end, i, datasets, name))
    body: Spec = panels[0] if len(panels) == 1 else {"vconcat": panels, "spacing": 26}
    return chart(_heading(shown, view.cars, place, end), view.theme, datasets, body)


def _panel(
    laps: pl.DataFrame, place: Place, heroes: tuple[str, ...], view: View, x: Spec, end: int,
    index: int, datasets: dict[str, pl.DataFrame], title: str | None,
) -> Spec:  # fmt: skip
    theme, rows = view.theme, position_rows(laps, place)
    most = max([2, *rows["place"].to_list()])
    height = most * ROW_PX[most > 30]
    domain = [most + 0.5, 0.5]
    y = quantity("place", domain, "position", values=[1, *range(5, most + 1, 5)], gridOpacity=0.6)
    others = rows.filter(~pl.col("car_number").is_in(heroes))
    stopped = pl.col("x") < end - STOPPED_MS
    ends = coloured(_ends(rows), _label_colours(rows, heroes, view), theme.muted)
    datasets |= {
        f"others_{index}": others,
        f"heroes_{index}": rows.filter(pl.col("car_number").is_in(heroes)),
        f"ends_{index}": end_labels(ends.filter(~stopped), domain, height, height / most),
        f"stopped_{index}": ends.filter(stopped),
    }
    part = {"detail": [{"field": name, "type": "nominal"} for name in ("car_number", "part")]}
    layers = [
        *band_layers(theme, x, labels=index == 0),
        *_class_lines(f"others_{index}", x, y, others, theme, faint=bool(heroes)),
        *hero_lines(f"heroes_{index}", x, y, _named(heroes, view), strokeWidth=2.6),
        *_stopped_layers(f"stopped_{index}", x, y, theme),
        *label_layers(f"ends_{index}", x, y),
    ]
    for each in layers:
        if "detail" in each["encoding"]:
            each["encoding"] |= part
    if title is None:
        return panel(layers, height)
    colour = class_colour(theme, title)
    named = {"text": title, "fontSize": 13, "offset": 8 if index else 18, "color": colour}
    return panel(layers, height, title=named)


def _ends(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.sort("at_ms")
        .group_by("car_number", maintain_order=True)
        .agg(pl.col("car_class").last(), x=pl.col("at_ms").last(), y=pl.col("place").last())
        .sort("y", "x")
        .with_columns(label=pl.col("car_number"))
    )


def _label_colours(rows: pl.DataFrame, heroes: tuple[str, ...], view: View) -> dict[str, str]:
    named = _named(heroes, view)
    return {
        car: named.get(car, view.theme.muted if heroes else class_colour(view.theme, car_class))
        for car, car_class in rows.select("car_number", "car_class").unique().iter_rows()
    }


def _named(heroes: tuple[str, ...], view: View) -> dict[str, str]:
    """The colours of the cars of one panel, the same in every panel."""
    return {car: colour for car, colour in view.colours(view.cars).items() if car in heroes}


def _class_lines(
    data: str, x: Spec, y: Spec, rows: pl.DataFrame, theme: Theme, *, faint: bool
) -> list[Spec]:
    layers = []
    for name in rows["car_class"].unique().sort():
        line = muted_lines(data, x, y, theme)
        line["transform"] = [{"filter": {"field": "car_class", "equal": name}}]
        if not faint:
            line["mark"] |= {"color": class_colour(theme, name), "strokeWidth": 1}
        layers.append(line)
    return layers


def _stopped_layers(data: str, x: Spec, y: Spec, theme: Theme) -> list[Spec]:
    """A cross and the number where a car was last seen."""
    at = {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}, "color": COLOUR}
    return [
        layer(data, {"type": "text", "text": "×", "fontSize": 13, "baseline": "middle"}, at),
        *halo(layer(data, {"type": "text", "align": "left", "baseline": "middle", "dx": 6,
                           "fontSize": 10}, {**at, "text": {"field": "label"}}), theme),
    ]  # fmt: skip


def _heading(laps: pl.DataFrame, cars: tuple[str, ...], place: Place, end: int) -> Heading:
    what = "in class" if place == "position_in_class" else "overall"
    reading = f"Position {what} at each crossing of the line; × where a car was last seen."
    if laps.is_empty():
        return Heading("Who was where? No car has crossed the line yet", reading)
    if cars:
        said = []
        for car in cars:
            mine = laps.filter(pl.col("car_number") == car)[place]
            if mine.len():
                last = laps.filter(pl.col("car_number") == car)["elapsed_ms"][-1]
                seen = f"last seen P{mine[-1]}" if last < end - STOPPED_MS else f"P{mine[-1]}"
                said.append(f"#{car} from P{mine[0]} to {seen}")
        return Heading(f"Who was where? {'; '.join(said[:3])}", reading)
    order = running_order(laps)
    best = [
        f"{name} #{order.filter(pl.col('car_class') == name)['car_number'][0]}"
        for name in classes_in_order(laps)
    ]
    return Heading(f"Who was where? In front by the end: {', '.join(best)}", reading)
