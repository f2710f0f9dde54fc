"""Series made up for tests: other names, other classes, other procedures, as a file holds them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dryline.domain.car_class import class_key
from dryline.domain.series import car_classes, series_names

_WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9)
NAMES = _WORDS.filter(lambda word: word not in {*series_names(), "unknown"})
CLASSES = st.lists(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234 /-", min_size=2, max_size=10)
    .map(str.strip)
    .filter(lambda name: class_key(name) not in {"", *car_classes()}),
    min_size=2, max_size=3, unique_by=class_key,
)  # fmt: skip
_SHARE = st.floats(0.1, 0.9)
_BELIEVED = st.lists(st.sampled_from(("wec", "imsa")), min_size=1, max_size=2, unique=True)
_RACES = {"wec": "wec", "imsa": "imsa_sprint"}
_SOURCE = "made up"


@st.composite
def series_files(draw: st.DrawFn) -> tuple[str, list[str], dict[str, Any]]:
    """A series' name, its classes, and its file as a table."""
    name, classes, believed = draw(NAMES), draw(CLASSES), draw(_BELIEVED)
    kinds = draw(st.lists(st.sampled_from(("fcy", "vsc", "safety_car", "slow_zone")), unique=True))
    return name, classes, {
        "full_name": f"The {name.title()} Cup",
        "recognition": {"classes": [classes], "folders": [name]},
        "classes": {each: _class(draw, classes[0]) for each in classes[1:]},
        "believed": {
            "stops": believed, "teams": [name], "contrast": 0.0,
            "source": _SOURCE, "words": "believed as measured elsewhere",
        },
        "races": [_race(draw, "short", believed, {"below_h": draw(st.floats(0.5, 2))}),
                  _race(draw, "long", believed, {})],
        "stops": {"services_at_once": draw(st.booleans()), "transit_share": draw(_SHARE),
                  "filling_share": draw(_SHARE), "source": _SOURCE},
        "traffic": {"pass_ms": draw(st.floats(0, 9000)), "source": _SOURCE},
        "restart": {"gap_ms": draw(st.floats(300, 2000)), "class_split": draw(_SHARE),
                    "last_lap": draw(_SHARE), "source": _SOURCE},
        "finish": {"lets_by": draw(_SHARE), "source": _SOURCE},
        "neutralisations": {
            "kinds": [*kinds, "red"], "queueing": ["red"], "source": _SOURCE,
            "pit_entry": {kind: {"closed": draw(st.booleans()), "source": _SOURCE}
                          for kind in kinds if kind != "slow_zone"},
        },
        **_tyres(draw),
        "seasons": [{"from_year": 2000, "order": classes, "source": _SOURCE, "confidence": "high"}],
    }  # fmt: skip


def _tyres(draw: st.DrawFn) -> dict[str, Any]:
    """No kinds of tyre, or three and more."""
    rain = draw(st.sampled_from(((), ("inter", "wet"), ("drizzle", "inter", "wet"))))
    further = {"quicker_from": draw(st.floats(0.1, 0.3)), "spares": draw(_SHARE)}
    kinds = [
        {"name": name, "words": f"{name} tyres", "source": _SOURCE, **(further if at > 1 else {})}
        for at, name in enumerate(("slick", *rain))
    ]
    return {"tyres": kinds} if rain else {}


def _class(draw: st.DrawFn, like: str) -> dict[str, Any]:
    colour = draw(st.sampled_from(("first", "second", "third", "gt", "pro")))
    family = draw(st.sampled_from(("top", "lmp2", "lmp3", "gt_pro", "gt_am")))
    return {"colour": colour, "family": family, "prototype": draw(st.booleans()), "like": like}


def _race(
    draw: st.DrawFn, name: str, believed: list[str], more: dict[str, float]
) -> dict[str, Any]:
    return {
        "name": name, "priors": [_RACES[each] for each in believed], "source": _SOURCE,
        "sprint": draw(st.booleans()), "usual_crew": draw(st.integers(1, 4)), **more,
    }  # fmt: skip
