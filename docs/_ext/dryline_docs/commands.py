"""The commands with their options, from the tree that the command line itself parses with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from dryline_docs.text import FromCode, code, slug, table

SHARED = ("The race", "Form", "Where it runs")
"""Panels of options that many commands share; what at least three have alike is told once."""
PANELS = (
    "Start", "Read a race", "Measure a race", "Look ahead", "Championship and rules",
    "Races on disk, live sessions, downloads",
)  # fmt: skip
_STARTS = {"demo", "warm"}


def tree() -> Any:
    """The root command."""
    import typer

    from dryline.apps.cli.app import app

    return typer.main.get_command(app)


def walk(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    found = tree() if command is None else command
    if not hasattr(found, "commands"):
        yield path, found
        return
    for name, child in found.commands.items():
        yield from walk(child, (*path, name))


def check(line: str) -> None:
    """Parse one line ``dryline …`` as the command line would, without running it.

    Raises:
        Exception: the parser's own error, where a command or an option does not exist.
    """
    words = shlex.split(line, comments=True)
    command, context, words = tree(), None, words[1:]
    while True:
        name = command.name if context else "dryline"
        context = command.make_context(name, list(words), parent=context, resilient_parsing=False)
        if not hasattr(command, "commands"):
            return
        rest = [*getattr(context, "_protected_args", []), *context.args]
        _, command, words = command.resolve_command(context, rest)


def options(command: Any) -> list[Any]:
    """The options of a command."""
    return [p for p in command.params if p.param_type_name == "option" and p.name != "help"]


def panel_of(path: tuple[str, ...], command: Any) -> str:
    """Under which heading a command stands."""
    if path[0] == "backtest":
        return "Look ahead"
    panel = getattr(command, "rich_help_panel", None)
    if isinstance(panel, str):
        return panel
    return PANELS[0] if path[0] in _STARTS else PANELS[-1]


class Commands(FromCode):
    """Every command, by panel."""

    def markdown(self) -> str:
        """Sections for the shared options, then for every panel and command."""
        found = list(walk())
        panels = list(dict.fromkeys([*PANELS, *(panel_of(*each) for each in found)]))
        alike = shared(found)
        parts = [_for_all(), *(_shared(panel, alike) for panel in SHARED)]
        for panel in panels:
            members = [each for each in found if panel_of(*each) == panel]
            if members:
                parts.append(f"## {panel}\n")
                parts += [_command(path, command, alike) for path, command in members]
        return "\n\n".join(parts)


def _for_all() -> str:
    return "## For every command\n\n" + _options(options(tree()))


def shared(found: list[tuple[tuple[str, ...], Any]]) -> dict[tuple[str, str], Any]:
    """The options that at least three commands have alike, by panel and what they say."""
    seen: dict[tuple[str, str], list[Any]] = {}
    for _, command in found:
        for option in options(command):
            if option.rich_help_panel in SHARED:
                seen.setdefault(_alike(option), []).append(option)
    return {key: each[0] for key, each in seen.items() if len(each) >= 3}


def _alike(option: Any) -> tuple[str, str]:
    return option.opts[0], f"{option.rich_help_panel}: {option.help}"


def _shared(panel: str, alike: dict[tuple[str, str], Any]) -> str:
    members = [option for option in alike.values() if option.rich_help_panel == panel]
    title = f"## Options: {panel[0].lower()}{panel[1:]}"
    return f"{{#{slug('options', panel)}}}\n{title}\n\n{_options(members)}"


def _command(path: tuple[str, ...], command: Any, alike: dict[tuple[str, str], Any]) -> str:
    name = " ".join(path)
    parts = [f"{{#{slug('command', *path)}}}\n### {name}", _help(command.help or "")]
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join(["dryline", name, *(_usage(p) for p in arguments), "[OPTIONS]"])
    parts.append(f"```text\n{usage}\n```")
    if arguments:
        rows = [(code(_name(p)), _meaning(p)) for p in arguments]
        parts.append(table(("argument", "meaning"), rows, "options"))
    own = [p for p in options(command) if _alike(p) not in alike]
    if own:
        parts.append(_options(own))
    for panel in SHARED:
        members = [p for p in options(command) if p not in own and p.rich_help_panel == panel]
        if members:
            names = ", ".join(code(p.opts[0]) for p in members)
            parts.append(f"[{panel}](#{slug('options', panel)}): {names}.")
    return "\n\n".join(parts)


def _help(text: str) -> str:
    lines = []
    for paragraph in text.split("\n\n"):
        words = " ".join(paragraph.split())
        if words.startswith("Example: "):
            lines.append(f"```console\n$ {words.removeprefix('Example: ')}\n```")
        else:
            lines.append(_prose(words))
    return "\n\n".join(lines)


def _prose(text: str) -> str:
    """Words for Markdown, the options in them as code."""
    marked = re.sub(r"(?<![\w`-])(--[a-z][a-z-]*)", r"`\1`", text)
    return marked.replace("*", "\\*").replace("<", "\\<")


def _options(found: list[Any]) -> str:
    rows = [(code(_signature(p)), _meaning(p), code(_default(p))) for p in found]
    return table(("option", "meaning", "default"), rows, "options")


def _name(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper()).strip("[]")


def _usage(parameter: Any) -> str:
    return _name(parameter) if parameter.required else f"[{_name(parameter)}]"


def _signature(option: Any) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    flag = getattr(option, "is_flag", False) or getattr(option, "count", False)
    return names if flag else f"{names} {_name(option)}"


def _meaning(parameter: Any) -> str:
    text = _prose(parameter.help or "")
    needed = " (needed)" if parameter.required and parameter.param_type_name == "option" else ""
    again = " May be given again." if getattr(parameter, "multiple", False) else ""
    return f"{text}{needed}{again}"


def _default(option: Any) -> str:
    if option.required or option.default in (None, False, "", 0) or callable(option.default):
        return ""
    if option.default is True:
        return str(option.opts[0])
    return str(option.default)
