"""The stream: whole pictures first, changes after, the same bytes for all, and never too many."""

from __future__ import annotations

import asyncio
import time
import zlib
from typing import Any

from dryline.apps.server.hub import MOST_DELTAS, Hub, Mailbox
from dryline.apps.server.sent import GZIP_HEAD, Sent, event, remark
from dryline.apps.server.tokens import Role
from tests import waiting
from tests.apps.served import TOKENS, applied, events, replayed, served, streamed

SESSIONS = dict.fromkeys(Role, event("session", b"{}"))


def taken(hub: Hub, box: Mailbox) -> bytes:
    return b"".join(sent.plain for sent in box.take(hub.latest))


def test_deltas_turn_the_first_screen_into_the_newest() -> None:
    with served(replayed(speed=200.0)) as running, streamed(running) as events:
        screen: dict[str, Any] = {}
        seen: list[str] = []
        deltas = 0
        for kind, value in events:
            seen.append(kind)
            if kind == "screen":
                screen = value
            elif kind == "delta":
                screen, deltas = applied(screen, value), deltas + 1
            if deltas == 25:
                break
        running.post("/api/replay", {"action": "pause"})
        for kind, value in events:
            if kind == "delta":
                screen = applied(screen, value)
            newest = running.get("/api/screen").json()
            if screen["version"] == newest["version"]:
                break
        assert screen == newest
    assert seen[:2] == ["session", "screen"]
    assert {"session", "screen", "wall", "team"} <= set(seen)


def test_after_a_jump_back_the_whole_screen_comes_again() -> None:
    with served(replayed(speed=100.0)) as running, streamed(running) as events:
        running.post("/api/replay", {"action": "jump", "to": "0:20:00"})
        until(events, lambda kind, value: kind == "delta" and value["at_ms"] >= 1_200_000)
        running.post("/api/replay", {"action": "jump", "to": "0:05:00"})
        _, value = until(
            events, lambda kind, value: kind == "screen" and value["at_ms"] < 1_200_000
        )
        assert value["at_ms"] >= 300_000


def test_the_session_is_told_again_when_it_changes_and_every_few_seconds() -> None:
    with served(replayed()) as running, streamed(running) as events:
        running.post("/api/replay", {"action": "pause"})
        until(events, lambda kind, value: kind == "session" and value["paused"])
        until(events, lambda kind, value: kind == "session")


def test_a_viewer_is_never_sent_what_is_the_teams() -> None:
    with (
        served(replayed(speed=120.0), tokens=TOKENS) as running,
        streamed(running, Role.VIEWER) as seen,
        streamed(running, Role.STRATEGIST) as ours,
    ):
        running.post("/api/inputs", {"text": "note secret", "author": "Ana"}, Role.STRATEGIST)
        until(ours, lambda kind, value: kind == "team" and value["inputs"])
        running.post("/api/replay", {"action": "jump", "to": "0:10:00"}, Role.STRATEGIST)
        kinds, text = set(), ""
        for kind, value in seen:
            kinds.add(kind)
            text += str(value)
            if kind == "session":
                assert value["role"] == "viewer"
            if kind == "delta" and value["at_ms"] > 650_000:
                break
        assert "team" not in kinds
        assert "wall" in kinds
        assert "secret" not in text
        assert "Ana" not in text


def test_viewers_that_leave_are_forgotten() -> None:
    with served(replayed()) as running:
        with streamed(running) as one, streamed(running) as other:
            next(one), next(other)
            assert running.get("/healthz").json()["viewers"] == 2
        waiting.until(lambda: not running.serving.hub.viewers)


def test_the_end_of_the_server_ends_the_stream() -> None:
    with served(replayed()) as running, streamed(running) as events:
        next(events)
        running.serving.stop()
        assert len(list(events)) < 50


