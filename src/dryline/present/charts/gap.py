"""The gap of everybody to one car: positive, and lower, is behind."""

from __future__ import annotations

import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.present.charts.bands import band_layers, neutralised_bands
from dryline.present.charts.car_lines import (
    coloured,
    end_labels,
    halo,
    hero_lines,
    label_layers,
    muted_lines,
)
from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel, quantity, time_x
from dryline.present.charts.theme import Theme
from dryline.present.charts.view import View

HEIGHT = 420
PIT_LOSS: dict[str, type[pl.DataType]] = {"under": pl.String, "loss_ms": pl.Int64}
"""What one stop costs: under green, or under a neutralisation."""


def gap_rows(gaps: pl.DataFrame) -> pl.DataFrame:
    """Gaps by when both cars had passed: ``car_number, car_class, at_ms, gap_s``."""
    return gaps.select(
        "car_number", "car_class", at_ms=pl.col("known_at_ms"), gap_s=pl.col("gap_ms") / 1000
    ).sort("car_number", "at_ms")


def pit_loss_rows(losses: pl.DataFrame, car_class: str) -> pl.DataFrame:
    """What an ordinary stop of a class cost under green, its median: schema ``PIT_LOSS``.

    ``losses`` is as ``analysis.pit_loss.pit_losses`` gives it. Fewer than three stops say nothing.
    """
    return (
        losses.filter(
            (pl.col("car_class") == car_class)
            & (pl.col("under") == "green")
            & pl.col("exception").is_null()
        )
        .group_by("under")
        .agg(
            loss_ms=pl.col("pit_loss_ms").median().round().cast(pl.Int64),
            stops=pl.col("pit_loss_ms").count(),
        )
        .filter(pl.col("stops") >= 3)
        .select(*PIT_LOSS)
    )


def gap_to(
    gaps: pl.DataFrame,
    neutralisations: pl.DataFrame,
    reference: str,
    *,
    pit_loss: pl.DataFrame | None = None,
    view: View = View(),
) -> Spec:
    """Gaps to ``reference`` over time, with lines one pit stop away on either side.

    Args:
        gaps: as ``Race.gaps(reference)`` gives them.
        neutralisations: schema ``NEUTRALISATIONS``.
        reference: the car at zero.
        pit_loss: schema ``PIT_LOSS``.
        view: class, highlighted cars (the three nearest by now if none), window and theme.
    """
    rows = view.inside(view.of_class(gap_rows(gaps)), "at_ms")
    end = view.until(rows, "at_ms")
    cars = tuple(car for car in view.cars if car != reference) or nearest(rows)
    heroes = rows.filter(pl.col("car_number").is_in(cars))
    domain = _domain(heroes)
    colours = view.colours(cars)
    x = time_x("at_ms", view.start_ms, end)
    y = quantity("gap_s", domain, f"seconds behind #{reference}  ↓", tickCount=9, gridOpacity=0.7)
    ends = end_labels(_ends(heroes, domain), domain, HEIGHT)
    losses = _lines(pit_loss, domain)
    datasets = {
        "neutralised": neutralised_bands(neutralisations, view.start_ms, end),
        "others": _near(rows.filter(~pl.col("car_number").is_in(cars)), domain),
        "heroes": heroes,
        "pit_loss": losses,
        "ends": coloured(ends, colours, view.theme.ink),
    }
    layers = [
        *band_layers(view.theme, x),
        *_reference_layers(y, view.theme, reference),
        muted_lines("others", x, y, view.theme),
        *hero_lines("heroes", x, y, colours),
        *_loss_labels(y, view.theme),
        *label_layers("ends", x, y),
    ]
    heading = _heading(heroes, cars, reference)
    return chart(heading, view.theme, datasets, panel(layers, HEIGHT))


def nearest(rows: pl.DataFrame, most: int = 3) -> tuple[str, ...]:
    """The cars whose last gap is smallest, of those still running at the end."""
    if rows.is_empty():
        return ()
    last = rows.sort("at_ms").group_by("car_number", maintain_order=True).last()
    running = last.filter(pl.col("at_ms") >= int(last["at_ms"].max()) - 600_000)  # type: ignore[arg-type]
    return tuple(running.sort(pl.col("gap_s").abs())["car_number"].to_list()[:most])


