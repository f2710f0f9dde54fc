"""Calls: the one that is made, those it was compared with, and by how much it leads."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Annotated, Any

from dryline.answers.action import Action, action_of
from dryline.answers.answer import Part, means
from dryline.answers.quantities import Difference, Worth
from dryline.answers.words import Words, lower, size, words_of
from dryline.domain.language import language
from dryline.strategy import evaluate
from dryline.strategy.call import ReasonedCall
from dryline.strategy.candidates import FIRST_LAP, Candidate, Situation
from dryline.strategy.told_race import energy_after, hose_s

HARDLY_EVER, ONE_IN_TWO = 0.02, 0.4
"""Below the one we are hardly ever wrong, above the other about as often as not."""


def difference(of: evaluate.PairedDifference | None) -> Difference:
    """A difference as answers have it; empty where there is none."""
    return Difference(value=None, se=None) if of is None else Difference(value=of.value, se=of.se)


def worth(of: evaluate.PairedDifference | None, unit: str) -> Worth:
    """The same with its unit beside it."""
    return (
        Worth(value=None, se=None, unit=unit)
        if of is None
        else Worth(value=of.value, se=of.se, unit=unit)
    )


class Call(Action, frozen=True, kw_only=True):
    """The call: an action with the hose and, at a stop, who gets in and why."""

    hose_s: Annotated[float | None, means("time on the hose; null: not told", "s")]
    driver_why: Annotated[str | None, means("why this driver; null where nobody knows who")]
    words: Annotated[Words, means("the call in words")]

    @classmethod
    def of(cls, advice: ReasonedCall) -> Call:
        """The best of the candidates: with the energy where the team told its use."""
        best, now, turn = advice.ranking.call, advice.situation, advice.turn
        energy, hose = energy_after(advice.said, now, best), hose_s(now, best)
        told = action_of(best, now.held)
        told["energy_pct"] = None if energy is None else round(energy, 1)
        if turn is not None:
            told |= {"driver": turn.driver, "driver_changes": turn.changes}
        hose = None if hose is None else round(hose, 1)
        window = advice.window
        if best.until == "range_end" and not best.save and window and window.closes_lap is not None:
            closes = min(best.lap, window.closes_lap)
            soonest = now.lap if now.may_stop else now.lap + 1
            opens = max(window.opens_lap or closes, soonest)
            told |= {"same_from_lap": min(opens, closes), "until_lap": closes}
        return cls(
            **told,
            hose_s=hose,
            driver_why=None if turn is None else turn.why,
            words=words_of(Action(**told), now.lap, hose_s=hose),
        )


class ComparedCall(Action, frozen=True, kw_only=True):
    """One of the calls that were compared."""

    value: Annotated[float, means("what is maximised, on average over the futures")]
    se: Annotated[float, means("standard error of the value: what more futures would change")]
    behind_call: Annotated[Difference, means("how much worse than the call, in the margin's unit")]
    behind_call_s: Annotated[Difference, means("the same on the road", "s")]
    replicates: Annotated[int, means("futures in which it was raced")]
    words: Annotated[Words, means("the same in words")]

    @classmethod
    def of(cls, advice: ReasonedCall, which: Candidate) -> ComparedCall:
        """A candidate with its worth."""
        now = advice.situation
        told = action_of(which, now.held)
        words = words_of(Action(**told), now.lap)
        return cls(**told, **worth_of(advice.ranking, which), words=words)


class WordedAction(Action, frozen=True, kw_only=True):
    """What is done in some case, and the words for it."""

    words: Annotated[Words, means("the same in words")]

    @classmethod
    def of(cls, which: Candidate, now: Situation) -> WordedAction:
        """From a candidate in the car's situation."""
        told = action_of(which, now.held)
        return cls(**told, words=words_of(Action(**told), now.lap))


def worth_of(ranking: evaluate.Ranking, which: Candidate) -> dict[str, Any]:
    """What a candidate is worth, alone and against the call.

    Who ran in fewer futures than the call is set beside it over those that both ran: the first
    ones may be luckier than the rest.
    """
    behind = ranking.margin(ranking.call, which)
    return {
        "value": ranking.utility.shown(ranking.worth(ranking.call).value - behind.value),
        "se": ranking.worth(which).se,
        "behind_call": difference(behind),
        "behind_call_s": difference(ranking.margin_s(ranking.call, which)),
        "replicates": len(ranking.finishes[which.key].place),
    }


def compared(candidates: Iterable[Any]) -> dict[str, list[float | int | None]]:
    """What candidates are worth, as columns: fields of `worth_of`, the differences spread out."""
    columns = {
        "value": "value", "se": "se", "replicates": "replicates",
        "behind_call": "behind_call.value", "behind_call_se": "behind_call.se",
        "behind_call_s": "behind_call_s.value",
    }  # fmt: skip
    told = list(candidates)
    return {name: list(map(attrgetter(field), told)) for name, field in columns.items()}


