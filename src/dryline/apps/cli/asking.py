"""A race asked one question, and its answer shown with the race above it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm, emit

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dryline.answers.answer import Answer
    from dryline.engine.questions import Question
    from dryline.race.race import Race

A = TypeVar("A", bound="Answer")


def answered(
    source: RaceSource,
    form: OutputForm,
    question: Question[A],
    screen: Callable[[A, int], RenderableType],
    *further: str,
) -> None:
    """Ask the race as of ``--at``; see ``emit_framed`` for ``screen`` and ``further``."""
    from dryline.engine.questions import ask

    race = source.open()
    emit_framed(source, form, race, ask(race.moment(source.at), question), screen, *further)


def emit_framed(
    source: RaceSource,
    form: OutputForm,
    race: Race,
    answer: A,
    screen: Callable[[A, int], RenderableType],
    *further: str,
) -> None:
    """An answer; for people ``screen`` at a width, the race above and ``further`` commands below.

    These are about the same race: its name comes behind the command, as ``pace --by stint``.
    """
    from dryline.present.terminal.timing_screen import framed

    commands = [source.command(each) for each in further]
    emit(form, answer, lambda width: framed(race, screen(answer, width), *commands))