def _domain(heroes: pl.DataFrame) -> list[float]:
    """From behind (bottom) to ahead (top), with room; the far tails run off the edge."""
    if heroes.is_empty():
        return [60.0, -60.0]
    low = float(heroes["gap_s"].quantile(0.01) or 0.0)
    high = float(heroes["gap_s"].quantile(0.99) or 0.0)
    low, high = min(low, -5.0), max(high, 5.0)
    room = (high - low) * 0.06
    return [round(high + room, 1), round(low - room, 1)]


def _near(rows: pl.DataFrame, domain: list[float]) -> pl.DataFrame:
    """Lines of which at least some part can be seen."""
    behind, ahead = domain
    seen = (pl.col("gap_s") <= behind) & (pl.col("gap_s") >= ahead)
    return rows.filter(seen.any().over("car_number"))


def _ends(heroes: pl.DataFrame, domain: list[float]) -> pl.DataFrame:
    gap = pl.col("gap_s").last()
    return (
        heroes.sort("at_ms")
        .group_by("car_number", maintain_order=True)
        .agg(x=pl.col("at_ms").last(), y=gap.clip(domain[1], domain[0]), gap_s=gap)
        .with_columns(
            label=pl.format("#{} · {}", "car_number",
                            pl.col("gap_s").map_elements(_signed, return_dtype=pl.String))
        )
    )  # fmt: skip


def _signed(gap_s: float) -> str:
    sign = "+" if gap_s >= 0 else "−"
    minutes, seconds = divmod(abs(gap_s), 60)
    return f"{sign}{int(minutes)}:{seconds:04.1f}" if minutes else f"{sign}{seconds:.1f}"


def _lines(pit_loss: pl.DataFrame | None, domain: list[float]) -> pl.DataFrame:
    schema = {"gap_s": pl.Float64, "label": pl.String}
    if pit_loss is None:
        return pl.DataFrame(schema=schema)
    rows = [
        {"gap_s": sign * row["loss_ms"] / 1000,
         "label": f"one stop {word} ({row['loss_ms'] / 1000:.0f} s, {row['under']})"}
        for row in pit_loss.iter_rows(named=True)
        for sign, word in ((1, "behind"), (-1, "ahead"))
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=schema).filter(
        pl.col("gap_s").is_between(min(domain), max(domain))
    )


def _reference_layers(y: Spec, theme: Theme, reference: str) -> list[Spec]:
    zero = {"y": {**y, "field": None, "datum": 0}}
    zero["y"].pop("field")
    lines = {"y": y}
    return [
        {"data": {"values": [{}]},
         "mark": {"type": "rule", "color": theme.ink, "strokeWidth": 1.2}, "encoding": zero},
        {"data": {"values": [{}]},
         "mark": {"type": "text", "text": f"#{reference}", "align": "left", "baseline": "bottom",
                  "dx": 4, "dy": -2, "fontWeight": 600, "color": theme.ink},
         "encoding": {**zero, "x": {"value": 0}}},
        layer("pit_loss", {"type": "rule", "color": theme.call, "strokeDash": [5, 4]},
              lines),
    ]  # fmt: skip


def _loss_labels(y: Spec, theme: Theme) -> list[Spec]:
    mark = {
        "type": "text", "align": "left", "baseline": "bottom", "dx": 6, "dy": -2, "fontSize": 10,
        "color": theme.call,
    }  # fmt: skip
    at = {"y": y, "x": {"value": 0}, "text": {"field": "label"}}
    return halo(layer("pit_loss", mark, at), theme)


def _heading(heroes: pl.DataFrame, cars: tuple[str, ...], reference: str) -> Heading:
    reading = (
        f"Time between #{reference} and each car on the same lap, when the later of the two "
        "completes it. Below the line is behind."
    )
    said: list[str] = []
    for car in cars[:3]:
        mine = heroes.filter(pl.col("car_number") == car).sort("at_ms")
        if mine.height:
            gap, at = mine["gap_s"][-1], mine["at_ms"][-1]
            side = "behind" if gap >= 0 else "ahead"
            when = format_clock(at) if not said else ""
            said.append(f"#{car} {abs(gap):.1f} s {side}" + (f" at {when}" if when else ""))
    return Heading(f"Who was near #{reference}? {', '.join(said) or 'nobody'}", reading)
