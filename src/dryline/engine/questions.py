"""Every question there is: a moment and a question go in, one answer comes out.

The command line, the server, the journal, the studies and Python all ask through ``ask``. A new
question is a record here, a record in ``answers``, and the function that its ``home`` names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar, get_type_hints

import msgspec

from dryline.answers.answer import Answer, means
from dryline.domain.decision import Decision
from dryline.domain.qualifying_part import PartLap
from dryline.engine.session_kinds import refuse_unless_race
from dryline.rules.book import Override
from dryline.strategy.changes import Change
from dryline.strategy.plan_setup import RaceSetup

if TYPE_CHECKING:  # the bases name the answers
    from dryline.analysis.track.reading import TrackEstimate
    from dryline.answers.advice import Advice  # noqa: F401
    from dryline.answers.cards import Cards  # noqa: F401
    from dryline.answers.championship import Points  # noqa: F401
    from dryline.answers.classification import Classification  # noqa: F401
    from dryline.answers.debrief import Debriefing  # noqa: F401
    from dryline.answers.drive_times import DriveTimes  # noqa: F401
    from dryline.answers.forecast import Forecast, Rejoin  # noqa: F401
    from dryline.answers.gaps import Gaps  # noqa: F401
    from dryline.answers.laps import Laps  # noqa: F401
    from dryline.answers.live_track import LiveTrack  # noqa: F401
    from dryline.answers.neutralisations import Neutralisations  # noqa: F401
    from dryline.answers.pace import Paces  # noqa: F401
    from dryline.answers.penalties import Penalties  # noqa: F401
    from dryline.answers.queue import SafetyCarQueue  # noqa: F401
    from dryline.answers.race import RaceSoFar  # noqa: F401
    from dryline.answers.ranges import Ranges  # noqa: F401
    from dryline.answers.replan import Replanned  # noqa: F401
    from dryline.answers.stints import Stints  # noqa: F401
    from dryline.answers.stops import Stops  # noqa: F401
    from dryline.answers.team_advice import TeamAdvice  # noqa: F401
    from dryline.answers.timed_session import TimedSession  # noqa: F401
    from dryline.answers.track import Track  # noqa: F401
    from dryline.answers.what_if import WhatIf  # noqa: F401
    from dryline.race.moment import Moment

A = TypeVar("A", bound=Answer)
Replicates = Annotated[int, means("draws; more extend the same ones")]
Seed = Annotated[int, means("of the random numbers")]
CarNumber = Annotated[str, means("the car that is asked about")]
Decisions = Annotated[tuple[Decision, ...], means("the stewards' decisions")]
Rules = Annotated[Override | None, means("the asker's own rule file over the shipped one")]
OnlyCar = Annotated[str | None, means("only this car")]
OnlyClass = Annotated[str | None, means("only this class, as the feed calls it")]
Hindsight = Annotated[bool, means("in the light of all that the moment holds, not as it came")]


def _silent(_: float) -> None:
    pass


@dataclass(frozen=True)
class Aid:
    """What helps to answer and changes no answer.

    ``track`` is the rain gauge's reading at that moment, where the caller has it; ``tell`` hears
    the share of the work that is done; ``threads`` is how many may be used, all cores by default.
    """

    track: TrackEstimate | None = None
    tell: Callable[[float], None] = _silent
    threads: int | None = None


class Question(msgspec.Struct, Generic[A], frozen=True, kw_only=True):
    """A question about a moment; ``home`` is who answers it, as ``module:function`` of engine.

    ``any_session``: it can be asked of practice and qualifying too, not of races alone.
    """

    home: ClassVar[str]
    any_session: ClassVar[bool] = False


class OfSome(Question[A], Generic[A], frozen=True, kw_only=True):
    """A question about all cars, those of one class, or one alone."""

    car_number: OnlyCar = None
    car_class: OnlyClass = None


class UnderRules(Question[A], Generic[A], frozen=True, kw_only=True):
    """A question that the stewards' decisions and the rules have a say in."""

    decisions: Decisions = ()
    rules: Rules = None


class AskForecast(Question["Forecast"], frozen=True, kw_only=True, tag="forecast"):
    """How will it end?"""

    home: ClassVar[str] = "forecasting:answer_forecast"
    replicates: Replicates = 2000
    seed: Seed = 1
    forecaster: Annotated[str, means("blend, or statistical alone")] = "blend"


class AskRejoin(Question["Rejoin"], frozen=True, kw_only=True, tag="rejoin"):
    """Where does a car come out if it boxes on the lap it is on?"""

    home: ClassVar[str] = "forecasting:answer_rejoin"
    car_number: CarNumber
    replicates: Replicates = 2000
    seed: Seed = 1