def test_a_slow_viewer_gets_the_latest_screen_instead_of_all_it_missed() -> None:
    async def scene() -> tuple[bytes, bytes, int]:
        hub = Hub()
        quick, slow = hub.join(Role.VIEWER), hub.join(Role.VIEWER)
        hub.sessions(SESSIONS)
        hub.screen(event("screen", b'{"version":0}'), None)
        taken(hub, quick), taken(hub, slow)
        got = b""
        for version in range(1, 200):
            change = event("delta", b'{"since":%d}' % (version - 1), version)
            hub.screen(event("screen", b'{"version":%d}' % version), change)
            hub.wall(event("wall", b'{"wall":%d}' % version))
            got += taken(hub, quick)
        return got, taken(hub, slow), slow.restarts

    quick, slow, restarts = asyncio.run(scene())
    assert quick.count(b"event: delta") == 199
    assert b"event: screen" not in quick
    assert slow.count(b"event: screen") == 1
    assert b'{"version":199}' in slow
    assert slow.count(b"event: wall") == 1
    assert b'{"wall":199}' in slow
    assert slow.count(b"event: delta") <= MOST_DELTAS
    assert restarts >= 1


def test_what_waits_for_a_slow_viewer_stays_small_however_long_it_sleeps() -> None:
    async def scene() -> int:
        hub = Hub()
        slow = hub.join(Role.ADMIN)
        hub.sessions(SESSIONS)
        hub.screen(event("screen", b"x" * 1000), None)
        taken(hub, slow)
        largest = 0
        for _ in range(5_000):
            hub.screen(event("screen", b"x" * 1000), event("delta", b"y" * 100, 1))
            hub.wall(event("wall", b"z" * 1000))
            hub.team(event("team", b"t" * 1000))
            waiting: list[Sent] = [*slow._deltas, *slow._newest.values()]
            largest = max(largest, sum(len(sent.plain) for sent in waiting))
        return largest

    assert asyncio.run(scene()) < 10_000


def test_everybody_is_sent_the_very_same_bytes() -> None:
    async def scene() -> tuple[int, int]:
        hub = Hub()
        boxes = [hub.join(Role.VIEWER) for _ in range(50)]
        hub.sessions(SESSIONS)
        hub.screen(event("screen", b"{}"), None)
        for box in boxes:
            taken(hub, box)
        hub.screen(event("screen", b"{}"), event("delta", b'{"since":1}', 5))
        return len({id(box._deltas[0]) for box in boxes}), len(boxes)

    assert asyncio.run(scene()) == (1, 50)


def test_an_event_carries_when_its_first_fact_was_known() -> None:
    assert event("delta", b"{}", 17).plain == b": 17\nevent: delta\ndata: {}\n\n"


def test_packed_events_in_any_order_are_one_gzip_stream() -> None:
    events = [event("wall", b'{"a":%d}' % number * 50) for number in range(20)]
    for chosen in (events, events[::-3], [events[4], remark("alive"), events[4]]):
        reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
        told = reader.decompress(GZIP_HEAD)
        for sent in chosen:
            piece = reader.decompress(sent.packed)
            assert piece == sent.plain  # nothing is held back until the next event
            told += piece
        assert told == b"".join(sent.plain for sent in chosen)


def test_the_stream_is_packed_only_for_who_takes_it() -> None:
    with served(replayed()) as running:
        for accepted, encoding in (("gzip, deflate", "gzip"), ("identity", None)):
            headers = {"Accept-Encoding": accepted}
            with running.client.stream("GET", "/api/stream", headers=headers) as response:
                assert response.headers.get("content-encoding") == encoding
                assert next(events(response.iter_lines()))[0] == "session"


def until(events: Any, wanted: Any) -> tuple[str, Any]:
    hung = time.monotonic() + waiting.HANG_S
    for kind, value in events:
        if wanted(kind, value):
            return kind, value
        assert time.monotonic() < hung, "it never came"
    raise AssertionError("the stream ended before it came")
