"""What a race is called, put together from what several have said of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.race_info import UNNAMED, RaceInfo, RaceLength, first_said
from dryline.domain.session_kind import SessionKind

SAID = {
    "name": st.sampled_from(["imola 6h", "club race"]),
    "series": st.sampled_from(["wec", "imsa"]),
    "year": st.integers(2000, 2030),
    "event": st.sampled_from(["Imola", "Spa"]),
    "session": st.sampled_from(["qualifying", "practice"]),
    "session_kind": st.sampled_from([kind for kind in SessionKind if not kind.is_race]),
    "length": st.builds(RaceLength, ms=st.integers(60_000, 86_400_000)),
    "simulated": st.just(value=True),
    "sources": st.sampled_from([("a.csv",), ("b.csv",)]),
}
"""For every field words that say something."""
UNSAID = {**dict.fromkeys(SAID), "name": UNNAMED, "session": "race", "simulated": False}
UNSAID |= {"sources": (), "session_kind": SessionKind.RACE}
INFOS = st.fixed_dictionaries({}, optional=SAID).map(
    lambda said: (said, RaceInfo(**{"name": UNNAMED, **said}))
)


@given(infos=st.lists(INFOS, max_size=4))
def test_every_field_is_the_word_of_the_first_who_said_one(infos: list[tuple]) -> None:  # type: ignore[type-arg]
    told = first_said(*(info for _, info in infos))
    assert set(SAID) == set(RaceInfo.__struct_fields__)
    for field in RaceInfo.__struct_fields__:
        words = [said[field] for said, _ in infos if field in said]
        assert getattr(told, field) == (words[0] if words else UNSAID[field])


def test_an_empty_name_says_nothing() -> None:
    assert first_said(RaceInfo(name=""), RaceInfo(name="spa", series="")).name == "spa"
    assert first_said(RaceInfo(name="spa", series="")).series is None
