"""``track``: how wet each sector is, who is on wets, when each class should change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from dryline.apps.cli.asking import emit_framed
from dryline.apps.cli.bundles import RaceSource
from dryline.apps.cli.emit import OutputForm
from dryline.apps.cli.options import flag

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dryline.answers.track import Track


def track(
    source: RaceSource,
    form: OutputForm,
    everything: Annotated[
        bool, flag("--all", "Every sample of wet track, not the last ones.")
    ] = False,
) -> None:
    """How wet each sector is, which tyre is faster per class, who is on wets: from the laps alone.

    With --at as it could be known then, and when the faster tyre may change next; without, in the
    light of the whole race. Messages of race control, spotters and forecasts (--messages, --say)
    are used where there are any. Wet spells come first; --csv gives a row per half minute.

    Example: dryline track 23_Analysis_Race.CSV --say "at=3:42:00 kind=track_declared_wet"
    """
    from dryline.apps.cli.progress import share
    from dryline.engine.questions import Aid, AskTrack, ask
    from dryline.present.terminal import track_screen

    race = source.open()
    with share("reading the track", quiet=form.json) as tell:
        asked = AskTrack(hindsight=source.at is None)
        answer = ask(race.moment(source.at), asked, Aid(tell=tell))
    classes = {number: entry.car_class for number, entry in race.entries.items()}
    further = ("stops", "chart wetness --out wetness.svg")

    def screen(answer: Track, width: int) -> RenderableType:
        return track_screen.screen(answer, classes, width, everything=everything)

    emit_framed(source, form, race, answer, screen, *further)


PANEL = "Measure a race"
COMMANDS = {"track": track}
