"""The European Le Mans Series is itself: told from the WEC, and paid none of its points."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryline.domain.errors import NotKnown
from dryline.domain.series import Series, recognised
from dryline.engine.championship import book_of
from dryline.engine.opening import open_race
from dryline.rules.classes import class_order
from tests.conftest import FACTS

FIELDS = ["LMGT3", "LMP3", "LMP2 Pro/Am", "LMP2"]


@pytest.mark.parametrize(
    ("classes", "series"),
    [
        (FIELDS, "elms"),
        (["LMP2", "LMP3", "LMGT3"], "elms"),
        (["LMP2", "LMP2 PRO/AM", "LMP3", "LMGTE"], "elms"),
        (["LMP2", "LMP3", "LMGTE Am"], "elms"),
        (["HYPERCAR", "LMP2", "LMGT3"], "wec"),
        (["LMGT3"], "wec"),
        (["LMP1", "LMP2", "LMGTE Pro", "LMGTE Am"], "wec"),
        (["DPi", "LMP2", "LMP3", "GTLM", "GTD"], "imsa"),
        (["LMP3"], "imsa"),
    ],
)
def test_it_is_told_by_its_classes(classes: list[str], series: str) -> None:
    assert recognised(classes) == series


@pytest.mark.parametrize(
    "folder", ["elms", "ELMS", "2025_ELMS_Imola", "526_EUROPEAN LE MANS SERIES"]
)
def test_it_is_told_by_its_folder_where_the_classes_do_not(folder: str) -> None:
    assert recognised(["LMP2"], ("/", folder, "race.csv")) == "elms"
    assert recognised(["LMP2"], ("/", "helmsman", "race.csv")) is None


def test_the_fastest_class_comes_first() -> None:
    assert class_order("elms", 2025, FIELDS) == FIELDS[::-1]
    assert class_order("elms", None, FIELDS) == FIELDS[::-1]


def wild() -> list[Path]:
    folder = None if FACTS is None else FACTS.parent / "wild" / "elms"
    return [] if folder is None else sorted(folder.rglob("23_*.CSV"))


@pytest.mark.skipif(not wild(), reason="no file of the series is beside the project")
@pytest.mark.parametrize("file", wild(), ids=lambda file: "/".join(file.parts[-3:-1]))
def test_a_real_file_of_it_is_known_and_paid_no_points_of_another(file: Path) -> None:
    race = open_race(file)
    assert race.info.series == race.series == "elms"
    (said,) = (each for each in race.findings if each.kind == "beliefs_borrowed")
    assert said.message == Series.of("elms").believed.words
    with pytest.raises(NotKnown, match=r"points|rule book"):
        book_of(race).scale(4.0)
