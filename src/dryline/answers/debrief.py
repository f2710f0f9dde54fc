"""Where one car's time went against another's: parts that add up to the gap exactly."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.analysis.claims.claim import Certainty, Section
from dryline.analysis.debrief.account import PARTS_TABLE, Debrief
from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.rows import rows_of, table_of
from dryline.domain.clock_text import format_ms
from dryline.domain.fields import CarClass, InLap, InMs, PitLaneMsIfStated, StartMs, Sure

CarNumber = Annotated[str, means("the car's number, as text: 007 is not 7")]
OwnMs = Annotated[int, means("the car's time under it", "ms")]
OtherMs = Annotated[int, means("the other car's time under it", "ms")]
LostMs = Annotated[int, means("the difference: positive is lost", "ms")]


class AccountPart(Part, frozen=True, kw_only=True):
    """What one heading comes to."""

    part: Annotated[str, means("the heading: start, stops, neutralisations, traffic, pace, rain…")]
    key: Annotated[
        int | None,
        means("which period, wet spell or stint it is about; null: the heading as a whole"),
    ]
    own_ms: OwnMs
    other_ms: OtherMs
    ms: LostMs


class PacedStint(Part, frozen=True, kw_only=True):
    """A stint of the car, with the pace of both on the same laps."""

    car_number: CarNumber
    turn: Annotated[int, means("the stint, counted from 1")]
    driver: Annotated[str | None, means("who drove")]
    first_lap: Annotated[int, means("its first lap")]
    last_lap: Annotated[int, means("its last lap, as far as both cars came")]
    clean_laps: Annotated[int, means("laps that count")]
    traffic_laps: Annotated[int, means("laps in traffic")]
    own: Annotated[bool, means("whether its pace is its own, not a neighbouring stint's")]
    pace_ms: Annotated[int, means("a free lap of it", "ms")]
    own_ms: OwnMs
    other_ms: OtherMs
    laps: Annotated[int, means("how many laps")]
    ms: LostMs
    other_drivers: Annotated[str, means("who drove the other car meanwhile")]


class DebriefedStop(Part, frozen=True, kw_only=True):
    """A stop of either car, and what hindsight says of it."""

    car_number: CarNumber
    number: Annotated[int, means("counted from 1 per car")]
    lap: InLap
    in_ms: InMs
    under: Annotated[
        str, means("flag state when the car came in; red where a red flag found it in the lane")
    ]
    pit_lane_ms: PitLaneMsIfStated
    stood_ms: Annotated[int | None, means("of which standing", "ms")]
    loss_ms: Annotated[
        int | None, means("cost against staying out; null where it cannot be told", "ms")
    ]
    service: Annotated[str | None, means("what it was, as inferred")]
    confidence: Annotated[float | None, means("how sure of that, in [0, 1]")]
    driver_in: Annotated[str | None, means("who brought the car in")]
    driver_out: Annotated[str | None, means("who took it out")]
    exception: Annotated[str | None, means("why it is no ordinary stop; null where it is")]
    class_loss_ms: Annotated[
        int | None, means("what such a stop cost the class in the median", "ms")
    ]
    next_kind: Annotated[
        str | None, means("the neutralisation that came soon after the stop, if any")
    ]
    next_start_ms: Annotated[int | None, means("when it came", "ms since the start")]
    next_loss_ms: Annotated[
        int | None, means("what stopping under it cost the class in the median", "ms")
    ]
    next_cars: Annotated[int, means("class rivals who stopped under it")]


class DebriefedPeriod(Part, frozen=True, kw_only=True):
    """A neutralisation that touched either car."""

    number: Annotated[int, means("counted from 1, among all of the race")]
    kind: Annotated[str, means("safety_car, fcy, vsc, code_60, red…")]
    start_ms: StartMs
    end_ms: Annotated[int | None, means("when it ended; null while it lasts", "ms since the start")]
    source: Annotated[str, means("how it is known")]
    confidence: Sure
    own_ms: OwnMs
    other_ms: OtherMs
    ms: LostMs
    stopped: Annotated[int, means("stops of the car under it")]
    other_stopped: Annotated[int, means("stops of the other car under it")]
    gap_before_ms: Annotated[int | None, means("gap to the other car before it", "ms")]
    gap_after_ms: Annotated[int | None, means("gap after it", "ms")]


class WetSpell(Part, frozen=True, kw_only=True):
    """A time in which the track was wet."""

    number: Annotated[int, means("counted from 1")]
    start_ms: StartMs
    end_ms: Annotated[int, means("when it was dry again", "ms since the start")]


class CallThen(Part, frozen=True, kw_only=True):
    """The advice before a stop, on what was known then, and what was done."""

    number: Annotated[int, means("the stop, counted from 1")]
    lap: InLap
    at_ms: Annotated[int, means("when the advice was asked", "ms since the start")]
    action: Annotated[str | None, means("`stay`, `box` or `save`")] = None
    advised_lap: Annotated[int | None, means("lap of the stop advised; null: to stay out")] = None
    until_lap: Annotated[int | None, means("how long to stay out, where it was to stay")] = None
    tyres: Annotated[str | None, means("`wet` or `slick`; null: none, or not told")] = None
    agrees: Annotated[
        bool | None, means("whether the stop came within a lap of the one advised")
    ] = None
    behind: Annotated[float | None, means("how much less what was done was thought worth")] = None
    se: Annotated[float | None, means("its standard error")] = None
    unit: Annotated[str | None, means("of the two")] = None
    behind_s: Annotated[float | None, means("the same in seconds on the road", "s")] = None
    refused: Annotated[str | None, means("why nobody could be asked; null: the advice was")] = None


class ToldSentence(Part, frozen=True, kw_only=True):
    """What is said of it."""

    id: Annotated[str, means("the claim's own name, unique in the answer")]
    certainty: Annotated[Certainty, means("measured, inferred or simulated")]
    text: Annotated[str, means("a sentence of the debrief")]
    section: Annotated[Section, means("where it belongs: result, pits, pace, calls…")]


class Debriefing(AboutRace, frozen=True, kw_only=True):
    """One car against another: the gap, its parts, and what they rest on."""

    car_number: CarNumber
    against: Annotated[
        str,
        means(
            "the car compared with: the class winner, or for it the second; `--against` names "
            "another"
        ),
    ]
    car_class: CarClass
    other_class: Annotated[str, means("its class")]
    team: Annotated[str | None, means("the car's team")]
    other_team: Annotated[str | None, means("the other's team")]
    position_in_class: Annotated[int | None, means("the car's place in class")]
    other_position_in_class: Annotated[int | None, means("the other's place in class")]
    at_the_end: Annotated[str, means("how the car ended: finished, or what it did last")]
    laps: Annotated[int, means("laps that the car completed")]
    other_laps: Annotated[int, means("laps that the other completed")]
    lap: Annotated[int, means("the last lap that both completed, at whose end they are compared")]
    at_ms: Annotated[int, means("when the later of them completed it", "ms since the start")]
    road_ms: Annotated[int, means("time lost to the other car on the road: positive is lost", "ms")]
    own_added_ms: Annotated[int, means("time penalties added to the car", "ms")]
    other_added_ms: Annotated[int, means("time penalties added to the other", "ms")]
    added_ms: Annotated[int, means("what the stewards added to the difference", "ms")]
    gap_ms: Annotated[int, means("both together, which the parts add up to", "ms")]
    laps_taken: Annotated[int, means("laps taken away by the stewards")]
    parts: Annotated[tuple[AccountPart, ...], means("they add up to the gap exactly")]
    stints: Annotated[tuple[PacedStint, ...], means("the car's stints, as far as both came")]
    stops: Annotated[tuple[DebriefedStop, ...], means("the stops of both")]
    neutralisations: Annotated[tuple[DebriefedPeriod, ...], means("those that touched either car")]
    wet: Annotated[tuple[WetSpell, ...], means("when the track was wet, where it was read")]
    calls: Annotated[
        tuple[CallThen, ...] | None,
        means("with `--calls`: the advice at each stop as of then; null without"),
    ]
    sentences: Annotated[tuple[ToldSentence, ...], means("what is said of it")]

    @classmethod
    def of(
        cls,
        found: Debrief,
        calls: tuple[CallThen, ...] | None,
        sentences: tuple[ToldSentence, ...],
        *,
        race: str,
        simulated: bool,
    ) -> Debriefing:
        """From the account and what is said of it."""
        return cls(
            race=race,
            simulated=simulated,
            **found.gap.row(0, named=True),
            parts=rows_of(AccountPart, found.parts),
            stints=rows_of(PacedStint, found.turns),
            stops=rows_of(DebriefedStop, found.stops),
            neutralisations=rows_of(DebriefedPeriod, found.periods),
            wet=rows_of(WetSpell, found.wet),
            calls=calls,
            sentences=sentences,
        )

    def by_heading(self) -> tuple[AccountPart, ...]:
        """The parts summed by heading, in their order."""
        headings = dict.fromkeys(each.part for each in self.parts)
        of = {part: [each for each in self.parts if each.part == part] for part in headings}
        return tuple(
            AccountPart(
                part=part,
                key=None,
                own_ms=sum(each.own_ms for each in rows),
                other_ms=sum(each.other_ms for each in rows),
                ms=sum(each.ms for each in rows),
            )
            for part, rows in of.items()
        )

    def frame(self) -> pl.DataFrame:
        """A row per part."""
        return table_of(self.parts, PARTS_TABLE)

    def heading(self) -> str:
        """Which two cars, and what lies between them."""
        side = "behind" if self.gap_ms > 0 else "ahead of"
        told = f"#{self.car_number} {format_ms(abs(self.gap_ms))} {side} #{self.against}"
        return self.titled(f"{told} after {self.lap} laps")
