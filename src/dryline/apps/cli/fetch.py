"""``dryline fetch``: the only command that uses the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dryline.apps.cli.bundles import SERIES, bundled
from dryline.apps.cli.emit import OutputForm, console, emit_as, say
from dryline.apps.cli.library import Where
from dryline.apps.cli.options import Replace, option

if TYPE_CHECKING:
    from dryline.engine.fetching import Progress
    from dryline.feeds.alkamel.fetch import ResultsSite

app = typer.Typer(
    no_args_is_help=True,
    help=(
        "Download timing from the results site, politely, into the cache and the library.\n\n"
        "The timing belongs to its provider: for your own use, never to be redistributed."
    ),
)
Series = Annotated[str, option("--series", SERIES, "Whose results site to ask.")]
Site = Annotated[
    str | None,
    typer.Option(
        "--site", metavar="URL", envvar="DRYLINE_RESULTS_SITE", help="Another results site."
    ),
]
Pace = Annotated[float, option("--pace", "SECONDS", "Least time between two requests.")]
Season = Annotated[str, typer.Argument(metavar="SEASON", help="As `fetch seasons` lists it.")]
Event = Annotated[str, typer.Argument(metavar="EVENT", help="As `fetch events` lists it.")]


@contextmanager
def _site(series: str, site: str | None, pace_s: float) -> Iterator[ResultsSite]:
    from dryline.engine.fetching import open_site

    with open_site(series, site, pace_s=pace_s) as results:
        yield results


def _names(form: OutputForm, name: str, values: list[str]) -> None:
    import polars as pl
    from rich.text import Text

    emit_as(
        form,
        json=lambda: {f"{name}s": values},
        table=lambda: pl.DataFrame({name: values}),
        screen=lambda width: Text("\n".join(values)),
    )


def seasons(form: OutputForm, series: Series = "wec", site: Site = None, pace: Pace = 1.0) -> None:
    """List the seasons that the results site offers.

    Example: dryline fetch seasons --series wec
    """
    with _site(series, site, pace) as results:
        _names(form, "season", list(results.seasons()))


def events(
    season: Season, form: OutputForm, series: Series = "wec", site: Site = None, pace: Pace = 1.0
) -> None:
    """List the events of a season.

    Example: dryline fetch events 13_2024
    """
    with _site(series, site, pace) as results:
        _names(form, "event", list(results.events(season)))


def sessions(
    season: Season,
    event: Event,
    form: OutputForm,
    series: Series = "wec",
    site: Site = None,
    pace: Pace = 1.0,
) -> None:
    """List the sessions of an event.

    Example: dryline fetch sessions 13_2024 02_IMOLA
    """
    with _site(series, site, pace) as results:
        _names(form, "session", [str(found) for found in results.sessions(season, event)])


def session(
    year: Annotated[int, typer.Argument(metavar="YEAR", help="The season.")],
    event: Annotated[str, typer.Argument(metavar="EVENT", help="The event, or a part of it.")],
    name: Annotated[str, typer.Argument(metavar="SESSION", help="The session.")] = "race",
    series: Series = "wec",
    site: Site = None,
    pace: Pace = 1.0,
    cache: Annotated[Path | None, option("--cache", "FOLDER", "Where files are kept.")] = None,
    where: Where = None,
    replace: Replace = False,
) -> None:
    """Download one session's files and add them to the library; what is there is not asked again.

    Example: dryline fetch session 2025 imola race --series wec
    """
    from dryline.engine.fetching import download_and_add, find_on_site, open_site
    from dryline.store.library import Library

    with open_site(series, site, cache, pace_s=pace) as results, _progress() as progress:
        found = find_on_site(results, year, event, name, series)
        added = download_and_add(
            results, found, Library(where), series, progress, replacing=replace
        )
    say(f"{added.outcome:<9} {added.id}")


def event(
    year: Annotated[int, typer.Argument(metavar="YEAR", help="The season.")],
    name: Annotated[str, typer.Argument(metavar="EVENT", help="The event, or a part of it.")],
    series: Series = "wec",
    of: Annotated[
        str | None, option("--of", "NAME", "A support series, as its folder there is called.")
    ] = None,
    site: Site = None,
    pace: Pace = 1.0,
    cache: Annotated[Path | None, option("--cache", "FOLDER", "Where files are kept.")] = None,
    where: Where = None,
    replace: Replace = False,
) -> None:
    """Download every session of an event; run it again to go on where it was interrupted.

    Practice and qualifying are added beside the race, each under an id of its own.

    Example: dryline fetch event 2025 imola --series wec
    """
    from dryline.domain.errors import DrylineError, FetchError
    from dryline.engine.fetching import download_weekend, open_site
    from dryline.store.library import Library

    failed = 0
    with open_site(series, site, cache, pace_s=pace) as results, _progress() as progress:
        for added in download_weekend(
            results, Library(where), year, name, series, of, progress, replacing=replace
        ):
            if isinstance(added, DrylineError):
                failed += 1
                say(f"dryline: {added}", stderr=True)
            else:
                say(f"{added.outcome:<9} {added.id}")
    if failed:
        raise FetchError(
            f"{failed} session{'' if failed == 1 else 's'} of {name} not added; those that were "
            "are kept: run it again for the others."
        )


@contextmanager
def _progress() -> Iterator[Progress]:
    """Bytes received per file, on standard error; nothing where nobody looks."""
    from rich.progress import DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    out = console(stderr=True)
    columns = (TextColumn("{task.description}"), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        tasks: dict[str, object] = {}

        def received(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
            bar.update(tasks[name], completed=done, total=total)  # type: ignore[arg-type]

        yield received


for command in (seasons, events, sessions):
    app.command()(bundled(command))
app.command()(session)
app.command()(event)
