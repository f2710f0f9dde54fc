"""Text that everybody can be shown: without the characters that no page, picture or terminal holds.

Taken out are what XML 1.0 forbids (controls but tab and line ends, U+FFFE, U+FFFF, lone
surrogates), DEL and the C1 controls, which command a terminal, and marks that nobody sees: those of
writing direction, spaces of no width, a byte order mark in mid-text. Joiners of letters stay: there
are names that are not written without them.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

Fact = TypeVar("Fact", bound=msgspec.Struct)
Value = TypeVar("Value")
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_MARKS = "\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb"
_NO_CHARACTERS = "\ufffe\uffff\ud800-\udfff"
UNSEEN = re.compile(f"[{_CONTROLS}{_MARKS}{_NO_CHARACTERS}]")
NO_XML = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_NO_CHARACTERS}]")
"""What no SVG may hold."""
_BREAKS = re.compile("[\t\r\n]+")
_STRAY_RETURN = re.compile(rb"\r(?!\r*(?:\n|\Z))")
_ORDINARY = bytes(range(0x20, 0x7F)) + b"\t\r\n"


def legible(text: str) -> str:
    """``text`` in one line without characters that cannot be shown; a break becomes a space."""
    return text if text.isprintable() else _BREAKS.sub(" ", UNSEEN.sub("", text))


def legible_fact(fact: Fact) -> Fact:
    """The same fact with every text in it legible; ``fact`` itself where each is."""
    changed = {}
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if (shown := legible_tree(value)) is not value:
            changed[name] = shown
    return msgspec.structs.replace(fact, **changed) if changed else fact


def legible_lines(utf8: bytes) -> tuple[bytes, list[str]]:
    """The lines of a file without characters that cannot be shown, and which they were.

    A carriage return in mid-line becomes a space. ``utf8`` need not be valid.
    """
    odd = utf8.translate(None, _ORDINARY)
    found = sorted(set(UNSEEN.findall(odd.decode(errors="ignore"))))
    found = [character for character in found if character.encode() in utf8]
    for character in found:
        utf8 = utf8.replace(character.encode(), b"")
    if b"\r" in utf8 and utf8.count(b"\r") != utf8.count(b"\r\n"):
        utf8, stray = _STRAY_RETURN.subn(b" ", utf8)
        found += ["\r"] if stray else []
    return utf8, found


def code_points(characters: list[str]) -> str:
    """Characters that cannot be shown, as they are called: ``U+0006, U+202E``."""
    return ", ".join(f"U+{ord(character):04X}" for character in characters)


def legible_tree(value: Value) -> Value:
    """The same tables, lists and texts, every text in them legible; ``value`` itself if it was."""
    shown: object = value
    if isinstance(value, str) and type(value) is str:
        shown = legible(value)
    elif isinstance(value, msgspec.Struct):
        shown = legible_fact(value)
    elif isinstance(value, dict):
        shown = {legible_tree(key): legible_tree(each) for key, each in value.items()}
    elif isinstance(value, list | tuple):
        shown = type(value)(legible_tree(each) for each in value)
    return value if shown is value or shown == value else shown  # type: ignore[return-value]
