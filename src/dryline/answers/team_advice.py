"""The joint call for a team's cars, and each car's own."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.action import Action, action_of
from dryline.answers.advice import Advice
from dryline.answers.answer import Answer, Part, means
from dryline.answers.call import Margin, compared, difference, margin_s, worth, worth_of
from dryline.answers.quantities import Difference, Worth
from dryline.answers.words import Words, words_of
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import AtMs, CarNumber, LengthMs, Maximised, SeedOfAnswer, Simulated
from dryline.strategy.candidates import Candidate
from dryline.strategy.team_call import JOINED, JointCall


class CarAction(Action, frozen=True, kw_only=True):
    """What one of the cars does in a joint call."""

    car_number: CarNumber
    place: Annotated[float, means("its place in class, on average over the futures")]
    words: Annotated[Words, means("the same in words")]

    @classmethod
    def all_of(cls, found: JointCall, which: Candidate) -> tuple[CarAction, ...]:
        """What each car does, under its own key."""
        keys = [key.split(" ", 1)[1] for key in which.key.split(JOINED)]
        out = []
        for at, (advice, part) in enumerate(zip(found.cars, found.parts(which), strict=True)):
            told = action_of(part, advice.situation.held) | {"key": keys[at]}
            out.append(
                cls(
                    **told,
                    car_number=advice.car_number,
                    place=found.place(which, at),
                    words=words_of(Action(**told), advice.situation.lap),
                )
            )
        return tuple(out)


class JointCandidate(Part, frozen=True, kw_only=True):
    """One of the joint calls that were compared."""

    key: Annotated[str, means("the cars' own keys, joined")]
    cars: Annotated[tuple[CarAction, ...], means("what each car does")]
    split: Annotated[bool, means("whether the cars do not all do the same")]
    value: Annotated[float, means("what is maximised, on average over the futures")]
    se: Annotated[float, means("standard error of the value: what more futures would change")]
    best_place: Annotated[Difference, means("place of the better car, with its standard error")]
    behind_call: Annotated[Difference, means("how much worse than the call, in the margin's unit")]
    behind_call_s: Annotated[Difference, means("the same on the road", "s")]
    replicates: Annotated[int, means("futures in which it was raced")]

    @classmethod
    def of(cls, found: JointCall, which: Candidate) -> JointCandidate:
        """From the strategy's."""
        return cls(
            key=which.key,
            cars=CarAction.all_of(found, which),
            split=found.is_split(which),
            best_place=difference(found.best_place(which)),
            **worth_of(found.ranking, which),
        )


class DoubleStack(Part, frozen=True, kw_only=True):
    """What it costs if the cars come in on one lap and share a box."""

    key: Annotated[str, means("the joint call that it is the price of")]
    shared_box: Annotated[bool, means("whether one car waits for the other")]
    waits_s: Annotated[Difference, means("lost by both cars together", "s")]
    costs: Annotated[Worth, means("what that costs")]


class TeamAdvice(Answer, frozen=True, kw_only=True):
    """What each of a team's cars does, whether they split, and what a double stack costs."""

    team: Annotated[str, means("the team")]
    at_ms: AtMs
    length_ms: LengthMs
    simulated: Simulated
    seed: SeedOfAnswer
    utility: Maximised
    not_on_track: Annotated[tuple[str, ...], means("cars without a call, and why")]
    call: Annotated[tuple[CarAction, ...], means("what each car does")]
    split: Annotated[bool, means("whether the cars do not all do the same")]
    margin: Annotated[Margin, means("how much better the call is than the runner-up")]
    margin_s: Annotated[Difference, means("the same on the road, all cars together", "s")]
    candidates: Annotated[
        tuple[JointCandidate, ...], means("every joint call compared, the best first")
    ]
    stopped: Annotated[
        str, means("why the comparison ended: margin clear, replicates used, budget gone")
    ]
    double_stack: Annotated[
        DoubleStack | None, means("both in on one lap and in one box; null: not weighed")
    ]
    cars: Annotated[tuple[Advice, ...], means("each car's own advice")]

    @classmethod
    def of(
        cls, found: JointCall, name: str, away: tuple[str, ...], *, seed: int, simulated: bool
    ) -> TeamAdvice:
        """From the strategy's."""
        ranking, stack, first = found.ranking, found.stack, found.cars[0]
        return cls(
            team=name,
            at_ms=first.at_ms,
            length_ms=first.length_ms,
            simulated=simulated,
            seed=seed,
            utility=ranking.utility.name,
            not_on_track=away,
            call=CarAction.all_of(found, ranking.call),
            split=found.is_split(ranking.call),
            margin=Margin.of(ranking),
            margin_s=margin_s(ranking),
            candidates=tuple(JointCandidate.of(found, each) for each in ranking.order),
            stopped=ranking.stopped,
            double_stack=None
            if stack is None
            else DoubleStack(
                key=stack.key,
                shared_box=True,
                waits_s=difference(stack.waits),
                costs=worth(stack.worth, ranking.utility.unit),
            ),
            cars=tuple(Advice.of(e, None, seed=seed, simulated=simulated) for e in found.cars),
        )

    def frame(self) -> pl.DataFrame:
        """A row per joint candidate, the best first."""
        return pl.DataFrame(
            {"key": [each.key for each in self.candidates]} | compared(self.candidates)
        )

    def heading(self) -> str:
        """Whose calls, and when."""
        return f"{self.team} at {format_clock(self.at_ms)}: {self.candidates[0].key}"
