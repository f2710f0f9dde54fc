"""XML as a tree: no entities of its own, nothing from outside, no bottomless depth."""

from __future__ import annotations

import re
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.domain.legible import legible
from dryline.feeds.decode import decode_markup, valid_utf8
from dryline.feeds.remarks import Remarks

DEEPEST = 40
_STRAY_AMPERSAND = re.compile(rb"&(?!#?[A-Za-z0-9]{1,8};)")


def read_xml(data: bytes, name: str, remarks: Remarks, entities: frozenset[str]) -> Element:
    """The root of the XML in ``data``; only the ``entities`` named may be declared.

    Raises:
        UnreadableFile: where it breaks off, declares entities, or is nested without end.
    """
    text = valid_utf8(decode_markup(data, name, remarks).utf8, remarks)
    tree = _Tree(name, entities)
    root = tree.of(_STRAY_AMPERSAND.sub(b"&amp;", text))
    if tree.junk_line is not None:
        remarks.add(
            "text_behind_the_end",
            Severity.WARNING,
            "more stands behind the end of the log; left out",
            line=tree.junk_line,
        )
    return root


class _Tree:
    """Builds a tree from what expat says."""

    def __init__(self, name: str, entities: frozenset[str]) -> None:
        self.name, self.entities, self.depth = name, entities, 0
        self.junk_line: int | None = None
        self.builder = TreeBuilder()
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.builder.data
        parser.EntityDeclHandler = self._entity

    def of(self, text: bytes) -> Element:
        """The root element."""
        try:
            self.parser.Parse(text, True)
        except expat.ExpatError as error:
            if error.code == expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]:
                self.junk_line = error.lineno
                return self.builder.close()
            why = legible(expat.ErrorString(error.code))[:80]
            self._fail(f"the XML breaks off or is damaged: {why}", error.lineno)
        return self.builder.close()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            self._fail("the XML is nested without end", self.parser.CurrentLineNumber)
        self.builder.start(tag, {**attributes, "line": str(self.parser.CurrentLineNumber)})

    def _end(self, tag: str) -> None:
        self.depth -= 1
        self.builder.end(tag)

    def _entity(
        self,
        name: str,
        _is_parameter: bool,
        value: str | None,
        *_outside: str | None,
    ) -> None:
        if name not in self.entities or value is None or len(value) > 40 or "&" in value:
            self._fail("the XML declares entities of its own", self.parser.CurrentLineNumber)

    def _fail(self, message: str, line: int | None) -> NoReturn:
        raise UnreadableFile(
            message, file=self.name, line=line, remedy="Give the file as the simulator wrote it."
        )
