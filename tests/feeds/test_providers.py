"""Every provider behind one door: it knows its own files, and gives what they state and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.errors import UnreadableFile
from dryline.domain.tables import CROSSINGS, RESULTS
from dryline.feeds.detect import FileKind, detect
from dryline.feeds.provider import SourceFact
from dryline.feeds.providers import PROVIDERS, provider_of
from dryline.feeds.rfactor2.spec import tyre_of
from dryline.feeds.stated_laps import running_sums
from tests.made_up import sim_logs, timing_files
from tests.made_up.club_timing import ClubCar, ClubTiming
from tests.made_up.sim_logs import SimCar, sim_cars

TWO = [SimCar("7", "Ana", [100_000, 90_000, 91_000]), SimCar("07", "Bo", [101_000, 92_000])]
FILES = {
    "RFactor2": sim_logs.rfactor(TWO),
    "AssettoCorsaCompetizione": sim_logs.acc(TWO),
    "SecondMonitor": sim_logs.secondmonitor(TWO),
    "RaceRoom": sim_logs.raceroom(TWO),
    "RMonitor": "".join(ClubTiming([ClubCar("7", [100_000, 90_000])]).lines()).encode(),
    "AlKamel": timing_files.lap_file(),
}
SIMS = ("RFactor2", "AssettoCorsaCompetizione", "SecondMonitor", "RaceRoom")
COLUMNS = {
    SourceFact.SECTORS: ("s1_ms", "s2_ms", "s3_ms"),
    SourceFact.LANE_TIME: ("pit_lane_ms",),
    SourceFact.FLAGS: ("flag",),
    SourceFact.TIME_OF_DAY: ("time_of_day_ms",),
    SourceFact.SPEED: ("top_speed_kmh", "speed_kmh"),
}


def parsed(name, data=None, session=None):
    whose = next(each for each in PROVIDERS if type(each).__name__ == name)
    return whose.parse(FILES[name] if data is None else data, "a.log", session)


def laps_of(session, number):
    rows = session.sheet.crossings.filter(car_number=number)
    return rows["lap_time_ms"].to_list(), rows["elapsed_ms"].to_list(), rows["in_pit"].to_list()


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_known_by_its_own_provider_alone_and_says_why(name):
    knowing = {type(each).__name__: each.detect(FILES[name]) for each in PROVIDERS}
    assert [who for who, why in knowing.items() if why] == [name]
    assert type(provider_of(FILES[name])).__name__ == name
    assert detect(FILES[name]).kind is FileKind.LAPS


@pytest.mark.parametrize("name", FILES)
def test_what_a_provider_cannot_know_is_null_and_never_nought(name):
    whose = next(each for each in PROVIDERS if type(each).__name__ == name)
    session = whose.parse(FILES[name], "a.log")
    rows = session.sheet.crossings
    assert dict(rows.schema) == CROSSINGS
    for fact in whose.cannot_know:
        for column in COLUMNS.get(fact, ()):
            assert rows[column].null_count() == len(rows), column
    if SourceFact.IN_LAPS in whose.cannot_know:
        assert not rows["in_pit"].any()
    if SourceFact.ORDER in whose.cannot_know:
        assert session.stated is None


@given(sim_cars(), st.sampled_from(["utf-16-le", "utf-16", "utf-8", "utf-8-sig"]))
def test_each_lap_comes_back_to_the_millisecond_on_the_clock_of_the_start(cars, encoding):
    for name, data in (
        ("RFactor2", sim_logs.rfactor(cars)),
        ("AssettoCorsaCompetizione", sim_logs.acc(cars, encoding=encoding)),
    ):
        session = parsed(name, data)
        for car in cars:
            times, ends, pits = laps_of(session, car.number)
            assert times == list(car.laps_ms)
            assert ends == car.ends_ms
            assert session.kind == "race"
            if name == "RFactor2":
                assert [lap for lap, pit in enumerate(pits, 1) if pit] == sorted(car.pits)


@given(sim_cars())
def test_sources_without_numbers_count_cars_by_their_drivers_names_and_not_by_who_won(cars):
    for data, name in (
        (sim_logs.raceroom(cars), "RaceRoom"),
        (sim_logs.secondmonitor(cars), "SecondMonitor"),
    ):
        session = parsed(name, data)
        for number, car in enumerate(sorted(cars, key=lambda car: car.driver), 1):
            times, ends, pits = laps_of(session, str(number))
            assert (times, ends) == (list(car.laps_ms), car.ends_ms)
            assert [lap for lap, pit in enumerate(pits, 1) if pit] == sorted(car.pits)


@given(sim_cars())
def test_the_order_is_the_one_that_the_log_states(cars):
    names = [car.driver for car in sim_logs.order(cars)]
    logs = zip(
        SIMS, (sim_logs.rfactor(cars), sim_logs.acc(cars), sim_logs.secondmonitor(cars),
               sim_logs.raceroom(cars)), strict=True,
    )  # fmt: skip
    for name, data in logs:
        stated = parsed(name, data).stated
        assert dict(stated.schema) == RESULTS
        assert [crew[0]["name"] for crew in stated["drivers"]] == names
        assert stated["position"].to_list() == list(range(1, len(cars) + 1))


@given(sim_cars(), st.data())
def test_a_lap_whose_time_rfactor_leaves_out_lasts_until_the_next_begins_or_to_the_finish(
    cars, data
):
    hidden = frozenset(data.draw(st.sets(st.integers(1, len(cars[0].laps_ms)))))
    cars[0] = SimCar(cars[0].number, cars[0].driver, cars[0].laps_ms, hidden=hidden)
    session = parsed("RFactor2", sim_logs.rfactor(cars))
    assert laps_of(session, cars[0].number)[:2] == (list(cars[0].laps_ms), cars[0].ends_ms)
    found = {finding.kind: finding.rows for finding in session.sheet.findings}
    assert found.get("lap_time_derived", 0) == len(hidden)


def test_what_the_stream_saw_at_the_line_ends_the_last_lap_of_a_car_that_did_not_finish():
    data = sim_logs.rfactor([SimCar("7", "Ana", [100_000, 90_000], hidden=frozenset({2}))])
    data = data.replace(b"<FinishTime>190.0000</FinishTime>", b"")
    assert laps_of(parsed("RFactor2", data), "7")[1] == [100_000]
    stream = (
        b"<Stream><Score>Ana(3) lap=0 point=0 t=-1.000 et=180.000</Score>"
        b"<Score>Ana(3) lap=1 point=0 t=100.0 et=318.000</Score>"
        b"<Score>Ana(3) lap=1 point=1 t=30.0 et=348.000</Score>"
        b"<Score>Ana(3) lap=2 point=0 t=-1.000 et=409.500</Score></Stream><Minutes>"
    )
    session = parsed("RFactor2", data.replace(b"<Minutes>", stream, 1))
    assert laps_of(session, "7")[1] == [100_000, 191_500]


@pytest.mark.parametrize(
    ("told", "read", "kind"),
    [(None, "Race", "race"), ("race", "Race", "race"), ("Qualify", "Qualify", "qualifying"),
     ("practice", "Practice1", "practice")],
)  # fmt: skip
def test_of_several_sessions_the_race_is_read_unless_another_is_named(told, read, kind):
    slow = [SimCar("7", "Ana", [300_000])]
    more = b"".join(
        sim_logs.rfactor(slow, tag).partition(b"<RaceResults>\n")[2].partition(b"</RaceResults>")[0]
        for tag in ("Practice1", "Qualify")
    ).decode()
    session = parsed("RFactor2", sim_logs.rfactor(TWO, more=more), told)
    assert (session.kind, session.sessions) == (kind, ("Race", "Practice1", "Qualify"))
    assert len(session.sheet.crossings) == (5 if read == "Race" else 1)
    said = next(f for f in session.sheet.findings if f.kind == "several_sessions")
    assert said.message == f"the file holds 3 sessions (Race, Practice1, Qualify); {read} is read"


def test_a_session_that_is_not_there_is_refused_with_those_that_are():
    data = sim_logs.raceroom(TWO, "Qualify", "Race", "Race")
    with pytest.raises(
        UnreadableFile, match=r"no session 'warm_up'\. It holds Qualify, Race, Race"
    ):
        parsed("RaceRoom", data, "warm_up")


@given(st.lists(st.sampled_from(["7", "07", "7b"]), min_size=2, max_size=9))
def test_cars_with_one_number_are_told_apart_by_a_letter(numbers):
    cars = [SimCar(number, f"D{place}", [90_000]) for place, number in enumerate(numbers)]
    session = parsed("RFactor2", sim_logs.rfactor(cars))
    called = session.sheet.crossings.sort("line")["car_number"].to_list()
    assert len(set(called)) == len(numbers)
    for number, name in zip(numbers, called, strict=True):
        assert name == number or (name not in numbers and name.startswith(number))
    shared = [f for f in session.sheet.findings if f.kind == "number_shared"]
    assert len(shared) == len(numbers) - len(set(numbers))


def test_a_place_that_two_cars_hold_is_no_order():
    data = sim_logs.rfactor(TWO).replace(b"<Position>2<", b"<Position>1<")
    session = parsed("RFactor2", data)
    assert session.stated is None
    assert "order_contradictory" in {finding.kind for finding in session.sheet.findings}


def test_the_tyres_that_a_log_names_are_seen_from_the_lap_that_tells_and_once_a_change():
    compounds = ["0,Medium S7H", "0,Medium S7H", "1,Wet P2H", "1,Wet P2H", "5", "0,Soft"]
    car = SimCar("7", "Ana", [90_000] * 6, compounds=compounds)
    session = parsed("RFactor2", sim_logs.rfactor([car]))
    seen = [
        (said.known_at.ms, said.car_number, said.tyre, said.weight) for said in session.messages
    ]
    assert seen == [
        (90_000, "7", "slick", 1.0),
        (270_000, "7", "wet", 1.0),
        (540_000, "7", "slick", 1.0),
    ]
    assert session.sheet.extras["compound"].to_list() == compounds


@pytest.mark.parametrize(
    ("compound", "tyre"),
    [("1,Wet P2H", "wet"), ("Rain", "wet"), ("0,Medium S7H", "slick"), ("3,Soft", "slick"),
     ("2,Inter", None), ("5", None), ("", None), ("Wetter", None)],
)  # fmt: skip
def test_a_tyre_is_known_only_where_the_compound_s_name_plainly_says_it(compound, tyre):
    assert tyre_of(compound) == tyre


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6), st.data())
def test_the_whole_time_gives_the_lap_that_is_missing_and_the_first_one_its_start(times, data):
    total = sum(times)
    at = data.draw(st.integers(0, len(times) - 1))
    ends = [sum(times[: lap + 1]) for lap in range(len(times))]
    missing = [None if place == at else time for place, time in enumerate(times)]
    assert running_sums(missing, total, is_race=True) == (ends, times)
    waited = [times[0] + data.draw(st.integers(0, 10**6)), *times[1:]]
    assert running_sums(waited, total, is_race=True) == (ends, times)
    assert running_sums(missing, None, is_race=True)[0] == [*ends[:at], *[None] * (len(times) - at)]
    practice = running_sums(missing, None, is_race=False)[0]
    assert [end for end in practice if end is not None][-1:] == [total - times[at]] * (
        len(times) > 1
    )


BOMB = b'<!ENTITY a "ha"><!ENTITY b "&a;&a;">'


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b'<!ENTITY rFEnt "rFactor Entity">', BOMB, "declares entities of its own"),
        (b'<!ENTITY rFEnt "rFactor Entity">', b'<!ENTITY rFEnt SYSTEM "file:///etc/passwd">',
         "declares entities of its own"),
        (b'"rFactor Entity"', b'"%s"' % (b"x" * 41), "declares entities of its own"),
        (b"<Minutes>", b"<a>" * 60 + b"<Minutes>", "nested without end"),
        (b"</rFactorXML>", b"", "breaks off or is damaged"),
        (b"<Race>", b"<Other>", "breaks off or is damaged"),
    ],
)  # fmt: skip
def test_xml_that_would_do_harm_or_breaks_off_is_refused_in_one_line(old, new, what):
    with pytest.raises(UnreadableFile, match=what) as raised:
        parsed("RFactor2", FILES["RFactor2"].replace(old, new))
    assert "\n" not in str(raised.value)


def test_text_behind_the_end_of_a_log_is_left_out_and_found():
    session = parsed("RFactor2", FILES["RFactor2"] + b"<rFactorXML></rFactorXML>")
    assert len(session.sheet.crossings) == 5
    assert "text_behind_the_end" in {finding.kind for finding in session.sheet.findings}


@pytest.mark.parametrize("name", SIMS)
def test_a_log_without_laps_says_whose_it_is(name):
    data = FILES[name].replace(b"RaceSessionLaps", b"x").replace(b'"Laps"', b'"x"')
    data = data.replace("laps".encode("utf-16-le"), "xxxx".encode("utf-16-le"))
    data = data.replace(b"<Lap ", b"<x ").replace(b"</Lap>", b"</x>")
    with pytest.raises(UnreadableFile, match=r"results without laps|no lap with a time"):
        parsed(name, data)


def test_a_field_of_the_size_of_a_24_hour_race_is_read():
    cars = [SimCar(str(car), f"D{car}", [100_000] * 850) for car in range(60)]
    assert len(parsed("RFactor2", sim_logs.rfactor(cars)).sheet.crossings) == 51_000
