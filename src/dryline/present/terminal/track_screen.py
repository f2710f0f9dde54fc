"""The track for people: first what a lap costs by class and tyre, then the wetness itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from rich.console import RenderableType
from rich.text import Text

from dryline.analysis.track.spells import WEAK
from dryline.answers.quantities import OpenQuantiles
from dryline.answers.spells import AgainstDry, Disagreement, Spell
from dryline.answers.track import CarTyre, ClassTyre, Crossover, Sample, Track
from dryline.answers.tyre_kinds import TWO_WORDS
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.theme import MUTED, WARNING
from dryline.present.terminal.timing_screen import stack

MOST = 20
"""So many of the latest rows a long table shows."""
SLOT_MS, HALF_MINUTE_MS = 600_000, 30_000
WET = "#4da3ff"
SLICK = "#e8b04a"
SAYS_SO = {
    "free_laps": "laps",
    "stops_to_wets": "to wets",
    "stops_to_slicks": "to slicks",
    "race_control": "race control",
    "team_word": "team",
    "report": "report",
    "rain_flag": "rain flag",
}
"""Evidence, as short as a table needs it."""
HALF, NOT_TOLD = 0.5, ""
R = TypeVar("R", Sample, Crossover)


def screen(
    answer: Track, classes: Mapping[str, str], width: int, *, everything: bool = False
) -> RenderableType:
    """What to know now: in words, wet spells, tyres by class, what may change, sectors, who is on.

    The spells are always all shown; longer tables are cut to their last rows unless ``everything``
    is asked for, and say so.
    ``classes`` are those of the cars by number.
    """
    most = None if everything else MOST
    kind = "as it could be known" if answer.filtered else "in the light of the whole race"
    return stack(
        Text(f"{answer.words[:1].upper()}{answer.words[1:]}.", style="bold"),
        *_against(answer.reference, kind),
        "",
        *_spells(answer.spells, answer.samples[-1].at_ms, width, known=answer.reference.known),
        *_contradicted(answer.contradictions),
        "",
        _faster(answer, width),
        *_ahead(answer, width),
        "",
        *_sectors(answer.samples, width, most),
        *_crossovers(answer, width, most),
        *_tyres(answer, classes),
    )


def _against(reference: AgainstDry, kind: str) -> list[RenderableType]:
    """What wetness is measured against; a line of its own where nobody knows."""
    if reference.known:
        return [Text(f"({kind}; against {reference.words})", style=MUTED)]
    told = f"{reference.words[:1].upper()}{reference.words[1:]}."
    return [Text(f"({kind})", style=MUTED), Text(told, style=MUTED)]


def _spells(
    spells: Sequence[Spell], end_ms: int, width: int, *, known: bool
) -> list[RenderableType]:
    if not spells:
        dry = "No sector was likely wet at any time."
        return [Text(dry if known else "The laps show no wet spell by themselves.")]

    def lasted_ms(row: Spell) -> int:
        return (row.to_ms or end_ms) - row.from_ms

    def cell(text: Callable[[Spell], Cell]) -> Callable[[Spell], Cell]:
        """The weak ones are muted."""

        def shown(row: Spell) -> Cell:
            found = text(row)
            return Text(str(found), style=MUTED) if row.grade == WEAK else found

        return shown

    columns = [
        Column("Wet from", 8, cell(lambda row: words.clock(row.from_ms))),
        Column("To", 8, cell(lambda row: words.clock(row.to_ms) if row.to_ms else "still")),
        Column("For", 8, cell(lambda row: words.clock(lasted_ms(row))), 1),
        Column("Sectors", 7, cell(_sectors_of), 0, "left"),
        Column("Most", 4, cell(lambda row: f"{row.most:.2f}"), 2),
        Column("Sure", 6, cell(lambda row: row.grade), 0, "left"),
        Column("By", 36, cell(_says_so), 1, "left"),
    ]
    return [
        Text(_counted(spells, sum(lasted_ms(row) for row in spells if row.grade != WEAK), end_ms)),
        table(columns, spells, width),
    ]


def _counted(spells: Sequence[Spell], wet_ms: int, end_ms: int) -> str:
    """How many and how long in all; the weak ones are no wet track, and counted apart."""
    weak = sum(row.grade == WEAK for row in spells)
    wet = len(spells) - weak
    signs = "a weak sign" if weak == 1 else f"{weak} weak signs"
    if not wet:
        return f"No wet spell, but {signs} of water."
    count = "One wet spell" if wet == 1 else f"{wet} wet spells"
    besides = f"; besides {signs} of water" if weak else ""
    return f"{count}, {words.clock(wet_ms)} of {words.clock(end_ms)}{besides}."


def _says_so(row: Spell) -> Cell:
    return ", ".join(SAYS_SO[each] for each in row.evidence) or "no free lap shows it"


def _contradicted(rows: Sequence[Disagreement]) -> list[RenderableType]:
    lines = [Text(f"But {row.words}.", style=WARNING) for row in rows]
    return ["", *lines] if lines else []


def _sectors_of(row: Spell) -> Cell:
    return "all" if len(row.sectors) == 3 else ", ".join(map(str, row.sectors))


def _faster(answer: Track, width: int) -> RenderableType:
    called = answer.kinds or TWO_WORDS

    def who(row: ClassTyre) -> Cell:
        p = row.p_wet_faster
        if 0.3 < p < 0.7:
            return Text("cannot tell", style=MUTED)
        slick, rain, *_ = called
        if p >= 0.7:
            return Text(called[row.rain_tyre or rain], style=WET)
        return Text(called[slick], style=SLICK)

    def by(row: ClassTyre) -> Cell:
        return f"{abs(row.wet_minus_slick_ms) / 1000:.1f} ± {row.sd / 1000:.1f} s a lap"

    columns = [
        Column("Class", 14, words.class_of, 0, "left"),
        Column("Faster", max(11, *map(len, called.values())), who, 0, "left"),
        Column("By", 20, by, 0, "left"),
        Column("Sure", 5, lambda row: f"{max(row.p_wet_faster, 1 - row.p_wet_faster):.0%}"),
    ]
    return table(columns, answer.classes, width)


def _to(answer: Track) -> Column:
    """To which tyre a crossover leads; a rain tyre, where there are several."""
    rain = "rain" if len(answer.kinds or TWO_WORDS) > len(TWO_WORDS) else "wet"
    return Column("To", 7, lambda row: {"to_wet": rain}.get(row.direction, "slick"), 0, "left")


def _ahead(answer: Track, width: int) -> list[RenderableType]:
    """When the faster tyre changes next; nothing where that is no question."""
    ahead = answer.crossovers_ahead
    if ahead is None:
        return []
    if not ahead:
        told = "When the faster tyre changes next is not known: no class has a dry lap time."
        return ["", Text(told, style=MUTED)]
    columns = [
        Column("Next change", 14, words.class_of, 0, "left"),
        _to(answer),
        Column("Within the hour", 15, lambda row: f"{row.p_within_hour:.0%}"),
        Column("In", 26, lambda row: _until(row.after_ms), 0, "left"),
    ]
    return ["", table(columns, ahead, width)]


def _until(after_ms: OpenQuantiles) -> Cell:
    """The middle in minutes, and in brackets what eight in ten lie between."""

    def minutes(ms: int | None) -> str:
        if ms is None:
            return "later"
        return f"{ms / 60_000:.0f} min" if ms > HALF_MINUTE_MS else "now"

    if after_ms.p10 is None:
        return Text("later than in an hour", style=MUTED)
    return f"{minutes(after_ms.p50)} ({minutes(after_ms.p10)} to {minutes(after_ms.p90)})"


def _sectors(samples: Sequence[Sample], width: int, most: int | None) -> list[RenderableType]:
    """The last sample and, before it, one every ten minutes in which any sector was wet."""
    by_slot: dict[int, Sample] = {}
    for sample in samples:
        if max(sample.p_wet) > 0.2:
            by_slot.setdefault(sample.at_ms // SLOT_MS, sample)
    told = [*(each for each in by_slot.values() if each is not samples[-1]), samples[-1]]

    def sector(k: int) -> Column:
        def cell(row: Sample) -> Cell:
            style = WET if row.p_wet[k] > 0.5 else MUTED
            return Text(f"{row.wetness[k]:.2f} ({row.p_wet[k]:.0%})", style=style)

        return Column(f"S{k + 1} wetness (wet)", 16, cell)

    columns = [
        Column("At", 8, lambda row: words.clock(row.at_ms)),
        *(sector(k) for k in range(3)),
        Column("Rain", 5, lambda row: f"{row.p_rain:.0%}"),
    ]
    return _last(told, columns, width, most)


def _last(
    rows: Sequence[R], columns: list[Column], width: int, most: int | None
) -> list[RenderableType]:
    """The last rows of a table, and what is left out before them."""
    left = rows[: 0 if most is None else -most]
    parts: list[RenderableType] = [table(columns, rows[len(left) :], width)]
    if left:
        span = f"{words.clock(left[0].at_ms)} to {words.clock(left[-1].at_ms)}"
        parts.append(Text(f"{len(left)} earlier, {span}, left out; --all shows them", style=MUTED))
    return parts


def _crossovers(answer: Track, width: int, most: int | None) -> list[RenderableType]:
    rows = answer.crossovers
    if not rows:
        return []
    columns = [
        Column("Crossover", 14, words.class_of, 0, "left"),
        Column("At", 8, lambda row: words.clock(row.at_ms)),
        _to(answer),
        Column("Sure", 5, lambda row: f"{row.confidence:.0%}"),
    ]
    return ["", *_last(rows, columns, width, most)]


def _tyres(answer: Track, classes: Mapping[str, str]) -> list[RenderableType]:
    """Who is off slicks, and on which kind where there are several and it can be told."""
    called = answer.kinds or TWO_WORDS
    rain = list(called)[1]
    latest = {row.car_number: row for row in sorted(answer.tyres, key=lambda row: row.from_ms)}
    on: dict[str, list[tuple[float, CarTyre]]] = {}
    for row in latest.values():
        if row.p_wet_tyre is not None and row.p_wet_tyre > HALF:
            name, p = _kind_of(row.kinds or {rain: row.p_wet_tyre})
            on.setdefault(name, []).append((p, row))
    told = {**called, NOT_TOLD: "a rain tyre, not known which"}
    lines = [_who(told[name], on[name], classes) for name in told if name in on]
    return ["", *lines] if lines else []


def _kind_of(kinds: Mapping[str, float]) -> tuple[str, float]:
    """The kind that a car off slicks is on, and how probably; none where none is likely."""
    name = max(kinds, key=kinds.__getitem__)
    return (
        (name, kinds[name])
        if kinds[name] > HALF
        else (NOT_TOLD, sum(kinds.values()) - next(iter(kinds.values())))
    )


def _who(kind: str, rows: list[tuple[float, CarTyre]], classes: Mapping[str, str]) -> Text:
    line = Text(f"On {kind}: ", style="bold")
    for p, row in sorted(rows, key=lambda each: -each[0]):
        line.append_text(words.car_number(row.car_number, classes.get(row.car_number, "")))
        line.append(" seen  " if row.seen else f" {p:.0%}  ", style=MUTED)
    return line
