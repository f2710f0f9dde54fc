"""A series as the code asks of it: read from ``data/series/NAME.toml``, never compared by name.

`Series.of` gives the record. A name without a file, and no name at all, is a working state:
``data/series/unknown.toml`` answers, with what was measured elsewhere, pooled and less sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

import msgspec

from dryline.domain.car_class import NEVER_SEEN, CarClass, class_key
from dryline.domain.series_files import UNKNOWN, names_of_files, read_series_files
from dryline.domain.tyre_kind import SLICK, TWO_KINDS, TyreKind

MS_PER_H = 3.6e6


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a series file: unknown keys are refused."""


class Recognition(_Part, frozen=True, kw_only=True):
    """How a file of the series is known.

    ``classes`` are sets: a file with every class of one of them is of this series, unless it has
    every class of a larger set of another. ``folders`` are patterns that a part of the path
    matches as a whole, without case; they are asked where the classes do not tell.
    """

    classes: tuple[tuple[str, ...], ...] = ()
    folders: tuple[str, ...] = ()


class TimingSite(_Part, frozen=True, kw_only=True):
    """Where the series' results are published, and what its own folder is called there."""

    address: str
    folder: str
    source: str


class SeasonClasses(_Part, frozen=True, kw_only=True):
    """The classes of some seasons, the fastest first; ``to_year`` is None for those to come."""

    from_year: int
    order: tuple[str, ...]
    source: str
    confidence: str
    to_year: int | None = None

    def covers(self, year: int) -> bool:
        """Whether ``year`` is one of them."""
        return self.from_year <= year <= (year if self.to_year is None else self.to_year)


class RaceKind(_Part, frozen=True, kw_only=True):
    """Races of one length: whose priors hold for them (several are pooled), and their habits.

    ``below_h`` is None for the longest. In a ``sprint`` stints end before the tank does, and
    crews show by their stops how far they mean to go. ``least_range_share`` is what the longest
    stints seen show at least of the range believed before.
    """

    name: str
    priors: tuple[str, ...]
    source: str
    below_h: float | None = None
    usual_crew: int = 3
    sprint: bool = False
    least_range_share: float = 0.0


class BelievedPriors(_Part, frozen=True, kw_only=True):
    """Whose measurements are believed before a race: keys into ``data/priors``, pooled if several.

    ``contrast`` is the value of the fitted columns that tell IMSA (0.5) from the WEC (-0.5); 0 is
    halfway. ``teams`` are the series in which a team's showings count. ``words`` say it, where
    the measurements are not the series' own.
    """

    stops: tuple[str, ...]
    teams: tuple[str, ...]
    contrast: float
    source: str
    words: str = ""


class StopHabits(_Part, frozen=True, kw_only=True):
    """How a stop's time divides; ``filling_share`` is of the time that the car stands."""

    services_at_once: bool
    transit_share: float
    filling_share: float
    source: str


class Traffic(_Part, frozen=True, kw_only=True):
    """What passing a slower class costs, in ms."""

    pass_ms: float
    source: str


class Restart(_Part, frozen=True, kw_only=True):
    """The queue at a restart: the gap between cars, and the share spared behind another class.

    ``last_lap``: what the leader's last lap behind the safety car takes of the ones before.
    """

    gap_ms: float
    class_split: float
    last_lap: float
    source: str


class FinishHabits(_Part, frozen=True, kw_only=True):
    """The share of lapped cars, up to ten seconds ahead of the winner, that let him by."""

    lets_by: float
    source: str


class PitEntry(_Part, frozen=True, kw_only=True):
    """The pit entry under a kind of neutralisation, in ms from its beginning.

    With ``by_class`` it opens class by class when the priors say, and after ``opens_after_ms`` for
    a class of which they do not. ``below_h``: only in races shorter than that.
    """

    source: str
    closed: bool = False
    opens_after_ms: float | None = None
    by_class: bool = False
    below_h: float | None = None
    wave_by_after_ms: float | None = None
    wave_by_after_opening_ms: float | None = None

    def holds(self, length_ms: float) -> bool:
        """Whether it is so in a race of that length."""
        return self.below_h is None or length_ms < self.below_h * MS_PER_H


class YellowPrice(_Part, frozen=True, kw_only=True):
    """What a stop under a kind of neutralisation has cost on the road, s: middle and tenths."""

    median_s: float
    p10_s: float
    p90_s: float
    source: str


