"""Real logs of simulators, in place: every place as the log states it, and nothing breaks."""

from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.answers.laps import Laps
from dryline.domain.errors import DrylineError
from dryline.domain.tables import CROSSINGS
from dryline.engine.classify import classify
from dryline.engine.opening import official_results, open_race
from dryline.engine.verify import verify
from dryline.feeds.providers import ALKAMEL, provider_of
from dryline.store.library import Library
from tests.conftest import WILD
from tests.feeds.test_any_bytes import or_one_clear_error
from tests.made_up import sim_logs
from tests.made_up.sim_logs import SimCar

LOGS = sorted((WILD / "sim").glob("*/*")) if WILD else []
WITHOUT_LAPS = {
    "no.laps.json": "results without laps",
    "iracing-result-36788868.json": r"results without laps \(iRacing\)",
    "practice.xml": "no lap with a time",
}
needs_logs = pytest.mark.skipif(not LOGS, reason="no real logs beside the project (../shared/wild)")


def told(path) -> dict[str, int]:
    """Every driver's place, read from the log by other means than Dryline's own."""
    if path.suffix == ".xml":
        text = path.read_text(encoding="utf-8", errors="replace")
        text = text[: text.index("</rFactorXML>") + len("</rFactorXML>")]
        drivers = ElementTree.fromstring(text).iter("Driver")
        return {driver.findtext("Name"): int(driver.findtext("Position")) for driver in drivers}
    data = path.read_bytes()
    tree = json.loads(data.decode("utf-16-le" if b"\x00" in data[:20] else "utf-8-sig"))
    if "sessionType" in tree:
        board = tree["sessionResult"].get("leaderBoardLines", [])
        return {line["car"]["carId"]: place for place, line in enumerate(board, 1)}
    if "Drivers" in tree:
        return {row["DriverLongName"]: row["FinishingPosition"] for row in tree["Drivers"]}
    last = [s for s in tree["Sessions"] if any(p["RaceSessionLaps"] for p in s["Players"])][-1]
    return {player["FullName"]: player["Position"] for player in last["Players"]}


@needs_logs
@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_place_is_the_one_that_the_log_states(path):
    if path.name in WITHOUT_LAPS:
        with pytest.raises(DrylineError, match=WITHOUT_LAPS[path.name]):
            open_race(path)
        return
    race = open_race(path)
    table, _ = classify(race.moment())
    places = told(path)
    if path.name.startswith("race.without.leaderBoardLines"):
        assert places == {}
        assert race.stated is None
        assert table["laps"].to_list() == [23, 21, 21]
        return
    assert sorted(places.values()) == table["position"].to_list()
    if "assettocorsa" in path.parent.name:  # carId is not shown; its order is all that there is
        stated = race.stated.sort("position")["car_number"].to_list()
        assert table["car_number"].to_list() == stated
        assert len(stated) == len(places)
    else:
        assert dict(table.select("driver", "position").iter_rows()) == places or (
            "swaps" in path.name
        )
    assert table["position_in_class"].min() == 1
    assert (table["gap_ms"].drop_nulls() >= 0).all()


@needs_logs
@pytest.mark.parametrize(
    "path", [path for path in LOGS if path.parent.name == "rfactor2" and "race" in path.name],
    ids=lambda path: path.name,
)  # fmt: skip
def test_the_laps_alone_give_the_order_of_each_rfactor_race_but_the_corrupted(path):
    seen = verify(open_race(path), official_results(path, None))
    if "corrupted_positions" in path.name:
        assert seen.agree < seen.starters
    else:
        assert (seen.agree, seen.laps_disagree) == (seen.starters, ())


@needs_logs
def test_a_race_of_rain_has_its_tyres_seen_in_the_log():
    race = open_race(WILD / "sim/rfactor2/race_with_pitstops.xml")
    assert race.info.length.ms == 3_600_000
    changes = [(said.car_number, said.tyre) for said in race.messages]
    assert changes.count(("46", "wet")) == 1
    assert {tyre for _, tyre in changes} == {"slick", "wet"}
    assert len(race.cut("0:10:00").messages) < len(race.messages)


MADE_UP = [
    SimCar("7", "Ana", [100_000, 90_000, 91_000]),
    SimCar("8", "Bo", [101_000, 92_000, 90_000]),
    SimCar("9", "Cy", [102_000, 91_000]),
]


def written(tmp_path, data=None):
    path = tmp_path / "race.xml"
    path.write_bytes(sim_logs.rfactor(MADE_UP) if data is None else data)
    return path


