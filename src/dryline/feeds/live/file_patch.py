"""A new version of a file as a patch on the old one: raw bytes, kept small.

Timing files grow at the end or, sorted by car, in many places at once; both leave most lines as
they were. ``apply_patch(old, make_patch(old, new)) == new``, always.
"""

from __future__ import annotations

import msgspec


class Hunk(msgspec.Struct, frozen=True, array_like=True):
    """At line ``at`` of the old version (from 0), ``removed`` lines give way to ``added``.

    ``at`` is -1 for bytes that follow after the very last one.
    """

    at: int
    removed: int
    added: bytes


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Hunk])


def make_patch(old: bytes, new: bytes) -> bytes:
    """What turns ``old`` into ``new``."""
    if new.startswith(old):
        return _ENCODER.encode([Hunk(-1, 0, new[len(old) :])])
    hunks = _hunks(old.splitlines(keepends=True), new.splitlines(keepends=True))
    return _ENCODER.encode(hunks)


def apply_patch(old: bytes, patch: bytes) -> bytes:
    """The version that ``patch`` makes of ``old``.

    Raises:
        msgspec.DecodeError: where ``patch`` is no patch.
    """
    hunks = _DECODER.decode(patch)
    if len(hunks) == 1 and hunks[0].at == -1:
        return old + hunks[0].added
    lines = old.splitlines(keepends=True)
    parts: list[bytes] = []
    place = 0
    for hunk in hunks:
        parts += lines[place : hunk.at]
        parts.append(hunk.added)
        place = hunk.at + hunk.removed
    return b"".join((*parts, *lines[place:]))


def only_appends(patch: bytes) -> bool:
    """Whether the old version is the beginning of the new one."""
    hunks = _DECODER.decode(patch)
    return len(hunks) == 1 and hunks[0].at == -1


def _hunks(old: list[bytes], new: list[bytes]) -> list[Hunk]:
    """A walk along both: lines only in one are removed or added, anything else ends the walk."""
    in_old, in_new = set(old), set(new)
    hunks: list[Hunk] = []
    i = j = 0
    while i < len(old) or j < len(new):
        start, added = i, j
        while i < len(old) and old[i] not in in_new:
            i += 1
        while j < len(new) and new[j] not in in_old:
            j += 1
        both = i < len(old) and j < len(new) and old[i] == new[j]
        if not both:
            i, j = len(old), len(new)
        if i > start or j > added:
            hunks.append(Hunk(start, i - start, b"".join(new[added:j])))
        while i < len(old) and j < len(new) and old[i] == new[j]:
            i, j = i + 1, j + 1
    return hunks
