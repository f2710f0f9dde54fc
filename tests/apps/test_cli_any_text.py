"""Whatever stands in a name, every output is written: pictures, pages, tables, terminals."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from dryline.domain.errors import BadOption
from dryline.domain.legible import UNSEEN
from dryline.domain.table_text import unguarded
from dryline.feeds.alkamel.write import write_laps
from dryline.present.charts import render
from tests.apps.conftest import Said
from tests.conftest import CASES
from tests.made_up.field import crossings

FORBIDDEN = [
    *map(chr, [*range(1, 9), 11, 12, *range(14, 32), *range(0x7F, 0xA0)]),
    *"\u202e\u200b\ufffe\uffff",
]
TEXTS = ("driver", "car_class", "team", "manufacturer", "group")
FORMULA = "=cmd|' /C calc'!A0"


def race_with(path: Path, **texts: pl.Expr) -> Path:
    path.write_bytes(write_laps(crossings(cars=6, hours=0.5).with_columns(**texts)))
    return path


@pytest.fixture(scope="module")
def unseen_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A race in which every text of every row has a character of those that nobody sees."""
    path = tmp_path_factory.mktemp("unseen") / "unseen_1h.csv"
    rows = range(crossings(cars=6, hours=0.5).height)
    odd = pl.Series([FORBIDDEN[row % len(FORBIDDEN)] for row in rows])
    return race_with(path, **{name: pl.format("{}{}x", name, pl.lit(odd)) for name in TEXTS})


