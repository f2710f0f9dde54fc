"""The call for one car: what to do now, by how much, and what would turn it."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.answer import Answer, Part, alike, means
from dryline.answers.call import (
    Call,
    ComparedCall,
    FirstLap,
    Margin,
    compared,
    difference,
    made_by,
    margin_s,
    margin_words,
    worth,
)
from dryline.answers.cards import CarOutlook, NeutralisedNow, RainCard
from dryline.answers.forecast import ComesOut
from dryline.answers.quantities import Difference, Worth
from dryline.answers.words import driver_words
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import (
    AtMs,
    CarClass,
    CarNumber,
    LengthMs,
    Maximised,
    SeedOfAnswer,
    Seen,
    Simulated,
    WhyKnown,
)
from dryline.strategy.call import ReasonedCall
from dryline.strategy.flips import Flip
from dryline.strategy.outlook import PitWindow


class LaneNow(Part, frozen=True, kw_only=True):
    """The pit lane for the car's class."""

    state: Annotated[str, means("open, closed, emergency_only, exit_red or unknown")]
    why: WhyKnown


class TrackNow(Part, frozen=True, kw_only=True):
    """The track as the call takes it."""

    wet: Annotated[bool, means("whether water is about")]
    p_rain: Annotated[float, means("probability that it rains in some sector")]
    p_own_wets: Annotated[float, means("probability that the car is on wets")]
    wet_minus_slick_ms: Annotated[
        int | None,
        means("a lap on wets less a lap on slicks: negative means that wets are faster", "ms"),
    ]
    sd_ms: Annotated[int | None, means("its standard deviation", "ms")]
    p_wet_faster: Annotated[float | None, means("probability that wets are the faster tyre")]

    @classmethod
    def of(cls, advice: ReasonedCall) -> TrackNow:
        """From the strategy's."""
        contrast = advice.contrast
        return cls(
            wet=advice.wet,
            p_rain=advice.p_rain,
            p_own_wets=advice.p_own_wets,
            wet_minus_slick_ms=None if contrast is None else round(contrast.wet_minus_slick_ms),
            sd_ms=None if contrast is None else round(contrast.sd_ms),
            p_wet_faster=None if contrast is None else contrast.p_wet_faster,
        )


class Range(Part, frozen=True, kw_only=True):
    """How far the car gets."""

    lap: Annotated[int, means("the lap that it is on")]
    fuel_laps: Annotated[
        float, means("laps that fuel or energy still last, with nine in ten where it is not told")
    ]
    laps_to_go: Annotated[float, means("laps to the flag, the one under way included")]
    range_laps: Annotated[float, means("laps on a full tank or a full allowance")]
    p_reach: Annotated[
        float, means("probability that it reaches the flag on what it has, without saving")
    ]
    save_pct: Annotated[
        float | None,
        means("saving a lap that would spare a stop; null where none is needed or none can", "%"),
    ]
    splash_s: Annotated[
        float | None,
        means("what a stop for only the laps that may be missing costs; null where none is", "s"),
    ]
    seen: Annotated[bool, means("whether the team told its level, and it is not inferred")]

    @classmethod
    def of(cls, advice: ReasonedCall) -> Range:
        """From the strategy's."""
        now = advice.situation
        return cls(
            lap=now.lap,
            fuel_laps=round(now.fuel_laps, 1),
            laps_to_go=round(now.laps_to_go, 1),
            range_laps=round(now.range_laps, 1),
            p_reach=round(now.p_reach, 3),
            save_pct=round(100.0 * now.could_save, 1) or None,
            splash_s=round(advice.splash_ms / 1000.0, 1) if now.stops_needed == 1 else None,
            seen=now.reach is not None and now.reach.told,
        )


