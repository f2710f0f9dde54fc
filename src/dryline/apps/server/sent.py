"""An event of the stream as bytes, plain and packed, made once for everybody.

The packed pieces are blocks of one gzip stream that know nothing of one another, so that any
viewer's stream is a head and the pieces that it gets, in any order.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LEVEL = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """One event: its data alone, the event as text, the event as a piece of a gzip stream."""

    data: bytes
    plain: bytes
    packed: bytes

    def as_(self, *, packed: bool) -> bytes:
        """The event for a viewer that takes gzip, or does not."""
        return self.packed if packed else self.plain


def event(kind: str, data: bytes, stamp_ns: int | None = None) -> Sent:
    """One server-sent event; the stamp, a comment, is when the first fact in it was known."""
    stamp = b"" if stamp_ns is None else b": %d\n" % stamp_ns
    plain = stamp + b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"
    return Sent(data, plain, _packed(plain))


def remark(text: str) -> Sent:
    """A comment: it says nothing but that somebody is there."""
    plain = b": " + text.encode() + b"\n\n"
    return Sent(b"", plain, _packed(plain))


def _packed(plain: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH)
