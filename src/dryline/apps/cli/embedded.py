"""The event that ships as facts: what ``show`` and ``classification`` answer from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dryline.apps.cli.emit import OutputForm, emit
from dryline.domain.errors import NotKnown

if TYPE_CHECKING:
    from dryline.apps.cli.bundles import RaceSource


def is_facts(source: RaceSource) -> bool:
    """Whether this is an embedded event without an instant: a question its facts can answer."""
    from dryline.rules.embedded import EMBEDDED_EVENTS

    return source.race in EMBEDDED_EVENTS and source.at is None


def show(event_id: str, form: OutputForm) -> None:
    """Entries, grid, classification on the road and official."""
    from dryline.answers.facts import EventFacts
    from dryline.present.terminal import facts_screen
    from dryline.rules.embedded import embedded_event

    answer = EventFacts.of(embedded_event(event_id))
    emit(form, answer, lambda width: facts_screen.event(answer.event, width))


def classification(event_id: str, form: OutputForm, *, on_the_road: bool) -> None:
    """The classification from the facts; a place whose car is unknown has no car number."""
    from dryline.answers.facts import FactualClassification
    from dryline.present.terminal import facts_screen
    from dryline.rules.embedded import embedded_event

    event = embedded_event(event_id)
    rows = event.on_the_road if on_the_road else event.official
    answer = FactualClassification.of(event, rows)
    emit(
        form,
        answer,
        lambda width: facts_screen.classification(
            event, answer.rows, width, on_the_road=on_the_road
        ),
    )


def refuse_verify(source: RaceSource) -> None:
    """There is no timing of an embedded event that could be verified.

    Raises:
        NotKnown: for an embedded event.
    """
    from dryline.rules.embedded import EMBEDDED_EVENTS

    if source.race in EMBEDDED_EVENTS:
        raise NotKnown(
            f"{source.race} ships as facts without lap-by-lap timing: there is nothing to verify",
            remedy="Verify a timing file against its results file.",
        )