class Beside(Part, frozen=True, kw_only=True):
    """What is worth knowing beside the call."""

    rain: Annotated[tuple[RainCard, ...], means("by sector, if it began to rain")]
    window: Annotated[PitWindow | None, means("the window of the next stop for fuel")]
    planned_laps: Annotated[
        int | None, means("laps at the flag, the middle: `laps.p50` of the forecast")
    ]
    p_one_more_lap: Annotated[float | None, means("probability that it has more laps to run")]
    cars: Annotated[tuple[CarOutlook, ...], means("the cars of the class to the flag, in order")]

    @classmethod
    def of(cls, advice: ReasonedCall) -> Beside:
        """From the strategy's."""
        cars = tuple(CarOutlook.of(each) for each in advice.rivals)
        mine = next((each for each in cars if each.car_number == advice.car_number), None)
        return cls(
            rain=tuple(RainCard.of(card, advice.situation) for card in advice.rain),
            window=advice.window,
            planned_laps=None if mine is None else mine.planned_laps,
            p_one_more_lap=None if mine is None else mine.p_one_more_lap,
            cars=cars,
        )


class DriverChoice(Part, frozen=True, kw_only=True):
    """The called stop with one of the drivers who may get in."""

    driver: Annotated[str | None, means("who drives; null: not told")]
    changes: Annotated[bool | None, means("whether this driver would be a change")]
    behind: Annotated[Difference, means("how much worse than with the better driver")]
    behind_s: Annotated[Difference, means("the same on the road", "s")]
    unit: Annotated[str, means("of `behind`")]
    words: Annotated[str, means("the same in words")]

    @classmethod
    def all_of(cls, advice: ReasonedCall) -> tuple[DriverChoice, ...]:
        """Every driver who may get in, the better first, compared alone."""
        found = advice.drivers
        return () if found is None else tuple(
            cls(
                driver=each.turn.driver,
                changes=each.turn.changes,
                behind=difference(found.margin(found.call, each)),
                behind_s=difference(found.margin_s(found.call, each)),
                unit=found.utility.unit,
                words=driver_words(each.turn.driver, each.turn.changes),
            )
            for each in found.order
        )  # fmt: skip


class TeamWord(Part, frozen=True, kw_only=True):
    """What somebody on the pit wall said and the advice rests on."""

    number: Annotated[int, means("which input, counted from 1")]
    author: Annotated[str, means("who said it")]
    at_ms: Annotated[int, means("when", "ms since the start")]
    car_number: Annotated[str | None, means("of which car; null: of the one that asks")]
    kind: Annotated[str, means("what it is about")]
    text: Annotated[str, means("the words")]
    seen: Seen

    @classmethod
    def all_of(cls, advice: ReasonedCall) -> tuple[TeamWord, ...]:
        """Every word in force."""
        return tuple(
            alike(cls, entry, at_ms=entry.known_at.ms, seen=True)
            for entry in (() if advice.team is None else advice.team.inputs)
        )


