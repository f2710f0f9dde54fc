from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.person import full_name, surname
from dryline.domain.race_title import race_title


@pytest.mark.parametrize(
    ("sources", "written", "family"),
    [
        (("Blake MCDONALD", "Blake McDonald", "Blake Mcdonald"), "Blake McDonald", "McDonald"),
        (("Cooper MACNEIL", "Cooper Macneil", "Cooper MacNeil"), "Cooper MacNeil", "MacNeil"),
        (("Devlin DEFRANCESCO", "Devlin Defrancesco"), "Devlin DeFrancesco", "DeFrancesco"),
        (("Nyck DE VRIES",), "Nyck de Vries", "De Vries"),
        (("Renger van der Zande",), "Renger van der Zande", "van der Zande"),
        (("Rui Pinto de Andrade",), "Rui Pinto de Andrade", "de Andrade"),
        (("Zanardi",), "Zanardi", "Zanardi"),
        (("",), "", ""),
    ],
)
def test_a_name_is_written_alike_whatever_its_source_shouts(
    sources: tuple[str, ...], written: str, family: str
) -> None:
    assert {full_name(source) for source in sources} == {written}
    assert {surname(source) for source in sources} == {family}


@given(st.from_regex(r"[a-z]{3,9}", fullmatch=True))
def test_every_mc_has_its_second_capital_from_any_source(rest: str) -> None:
    written = f"Mc{rest.capitalize()}"
    for source in (f"MC{rest.upper()}", f"Mc{rest}", written):
        assert full_name(f"Ann {source}") == f"Ann {written}"
        assert surname(f"Ann {source}") == written


@pytest.mark.parametrize(
    ("name", "heading", "noun", "after_won"),
    [
        ("11-detroit-street-course", "Detroit", "the race at Detroit", "at Detroit"),
        ("Detroit Street Course", "Detroit", "the race at Detroit", "at Detroit"),
        ("Indianapolis Motor Speedway Rc", "Indianapolis", "the race at Indianapolis",
         "at Indianapolis"),
        ("cota_6h", "6 Hours of COTA", "the 6 Hours of COTA", "the 6 Hours of COTA"),
        ("6 Hours of Cota", "6 Hours of COTA", "the 6 Hours of COTA", "the 6 Hours of COTA"),
        ("sao_paulo_6h", "6 Hours of São Paulo", "the 6 Hours of São Paulo",
         "the 6 Hours of São Paulo"),
        ("qatar_1812km", "Qatar 1812 km", "the Qatar 1812 km", "the Qatar 1812 km"),
        ("17-tire-rack.com-battle-on-the-bricks", "Battle on the Bricks",
         "the Battle on the Bricks", "the Battle on the Bricks"),
        ("barber  Race1", "Barber, race 1", "race 1 at Barber", "race 1 at Barber"),
        ("sebring_Sebring_Race_2 Race2", "Sebring, race 2", "race 2 at Sebring",
         "race 2 at Sebring"),
        ("08-some-park-of-hills", "Some Park of Hills", "the race at Some Park of Hills",
         "at Some Park of Hills"),
        ("made up", "made up", "the race “made up”", "the race “made up”"),
    ],
)  # fmt: skip
def test_a_race_has_the_name_that_a_paper_prints(
    name: str, heading: str, noun: str, after_won: str
) -> None:
    found = race_title(name)
    assert (found.written, found.noun, found.after_won) == (heading, noun, after_won)
