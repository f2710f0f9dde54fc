"""A debrief arranged for its page: the same parts, marks and templates as a report's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dryline.analysis.claims.claim import Section
from dryline.answers.debrief import Debriefing
from dryline.present.names import car, the_race
from dryline.present.report import debrief_tables as shown
from dryline.present.report.arrange import Figure, Report, ReportPart
from dryline.present.report.prose import Sentence

SECTIONS = (
    ("account", "Where the time went", ()),
    ("stops", "Stops", (Section.PITS,)),
    ("calls", "The calls, in hindsight and as advised then", (Section.CALLS,)),
    ("luck", "Neutralisations", (Section.NEUTRALISATIONS,)),
    ("pace", "Pace, driver by driver", (Section.PACE,)),
    ("traffic", "Traffic and slow laps", (Section.TRAFFIC,)),
    ("weather", "Rain and tyres", (Section.WEATHER,)),
    ("penalties", "Penalties", (Section.PENALTIES,)),
    ("limits", "How this was counted", (Section.LIMITS,)),
)


def debrief_report(
    answer: Debriefing,
    sentences: Sequence[Sentence],
    figures: Mapping[str, tuple[Figure, ...]],
    *,
    kicker: str,
    version: str,
) -> Report:
    """A debrief as a report: heading, what it comes to, then part by part."""
    title = (
        f"{car(answer.car_number, answer.team)} against {car(answer.against)}: where the time "
        f"went in {the_race(answer.race)}"
    )
    beside = {
        "account": (shown.account(answer),),
        "stops": (shown.stops(answer),),
        "luck": (shown.periods(answer),) if answer.neutralisations else (),
        "pace": (shown.stints(answer),),
        "calls": tuple(shown.calls(answer)),
    }
    parts = [
        ReportPart(
            key, heading, tuple(each for each in sentences if each.claim.section in wanted),
            beside.get(key, ()), figures.get(key, ()),
        )
        for key, heading, wanted in SECTIONS
    ]  # fmt: skip
    return Report(
        title=title,
        headline=title,
        headline_claim="debrief-gap",
        kicker=kicker,
        story=tuple(each for each in sentences if each.claim.section is Section.RESULT),
        parts=tuple(part for part in parts if part.sentences or part.tables or part.figures),
        classes=tuple(dict.fromkeys((answer.car_class, answer.other_class))),
        simulated=answer.simulated,
        sources=(),
        version=version,
    )
