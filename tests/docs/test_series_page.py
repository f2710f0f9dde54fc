"""The page on series lists every field that a series file takes, and its example is one."""

from __future__ import annotations

import re
import tomllib
from typing import Any, get_args

import msgspec
import pytest

from dryline.domain import series as module
from dryline.domain.car_class import CarClass
from dryline.domain.series import Series, every_series
from tests.docs.conftest import DOCS

PAGE = (DOCS / "how-to" / "series.md").read_text(encoding="utf-8")
SECTIONS = {
    "Series": "## The fields", "Recognition": "`[recognition]`", "TimingSite": "`[site]`",
    "CarClass": "`[classes]`", "BelievedPriors": "`[believed]`", "RaceKind": "`[[races]]`",
    "StopHabits": "`[stops]`", "Traffic": "`[traffic]` and `[restart]`",
    "Restart": "`[traffic]` and `[restart]`", "FinishHabits": "`[finish]`",
    "NeutralisationKinds": "`[neutralisations]`", "PitEntry": "`[neutralisations.pit_entry.KIND]`",
    "SeasonClasses": "`[[seasons]]`", "TyreKind": "`[[tyres]]`",
    "YellowPrice": "`[neutralisations.stop_price.KIND]`",
}  # fmt: skip
TOLD_AS_SECTIONS = {
    "name", "recognition", "races", "believed", "stops", "traffic", "restart", "finish",
    "neutralisations", "seasons", "classes", "site", "tyres",
}  # fmt: skip


def parts() -> dict[str, Any]:
    """Every record that a series file can fill."""
    found: dict[str, Any] = {}
    todo: list[Any] = [Series]
    while todo:
        kind = todo.pop()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind.__name__ not in found:
                found[kind.__name__] = kind
                todo += [field.type for field in msgspec.structs.fields(kind)]
        else:
            todo += get_args(kind)
    return found


def fields_told(heading: str) -> set[str]:
    """The fields of the first table after a heading."""
    after = PAGE[PAGE.index(f"\n{heading}") :]
    table = after[after.index("| field |") :].split("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


@pytest.mark.parametrize("name", parts())
def test_every_field_is_told_in_its_section_and_no_other(name: str) -> None:
    own = {field.name for field in msgspec.structs.fields(parts()[name])}
    if name == "Series":
        own -= TOLD_AS_SECTIONS
    told = fields_told(SECTIONS[name])
    assert own <= told
    shared = {field for other, at in SECTIONS.items() if at == SECTIONS[name]
              for field in fields(other)}  # fmt: skip
    assert told <= shared


def fields(name: str) -> set[str]:
    return {field.name for field in msgspec.structs.fields(parts()[name])}


def test_every_record_is_told() -> None:
    assert set(parts()) == set(SECTIONS)
    assert CarClass.__name__ in parts()
    assert module.Series.__name__ in parts()


def test_the_example_is_a_series() -> None:
    text = re.search(r"```toml\n(full_name.*?)```", PAGE, re.DOTALL)
    assert text is not None
    made = msgspec.convert({"name": "example", **tomllib.loads(text[1])}, Series)
    assert made.race_of(4 * 3.6e6).priors == ("wec", "imsa_sprint")
    assert made.neutralisations.only is None
    assert [each.words for each in made.tyres] == ["slicks", "intermediates", "full wets"]


def test_every_series_that_ships_is_named() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", PAGE.split("## A race")[0], re.MULTILINE)
    assert dict(rows) == {each.name: each.full_name for each in every_series()}
