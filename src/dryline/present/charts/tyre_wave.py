"""The crossover: who had changed tyres against who had not, lap by lap around a wave."""

from __future__ import annotations

import math

import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.present.charts.bands import band_layers, neutralised_bands
from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel, quantity, time_x
from dryline.present.charts.theme import Theme, class_colour
from dryline.present.charts.view import View, classes_in_order

HEIGHT = 200
BIN_MS = 2 * 60_000
FEWEST, MARGIN_MS = 5, 2 * 60_000
WAVE_MS = 20 * 60_000
BEFORE_MS, AFTER_MS = 15 * 60_000, 20 * 60_000
OTHER = {"wet": "slick", "slick": "wet"}


def wave_window(changes: pl.DataFrame, tyre: str) -> tuple[int, int]:
    """A quarter of an hour before the middle of the densest wave, to twenty minutes after it.

    A wave is twenty minutes; of equally dense ones the first counts.
    """
    at = sorted(changes.filter(pl.col("tyre") == tyre)["at_ms"].to_list())
    waves = [[later for later in at if 0 <= later - first < WAVE_MS] for first in at]
    wave = max(waves, key=len, default=[0])
    middle = wave[len(wave) // 2]
    return max(0, middle - BEFORE_MS), middle + AFTER_MS


def crossover_rows(
    laps: pl.DataFrame, changes: pl.DataFrame, tyre: str, before_ms: int
) -> pl.DataFrame:
    """Green laps against what the car could do before the wave, by what it stands on.

    Columns: ``car_number, car_class, at_ms, off_s, on`` (``wet`` or ``slick``). The measure is the
    average of the best fifth of the car's green laps by ``before_ms``, so that a change cannot move
    it; the class's, where the car has fewer than five. A car that has not changed yet, or never
    does, is taken to be on the other kind than ``tyre``.
    """
    green, time = laps.filter("is_green"), pl.col("lap_time_ms")
    best = time.sort().head((pl.len() * 0.2).ceil().cast(pl.Int64)).mean()
    earlier = green.filter(pl.col("elapsed_ms") <= before_ms)
    own = earlier.group_by("car_number").agg(own=best, n=pl.len()).filter(pl.col("n") >= FEWEST)
    of_class = (green if own.is_empty() else earlier).group_by("car_class").agg(whole=best)
    last = changes.sort("at_ms").select("car_number", "at_ms", "tyre")
    return (
        green.join(own, on="car_number", how="left")
        .join(of_class, on="car_class", how="left")
        .sort("start_ms")
        .join_asof(
            last,
            left_on="start_ms",
            right_on="at_ms",
            by="car_number",
            strategy="backward",
            check_sortedness=False,
        )
        .select(
            "car_number",
            "car_class",
            at_ms=pl.col("elapsed_ms"),
            off_s=((time - pl.coalesce("own", "whole")) / 1000).round(3),
            on=pl.col("tyre").fill_null(OTHER[tyre]),
        )
        .filter(pl.col("off_s").is_not_null())
        .sort("at_ms", "car_number")
    )


def bin_ms(laps: pl.DataFrame) -> int:
    """How long a bin is: two minutes, or as many times that as a green lap takes."""
    lap = laps.filter("is_green")["lap_time_ms"].median()
    return BIN_MS * max(1, math.ceil(float(lap or 0.0) / BIN_MS))  # type: ignore[arg-type]


def group_rows(rows: pl.DataFrame, width_ms: int = BIN_MS) -> pl.DataFrame:
    """Medians of each bin by class and tyre, of two cars or more, at its middle.

    ``part`` counts the pieces between bins without two cars.
    """
    return (
        rows.group_by("car_class", "on", bin=pl.col("at_ms") // width_ms)
        .agg(
            off_s=pl.col("off_s").median().round(3),
            cars=pl.col("car_number").n_unique(),
        )
        .filter(pl.col("cars") >= 2)
        .sort("car_class", "on", "bin")
        .with_columns(
            part=(pl.col("bin").diff().over("car_class", "on").fill_null(1) > 1).cum_sum()
        )
        .select(
            "car_class",
            "on",
            "off_s",
            "cars",
            "part",
            at_ms=pl.col("bin") * width_ms + width_ms // 2,
        )
    )


def crossing_ms(groups: pl.DataFrame, car_class: str, tyre: str) -> int | None:
    """The first of two bins in a row in which those who changed to ``tyre`` were the faster."""
    mine = groups.filter(pl.col("car_class") == car_class)
    changed = mine.filter(pl.col("on") == tyre).select("at_ms", changed="off_s")
    other = mine.filter(pl.col("on") == OTHER[tyre]).select("at_ms", other="off_s")
    both = changed.join(other, on="at_ms").sort("at_ms")
    faster = (both["changed"] < both["other"]).to_list()
    at = both["at_ms"].to_list()
    for i in range(len(faster) - 1):
        if faster[i] and faster[i + 1]:
            return int(at[i])
    return None


def crossover(
    laps: pl.DataFrame,
    changes: pl.DataFrame,
    neutralisations: pl.DataFrame,
    *,
    tyre: str = "slick",
    view: View = View(),
) -> Spec:
    """Changed against unchanged cars around a wave, a panel a class.

    Args:
        laps: schema ``LAPS``.
        changes: schema ``TYRE_CHANGES``.
        neutralisations: schema ``NEUTRALISATIONS``.
        tyre: what the wave changed to.
        view: class, window (around the wave if none) and theme.
    """
    mine = view.of_class(changes)
    start, end = (view.start_ms, view.end_ms) if view.end_ms is not None else (
        wave_window(mine, tyre)
    )  # fmt: skip
    end = min(end, View().until(laps))
    earlier = changes.filter(pl.col("at_ms") <= end)
    rows = crossover_rows(view.of_class(laps), earlier, tyre, start).filter(
        pl.col("at_ms").is_between(start, end)
    )
    if view.end_ms is None and rows.height:
        end = min(end, View().until(rows, "at_ms") + MARGIN_MS)
    width_ms = bin_ms(view.of_class(laps))
    groups = group_rows(rows, width_ms)
    domain = _domain(rows)
    crossings = {}
    names = [name for name in classes_in_order(laps) if name in set(groups["car_class"])]
    datasets = {"neutralised": neutralised_bands(neutralisations, start, end)}
    panels = []
    for i, name in enumerate(names):
        crossings[name] = crossing_ms(groups, name, tyre)
        datasets[f"laps_{i}"] = rows.filter(pl.col("car_class") == name)
        datasets[f"groups_{i}"] = groups.filter(pl.col("car_class") == name)
        datasets[f"crossing_{i}"] = _crossing(crossings[name], tyre)
        panels.append(_panel(i, name, time_x("at_ms", start, end), domain, view.theme))
    if not panels:
        panels = [panel([*band_layers(view.theme, time_x("at_ms", start, end))], HEIGHT)]
    body: Spec = {"vconcat": panels, "spacing": 26}
    return chart(_heading(crossings, tyre), view.theme, datasets, body)


def _domain(rows: pl.DataFrame) -> list[float]:
    if rows.is_empty():
        return [0.0, 1.0]
    low = min(0.0, float(rows["off_s"].quantile(0.01) or 0.0))
    high = max(low + 1.0, float(rows["off_s"].quantile(0.98) or 1.0))
    return [round(low - 0.5, 1), round(high * 1.05, 1)]


def _crossing(at: int | None, tyre: str) -> pl.DataFrame:
    rows = [] if at is None else [{"at_ms": at, "label": f"{tyre}s faster from about {_clock(at)}"}]
    return pl.DataFrame(rows, schema={"at_ms": pl.Int64, "label": pl.String})


def _clock(at_ms: int) -> str:
    return format_clock(at_ms)[:-3]


def _panel(index: int, name: str, x: Spec, domain: list[float], theme: Theme) -> Spec:
    y = quantity("off_s", domain, "s over own best before", tickCount=6)
    tint = {
        "field": "on", "type": "nominal",
        "legend": {"symbolType": "circle", "labelExpr": "'on ' + datum.label + 's'"}
        if index == 0 else None,
        "scale": {"domain": ["wet", "slick"], "range": [theme.wet, theme.slick]},
    }  # fmt: skip
    shape = {
        "field": "on", "type": "nominal", "legend": None,
        "scale": {"domain": ["wet", "slick"], "range": ["circle", "square"]},
    }  # fmt: skip
    at = {"x": x, "y": y, "color": tint}
    layers = [
        *band_layers(theme, x, labels=index == 0),
        layer(f"laps_{index}", {"type": "point", "filled": True, "size": 13, "fillOpacity": 0.5,
                                "clip": True}, {**at, "shape": shape}),
        layer(f"groups_{index}", {"type": "line", "strokeWidth": 2.6, "clip": True},
              {**at, "detail": {"field": "part", "type": "nominal"}}),
        layer(f"crossing_{index}", {"type": "rule", "color": theme.call, "strokeWidth": 1.6},
              {"x": x}),
        layer(f"crossing_{index}",
              {"type": "text", "align": "left", "baseline": "top", "dx": 5, "dy": 3,
               "fontWeight": 600, "color": theme.call},
              {"x": x, "y": {"value": 0}, "text": {"field": "label"}}),
    ]  # fmt: skip
    title = {
        "text": name,
        "fontSize": 13,
        "offset": 8 if index else 16,
        "color": class_colour(theme, name),
    }
    return panel(layers, HEIGHT, title=title)


def _heading(crossings: dict[str, int | None], tyre: str) -> Heading:
    reading = (
        "Dots: green laps in seconds over the car's own best fifth before; lines: medians of a "
        "few minutes, by what the cars stood on."
    )
    said = [f"{name} from about {_clock(at)}" for name, at in crossings.items() if at is not None]
    answer = ", ".join(said) if said else "Never while both were on the track"
    return Heading(f"When were {tyre}s faster? {answer}", reading)
