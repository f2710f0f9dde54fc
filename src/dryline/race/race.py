"""One rebuilt race: immutable, and readable at any instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

import polars as pl

from dryline.domain.car_class import class_key
from dryline.domain.choice import offered
from dryline.domain.clock_text import format_clock, parse_race_clock
from dryline.domain.entry import Driver, Entry
from dryline.domain.errors import BadOption, BadTime, UnknownCar
from dryline.domain.event import Evidence, RaceControlMessage, TeamInput
from dryline.domain.finding import LAP_TAKEN_AWAY, Finding
from dryline.domain.flag import Flag
from dryline.domain.instant import START, Instant
from dryline.domain.race_info import RaceInfo
from dryline.domain.series import recognised
from dryline.domain.tables import WEATHER, empty
from dryline.domain.weekend import NO_WEEKEND, Weekend
from dryline.race.finish import finish_ms
from dryline.race.gaps import gaps_to
from dryline.race.laps import causal_columns, no_places, timed_laps, with_neutralisations
from dryline.race.lead import lead_changes, leaders
from dryline.race.led_through import as_driven
from dryline.race.loops import CarLoops, by_loop
from dryline.race.moment import Moment
from dryline.race.neutralisation_overlap import flag_at
from dryline.race.neutralisations import neutralisations
from dryline.race.snapshot import BY_BEST_LAP, BY_DISTANCE, CarFacts, Snapshot, snapshot
from dryline.race.stints import stints_table
from dryline.race.stops import states_lane_times, stops_table
from dryline.race.suspected_stops import marks_stops, with_suspected_stops

InstantLike = Instant | str | timedelta | int
"""An instant as people say it: ``"3:55:00"``, a length since the start (``datetime``, polars and
pandas durations are such), or whole seconds."""


@dataclass(frozen=True, eq=False, repr=False)
class Race:
    """A race as its crossings tell it. Everything else follows from them, lazily and once.

    Args:
        info: what the race is called and how long it is meant to last.
        crossings: schema ``CROSSINGS``, in order of ``elapsed_ms``, then line.
        messages: race control and outside evidence, in order of ``known_at``.
        weather: schema ``WEATHER``.
        findings: remarks on the data from whoever read it.
        crews: drivers as an entry list or a result states them, by car number.
        weekend: what other sessions of its weekend told, before it.
        stated: the order at the end that the source itself states, schema ``RESULTS``; in no cut.
        extras: what else the source says of a lap, as text by ``line``: tyres, fuel.
        causal: the columns of ``laps.CAUSAL`` where somebody has folded them already.
    """

    info: RaceInfo
    crossings: pl.DataFrame
    messages: tuple[RaceControlMessage | Evidence, ...] = ()
    weather: pl.DataFrame = field(default_factory=lambda: empty(WEATHER))
    findings: tuple[Finding, ...] = ()
    crews: Mapping[str, tuple[Driver, ...]] = field(default_factory=dict)
    weekend: Weekend = NO_WEEKEND
    stated: pl.DataFrame | None = None
    extras: pl.DataFrame | None = None
    causal: pl.DataFrame | None = None

    @cached_property
    def series(self) -> str | None:
        """Which series it is: as it was said, else as its classes tell."""
        seen = self.crossings["car_class"].drop_nulls().unique().to_list()
        return self.info.series or recognised(seen)

    @cached_property
    def end(self) -> Instant:
        """The last crossing known."""
        last = self.crossings["elapsed_ms"].max()
        return START if last is None else Instant(int(last))  # type: ignore[arg-type]

    @cached_property
    def neutralisations(self) -> pl.DataFrame:
        """Neutralised periods on race time: schema ``NEUTRALISATIONS``."""
        control = [m for m in self.messages if isinstance(m, RaceControlMessage)]
        return neutralisations(self.crossings, control, series=self.series)

    @cached_property
    def laps(self) -> pl.DataFrame:
        """Every lap: schema ``LAPS``, in order of crossing."""
        laps = with_neutralisations(self._driven, self.neutralisations)
        return laps if self.is_race else laps.with_columns(no_places())

    @property
    def is_race(self) -> bool:
        """Whether distance decides its order; in all other sessions the best lap does."""
        return self.info.session_kind.is_race

    @cached_property
    def _driven(self) -> pl.DataFrame:
        """Crossings with the columns of ``CAUSAL``, as what is known by now tells them."""
        laps = causal_columns(self.crossings) if self.causal is None else self.causal
        if not self.is_race:
            return laps
        if not marks_stops(self.crossings):
            return with_suspected_stops(laps, self.neutralisations)
        return as_driven(laps, lambda: self.neutralisations)

    @cached_property
    def taken_away(self) -> frozenset[tuple[str, int]]:
        """Cars and laps whose times did not count, as the whole file tells."""
        return frozenset(
            (found.car_number or "", found.lap or 0)
            for found in self.findings
            if found.kind == LAP_TAKEN_AWAY
        )

    @cached_property
    def stops(self) -> pl.DataFrame:
        """Every pit stop: schema ``STOPS``, in order of the in-lap's end."""
        marked = marks_stops(self.crossings)
        return stops_table(self.laps, self.neutralisations, marked=marked)

    @cached_property
    def stints(self) -> pl.DataFrame:
        """Every stint: schema ``STINTS``, by car number and time."""
        return stints_table(self.laps)

    @cached_property
    def lead_changes(self) -> pl.DataFrame:
        """Changes of the overall lead at the line: ``lap, at_ms, from_car, to_car``."""
        return lead_changes(self.laps if self.is_race else self.laps.clear())

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Every car seen, by number; drivers in order of first appearance at the wheel."""
        cars = self.crossings.group_by("car_number", maintain_order=True).agg(
            pl.col("car_class", "team", "manufacturer", "group").first(),
            pl.col("driver").unique(maintain_order=True),
        )
        return {
            number: Entry(
                car_number=number,
                car_class=car_class,
                team=team,
                manufacturer=maker or None,
                group=group or None,
                drivers=self.crews.get(number) or tuple(Driver(name) for name in drivers),
            )
            for number, car_class, team, maker, group, drivers in cars.iter_rows()
        }

    @property
    def cars(self) -> list[str]:
        """Car numbers in the order in which they were first seen."""
        return list(self.entries)

    @property
    def classes(self) -> list[str]:
        """Classes by the best place reached at the end."""
        return list(dict.fromkeys(car.car_class for car in self.at(self.end).cars))

    @cached_property
    def finish(self) -> Instant | None:
        """The winner's finish, where it is known by ``end``."""
        ms = finish_ms(self.crossings, self.info.length if self.is_race else None)
        return None if ms is None else Instant(ms)

    def leaders(self, car_class: str | None = None) -> pl.DataFrame:
        """Who first completed each lap: ``lap, car_number, driver, at_ms``."""
        return leaders(self.laps, car_class)

    def gaps(self, car_number: str) -> pl.DataFrame:
        """Gaps of every other car to this one, lap by lap; positive is behind.

        Raises:
            UnknownCar: where no such car has crossed the line.
        """
        return gaps_to(self.laps, self.known_car(car_number))

    def known_car(self, car_number: str) -> str:
        """``car_number`` itself, if it is in the race.

        Raises:
            UnknownCar: naming the cars that there are.
        """
        if car_number in self.entries:
            return car_number
        cars = sorted(self.entries, key=lambda n: (len(n), n))
        raise UnknownCar(
            f"no car {car_number[:40]!r} in {self.info.name}",
            remedy=offered(car_number, cars, "Cars")
            if cars
            else "No car has crossed the line by then.",
        )

    def known_class(self, name: str) -> str:
        """The class called ``name``, in any case and with or without spaces.

        Raises:
            BadOption: naming the classes that there are.
        """
        wanted = class_key(name)
        classes = sorted({entry.car_class for entry in self.entries.values()} - {""})
        for car_class in classes:
            if class_key(car_class) == wanted:
                return car_class
        none = "No car has crossed the line by then."
        if not self.crossings.is_empty():
            none = "Its files name no class."
        raise BadOption(
            f"no class {name[:40]!r} in {self.info.name}",
            remedy=offered(name, classes, "Classes") if classes else none,
        )

    def moment(self, at: InstantLike | None = None, inputs: Sequence[TeamInput] = ()) -> Moment:
        """The race at an instant, as everybody knows it or as the team that typed ``inputs`` does.

        The end of what is known where no instant is named. Whatever is asked about a race is
        asked of a moment.

        Raises:
            BadOption: where ``at`` is no instant, or one before the start.
        """
        return Moment(self, self.end if at is None else self.instant(at), inputs)

    def cut(self, at: InstantLike) -> Race:
        """The race as it was known at ``at``: rows, messages and weather up to then only.

        Findings are about the whole file and stay behind; ``open_race(..., at=)`` reads the
        file as if it ended there and has the findings of that part.
        """
        now = self.instant(at)
        crossings = self.crossings.filter(pl.col("known_at_ms") <= now.ms)
        return replace(
            self,
            crossings=crossings,
            messages=tuple(m for m in self.messages if m.known_at <= now),
            weather=self.weather.filter(pl.col("at_ms") <= now.ms),
            findings=(),
            stated=None,
            extras=None
            if self.extras is None
            else self.extras.join(crossings, on="line", how="semi"),
            causal=None
            if self.causal is None
            else self.causal.filter(pl.col("known_at_ms") <= now.ms),
        )

    def known_by(self, at: Instant) -> Race:
        """The race itself where all of it was known at ``at``, what was known of it otherwise.

        Where every crossing was, the findings on its file hold as they are.
        """
        driven, measured = (
            latest is None or latest <= at.ms  # type: ignore[operator]
            for latest in (self.crossings["known_at_ms"].max(), self.weather["at_ms"].max())
        )
        if driven and measured and all(said.known_at <= at for said in self.messages):
            return self
        known = self.cut(at)
        return replace(known, findings=self.findings) if driven else known

    def at(self, at: InstantLike, loops: Mapping[str, CarLoops] | None = None) -> Snapshot:
        """The race read at an instant; ``"3:55:00"`` is taken too.

        Order and gaps are those at the line; where ``loops`` tell of cars between two crossings,
        those at the last loop that each has passed.

        Flag and states are those of the last crossing by then, the latest that anybody has
        seen; so the answer is the same on a file that ends there.
        """
        now = self.instant(at)
        known = self if now >= self.end else self.cut(now)
        seen = min(now, known.end)
        flag = Flag(flag_at(known.neutralisations, seen.ms))
        finish = known.finish
        if flag is Flag.GREEN and finish is not None:
            flag = Flag.CHEQUERED
        facts = known.car_facts()
        finish_at = None if finish is None else finish.ms
        if not self.is_race:
            return snapshot(now, flag, facts, None, seen_at=seen, by=BY_BEST_LAP)
        by = by_loop(loops, finish_at) if loops else BY_DISTANCE
        return snapshot(now, flag, facts, finish_at, seen_at=seen, by=by)

    def car_facts(self) -> list[CarFacts]:
        """What the crossings say of each car up to the end, in order of the last crossings."""
        laps = self._driven
        counts = pl.col("lap") > 1
        if not self.is_race:
            counts &= timed_laps(self.taken_away)
        return _car_facts(laps.with_columns(counts=counts))

    @staticmethod
    def instant(at: InstantLike) -> Instant:
        """An instant from itself, a person's text, a length of time since the start, or seconds.

        Raises:
            BadOption: where it is no time, or a time before the start.
        """
        if isinstance(at, Instant):
            return at
        remedy = "Write H:MM:SS since the start, as in 3:55:00."
        said = repr(at)[:42]
        try:
            ms = _since_start_ms(at)
        except BadTime as error:
            raise BadOption(f"{said} is not a time", remedy=remedy) from error
        if ms < 0:
            raise BadOption(f"{said} is before the start", remedy=remedy)
        return Instant(ms)

    def __repr__(self) -> str:
        info = self.info
        simulated = " (simulated)" if info.simulated else ""
        if self.crossings.is_empty():
            return f"<Race {info.name}{simulated}: no laps>"
        final = self.at(self.end)
        leader = final.cars[0]
        return (
            f"<Race {info.name}{simulated}: {len(self.entries)} cars, "
            f"{self.crossings.height} laps, {format_clock(self.end.ms)}, "
            f"{'won' if self.finish else 'led'} by #{leader.car_number} {leader.team} "
            f"on {leader.laps} laps>"
        )

    def _repr_html_(self) -> str:
        table = self.at(self.end).table if self.crossings.height else self.crossings
        return f"<p><b>{_escape(repr(self)[1:-1])}</b></p>{table._repr_html_()}"


