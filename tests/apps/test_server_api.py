"""What the API says and does: the same race as on the command line, controls, inputs, errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dryline.apps.cli.bundles import Followed
from dryline.apps.cli.bundles import Served as Served_
from dryline.apps.server.feed import FeedDoor
from dryline.apps.server.limits import ServerLimits
from dryline.domain.clock_text import format_clock
from dryline.domain.instant import Instant
from dryline.feeds.live.websocket import MAX_MESSAGE
from tests.apps.progress import progress
from tests.apps.served import Served, fed, replayed, served
from tests.engine.live_races import made_up
from tests.waiting import until

RACE = made_up()


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with served(replayed()) as ours:
        yield ours


def replay(running: Served, **said: object) -> dict[str, object]:
    answer = running.post("/api/replay", said)
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


def screen_of(running: Served, at_ms: int, version: int) -> dict[str, Any]:
    """The first screen of that instant and version."""
    seen: list[dict[str, Any]] = []

    def is_there() -> bool:
        seen.append(running.get("/api/screen").json())
        return (seen[-1]["at_ms"], seen[-1]["version"]) == (at_ms, version)

    until(is_there)
    return seen[-1]


def test_the_screen_is_the_race_at_that_instant(running: Served) -> None:
    replay(running, action="pause")
    for minutes in (5, 17, 29, 11):
        at = Instant(minutes * 60_000)
        told = replay(running, action="jump", to=format_clock(at.ms))
        assert told["at_ms"] == at.ms
        screen = screen_of(running, at.ms, running.player.session.state.seq)
        assert screen["order"] == progress(RACE, at.ms)
        laps = {car.car_number: car.laps for car in RACE.at(at).cars}
        assert {number: line["laps"] for number, line in screen["cars"].items()} == laps


def test_a_replay_is_paused_stepped_hurried_and_jumped_in(running: Served) -> None:
    assert replay(running, action="pause")["paused"] is True
    at_ms = replay(running, action="jump", to="0:10:00")["at_ms"]
    assert at_ms == 600_000
    stepped = replay(running, action="step")["at_ms"]
    assert 600_000 < stepped < 640_000  # type: ignore[operator]
    lap = replay(running, action="jump", to="lap 5 of 7")["at_ms"]
    crossing = RACE.crossings.row(by_predicate=_is_lap("7", 5), named=True)
    assert lap == crossing["elapsed_ms"]
    assert replay(running, action="speed", speed=120)["speed"] == 120
    assert replay(running, action="play")["paused"] is False
    until(lambda: running.get("/api/session").json()["at_ms"] > lap)
    assert replay(running, action="speed", speed=0)["speed"] is None
    until(lambda: running.get("/api/session").json()["ended"])
    assert replay(running, action="jump", to="0:01:00")["ended"] is False
    replay(running, action="speed", speed=60)


def _is_lap(number: str, lap: int) -> object:
    import polars as pl

    return (pl.col("car_number") == number) & (pl.col("lap") == lap)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "jump"}, 409),
        ({"action": "jump", "to": "tomorrow"}, 409),
        ({"action": "jump", "to": "-0:01:00"}, 409),
        ({"action": "jump", "to": "lap 900 of 7"}, 404),
        ({"action": "speed"}, 409),
        ({"action": "speed", "speed": -1}, 422),
        ({"action": "rewind"}, 422),
        ({"action": "play", "to": ""}, 422),
    ],
)
def test_a_control_that_means_nothing_is_refused(
    running: Served, body: dict[str, object], status: int
) -> None:
    answer = running.post("/api/replay", body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]


def test_a_typed_line_is_understood_numbered_and_there_for_the_team(running: Served) -> None:
    first = running.post("/api/inputs", {"text": "31 two tyres", "author": "Ana"}).json()
    assert (first["kind"], first["car_number"], first["tyre_count"]) == ("tyres", "31", 2)
    undone = running.post("/api/inputs", {"text": "undo", "author": "Ana"}).json()
    assert undone["undoes"] == first["number"]
    team = running.get("/api/team").json()
    assert [said["author"] for said in team["inputs"]] == ["Ana", "Ana"]
    assert team["inputs"][0]["undone"]


def test_our_car_can_be_chosen_and_must_be_in_the_race(running: Served) -> None:
    replay(running, action="jump", to="0:20:00")
    told = running.post("/api/settings", {"car_number": "50"})
    assert told.json()["car_number"] == "50"
    unknown = running.post("/api/settings", {"car_number": "513"})
    assert unknown.status_code == 404
    assert "Cars: " in unknown.json()["remedy"]


def test_a_decision_on_a_call_that_never_was_is_refused(running: Served) -> None:
    for call, decision in ((7_000, "accept"), (7_000, "reject"), (0, "release")):
        said = {"call": call, "decision": decision, "author": "Ana"}
        answer = running.post("/api/decisions", said)
        assert answer.status_code in (404, 409), answer.text
        assert answer.json()["error"]


def test_a_what_if_is_asked_of_our_car_and_refused_where_nobody_answers(running: Served) -> None:
    """The session of these tests has no workers' questions: it says so instead of waiting."""
    replay(running, action="jump", to="0:20:00")
    running.post("/api/settings", {"car_number": "50"})
    for question in (
        {"kind": "rival_stop", "car_number": "7", "lap": 14},
        {"kind": "neutralisation", "neutralisation": "safety_car"},
        {"kind": "rain", "sector": 3, "minutes": 15},
        {"kind": "compare", "a": "box_now_wet", "b": "stay"},
    ):
        answer = running.post("/api/what-ifs", question)
        assert answer.status_code == 409, answer.text
        assert "nobody answers" in answer.json()["error"]
    for wrong in ({"kind": "snow"}, {"kind": "rain", "sector": 4, "minutes": 15}, {}):
        assert running.post("/api/what-ifs", wrong).status_code == 422


