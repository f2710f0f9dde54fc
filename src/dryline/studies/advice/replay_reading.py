"""What is read of a finished race on the way to its replay: laps, fuel, stops, lanes by class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.pace.clean_laps import clean_laps
from dryline.analysis.stops.pit_loss import pit_losses, transit_time
from dryline.kernels.replay_road import FOREVER, SLOW_USE
from dryline.race.neutralisation_overlap import overlap_ms
from dryline.race.race import Race
from dryline.studies.advice.replay_flags import NEUTRALISED_KINDS, flags_of
from dryline.studies.advice.replay_lane import lane_of
from dryline.studies.study import scheduled_ms

Floats = npt.NDArray[np.float64]

DRIVES_THROUGH_MS = 4_000.0
RANGE_REACH = 0.98


class Reading:
    """A finished race, car by car and class by class."""

    def __init__(self, name: str, race: Race, flag_s: float) -> None:
        self.name, self.race, self.flag_s = name, race, flag_s
        self.series = race.series or ""
        self.length_s = scheduled_ms(race) / 1000.0
        self.flags = flags_of(race.neutralisations, flag_s)
        self.laps = {
            str(car): part
            for (car,), part in race.laps.filter(pl.col("elapsed_ms").is_not_null())
            .sort("car_number", "lap")
            .group_by("car_number", maintain_order=True)
        }
        self.row = {car: i for i, car in enumerate(self.laps)}
        self.class_of = {car: str(part["car_class"][0]) for car, part in self.laps.items()}
        self.most_laps = {
            name: max(self.total(car) for car in self.laps if self.class_of[car] == name)
            for name in dict.fromkeys(self.class_of.values())
        }
        self._clean = clean_laps(race.laps)
        self.green_s = self._green()
        self.transit = transit_time(
            race.stops["pit_lane_ms"].drop_nulls().cast(pl.Float64).to_numpy()
        )
        self.used = self._used()
        self.stops = self._stops()
        self.lanes = {
            str(name): lane_of(part, self.transit)
            for (name,), part in self.stops.group_by("car_class", maintain_order=True)
        }
        self.reach = self._reach()

    def total(self, car: str) -> int:
        """Laps that a car completed."""
        return int(self.laps[car]["lap"][-1])

    def end_s(self, car: str) -> float:
        """Its last crossing."""
        return float(self.laps[car]["elapsed_ms"][-1]) / 1000.0

    def lead(self, car_class: str, without: str = "") -> Floats:
        """When the first car of a class had done so many laps; FOREVER where none has."""
        first = np.full(self.most_laps[car_class] + 2, FOREVER)
        for car, part in self.laps.items():
            if car != without and self.class_of[car] == car_class:
                laps = part["lap"].to_numpy()
                first[laps] = np.minimum(first[laps], part["elapsed_ms"].to_numpy() / 1000.0)
        return first

    def fuel_laps(self, car: str) -> list[int]:
        """The laps that it ended in the pits for fuel."""
        mine = self.stops.filter((pl.col("car_number") == car) & pl.col("fuel"))
        return mine["lap"].to_list()

    def stints(self, car: str) -> list[float]:
        """Green laps of fuel used from stop to stop."""
        laps = [0, *self.fuel_laps(car), self.total(car)]
        return [float(each) for each in np.diff(self.used[car][laps])]

    def _green(self) -> dict[str, float]:
        medians = dict(
            self._clean.filter(pl.col("refused").is_null())
            .group_by("car_number")
            .agg(pl.col("lap_time_ms").cast(pl.Float64).median() / 1000.0)
            .iter_rows()
        )
        of_class: dict[str, list[float]] = {}
        for car, green in medians.items():
            of_class.setdefault(self.class_of[car], []).append(green)
        anyone = float(np.median(list(medians.values()))) if medians else 100.0
        return {
            car: medians.get(car, float(np.median(of_class.get(self.class_of[car], [anyone]))))
            for car in self.laps
        }

    def _used(self) -> dict[str, Floats]:
        """Green laps of fuel that each car had used after so many laps."""
        held = self.race.neutralisations.filter(pl.col("kind").is_in(NEUTRALISED_KINDS))
        out = {}
        for car, part in self.laps.items():
            end, begin = part["elapsed_ms"].to_numpy(), part["start_ms"].fill_null(0).to_numpy()
            slow = overlap_ms(held, begin, end)
            green = np.clip((end - begin - slow) / 1000.0 / self.green_s[car], 0.0, 1.0)
            green[slow == 0] = 1.0
            laps = np.zeros(self.total(car) + 1)
            laps[part["lap"].to_numpy()] = green + SLOW_USE * (1.0 - green)
            out[car] = np.cumsum(laps)
        return out

    def _stops(self) -> pl.DataFrame:
        """Stops with the laps of fuel that they took, drive-throughs marked."""
        priced = pit_losses(self.race.stops, self._clean).sort("car_number", "in_ms")
        through = self.transit.drive_throughs >= 3
        limit = self.transit.ms + DRIVES_THROUGH_MS if through else 0.0
        taken, fuels = [], []
        at: dict[str, int] = {}
        columns = ("car_number", "lap", "pit_lane_ms", "exception")
        for car, lap, lane, exception in priced.select(columns).iter_rows():
            fuel = lane is not None and lane > limit and exception in (None, "from_out_lap")
            used = self.used[car]
            left = used[-1] - used[lap] + 1.0
            taken.append(float(min(used[lap] - used[at.get(car, 0)], left)))
            fuels.append(fuel)
            if fuel:
                at[car] = lap
        return priced.with_columns(taken=pl.Series(taken), fuel=pl.Series(fuels, dtype=pl.Boolean))

    def _reach(self) -> dict[str, float]:
        """The longest stint of a class that is no slip of the file's."""
        stints: dict[str, list[float]] = {}
        for car in self.laps:
            stints.setdefault(self.class_of[car], []).extend(self.stints(car))
        return {name: float(np.quantile(each, RANGE_REACH)) + 1.0 for name, each in stints.items()}
