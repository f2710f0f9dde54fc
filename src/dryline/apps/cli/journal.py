"""``dryline journal``: what a live session kept, checked, read again, taken out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dryline.apps.cli.bundles import bundled
from dryline.apps.cli.emit import OutputForm, emit_as, say
from dryline.apps.cli.options import option

app = typer.Typer(
    no_args_is_help=True,
    help="The journal of a live session: check it, read it again, take its contents out.",
)

JournalFile = Annotated[Path, typer.Argument(metavar="JOURNAL", help="A session's journal.")]


def verify(journal: JournalFile, form: OutputForm) -> None:
    """Check every record against the hash chain; exit status 2 where it is broken or torn.

    Example: dryline journal verify race.journal
    """
    import msgspec
    import polars as pl

    from dryline.domain.clock_text import format_clock
    from dryline.engine.live.reading import verify as checked
    from dryline.present.terminal import library_screen

    report = checked(journal)
    table = pl.DataFrame(
        {"record": list(report.kinds), "count": list(report.kinds.values())},
        schema={"record": pl.String, "count": pl.Int64},
    )
    emit_as(
        form,
        json=lambda: msgspec.to_builtins(report),
        table=lambda: table,
        screen=lambda width: library_screen.any_table(table, width),
    )
    if form == OutputForm():
        until = "" if report.last_ms is None else f" to {format_clock(report.last_ms)}"
        name = "" if report.race is None else f"{report.race}{until}: "
        verdict = "sound" if report.sound else f"NOT SOUND, {report.fault}"
        whole = f"{report.records} records, {report.sound_bytes} of {report.bytes} bytes"
        say(f"{name}{verdict}; {whole}")
    if not report.sound:
        raise typer.Exit(2)


def replay(
    journal: JournalFile,
    form: OutputForm,
    at: Annotated[str | None, option("--at", "H:MM:SS", "As known at this instant.")] = None,
) -> None:
    """What the session knew at its end or at --at, and whether it is what was known then.

    Example: dryline journal replay race.journal --at 3:55:00
    """
    import msgspec

    from dryline.engine.live.reading import replay as again
    from dryline.engine.questions import AskRace, ask
    from dryline.present.terminal import timing_screen, words
    from dryline.race.race import Race

    until = None if at is None else Race.instant(at)
    replayed = again(journal, until)
    race, state = replayed.race(), replayed.state
    moment = race.moment(state.now if until is None else until)
    snapshot = race.at(moment.at)
    answer = msgspec.structs.replace(ask(moment, AskRace()), findings=tuple(state.all_findings()))
    emit_as(
        form,
        json=lambda: {
            **answer.to_dict(),
            "digest": replayed.digest,
            "marks": replayed.marks,
            "marks_that_differ": list(replayed.marks_that_differ),
            "feeds": msgspec.to_builtins(state.feeds),
            "answers": [msgspec.json.decode(msgspec.json.encode(a)) for a in state.answers],
        },
        table=answer.frame,
        screen=lambda width: timing_screen.stack(
            timing_screen.context_line(words.race_name(race.info), snapshot.at.ms, snapshot.flag),
            "",
            timing_screen.timing_screen(snapshot, width=width),
            "",
            f"state {replayed.digest[:16]}, {replayed.marks - len(replayed.marks_that_differ)} of "
            f"{replayed.marks} marks agree",
        ),
    )
    if replayed.marks_that_differ:
        raise typer.Exit(2)


app.command("verify")(bundled(verify))
app.command("replay")(bundled(replay))


@app.command()
def export(
    journal: JournalFile,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write.")],
    form: Annotated[str, typer.Option("--format", metavar="events|raw|timing")] = "events",
) -> None:
    """Write a journal as a JSON-lines feed, as the bytes that came, or as a timing file.

    Example: dryline journal export race.journal laps.csv --format timing
    """
    from dryline.engine.live.reading import export as taken_out

    count = taken_out(journal, out, form)
    say(f"wrote {out}: {count} {'pieces' if form == 'raw' else 'rows'}")
