"""The documents of this room are under test: every finding is listed, every named test exists."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from dryline.feeds import messages
from dryline.feeds.generic import parse_generic
from dryline.feeds.mapping import COLUMNS, TIME_FORMATS, read_mapping
from dryline.feeds.messages import parse_messages
from dryline.feeds.provider import Provider, SourceFact
from dryline.feeds.providers import PROVIDERS
from tests.conftest import ROOT

DOCS = ROOT / "docs"
FEEDS = ROOT / "src" / "dryline" / "feeds"
QUIRKS = (DOCS / "data-quirks.md").read_text()


def made_kinds() -> set[str]:
    """Every slug that the parsers can put into a finding."""
    files = [file for file in FEEDS.rglob("*.py") if file.name != "fetch.py"]
    text = "\n".join(file.read_text() for file in files)
    added = re.findall(r'\.add(?:_rows)?\(\s*"(\w+)"', text)
    named = re.findall(r'kind="(\w+)",\s+severity=', text)
    listed = re.findall(r'^            "(\w+)": \(\s*Severity', text, re.M)
    return {*added, *named, *listed}


def rows_of_quirks() -> list[list[str]]:
    rows = [line.strip("|").split("|") for line in QUIRKS.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows]


def test_every_finding_is_documented_and_every_documented_finding_is_made():
    documented = {
        slug for row in rows_of_quirks() if len(row) == 5 for slug in re.findall(r"`(\w+)`", row[3])
    }
    assert documented == made_kinds()


def test_every_quirk_names_a_test_that_exists():
    tests = "\n".join(file.read_text() for file in Path(__file__).parent.rglob("test_*.py"))
    named = {name for row in rows_of_quirks() for name in re.findall(r"`(test_\w+)`", row[-1])}
    assert len(named) > 50
    missing = {name for name in named if f"def {name}(" not in tests}
    assert missing == set()


def test_the_messages_page_lists_every_column_and_kind_and_its_example_reads():
    page = (DOCS / "messages.md").read_text()
    for word in (*messages.COLUMNS, *messages.RACE_CONTROL, *messages.EVIDENCE):
        assert f"`{word}`" in page
    (example,) = re.findall(r"```text\n(.*?)```", page, re.S)
    assert len(parse_messages(example.encode(), "example")) == 6


def test_the_mapping_page_lists_every_key_and_its_example_reads_a_file():
    page = (DOCS / "generic-feed.md").read_text()
    for word in (*COLUMNS, *TIME_FORMATS):
        assert f"`{word}`" in page
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    mapping = read_mapping(example.encode(), "example.toml")
    header = "Car,Lap,Lap Time,Race Time,Sector 1,Driver,Flag,Pit,Trap"
    data = f"{header}\n007,1,95.5,1:35.5,31.0,Ana,G,P,301\n".encode()
    row = parse_generic(data, "example.csv", mapping).crossings.row(0, named=True)
    assert (row["car_number"], row["lap_time_ms"], row["in_pit"]) == ("007", 95_500, True)


def test_the_formats_page_says_of_each_provider_what_it_can_and_cannot_know():
    page = (DOCS / "formats.md").read_text()
    columns = (
        "AlKamel", "RFactor2", "AssettoCorsaCompetizione", "SecondMonitor", "RaceRoom", "RMonitor",
    )  # fmt: skip
    whose = {type(each).__name__: each for each in PROVIDERS}
    assert set(columns) == set(whose)
    assert all(f"| {each.title} |" in page for each in PROVIDERS)
    for fact in SourceFact:
        known = ["no" if fact in whose[name].cannot_know else "yes" for name in columns]
        assert f"| {fact.split(' (')[0]} | {' | '.join(known)} |" in page


def test_the_example_of_a_provider_reads_its_own_file():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", text, re.S)
    lines = textwrap.dedent(example)
    assert len(lines.splitlines()) < 40
    names: dict[str, type[Provider]] = {}
    exec(lines, names)  # the page's own words
    club = names["ClubTiming"]()
    assert [bool(club.detect(head)) for head in (b"CLUBTIMING 1\n", b"NUMBER;")] == [True, False]
    session = club.parse(b"CLUBTIMING 1\n7|Ana|90000\n8|Bo|91000\n7|Ana|89000\n8|Bo|x\n", "c.txt")
    rows = session.sheet.crossings.select("car_number", "lap", "elapsed_ms").rows()
    assert rows == [("7", 1, 90_000), ("8", 1, 91_000), ("7", 2, 179_000)]
    assert {f.kind for f in session.sheet.findings} == {"not_stated", "no_elapsed"}
