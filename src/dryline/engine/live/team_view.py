"""The team's half of the pit wall: the call, what-ifs, what was typed and decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec

from dryline.answers.wall import (
    Asking,
    Call,
    DecisionView,
    InputView,
    PastCall,
    Said,
    Team,
    WhatIf,
)
from dryline.engine.live.order_sheet import advice_of, calls, decisions, order_sheet
from dryline.engine.live.state import Answer, SessionState
from dryline.engine.live.workers import GIVEN_UP
from dryline.engine.live.works import ADVISE, REJOIN, WHAT_IF, our_car
from dryline.race.team_evidence import in_force
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
        call=_call(made[0]) if made else None,
        call_error=_error(state, made),
        previous_calls=tuple(_past(each, decided) for each in made[1:]),
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


def _newest(state: SessionState, car: str | None) -> list[Answer]:
    """The newest calls for our car, newest first; no more are read than are shown."""
    found: list[Answer] = []
    for each in sorted(calls(state), key=lambda each: (-each.as_of_ms, -each.ask)):
        if car in (None, advice_of(each)["car_number"]):
            found.append(each)
            if len(found) > PREVIOUS:
                break
    return found


def _call(answer: Answer) -> Call:
    return Call(
        number=answer.ask,
        as_of_ms=answer.as_of_ms,
        known_ms=answer.known_ms,
        advice=answer.value,
    )


def _error(state: SessionState, made: list[Answer]) -> str | None:
    """Why there is no newer call than the one that is shown."""
    latest = state.latest.get(ADVISE)
    if latest is None or latest.error in (None, GIVEN_UP):
        return None
    newer = not made or latest.as_of_ms > made[0].as_of_ms
    said = str(latest.error)
    return (said.partition(": ")[2] or said) if newer else None


def _past(answer: Answer, decided: tuple[DecisionView, ...]) -> PastCall:
    advice = advice_of(answer)
    call, margin = advice["call"], advice["margin"]
    stood = [each.decision for each in decided if each.call == answer.ask and not each.refused]
    return PastCall(
        number=answer.ask,
        as_of_ms=answer.as_of_ms,
        known_ms=answer.known_ms,
        key=call["key"],
        action=call["action"],
        lap=call["lap"],
        margin=margin["value"],
        unit=margin["unit"],
        decision=stood[-1] if stood else None,
        words=call["words"]["short"] if "words" in call else call["key"],
    )


def _rejoin(state: SessionState) -> msgspec.Raw | None:
    answer = state.latest.get(REJOIN)
    return None if answer is None or answer.error is not None else answer.value


def _what_ifs(state: SessionState) -> list[WhatIf]:
    found = [
        WhatIf(number=number, question=ask.arguments["question"], as_of_ms=ask.as_of_ms)
        for number, (ask, _) in state.asks.items()
        if ask.kind == WHAT_IF
    ]
    found += [_answered(answer) for answer in state.answers if answer.kind == WHAT_IF]
    return sorted(found, key=lambda each: -each.number)[:WHAT_IFS]


def _answered(answer: Answer) -> WhatIf:
    value: Mapping[str, Any] = advice_of(answer) or {}
    error = answer.error or value.get("error")
    return WhatIf(
        number=answer.ask,
        question=value.get("question", {}),
        as_of_ms=answer.as_of_ms,
        known_ms=answer.known_ms,
        result=None if error else answer.value,
        error=error,
    )


def _inputs(state: SessionState) -> list[InputView]:
    standing = {entry.number for entry in in_force(state.race.team)}
    return [
        InputView(
            number=entry.number,
            author=entry.author,
            at_ms=entry.known_at.ms,
            kind=entry.kind,
            text=entry.text,
            undone=entry.kind != "undo" and entry.number not in standing,
            car_number=entry.car_number,
        )
        for entry in state.race.team
    ]


def _said(state: SessionState, car: str | None) -> dict[str, dict[str, Said]]:
    """Per car what the inputs in force say; what names no car is about ours."""
    heard = team_said(state.race.team, state.now)
    cars = {number: heard.of(number) for number in heard.named}
    if car is not None:
        cars[car] = heard.own(car)
    return {number: said for number, each in cars.items() if (said := _facts(each))}


def _facts(car: CarSaid) -> dict[str, Said]:
    out = {}
    for each in fields(car):
        value = getattr(car, each.name)
        if isinstance(value, Fact):
            out[each.name] = Said(
                value=value.value, author=value.author, at_ms=value.at.ms, number=value.number
            )
        elif isinstance(value, Mapping) and value:
            newest = max(value.values(), key=lambda fact: fact.number)
            out[each.name] = Said(
                value={name: fact.value for name, fact in value.items()},
                author=newest.author, at_ms=newest.at.ms, number=newest.number,
            )  # fmt: skip
    return out
