"""A report as an editor reads it: what decided the race is named, once, and in a paper's words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.claims.claim import Claim, Section
from dryline.analysis.claims.tables import Ground
from dryline.domain.clock_text import format_clock
from dryline.engine.opening import open_race
from dryline.engine.reporting import Told, report_of_race
from dryline.present.report.arrange_race import (
    ALWAYS,
    MOST_TURNING,
    TURNING,
    mentioned_once,
    most_words,
    race_story,
    within_words,
)
from dryline.present.report.prose import Sentence
from dryline.present.report.words import seconds, span, tenths

FORBIDDEN = (
    r"\d:\d\d hours", r"\d:\d\d minutes", r"[Rr]ace “", r"\bRc\b", r"\bCota\b", "no standings ship",
    r"\b\d times\b", r"(?<![.\d])1 (?:laps|stops|minutes|hours|seconds)\b", r" {2}", r"\bMc[a-z]",
    r"\bNone\b(?! of its)", r"shared the car",
)  # fmt: skip
RACES = (
    "data/imsa/2025/11-detroit-street-course",
    "data/imsa/2025/07-long-beach-street-circuit",
    "data/imsa/2021/15-road-america",
    "data/wec/2025/imola_6h.csv",
    "wild/gr-cup/indianapolis__Race1",
)


def page_texts(told: Told) -> list[str]:
    parts = (each for part in told.report.parts for each in part.sentences)
    return [each.text for each in (*told.report.story, *parts)]


@pytest.mark.needs_data
@pytest.mark.parametrize("name", RACES)
def test_a_real_race_is_told_once_in_a_papers_words_with_all_that_decided_it(
    data: Path, name: str
) -> None:
    folder = data.parent / name
    if not folder.exists():
        pytest.skip(f"{name} is not there")
    told = report_of_race(
        open_race(folder), track=False, forecasts=False, charts=False, tell=lambda _: None
    )
    texts = page_texts(told)
    assert len(texts) == len(set(texts))
    for text in texts:
        assert not [found for found in FORBIDDEN if re.search(found, text)], text
    assert "at the flag, on lap" not in " ".join(texts[1:3])
    costs = told.tables.frames["costs"].to_dicts()
    for row in costs:
        named = [
            text
            for text in texts
            if f"#{row['car_number']}" in text and format_clock(row["at_ms"]) in text
        ]
        assert named, row
    length = sum(len(text.split()) for text in texts)
    race_ms = told.tables.frames["race"]["end_ms"][0]
    assert length <= 1.5 * most_words(race_ms, len(told.report.classes))


@pytest.mark.needs_data
def test_detroit_2025_tells_the_pass_that_won_it_and_the_penalties_that_lost_a_class(
    data: Path,
) -> None:
    told = report_of_race(
        open_race(data / "imsa/2025/11-detroit-street-course"),
        track=False, forecasts=False, charts=False, tell=lambda _: None,
    )  # fmt: skip
    assert told.report.headline.endswith("wins at Detroit")
    story = [each.text for each in told.report.story]
    assert story[0].startswith("Nick Yelloly and Renger van der Zande won at Detroit in the #93 ")
    assert "0.947 seconds ahead of #10 Wayne Taylor Racing" in story[0]
    assert any("with three laps to go" in text and "passing #10" in text for text in story)
    lost = next(text for text in story if text.startswith("#14 "))
    assert "which led 25 of 81 laps in GTDPRO" in lost
    assert "on lap 7, at 0:10:06, and on lap 51, at 1:02:58, probably penalties" in lost
    assert "more than the 7.279 seconds that it was behind at the flag" in lost


def claim(kind: str, at: int, importance: float, name: str | None, **values: object) -> Sentence:
    ground = Ground("select 1", ({"one": 1},))
    made = Claim(
        f"{kind}-{at}", kind, Section.LEAD, {"car_number": str(at)} | values, (ground,),
        importance, car_class=name, at_ms=at,
    )  # fmt: skip
    return Sentence(made, f"{kind} number {at} {'word ' * 20}")


KINDS = st.sampled_from(sorted(TURNING - {"recovery", "seen_penalty"}))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(KINDS, st.floats(0.5, 0.9), st.sampled_from("AB")), max_size=14))
def test_the_story_has_at_most_five_turning_points_in_order_of_time(
    drawn: list[tuple[str, float, str]],
) -> None:
    made = [claim(kind, at, worth, name) for at, (kind, worth, name) in enumerate(drawn, start=1)]
    found = race_story(made, ("A", "B"))
    times = [each.claim.at_ms or 0 for each in found]
    assert times == sorted(times)
    own = [each for each in made if each.claim.car_class == "A"]
    assert len(found) <= max(MOST_TURNING, 3)
    assert len(found) >= min(len(made), 3) or len(own) < 3
    weightiest = sorted(own, key=lambda each: -each.claim.importance)[:MOST_TURNING]
    assert {each.claim.id for each in weightiest} <= {each.claim.id for each in found}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 0.9), max_size=40), st.integers(0, 900))
def test_a_text_keeps_to_its_words_by_weight_and_always_tells_results_and_gaps(
    weights: list[float], most: int
) -> None:
    made = [claim("laps_led", at, worth, "A") for at, worth in enumerate(weights, start=1)]
    must = [
        claim(kind, 1000 + at, 0.01, "A", position=9, position_in_class=2)
        for at, kind in enumerate(sorted(ALWAYS))
    ]
    kept = within_words([*made, *must], [], ("A",), most)
    assert {each.claim.id for each in must} <= {each.claim.id for each in kept}
    length = sum(len(each.text.split()) for each in kept)
    assert length <= max(most, sum(len(each.text.split()) for each in must))
    left = [each.claim.importance for each in made if each not in kept]
    told = [each.claim.importance for each in kept if each in made]
    assert not left or not told or max(left) <= min(told)


@given(st.integers(0, 30), st.integers(1, 6))
def test_a_text_is_allowed_350_to_900_words_and_more_for_a_longer_race(
    hours: int, classes: int
) -> None:
    assert 350 <= most_words(hours * 3_600_000, classes) <= 900
    assert most_words(hours * 3_600_000, classes) <= most_words((hours + 1) * 3_600_000, classes)


def test_a_team_is_named_once_and_by_its_number_after_that() -> None:
    one = claim("cost_stop", 1, 0.6, "A")
    two = claim("cost_slow", 2, 0.6, "A")
    teams = [("7", "Toyota"), ("71", "Other"), ("9", None)]
    first = Sentence(one.claim, "#7 Toyota passed #71 Other, and #7 Toyota won from #9.")
    later = Sentence(two.claim, "#71 Other and #7 Toyota stopped; #9 did not.")
    said = mentioned_once([first, later], teams)
    assert said[one.claim.id].text == "#7 Toyota passed #71 Other, and #7 won from #9."
    assert said[two.claim.id].text == "#71 and #7 stopped; #9 did not."


def test_that_a_car_led_is_told_of_it_once() -> None:
    clause = "#1 A, which led 53 of 1,384 laps in LMP1, spent"
    cars = [claim("cost_stop", at, 0.6, "A", car_number=car) for at, car in ((1, "1"), (2, "1"))]
    other = claim("cost_stop", 3, 0.6, "A", car_number="2")
    texts = [Sentence(each.claim, f"{clause} a while.") for each in (*cars, other)]
    said = [each.text for each in mentioned_once(texts, [("1", "A")]).values()]
    assert said[0] == f"{clause} a while."
    assert said[1] == "#1 spent a while."
    assert "which led 53" in said[2]


@pytest.mark.parametrize(
    ("ms", "gap", "tenth", "length"),
    [
        (947, "0.947 seconds", "0.9 seconds", "1 second"),
        (1_000, "1.000 seconds", "1.0 seconds", "1 second"),
        (60_000, "1 minute 0.000 seconds", "1 minute 0.0 seconds", "1 minute"),
        (62_345, "1 minute 2.345 seconds", "1 minute 2.3 seconds", "1 minute 2 seconds"),
        (3_599_400, "59 minutes 59.400 seconds", "59 minutes 59.4 seconds",
         "59 minutes 59 seconds"),
        (21_750_000, "6 hours 2 minutes 30 seconds", "6 hours 2 minutes 30.0 seconds",
         "6 hours 2 minutes"),
    ],
)  # fmt: skip
def test_lengths_of_time_are_written_out(ms: int, gap: str, tenth: str, length: str) -> None:
    assert (seconds(ms), tenths(ms), span(ms)) == (gap, tenth, length)
