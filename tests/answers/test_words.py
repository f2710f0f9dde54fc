"""A call in words: every kind is said, and no word is left that is no word."""

from __future__ import annotations

import re

import msgspec
import pytest

from dryline.answers.words import Words, words_of
from dryline.domain.flag import Flag
from dryline.domain.language import Language, language
from dryline.domain.person import surname
from tests.answers.every_call import LAP, TYRES, call, every_call

KINDS = ("exact", "short", "brief", "headline")


def texts(words: Words) -> list[str]:
    return [*(getattr(words, kind) for kind in KINDS), *words.work, *words.when]


def test_every_kind_of_call_is_said_in_words_alone() -> None:
    said = {msgspec.json.encode(words_of(each, LAP, hose_s=hose)) for each, hose in every_call()}
    assert len(said) > 1000
    for each, hose in every_call():
        for text in texts(words_of(each, LAP, hose_s=hose)):
            assert text == text.strip()
            assert text
            assert not re.search(r"[{}_]|None|  |: $", text), text


def test_the_words_for_when_stand_once_in_each_text_so_that_laps_can_be_counted_down() -> None:
    for each, hose in every_call():
        words = words_of(each, LAP, hose_s=hose)
        assert bool(words.when) == (each.action == "box")
        for kind in KINDS if words.when else ():
            assert getattr(words, kind).count(words.when[0]) == 1


def test_calls_are_said_as_the_pit_wall_says_them() -> None:
    stop = call(
        action="box", lap=LAP + 1, tyres=TYRES[6], fuel="full", energy_pct=64.2,
        driver="Miguel MOLINA", driver_changes=False,
    )  # fmt: skip
    words = words_of(stop, LAP, hose_s=12.0)
    assert words.exact == (
        "Box next lap: four wets, energy to 64 % (12 s of hose), Molina stays"
    )  # fmt: skip
    assert words.short == "Box next lap: four wets"
    assert words.brief == "Box next lap: four wets, fuel to the top, Molina"
    assert words.headline == "Box next lap"
    assert words.work == ("four wets", "energy to 64 % (12 s of hose)", "Molina stays")
    assert words.when == ("next lap", "now", "on lap 41, gone")
    due = words_of(call(action="stay", until="driver_due", until_lap=47, tyres=TYRES[1]), LAP)
    assert due.exact == "Stay out until the driver must change, lap 47"
    waits = words_of(call(action="stay", until="first_lap", tyres=TYRES[6]), LAP)
    assert waits.exact == "Wait for the first car's lap on wets: change if it is quicker, else stay"
    assert waits.headline == waits.brief == "Wait for the first lap on wets"
    saves = words_of(call(action="save", until="flag", save_pct=2.6), LAP)
    assert saves.exact == "Stay out and save 3 % a lap: the flag without another stop"
    opens = words_of(call(action="stay", until="lane_opens", tyres=TYRES[4]), LAP)
    assert opens.exact == "Stay out now, box as soon as the pit lane opens: four slicks"


def test_another_language_is_another_table() -> None:
    tables = {name: dict(table) for name, table in language().tables.items()}
    tables["box"] = dict.fromkeys(("headline", "exact", "short"), "{when} an die Box")
    tables["when"] = {"0": "jetzt", "gone": "vorbei"}
    told = words_of(
        call(action="box", lap=LAP, tyres=TYRES[6], fuel="none"), LAP, said_in=Language(tables)
    )
    assert told.exact == "jetzt an die Box"
    assert told.when == ("jetzt", "vorbei")


def test_every_flag_has_a_name_and_what_has_none_stands_as_it_is() -> None:
    for flag in Flag:
        assert language().has("flags", flag), flag
    assert language().flag("local_slow_zone") == "local slow zone"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Antonio GIOVINAZZI", "Giovinazzi"),
        ("Sheldon van der Linde", "van der Linde"),
        ("Robert DE HAAN", "De Haan"),
        ("S. v d Linde", "v d Linde"),
        ("Ye", "Ye"),
        ("", ""),
        (None, ""),
    ],
)
def test_surnames_are_those_of_the_page(name: str | None, said: str) -> None:
    assert surname(name) == said
