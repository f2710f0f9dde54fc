"""A practice or a qualifying arranged for its page: parts and templates are those of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dryline.analysis.claims.claim import Section
from dryline.answers.timed_session import TimedSession
from dryline.domain.clock_text import format_ms
from dryline.domain.session_kind import SessionKind
from dryline.present.names import car, class_label, session_title
from dryline.present.report import session_tables as shown
from dryline.present.report.arrange import Figure, Report, ReportPart, ReportTable
from dryline.present.report.prose import Sentence


def session_report(
    answer: TimedSession,
    sentences: Sequence[Sentence],
    figures: Mapping[str, tuple[Figure, ...]],
    *,
    kicker: str,
    version: str,
) -> Report:
    """Headline, the fastest of every class, class by class, runs, programme, what is not known.

    ``figures`` are by class, as the timing calls it.
    """
    first = [each for each in sentences if each.claim.kind == "session_fastest"]
    title = _headline(answer)
    parts = [
        ReportPart(
            f"class-{each.car_class}",
            class_label(each.car_class),
            tuple(
                said
                for said in sentences
                if said.claim.section is Section.CLASSES and said.claim.car_class == each.car_class
            ),
            (shown.best_laps(answer, each.car_class or ""),),
            figures.get(each.car_class or "", ()),
        )
        for each in answer.classes
    ]
    parts += [
        _part("long-runs", "Long runs", *_runs(answer)),
        _part("programme", "Programme", shown.programmes(answer)),
        _part("lost", "Time lost in one sector", shown.lost(answer.lost)),
        ReportPart("limits", "What this page cannot show", _in(sentences, Section.LIMITS)),
    ]
    return Report(
        title=title,
        headline=title,
        headline_claim=first[0].claim.id if first else "session-limits",
        kicker=kicker,
        story=(*_in(sentences, Section.RESULT), *_in(sentences, Section.NEUTRALISATIONS)),
        parts=tuple(part for part in parts if part.sentences or part.tables or part.figures),
        classes=tuple(each.car_class or "" for each in answer.classes),
        simulated=answer.simulated,
        sources=(),
        version=version,
    )


def _in(sentences: Sequence[Sentence], section: Section) -> tuple[Sentence, ...]:
    return tuple(each for each in sentences if each.claim.section is section)


def _part(key: str, heading: str, *tables: ReportTable | None) -> ReportPart:
    return ReportPart(key, heading, (), tuple(each for each in tables if each is not None))


def _runs(answer: TimedSession) -> Sequence[ReportTable | None]:
    """Nobody makes long runs in qualifying."""
    if answer.session_kind is SessionKind.QUALIFYING:
        return ()
    return shown.long_runs(answer), shown.by_lap_of_run(answer.classes)


def _headline(answer: TimedSession) -> str:
    title = session_title(answer.race)
    best = answer.cars[0].best if answer.cars else None
    if best is None:
        return f"{title}: nobody set a time"
    first = answer.cars[0]
    return f"{title}: {car(first.car_number, first.team)} fastest in {format_ms(best.lap_time_ms)}"
