"""The team's half of the pit wall: the call, what-ifs, what was typed and decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from dryline.answers.advice import Advice
from dryline.answers.answer import alike
from dryline.answers.changed_call import why_changed
from dryline.answers.forecast import Rejoin
from dryline.answers.plan_and_call import plan_and_call
from dryline.answers.replan import Replanned
from dryline.answers.wall_team import (
    Asking,
    CallView,
    DecisionView,
    InputView,
    PastCall,
    PlanView,
    Team,
    TypedFact,
    WhatIfView,
)
from dryline.answers.what_if import WhatIf
from dryline.engine.live.answered import OLDER_EDITION, newest, value_of
from dryline.engine.live.order_sheet import calls, decisions, order_sheet
from dryline.engine.live.state import Answered, Ask, SessionState
from dryline.engine.live.workers import GIVEN_UP
from dryline.engine.live.works import ADVISE, PLAN, REJOIN, WHAT_IF, our_car
from dryline.engine.what_ifs import read_change
from dryline.race.team_evidence import in_force
from dryline.strategy.changes import Change
from dryline.strategy.team_said import CarSaid, Fact, team_said

PREVIOUS, WHAT_IFS = 10, 12


def team_view(state: SessionState) -> Team:
    """What the pit wall shows to the team alone; newest first, but inputs and decisions."""
    car = our_car(state)
    decided = decisions(state)
    made = _newest(state, car)
    return Team(
        version=state.seq,
        at_ms=state.now.ms,
        car_number=car,
        call=_call(made, _plan(state, car)) if made else None,
        call_error=_error(state, made),
        previous_calls=tuple(_past(each, decided) for each in made[1:]),
        plan=_plan(state, car),
        rejoin=_rejoin(state),
        asking=tuple(
            Asking(number=number, kind=ask.kind, as_of_ms=ask.as_of_ms)
            for number, (ask, _) in sorted(state.asks.items())
        ),
        what_ifs=tuple(_what_ifs(state)),
        inputs=tuple(_inputs(state)),
        decisions=decided,
        order_sheet=order_sheet(state),
        said=_said(state, car),
    )


Made = tuple[Answered, Advice]


def _newest(state: SessionState, car: str | None) -> list[Made]:
    """The newest calls for our car, newest first; no more are read than are shown."""
    found: list[Made] = []
    for each in sorted(calls(state), key=lambda each: (-each.as_of_ms, -each.ask)):
        advice = value_of(each, Advice)
        if advice is not None and car in (None, advice.car_number):
            found.append((each, advice))
            if len(found) > PREVIOUS:
                break
    return found


def _call(made: list[Made], plan: PlanView | None) -> CallView:
    """The newest call, why it is not the one before, and how it stands to the plan."""
    answered, advice = made[0]
    return CallView(
        number=answered.ask,
        as_of_ms=answered.as_of_ms,
        known_ms=answered.known_ms,
        advice=advice,
        changed=why_changed(made[1][1], advice) if len(made) > 1 else "",
        and_plan="" if plan is None else plan_and_call(plan.plan, advice),
    )


def _error(state: SessionState, made: list[Made]) -> str | None:
    """Why there is no newer call than the one that is shown."""
    latest = state.latest.get(ADVISE)
    if latest is None or latest.error == GIVEN_UP or value_of(latest, Advice) is not None:
        return None
    newer = not made or latest.as_of_ms > made[0][0].as_of_ms
    return _why(latest) if newer else None


def _why(answered: Answered) -> str:
    """Why an answer is none, without the name of the error."""
    said = answered.error or OLDER_EDITION
    return said.partition(": ")[2] or said


def _past(made: Made, decided: tuple[DecisionView, ...]) -> PastCall:
    answered, advice = made
    call, margin = advice.call, advice.margin
    stood = [each.decision for each in decided if each.call == answered.ask and not each.refused]
    return PastCall(
        number=answered.ask,
        as_of_ms=answered.as_of_ms,
        known_ms=answered.known_ms,
        key=call.key,
        action=call.action,
        lap=call.lap,
        margin=margin.value,
        unit=margin.unit,
        decision=stood[-1] if stood else None,
        words=call.words.short,
    )


def _plan(state: SessionState, car: str | None) -> PlanView | None:
    """The newest plan, where it is our car's."""
    found = newest(state, PLAN, Replanned)
    if found is None or found[1].car_number != car:
        return None
    return PlanView(as_of_ms=found[0].as_of_ms, known_ms=found[0].known_ms, plan=found[1])


def _rejoin(state: SessionState) -> Rejoin | None:
    answered = state.latest.get(REJOIN)
    return None if answered is None else value_of(answered, Rejoin)


def _what_ifs(state: SessionState) -> list[WhatIfView]:
    found = [
        WhatIfView(number=number, question=_change(given), as_of_ms=given.as_of_ms)
        for number, (given, _) in state.asks.items()
        if given.kind == WHAT_IF
    ]
    found += [
        _answered(answered, given)
        for answered, given in zip(state.answers, state.answered, strict=True)
        if answered.kind == WHAT_IF
    ]
    return sorted(found, key=lambda each: -each.number)[:WHAT_IFS]


def _change(given: Ask) -> Change:
    return read_change(given.arguments["question"])


def _answered(answered: Answered, given: Ask) -> WhatIfView:
    result = value_of(answered, WhatIf)
    return WhatIfView(
        number=answered.ask,
        question=_change(given),
        as_of_ms=answered.as_of_ms,
        known_ms=answered.known_ms,
        result=result,
        error=None if result is not None else _why(answered),
    )


def _inputs(state: SessionState) -> list[InputView]:
    standing = {entry.number for entry in in_force(state.race.team)}
    return [
        alike(
            InputView,
            entry,
            at_ms=entry.known_at.ms,
            undone=entry.kind != "undo" and entry.number not in standing,
        )
        for entry in state.race.team
    ]


def _said(state: SessionState, car: str | None) -> dict[str, dict[str, TypedFact]]:
    """Per car what the inputs in force say; what names no car is about ours."""
    heard = team_said(state.race.team, state.now)
    cars = {number: heard.of(number) for number in heard.named}
    if car is not None:
        cars[car] = heard.own(car)
    return {number: said for number, each in cars.items() if (said := _facts(each))}


def _facts(car: CarSaid) -> dict[str, TypedFact]:
    out = {}
    for each in fields(car):
        value = getattr(car, each.name)
        if isinstance(value, Fact):
            out[each.name] = TypedFact(
                value=value.value, author=value.author, at_ms=value.at.ms, number=value.number
            )
        elif isinstance(value, Mapping) and value:
            newest = max(value.values(), key=lambda fact: fact.number)
            out[each.name] = TypedFact(
                value={name: fact.value for name, fact in value.items()},
                author=newest.author, at_ms=newest.at.ms, number=newest.number,
            )  # fmt: skip
    return out
