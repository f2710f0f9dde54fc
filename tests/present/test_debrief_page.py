"""The debrief as a page: its words, its charts, and names that mean harm."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dryline.analysis.debrief.claims import CALLS, debrief_claims, debrief_tables
from dryline.domain.errors import UnknownCar
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.debriefing import Debriefed, debrief_of
from dryline.engine.questions import AskDebrief
from dryline.engine.reporting import write_report
from dryline.present.charts.account import growth
from dryline.present.report.debrief_prose import PARTS
from dryline.present.report.debrief_tables import advised
from dryline.present.report.page import html, markdown
from dryline.present.report.prose import say_all
from dryline.race.race import Race
from tests.made_up.field import crossings

NASTY = ("<script>alert(1)</script>", '"onload="x', "\u202eمحمد علي\u202c", "a|b`c*_")


def race_of(frame: pl.DataFrame) -> Race:
    info = RaceInfo(name="made up", series="wec", year=2024, length=RaceLength(ms=3_600_000))
    return Race(info=info, crossings=frame)


def debriefed(race: Race, car: str, *, charts: bool = True, **more: Any) -> Debriefed:
    asked = AskDebrief(car_number=car, track=False, **more)
    return debrief_of(race.moment(), asked, charts=charts)


@pytest.fixture(scope="module")
def race() -> Race:
    return race_of(crossings(hours=1.0))


@pytest.fixture(scope="module")
def done(race: Race) -> Debriefed:
    second = race.at(race.end).cars[1].car_number
    return debriefed(race, second)


def test_the_account_on_the_page_ends_with_the_gap(done: Debriefed) -> None:
    account = done.told.report.parts[0].tables[0]
    assert account.id == "account"
    assert account.rows[-1][0] == "Gap"
    headings = {row[0].lower() for row in account.rows[:-1]}
    assert headings <= set(PARTS.values())
    assert all(f'data-claim="{each.claim.id}"' in html(done.told.report)
               for each in done.told.sentences)  # fmt: skip


def test_the_winner_is_held_against_the_second_and_is_ahead(race: Race) -> None:
    first = race.at(race.end).cars[0]
    own = debriefed(race, first.car_number, charts=False)
    assert own.found.gap["gap_ms"][0] < 0
    assert own.found.gap["other_position_in_class"][0] == 2
    text = next(each.text for each in own.told.sentences if each.claim.id == "debrief-gap")
    assert "ahead of" in text


def test_the_lines_of_the_build_up_end_at_the_parts(done: Debriefed) -> None:
    found = done.found
    sign = pl.when(pl.col("car_number") == found.car_number).then(1).otherwise(-1)
    entries = found.ledger.group_by("lap", "part").agg(ms=(pl.col("ms") * sign).sum())
    last = growth(entries).group_by("part").agg(pl.col("lost_s").last())
    parts = found.parts.group_by("part").agg(pl.col("ms").sum())
    for part, lost_s, ms in last.join(parts, on="part").iter_rows():
        assert round(lost_s * 1000) == ms, part


def test_names_that_mean_harm_do_none(race: Race) -> None:
    names = {car: NASTY[at % len(NASTY)] for at, car in enumerate(race.cars)}
    frame = race.crossings.with_columns(
        team=pl.col("car_number").replace_strict(names),
        driver=pl.col("car_number").replace_strict(names) + pl.lit(" DE ") + pl.col("driver"),
    )
    nasty = race_of(frame)
    for car in nasty.cars[:2]:
        report = debriefed(nasty, car).told.report
        page, plain = html(report), markdown(report)
        assert "<script" not in page
        assert not re.search(r"<[^>]+\sonload", page)
        assert "\u202e" not in page + plain
        assert "<script" not in re.sub(r"\\<", "", plain)


def test_the_files_of_a_debrief_are_self_contained(done: Debriefed, tmp_path: Path) -> None:
    paths = write_report(done.told, tmp_path, trace=True, interactive=True, name="debrief")
    assert [path.name for path in paths] == [
        "debrief.html", "debrief.md", "trace.json", "charts.html",
    ]  # fmt: skip
    page = paths[0].read_text(encoding="utf-8")
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    charts = paths[3].read_text(encoding="utf-8")
    assert not re.findall(r"<link|<script[^>]+src|src=\"https?:", charts)
    assert all(path.stat().st_size < 3_000_000 for path in paths)


def test_the_advice_is_that_of_the_race_cut_at_the_start_of_the_in_lap() -> None:
    race = race_of(crossings(hours=1.0, cars=4))
    car = race.at(race.end).cars[1].car_number
    done = debriefed(race, car, charts=False, calls=True, replicates=8)
    calls = done.answer.calls
    assert calls is not None
    stops = done.found.stops.filter(
        (pl.col("car_number") == car) & (pl.col("exception") != "still_in").fill_null(value=True)
    )
    assert [call.lap for call in calls] == stops["lap"].to_list()
    starts = dict(
        race.laps.filter(pl.col("car_number") == car).select("lap", "start_ms").iter_rows()
    )
    for call in calls:
        assert call.at_ms == starts[call.lap]
        assert (call.refused is None) == (call.action is not None)
        assert advised(call)
    assert "debrief-calls" in {table.id for part in done.told.report.parts for table in part.tables}


def test_the_words_for_a_call_say_what_was_thought_of_what_was_done(done: Debriefed) -> None:
    row = dict.fromkeys(CALLS) | {
        "number": 1, "lap": 12, "at_ms": 1_000_000, "action": "box", "advised_lap": 14,
        "tyres": "slick", "agrees": False, "behind": 0.25, "se": 0.05, "unit": "class places",
        "behind_s": 3.5,
    }  # fmt: skip
    tables = debrief_tables("made up", done.found, pl.DataFrame([row], schema=CALLS))
    said = {each.claim.id: each.text for each in say_all(debrief_claims(tables))}
    assert "to stop on lap 14, on slicks" in said["debrief-call-12"]
    assert "0.25 ± 0.05 class places worse (+3.5 seconds)" in said["debrief-call-12"]
    assert "0 came on the lap advised" in said["debrief-called"]


def test_the_parts_of_the_answer_add_up_to_the_gap(done: Debriefed) -> None:
    answer = done.answer
    assert sum(part.ms for part in answer.parts) == answer.gap_ms
    assert sum(part.ms for part in answer.by_heading()) == answer.gap_ms
    assert answer.frame().equals(done.found.parts)
    assert answer.calls is None
    assert json.loads(json.dumps(answer.to_dict()))["stints"]


def test_a_car_that_is_not_there_is_refused(race: Race) -> None:
    with pytest.raises(UnknownCar):
        debriefed(race, "999")
