"""Which sentence stands where: headline, story, sections; the rest of the page hangs on these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from dryline.analysis.claims.claim import Section
from dryline.present.charts.render import to_json
from dryline.present.names import car, class_label, won_race
from dryline.present.report.prose import Sentence

STORY_FROM, STORY_MOST = 0.55, 12
HEADINGS = (
    ("won-and-lost", "How it was won and lost",
     (Section.RESULT, Section.QUALIFYING, Section.LEAD, Section.PITS, Section.NEUTRALISATIONS)),
    ("weather", "Weather and tyres", (Section.WEATHER,)),
    ("penalties", "Penalties", (Section.PENALTIES,)),
    ("pace", "Fastest laps", (Section.PACE,)),
    ("recoveries", "Recoveries", (Section.RECOVERIES,)),
    ("retirements", "Those who are missing", (Section.RETIREMENTS,)),
    ("championship", "Championship", (Section.CHAMPIONSHIP,)),
    ("limits", "What this report cannot show", (Section.LIMITS,)),
)  # fmt: skip
_STORY_ORDER = (
    "won", "event", "limit_no_finish", "official_differs", "margin", "margin_two", "late_call",
    "lead_for_good", "led_throughout", "flag_driver", "grid_sweep", "reported", "led_by",
    "laps_led",
)  # fmt: skip


class ReportTable(msgspec.Struct, frozen=True):
    """A table of texts; ``numeric`` columns stand to the right."""

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()


class Figure(msgspec.Struct, frozen=True):
    """A drawn chart: SVG from our own renderer, which has escaped every text in it.

    ``spec`` is the chart itself, for a page on which values answer to the pointer.
    """

    id: str
    caption: str
    svg: str
    spec: dict[str, Any] | None = None


class ReportPart(msgspec.Struct, frozen=True):
    """A section: heading, sentences, then what belongs to them."""

    id: str
    heading: str
    sentences: tuple[Sentence, ...]
    tables: tuple[ReportTable, ...] = ()
    figures: tuple[Figure, ...] = ()


class Report(msgspec.Struct, frozen=True):
    """All that the templates need."""

    title: str
    headline: str
    headline_claim: str
    kicker: str
    story: tuple[Sentence, ...]
    parts: tuple[ReportPart, ...]
    classes: tuple[str, ...]
    simulated: bool
    sources: tuple[tuple[str, str], ...]
    version: str


def charts_that_fit(report: Report, most_bytes: int) -> Iterator[dict[str, Any]]:
    """The charts of a report in its order, as long as their rows fit into so many bytes."""
    size = 0
    for part in report.parts:
        for figure in part.figures:
            if figure.spec is not None:
                size += len(to_json(figure.spec).encode())
                if size <= most_bytes:
                    yield figure.spec


def headline(sentences: Sequence[Sentence]) -> tuple[str, str]:
    """The headline, and the claim that it is made of."""
    for each in sentences:
        if each.claim.kind == "won":
            v = each.claim.values
            text = f"{car(v['car_number'], v['team'])} wins {won_race(v['race'])}"
            return text + ("" if v.get("official") is None else " on the road"), each.claim.id
    return "A race without a classification", sentences[0].claim.id if sentences else ""


def story(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The most important sentences, in the order in which a story tells them."""
    ranked = sorted(sentences, key=lambda each: -each.claim.importance)
    chosen = {id(each) for each in ranked[:STORY_MOST] if each.claim.importance >= STORY_FROM}
    kept = [each for each in sentences if id(each) in chosen]
    last = len(_STORY_ORDER)
    place = {kind: at for at, kind in enumerate(_STORY_ORDER)}
    return sorted(kept, key=lambda each: place.get(each.claim.kind, last))


def sections(
    sentences: Sequence[Sentence],
    classes: Sequence[str],
    told: Sequence[Sentence],
    tables: dict[str, tuple[ReportTable, ...]],
    figures: dict[str, tuple[Figure, ...]],
) -> list[ReportPart]:
    """The sections in their order, without those that hold nothing.

    What the story has told is left out.
    ``tables`` and ``figures`` are by section id; a class's is ``class-<name>``.
    """
    done = {id(each) for each in told}
    parts = [_part("results", "Results", [], tables, figures)]
    left = [each for each in sentences if id(each) not in done]
    for name in classes:
        own = [each for each in left if _in_class(each, name)]
        parts.append(_part(f"class-{name}", class_label(name), own, tables, figures))
    claimed = {id(each) for name in classes for each in left if _in_class(each, name)}
    for key, heading, wanted in HEADINGS:
        own = [e for e in left if e.claim.section in wanted and id(e) not in claimed]
        parts.append(_part(key, heading, own, tables, figures))
    order = ("results", "won-and-lost")
    parts.sort(key=lambda part: order.index(part.id) if part.id in order else len(order))
    return [part for part in parts if part.sentences or part.tables or part.figures]


def _in_class(each: Sentence, name: str) -> bool:
    own = (Section.CLASSES, Section.PACE, Section.QUALIFYING, Section.PITS)
    return each.claim.car_class == name and each.claim.section in own


def _part(
    key: str,
    heading: str,
    own: Sequence[Sentence],
    tables: dict[str, tuple[ReportTable, ...]],
    figures: dict[str, tuple[Figure, ...]],
) -> ReportPart:
    return ReportPart(key, heading, tuple(own), tables.get(key, ()), figures.get(key, ()))