def test_health_says_how_session_and_feeds_are(running: Served) -> None:
    told = running.get("/healthz").json()
    assert told["status"] in ("ok", "degraded")
    assert told["feeds"][0]["source"] == "replay"
    assert told["records"] > 0
    assert told["journal"] is None


def test_what_is_not_there_is_said_in_one_sentence(running: Served) -> None:
    for path, status in (("/api/nothing", 404), ("/api/charts/nothing", 404), ("/nothing", 404)):
        answer = running.get(path)
        assert answer.status_code == status
        assert answer.json()["error"]
    assert running.client.put("/api/screen").status_code == 405
    assert running.get("/api/charts/gap?car=" + "7" * 40).status_code == 422


def test_a_live_race_cannot_be_paused_over_the_api() -> None:
    door = FeedDoor(2)
    with served(fed(door), door=door) as live:
        for action in ("pause", "play", "step"):
            answer = live.post("/api/replay", {"action": action})
            assert answer.status_code == 404
        assert live.get("/api/session").json()["replay"] is False


def test_the_page_and_its_files_are_served_compressed_and_with_a_tag(running: Served) -> None:
    page = running.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["content-encoding"] == "gzip"
    again = running.client.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = running.client.get("/", headers={"Accept-Encoding": "identity"})
    assert plain.text == page.text
    script = running.get("/assets/vega.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "vegaEmbed" in script.text


def test_every_route_is_described_and_names_its_refusals(running: Served) -> None:
    told = running.get("/api/openapi.json").json()
    assert set(told["paths"]) == {
        "/healthz", "/api/session", "/api/screen", "/api/wall", "/api/team", "/api/charts/{name}",
        "/api/stream", "/api/inputs", "/api/decisions", "/api/what-ifs", "/api/replay",
        "/api/settings",
    }  # fmt: skip
    for methods in told["paths"].values():
        for described in methods.values():
            assert {"200", "429"} <= set(described["responses"])
            assert described["description"]


def test_every_route_option_and_limit_stands_in_the_documentation(running: Served) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "pit-wall.md").read_text("utf-8")
    for path, methods in running.get("/api/openapi.json").json()["paths"].items():
        for method in methods:
            assert f"| `{method.upper()} {path}` |" in page, path
    assert "| `WS /api/feed` |" in page
    for bundle in (Followed, Served_):
        for field in dataclasses.fields(bundle):
            if field.name != "race":
                assert f"`--{field.name.replace('_', '-')}`" in page, field.name
    limits = ServerLimits()
    for told in (
        f"{limits.body_bytes >> 10} kB, {limits.head_bytes >> 10} kB, {MAX_MESSAGE >> 20} MB",
        f"{limits.request_s:.0f} s of its first byte",
        f"| {limits.stalled_s:.0f} s |",
        f"| {limits.connections:,}, {limits.connections_each}; {limits.streams}; {limits.feeds} |",
        f"{limits.reads[0]:.0f} a second and {limits.reads[1]:,.0f} at once",
        f"{limits.acts[0]:.0f} and {limits.acts[1]:.0f}",
    ):
        assert told in page, told
