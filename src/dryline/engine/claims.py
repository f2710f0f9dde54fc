"""Which sessions a folder holds, and which id each of them claims, before any is added."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dryline.domain.errors import InputError
from dryline.domain.tables import CROSSINGS, empty
from dryline.engine.naming import SessionName, series_of, session_name, year_of
from dryline.engine.session_files import find_session, lap_files_below, read_session
from dryline.feeds.alkamel.part_files import parts_in_order, whole_name
from dryline.store.identity import Kinship, kinship
from dryline.store.slug import slugify


@dataclass(frozen=True)
class SessionClaim:
    """A lap file and the session it says it is; ``beside`` where its folder's files are its."""

    laps: Path
    beside: bool
    name: SessionName

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for those that would get one id, were their series the same."""
        return year_of(self.laps), _slug(self.name.event), _slug(self.name.session)


@dataclass(frozen=True)
class Settled:
    """The claims that stand, and of the others why they do not.

    ``superseded`` are versions of a session that another file of it goes beyond: nothing is
    lost with them. ``clashing`` claim one id though nothing says which of them it belongs to.
    """

    standing: tuple[SessionClaim, ...]
    superseded: tuple[str, ...]
    clashing: tuple[str, ...]


def claims_in(sources: Iterable[Path]) -> list[SessionClaim]:
    """Every lap file named, or in the folders named and below, once each.

    Raises:
        RaceNotFound: where there is no such path.
        UnreadableFile: where a folder holds no lap file at all.
    """
    found: dict[Path, SessionClaim] = {}
    for source in sources:
        below = lap_files_below(source)
        whole = {} if source.is_file() else _of_races_in_parts(below)
        for laps in below:
            first = whole.get(laps, laps)
            name = first.with_name(whole_name(first.name)) if laps in whole else laps
            claim = SessionClaim(first, source.is_dir(), session_name(name))
            known = found.setdefault(first.resolve(), claim)
            if claim.beside and not known.beside:
                found[first.resolve()] = claim
    return list(found.values())


def _of_races_in_parts(below: Sequence[Path]) -> dict[Path, Path]:
    """The files that are parts of one race which can be joined, each with the first of them."""
    alike: defaultdict[tuple[Path, str], list[Path]] = defaultdict(list)
    for path in below:
        alike[path.parent, whole_name(path.name).casefold()].append(path)
    parts = [parts_in_order(paths) for paths in alike.values() if len(paths) > 1]
    return {
        path: each[0]
        for each in parts
        if each is not None and find_session(each[0], beside=True).more_laps
        for path in each
    }


def settle(claims: Sequence[SessionClaim], series: str | None = None) -> Settled:
    """Which claims stand: of several versions of a session the last, of a clash none.

    ``series`` is the series that was said of all of them.
    """
    groups: defaultdict[tuple[object, ...], list[SessionClaim]] = defaultdict(list)
    for claim in claims:
        groups[claim.key].append(claim)
    standing: list[SessionClaim] = []
    superseded: list[str] = []
    clashing: list[str] = []
    for group in groups.values():
        for rivals in [group] if series or len(group) == 1 else _by_series(group):
            left = _without_copies(_last_versions(rivals, superseded), superseded)
            left = _furthest(left, superseded)
            if len(left) == 1:
                standing += left
            else:
                clashing.append(_clash(left))
    order = {claim: place for place, claim in enumerate(claims)}
    return Settled(tuple(sorted(standing, key=order.__getitem__)), (*superseded,), (*clashing,))


def _by_series(group: Sequence[SessionClaim]) -> list[list[SessionClaim]]:
    parts: defaultdict[str | None, list[SessionClaim]] = defaultdict(list)
    for claim in group:
        parts[_series(claim)].append(claim)
    return list(parts.values())


def _series(claim: SessionClaim) -> str | None:
    return series_of(_crossings(claim)["car_class"].unique().to_list(), claim.laps)


def _crossings(claim: SessionClaim) -> pl.DataFrame:
    try:
        return read_session(find_session(claim.laps)).crossings
    except InputError:  # said when it is added
        return empty(CROSSINGS)


def _without_copies(rivals: Sequence[SessionClaim], superseded: list[str]) -> list[SessionClaim]:
    if len(rivals) == 1:
        return list(rivals)
    firsts: dict[bytes, SessionClaim] = {}
    for claim in rivals:
        with claim.laps.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        first = firsts.setdefault(digest, claim)
        if first is not claim:
            superseded.append(f"{claim.laps}: the same bytes as {first.laps}")
    return list(firsts.values())


def _last_versions(rivals: Sequence[SessionClaim], superseded: list[str]) -> list[SessionClaim]:
    """Of the versions of one file (hours, official or not) in one place the last."""
    places: defaultdict[tuple[object, ...], list[SessionClaim]] = defaultdict(list)
    for claim in rivals:
        places[claim.name.place, claim.name.version.session].append(claim)
    left = []
    for versions in places.values():
        last = max(claim.name.version.rank for claim in versions)
        kept = [claim for claim in versions if claim.name.version.rank == last]
        left += kept
        for claim in versions:
            if claim not in kept:
                superseded.append(f"{claim.laps}: {kept[0].laps.name} is a later version of it")
    return left


def _furthest(rivals: Sequence[SessionClaim], superseded: list[str]) -> list[SessionClaim]:
    """The one whose laps hold all the others', where there is one: they are its beginning."""
    if len(rivals) == 1:
        return list(rivals)
    laps = {claim: _crossings(claim) for claim in rivals}
    last = max(rivals, key=lambda claim: laps[claim].height)
    others = [claim for claim in rivals if claim is not last]
    if any(
        laps[claim].is_empty() or kinship(laps[claim], laps[last]) is not Kinship.LATER
        for claim in others
    ):
        return list(rivals)
    superseded += [f"{claim.laps}: {last.laps} is a later version of it" for claim in others]
    return [last]


def _clash(rivals: Sequence[SessionClaim]) -> str:
    named = ", ".join(str(claim.laps) for claim in rivals[:6])
    more = f" and {len(rivals) - 6} more" if len(rivals) > 6 else ""
    return (
        f"{named}{more}: {len(rivals)} sessions would get one id ({rivals[0].name}). "
        "Add them one by one, each with --as series/year/event/session."
    )


def _slug(name: str) -> str:
    try:
        return slugify(name)
    except InputError:
        return name