class Margin(Part, frozen=True, kw_only=True):
    """How much better the call is than the next best candidate."""

    over: Annotated[str, means("what the margin is over: `runner_up`")]
    runner_up: Annotated[str | None, means("the next best candidate; null: there is none")]
    value: Annotated[float | None, means("how much better the call is than the runner-up")]
    se: Annotated[float | None, means("its standard error: what more futures would change")]
    p_better: Annotated[
        float | None,
        means("in which share of the futures the call does better: luck that stays luck"),
    ]
    unit: Annotated[str, means("of the value: class places, points, s or a probability")]

    @classmethod
    def of(cls, ranking: evaluate.Ranking) -> Margin:
        """From a comparison."""
        second = ranking.runner_up
        gap = difference(None if second is None else ranking.margin(ranking.call, second))
        return cls(
            over="runner_up",
            runner_up=None if second is None else second.key,
            value=gap.value,
            se=gap.se,
            p_better=None if second is None else ranking.p_better(ranking.call, second),
            unit=ranking.utility.unit,
        )

    @property
    def known(self) -> tuple[float, float] | None:
        """Value and standard error, where there is a runner-up."""
        return None if self.value is None or self.se is None else (self.value, self.se)


def made_by(advice: ReasonedCall) -> str:
    """``rule`` or ``comparison``: whose call it is."""
    best = advice.ranking.call
    turned = advice.rule is not None and advice.rule.key != best.key
    open_to_it = advice.situation.tyres_in_question or best.until == "flag_likely"
    return "comparison" if turned and open_to_it else "rule"


def margin_words(advice: ReasonedCall) -> str:
    """How far the call leads the best of another kind, with both kinds of luck in plain words."""
    ranking, now, told = advice.ranking, advice.situation, language()
    second = ranking.rival
    if second is None:
        return told.say("margin", "alone")
    gap, road_s = ranking.margin(ranking.call, second), ranking.margin_s(ranking.call, second)
    unit, p_better = ranking.utility.unit, ranking.p_better(ranking.call, second)
    key = "clear" if ranking.is_clear else "close"
    if made_by(advice) == "rule":
        behind = "rule_unclear" if now.tyres_in_question else "rule_behind"
        key = "rule_ahead" if gap.value > 0.0 else behind
    sign = -1.0 if key == "rule_unclear" else 1.0
    return told.say(
        "margin",
        key,
        worth=size(abs(gap.value), gap.se, unit),
        than=lower(WordedAction.of(second, now).words.exact),
        road=_road(road_s, unit, sign),
        wrong=_wrong(p_better),
        share=f"{p_better:.0%}",
        other=f"{1.0 - p_better:.0%}",
    )


def _road(road_s: evaluate.PairedDifference, unit: str, sign: float = 1.0) -> str:
    """The same in seconds on the road, where something else is maximised."""
    if unit == "s":
        return ""
    s = f"{sign * road_s.value:+.1f}"
    return language().say("margin", "road", s=s, se=f"{road_s.se:.1f}")


def _wrong(p_better: float) -> str:
    """How often a call turns out to be the worse one."""
    wrong = 1.0 - p_better
    often = "never" if wrong < HARDLY_EVER else "often" if wrong > ONE_IN_TWO else "times"
    return language().say("wrong", often, times=round(1.0 / max(wrong, HARDLY_EVER)))


class FirstLap(Part, frozen=True, kw_only=True):
    """What waiting for the first car's flying lap on the other tyres is worth.

    Then they are fitted if that lap is quicker. What is seen of it in each future is one lap of one
    car, 2 % of a lap uncertain; who sees nothing within six laps goes on.
    """

    key: Annotated[str, means("the candidate")]
    tyres: Annotated[str, means("on which tyres: `slick` or `wet`")]
    over: Annotated[str, means("the candidate that it is set against: box now for them")]
    worth: Annotated[Worth, means("how much better it is to wait than to box now")]
    worth_s: Annotated[Difference, means("the same on the road", "s")]
    p_better: Annotated[float, means("in which share of the futures waiting does better")]
    words: Annotated[str, means("the same in words")]

    @classmethod
    def of(cls, advice: ReasonedCall) -> FirstLap | None:
        """From a comparison; None where nobody is waited for."""
        order, ranking = advice.ranking.order, advice.ranking
        wait = next((each for each in order if each.until == FIRST_LAP), None)
        now = next((e for e in order if wait and e.laps_ahead == 0 and e.tyres == wait.tyres), None)
        if wait is None or now is None:
            return None
        gap, road_s = ranking.margin(wait, now), ranking.margin_s(wait, now)
        unit, p_better = ranking.utility.unit, ranking.p_better(wait, now)
        ahead = gap.value > 0.0
        return cls(
            key=wait.key,
            tyres=str(wait.tyres),
            over=now.key,
            worth=worth(gap, unit),
            worth_s=difference(road_s),
            p_better=p_better,
            words=language().say(
                "first_lap",
                "ahead" if ahead else "behind",
                tyres=language().say("tyres", wait.tyres),
                worth=size(abs(gap.value), gap.se, unit),
                road=_road(road_s, unit),
                wrong=_wrong(p_better if ahead else 1.0 - p_better),
            ),
        )


def margin_s(ranking: evaluate.Ranking) -> Difference:
    """The call against the runner-up in seconds on the road."""
    second = ranking.runner_up
    return difference(None if second is None else ranking.margin_s(ranking.call, second))
