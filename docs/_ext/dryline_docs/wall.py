"""What the pit wall's server sends, field by field, from the records themselves."""

from __future__ import annotations

import msgspec

from dryline.answers.meanings import meanings_of
from dryline.answers.wall import SessionView, Wall
from dryline.answers.wall_line import LineNow
from dryline.answers.wall_team import Team
from dryline_docs.text import FromCode, code, slug, table

SENT: dict[str, type[msgspec.Struct]] = {
    "session": SessionView,
    "line": LineNow,
    "wall": Wall,
    "team": Team,
}
"""The events of the stream that are told here, each also ``GET /api/…``, and a car's line."""
COMMANDS = {"call.advice": "advise", "rejoin": "rejoin"}
"""Fields that hold a command's whole object, which the page of JSON objects tells."""
CUT = (*COMMANDS, "what_ifs[].result", "order_sheet.words")


class WallFields(FromCode):
    """A section for every event, a row for every field."""

    def markdown(self) -> str:
        """The text to put in the directive's place."""
        return "\n\n".join(_section(name, record) for name, record in SENT.items())


def told(record: type[msgspec.Struct]) -> dict[str, str]:
    """The fields of what is sent and their meanings; whole answers in it are told elsewhere."""
    return {
        path: f"{each.text}, {each.unit}" if each.unit else each.text
        for path, each in meanings_of(record).items()
        if not any(path.startswith((f"{cut}.", f"{cut}[]")) for cut in CUT)
    }


def _section(name: str, record: type[msgspec.Struct]) -> str:
    def meaning(path: str, text: str) -> str:
        command = COMMANDS.get(path)
        return text if command is None else f"{text} ([{command}](json.md#json-{command}))"

    rows = [(code(path), meaning(path, text)) for path, text in told(record).items()]
    title = f"{{#{slug('wall', name)}}}\n## {name}\n\n{record.__doc__}\n\n"
    return title + table(("field", "meaning"), rows, "columns")
