from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from dryline.domain.errors import FetchError
from dryline.feeds.alkamel.fetch import Manners, ResultsSite, SiteSession
from tests.feeds.fetch.conftest import IMOLA, LAPS, RESULT, WEATHER, Time, leftovers, names
from tests.feeds.fetch.site_server import SiteServer, running_site, table


def test_a_missing_file_is_one_clear_error_at_once(
    site: ResultsSite, server: SiteServer, time: Time
) -> None:
    site.sessions("13_2024", "02_IMOLA")
    del server.tree[LAPS]
    with pytest.raises(FetchError, match=r"Hour%206\.CSV: the site answers 404 Not Found\.") as e:
        site.download(IMOLA)
    assert "\n" not in str(e.value)
    assert time.slept == [1.0, 1.0]


@pytest.mark.parametrize("fault", ["503", "500", "429", "reset", "truncated"])
def test_a_passing_fault_is_waited_out(
    site: ResultsSite, server: SiteServer, time: Time, fault: str
) -> None:
    site.sessions("13_2024", "02_IMOLA")
    server.faults[LAPS] = [fault, fault]
    assert site.download(IMOLA)[1].read_bytes() == server.tree[LAPS]
    assert server.asked().count(f"/{LAPS}") == 3
    assert [pause for pause in time.slept if pause > 1] == [2.0, 4.0]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("503", "answers 503 Service Unavailable, 4 times"),
        ("reset", "4 times"),
        ("truncated", "broke off before the end, 4 times"),
    ],
)
def test_a_lasting_fault_ends_with_one_clear_error(
    site: ResultsSite, server: SiteServer, tmp_path: Path, fault: str, reason: str
) -> None:
    server.with_etags = False
    server.faults[LAPS] = [fault] * 4
    with pytest.raises(FetchError, match=reason) as error:
        site.download(IMOLA)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.rglob("23_*.CSV"))
    assert names(list(tmp_path.rglob("03_*.CSV"))) == ["03_Classification_Race_Hour 6.CSV"]


@pytest.mark.parametrize("fault", ["slow", "stalled"])
def test_a_silence_is_waited_out(impatient: ResultsSite, server: SiteServer, fault: str) -> None:
    server.faults[LAPS] = [fault, fault]
    assert impatient.download(IMOLA)[1].read_bytes() == server.tree[LAPS]
    assert server.faults[LAPS] == []


def test_a_lasting_silence_ends_with_one_clear_error(
    impatient: ResultsSite, server: SiteServer, tmp_path: Path
) -> None:
    server.faults[LAPS] = ["slow"] * 4
    with pytest.raises(FetchError, match="no answer in time, 4 times"):
        impatient.download(IMOLA)
    assert not list(tmp_path.rglob("23_*.CSV"))


def test_a_list_is_asked_for_again_too(site: ResultsSite, server: SiteServer) -> None:
    server.faults[""] = ["503", "reset", "truncated"]
    assert site.seasons() == ("14_2025", "13_2024")


def test_the_site_may_ask_for_a_longer_pause(
    site: ResultsSite, server: SiteServer, time: Time
) -> None:
    server.faults[""] = ["retry-after"]
    site.seasons()
    assert time.slept == [7.0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html><html>maintenance</html>", "a web page came instead"),
        (b"\xef\xbb\xbf\r\n<br />\r\n<b>Warning</b>: mysql", "a web page came instead"),
        (b"", "the file is empty"),
        (b"  \r\n", "the file is empty"),
        (b"A;B;\r\n1;2;\r\n3;", "cut off in its last row"),
        (b"A;B;C", "cut off in its last row"),
        (b"PK\x03\x04\x00\x00\x00\n", "binary"),
    ],
)
def test_what_is_no_whole_timing_file_never_gets_its_name(
    site: ResultsSite, server: SiteServer, tmp_path: Path, content: bytes, reason: str
) -> None:
    server.tree[LAPS] = content
    with pytest.raises(FetchError, match=reason):
        site.download(IMOLA)
    assert not list(tmp_path.rglob("23_*"))


@pytest.mark.parametrize("content", [b"A;B;\r\n1;2;", b"A;B\n", b'A,B\n"1,5",2'])
def test_a_file_without_a_last_line_end_is_whole_if_its_last_row_is(
    site: ResultsSite, server: SiteServer, content: bytes
) -> None:
    server.tree[LAPS] = content
    assert site.download(IMOLA)[1].read_bytes() == content


def test_an_empty_weather_file_is_what_the_provider_publishes(
    site: ResultsSite, server: SiteServer
) -> None:
    server.tree[WEATHER] = b""
    assert site.download(IMOLA)[2].read_bytes() == b""


