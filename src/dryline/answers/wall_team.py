"""What the pit wall shows to the team alone: the call, what-ifs, what was typed and decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from dryline.answers.advice import Advice
from dryline.answers.answer import Part, means
from dryline.answers.forecast import Rejoin
from dryline.answers.replan import Replanned
from dryline.answers.wall import AsOf, Known
from dryline.answers.what_if import WhatIf
from dryline.answers.words import Words
from dryline.domain.fields import CarNumber
from dryline.strategy.changes import Change

CallNumber = Annotated[int, means("the call's number: what a decision refers to")]
Author = Annotated[str, means("who said it")]
Said = Annotated[int, means("when it was said", "ms since the start")]


class CallView(Part, frozen=True, kw_only=True):
    """A call for our car."""

    number: CallNumber
    as_of_ms: AsOf
    known_ms: Known
    advice: Annotated[Advice, means("the object of `dryline advise`")]
    changed: Annotated[
        str, means("why it is not the call before, in words; empty where it is the same")
    ] = ""
    and_plan: Annotated[
        str, means("how it stands to the plan for the rest of the race; empty without one")
    ] = ""


class PlanView(Part, frozen=True, kw_only=True):
    """The plan for the rest of our car's race."""

    as_of_ms: AsOf
    known_ms: Known
    plan: Annotated[Replanned, means("the object of `dryline plan --car`")]


class PastCall(Part, frozen=True, kw_only=True):
    """An earlier call in short: what it said, and by how much."""

    number: CallNumber
    as_of_ms: AsOf
    known_ms: Known
    key: Annotated[str, means("the candidate's key")]
    action: Annotated[str, means("stay, box or save")]
    lap: Annotated[int | None, means("the in-lap of a stop; null: none is called")] = None
    margin: Annotated[float | None, means("its lead over the runner-up; null: there was none")] = (
        None
    )
    unit: Annotated[str | None, means("of the margin")] = None
    decision: Annotated[str | None, means("accept, reject or release; null: not decided")] = None
    words: Annotated[str, means("the call in words")] = ""


class Asking(Part, frozen=True, kw_only=True):
    """A question that is being worked on."""

    number: Annotated[int, means("the question's number")]
    kind: Annotated[str, means("which question")]
    as_of_ms: AsOf


class WhatIfView(Part, frozen=True, kw_only=True):
    """A what-if of the team: its result once it is there, or why there is none."""

    number: Annotated[int, means("the question's number")]
    question: Annotated[Change | None, means("the change that was asked about")]
    as_of_ms: AsOf
    known_ms: Annotated[
        int | None,
        means("when the answer was there; null: it is worked on", "ms since the start"),
    ] = None
    result: Annotated[WhatIf | None, means("the answer; null: none yet, or an error")] = None
    error: Annotated[str | None, means("why there is no answer, in one line")] = None


class InputView(Part, frozen=True, kw_only=True):
    """A line that somebody typed on the pit wall."""

    number: Annotated[int, means("which input, counted from 1")]
    author: Author
    at_ms: Said
    kind: Annotated[str, means("what it is about")]
    text: Annotated[str, means("the words")]
    undone: Annotated[bool, means("whether it was taken back")] = False
    car_number: Annotated[str | None, means("of which car; null: ours, or of none")] = None


class DecisionView(Part, frozen=True, kw_only=True):
    """A decision on a call."""

    number: Annotated[int, means("which input, counted from 1")]
    call: Annotated[int | None, means("the call's number; null: there was none")]
    decision: Annotated[str, means("accept, reject or release")]
    author: Author
    at_ms: Said
    note: Annotated[str, means("the reason, where one was given")] = ""
    refused: Annotated[str | None, means("why it could not stand; null: it stands")] = None


class SheetTyres(Part, frozen=True, kw_only=True):
    """Which tyres go on."""

    kind: Annotated[str | None, means("which kind; null: the crew's choice")] = None
    count: Annotated[int | None, means("how many; null: the crew's choice")] = None


class OrderSheet(Part, frozen=True, kw_only=True):
    """The accepted call as an order, locked until it is released."""

    call: CallNumber
    car_number: CarNumber
    action: Annotated[str, means("stay, box or save")]
    accepted_by: Annotated[str, means("who accepted it")]
    accepted_at_ms: Annotated[int, means("when", "ms since the start")]
    as_of_ms: AsOf
    state: Annotated[str, means("ordered, committed (past the pit entry), done or missed")] = (
        "ordered"
    )
    lap: Annotated[int | None, means("the in-lap of a stop; null: none is ordered")] = None
    until_lap: Annotated[int | None, means("until which lap the car stays out")] = None
    tyres: Annotated[SheetTyres | None, means("the tyres; null: they stay on")] = None
    fuel: Annotated[str | None, means("full, splash, none and so on")] = None
    hose_s: Annotated[float | None, means("time on the hose; null: not told", "s")] = None
    energy_pct: Annotated[float | None, means("energy after the stop; null: not told", "%")] = None
    save_pct: Annotated[float | None, means("how much is saved", "%")] = None
    driver: Annotated[str | None, means("who drives; null: not told")] = None
    commit_at_ms: Annotated[
        int | None,
        means("when the car must turn in, from its recent laps", "ms since the start"),
    ] = None
    commit_sd_ms: Annotated[int | None, means("its standard deviation", "ms")] = None
    unchanged_laps: Annotated[int, means("our laps since it was accepted")] = 0
    superseded_by: Annotated[
        int | None, means("a newer call that says otherwise: the order stands all the same")
    ] = None
    words: Annotated[Words | None, means("the order in words")] = None


class TypedFact(Part, frozen=True, kw_only=True):
    """The latest word typed on one quantity of a car."""

    value: Annotated[Any, means("what was said of it")]
    author: Author
    at_ms: Said
    number: Annotated[int, means("which input, counted from 1")]


class Team(Part, frozen=True, kw_only=True):
    """What is for the team's eyes alone."""

    version: Annotated[int, means("how many records the session has, less one")]
    at_ms: Annotated[int, means("where the race is now", "ms since the start")]
    car_number: Annotated[str | None, means("our car; null: nobody has chosen one")] = None
    call: Annotated[CallView | None, means("the newest call; null: none yet")] = None
    call_error: Annotated[str | None, means("why there is no newer call")] = None
    previous_calls: Annotated[tuple[PastCall, ...], means("those before it, newest first")] = ()
    plan: Annotated[PlanView | None, means("the newest plan; null: none yet")] = None
    rejoin: Annotated[Rejoin | None, means("where the car asked about last comes out")] = None
    asking: Annotated[tuple[Asking, ...], means("what is being worked on")] = ()
    what_ifs: Annotated[tuple[WhatIfView, ...], means("newest first")] = ()
    inputs: Annotated[tuple[InputView, ...], means("every line typed, oldest first")] = ()
    decisions: Annotated[tuple[DecisionView, ...], means("every decision, oldest first")] = ()
    order_sheet: Annotated[OrderSheet | None, means("what is accepted; null: nothing")] = None
    said: Annotated[
        Mapping[str, Mapping[str, TypedFact]],
        means(
            "by car, what the inputs in force say now: tyres, energy, fuel, driver, plan, damage, "
            "retired"
        ),
    ] = {}
