"""The journal's records and how they are chained.

A journal begins with ``MAGIC``. Each record is four bytes of length (little end first), the
record itself (MessagePack), and 32 bytes of SHA-256 over the hash before it and the record: no
record can be changed, left out or moved without every later hash giving it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

import msgspec

MAGIC = b"dryline journal 1\n"
GENESIS = hashlib.sha256(MAGIC).digest()
MAX_BODY = 64 * 1024 * 1024
HASH_BYTES, LENGTH_BYTES = 32, 4


class Kind(StrEnum):
    """What a record holds."""

    BEGIN = "begin"  # which race, which seed: a Beginning
    ARRIVAL = "arrival"  # raw bytes from a feed, or what somebody typed
    ASKED = "asked"  # a question to the workers: an Ask
    ANSWERED = "answered"  # what they said: an Answer
    JUMP = "jump"  # a replay went back to ``at_ms``
    REMARK = "remark"  # a finding of the session's own
    MARK = "mark"  # the digest of the state after the record before


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One thing that came to the session. All that the session knows follows from its records.

    ``at_ms`` is the race instant at which it came; ``form``, ``name`` and ``position`` belong to
    arrivals (see ``feeds.live.arrival``).
    """

    seq: int
    kind: Kind
    at_ms: int
    source: str
    data: bytes
    form: str = ""
    name: str = ""
    position: int = 0


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Record)


def chained(record: Record, head: bytes) -> tuple[bytes, bytes]:
    """The record's bytes in the journal after hash ``head``, and the new hash."""
    body = _ENCODER.encode(record)
    digest = hashlib.sha256(head + body).digest()
    return len(body).to_bytes(LENGTH_BYTES, "little") + body + digest, digest


class JournalReading:
    """The sound records of a journal, one by one; what follows the last of them is in ``fault``.

    After the iteration ``good_to`` is the number of sound bytes, ``head`` the last hash,
    ``fault`` why the reading ended before the file did, or empty; ``torn`` says that the file
    ends within a record, as a crash leaves it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.good_to = 0
        self.records = 0
        self.head = GENESIS
        self.fault = ""
        self.torn = False

    def __iter__(self) -> Iterator[Record]:
        magic = self._file.read(len(MAGIC))
        if magic != MAGIC:
            self.torn = MAGIC.startswith(magic)
            self.fault = "the first bytes are cut off" if self.torn else "no journal"
            return
        self.good_to = len(MAGIC)
        while (record := self._next()) is not None:
            yield record

    def _next(self) -> Record | None:
        size = self._file.read(LENGTH_BYTES)
        if not size:
            return None
        length = int.from_bytes(size, "little")
        if len(size) < LENGTH_BYTES or not 0 < length <= MAX_BODY:
            self.torn = len(size) < LENGTH_BYTES or not any(size)
            return self._stop("a length is cut off or impossible")
        body, digest = self._file.read(length), self._file.read(HASH_BYTES)
        if len(body) < length or len(digest) < HASH_BYTES:
            self.torn = True
            return self._stop("the last record is cut off")
        if hashlib.sha256(self.head + body).digest() != digest:
            return self._stop("a record does not match its hash")
        try:
            record = _DECODER.decode(body)
        except msgspec.DecodeError:
            return self._stop("a record cannot be read")
        if record.seq != self.records:
            return self._stop("records are not counted in order")
        self.good_to += LENGTH_BYTES + length + HASH_BYTES
        self.records += 1
        self.head = digest
        return record

    def _stop(self, reason: str) -> Record | None:
        self.fault = reason
        return None
