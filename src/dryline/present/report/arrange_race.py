"""The order of a race's report: what decided it first, then class by class, in so many words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from dryline.analysis.claims.claim import Section
from dryline.present.names import car
from dryline.present.report.prose import Sentence

FEWEST_TURNING, MOST_TURNING, MOST_SWINGS = 3, 5, 2
TOLD_FROM, GREAT_FROM, OTHERS_FROM, PODIUM = 0.5, 0.62, 0.45, 3
"""A turning point of the winner's class weighs so much, one of another class the second; fewer than
three are filled from other classes' that weigh the third, then from what weighs less.
"""
FEWEST_WORDS, MOST_WORDS, WORDS_PER_HOUR, WORDS_PER_CLASS = 350, 900, 20, 40
LEAD = ("won", "limit_no_finish", "official_differs", "margin_two", "led_throughout")
TURNING = frozenset({
    "cost_penalty", "cost_stop", "cost_slow", "cost_out", "cost_neutralised", "cost_weather",
    "lead_for_good", "road_pass", "stopped_under", "defence", "recovery", "tyre_late",
    "seen_penalty",
})  # fmt: skip
"""What may be a turning point: it has an instant, and moved somebody."""
ALWAYS = frozenset({
    "class_won", "class_place", "official_differs", "limit_simulated", "limit_no_flags",
    "limit_no_decisions", "limit_no_season", "limit_no_track", "penalty", "penalties_seen",
})  # fmt: skip
DECISIVE_MOST = 4
"""So many decisive events of a class are told, however long the text is."""
COST = "cost_"
_LED = re.compile(r", which led [\d,]*\d of [\d,]*\d laps(?: in [^,]+)?,")


def most_words(length_ms: int, classes: int) -> int:
    """How long a text may be: 350 words, more by the hour and by the class, at most 900."""
    hours = length_ms / 3_600_000
    return min(FEWEST_WORDS + round(WORDS_PER_HOUR * hours) + WORDS_PER_CLASS * classes, MOST_WORDS)


def race_story(sentences: Sequence[Sentence], classes: Sequence[str]) -> list[Sentence]:
    """The lead, then three to five turning points in the order in which they came.

    Those of the winner's class come first, then what was greatest in the others. A swing of the
    forecast follows its cause.
    """
    kept = _once(sentences, classes)
    lead = [each for kind in LEAD for each in kept if _leads(each, kind)]
    first = classes[0] if classes else None
    turning = sorted(
        (each for each in kept if _turns(each)),
        key=lambda each: -each.claim.importance,
    )
    own = [each for each in turning if each.claim.car_class in (None, first)][:MOST_TURNING]
    strong = [each for each in own if each.claim.importance >= TOLD_FROM]
    others = [
        each
        for each in turning
        if each.claim.car_class not in (None, first) and each.claim.importance >= OTHERS_FROM
    ]
    rest = [each for each in own if each.claim.importance < TOLD_FROM]
    great = [each for each in others if each.claim.importance >= GREAT_FROM]
    chosen = [*strong, *great][:MOST_TURNING]
    more = [each for each in (*others, *rest) if each not in chosen]
    chosen += more[: max(FEWEST_TURNING - len(chosen), 0)]
    chosen.sort(key=lambda each: each.claim.at_ms or 0)
    return [*lead, *_with_swings(chosen, kept)]


def _turns(each: Sentence) -> bool:
    """Whether it may be a turning point: a comeback, or a penalty served, of the podium's alone."""
    claim = each.claim
    if claim.kind in ("recovery", "seen_penalty") and claim.values["position_in_class"] > PODIUM:
        return False
    return claim.kind in TURNING and claim.at_ms is not None


def _leads(each: Sentence, kind: str) -> bool:
    return each.claim.kind == kind and (
        each.claim.section in (Section.RESULT, Section.LEAD) or kind == "won"
    )


def _with_swings(chosen: Sequence[Sentence], kept: Sequence[Sentence]) -> Iterator[Sentence]:
    swings = {each.claim.id: each for each in kept if each.claim.kind == "swing"}
    causes = sorted(
        (each for each in chosen if _follows(swings.get(f"swing-{each.claim.id}"), each)),
        key=lambda each: -swings[f"swing-{each.claim.id}"].claim.importance,
    )
    told = {id(each) for each in causes[:MOST_SWINGS]}
    for each in chosen:
        yield each
        if id(each) in told:
            yield swings[f"swing-{each.claim.id}"]