def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    site: ResultsSite, server: SiteServer
) -> None:
    server.faults[LAPS] = ["truncated", "truncated"]
    content = server.tree[LAPS]
    assert site.download(IMOLA)[1].read_bytes() == content
    ranges = [headers.get("Range") for path, headers in server.requests if "23_A" in path]
    assert ranges[0] is None
    starts = [int(text.removeprefix("bytes=").rstrip("-")) for text in ranges[1:] if text]
    assert starts == [
        len(content) // 2,
        len(content) // 2 + (len(content) - len(content) // 2) // 2,
    ]


def test_another_day_and_another_process_go_on_with_a_broken_download(
    site: ResultsSite, server: SiteServer, client: httpx.Client, time: Time, tmp_path: Path
) -> None:
    server.faults[LAPS] = ["truncated"] + ["503"] * 3
    with pytest.raises(FetchError):
        site.download(IMOLA)
    assert leftovers(tmp_path) != []
    later = ResultsSite(server.url, tmp_path, client, clock=time.clock, sleep=time.sleep)
    assert later.download(IMOLA)[1].read_bytes() == server.tree[LAPS]
    assert server.requests[-2][1]["Range"].startswith("bytes=")
    assert leftovers(tmp_path) == []


def test_a_file_that_changed_meanwhile_is_begun_again(
    site: ResultsSite, server: SiteServer, client: httpx.Client, time: Time, tmp_path: Path
) -> None:
    server.faults[LAPS] = ["truncated"] + ["503"] * 3
    with pytest.raises(FetchError):
        site.download(IMOLA)
    server.tree[LAPS] = table(99)
    later = ResultsSite(server.url, tmp_path, client, clock=time.clock, sleep=time.sleep)
    assert later.download(IMOLA)[1].read_bytes() == table(99)


@pytest.mark.parametrize("missing", ["with_etags", "ranges"])
def test_a_site_that_cannot_resume_is_asked_for_the_whole_file_again(
    site: ResultsSite, server: SiteServer, missing: str
) -> None:
    setattr(server, missing, False)
    server.faults[LAPS] = ["truncated", "truncated"]
    assert site.download(IMOLA)[1].read_bytes() == server.tree[LAPS]


def test_a_download_killed_between_its_last_byte_and_its_name_is_finished(
    site: ResultsSite, server: SiteServer
) -> None:
    laps = site.download(IMOLA)[1]
    etag = json.loads((laps.parents[1] / "checksums.json").read_text())[f"Hour 6/{laps.name}"]
    laps.with_name(f"{laps.name}.part.mark").write_text(etag["etag"])
    laps.rename(f"{laps}.part")
    assert site.download(IMOLA)[1].read_bytes() == server.tree[LAPS]


DRIPS = ["", "headers", "without length", "chunked", "compressed"]


@pytest.mark.parametrize("drip", DRIPS)
def test_a_page_that_drips_for_ever_is_given_up(
    server: SiteServer, client: httpx.Client, tmp_path: Path, drip: str
) -> None:
    manners = Manners(attempts=2, backoff_s=0, whole_page_s=0.3)
    site = ResultsSite(server.url, tmp_path, client, pace_s=0, manners=manners)
    server.faults[""] = [f"dripping {drip}"] * 2
    with pytest.raises(FetchError, match=r"not whole after 0\.3 s, 2 times\. Try again later"):
        site.seasons()


@pytest.mark.parametrize("drip", DRIPS)
def test_a_file_that_drips_for_ever_is_given_up_and_never_taken_for_whole(
    server: SiteServer, client: httpx.Client, tmp_path: Path, drip: str
) -> None:
    manners = Manners(attempts=2, backoff_s=0, whole_file_s=0.3)
    site = ResultsSite(server.url, tmp_path, client, pace_s=0, manners=manners)
    server.faults[RESULT] = [f"dripping {drip}"] * 2
    with pytest.raises(FetchError, match=r"not whole after 0\.3 s, 2 times"):
        site.download(IMOLA)
    assert not list(tmp_path.rglob("*.CSV"))


def test_what_dripped_once_is_asked_for_again(
    server: SiteServer, client: httpx.Client, tmp_path: Path
) -> None:
    manners = Manners(attempts=2, backoff_s=0, whole_page_s=0.3, whole_file_s=0.3)
    site = ResultsSite(server.url, tmp_path, client, pace_s=0, manners=manners)
    server.faults[""] = ["dripping"]
    assert site.seasons() == ("14_2025", "13_2024")


