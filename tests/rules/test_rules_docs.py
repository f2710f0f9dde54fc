"""The documentation of the rule books against the schema."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from dryline.rules.book import Override, rule_book
from dryline.rules.schema import (
    Classified,
    CrewRules,
    DriveTime,
    DriveTimeRules,
    EnduranceCup,
    Neutralisation,
    PenaltyRules,
    PitRules,
    PointsRules,
    RaceEnd,
    RuleBookText,
    Scale,
    Stated,
    TableRules,
    TyreRules,
)
from dryline.rules.season import read_season, standings
from dryline.rules.season_file import RoundText

DOCS = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
SECTIONS = (
    Classified, CrewRules, DriveTime, DriveTimeRules, EnduranceCup, Neutralisation, PenaltyRules,
    PitRules, PointsRules, RaceEnd, RuleBookText, Scale, Stated, TableRules, TyreRules,
)  # fmt: skip


def examples() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


def test_every_key_of_a_rule_book_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    keys = {key for section in SECTIONS for key in section.__struct_fields__}
    words = set(re.findall(r"[a-z_]+", text))
    assert keys <= words


def test_every_key_of_a_season_file_is_documented() -> None:
    words = set(re.findall(r"[a-z_]+", DOCS.read_text(encoding="utf-8")))
    assert set(RoundText.__struct_fields__) <= words


def test_the_example_of_an_override_is_accepted() -> None:
    book = rule_book("wec", 2024, Override("docs", examples()[0]))
    limit = book.text.pit.speed_limit_kmh
    assert limit is not None
    assert limit.value == 50


def test_the_example_of_a_season_is_scored() -> None:
    assert tomllib.loads(examples()[1])["series"] == "wec"
    season = read_season("docs", examples()[1])
    assert standings(season)[0].rows[0].points == 39