def _since_start_ms(at: object) -> int:
    if isinstance(at, str):
        return parse_race_clock(at)
    if isinstance(at, timedelta):
        return round(at / timedelta(milliseconds=1))
    if isinstance(at, int) and not isinstance(at, bool):
        return at * 1000
    raise BadTime(str(at))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _car_facts(laps: pl.DataFrame) -> list[CarFacts]:
    time = pl.col("lap_time_ms").filter(pl.col("counts"))
    best = pl.col("counts") & (pl.col("lap_time_ms") == time.min())
    visited = pl.col("pit_lane_ms").is_not_null() if states_lane_times(laps) else pl.col("out_lap")
    cars = (
        laps.with_row_index("place")
        .group_by("car_number")
        .agg(
            pl.col("place", "car_class", "team", "driver", "in_pit", "flag").last(),
            pl.col("stint_lap").last(),
            pl.col("lap_time_ms").last().alias("last_lap_ms"),
            pl.col("s1_ms", "s2_ms", "s3_ms").last(),
            pl.col("s1_ms", "s2_ms", "s3_ms").filter(pl.col("counts")).min().name.prefix("best_"),
            laps=pl.col("lap").max(),
            last_ms=pl.col("elapsed_ms").last(),
            lap_list=pl.col("lap"),
            elapsed_list=pl.col("elapsed_ms"),
            best_lap_ms=time.min(),
            best_at_ms=pl.col("elapsed_ms").filter(best).first(),
            typical_lap_ms=pl.col("lap_time_ms").filter(pl.col("lap") > 1).median(),
            stops=visited.sum(),
            took_flag=(pl.col("flag") == "chequered").any().fill_null(value=False),
        )
    )
    return [
        CarFacts(
            car_number=row["car_number"],
            car_class=row["car_class"],
            team=row["team"],
            driver=row["driver"],
            laps=row["laps"],
            last_ms=row["last_ms"],
            crossings_ms=dict(zip(row["lap_list"], row["elapsed_list"], strict=True)),
            last_lap_ms=row["last_lap_ms"],
            best_lap_ms=row["best_lap_ms"],
            best_at_ms=row["best_at_ms"],
            typical_lap_ms=row["typical_lap_ms"],
            sectors_ms=(row["s1_ms"], row["s2_ms"], row["s3_ms"]),
            stops=row["stops"],
            stint_laps=row["stint_lap"],
            in_pit=row["in_pit"],
            took_flag=row["took_flag"],
            best_sectors_ms=(row["best_s1_ms"], row["best_s2_ms"], row["best_s3_ms"]),
        )
        for row in cars.sort("place").iter_rows(named=True)
    ]