def test_the_stated_order_holds_at_the_end_alone(tmp_path):
    data = sim_logs.rfactor(MADE_UP)
    for old, new in ((b"1", b"x"), (b"2", b"1"), (b"x", b"2")):
        data = data.replace(b"<Position>%s<" % old, b"<Position>%s<" % new)
    race = open_race(written(tmp_path, data))
    at_the_end, _ = classify(race.moment())
    assert at_the_end["car_number"].to_list() == ["8", "7", "9"]
    assert at_the_end["gap_ms"].to_list() == [None, None, None]  # 7 was there before 8
    for earlier in (open_race(path_of(tmp_path), at="0:04:42"), race.cut("0:04:42")):
        assert classify(earlier.moment())[0]["car_number"].to_list() == ["7", "8", "9"]
    assert classify(race.moment("0:04:42"))[0]["car_number"].to_list() == ["7", "8", "9"]


def path_of(tmp_path):
    return tmp_path / "race.xml"


def test_time_that_the_log_adds_is_in_the_total_and_a_status_is_the_log_s(tmp_path):
    data = sim_logs.rfactor(MADE_UP)
    data = data.replace(b"<FinishTime>283.0000", b"<FinishTime>318.0000")
    data = data.replace(b"Finished Normally</FinishStatus></Driver>\n<Driver><Name>Cy",
                        b"DQ</FinishStatus></Driver>\n<Driver><Name>Cy")  # fmt: skip
    table, _ = classify(open_race(written(tmp_path, data)).moment())
    row = table.filter(car_number="8").row(0, named=True)
    assert (row["elapsed_ms"], row["gap_ms"], row["status"]) == (318_000, 37_000, "disqualified")


def test_a_car_that_never_crossed_the_line_stands_where_the_log_has_it(tmp_path):
    data = sim_logs.acc(MADE_UP)
    tree = json.loads(data.decode("utf-16-le"))
    tree["laps"] = [lap for lap in tree["laps"] if lap["carId"] != 1002]
    path = tmp_path / "race.json"
    path.write_bytes(json.dumps(tree).encode())
    table, _ = classify(open_race(path).moment())
    assert table.select("car_number", "position", "laps", "elapsed_ms", "status", "driver").row(
        2
    ) == ("9", 3, 0, None, "not_started", "Cy")


def test_a_log_in_the_library_keeps_the_order_that_it_states(tmp_path):
    from dryline.engine.library import add_race

    shelf = Library(tmp_path / "shelf")
    add_race(shelf, written(tmp_path), now="2025-01-01", race_id="club/2025/monza")
    race = open_race("club/2025/monza", library=shelf)
    assert race.stated is not None
    assert classify(race.moment())[0]["car_number"].to_list() == ["7", "8", "9"]
    kept = shelf.open("club/2025/monza")
    assert "compound" in kept.extras.columns


def test_what_a_log_says_of_a_lap_stands_with_the_lap_and_with_no_later_one(tmp_path):
    race = open_race(written(tmp_path))
    laps = Laps.of(race, race.laps).laps
    assert {tuple(lap.extras.items()) for lap in laps} == {
        (("compound", "0,Medium"), ("fuel left", "0.9"))
    }
    early = race.cut("0:01:41")
    assert early.extras["line"].to_list() == early.crossings["line"].to_list()
    assert Laps.of(early, early.laps).laps == laps[:2]


SMALL = [path for path in LOGS if path.stat().st_size < 60_000]


@needs_logs
@settings(max_examples=200)
@given(st.sampled_from(SMALL or [None]), st.integers(0, 2**32), st.integers(1, 5))
def test_a_real_log_with_bytes_changed_is_a_session_or_one_clear_error(path, seed, times):
    rng = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(times):
        at = rng.randrange(len(data))
        match rng.randrange(6):
            case 0:
                data[at] = rng.randrange(256)
            case 1:
                del data[at : at + rng.randrange(1, 400)]
            case 2:
                data[at:at] = rng.choice([b"-1", b"99999999999", b"null", b"[", b"&x;", b"<", b'"'])
            case 3:
                data[at:at] = data[at : at + rng.randrange(1, 2000)]
            case 4:
                del data[max(at, 2000) :]
            case _:
                digit = next((i for i in range(at, len(data)) if 48 <= data[i] < 58), 0)
                data[digit] = rng.choice(b"0123456789-.")
    whose = provider_of(bytes(data)) or ALKAMEL
    session = or_one_clear_error(lambda: whose.parse(bytes(data), "x"))
    if session is None:
        return
    rows = session.sheet.crossings
    assert dict(rows.schema) == CROSSINGS
    assert rows.select("car_number", "lap").is_duplicated().sum() == 0
    assert rows["elapsed_ms"].is_sorted()
    assert rows["elapsed_ms"].min() > 0
    assert rows["lap_time_ms"].min() > 0
    assert len(session.sheet.findings) < 300
    if session.stated is not None:
        assert session.stated["car_number"].is_unique().all()
        assert session.stated["position"].is_unique().all()