def _follows(swing: Sentence | None, cause: Sentence) -> bool:
    """Whether there is a swing, of a car that its cause names."""
    return swing is not None and f"{car(swing.claim.values['car_number'])} " in f"{cause.text} "


def within_words(
    sentences: Sequence[Sentence], story: Sequence[Sentence], classes: Sequence[str], most: int
) -> list[Sentence]:
    """The sentences that the rest of the text has room for, in their order; the story's too.

    Results, decisive events and what limits the report are told whatever their length.
    """
    kept = _once(sentences, classes)
    chosen = {id(each) for each in story}
    chosen |= {id(each) for each in kept if _always(each)}
    for name in classes:
        own = [e for e in kept if e.claim.car_class == name and e.claim.kind.startswith(COST)]
        own.sort(key=lambda each: -each.claim.importance)
        chosen |= {id(each) for each in own[:DECISIVE_MOST]}
    length = sum(_words(each) for each in kept if id(each) in chosen)
    plain = [each for each in kept if each.claim.kind != "swing"]
    for each in sorted(plain, key=lambda each: -each.claim.importance):
        if id(each) not in chosen and length + _words(each) <= most:
            chosen.add(id(each))
            length += _words(each)
    return sorted((each for each in kept if id(each) in chosen), key=_when)


def _always(each: Sentence) -> bool:
    """Results, the first three overall and two of a class, and what limits the report."""
    claim = each.claim
    if claim.kind == "class_place" and claim.values["position_in_class"] == PODIUM:
        return bool(claim.values["position"] == PODIUM)
    return claim.kind in ALWAYS


def _when(each: Sentence) -> tuple[int, int]:
    """Results first, then what happened in its order, then what sums up."""
    if each.claim.kind in ("class_won", "class_place"):
        return 0, 0
    if each.claim.kind in TURNING and each.claim.at_ms is not None:
        return 1, each.claim.at_ms
    return 2, 0


def _words(each: Sentence) -> int:
    return len(each.text.split())


def _once(sentences: Sequence[Sentence], classes: Sequence[str]) -> list[Sentence]:
    """Without what another sentence tells: the second overall, a retirement, a period, a text."""
    won = next((e.claim for e in sentences if e.claim.kind == "won"), None)
    second = None if won is None else won.values.get("second")
    out = {e.claim.values["car_number"] for e in sentences if e.claim.kind == "cost_out"}
    periods = {e.claim.at_ms for e in sentences if e.claim.kind == "cost_neutralised"}
    told: set[str] = set()
    kept = []
    for each in sentences:
        kind, values = each.claim.kind, each.claim.values
        again = (
            (kind == "margin" and second is not None)
            or (kind == "class_place" and second is not None
                and values["car_number"] == second["car_number"] and values["position"] == 2)
            or (kind == "last_seen" and values["car_number"] in out)
            or (kind == "stopped_under" and each.claim.at_ms in periods)
            or (kind == "flag_driver" and values["place"] != 1)
            or each.text in told
        )  # fmt: skip
        if not again:
            told.add(each.text)
            kept.append(each)
    return kept


def mentioned_once(
    sentences: Sequence[Sentence], teams: Sequence[tuple[str, str | None]]
) -> dict[str, Sentence]:
    """By claim, the sentences of a text in its order with each team named once, then by number.

    That a car led so many laps is told of it once, too.
    """
    seen: set[str] = set()
    led: set[tuple[str, str]] = set()
    out = {}
    for each in sentences:
        text = each.text
        for clause in _LED.findall(text):
            key = (str(each.claim.values.get("car_number")), clause)
            if key in led:
                text = text.replace(clause, "", 1)
            led.add(key)
        for number, team in teams:
            full = car(number, team)
            if team and full in text:
                start = text.index(full) + len(full)
                head, tail = text[:start], text[start:]
                if number in seen:
                    head = head.replace(full, car(number))
                text = head + tail.replace(full, car(number))
                seen.add(number)
        out[each.claim.id] = msgspec.structs.replace(each, text=text)
    return out
