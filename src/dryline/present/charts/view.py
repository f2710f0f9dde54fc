"""What a reader wants to see of a race: which class, which cars, from when to when, which theme."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dryline.domain.errors import UnknownCar
from dryline.present.charts.theme import DARK, Theme, car_colours


@dataclass(frozen=True, slots=True)
class View:
    """One look at a race.

    ``cars`` are highlighted in this order, everything else muted; ``car_class`` leaves the other
    classes out; ``start_ms`` and ``end_ms`` bound charts over time (``None``: to the last row).
    """

    theme: Theme = DARK
    car_class: str | None = None
    cars: tuple[str, ...] = ()
    start_ms: int = 0
    end_ms: int | None = None

    def of_class(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of the class looked at."""
        if self.car_class is None:
            return frame
        return frame.filter(pl.col("car_class") == self.car_class)

    def until(self, frame: pl.DataFrame, column: str = "elapsed_ms") -> int:
        """Where the time axis ends: never after the last row unless asked for."""
        if self.end_ms is not None:
            return self.end_ms
        last = frame[column].max() if frame.height else None
        return self.start_ms + 1 if last is None else max(int(last), self.start_ms + 1)  # type: ignore[arg-type]

    def inside(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """The rows inside the window."""
        rows = frame.filter(pl.col(column) >= self.start_ms)
        return rows if self.end_ms is None else rows.filter(pl.col(column) <= self.end_ms)

    def chosen(self, laps: pl.DataFrame, default: int) -> tuple[str, ...]:
        """The cars named, or the ``default`` best placed by now.

        Raises:
            UnknownCar: where a car named is not among the rows.
        """
        if not self.cars:
            return tuple(running_order(self.of_class(laps))["car_number"].to_list()[:default])
        there = set(laps["car_number"].unique())
        for car in self.cars:
            if car not in there:
                raise UnknownCar(
                    f"no car {car!r} to draw", remedy=f"Cars: {', '.join(sorted(there))}."
                )
        return self.cars

    def colours(self, cars: tuple[str, ...]) -> dict[str, str]:
        """A colour for each of these cars."""
        return car_colours(self.theme, cars)


def running_order(laps: pl.DataFrame) -> pl.DataFrame:
    """Every car by laps done, then by when: ``car_number, car_class, team, lap, elapsed_ms``."""
    return (
        laps.sort("elapsed_ms")
        .group_by("car_number", maintain_order=True)
        .agg(pl.col("car_class", "team", "lap", "elapsed_ms").last())
        .sort(["lap", "elapsed_ms"], descending=[True, False])
    )


def classes_in_order(laps: pl.DataFrame) -> list[str]:
    """Classes by their best car."""
    return list(dict.fromkeys(running_order(laps)["car_class"].to_list()))
