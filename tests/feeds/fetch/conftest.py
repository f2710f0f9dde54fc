from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from dryline.feeds.alkamel.fetch import Manners, ResultsSite, SiteSession
from tests.feeds.fetch.site_server import SiteServer, running_site, table

IMOLA = SiteSession("13_2024", "02_IMOLA", "526_FIA WEC", "202404211300_Race")
BASE = "Results/13_2024/02_IMOLA/526_FIA WEC/202404211300_Race"
LAPS = f"{BASE}/Hour 6/23_Analysis_Race_Hour 6.CSV"
RESULT = f"{BASE}/Hour 6/03_Classification_Race_Hour 6.CSV"
WEATHER = f"{BASE}/Hour 6/26_Weather_Race_Hour 6.CSV"


@dataclass
class Time:
    """A clock that moves only when somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def server() -> Iterator[SiteServer]:
    with running_site() as server:
        for hour in (1, 5, 6):
            for name in ("03_Classification_Race", "23_Analysis_Race", "26_Weather_Race"):
                path = f"{BASE}/Hour {hour}/{name}_Hour {hour}.CSV"
                server.tree[path] = table(10 * hour, 5 + len(name) % 3)
        server.tree[f"{BASE}/Hour 6/05_Results by Class.PDF"] = b"%PDF-1.4"
        qualifying = "Results/13_2024/02_IMOLA/526_FIA WEC/202404201430_Qualifying"
        server.tree[f"{qualifying}/23_Analysis_Qualifying.CSV"] = table()
        cup = "Results/13_2024/02_IMOLA/301_Porsche Cup/202404201000_Race"
        server.tree[f"{cup}/23_Analysis_Race.CSV"] = table()
        spa = "Results/13_2024/03_SÃO PAULO & co/526_FIA WEC/202407141130_Race"
        server.tree[f"{spa}/23_Analysis_Race.CSV"] = table(3)
        server.tree["Results/14_2025/01_QATAR/100_FIA WEC/1_Race/06_Hour 6/23_A.CSV"] = table(4)
        yield server


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, verify=False) as client:
        yield client


@pytest.fixture
def site(server: SiteServer, client: httpx.Client, time: Time, tmp_path: Path) -> ResultsSite:
    return ResultsSite(server.url, tmp_path, client, clock=time.clock, sleep=time.sleep)


@pytest.fixture
def impatient(server: SiteServer, client: httpx.Client, time: Time, tmp_path: Path) -> ResultsSite:
    manners = Manners(timeout_s=0.3)
    return ResultsSite(
        server.url, tmp_path, client, manners=manners, clock=time.clock, sleep=time.sleep
    )


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.suffix in (".part", ".mark", ".new")]
