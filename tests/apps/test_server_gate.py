"""Who gets in, and what is refused at the gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryline.apps.server.limits import Rate, ServerLimits
from dryline.apps.server.tokens import (
    VARIABLE,
    Role,
    Tokens,
    is_private,
    new_tokens,
    tokens_from,
)
from dryline.domain.errors import InputError
from tests.apps.served import ROOMY, SECRETS, TOKENS, Served, bearer, replayed, served

READ = ("/api/session", "/api/screen", "/api/wall", "/api/openapi.json", "/api/charts/position")
TEAM = ("/api/team",)
ACTS = {
    "/api/inputs": {"text": "note hello", "author": "Ana"},
    "/api/decisions": {"call": 1, "decision": "accept", "author": "Ana"},
    "/api/what-ifs": {"kind": "rain", "sector": 3, "minutes": 15},
    "/api/replay": {"action": "pause"},
    "/api/settings": {"car_number": "7"},
}


@pytest.fixture(scope="module")
def guarded():
    with served(replayed(), tokens=TOKENS) as running:
        running.post("/api/replay", {"action": "jump", "to": "0:10:00"}, Role.ADMIN)
        yield running


def test_without_a_token_nothing_but_the_page_and_a_bare_health_is_there(guarded: Served) -> None:
    assert guarded.get("/").status_code == 200
    assert guarded.get("/healthz").json()["version"] is None
    for path in (*READ, *TEAM, "/api/stream", "/api/nothing"):
        assert guarded.get(path).status_code == 401, path
    for path, body in ACTS.items():
        assert guarded.post(path, body).status_code == 401, path


def test_every_route_of_the_description_is_closed_without_a_token(guarded: Served) -> None:
    told = guarded.get("/api/openapi.json", Role.VIEWER).json()
    for path, methods in told["paths"].items():
        for method in methods:
            status = guarded.client.request(method, path.replace("{name}", "gap")).status_code
            assert status == (200 if path == "/healthz" else 401), (method, path)


def test_a_viewer_sees_the_race_and_nothing_of_the_team(guarded: Served) -> None:
    for path in READ:
        assert guarded.get(path, Role.VIEWER).status_code == 200, path
    for path in TEAM:
        assert guarded.get(path, Role.VIEWER).status_code == 403, path
    for path, body in ACTS.items():
        assert guarded.post(path, body, Role.VIEWER).status_code == 403, path
    assert guarded.get("/api/session", Role.VIEWER).json()["role"] == "viewer"


def test_a_strategist_may_see_and_do_what_is_the_teams(guarded: Served) -> None:
    for path in (*READ, *TEAM):
        assert guarded.get(path, Role.STRATEGIST).status_code == 200, path
    for path in ("/api/inputs", "/api/replay", "/api/settings"):
        assert guarded.post(path, ACTS[path], Role.STRATEGIST).status_code == 200, path


def test_a_feed_token_reads_nothing(guarded: Served) -> None:
    for path in (*READ, *TEAM, "/api/stream"):
        assert guarded.get(path, Role.FEED).status_code == 403, path


def test_a_token_in_the_address_is_refused_and_a_wrong_one_is_not_known(guarded: Served) -> None:
    token = SECRETS[Role.ADMIN]
    for query in (f"token={token}", f"anything={token}", "access_token=x"):
        answer = guarded.client.get(f"/api/screen?{query}", headers=bearer(Role.ADMIN))
        assert answer.status_code == 400
        assert token not in answer.text
    for said in ("Bearer " + "x" * 30, "Basic " + token, "Bearer", token, f"Bearer {token}x"):
        answer = guarded.client.get("/api/screen", headers={"Authorization": said})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_tokens_are_in_no_log_and_no_repr(
    guarded: Served, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    guarded.get("/api/team", Role.ADMIN)
    guarded.client.get(f"/api/team?token={SECRETS[Role.ADMIN]}")
    logged = [r.getMessage() for r in caplog.records if r.name not in ("httpx", "httpcore")]
    said = "".join((*logged, *capfd.readouterr(), repr(TOKENS), repr(guarded.serving.parts)))
    assert not any(secret in said for secret in SECRETS.values())


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost:80:80", ""])
def test_only_the_loopbacks_own_names_are_answered_to(guarded: Served, host: str) -> None:
    assert guarded.client.get("/api/screen", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]", "[::1]:8040", "LOCALHOST"])
def test_every_name_of_the_loopback_is_answered_to(guarded: Served, host: str) -> None:
    assert guarded.client.get("/healthz", headers={"Host": host}).status_code == 200


def test_another_sites_page_is_refused(guarded: Served) -> None:
    ours = {"Origin": guarded.url, "Sec-Fetch-Site": "same-origin", **bearer(Role.ADMIN)}
    body = ACTS["/api/settings"]
    assert guarded.client.post("/api/settings", json=body, headers=ours).status_code == 200
    for header in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = guarded.client.post("/api/settings", json=body, headers={**ours, **header})
        assert answer.status_code == 403, header
    assert guarded.client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_security_headers_are_on_every_answer(guarded: Served) -> None:
    for path in ("/", "/assets/app.js", "/healthz", "/api/session", "/api/nothing", "/nothing"):
        headers = guarded.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy.replace("style-src-attr 'unsafe-inline'", "")
        assert ("no-store" in headers.get("cache-control", "")) == path.startswith(
            ("/api", "/healthz")
        ), path
    assert "server" not in guarded.get("/").headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py",
        "/assets/..%2fapp.py",
        "/assets/%2e%2e/%2e%2e/app.py",
        "/assets/....//app.py",
        "/assets//etc/passwd",
        "/assets/..\\app.py",
        "/assets/app.js%00.css",
        "/assets/index.html/..",
        "/assets/",
        "//etc/passwd",
    ],
)
def test_nothing_but_the_pages_files_is_served(guarded: Served, path: str) -> None:
    with guarded.raw() as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answer.split()[1] in (b"404", b"400"), answer[:80]
    assert b"import" not in answer


def test_a_body_too_large_is_refused_whether_its_length_is_said_or_not(guarded: Served) -> None:
    admin = {**bearer(Role.ADMIN), "Content-Type": "application/json"}
    large = b'{"text": "' + b"x" * 70_000 + b'", "author": "Ana"}'
    assert guarded.client.post("/api/inputs", content=large, headers=admin).status_code == 413

    def pieces():
        for start in range(0, len(large), 10_000):
            yield large[start : start + 10_000]

    assert guarded.client.post("/api/inputs", content=pieces(), headers=admin).status_code == 413


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b'{"text": 1, "author": "Ana"}', 422),
        (b'{"text": "note x", "author": "Ana", "more": 1}', 422),
        (b'{"text": "", "author": "Ana"}', 422),
        (b'{"text": "note \xff", "author": "Ana"}', 422),
        (b"[" * 60_000, 422),
        (b'{"text": "one two three", "author": "Ana"}', 409),
        (b'{"text": "note fine", "author": "Ana"}', 200),
    ],
)
def test_bodies_that_are_not_as_described_get_a_clear_refusal(
    guarded: Served, content: bytes, status: int
) -> None:
    admin = {**bearer(Role.ADMIN), "Content-Type": "application/json"}
    answer = guarded.client.post("/api/inputs", content=content, headers=admin)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert set(answer.json()) == {"error", "remedy"}


def test_only_json_is_read(guarded: Served) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {**bearer(Role.ADMIN), "Content-Type": kind}
        answer = guarded.client.post("/api/settings", content=b"{}", headers=headers)
        assert answer.status_code == 415


def test_who_asks_too_often_waits_and_others_do_not() -> None:
    slow = ServerLimits(reads=(0.001, 5.0), acts=(0.001, 2.0), wrong_tokens=(0.001, 3.0))
    with served(replayed(), tokens=TOKENS, limits=slow) as running:
        statuses = [running.get("/api/session", Role.VIEWER).status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        assert running.get("/api/session", Role.ADMIN).status_code == 200
        note = {"text": "note x", "author": "Ana"}
        acts = [running.post("/api/inputs", note, Role.STRATEGIST).status_code for _ in range(3)]
        assert acts == [200, 200, 429]
        wrong = {"Authorization": "Bearer " + "x" * 30}
        tried = [running.client.get("/api/wall", headers=wrong).status_code for _ in range(4)]
        assert tried == [401, 401, 401, 429]


def test_a_rate_comes_back_with_time() -> None:
    seconds = [0.0]
    rate = Rate((1.0, 2.0), now=lambda: seconds[0])
    assert [rate.allows("a") for _ in range(3)] == [True, True, False]
    assert rate.allows("b")
    seconds[0] = 1.5
    assert [rate.allows("a") for _ in range(2)] == [True, False]


def test_fresh_tokens_can_be_read_again(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(new_tokens())
    tokens = tokens_from(file, {})
    assert [role for _, role in tokens.roles] == list(Role)
    assert len({token for token, _ in tokens.roles}) == 4
    assert not is_private(file)
    file.chmod(0o600)
    assert is_private(file)


def test_tokens_come_from_the_environment_where_no_file_is_named() -> None:
    assert not tokens_from(None, {})
    tokens = tokens_from(None, {VARIABLE: 'viewer = ["abcdefghijklmnop", "ABCDEFGHIJKLMNOP"]'})
    assert tokens.role(b"ABCDEFGHIJKLMNOP") is Role.VIEWER
    assert tokens.role(b"ABCDEFGHIJKLMNO") is None
    assert isinstance(tokens, Tokens)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("viewer = [", "TOML"),
        ('boss = ["abcdefghijklmnop"]', "no role"),
        ('viewer = "abcdefghijklmnop"', "no role"),
        ('viewer = ["short"]', "letters"),
        ("viewer = [17]", "letters"),
        ('viewer = ["with a space in it"]', "letters"),
        ('viewer = ["abcdefghijklmnop"]\nadmin = ["abcdefghijklmnop"]', "twice"),
        ("viewer = []", "no token"),
    ],
)
def test_a_tokens_file_that_cannot_be_meant_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=said):
        tokens_from(file, {})


def test_the_limits_of_the_tests_are_those_of_the_product_but_for_the_rates() -> None:
    assert (ROOMY.body_bytes, ROOMY.request_s) == (
        ServerLimits().body_bytes,
        ServerLimits().request_s,
    )
