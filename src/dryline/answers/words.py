"""A call in words, once: what the terminal and the page show."""

from __future__ import annotations

from typing import Annotated

from dryline.answers.action import Action, Tyres
from dryline.answers.answer import Part, means
from dryline.domain.language import Language, language
from dryline.domain.person import surname
from dryline.strategy.candidates import FIRST_LAP


class Words(Part, frozen=True, kw_only=True):
    """A call in words, as of the lap that the car is on."""

    exact: Annotated[str, means("the whole call in a sentence")]
    short: Annotated[str, means("its kind and the tyres alone")]
    brief: Annotated[str, means("a line in a table of calls: with the fuel and who drives")]
    headline: Annotated[str, means("the least that must be said at once")]
    work: Annotated[tuple[str, ...], means("what belongs to the headline, part by part")]
    when: Annotated[
        tuple[str, ...],
        means(
            "the words for when in the other texts; then those to put in their place a lap later, "
            "two laps later, and at last once that lap has gone; empty where no lap is counted down"
        ),
    ]


def words_of(
    action: Action, lap: int, *, hose_s: float | None = None, said_in: Language | None = None
) -> Words:
    """A call in words.

    Args:
        action: what is done.
        lap: the lap that the car is on.
        hose_s: seconds of hose, where the team told a full fill's.
        said_in: the language, English by default.
    """
    told = language() if said_in is None else said_in
    if action.action == "box":
        return _box(told, action, lap, hose_s)
    return _save(told, action) if action.action == "save" else _stay(told, action)


def _box(told: Language, action: Action, lap: int, hose_s: float | None) -> Words:
    stop = lap if action.lap is None else action.lap
    ahead = stop - lap
    when = [_when(told, laps) for laps in range(ahead, -1, -1)]
    when.append(told.say("when", "gone", lap=stop))
    fuel = told.say("fuel", action.fuel)
    work = [_tyres(told, action.tyres), _fuel(told, action, hose_s)]
    name = surname(action.driver)
    if name:
        work.append(driver_words(action.driver, action.driver_changes, told))
    short = told.say("box", "short", when=when[0], tyres=work[0])
    return Words(
        exact=told.say("box", "exact", when=when[0], work=", ".join(work)),
        short=short,
        brief=", ".join(each for each in (short, fuel, name) if each),
        headline=told.say("box", "headline", when=when[0]),
        work=tuple(work),
        when=tuple(when),
    )


def _save(told: Language, action: Action) -> Words:
    pct = action.save_pct
    short = told.say("save", "some", pct=f"{pct:.0f}") if pct else told.say("save", "headline")
    detail = told.say("save", "flag" if action.until == "flag" else "stop")
    return Words(
        exact=f"{short}: {detail}",
        short=short,
        brief=short,
        headline=short,
        work=(detail,),
        when=(),
    )


def _stay(told: Language, action: Action) -> Words:
    table, lap = f"stay.{action.until}", action.until_lap
    if action.same_from_lap is not None and lap is not None:
        return _stay_for_window(told, action.same_from_lap, lap)
    kind = "" if action.tyres is None else told.say("tyres", action.tyres.kind)
    headline = told.say(table, "headline", lap=lap, tyres=kind)
    exact = told.say(table, "exact", lap=lap, tyres=kind)
    short = told.say(table, "short", lap=lap, tyres=kind) if told.has(table, "short") else headline
    work = [told.say(table, "detail", lap=lap, tyres=kind)]
    if action.tyres is not None and lap is None and action.until != FIRST_LAP:
        work.append(_tyres(told, action.tyres))
        exact, short = f"{exact}: {work[-1]}", f"{short}: {work[-1]}"
    return Words(
        exact=exact, short=short, brief=short, headline=headline, work=tuple(work), when=()
    )


def _stay_for_window(told: Language, first: int, last: int) -> Words:
    """On to a stop for which several laps do alike, one where there is but one."""
    key = "exact" if first < last else "exact_one"
    exact = told.say("stay.window", key, first=first, last=last)
    headline = told.say("stay.window", "headline", last=last)
    detail = told.say("stay.window", "detail")
    return Words(
        exact=f"{exact}; {detail}", short=headline, brief=headline, headline=headline,
        work=(exact.partition(": ")[2], detail), when=(),
    )  # fmt: skip


def _when(told: Language, ahead: int) -> str:
    return told.say("when", ahead if ahead < 2 else "later", laps=ahead)


def _fuel(told: Language, action: Action, hose_s: float | None) -> str:
    """Fuel or energy, and the hose."""
    fuel = told.say("fuel", action.fuel)
    if action.energy_pct is not None and action.fuel != "none":
        fuel = told.say("fuel", "energy", pct=f"{action.energy_pct:.0f}")
    return told.say("fuel", "hose", fuel=fuel, seconds=f"{hose_s:.0f}") if hose_s else fuel


def _tyres(told: Language, tyres: Tyres | None) -> str:
    if tyres is None:
        return told.say("tyres", "keep")
    kind = told.say("tyres", tyres.kind)
    if tyres.kind == "keep" or tyres.count is None:
        return kind
    return told.say("tyres", "counted", count=told.say("counts", tyres.count), kind=kind)


def driver_words(driver: str | None, changes: bool | None, told: Language | None = None) -> str:
    """Who gets in or stays; nothing where nobody is named."""
    name = surname(driver)
    verb = {True: "gets_in", False: "stays", None: "drives"}[changes]
    return (told or language()).say("driver", verb, name=name) if name else ""


def size(value: float, se: float, unit: str) -> str:
    """A difference with its standard error, in words."""
    told = language()
    if unit.startswith("probability"):
        points, doubt = f"{100 * value:.1f}", f"{100 * se:.1f}"
        return told.say("size", "probability", points=points, se=doubt, unit=unit)
    digits = 1 if unit == "s" else 2
    return told.say("size", "other", value=f"{value:.{digits}f}", se=f"{se:.{digits}f}", unit=unit)


def lower(text: str) -> str:
    """A sentence as it goes on after another's beginning."""
    return text[:1].lower() + text[1:]
