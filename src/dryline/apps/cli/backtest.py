"""``dryline backtest``: what was said against what happened, on races left out of every fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dryline.apps.cli.bundles import BUNDLES, bundled
from dryline.apps.cli.emit import OutputForm, emit_as, say
from dryline.apps.cli.options import Seed, option
from dryline.apps.cli.options import flag as given

if TYPE_CHECKING:
    from dryline.studies import Study

app = typer.Typer(
    no_args_is_help=True,
    help=(
        "What was said against what happened. Whole races are left out of every fit.\n\n"
        "Each takes timing files, or folders of them; a catalogue.csv above them says how long "
        "each race was meant to last."
    ),
)
Races = Annotated[
    list[Path] | None,
    typer.Argument(metavar="RACE...", help="Timing files, or folders of them.", show_default=False),
]


_option = partial(option, panel="Where it runs")


@dataclass(frozen=True, slots=True)
class Runner:
    """Over which races a study runs, where, and from where it goes on."""

    races: Races = None
    engine: Annotated[str, _option("--engine", "local|ray", "This machine, or a Ray cluster.")] = (
        "local"
    )
    address: Annotated[str | None, _option("--address", "HOST:PORT", "The Ray cluster.")] = None
    workers: Annotated[int, _option("--workers", "N", "Processes; all cores by default.")] = 0
    resume: Annotated[
        Path | None, _option("--resume", "FOLDER", "Keep results there and go on from them.")
    ] = None


BUNDLES[Runner] = Runner
Sessions = Annotated[
    Path | None,
    _option("--sessions", "FOLDER", "Practice before the races, by series, year and event."),
]
Replicates = Annotated[int, option("--replicates", "N", "Draws.")]


def forecast(
    runner: Runner,
    form: OutputForm,
    forecaster: Annotated[
        str, option("--forecaster", "blend|statistical|simulated", "Which one to score.")
    ] = "blend",
    earlier: Annotated[
        bool, given("--earlier", "Teams and drivers by earlier races only.")
    ] = False,
    sessions: Sessions = None,
    replicates: Replicates = 2000,
    seed: Seed = 1,
) -> None:
    """Class positions forecast at 25, 50 and 75 %, against naive, paired.

    Example: dryline backtest forecast timing/ --resume study/
    """
    from dryline.present.terminal import backtest_screen
    from dryline.studies import backtest_forecast

    with told_study(form, runner, replicates, seed) as study:
        answer = backtest_forecast(
            named_races(runner), study, forecaster, earlier=earlier, sessions=sessions
        )
    emit_study(form, answer, backtest_screen.forecast)


def flag(
    runner: Runner,
    form: OutputForm,
    seed: Seed = 1,
) -> None:
    """Laps at the flag as projected, mid-race and in the last minutes, against what cars had.

    Example: dryline backtest flag timing/
    """
    from dryline.present.terminal import backtest_screen
    from dryline.studies import backtest_flag

    with told_study(form, runner, seed=seed) as study:
        answer = backtest_flag(named_races(runner), study)
    emit_study(form, answer, backtest_screen.flag)


def rejoin(
    runner: Runner,
    form: OutputForm,
    replicates: Replicates = 300,
    seed: Seed = 1,
) -> None:
    """Where cars came out of the pits, at every routine green stop, against a naive projection.

    Example: dryline backtest rejoin timing/
    """
    from dryline.present.terminal import backtest_screen
    from dryline.studies import backtest_rejoin

    with told_study(form, runner, replicates, seed) as study:
        answer = backtest_rejoin(named_races(runner), study)
    emit_study(form, answer, backtest_screen.shares)


def track(
    runner: Runner,
    form: OutputForm,
    wet: Annotated[Path | None, option("--wet", "FILE", "Reference: wet_intervals.csv.")] = None,
    waves: Annotated[
        Path | None, option("--waves", "FILE", "Reference: tyre_change_waves.csv.")
    ] = None,
    labels: Annotated[
        Path | None, option("--labels", "DIR", "Races with the tyre of every lap, instead.")
    ] = None,
) -> None:
    """Wetness and tyres as they were known live, against references read in hindsight.

    The references are looked for above the races where they are not named. With --labels the
    tyre of every lap is the reference: DIR has a folder per race with laps.csv and labels.csv.

    Example: dryline backtest track timing/ --json
    """
    from dryline.present.terminal import backtest_screen
    from dryline.studies import backtest_labels, backtest_track

    with told_study(form, runner) as study:
        if labels is not None:
            answer, screen = backtest_labels(labels, study), backtest_screen.labels
        else:
            answer = backtest_track(named_races(runner), study, wet, waves)
            screen = backtest_screen.track
    emit_study(form, answer, screen)


def neutralisations(
    runner: Runner,
    form: OutputForm,
) -> None:
    """Neutralisations inferred with the flags hidden, against the flags.

    Example: dryline backtest neutralisations timing/
    """
    from dryline.present.terminal import backtest_screen
    from dryline.studies import backtest_neutralisations

    with told_study(form, runner) as study:
        answer = backtest_neutralisations(named_races(runner), study)
    emit_study(form, answer, backtest_screen.neutralisations)


def advice(
    runner: Runner,
    form: OutputForm,
    part: Annotated[
        list[str] | None,
        option(
            "--part", "wet|replay|yellow|cards|lane|range|calls", "Only these; all when left out."
        ),
    ] = None,
    waves: Annotated[
        Path | None, option("--waves", "FILE", "Reference: tyre_change_waves.csv.")
    ] = None,
    replicates: Replicates = 128,
    seed: Seed = 1,
) -> None:
    """Calls against what they were worth: rain, whole races, neutralisations, fuel; do they hold?

    Nothing realised comes from the simulator: only crossings and pit-lane times, of cars alike of
    which one did it and the other did not, and of whole races replayed with other stops.

    Example: dryline backtest advice timing/ --resume study/
    """
    from dryline.present.terminal import backtest_advice_screen
    from dryline.studies import backtest_advice
    from dryline.studies.advice.advice import PARTS

    with told_study(form, runner, replicates, seed) as study:
        answer = backtest_advice(named_races(runner), study, waves=waves, parts=part or PARTS)
    emit_study(form, answer, backtest_advice_screen.advice)


def realism(
    runner: Runner,
    form: OutputForm,
    svg: Annotated[Path | None, option("--svg", "FILE", "Draw the comparison there.")] = None,
    replicates: Replicates = 100,
    seed: Seed = 1,
) -> None:
    """Simulated races against real ones: noise, stints, stops, gaps, lead changes, margins.

    From a quarter of each race on, with what the other races teach.

    Example: dryline backtest realism timing/ --svg realism.svg
    """
    from dryline.present.terminal import backtest_screen
    from dryline.studies.realism import compare_realism

    with told_study(form, runner, replicates, seed) as study:
        answer = compare_realism(named_races(runner), study)
    if svg is not None:
        _write(svg, _realism_svg(answer))
    emit_study(form, answer, backtest_screen.realism)


def _realism_svg(answer: dict[str, Any]) -> str:
    import polars as pl

    from dryline.present.charts.realism import REALISM, real_and_simulated
    from dryline.present.charts.render import svg
    from dryline.present.charts.theme import LIGHT

    rows = pl.DataFrame(answer["rows"], infer_schema_length=None)
    typed = rows.select(pl.col(name).cast(kind) for name, kind in REALISM.items())
    return svg(real_and_simulated(typed, answer["measures"], LIGHT))


def _write(path: Path, text: str) -> None:
    from dryline.domain.errors import writing

    with writing(path):
        path.write_text(text, encoding="utf-8")
    say(f"wrote {path}", stderr=True)


def learn(
    runner: Runner,
    out: Annotated[Path, option("--out", "FOLDER", "Where to write them.")],
    sessions: Sessions = None,
) -> None:
    """Fit everything that races teach anew, and write it as small files (parameters only).

    Example: dryline learn timing/ --out priors/
    """
    from dryline.studies.learn import learn_all

    with told_study(OutputForm(), runner) as study:
        written = learn_all(named_races(runner), out, study, sessions)
    for path in written:
        say(f"wrote {path}")


for _command in (forecast, flag, rejoin, track, advice, neutralisations, realism):
    app.command()(bundled(_command))


class _Told:
    """A study with a progress bar that is there while the study runs."""

    def __init__(self, form: OutputForm, study: Study) -> None:
        from dryline.apps.cli.progress import counter

        self._bar = counter("reading races", quiet=form.json)
        self._study = study

    def __enter__(self) -> Study:
        from dataclasses import replace

        return replace(self._study, progress=self._bar.__enter__())

    def __exit__(self, *exit_: Any) -> None:
        self._bar.__exit__(*exit_)


def named_races(runner: Runner) -> list[Path]:
    """Every session that is named.

    Raises:
        BadOption: where none is.
    """
    from dryline.domain.errors import BadOption
    from dryline.studies import races_of

    if not runner.races:
        raise BadOption("no race is named", remedy="Name timing files, or folders of them.")
    return races_of(runner.races)


def told_study(form: OutputForm, runner: Runner, replicates: int = 1, seed: int = 1) -> _Told:
    """The study that the options describe, its progress shown while it runs."""
    from dryline.studies import Study
    from dryline.studies.tasks import engine_named

    where = engine_named(runner.engine, address=runner.address, workers=runner.workers)
    return _Told(form, Study(where, runner.resume, None, replicates, seed))


def emit_study(form: OutputForm, answer: dict[str, Any], screen: Any) -> None:
    """A study's answer in the form asked for; its table is its rows."""
    import polars as pl

    emit_as(
        form,
        json=lambda: answer,
        table=lambda: pl.DataFrame(answer["rows"], infer_schema_length=None, strict=False),
        screen=lambda width: screen(answer, width),
    )


PANEL = "Look ahead"
COMMANDS = {"learn": learn}
