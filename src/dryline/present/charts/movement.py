"""What a round changed in a championship table."""

from __future__ import annotations

import polars as pl

from dryline.domain.person import surname
from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel, quantity
from dryline.present.charts.theme import Theme
from dryline.present.charts.view import View
from dryline.rules.standings import StandingsRow, StandingsTable, plain_points

ROW_PX, WIDTH = 24, 260
MOVEMENT: dict[str, type[pl.DataType]] = {
    "name": pl.String,
    "before_position": pl.Int32,
    "after_position": pl.Int32,
    "before_points": pl.Float64,
    "after_points": pl.Float64,
}
"""One row a competitor; no place before means that this round was the first to score."""


def movement_rows(before: StandingsTable, after: StandingsTable) -> pl.DataFrame:
    """Two states of one table side by side: schema ``MOVEMENT``, in the order after."""
    earlier = {_key(row): row for row in before.rows}
    rows = [
        {
            "name": _name(row),
            "before_position": earlier[_key(row)].position if _key(row) in earlier else None,
            "after_position": row.position,
            "before_points": earlier[_key(row)].points if _key(row) in earlier else None,
            "after_points": row.points,
        }
        for row in after.rows
    ]
    return pl.DataFrame(rows, schema=MOVEMENT)


def championship_movement(
    movement: pl.DataFrame, title: str, *, top: int = 12, view: View = View()
) -> Spec:
    """Places before (left) and after (right) a round, of the first ``top`` after it.

    Args:
        movement: schema ``MOVEMENT``.
        title: the table's name.
        top: rows shown.
        view: theme; ``cars`` are not used here.
    """
    rows = _labelled(movement.sort("after_position", maintain_order=True).head(top))
    most = max([2, *rows["left"].drop_nulls().to_list(), *rows["right"].to_list()])
    y = quantity("left", [most + 0.6, 0.4], None)
    y["axis"] = None
    layers = [
        _lines(y, view.theme),
        _words("left_label", "left", y, view.theme, right=False),
        _words("right_label", "right", y, view.theme, right=True),
    ]
    body = panel(layers, round(most * ROW_PX), WIDTH)
    return chart(_heading(rows, title), view.theme, {"movement": rows}, body)


def _labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with where to draw them (``left``, ``right``) and what to write there."""
    rows = rows.with_columns(right=pl.int_range(1, pl.len() + 1))
    step = pl.col("before_position").cast(pl.Int64) - pl.col("after_position").cast(pl.Int64)
    rows = rows.with_columns(
        left=pl.Series(_slots(rows["before_position"].to_list()), dtype=pl.Int64),
        moved=pl.when(pl.col("before_position").is_null())
        .then(pl.lit("new"))
        .when(step > 0)
        .then(pl.lit("up"))
        .when(step < 0)
        .then(pl.lit("down"))
        .otherwise(pl.lit("same")),
        step=step,
    )
    left, right = [], []
    for row in rows.iter_rows(named=True):
        name, was = row["name"], row["before_position"]
        before = "" if was is None else f"{name} · {_points(row['before_points'])} pts · P{was}"
        after = f"P{row['after_position']} · {_points(row['after_points'])} pts · {name}"
        left.append(before)
        right.append(after + _arrow(row))
    return rows.with_columns(
        left_label=pl.Series(left, dtype=pl.String), right_label=pl.Series(right, dtype=pl.String)
    )


def _slots(places: list[int | None]) -> list[int | None]:
    """A line of its own for each place before; holes between places are one line at most."""
    slots: list[int | None] = [None] * len(places)
    last = 0
    for place, i in sorted((place, i) for i, place in enumerate(places) if place is not None):
        last = max(last + 1, min(place, last + 2))
        slots[i] = last
    return slots


def _arrow(row: dict[str, object]) -> str:
    step = row["step"]
    if not isinstance(step, int):
        return " · new"
    return f" ▲ {step}" if step > 0 else f" ▼ {-step}" if step < 0 else ""


def _points(points: float) -> str:
    return str(plain_points(points))


def _colour(theme: Theme) -> Spec:
    return {
        "field": "moved", "type": "nominal", "legend": None,
        "scale": {"domain": ["up", "down", "same", "new"],
                  "range": [theme.call, theme.loss, theme.muted, theme.ink]},
    }  # fmt: skip


def _lines(y: Spec, theme: Theme) -> Spec:
    found = layer(
        "movement",
        {"type": "rule", "strokeWidth": 2, "strokeCap": "round"},
        {"x": {"value": 0}, "x2": {"value": WIDTH}, "y": y, "y2": {"field": "right"},
         "color": _colour(theme)},
    )  # fmt: skip
    found["transform"] = [{"filter": {"field": "before_position", "valid": True}}]
    return found


def _words(label: str, field: str, y: Spec, theme: Theme, *, right: bool) -> Spec:
    return layer(
        "movement",
        {"type": "text", "align": "left" if right else "right", "baseline": "middle",
         "limit": 340, "fontSize": 12},
        {"x": {"value": WIDTH + 10 if right else -10}, "y": {**y, "field": field},
         "text": {"field": label},
         "color": _colour(theme) if right else {"value": theme.muted}},
    )  # fmt: skip


def _heading(rows: pl.DataFrame, title: str) -> Heading:
    reading = f"{title}: points and place before the round (left) and after it (right)."
    if rows.is_empty():
        return Heading("Who moved? Nobody has points", reading)
    first = rows.row(0, named=True)
    verb = "kept" if first["before_position"] == 1 else "took"
    lead = ""
    if rows.height > 1:
        lead = f", {_points(first['after_points'] - rows['after_points'][1])} points clear"
    return Heading(f"Who moved? {first['name']} {verb} the lead{lead}", reading)


def _key(row: StandingsRow) -> tuple[str | None, tuple[str, ...]]:
    return row.car_number, row.names


def _name(row: StandingsRow) -> str:
    names = ", ".join(surname(name) if len(row.names) > 1 else name for name in row.names)
    if row.car_number is None:
        return names
    return f"#{row.car_number} {names}"
