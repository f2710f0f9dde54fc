"""``show``, ``classification`` and ``verify``: the race as a whole, and the proof."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm, emit, say
from dryline.apps.cli.options import CarClass, Decisions, flag, option

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dryline.domain.decision import Decision
    from dryline.race.moment import Moment


def show(
    source: RaceSource,
    form: OutputForm,
    car_class: CarClass = None,
    hero: Annotated[str | None, option("--hero", "N", "Highlight this car.")] = None,
    findings: Annotated[bool, flag("--findings", "List every remark on the data instead.")] = False,
) -> None:
    """Open a race and show it: order, gaps, neutralisations, what is odd in the data.

    Example: dryline show 23_Analysis_Race.CSV --at 3:55:00 --class HYPERCAR
    """
    from dryline.answers.race import Findings
    from dryline.apps.cli import embedded
    from dryline.engine.questions import AskRace, ask
    from dryline.present.terminal import screens

    if embedded.is_facts(source):
        embedded.show(source.race, form)
        return
    race = source.open()
    if findings:
        remarks = Findings.of(race)
        emit(form, remarks, lambda width: screens.findings_screen(remarks.findings, width))
        return
    moment = race.moment(source.at)
    answer = ask(moment, AskRace())
    only = None if car_class is None else race.known_class(car_class)
    shown = None if hero is None else race.known_car(hero)
    emit(form, answer, lambda width: _race_screen(moment, source.quoted, width, only, shown))


def _race_screen(
    moment: Moment,
    argument: str,
    width: int,
    car_class: str | None,
    hero: str | None,
) -> RenderableType:
    from dryline.present.terminal import summary, timing_screen

    race, snapshot = moment.race, moment.race.at(moment.at)
    return timing_screen.stack(
        timing_screen.context_line(
            race.info.name, snapshot.at.ms, snapshot.flag, summary.headline(race)
        ),
        "",
        timing_screen.timing_screen(
            snapshot, width=width, car_class=car_class, hero=hero, raced=race.is_race
        ),
        "",
        summary.neutralised(race),
        summary.led(race, car_class) if race.is_race else summary.fastest(race, car_class),
        summary.found(race),
        timing_screen.next_commands(
            f"dryline {'stops' if race.is_race else 'session'} {argument}",
            f"dryline gaps {argument} --car {snapshot.order[0]}"
            if race.is_race and snapshot.order
            else f"dryline pace {argument}",
            f"dryline show {argument} --findings",
        ),
    )


def classification(
    source: RaceSource,
    form: OutputForm,
    car_class: CarClass = None,
    on_the_road: Annotated[
        bool, flag("--on-the-road", "Leave the stewards' decisions and the rules out.")
    ] = False,
    decisions: Decisions = None,
) -> None:
    """The classification: on the road, or with the stewards' decisions; or the order at --at.

    Example: dryline classification 23_Analysis_Race.CSV --decisions stewards.csv
    """
    from dryline.apps.cli import embedded
    from dryline.engine.questions import AskClassification, ask
    from dryline.present.terminal import classification_screen

    if embedded.is_facts(source):
        embedded.classification(source.race, form, on_the_road=on_the_road)
        return
    race = source.open()
    moment = race.moment(source.at)
    ruled = () if on_the_road else read_decisions(decisions, source.race)
    only = None if car_class is None else race.known_class(car_class)
    asked = AskClassification(decisions=tuple(ruled), car_class=only, on_the_road=on_the_road)
    answer = ask(moment, asked)
    emit(
        form,
        answer,
        lambda width: classification_screen.screen(
            answer, race.at(moment.at).flag, len(ruled), width, source.race
        ),
    )


def verify(
    source: RaceSource,
    form: OutputForm,
    results: Annotated[
        Path | None, option("--results", "FILE", "The official result to compare with.")
    ] = None,
    decisions: Decisions = None,
) -> None:
    """Compare the rebuilt order with the official result, car by car; say why they differ.

    Example: dryline verify 23_Analysis_Race.CSV --results 03_Classification_Race.CSV
    """
    from dryline.apps.cli import embedded
    from dryline.engine.opening import official_results
    from dryline.engine.verify import verify as compare
    from dryline.present.terminal import verify_screen

    embedded.refuse_verify(source)
    race = source.open(whole=True)
    official = official_results(source.race, results)
    answer = compare(race, official, read_decisions(decisions, source.race))
    emit(form, answer, lambda width: verify_screen.screen(answer, width))


def read_decisions(path: Path | None, race: str) -> Sequence[Decision]:
    """The decisions in ``path`` that concern this race; what is odd in the file is said aloud."""
    if path is None:
        return ()
    from dryline.engine.opening import open_decisions
    from dryline.feeds.remarks import Remarks

    remarks = Remarks(path.name)
    decisions = open_decisions(path, race, remarks)
    for finding in remarks.findings:
        say(str(finding), stderr=True)
    return decisions


PANEL = "Read a race"
COMMANDS = {"show": show, "classification": classification, "verify": verify}
"""In the order in which the help lists them."""
