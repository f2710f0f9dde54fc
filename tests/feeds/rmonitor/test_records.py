"""One line of RMonitor: its fields and times, and what is no such line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.flag import Flag
from dryline.feeds.rmonitor.records import (
    BestSaid,
    LapsDone,
    LinePassed,
    ListedCar,
    LoopPassed,
    PastLap,
    RunClock,
    RunName,
    SortedBy,
    TrackName,
    is_rmonitor,
    read_record,
)

LINES = {
    '$F,14,"00:12:45","13:34:23","01:09:47","Yellow"': RunClock(14, 765_000, 4_187_000, Flag.FCY),
    '$F,0,"00:00:00","13:34:23","00:00:00","      "': RunClock(0, 0, 0, None),
    '$A,"1234BE","12X",52474,"Jo","J, Jr","USA",5': ListedCar("1234BE", "12X", 5, "Jo", "J, Jr"),
    '$COMP,"1234BE","12X",5,"Jo","Jones","USA","CAM"': ListedCar("1234BE", "12X", 5, "Jo", "Jones"),
    '$B,5,"Friday free practice"': RunName(5, "Friday free practice"),
    '$E,"TRACKNAME","Nowhere"': TrackName("Nowhere"),
    '$E,"TRACKLENGTH","2.500"': None,
    '$G,3,"1234BE",14,"01:12:47.872"': LapsDone("1234BE", 14, 4_367_872, 3),
    '$G,3,"1234BE",,"00:59:59.999"': LapsDone("1234BE", 0, None, 3),
    '$G,3,"1234BE",,"00:00:02.051"': LapsDone("1234BE", 0, 2_051, 3),
    '$G,3,"1234BE",14,"00:59:59.999"': LapsDone("1234BE", 14, 3_599_999, 3),
    '$COR,"123BE","2",658,"00:00:35.272","+00:00:00.012"': LapsDone("123BE", 658, 35_272),
    '$H,2,"1234BE",3,"00:02:17.872"': BestSaid("1234BE", 2, 3, 137_872),
    '$H,2,"1234BE",0,"00:59:59.999"': BestSaid("1234BE", 2, 0, None),
    '$J,"1234BE","00:02:03.826","01:42:17.672"': LinePassed("1234BE", 123_826, 6_137_672),
    '$L,"66","P2","POP","01/27/2009","14:28:21.364"': LoopPassed("66", "POP", 52_101_364),
    '$RMHL,"181","2","1","00:17:00.746","Green ","02:15:39.231"': PastLap(
        "181", 2, 1_020_746, 8_139_231, Flag.GREEN
    ),
    '$RMS,"race"': SortedBy(is_race=True),
    '$RMS,"qualifying"': SortedBy(is_race=False),
    '$I,"16:36:08.000","12 jan 01"': None,
    "$RMLT,181,1610909938000": None,
    '$NEW,"something"': None,
}  # fmt: skip
DAMAGED = (
    "", "$", "$G", '$G,1,"21"', '$G,1,"21",5', '$G,1,"21",5,"02:11', '$G,1,"21",5,"02:61:00.000"',
    '$G,1,"21",x,"00:01:00.000"', '$G,1,"",5,"00:01:00.000"', '$J,"21","00:01:00.000"', "hello",
    '{"event":"line_crossing"}', '$F,9999,"00:00:00"', "G,1,2", '$G,1,"2"1",5,"00:01:00.000"',
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_line_says_what_the_protocol_means_by_it(line: str) -> None:
    assert read_record(line) == LINES[line]


@pytest.mark.parametrize("line", DAMAGED)
def test_a_damaged_line_says_nothing_and_why(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_record(line)


@given(st.sampled_from(sorted(LINES)), st.data())
def test_a_line_that_breaks_off_is_never_read_as_another(line: str, data: st.DataObject) -> None:
    whole = read_record(line)
    try:
        part = read_record(line[: data.draw(st.integers(0, len(line) - 1))])
    except ValueError:
        return
    assert part is None or type(part) is type(whole)
    if isinstance(part, LapsDone | LinePassed | PastLap):
        assert part == whole


@pytest.mark.parametrize(
    ("head", "is_one"),
    [
        (b'$F,9999,"00:00:00","14:09:52","00:59:59","      "\r\n', True),
        (b'$G,1,"2",1,"00:00:01.000"\r$H,1,"2",0,"00:00:00.000"\r', True),
        (b'garbage\n$B,1,"x"\n$C,1,"y"\n', True),
        (b'garbage\n$B,1,"x"\n', False),
        (b"", False),
        (b"$FOO;BAR\n$AB;CD\n", False),
        (b"NUMBER;LAP_NUMBER;LAP_TIME\n1;1;1:00.000\n", False),
    ],
)
def test_a_file_is_one_of_rmonitor_where_most_of_its_first_lines_are(
    head: bytes, is_one: bool
) -> None:
    assert is_rmonitor(head) is is_one