def test_a_long_pace_takes_nothing_from_the_time_for_a_page(
    server: SiteServer, client: httpx.Client, time: Time, tmp_path: Path
) -> None:
    manners = Manners(attempts=1, whole_page_s=30)
    site = ResultsSite(
        server.url, tmp_path, client, 90, manners=manners, clock=time.clock, sleep=time.sleep
    )
    assert site.seasons() == ("14_2025", "13_2024")
    assert site.events("13_2024")
    assert time.slept == [90]


def test_a_page_that_never_ends_is_given_up(
    server: SiteServer, client: httpx.Client, tmp_path: Path
) -> None:
    site = ResultsSite(server.url, tmp_path, client, pace_s=0)
    server.faults[""] = ["endless"]
    with pytest.raises(FetchError, match="the page is larger than 20,000,000 bytes"):
        site.seasons()


def test_a_file_that_never_ends_is_given_up(
    server: SiteServer, client: httpx.Client, tmp_path: Path
) -> None:
    site = ResultsSite(server.url, tmp_path, client, pace_s=0)
    server.faults[RESULT] = ["endless"]
    with pytest.raises(FetchError, match="larger than 200,000,000 bytes"):
        site.download(IMOLA)


def test_nobody_listening_is_one_clear_error(client: httpx.Client, tmp_path: Path) -> None:
    time = Time()
    with running_site() as gone:
        address = gone.url
    site = ResultsSite(address, tmp_path, client, clock=time.clock, sleep=time.sleep)
    with pytest.raises(FetchError, match=r"no connection to the site, 4 times\. Try again later"):
        site.seasons()


def test_a_redirect_within_the_site_is_followed(site: ResultsSite, server: SiteServer) -> None:
    server.faults[LAPS] = ["redirect /" + RESULT.replace(" ", "%20")]
    assert site.download(IMOLA)[1].read_bytes() == server.tree[RESULT]


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.1:9/x.CSV", "https://example.invalid/x", "file:///etc/passwd"]
)
def test_a_redirect_to_another_place_is_refused(
    site: ResultsSite, server: SiteServer, elsewhere: str
) -> None:
    server.faults[LAPS] = [f"redirect {elsewhere}"]
    with pytest.raises(FetchError, match="sends us elsewhere"):
        site.download(IMOLA)


def test_a_circle_of_redirects_ends(site: ResultsSite, server: SiteServer) -> None:
    server.faults[""] = ["redirect /"] * 9
    with pytest.raises(FetchError, match="redirects in a circle"):
        site.seasons()


@pytest.mark.parametrize(
    "link",
    [
        "Results/13_2024/02_IMOLA/526_FIA WEC/../../../../23_x.CSV",
        "Results/13_2024/02_IMOLA/526_FIA WEC/%2e%2e/23_x.CSV",
        "Results/13_2024/02_IMOLA/526_FIA WEC/..%2f..%2f..%2fetc/23_x.CSV",
        "Results/13_2024/02_IMOLA/526_FIA WEC/a%5c..%5cb/23_x.CSV",
        "Results/13_2024/02_IMOLA/526_FIA WEC/race/23_x%00.CSV",
        "Results/13_2024/02_IMOLA/526_FIA WEC//23_x.CSV",
        "Results/13_2024/02_IMOLA/C:/race/23_x.CSV",
        "Results/13_2024/02_IMOLA/526_FIA WEC/ . /23_x.CSV",
    ],
)
def test_a_link_that_leads_out_of_the_cache_is_refused(
    site: ResultsSite, server: SiteServer, caplog: pytest.LogCaptureFixture, link: str
) -> None:
    server.extra_links = [f'<a href="{link}">x</a>']
    sessions = site.sessions("13_2024", "02_IMOLA")
    assert len(sessions) == 3
    assert "1 unsafe links refused" in caplog.text


def test_a_link_to_another_host_is_asked_for_here(site: ResultsSite, server: SiteServer) -> None:
    server.extra_links = [
        '<a href="https://example.invalid/Results/13_2024/02_IMOLA/s/elsewhere/23_x.CSV">x</a>'
    ]
    with pytest.raises(FetchError, match=re.escape(server.url) + ".*404"):
        site.download(SiteSession("13_2024", "02_IMOLA", "s", "elsewhere"))


def test_two_processes_do_not_download_one_session_at_once(
    site: ResultsSite, tmp_path: Path
) -> None:
    site.download(IMOLA)
    (lock,) = tmp_path.rglob(".downloading")
    code = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); "
    code += "print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(FetchError, match="another process is downloading this session"):
        site.download(IMOLA)
    holder.communicate()
    assert len(site.download(IMOLA)) == 3


def test_a_cache_that_cannot_be_written_is_one_clear_error(
    server: SiteServer, client: httpx.Client, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FetchError, match="cannot write the cache"):
        ResultsSite(server.url, tmp_path / "file", client, pace_s=0).download(IMOLA)
