"""The one error tree. The apps translate it once; nothing else catches it wholesale.

DrylineError
├── InputError            the user can mend it: exit status 2, one clear line
│   ├── BadTime           a text that is no time
│   ├── UnreadableFile    not there, empty, binary, not the format it claims
│   ├── RaceNotFound      no such file, folder or library id
│   ├── IdTaken           the library holds another session under the id
│   ├── UnknownCar        a car number that is not in the race
│   ├── UnknownLength     a forecast without a scheduled length
│   ├── BadDecision       a line of a decisions file that cannot be applied
│   ├── BadRuleBook       a rule book or override with an unknown key or value
│   ├── BadForecast       another program's forecast that cannot be scored
│   ├── NotKnown          the season's rules or the data do not hold what was asked
│   └── BadOption         arguments that do not go together
├── FetchError            the results site did not give what was asked
├── LibraryError          the library cannot be read, locked or rebuilt
├── JournalError          the journal of a live session cannot be written or locked
└── BrokenInvariant       a fault of Dryline's own: exit status 1
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DrylineError(Exception):
    """Anything Dryline raises on purpose."""


class InputError(DrylineError):
    """Unusable input or arguments, said in one line: what, where, and what to do.

    ``str()`` reads ``file, line N: what was wrong. Remedy.``
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        self.message, self.file, self.line, self.remedy = message, file, line, remedy
        where = "" if file is None else file
        if line is not None:
            where += f"{', ' if where else ''}line {line}"
        text = f"{where}: {message}" if where else message
        super().__init__(f"{text.rstrip('.')}. {remedy}" if remedy else text)


class BadTime(InputError):
    """A text that is no time."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text[:40]!r} is not a time",
            remedy="Write 52.588, 1:35.020 or 1:02:03.4.",
        )


class UnreadableFile(InputError):
    """A file that is not there, empty, binary, or not the format it claims to be."""


class RaceNotFound(InputError):
    """No timing file, folder, library id or embedded event of that name."""


class IdTaken(InputError):
    """The library holds another session under the id that a new one would get."""


class UnknownCar(InputError):
    """A car number that is not in the race."""


class UnknownLength(InputError):
    """A forecast was asked for a race whose scheduled length nobody has said."""


class BadDecision(InputError):
    """A line of a stewards' decisions file that cannot be applied."""


class BadRuleBook(InputError):
    """A rule book, season file or override with an unknown key or an impossible value."""


class BadSeries(InputError):
    """A series file with an unknown key or an impossible value."""


class BadForecast(InputError):
    """A forecast by another program that did not come, or that cannot be scored."""


class NotKnown(InputError):
    """What was asked is not known for this season, or not in this data."""


class BadOption(InputError):
    """Arguments that do not go together."""


class FetchError(DrylineError):
    """The results site did not give what was asked for."""


class LibraryError(DrylineError):
    """The library cannot be read, locked or rebuilt."""


class JournalError(DrylineError):
    """The journal of a live session cannot be written or locked."""


class BrokenInvariant(DrylineError):
    """A fault of Dryline's own; never the user's."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What is done here reads ``path``.

    Raises:
        UnreadableFile: where it is not there, or cannot be read.
    """
    try:
        yield
    except OSError as error:
        raise UnreadableFile(
            f"cannot read it: {error.strerror or error}", file=str(path), remedy="Check the path."
        ) from error


@contextmanager
def writing(path: Path, remedy: str | None = None) -> Iterator[None]:
    """What is done here writes ``path``, a file or a folder.

    Raises:
        UnreadableFile: where it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise UnreadableFile(
            f"cannot write it: {error.strerror or error}", file=str(path), remedy=remedy
        ) from error