Budget = Annotated[
    float | None, means("stop comparing after so long; the answer then hangs on the machine", "s")
]
UtilityName = Annotated[str, means("what is maximised: position, win, podium, points, seconds")]


class AskAdvice(Question["Advice"], frozen=True, kw_only=True, tag="advise"):
    """Stay or box, when, on what?"""

    home: ClassVar[str] = "advising:answer_advice"
    car_number: CarNumber
    replicates: Replicates = 500
    seed: Seed = 1
    budget_s: Budget = None
    utility: UtilityName = "position"
    rules: Rules = None


class AskTeamAdvice(Question["TeamAdvice"], frozen=True, kw_only=True, tag="advise_team"):
    """What do the cars of a team do, together?"""

    home: ClassVar[str] = "team_advising:answer_team_advice"
    team: Annotated[str, means("the team, or a part of its name that only it bears")]
    replicates: Replicates = 500
    seed: Seed = 1
    budget_s: Budget = None
    utility: UtilityName = "position"
    rules: Rules = None


class AskCards(Question["Cards"], frozen=True, kw_only=True, tag="cards"):
    """What does every car do if the race is neutralised now or it rains, and when must it stop?"""

    home: ClassVar[str] = "team_advising:answer_cards"
    replicates: Replicates = 64
    seed: Seed = 1
    utility: UtilityName = "position"
    rules: Rules = None


class AskWhatIf(Question["WhatIf"], frozen=True, kw_only=True, tag="what_if"):
    """What does one change do to the rest of the race?"""

    home: ClassVar[str] = "what_ifs:answer_what_if"
    car_number: CarNumber
    change: Annotated[Change, means("what is changed")]
    replicates: Replicates = 512
    seed: Seed = 1


class AskReplan(Question["Replanned"], frozen=True, kw_only=True, tag="replan"):
    """How is the rest of the race shared into stints, from now?"""

    home: ClassVar[str] = "replanning:answer_replan"
    car_number: CarNumber
    setup: Annotated[
        RaceSetup | None, means("the team's own car, fuel, tyres, pits and crew; null: inferred")
    ] = None
    rules: Rules = None


class AskPoints(UnderRules["Points"], frozen=True, kw_only=True, tag="points"):
    """What does this race alone pay?"""

    home: ClassVar[str] = "championship:answer_points"


class AskLedger(Question["DriveTimes"], frozen=True, kw_only=True, tag="ledger"):
    """Who has driven how long, who must still get in and by when?"""

    home: ClassVar[str] = "championship:answer_ledger"
    rules: Rules = None


class AskPenalties(UnderRules["Penalties"], frozen=True, kw_only=True, tag="penalties"):
    """What do the stewards' decisions change, what is owed, what does the timing show?"""

    home: ClassVar[str] = "penalties:answer_penalties"


class AskDebrief(Question["Debriefing"], frozen=True, kw_only=True, tag="debrief"):
    """Where did a car's time go against another's?"""

    home: ClassVar[str] = "debriefing:answer_debrief"
    car_number: CarNumber
    against: Annotated[str | None, means("the other car; null: its class's winner or second")] = (
        None
    )
    decisions: Decisions = ()
    calls: Annotated[bool, means("ask the advice at every stop as of then: seconds a stop")] = False
    track: Annotated[bool, means("read the wet spells from the lap times")] = True
    replicates: Annotated[int, means("futures per candidate of each advice")] = 200
    seed: Seed = 1


class AskQueue(Question["SafetyCarQueue"], frozen=True, kw_only=True, tag="queue"):
    """Who queues behind the safety car, and who may be waved past it?"""

    home: ClassVar[str] = "queueing:answer_queue"
    rules: Rules = None


class AskRace(Question["RaceSoFar"], frozen=True, kw_only=True, tag="show"):
    """How does the race stand?"""

    home: ClassVar[str] = "timing:answer_race"
    any_session: ClassVar[bool] = True


class AskClassification(
    Question["Classification"], frozen=True, kw_only=True, tag="classification"
):
    """In which order are they, with the stewards' decisions applied?"""

    home: ClassVar[str] = "classify:answer_classification"
    any_session: ClassVar[bool] = True
    decisions: Decisions = ()
    car_class: OnlyClass = None
    on_the_road: Annotated[bool, means("as the laps alone tell, by no rule and no decision")] = (
        False
    )


class AskLaps(OfSome["Laps"], frozen=True, kw_only=True, tag="laps"):
    """Which laps were driven?"""

    home: ClassVar[str] = "timing:answer_laps"
    any_session: ClassVar[bool] = True


