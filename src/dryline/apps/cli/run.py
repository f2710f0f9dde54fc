"""From arguments to an exit status: errors are translated here, once."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence

from dryline.apps.cli.emit import say
from dryline.domain.errors import DrylineError, InputError
from dryline.present.terminal.plain import NEAREST

OK, INTERNAL_ERROR, UNUSABLE_INPUT = 0, 1, 2


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is success, 2 unusable input or arguments, 1 a fault of Dryline's."""
    from dryline.apps.cli.app import app

    _write_anything()
    try:
        status = app(
            args=None if arguments is None else list(arguments),
            prog_name="dryline",
            standalone_mode=False,
        )
        sys.stdout.flush()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else (0 if stop.code is None else 1)
    except InputError as error:
        return _said(str(error), UNUSABLE_INPUT)
    except DrylineError as error:
        return _said(str(error), INTERNAL_ERROR)
    except BrokenPipeError:
        _write_nowhere()
        return OK
    except KeyboardInterrupt:
        return _said("interrupted", 130)
    except OSError as error:
        return _said(*_refused(error))
    except Exception as error:
        usage = getattr(error, "format_message", None)  # the parser's own words for bad arguments
        if usage is not None:
            return _misused(error, usage())
        return _at_fault(error)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # polars' own, outside Exception's tree
            raise
        return _at_fault(error)
    return status if isinstance(status, int) else OK


def _write_anything() -> None:
    """Letters that the terminal's encoding lacks are written as their nearest likeness."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=NEAREST)


def _write_nowhere() -> None:
    """What is still to be written is dropped, so that leaving does not fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused(error: OSError) -> tuple[str, int]:
    """What the operating system would not do, in one line: a file's fault, or the output's."""
    why = error.strerror or str(error)
    if error.filename is None:
        _write_nowhere()
        return f"cannot write the answer: {why}", INTERNAL_ERROR
    return f"{error.filename}: {why}. Check the path and its permissions.", UNUSABLE_INPUT


def _at_fault(error: BaseException) -> int:
    logging.getLogger("dryline").debug("internal error", exc_info=error)
    return _said(
        f"internal error: {type(error).__name__}: {error}. "
        "This is a fault of Dryline's; run again with -v and report it.",
        INTERNAL_ERROR,
    )


def _misused(error: Exception, message: str) -> int:
    """Bad arguments in one line, with the help that mends them; no arguments at all is help."""
    context = getattr(error, "ctx", None)
    command = "dryline" if context is None else context.command_path
    if not message or type(error).__name__ == "NoArgsIsHelpError":
        print(message)  # noqa: T201
        return UNUSABLE_INPUT
    return _said(f"{message.rstrip('.')}. See: {command} --help", UNUSABLE_INPUT)


def _said(message: str, status: int) -> int:
    say(f"dryline: {' '.join(message.split())}", stderr=True)
    return status
