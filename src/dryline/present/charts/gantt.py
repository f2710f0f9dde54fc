"""Who drove when: stints in a row per car, drivers' initials, tyres, neutralisations as bands."""

from __future__ import annotations

import polars as pl

from dryline.present.charts.bands import band_layers, neutralised_bands
from dryline.present.charts.grammar import WIDTH, Heading, Spec, chart, layer, panel, time_x
from dryline.present.charts.labels import initials
from dryline.present.charts.theme import Theme, class_colour
from dryline.present.charts.view import View
from dryline.present.names import person

ROW_PX = 18
LETTER_PX = 7.5
STINT_TYRES: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "stint": pl.Int32,
    "p_wet": pl.Float64,
}
"""How likely a stint was on wets, where somebody has said or worked it out."""
STINT_FORECAST: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "start_ms": pl.Int64,
    "end_ms": pl.Int64,
}
"""Stints still to come, drawn dashed."""
SHADES = {
    "dark": ("#232d3b", "#313e50", "#3e4e64", "#485973"),
    "light": ("#dfe5ee", "#c6d0de", "#adbbcd", "#95a7be"),
}
"""A crew's drivers by order of appearance, from the ground's side to the ink's."""


def stint_rows(
    stints: pl.DataFrame,
    *,
    start_ms: int,
    end_ms: int,
    stops: pl.DataFrame | None = None,
    tyres: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Stints inside a window, one bar each; with ``stops``, less the time in the pit lane.

    Columns: ``car_number, car_class, stint, driver, start_ms, end_ms, laps, seat`` (0 for the
    first of the crew seen at the wheel), ``initials`` where they fit, ``tyre`` (``wet``,
    ``slick``, or null: nobody knows) and ``certainty`` (0 to 1).
    """
    crews = _crews(stints)
    rows = (
        _on_track(stints, stops)
        .sort("car_number", "start_ms")
        .filter((pl.col("end_ms") > start_ms) & (pl.col("start_ms") < end_ms))
        .with_columns(pl.col("start_ms", "end_ms").clip(start_ms, end_ms))
        .join(crews, on=["car_number", "driver"], how="left")
    )
    fits = (pl.col("end_ms") - pl.col("start_ms")) * (WIDTH / max(1, end_ms - start_ms)) >= (
        pl.col("initials").str.len_chars() * LETTER_PX + 4
    )
    known = rows.with_columns(p_wet=pl.lit(None, dtype=pl.Float64))
    if tyres is not None:
        known = rows.join(tyres.select(*STINT_TYRES), on=["car_number", "stint"], how="left")
    return known.with_columns(
        initials=pl.when(fits).then("initials").otherwise(pl.lit("")),
        tyre=pl.when(pl.col("p_wet").is_null())
        .then(None)
        .when(pl.col("p_wet") >= 0.5)
        .then(pl.lit("wet"))
        .otherwise(pl.lit("slick")),
        certainty=(pl.col("p_wet") - 0.5).abs() * 2,
    ).select(
        "car_number", "car_class", "stint", "driver", "start_ms", "end_ms", "laps", "seat",
        "initials", "tyre", "certainty",
    )  # fmt: skip


def _on_track(stints: pl.DataFrame, stops: pl.DataFrame | None) -> pl.DataFrame:
    """Stints that begin when the car has left the pit lane, as far as a stop tells."""
    if stops is None:
        return stints
    lane = stops.select("car_number", start_ms="in_ms", lane=pl.col("pit_lane_ms").fill_null(0))
    return (
        stints.join(lane, on=["car_number", "start_ms"], how="left")
        .with_columns(
            start_ms=pl.min_horizontal("end_ms", pl.col("start_ms") + pl.col("lane").fill_null(0))
        )
        .drop("lane")
    )


def _crews(stints: pl.DataFrame) -> pl.DataFrame:
    seen = stints.sort("start_ms").group_by("car_number", maintain_order=True).agg(
        pl.col("driver").unique(maintain_order=True)
    )  # fmt: skip
    rows = [
        {"car_number": car, "driver": driver, "seat": seat, "initials": short[driver]}
        for car, crew in seen.iter_rows()
        for short in (initials(crew),)
        for seat, driver in enumerate(crew)
    ]
    schema = {
        "car_number": pl.String, "driver": pl.String, "seat": pl.Int64, "initials": pl.String,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def gantt_order(stints: pl.DataFrame) -> pl.DataFrame:
    """Cars by class and laps done: ``car_number, car_class``; the best car's class first."""
    cars = (
        stints.group_by("car_number")
        .agg(pl.col("car_class").first(), laps=pl.col("last_lap").max(), end=pl.col("end_ms").max())
        .sort(["laps", "end", "car_number"], descending=[True, False, False])
    )
    classes = {name: i for i, name in enumerate(dict.fromkeys(cars["car_class"].to_list()))}
    return (
        cars.with_columns(rank=pl.col("car_class").replace_strict(classes, return_dtype=pl.Int64))
        .sort("rank", maintain_order=True)
        .select("car_number", "car_class")
    )


def stint_gantt(
    stints: pl.DataFrame,
    neutralisations: pl.DataFrame,
    *,
    stops: pl.DataFrame | None = None,
    tyres: pl.DataFrame | None = None,
    forecast: pl.DataFrame | None = None,
    view: View = View(),
) -> Spec:
    """A row a car in order of the race, a panel a class; named cars only, where cars are named.

    Args:
        stints: schema ``STINTS``.
        neutralisations: schema ``NEUTRALISATIONS``.
        stops: schema ``STOPS``: leaves the time in the pit lane blank.
        tyres: schema ``STINT_TYRES``: a strip under each bar, fainter where less sure.
        forecast: schema ``STINT_FORECAST``, drawn dashed after now.
        view: class, cars, window and theme.
    """
    chosen = view.of_class(stints)
    if view.cars:
        chosen = chosen.filter(pl.col("car_number").is_in(view.cars))
    end = view.until(chosen, "end_ms")
    if forecast is not None and view.end_ms is None and forecast.height:
        end = max(end, int(forecast["end_ms"].max()))  # type: ignore[arg-type]
    rows = stint_rows(chosen, start_ms=view.start_ms, end_ms=end, stops=stops, tyres=tyres)
    order = gantt_order(chosen)
    datasets = {"neutralised": neutralised_bands(neutralisations, view.start_ms, end)}
    panels = []
    for i, (name, cars) in enumerate(_by_class(order)):
        datasets[f"stints_{i}"] = rows.filter(pl.col("car_number").is_in(cars))
        datasets[f"cars_{i}"] = pl.DataFrame({"car_number": cars, "label": [f"#{c}" for c in cars]})
        if forecast is not None:
            datasets[f"forecast_{i}"] = forecast.filter(pl.col("car_number").is_in(cars))
        panels.append(_panel(i, name, cars, view, end, forecast is not None))
    body: Spec = panels[0] if len(panels) == 1 else {"vconcat": panels, "spacing": 22}
    return chart(_heading(rows, tyres is not None), view.theme, datasets, body)


def _by_class(order: pl.DataFrame) -> list[tuple[str, list[str]]]:
    names = list(dict.fromkeys(order["car_class"].to_list()))
    return [
        (name, order.filter(pl.col("car_class") == name)["car_number"].to_list()) for name in names
    ]


def _panel(index: int, name: str, cars: list[str], view: View, end: int, forecast: bool) -> Spec:
    theme = view.theme
    x = time_x("start_ms", view.start_ms, end)
    y: Spec = {
        "field": "car_number", "type": "nominal", "axis": None, "sort": None,
        "scale": {"type": "band", "domain": cars, "paddingInner": 0.2, "paddingOuter": 0.1},
    }  # fmt: skip
    colour = class_colour(theme, name)
    layers = [
        layer(f"cars_{index}",
              {"type": "text", "align": "right", "baseline": "middle", "fontWeight": 600,
               "color": colour},
              {"x": {"value": -8}, "y": {**y, "bandPosition": 0.5}, "text": {"field": "label"}}),
        *_bars(f"stints_{index}", x, y, theme),
        *band_layers(theme, x, labels=index == 0),
        *_initials(f"stints_{index}", x, y, theme),
    ]  # fmt: skip
    if forecast:
        layers.append(
            layer(f"forecast_{index}",
                  {"type": "bar", "height": {"band": 0.9}, "fillOpacity": 0, "stroke": theme.muted,
                   "strokeDash": [3, 2], "cornerRadius": 2},
                  {"x": x, "x2": {"field": "end_ms"}, "y": y})
        )  # fmt: skip
    title = {"text": name, "fontSize": 13, "offset": 8 if index else 18, "color": colour}
    return panel(layers, ROW_PX * len(cars), title=title)


def _bars(data: str, x: Spec, y: Spec, theme: Theme) -> list[Spec]:
    shades = SHADES[theme.name]
    bar = {"x": x, "x2": {"field": "end_ms"}, "y": y}
    shade: Spec = {
        "field": "seat", "type": "ordinal", "legend": None,
        "scale": {"domain": list(range(len(shades))), "range": list(shades)},
    }  # fmt: skip
    strips = []
    for name, colour in (("wet", theme.wet), ("slick", theme.slick)):
        strip = layer(
            data,
            {"type": "bar", "height": 3, "yOffset": 6, "color": colour},
            {**bar, "y": {**y, "bandPosition": 0.5},
             "fillOpacity": {"field": "certainty", "type": "quantitative", "legend": None,
                             "scale": {"domain": [0, 1], "range": [0.1, 1]}}},
        )  # fmt: skip
        strip["transform"] = [{"filter": {"field": "tyre", "equal": name}}]
        strips.append(strip)
    return [
        layer(data, {"type": "bar", "height": {"band": 1}, "cornerRadius": 2,
                     "stroke": theme.ground, "strokeWidth": 1.4}, {**bar, "color": shade}),
        *strips,
    ]  # fmt: skip


def _initials(data: str, x: Spec, y: Spec, theme: Theme) -> list[Spec]:
    mark = {
        "type": "text", "align": "left", "baseline": "middle", "dx": 4, "fontSize": 10,
        "color": theme.ink,
    }  # fmt: skip
    at = {"x": x, "y": {**y, "bandPosition": 0.5}, "text": {"field": "initials"}}
    return [layer(data, mark, at)]


def _heading(rows: pl.DataFrame, tyres: bool) -> Heading:
    reading = "One bar a stint, shaded by driver, with the driver's initials; yellow: neutralised."
    if tyres:
        reading += " Strip: tyres as inferred, blue wet, amber slick, faint where unsure."
    if rows.is_empty():
        return Heading("Who drove when? Nobody has completed a lap", reading)
    longest = rows.sort("laps", descending=True).row(0, named=True)
    return Heading(
        f"Who drove when? Longest stint {longest['laps']} laps: #{longest['car_number']} "
        f"{person(longest['driver'])}",
        reading,
    )
