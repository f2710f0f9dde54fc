"""The words of the sport in a language: a file of phrases each, with named places to fill in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


class Language:
    """Phrases by table and key, as one of the files of ``data/languages`` has them.

    Args:
        tables: a phrase by its table (``stay.flag``) and its key.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self.tables = tables

    def say(self, table: str, key: object, **places: object) -> str:
        """A phrase with its places filled in; a word that the language lacks stands as it is."""
        phrase = self.tables.get(table, {}).get(str(key))
        return str(key).replace("_", " ") if phrase is None else phrase.format(**places)

    def has(self, table: str, key: object) -> bool:
        """Whether it has such a phrase."""
        return str(key) in self.tables.get(table, {})

    def flag(self, flag: object) -> str:
        """What a flag or a kind of neutralisation is called: ``full course yellow``."""
        return self.say("flags", flag)


@cache
def language(code: str = "en") -> Language:
    """The language of that code.

    Raises:
        FileNotFoundError: where there is no file of it.
    """
    text = files("dryline").joinpath("data", "languages", f"{code}.toml").read_text("utf-8")
    return Language(dict(_tables(tomllib.loads(text), "")))


def _tables(found: Mapping[str, Any], path: str) -> list[tuple[str, dict[str, str]]]:
    plain = {key: value for key, value in found.items() if isinstance(value, str)}
    inner = [
        table
        for key, value in found.items()
        if isinstance(value, Mapping)
        for table in _tables(value, f"{path}.{key}" if path else key)
    ]
    return [*([(path, plain)] if plain else []), *inner]
