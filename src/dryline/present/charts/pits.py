"""Where the time in the pits went, car by car."""

from __future__ import annotations

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel
from dryline.present.charts.theme import Theme, class_colour
from dryline.present.charts.view import View, classes_in_order, running_order
from dryline.race.stops import states_lane_times

ROW_PX = 17
LONG_FACTOR, LONG_MS = 3.0, 120_000
PHASES = ("green", "neutralised", "long", "red flag")
"""Stops under green, under a neutralisation, longer than any service needs, and behind a red."""


def pit_rows(stops: pl.DataFrame) -> pl.DataFrame:
    """Time in the pit lane by car and phase: ``car_number, car_class, phase, stops, lane_ms``.

    A stop is long at more than three times its class's median and two minutes over it: repairs, a
    wait at the red light of the pit exit, or both. Where the source states no time in the lane,
    ``lane_ms`` is what the stops lost; a stop of which neither is known is left out.
    """
    time = pl.col("pit_lane_ms" if states_lane_times(stops) else "lost_ms")
    usual = time.median().over("car_class")
    phase = (
        pl.when(pl.col("under") == "red")
        .then(pl.lit("red flag"))
        .when((time > LONG_FACTOR * usual) & (time > usual + LONG_MS))
        .then(pl.lit("long"))
        .when(pl.col("under").is_in(["green", "slow_zone"]))
        .then(pl.lit("green"))
        .otherwise(pl.lit("neutralised"))
    )
    return (
        stops.filter(time.is_not_null())
        .with_columns(phase=phase)
        .group_by("car_number", "car_class", "phase")
        .agg(stops=pl.len(), lane_ms=time.sum())
        .sort("car_class", "car_number", "phase")
    )


def pit_totals(rows: pl.DataFrame, laps: pl.DataFrame) -> pl.DataFrame:
    """Totals by car in the order of the race.

    Columns: ``car_number, car_class, lap`` (the last completed), ``stops, lane_ms, label``.
    """
    order = running_order(laps).select("car_number", "lap")
    totals = rows.group_by("car_number", "car_class").agg(
        pl.col("stops").sum(), pl.col("lane_ms").sum()
    )
    return (
        order.join(totals, on="car_number", maintain_order="left")
        .select("car_number", "car_class", "lap", "stops", "lane_ms")
        .with_columns(
            label=pl.format(
                "{}  ·  {} stops",
                pl.col("lane_ms").map_elements(
                    lambda ms: format_ms(ms, places=0), return_dtype=pl.String
                ),
                "stops",
            )
        )
    )


def pit_time(stops: pl.DataFrame, laps: pl.DataFrame, *, view: View = View()) -> Spec:
    """Stacked bars of pit-lane time by phase, in the order of the race, a panel a class.

    Args:
        stops: schema ``STOPS``.
        laps: schema ``LAPS``, for the order of the race.
        view: class, highlighted cars and theme.
    """
    stated = states_lane_times(stops)
    rows = pit_rows(view.of_class(stops))
    totals = pit_totals(rows, laps)
    names = [n for n in classes_in_order(view.of_class(laps)) if n in set(totals["car_class"])]
    datasets: dict[str, pl.DataFrame] = {}
    panels = []
    for i, name in enumerate(names):
        mine = totals.filter(pl.col("car_class") == name)
        datasets[f"phases_{i}"] = rows.filter(pl.col("car_class") == name)
        datasets[f"totals_{i}"] = mine.with_columns(
            highlighted=pl.col("car_number").is_in(view.cars) | pl.lit(not view.cars)
        )
        width = 560 if len(names) == 1 else 200
        panels.append(_panel(i, mine, view.theme, width, set(rows["phase"]), stated=stated))
    body: Spec = panels[0] if len(panels) == 1 else {"hconcat": panels, "spacing": 22}
    if not panels:
        body = panel([layer("totals", {"type": "text", "text": ""}, {})], 40)
        datasets = {"totals": totals}
    return chart(_heading(totals, names, stated=stated), view.theme, datasets, body)