class AskStints(OfSome["Stints"], frozen=True, kw_only=True, tag="stints"):
    """Who drove when?"""

    home: ClassVar[str] = "timing:answer_stints"
    any_session: ClassVar[bool] = True


class AskSession(OfSome["TimedSession"], frozen=True, kw_only=True, tag="session"):
    """What was done in practice or qualifying: best laps, runs, programmes, laps lost?"""

    home: ClassVar[str] = "timed_sessions:answer_session"
    any_session: ClassVar[bool] = True
    by: Annotated[str, means("what a row of its table is: car, driver or run")] = "car"
    parts: Annotated[
        tuple[PartLap, ...], means("the best laps of every part of the qualifying, this one too")
    ] = ()


class AskNeutralisations(
    Question["Neutralisations"], frozen=True, kw_only=True, tag="neutralisations"
):
    """When was the race neutralised?"""

    home: ClassVar[str] = "timing:answer_neutralisations"
    any_session: ClassVar[bool] = True


class AskGaps(Question["Gaps"], frozen=True, kw_only=True, tag="gaps"):
    """How far is everybody from one car?"""

    home: ClassVar[str] = "timing:answer_gaps"
    car_number: CarNumber
    car_class: OnlyClass = None


class AskPace(OfSome["Paces"], frozen=True, kw_only=True, tag="pace"):
    """How fast is everyone really?"""

    home: ClassVar[str] = "measured:answer_pace"
    any_session: ClassVar[bool] = True
    by: Annotated[str, means("what to compare: car, driver or stint")] = "driver"
    hindsight: Hindsight = False


class AskStops(OfSome["Stops"], frozen=True, kw_only=True, tag="stops"):
    """Who stopped when, and what for?"""

    home: ClassVar[str] = "measured:answer_stops"
    any_session: ClassVar[bool] = True
    track: Annotated[bool, means("read from the lap times who was on wets")] = True


class AskRange(OfSome["Ranges"], frozen=True, kw_only=True, tag="range"):
    """How far does everybody still go before a stop?"""

    home: ClassVar[str] = "measured:answer_range"


class AskTrack(Question["Track"], frozen=True, kw_only=True, tag="track"):
    """How wet is the track, which tyre is the faster, and when will that change?"""

    home: ClassVar[str] = "measured:answer_track"
    hindsight: Hindsight = False
    seed: Seed = 1


class AskLiveTrack(Question["LiveTrack"], frozen=True, kw_only=True, tag="live_track"):
    """How wet is the track, where is it going, what is everybody on, how far does it go?

    As everybody may know it; of the race that goes on, where the newest alone counts.
    """

    home: ClassVar[str] = "live.tracking:answer_live_track"
    seed: Seed = 1


QUESTIONS: tuple[type[Question[Any]], ...] = (
    AskForecast,
    AskRejoin,
    AskAdvice,
    AskTeamAdvice,
    AskCards,
    AskWhatIf,
    AskReplan,
    AskPoints,
    AskLedger,
    AskPenalties,
    AskDebrief,
    AskQueue,
    AskRace,
    AskClassification,
    AskLaps,
    AskStints,
    AskSession,
    AskNeutralisations,
    AskGaps,
    AskPace,
    AskStops,
    AskRange,
    AskTrack,
    AskLiveTrack,
)
"""The table."""
OF_NO_MOMENT = {
    "standings": "championship:season_standings",
    "standings --changes": "championship:season_changes",
    "standings --title": "championship:season_titles",
    "plan": "planning:plan_race",
}
"""Commands that ask about a season or a race to come, and the function that answers each."""


def ask(moment: Moment, question: Question[A], aid: Aid | None = None) -> A:
    """The answer to a question about a moment.

    Raises:
        NotKnown: where it is a question about races, and the session is none.
        DrylineError: as the question's own function says, where it cannot be answered.
    """
    if not question.any_session:
        refuse_unless_race(moment.race)
    answer: A = _answering(question.home)(moment, question, Aid() if aid is None else aid)
    return answer


def answer_of(question: type[Question[Any]]) -> type[Answer]:
    """The record that answers a question, as its function declares it."""
    return record_of(question.home)


def record_of(home: str) -> type[Answer]:
    """What the function of that home answers with."""
    found: type[Answer] = get_type_hints(_answering(home))["return"]
    return found


@cache
def _answering(home: str) -> Callable[[Moment, Question[Any], Aid], Any]:
    module, function = home.split(":")
    found: Callable[[Moment, Question[Any], Aid], Any] = getattr(
        import_module(f"dryline.engine.{module}"), function
    )
    return found
