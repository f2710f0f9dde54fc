"""A race to talk to: what ``dryline.open_race`` gives, its moments with every question as a method.

race = dryline.open_race("23_Analysis_Race.CSV", length="6:00")
now = race.moment("3:55:00")
now.forecast().frame()
now.rejoin(car="50")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import RaceNotFound
from dryline.domain.event import TeamInput
from dryline.domain.race_info import RaceLength
from dryline.engine.planning import team_setup
from dryline.engine.qualifying_parts import part_laps
from dryline.engine.questions import (
    AskAdvice,
    AskCards,
    AskClassification,
    AskDebrief,
    AskForecast,
    AskGaps,
    AskLedger,
    AskNeutralisations,
    AskPace,
    AskPenalties,
    AskPoints,
    AskQueue,
    AskRange,
    AskRejoin,
    AskReplan,
    AskSession,
    AskStops,
    AskTeamAdvice,
    AskTrack,
    AskWhatIf,
    ask,
)
from dryline.engine.race_length import parse_length
from dryline.engine.session_files import read_override
from dryline.engine.session_kinds import known_kind
from dryline.race.moment import Moment
from dryline.race.race import InstantLike, Race
from dryline.race.snapshot import CarState, Snapshot

if TYPE_CHECKING:
    from dryline.answers.advice import Advice
    from dryline.answers.cards import Cards
    from dryline.answers.championship import Points
    from dryline.answers.classification import Classification
    from dryline.answers.debrief import Debriefing
    from dryline.answers.drive_times import DriveTimes
    from dryline.answers.forecast import Forecast, Rejoin
    from dryline.answers.gaps import Gaps
    from dryline.answers.neutralisations import Neutralisations
    from dryline.answers.pace import Paces
    from dryline.answers.penalties import Penalties
    from dryline.answers.queue import SafetyCarQueue
    from dryline.answers.ranges import Ranges
    from dryline.answers.replan import Replanned
    from dryline.answers.stops import Stops
    from dryline.answers.team_advice import TeamAdvice
    from dryline.answers.timed_session import TimedSession
    from dryline.answers.track import Track
    from dryline.answers.what_if import WhatIf
    from dryline.domain.decision import Decision
    from dryline.engine.reporting import Told
    from dryline.store.library import Library
    from dryline.strategy.changes import Change


class OpenedMoment(Moment):
    """A race at an instant, and all that can be asked of it; ``race.moment(...)`` gives it.

    Every method answers with a record: its fields say what they mean, ``.frame()`` is the same as
    a polars table, ``.to_pandas()`` for pandas, ``.to_dict()`` as plain objects. A question that
    cannot be answered raises an error of the one tree, with its remedy.
    """

    @cached_property
    def snapshot(self) -> Snapshot:
        """Who is where: order, gaps, flag."""
        return self.race.at(self.at)

    @property
    def order(self) -> list[str]:
        """Car numbers in running order."""
        return self.snapshot.order

    def __getitem__(self, car_number: str) -> CarState:
        """One car as it stands."""
        return self.snapshot[self.race.known_car(car_number)]

    @property
    def laps(self) -> pl.DataFrame:
        """Every lap by then: schema ``LAPS``."""
        return self.race.laps

    @property
    def stops(self) -> pl.DataFrame:
        """Every stop by then: schema ``STOPS``."""
        return self.race.stops

    @property
    def stints(self) -> pl.DataFrame:
        """Every stint by then: schema ``STINTS``."""
        return self.race.stints

    def classification(
        self, decisions: Sequence[Decision] = (), car_class: str | None = None
    ) -> Classification:
        """In which order they are, with the stewards' decisions applied.

        Raises:
            BadDecision: where a decision cannot be applied.
        """
        return ask(self, AskClassification(decisions=tuple(decisions), car_class=car_class))

    def neutralisations(self) -> Neutralisations:
        """When the race was neutralised, how, and how that is known."""
        return ask(self, AskNeutralisations())

    def gaps(self, car: str, car_class: str | None = None) -> Gaps:
        """How far everybody is from one car, lap by lap; positive is behind.

        Raises:
            UnknownCar: where it is not in the race.
        """
        return ask(self, AskGaps(car_number=car, car_class=car_class))

    def pace(self, by: str = "driver", *, hindsight: bool = False) -> Paces:
        """How fast everyone really is, by car, driver or stint, with an interval."""
        return ask(self, AskPace(by=by, hindsight=hindsight))

    def session(
        self,
        by: str = "car",
        *,
        car: str | None = None,
        car_class: str | None = None,
        parts: Sequence[Race] = (),
    ) -> TimedSession:
        """What was done in practice or qualifying: best laps, runs, programmes, laps lost.

        Args:
            by: what a row of its table is: car, driver or run.
            car: of one car.
            car_class: of one class.
            parts: the other parts of the same qualifying, for the order that all give together.

        Raises:
            NotKnown: where the session is a race.
            BadOption: where the parts are of something else, or their names tell no order.
        """
        laps = part_laps(self.race, *parts) if parts else ()
        return ask(self, AskSession(by=by, car_number=car, car_class=car_class, parts=laps))

    def services(self, *, track: bool = True) -> Stops:
        """Every stop by then, what it was and on which tyres, with how sure that is.

        ``track``: read the tyres from the lap times, which takes seconds.
        """
        return ask(self, AskStops(track=track))

    def ranges(self) -> Ranges:
        """How far everybody still goes before a stop."""
        return ask(self, AskRange())

    def track(self, *, hindsight: bool = False) -> Track:
        """How wet each sector is, which tyre is faster per class, who is on which.

        ``hindsight``: in the light of everything up to this moment, instead of as it was known
        at each time.
        """
        return ask(self, AskTrack(hindsight=hindsight))

    def forecast(
        self, *, replicates: int = 2000, seed: int = 1, forecaster: str = "blend"
    ) -> Forecast:
        """For every car the probability of each place in class, of winning, of retiring.

        Raises:
            UnknownLength: where nobody has said how long the race is.
            NotKnown: where no car has crossed the line yet.
        """
        return ask(self, AskForecast(replicates=replicates, seed=seed, forecaster=forecaster))

    def rejoin(self, car: str, *, replicates: int = 2000, seed: int = 1) -> Rejoin:
        """Where a car comes out if it boxes on the lap it is on.

        Raises:
            UnknownCar: where it is not in the race.
            NotKnown: where it is in the pits, or out of the race.
        """
        return ask(self, AskRejoin(car_number=car, replicates=replicates, seed=seed))

    def advise(
        self,
        car: str,
        *,
        replicates: int = 500,
        seed: int = 1,
        utility: str = "position",
        budget_s: float | None = None,
    ) -> Advice:
        """The call for a car: stay or box, when, on what; how much better, and what would flip it.

        Raises:
            UnknownCar: where it is not in the race.
            UnknownLength: where nobody has said how long the race is.
            NotKnown: where it is not on the track, or the race is over.
        """
        asked = AskAdvice(
            car_number=car, replicates=replicates, seed=seed, utility=utility, budget_s=budget_s
        )
        return ask(self, asked)

    def advise_team(
        self, team: str, *, replicates: int = 500, seed: int = 1, utility: str = "position"
    ) -> TeamAdvice:
        """The joint call for the cars of a team, by its name or a part that only it bears.

        Raises:
            NotKnown: where there is no such team, or fewer than two of its cars are on the track.
        """
        asked = AskTeamAdvice(team=team, replicates=replicates, seed=seed, utility=utility)
        return ask(self, asked)

    def cards(self, *, replicates: int = 64, seed: int = 1) -> Cards:
        """For every car: what to do if neutralised now or if it rains, when it must stop.

        Raises:
            UnknownLength: where nobody has said how long the race is.
            NotKnown: where the race is over.
        """
        return ask(self, AskCards(replicates=replicates, seed=seed))

    def what_if(self, car: str, change: Change, *, replicates: int = 512, seed: int = 1) -> WhatIf:
        """What one change does to the rest of the race, for a car and the top of its class.

        Raises:
            UnknownCar: where it is not in the race.
            NotKnown: where it is not on the track, or the race is over.
            BadOption: where the change makes no sense now.
        """
        asked = AskWhatIf(car_number=car, change=change, replicates=replicates, seed=seed)
        return ask(self, asked)

    def plan(self, car: str, setup: Path | None = None, rules: Path | None = None) -> Replanned:
        """The rest of the race for a car, shared into stints; ``setup`` is a team's own (TOML).

        Raises:
            UnknownCar: where it is not in the race.
            UnknownLength: where nobody has said how long the race is.
            NotKnown: where the car or the race has ended.
        """
        own = None if setup is None else team_setup(setup)
        return ask(self, AskReplan(car_number=car, setup=own, rules=read_override(rules)))

    def points(self, decisions: Sequence[Decision] = (), rules: Path | None = None) -> Points:
        """What the race alone pays as it stands; pole and qualifying are not in the timing.

        Raises:
            NotKnown: where the season's scales, or the race's length, are not known.
        """
        return ask(self, AskPoints(decisions=tuple(decisions), rules=read_override(rules)))

    def drive_times(self, rules: Path | None = None) -> DriveTimes:
        """Who has driven how long, who must still get in and by when.

        Raises:
            NotKnown: where no rule book covers the race's season.
        """
        return ask(self, AskLedger(rules=read_override(rules)))

    def penalties(self, decisions: Sequence[Decision] = (), rules: Path | None = None) -> Penalties:
        """What the decisions change, what is still to be served, what the timing shows.

        Raises:
            NotKnown: where no rule book covers the race's season.
            BadDecision: where a decision cannot be applied.
        """
        return ask(self, AskPenalties(decisions=tuple(decisions), rules=read_override(rules)))

    def queue(self, rules: Path | None = None) -> SafetyCarQueue:
        """Who queues behind the safety car, or would if it came now, and who may be waved past.

        Raises:
            NotKnown: where no rule book covers the race's season.
        """
        return ask(self, AskQueue(rules=read_override(rules)))

    def debrief(
        self,
        car: str,
        against: str | None = None,
        decisions: Sequence[Decision] = (),
        *,
        calls: bool = False,
        track: bool = True,
    ) -> Debriefing:
        """Where a car's time went against another's, by default its class's winner.

        Raises:
            UnknownCar: where a car is not in the race.
            NotKnown: where there is nothing to compare.
        """
        asked = AskDebrief(
            car_number=car, against=against, decisions=tuple(decisions), calls=calls, track=track
        )
        return ask(self, asked)

    def _repr_html_(self) -> str:
        title = f"{self.race.info.name}, {format_clock(self.at_ms)}"
        safe = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f"<p><b>{safe}</b></p>{self.snapshot.table._repr_html_()}"


class OpenedRace(Race):
    """A race as ``dryline.open_race`` gives it: its tables, and its moments to be asked."""

    def moment(
        self, at: InstantLike | None = None, inputs: Sequence[TeamInput] = ()
    ) -> OpenedMoment:
        """The race at an instant: ``"3:55:00"``, a timedelta, or whole seconds; else its end."""
        return OpenedMoment(self, self.end if at is None else self.instant(at), inputs)

    def debrief(self, car: str, against: str | None = None) -> Debriefing:
        """Where a car's time went against another's, seen from the end."""
        return self.moment().debrief(car, against)

    def report(
        self, decisions: Sequence[Decision] = (), *, track: bool = True, charts: bool = True
    ) -> OpenedReport:
        """The race told: headline, story, classes, tables and charts, every sentence from a claim.

        Raises:
            NotKnown: where the race holds no lap.
            BadDecision: where a decision cannot be applied.
        """
        from dryline.engine.reporting import report_of_race

        told = report_of_race(self, decisions, track=track, charts=charts, tell=lambda _: None)
        return OpenedReport(told)


@dataclass(frozen=True, repr=False)
class OpenedReport:
    """A report, to be read here or written; a notebook shows it as the page that it is."""

    told: Told

    @property
    def headline(self) -> str:
        """What the race comes to, in one line."""
        return self.told.report.headline

    @property
    def html(self) -> str:
        """The page, which works offline."""
        from dryline.present.report.page import html

        return html(self.told.report)

    @property
    def markdown(self) -> str:
        """The same text as Markdown."""
        from dryline.present.report.page import markdown

        return markdown(self.told.report)

    def write(self, folder: str | Path) -> list[Path]:
        """``report.html`` and ``report.md`` in a folder; their paths.

        Raises:
            UnreadableFile: where the folder cannot be written.
        """
        from dryline.engine.reporting import write_report

        return write_report(self.told, Path(folder))

    def __repr__(self) -> str:
        return f"<Report: {self.headline}>"

    def _repr_markdown_(self) -> str:
        return self.markdown


def opened(race: Race) -> OpenedRace:
    """The same race, to talk to."""
    return OpenedRace(**{each.name: getattr(race, each.name) for each in fields(race)})


def open_race(
    source: str | Path,
    *,
    series: str | None = None,
    year: int | None = None,
    length: str | RaceLength | None = None,
    messages: Path | None = None,
    said: Sequence[str] = (),
    mapping: Path | None = None,
    weekend: Sequence[str | Path] = (),
    library: Library | None = None,
    at: InstantLike | None = None,
    session: str | None = None,
    classes: Path | None = None,
    entries: Path | None = None,
) -> OpenedRace:
    """The race that ``source`` names: a timing file, a folder of one session, or a library id.

    An embedded event (``imola-2024``) is opened as one simulated running, and says so.

    Args:
        source: where the race is.
        series: its name, as its file is called; recognised from the classes and the path where
            left out.
        year: the season; read from the path where left out.
        length: the scheduled length, ``"6:00"`` or ``"335laps"``; from the library, a catalogue
            above the file, or the name (with a finding that says so) where left out.
        messages: a file of race-control messages and outside facts.
        said: more of them, each as ``column=value`` words.
        mapping: a column mapping for another provider's CSV.
        weekend: practice, qualifying and warm-up of the same weekend, each as ``source`` is named:
            their laps tell the dry pace, and who is in which crew and how fast. That they were
            driven before the race is your word.
        library: where ids are looked up; the user's own library when left out.
        at: read the race as if its files ended at this instant.
        session: which kind of session it is, where its files mislead: ``"race"``,
            ``"qualifying"``, ``"practice"``, ``"warm-up"`` or ``"test"``.
        classes: a file of classes of your own, within or across the official ones.
        entries: the entry list, crews with their licences, in the columns of an official result.

    Raises:
        RaceNotFound: where nothing of that name exists.
        UnreadableFile: where the files are not what they should be.
    """
    from dryline.engine import opening

    return opened(
        opening.open_race(
            source,
            opening.SaidOfFiles(
                series=series,
                year=year,
                length=parse_length(length) if isinstance(length, str) else length,
                session=None if session is None else known_kind(session),
                messages=messages,
                words=said,
                mapping=mapping,
                weekend=weekend,
                classes=classes,
                entries=entries,
            ),
            library=library,
            at=None if at is None else Race.instant(at),
        )
    )


def get_session(
    series: str,
    year: int,
    event: str,
    session: str = "race",
    *,
    fetch: bool = False,
    library: Library | Path | None = None,
) -> OpenedRace:
    """A session from the library; nothing is downloaded unless ``fetch`` says so.

    Args:
        series: which series, by its short name.
        year: the season.
        event: the event's name, or an unmistakable part of it: ``imola``.
        session: ``race``, or another session of the event.
        fetch: download the session from the results site where the library does not hold it.
        library: where to look; your own library when left out.

    Raises:
        RaceNotFound: where the library does not hold it and ``fetch`` is false.
        FetchError: where the results site does not give it.
    """
    from dryline.engine import opening
    from dryline.store.library import Library as Shelf

    shelf = library if isinstance(library, Shelf) else Shelf(library)
    wanted = f"{series}/{year}/{event}" + ("" if session == "race" else f"/{session}")
    try:
        return opened(opening.open_race(shelf.resolve(wanted), library=shelf))
    except RaceNotFound:
        if not fetch:
            raise
    from dryline.engine.fetching import fetch_session

    found = fetch_session(shelf, series, year, event, session)
    return opened(opening.open_race(found, library=shelf))