def _panel(
    index: int, totals: pl.DataFrame, theme: Theme, width: int, phases: set[str], *, stated: bool
) -> Spec:
    name = str(totals["car_class"][0])
    cars = totals["car_number"].to_list()
    typical = float(totals["lane_ms"].quantile(0.8, "higher") or 1)
    domain = [0, min(float(totals["lane_ms"].max()), 1.6 * typical) / 60_000]  # type: ignore[arg-type]
    y: Spec = {
        "field": "car_number", "type": "nominal", "axis": None, "sort": None,
        "scale": {"type": "band", "domain": cars, "paddingInner": 0.3},
    }  # fmt: skip
    colours = (theme.muted, theme.neutralised, theme.loss, theme.wet)
    colour: Spec = {
        "field": "phase", "type": "nominal",
        "legend": {"orient": "top", "symbolType": "square"} if index == 0 else None,
        "scale": {"domain": [phase for phase in PHASES if phase in phases], "range": [
            colour for phase, colour in zip(PHASES, colours, strict=True) if phase in phases
        ]},
    }  # fmt: skip
    bars = layer(
        f"phases_{index}",
        {"type": "bar", "clip": True, "height": {"band": 1}},
        {
            "x": {
                "field": "minutes", "type": "quantitative", "stack": "zero",
                "scale": {"domain": domain, "nice": False},
                "axis": {"title": "minutes in the pit lane" if stated else "minutes lost at stops",
                         "tickCount": 5},
            },
            "y": y,
            "color": colour,
            "order": {"field": "rank", "type": "quantitative"},
        },
    )  # fmt: skip
    ranks = {phase: i for i, phase in enumerate(PHASES)}
    bars["transform"] = [
        {"calculate": "datum.lane_ms / 60000", "as": "minutes"},
        {"calculate": f"indexof({list(ranks)}, datum.phase)", "as": "rank"},
    ]
    ink: Spec = {
        "condition": {"test": {"field": "highlighted", "equal": True}, "value": theme.ink},
        "value": theme.muted,
    }
    words = {"type": "text", "baseline": "middle", "fontSize": 11}
    middle = {**y, "bandPosition": 0.5}
    layers = [
        bars,
        layer(f"totals_{index}", {**words, "align": "right", "fontWeight": 600},
              {"x": {"value": -8}, "y": middle, "text": {"field": "car_number"}, "color": ink}),
        layer(f"totals_{index}", {**words, "align": "left"},
              {"x": {"value": width + 8}, "y": middle, "text": {"field": "label"}, "color": ink}),
    ]  # fmt: skip
    title = {
        "text": name, "fontSize": 13, "offset": 8, "color": class_colour(theme, name),
    }  # fmt: skip
    return panel(layers, ROW_PX * len(cars), width, title=title)


def _heading(totals: pl.DataFrame, names: list[str], *, stated: bool) -> Heading:
    took = "Pit entry to pit exit" if stated else "Time lost against not stopping, estimated"
    reading = f"{took}, summed; the race's order. Long: repairs, penalties, a red pit exit."
    said = [f"{name} {_least(totals.filter(pl.col('car_class') == name))}" for name in names]
    best = (
        f"Least of those who went the distance: {', '.join(said)}" if said else "Nobody has stopped"
    )
    return Heading(f"Who spent how long in the pits? {best}", reading)


def _least(totals: pl.DataFrame) -> str:
    """Who stood least, of the cars within a tenth of the class's most laps."""
    most = int(totals["lap"].max())  # type: ignore[arg-type]
    best = totals.filter(pl.col("lap") >= 0.9 * most).sort("lane_ms").row(0, named=True)
    return f"#{best['car_number']} {format_ms(best['lane_ms'], places=0)}"