class Advice(Answer, frozen=True, kw_only=True):
    """Stay or box, when, on what: the call, and how much better it is than the runner-up."""

    car_number: CarNumber
    car_class: CarClass
    at_ms: AtMs
    length_ms: LengthMs
    simulated: Simulated
    seed: SeedOfAnswer
    utility: Maximised
    call: Annotated[Call, means("what to do")]
    made_by: Annotated[
        str,
        means(
            "`rule`: the plain rule; `comparison`: another tyre is the better one in most of the "
            "simulated futures"
        ),
    ]
    clear: Annotated[
        bool,
        means(
            "whether it beats the best of another kind beyond luck: 2 se and 80 % of the futures"
        ),
    ]
    rule: Annotated[str, means("what the plain rule would do: a candidate")]
    margin: Annotated[Margin, means("how much better the call is than the runner-up")]
    margin_s: Annotated[Difference, means("the same on the road", "s")]
    margin_words: Annotated[str, means("the same in words, with the luck of draws and of races")]
    candidates: Annotated[
        tuple[ComparedCall, ...], means("every call compared: the call, then the best first")
    ]
    stopped: Annotated[
        str, means("why the comparison ended: margin clear, replicates used, budget gone")
    ]
    flips_if: Annotated[tuple[Flip, ...], means("what would turn the call, the likeliest first")]
    value_of_waiting: Annotated[
        Worth, means("the best call that does not box on this lap, less the best that does")
    ]
    first_lap: Annotated[
        FirstLap | None,
        means(
            "waiting for a first car's lap on other tyres; null: the gap is known, or no question"
        ),
    ]
    rejoin: Annotated[
        ComesOut | None,
        means("where it comes out if it boxes now; null: it may not, or has just left the pits"),
    ]
    evidence: Annotated[
        str, means("A: measured in this race; B: from other races; C: assumed, nothing measured")
    ]
    cannot_tell: Annotated[tuple[str, ...], means("what the answer could not know")]
    pit_lane: Annotated[LaneNow, means("the pit lane for this class")]
    track: Annotated[TrackNow, means("the track as the call takes it")]
    range: Annotated[Range, means("how far the car gets")]
    neutralised_now: Annotated[
        tuple[NeutralisedNow, ...],
        means("by kind, if a neutralisation began now; the one in force alone"),
    ]
    cards: Annotated[Beside, means("what is worth knowing beside the call")]
    drivers: Annotated[tuple[DriverChoice, ...], means("who may get in at the called stop")]
    against_rules: Annotated[tuple[str, ...], means("what the season's rules would forbid")]
    team: Annotated[tuple[TeamWord, ...], means("what the pit wall said that is in force")]
    not_used: Annotated[
        tuple[str, ...], means("what the pit wall said and the call cannot use, with the reason")
    ]

    @classmethod
    def of(
        cls, advice: ReasonedCall, rejoin: ComesOut | None, *, seed: int, simulated: bool
    ) -> Advice:
        """From the strategy's advice and where a stop now leads."""
        ranking = advice.ranking
        return cls(
            car_number=advice.car_number,
            car_class=advice.car_class,
            at_ms=advice.at_ms,
            length_ms=advice.length_ms,
            simulated=simulated,
            seed=seed,
            utility=ranking.utility.name,
            call=Call.of(advice),
            made_by=made_by(advice),
            clear=ranking.is_clear,
            rule=ranking.call.key if advice.rule is None else advice.rule.key,
            margin=Margin.of(ranking),
            margin_s=margin_s(ranking),
            margin_words=margin_words(advice),
            candidates=tuple(ComparedCall.of(advice, each) for each in ranking.order),
            stopped=ranking.stopped,
            flips_if=advice.flips,
            value_of_waiting=worth(advice.waiting, ranking.utility.unit),
            first_lap=FirstLap.of(advice),
            rejoin=rejoin,
            evidence=advice.evidence,
            cannot_tell=advice.cannot_tell,
            pit_lane=LaneNow(state=advice.lane.state.value, why=advice.lane.why),
            track=TrackNow.of(advice),
            range=Range.of(advice),
            neutralised_now=tuple(
                NeutralisedNow.of(card, advice.situation) for card in advice.cards
            ),
            cards=Beside.of(advice),
            drivers=DriverChoice.all_of(advice),
            against_rules=advice.against,
            team=TeamWord.all_of(advice),
            not_used=advice.not_used,
        )

    def candidate(self, key: str | None) -> ComparedCall | None:
        """One of the calls compared, by its key."""
        return next((each for each in self.candidates if each.key == key), None)

    def frame(self) -> pl.DataFrame:
        """A row per candidate, the best first."""
        done = ("key", "action", "lap", "fuel")
        return pl.DataFrame(
            {name: [getattr(each, name) for each in self.candidates] for name in done}
            | compared(self.candidates)
        )

    def heading(self) -> str:
        """Whose call, and when."""
        return f"#{self.car_number} at {format_clock(self.at_ms)}: {self.call.words.exact}"
