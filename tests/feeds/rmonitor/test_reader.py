"""RMonitor to laps: every lap once, whatever is lost, damaged or said again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.race_info import RaceLength
from dryline.domain.session_kind import SessionKind
from dryline.feeds.rmonitor.reader import UNCOUNTED
from tests.feeds.rmonitor.heard import Told, rows_of
from tests.made_up.club_timing import ClubCar, ClubTiming, club_cars

TWO = [ClubCar("3", [40_000, 41_000, 39_000]), ClubCar("7", [40_500, 40_900, 41_200], 2_500)]
GARBAGE = st.sampled_from(
    ["\x00\x7f noise", '$G,1,"3",99', '$J,"3","00:00', "{}", '"', '$G,1,"3",2,"00:0', "$$$,,", "é"]
)


def whole(cars: Sequence[ClubCar], **how: object) -> str:
    return "".join(ClubTiming(cars, **how).lines())  # type: ignore[arg-type]


@given(club_cars(), st.sampled_from(["\r\n", "\n", "\r"]), st.data())
def test_every_lap_is_told_once_however_the_bytes_are_cut(
    cars: list[ClubCar], ends: str, data: st.DataObject
) -> None:
    text = whole(cars, ends=ends).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    told = Told(b"")
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        told.hear(text[start:end])
    for car in cars:
        assert told.rows(car.number) == rows_of(car)
    assert (told.facts, told.corrections) == (sum(len(car.laps_ms) for car in cars), 0)
    assert told.garbage == []
    assert told.kinds == []


@given(club_cars(), st.data())
def test_garbage_between_the_lines_changes_nothing(
    cars: list[ClubCar], data: st.DataObject
) -> None:
    lines = ClubTiming(cars).lines()
    noise = data.draw(st.lists(st.tuples(st.integers(0, len(lines)), GARBAGE), max_size=8))
    for at, text in noise:
        lines.insert(at, f"{text}\r\n")
    told = Told("".join(lines))
    for car in cars:
        assert told.rows(car.number) == rows_of(car)
    assert len(told.garbage) == len(noise)


@given(club_cars(), st.data())
def test_lines_lost_at_random_lose_no_lap_that_the_others_tell(
    cars: list[ClubCar], data: st.DataObject
) -> None:
    """Whatever is lost, the refresh gives each car its laps, its last crossing and its best."""
    timing = ClubTiming(cars)
    lines = timing.lines()
    lost = set(data.draw(st.lists(st.integers(0, len(lines) - 2), max_size=len(lines))))
    kept = [line for at, line in enumerate(lines) if at not in lost]
    told = Told("".join(kept + [f"{line}\r\n" for line in timing.refresh()]))
    for car in cars:
        should, rows = rows_of(car), told.rows(car.number)
        last, best = len(car.laps_ms), car.best(len(car.laps_ms))
        assert best is not None
        assert max(rows) == last
        assert rows[last][0] == should[last][0]
        assert rows[best[0]][1] == best[1]
        ends = [rows[lap][0] for lap in sorted(rows)]
        assert ends == sorted(set(ends))
    known = sum(len(told.rows(car.number)) for car in cars)
    unheard = [f.rows for f in told.reader.findings() if f.kind == "laps_unheard"]
    assert known + sum(unheard) == sum(len(car.laps_ms) for car in cars)


@given(club_cars(), st.data())
def test_who_joins_late_knows_what_the_feed_says_and_then_every_lap(
    cars: list[ClubCar], data: st.DataObject
) -> None:
    timing = ClubTiming(cars)
    lines = timing.lines()
    at = data.draw(st.integers(0, len(lines) - 1))
    before = ClubTiming(cars)
    passings = [line for line in lines[:at] if line.startswith("$J")]
    for car in cars:
        heard = sum(line.startswith(f'$J,"{car.number}"') for line in passings)
        if heard:
            before.done[car.number] = heard - 1
    told = Told("".join([f"{line}\r\n" for line in before.refresh()] + lines[at:]))
    for car in cars:
        should, rows = rows_of(car), told.rows(car.number)
        since = max(before.done.get(car.number, 0), 0)
        assert max(rows) == len(car.laps_ms)
        for lap in range(since + 1, len(car.laps_ms) + 1):
            if lap in rows:
                assert rows[lap] == should[lap]
        if since:
            assert rows[since][0] == should[since][0]


@given(club_cars())
def test_passings_are_counted_where_nobody_counts_the_laps(cars: list[ClubCar]) -> None:
    lines = [line for line in ClubTiming(cars).lines() if not line.startswith("$G")]
    told = Told("".join(lines))
    passings = sum(line.startswith("$J") for line in lines)
    assert any(told.laps) == (passings >= UNCOUNTED)
    if told.laps:
        told.hear(b"")
        assert all(told.rows(car.number) == rows_of(car) for car in cars)
        assert told.reader.kind is SessionKind.RACE  # its name says so


def test_a_lap_that_is_taken_back_is_gone_and_comes_again_when_it_counts_again() -> None:
    told = Told(whole(TWO))
    told.hear(b'$G,1,"3",2,"00:01:23.000"\r\n')
    assert sorted(told.rows("3")) == [1, 2]
    told.hear(b'$G,1,"3",3,"00:02:02.000"\r\n')
    assert told.rows("3") == rows_of(TWO[0])
    assert told.corrections == 1


def test_a_correction_moves_a_lap_that_was_told_and_no_other() -> None:
    told = Told(whole(TWO))
    told.hear(
        b'$COR,"3","3",2,"00:01:23.250","+00:00:00.250"\r\n$COR,"3","3",9,"00:09:00.000",""\r\n'
    )
    assert told.rows("3") == {**rows_of(TWO[0]), 2: (83_250, 41_250)}


def test_a_best_lap_that_gets_slower_says_which_laps_were_taken_away() -> None:
    told = Told(whole(TWO))
    assert told.kinds == []
    told.hear(b'$H,1,"3",1,"00:00:40.000"\r\n')
    gone = [(f.kind, f.car_number, f.lap) for f in told.reader.findings()]
    assert gone == [("lap_taken_away", "3", 3)]
    told.hear(b'$H,1,"3",3,"00:00:39.000"\r\n')
    assert told.kinds == []


@pytest.mark.parametrize(("after_ms", "told"), [(83_001, True), (83_000, False), (1, False)])
def test_more_laps_at_no_later_time_cannot_be(after_ms: int, told: bool) -> None:
    feed = Told(whole([ClubCar("3", [40_000, 41_000])]))
    seconds, ms = divmod(after_ms, 1000)
    feed.hear(f'$G,1,"3",9,"00:{seconds // 60:02d}:{seconds % 60:02d}.{ms:03d}"\r\n'.encode())
    assert (9 in feed.rows("3")) is told
    assert bool(feed.garbage) is not told


def test_past_laps_of_a_relay_fill_what_was_not_heard() -> None:
    lines = ClubTiming(TWO, done={"3": 3, "7": 1}).refresh()
    told = Told("".join(f"{line}\r\n" for line in lines) + f"{ClubTiming(TWO).clock(130_000)}\r\n")
    assert sorted(told.rows("3")) == [3]
    assert told.kinds == ["laps_unheard"]
    told.hear(b'$RMHL,"3","1","1","00:00:40.000","Green ","00:00:42.000"\r\n')
    told.hear(b'$RMHL,"3","2","1","00:00:41.000","Yellow","00:01:23.000"\r\n')
    assert told.rows("3") == rows_of(TWO[0])
    assert str(told.laps["3", 2].flag) == "fcy"
    assert told.kinds == []


def test_flags_are_told_when_they_change_and_stand_with_the_laps() -> None:
    flags = ((0, "Green "), (50_000, "Yellow"), (90_000, "Red   "), (100_000, "Green "))
    told = Told(whole(TWO, flags=(*flags, (110_000, "Finish"))))
    assert told.flags == [
        (0, "green"), (50_000, "fcy"), (90_000, "red"), (100_000, "green"), (110_000, "chequered"),
    ]  # fmt: skip
    assert [str(lap.flag) for (car, _), lap in sorted(told.laps.items()) if car == "3"] == [
        "green",
        "fcy",
        "chequered",
    ]


def test_who_a_car_is_and_nothing_that_was_not_said() -> None:
    cars = [
        ClubCar("1", [40_000], names=("Ana", "Alvarez"), class_number=2),
        ClubCar("2", [41_000], names=("", "The Perplexus")),
        ClubCar("4", [42_000], names=("Long /", "Bergmeister"), class_number=9),
    ]
    told = Told(whole(cars))
    said = {car: (lap.driver, lap.team, lap.car_class) for (car, _), lap in told.laps.items()}
    assert said == {
        "1": ("Ana Alvarez", "", "Touring"),
        "2": ("", "The Perplexus", "GT"),
        "4": ("", "Long / Bergmeister", ""),
    }
    (lap,) = (lap for lap in told.laps.values() if lap.car_number == "1")
    assert (lap.sectors, lap.pit_lane, lap.in_pit) == ((None, None, None), None, False)
    assert (lap.time_of_day, lap.top_speed_kmh, lap.manufacturer) == (None, None, "")


def test_a_crew_whose_feed_names_who_is_in_the_car() -> None:
    told = Told(whole([ClubCar("4", [42_000], names=("Long /", "Bergmeister"))]))
    told.hear(b'$A,"4","4",1,"","Patrick Long","",1\r\n$J,"4","00:00:41.000","00:01:25.000"\r\n')
    told.hear(b'$G,1,"4",2,"00:01:25.000"\r\n')
    assert [(lap.driver, lap.team) for lap in told.laps.values()] == [
        ("", "Long / Bergmeister"),
        ("Patrick Long", "Long / Bergmeister"),
    ]


def test_two_cars_of_one_number_are_told_apart_by_their_registration() -> None:
    cars = [ClubCar("11", [40_000]), ClubCar("12", [41_000])]
    text = whole(cars).replace('"12","12"', '"12","11"')
    assert {car for car, _ in Told(text).laps} == {"11", "12"}


@pytest.mark.parametrize(
    ("run", "more", "kind"),
    [
        ("Saturday Race 2", "", SessionKind.RACE),
        ("Qualifying 1", "", SessionKind.QUALIFYING),
        ("Test Session 5", "", SessionKind.TEST),
        ("Group 4", "", SessionKind.RACE),
        ("Group 4", '$RMS,"qualifying"\r\n', SessionKind.PRACTICE),
        ("Group 4", '$RMS,"race"\r\n', SessionKind.RACE),
        ("Free Practice", '$RMS,"race"\r\n', SessionKind.PRACTICE),
    ],
)
def test_the_run_s_name_says_its_kind_else_how_it_is_sorted(
    run: str, more: str, kind: SessionKind
) -> None:
    told = Told(more + whole(TWO, run=(7, run)))
    assert told.infos[-1].session_kind is kind
    assert told.infos[-1].name == f"Nowhere Park, {run}"
    assert told.infos[-1].length == RaceLength(ms=600_000, source="the timing itself")


def test_a_run_without_a_count_of_laps_that_ranks_best_laps_is_a_practice() -> None:
    cars = [ClubCar(str(n), [40_000 + n, 41_000], 2_000 + n) for n in range(4)]
    lines = ClubTiming(cars, run=(7, "Group 4")).lines()
    told = Told("".join(line for line in lines if not line.startswith("$G")))
    assert told.infos[-1].session_kind is SessionKind.PRACTICE


def test_another_run_is_passed_over_once_ours_has_laps() -> None:
    told = Told(whole(TWO))
    told.hear(whole([ClubCar("3", [20_000] * 9)], run=(26, "Next Race")).encode())
    assert told.rows("3") == rows_of(TWO[0])
    assert told.kinds == ["another_run"]
    assert told.infos[-1].name == "Nowhere Park, Club Race"
    told.hear(b'$B,25,"Club Race"\r\n$G,1,"3",4,"00:02:45.000"\r\n')
    assert max(told.rows("3")) == 4


def test_a_run_that_was_over_before_anybody_listened_is_not_ours() -> None:
    over = ClubTiming(TWO, run=(24, "Qualifying"), flags=((0, "Finish"),), done={"3": 3, "7": 3})
    lines = [*over.refresh(), over.clock(130_000)]
    told = Told("".join(f"{line}\r\n" for line in lines))
    assert told.laps == {}
    told.hear(whole([ClubCar("3", [50_000])]).encode())
    assert told.rows("3") == {1: (52_000, 50_000)}
    assert told.infos[-1].session_kind is SessionKind.RACE


def test_an_idle_run_without_laps_is_no_other_run() -> None:
    told = Told(whole(TWO))
    told.hear(b'$B,95,"Idle"\r\n$F,0,"00:00:00","14:30:00","00:00:00","      "\r\n')
    assert told.kinds == []


@pytest.mark.parametrize("is_late", [False, True])
def test_loops_of_the_lane_tell_in_laps_the_time_in_it_and_the_time_of_day(is_late: bool) -> None:
    """Two passings of the line tie the clocks together; the lap after the stop has its time."""
    day = "01/27/2009"
    lines = ClubTiming([ClubCar("3", [40_000, 41_000, 70_000, 39_000])]).lines()
    loops = {
        "00:00:42.000": [("SFT", "14:00:42.000")],
        "00:01:23.000": [("SFT", "14:01:23.000")],
        "00:02:33.000": [("PIP", "14:02:20.500"), ("SFP", "14:02:33.000")],
        "00:03:12.000": [("POP", "14:02:41.750"), ("SFT", "14:03:12.000")],
    }
    for total, seen in loops.items():
        at = next(n for n, line in enumerate(lines) if line.startswith("$J") and total in line)
        told = [f'$L,"3","T1","{loop}","{day}","{clock}"\r\n' for loop, clock in seen]
        place = at + 2 if is_late else at
        early = [line for line in told if "PIP" in line or "POP" in line]
        late = [line for line in told if line not in early]
        lines[place:place] = late
        lines[at:at] = early
    laps = [lap for _, lap in sorted(Told("".join(lines)).laps.items())]
    assert [lap.in_pit for lap in laps] == [False, False, True, False]
    assert [lap.pit_lane and lap.pit_lane.ms for lap in laps] == [None, None, None, 21_250]
    assert [lap.time_of_day and lap.time_of_day.ms for lap in laps[2:]] == [50_553_000, 50_592_000]
    assert [lap.lap_time.ms for lap in laps] == [40_000, 41_000, 70_000, 39_000]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_fault(data: bytes) -> None:
    told = Told(data + b"\r\n" + whole(TWO).encode())
    assert told.rows("7") == rows_of(TWO[1])
