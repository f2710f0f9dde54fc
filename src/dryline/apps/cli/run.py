"""From arguments to an exit status: errors are translated here, once."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from dryline.domain.errors import DrylineError, InputError

OK, INTERNAL_ERROR, UNUSABLE_INPUT = 0, 1, 2


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is success, 2 unusable input or arguments, 1 a fault of Dryline's."""
    from dryline.apps.cli.app import app

    try:
        status = app(
            args=None if arguments is None else list(arguments),
            prog_name="dryline",
            standalone_mode=False,
        )
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else (0 if stop.code is None else 1)
    except InputError as error:
        return _said(str(error), UNUSABLE_INPUT)
    except DrylineError as error:
        return _said(str(error), INTERNAL_ERROR)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return _said("interrupted", 130)
    except Exception as error:
        usage = getattr(error, "format_message", None)  # the parser's own words for bad arguments
        if usage is not None:
            return _misused(error, usage())
        logging.getLogger("dryline").debug("internal error", exc_info=True)
        return _said(
            f"internal error: {type(error).__name__}: {error}. "
            "This is a fault of Dryline's; run again with -v and report it.",
            INTERNAL_ERROR,
        )
    return status if isinstance(status, int) else OK


def _misused(error: Exception, message: str) -> int:
    """Bad arguments in one line, with the help that mends them; no arguments at all is help."""
    context = getattr(error, "ctx", None)
    command = "dryline" if context is None else context.command_path
    if not message or type(error).__name__ == "NoArgsIsHelpError":
        print(message)  # noqa: T201
        return UNUSABLE_INPUT
    return _said(f"{message.rstrip('.')}. See: {command} --help", UNUSABLE_INPUT)


def _said(message: str, status: int) -> int:
    one_line = " ".join(message.split())
    print(f"dryline: {one_line}", file=sys.stderr)  # noqa: T201
    return status
