from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.errors import InputError, RaceNotFound
from dryline.store import id_for, slugify
from dryline.store.resolving import resolve_id
from dryline.store.slug import canonical_id

KNOWN = [
    "imsa/2023/rolex-24-at-daytona",
    "imsa/2024/rolex-24-at-daytona",
    "wec/2023/le-mans-24h",
    "wec/2024/fuji-6h",
    "wec/2024/imola",
    "wec/2024/imola/qualifying",
]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("LE MANS 24h", "le-mans-24h"),
        ("le_mans_24h", "le-mans-24h"),
        ("São Paulo", "sao-paulo"),
        ("Nürburgring & Straße", "nurburgring-strasse"),
        ("  Mid-Ohio  ", "mid-ohio"),
        ("Petit Le Mans '24", "petit-le-mans-24"),
        ("Gdańsk Łódź Ærø", "gdansk-lodz-aero"),
    ],
)
def test_slugs_are_what_a_person_would_type(text: str, slug: str) -> None:
    assert slugify(text) == slug


@pytest.mark.parametrize("text", ["", "---", "../..", "日本"])
def test_a_text_without_letters_or_digits_names_no_race(text: str) -> None:
    with pytest.raises(InputError, match="leaves nothing"):
        slugify(text)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_every_slug_is_safe_as_a_folder_and_its_own_slug(text: str) -> None:
    try:
        slug = slugify(text)
    except InputError:
        return
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert slugify(slug) == slug


def test_ids_leave_the_race_session_out() -> None:
    assert id_for("WEC", 2024, "LE MANS 24h", "Race") == "wec/2024/le-mans-24h"
    assert id_for("imsa", 2021, "Roar", "Qualifying Race") == "imsa/2021/roar/qualifying-race"
    assert canonical_id("wec/2024/imola/race") == "wec/2024/imola"


def test_an_impossible_year_is_refused() -> None:
    with pytest.raises(InputError, match="24 is not a year"):
        id_for("wec", 24, "imola")


@pytest.mark.parametrize(
    ("text", "race_id"),
    [
        ("wec/2023/le-mans-24h", "wec/2023/le-mans-24h"),
        ("le-mans-24h", "wec/2023/le-mans-24h"),
        ("LE MANS 24h", "wec/2023/le-mans-24h"),
        ("le_mans", "wec/2023/le-mans-24h"),
        ("wec/2023", "wec/2023/le-mans-24h"),
        ("2023/rolex-24-at-daytona", "imsa/2023/rolex-24-at-daytona"),
        ("2024/rolex", "imsa/2024/rolex-24-at-daytona"),
        ("fuji", "wec/2024/fuji-6h"),
        ("imola", "wec/2024/imola"),
        ("wec/2024/imola/race", "wec/2024/imola"),
        ("imola/qualifying", "wec/2024/imola/qualifying"),
        ("/wec/2024/fuji-6h/", "wec/2024/fuji-6h"),
    ],
)
def test_an_unmistakable_part_of_an_id_is_enough(text: str, race_id: str) -> None:
    assert resolve_id(text, KNOWN) == race_id


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("rolex-24-at-daytona", ["imsa/2023/rolex-24-at-daytona", "imsa/2024/rolex-24-at-daytona"]),
        ("wec/2024", ["wec/2024/fuji-6h", "wec/2024/imola"]),
    ],
)
def test_an_ambiguous_part_lists_the_candidates(text: str, candidates: list[str]) -> None:
    with pytest.raises(InputError) as error:
        resolve_id(text, KNOWN)
    assert not isinstance(error.value, RaceNotFound)
    assert all(candidate in str(error.value) for candidate in candidates)


def test_a_long_list_of_candidates_is_cut_and_counted() -> None:
    known = [f"wec/2024/round-{n}" for n in range(10)]
    with pytest.raises(InputError, match=r"fits 10 sessions.* and 4 more\. Name one of them"):
        resolve_id("2024", known)


def test_a_misspelt_race_is_answered_with_the_nearest() -> None:
    with pytest.raises(RaceNotFound, match=r"Did you mean wec/2023/le-mans-24h"):
        resolve_id("wec/2023/le-man-24", KNOWN)
    with pytest.raises(RaceNotFound, match=r"Did you mean wec/2024/imola"):
        resolve_id("imolla", KNOWN)


def test_series_year_and_event_never_mean_the_qualifying() -> None:
    with pytest.raises(RaceNotFound, match="Did you mean wec/2024/imola/qualifying"):
        resolve_id("wec/2024/imola", ["wec/2024/imola/qualifying"])
    assert resolve_id("imola", ["wec/2024/imola/qualifying"]) == "wec/2024/imola/qualifying"


@pytest.mark.parametrize("text", ["", "/", "zzzzzz", "\x00", "a/b/c/d/e/f", "x" * 100_000])
def test_a_text_like_nothing_known_points_to_the_list(text: str) -> None:
    with pytest.raises(RaceNotFound, match="dryline library list"):
        resolve_id(text, KNOWN)


def test_an_empty_library_says_that_it_is_empty() -> None:
    with pytest.raises(RaceNotFound, match="which is empty"):
        resolve_id("imola", [])