@pytest.mark.parametrize("kind", ["laps", "stints", "pace", "positions", "gap", "trace", "pits"])
def test_a_chart_is_drawn(
    cli: Callable[..., Said], unseen_file: Path, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "chart.svg"
    status, said, note = cli("chart", kind, unseen_file, "--car", "50", "--out", out)
    assert (status, said) == (0, ""), note
    assert ElementTree.parse(out).getroot().tag.endswith("svg")


def test_report_and_debrief_are_written_and_say_nothing_unseen(
    cli: Callable[..., Said], unseen_file: Path, tmp_path: Path
) -> None:
    asked = (("report",), ("debrief", "--car", "7"))
    for command, *more in asked:
        status, said, note = cli(
            command, unseen_file, *more, "--no-track", "--length", "0:30", "--out", tmp_path
        )
        assert status == 0, note
        assert not UNSEEN.search(said.replace("\n", ""))
        page = (tmp_path / f"{command}.html").read_text(encoding="utf-8")
        assert not UNSEEN.search(page.replace("\n", "").replace("\u2068", "").replace("\u2069", ""))


@pytest.mark.parametrize("command", ["show", "classification", "stints", "stops", "laps"])
@pytest.mark.parametrize("form", [(), ("--csv",), ("--json",)])
def test_tables_and_screens_hold_nothing_that_moves_a_cursor(
    cli: Callable[..., Said], unseen_file: Path, command: str, form: tuple[str, ...]
) -> None:
    status, said, note = cli(command, unseen_file, *form)
    assert (status, note) == (0, "")
    assert not UNSEEN.search(said.replace("\n", ""))


def test_one_finding_says_where(answer: Callable[..., object], unseen_file: Path) -> None:
    found = answer("show", unseen_file, "--findings")["findings"]  # type: ignore[index]
    (odd,) = [each for each in found if each["kind"] == "control_characters"]
    assert (odd["line"], odd["file"]) == (2, "unseen_1h.csv")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_what_no_picture_may_hold_never_reaches_the_drawing_library(kind: str) -> None:
    spec = {"description": "", "datasets": {"rows": [{"name": "Dri\x06ver"}]}}
    with pytest.raises(BadOption, match=r"U\+0006.*Take it out"):
        getattr(render, kind)(spec)


def test_a_table_of_one_s_own_is_cleaned_before_it_is_drawn(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    rows = {
        "name": ["Ana\x06", "'=Bo"], "before_position": [1, 2], "after_position": [2, 1],
        "before_points": [10.0, 8.0], "after_points": [12.0, 20.0],
    }  # fmt: skip
    given, out = tmp_path / "movement.csv", tmp_path / "m.svg"
    pl.DataFrame(rows).write_csv(given)
    arguments = ("chart", "championship", "wec/2024", "--table", f"movement={given}", "--out", out)
    status, _, note = cli(*arguments)
    assert status == 0, note
    drawn = out.read_text()
    assert "Ana" in drawn
    assert "=Bo" in drawn
    assert "'=Bo" not in drawn
    status, _, note = cli(*arguments, "--title", "Ti\x06tle")
    assert (status, len(note.splitlines())) == (2, 1)
    assert "U+0006" in note


@pytest.mark.skipif(CASES is None, reason="the cases are not beside the project (../shared/cases)")
def test_the_case_of_a_flipped_bit_is_reported_and_drawn(
    cli: Callable[..., Said], tmp_path: Path
) -> None:
    assert CASES is not None
    race = CASES / "control-byte-in-a-name" / "made_up_1h.csv"
    assert cli("report", race, "--no-track", "--out", tmp_path)[0] == 0
    assert cli("debrief", race, "--car", "7", "--no-track", "--out", tmp_path)[0] == 0
    assert cli("chart", "stints", race, "--out", tmp_path / "s.svg")[0] == 0
    assert "line 2" in cli("show", race, "--findings")[1]


@pytest.mark.parametrize("command", ["show", "stints", "stops", "laps", "pace"])
def test_a_formula_for_a_name_is_no_formula_in_a_spreadsheet(
    cli: Callable[..., Said], tmp_path: Path, command: str
) -> None:
    race = race_with(
        tmp_path / "formula_1h.csv", driver=pl.format("={}", "driver"), team=pl.lit(FORMULA)
    )
    status, out, _ = cli(command, race, "--csv")
    assert status == 0
    table = pl.read_csv(io.StringIO(out), infer_schema=False)
    for name in table.columns:
        risky = table[name].str.contains(r"^[=+@-]") & ~table[name].str.contains(r"^-?[\d.]+$")
        assert not risky.any(), name
    assert any(unguarded(table)[name].str.starts_with("=").any() for name in table.columns)


@pytest.fixture(params=[("007",), ("7", "007", "50", "31", "92", "046")], ids=["one", "all"])
def unnamed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A race in which one car, or every car, is in no class."""
    bare = (
        pl.when(pl.col("car_number").is_in(request.param)).then(pl.lit("")).otherwise("car_class")
    )
    return race_with(tmp_path / "unnamed_1h.csv", car_class=bare)


@pytest.mark.parametrize(
    "asked",
    [
        "show", "classification", "laps", "stints", "stops --class HYPERCAR", "pace", "track",
        "forecast --at 0:20:00 --length 0:30 --replicates 20", "debrief --car 007 --against 046",
        "advise --car 007 --at 0:14:00 --length 0:30 --replicates 16",
        "points --year 2024 --series wec", "ledger --year 2024 --series wec",
    ],
)  # fmt: skip
def test_a_car_in_no_class_breaks_nothing_and_no_word_is_missing(
    cli: Callable[..., Said], unnamed: Path, asked: str
) -> None:
    command, *more = asked.split()
    status, out, err = cli(command, unnamed, *more)
    if "--class" in more and status == 2:
        assert "name no class" in err
        return
    assert (status, err) == (0, "")
    assert " ," not in out
    assert "in ," not in " ".join(out.split())


def test_a_report_of_cars_in_no_class_leaves_no_hole_in_a_sentence(
    cli: Callable[..., Said], unnamed: Path, tmp_path: Path
) -> None:
    status, _, err = cli(
        "report", unnamed, "--no-track", "--length", "0:30", "--out", tmp_path / "r"
    )
    assert status == 0, err
    told = (tmp_path / "r" / "report.md").read_text(encoding="utf-8")
    sentences = [line for line in told.splitlines() if "<!-- claim" in line]
    assert sentences
    for line in sentences:
        assert "  " not in line
        assert " ," not in line
        assert "()" not in line
    assert "## \n" not in told
    assert cli("points", unnamed, "--year", "2024", "--series", "wec")[0] == 0