class NeutralisationKinds(_Part, frozen=True, kw_only=True):
    """Which kinds there are, and behind which the field queues behind a safety car."""

    kinds: tuple[str, ...]
    queueing: tuple[str, ...]
    source: str
    pit_entry: dict[str, PitEntry] = {}
    stop_price: dict[str, YellowPrice] = {}

    @property
    def only(self) -> str | None:
        """The only kind but the red flag, where there is no other; None where there are more."""
        kinds = [kind for kind in self.kinds if kind != "red"]
        return kinds[0] if len(kinds) == 1 else None


class Series(_Part, frozen=True, kw_only=True):
    """One series. ``championships`` gives a points table's title its official name.

    ``tyres`` are its kinds of tyre, the slick first and each for a wetter track than the one
    before; `TyreKind` says how the third and further ones are told.
    """

    name: str
    full_name: str
    recognition: Recognition
    races: tuple[RaceKind, ...]
    believed: BelievedPriors
    stops: StopHabits
    traffic: Traffic
    restart: Restart
    finish: FinishHabits
    neutralisations: NeutralisationKinds
    seasons: tuple[SeasonClasses, ...] = ()
    classes: dict[str, CarClass] = {}
    tyres: tuple[TyreKind, ...] = TWO_KINDS
    site: TimingSite | None = None
    championships: dict[str, str] = {}
    first_titles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [each.name for each in self.tyres]
        if len(names) < 2 or names[0] != SLICK or len({*names}) < len(names):
            raise ValueError(f"tyres: {SLICK!r} first, then others, each named once")
        if any(not 0.0 < each.spares < 1.0 or each.quicker_from <= 0.0 for each in self.tyres[2:]):
            raise ValueError("tyres: a third kind has quicker_from > 0 and spares between 0 and 1")

    @classmethod
    def of(cls, name: str | None) -> Series:
        """The series of that name; a working ``unknown`` under that name where none has a file."""
        wanted = (name or UNKNOWN).casefold()
        known = read_series()
        if wanted in known:
            return known[wanted]
        return msgspec.structs.replace(known[UNKNOWN], name=wanted, full_name=str(name))

    def race_of(self, length_ms: float) -> RaceKind:
        """The kind of race that one of that length is."""
        hours = length_ms / MS_PER_H
        return next(each for each in self.races if each.below_h is None or hours < each.below_h)

    def season(self, year: int | None) -> SeasonClasses | None:
        """The season's classes, None where they are not known."""
        return next((each for each in self.seasons if year and each.covers(year)), None)


def every_series() -> tuple[Series, ...]:
    """Each series that has a file, by name."""
    return tuple(read_series()[name] for name in series_names())


def series_names() -> tuple[str, ...]:
    """Their names; no file is read."""
    return names_of_files()


def recognised(classes: Iterable[str], path: Sequence[str] = ()) -> str | None:
    """The series of a file with these classes; the parts of its path decide where they do not.

    None where nothing tells, or where the classes tell of two series alike.
    """
    seen = {class_key(name) for name in classes}
    told = {
        each.name: max((len(wanted) for wanted in _sets(each) if wanted <= seen), default=0)
        for each in every_series()
    }
    most = max(told.values(), default=0)
    best = [name for name, size in told.items() if most and size == most]
    if len(best) == 1:
        return best[0]
    named = (series_of_folder(part) for part in reversed(path))
    return next((name for name in named if name and (not best or name in best)), None)


def series_of_folder(name: str) -> str | None:
    """The series that a folder or file of that name belongs to, as far as the name tells."""
    for each in every_series():
        if any(re.fullmatch(p, name, re.IGNORECASE) for p in each.recognition.folders):
            return each.name
    return None


def first_titles() -> list[str]:
    """The points tables that are looked at first, of every series."""
    return [title for each in every_series() for title in each.first_titles]


def car_class(name: str) -> CarClass:
    """What is known of a class, in whichever series it races; of one never seen, the defaults."""
    return car_classes().get(class_key(name), NEVER_SEEN)


@cache
def car_classes() -> dict[str, CarClass]:
    """Every class that a series file describes, by `class_key`."""
    found: dict[str, CarClass] = {}
    for each in (*every_series(), read_series()[UNKNOWN]):
        for name, described in each.classes.items():
            found.setdefault(class_key(name), described)
    return found


def _sets(series: Series) -> list[set[str]]:
    return [{class_key(name) for name in names} for names in series.recognition.classes]


@cache
def read_series() -> dict[str, Series]:
    """Every series by its file's name, `UNKNOWN` among them; read once.

    Raises:
        BadSeries: a file that is none of a series.
    """
    return read_series_files(Series)
