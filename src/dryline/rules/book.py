"""A season's regulations: the shipped rule book, with the user's own values over it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin

import msgspec

from dryline.domain.car_class import class_key
from dryline.domain.decision import DecisionKind
from dryline.domain.errors import BadRuleBook, NotKnown
from dryline.domain.legible import legible_tree
from dryline.rules.schema import (
    CrewRules,
    Neutralisation,
    RuleBookText,
    Scale,
    Stated,
)

_T = TypeVar("_T")


class Override(NamedTuple):
    """A rule file of the user's own: its name, for messages, and its text."""

    name: str
    text: str


class RuleBook(msgspec.Struct, frozen=True):
    """The regulations of one season. What they leave out is unknown, and says so when asked."""

    text: RuleBookText
    year: int
    files: tuple[str, ...]

    @property
    def series(self) -> str:
        """The series' name, as its file is called."""
        return self.text.series

    def known(self, stated: Stated[_T] | None, what: str) -> _T:
        """The value of ``stated``.

        Raises:
            NotKnown: where the book does not state it; ``what`` names it in the message.
        """
        if stated is None:
            raise self.not_known(what)
        return stated.value

    def not_known(self, what: str) -> NotKnown:
        """The error that says that ``what`` is not known for this season."""
        return NotKnown(
            f"{what}: not known for this season ({self.series.upper()} {self.year})",
            remedy="State it in a rule file of your own, or check the event's regulations.",
        )

    def crew(self, car_class: str) -> CrewRules | None:
        """The crew rules of a class, ``None`` where unknown."""
        return _of_class(self.text.crews, car_class)

    def neutralisation(self, kind: str, event: str | None = None) -> Neutralisation | None:
        """What a kind of neutralisation imposes, by the event's own rule where it has one."""
        if event is not None:
            for name, rule in self.text.neutralisations.items():
                base, _, where = name.partition("@")
                if base == kind and where and where in event.replace("-", "_"):
                    return rule
        return self.text.neutralisations.get(kind)

    def scale(self, hours: float) -> Scale:
        """The points scale of a race of that scheduled length.

        Raises:
            NotKnown: where no scale covers it.
        """
        for scale in self.text.points.scales:
            if scale.from_h <= hours <= scale.to_h:
                return scale
        raise self.not_known(f"the points scale of a race of {hours:g} h")

    def unserved_seconds(self, kind: DecisionKind, own_seconds: float | None) -> float | None:
        """Seconds that an unserved drive-through or stop-and-go adds; ``None`` where unknown."""
        penalties = self.text.penalties
        if kind is DecisionKind.DRIVE_THROUGH:
            stated = penalties.drive_through_unserved_s
            return None if stated is None else stated.value
        extra = penalties.stop_and_go_unserved_extra_s
        if kind is DecisionKind.STOP_AND_GO and extra is not None and own_seconds is not None:
            return extra.value + own_seconds
        return None


def rule_book(series: str, year: int, override: Override | None = None) -> RuleBook:
    """The regulations of a season, with the user's ``override`` over the shipped values.

    Raises:
        NotKnown: where no shipped book covers the season.
        BadRuleBook: an unknown key or a value of the wrong kind, in either file.
    """
    for name in shipped_books():
        raw = _shipped(name)
        if raw["series"] == series.casefold() and raw["from_year"] <= year <= raw["to_year"]:
            break
    else:
        raise NotKnown(
            f"there is no rule book for {series} {year}",
            remedy=f"Shipped: {', '.join(book.removesuffix('.toml') for book in shipped_books())}.",
        )
    files: tuple[str, ...] = (f"rules/{name}",)
    if override is not None:
        parsed = _parse(override.name, override.text)
        raw = _merged(raw, _wrapped(parsed, RuleBookText, override.name))
        files = (*files, override.name)
    return RuleBook(_checked(raw, files[-1]), year, files)


def read_rule_book(name: str, text: str) -> RuleBookText:
    """One whole rule book from its TOML text, checked; ``name`` is for messages."""
    return _checked(_parse(name, text), name)


def _of_class(table: Mapping[str, _T], car_class: str) -> _T | None:
    wanted = class_key(car_class)
    return next((value for name, value in table.items() if class_key(name) == wanted), None)


@cache
def shipped_books() -> tuple[str, ...]:
    """The rule books of the package, by file name."""
    folder = resources.files("dryline.data") / "rules"
    return tuple(sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml")))


@cache
def _shipped(name: str) -> dict[str, Any]:
    text = (resources.files("dryline.data") / "rules" / name).read_text(encoding="utf-8")
    return _parse(f"rules/{name}", text)


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        return legible_tree(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadRuleBook(
            f"is not TOML: {error}", file=name, remedy="Mend the line it names."
        ) from error


def _checked(raw: dict[str, Any], name: str) -> RuleBookText:
    try:
        return msgspec.convert(raw, RuleBookText)
    except msgspec.ValidationError as error:
        raise _explained(str(error), name) from error


def _explained(message: str, name: str) -> BadRuleBook:
    unknown = re.search(r"unknown field `(?P<key>[^`]+)`(?: - at `\$\.?(?P<at>[^`]*)`)?", message)
    if unknown is None:
        what, _, at = message.partition(" - at `$")
        where = at.strip("`.")
        return BadRuleBook(
            f"{where or 'the file'}: {what[:1].lower()}{what[1:]}",
            file=name,
            remedy="Correct the value; docs/rules.md lists what each key takes.",
        )
    key, at = unknown["key"], unknown["at"] or ""
    near = difflib.get_close_matches(key, _all_keys(), n=1)
    hint = f"Did you mean {near[0]}?" if near else "docs/rules.md lists the keys; take it out."
    return BadRuleBook(f"unknown key {f'{at}.{key}' if at else key}", file=name, remedy=hint)


def _all_keys() -> list[str]:
    found: set[str] = set()
    todo: list[Any] = [RuleBookText]
    while todo:
        kind = todo.pop()
        for field in msgspec.structs.fields(kind):
            found.add(field.name)
            todo += [each for each in _parts(field.type) if _is_section(each)]
    return sorted(found)


def _parts(kind: Any) -> list[Any]:
    return [kind] + [part for each in get_args(kind) for part in _parts(each)]


def _is_section(kind: Any) -> bool:
    return (
        isinstance(kind, type) and issubclass(kind, msgspec.Struct) and not issubclass(kind, Stated)
    )


def _wrapped(raw: dict[str, Any], kind: Any, name: str) -> dict[str, Any]:
    """``raw`` with every bare leaf that the schema wants stated turned into a stated one."""
    types = {field.name: field.type for field in msgspec.structs.fields(kind)}
    return {key: _wrap(value, types.get(key), name) for key, value in raw.items()}


def _wrap(value: Any, kind: Any, name: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        wanted = [part for part in get_args(kind) if part is not type(None)]
        return _wrap(value, wanted[0], name)
    if origin is Stated:
        if isinstance(value, dict) and "value" in value:
            return {"source": name, "confidence": 1.0, **value}
        return {"value": value, "source": name, "confidence": 1.0, "note": "stated by the user"}
    if origin is dict and isinstance(value, dict):
        return {key: _wrap(each, get_args(kind)[1], name) for key, each in value.items()}
    if origin is list and isinstance(value, list):
        return [_wrap(each, get_args(kind)[0], name) for each in value]
    if _is_section(kind) and isinstance(value, dict):
        return _wrapped(value, kind, name)
    return value


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(value, dict) and "value" not in value
        merged[key] = _merged(below, value) if both else value  # type: ignore[arg-type]
    return merged
