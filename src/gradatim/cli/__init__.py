"""The command line: arguments in, one call, text out.

Called from Python, gradatim prints only what it is asked to: ``print_every`` of a descent, ``verbose`` of an estimator.

Exit status: 0 done; 2 the user's to mend, with one message on standard error; 1 a fault of ours, with a traceback; 130
interrupted.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from errno import EACCES, EFBIG, ENOSPC
from inspect import Parameter as Argument
from inspect import signature
from typing import Any, Literal, get_args, get_origin

from cyclopts import CoercionError, CycloptsError

from gradatim.cli.app import app
from gradatim.cli.course import lessons
from gradatim.cli.models import cite, evaluate, predict, trace
from gradatim.cli.runs import doctor, report
from gradatim.cli.training import fit, try_
from gradatim.errors import Error, did_you_mean

__all__ = ["app", "main"]

COMMANDS: dict[str, Callable[..., None]] = {
    **{"fit": fit, "try": try_, "predict": predict, "evaluate": evaluate},
    **{"trace": trace, "report": report, "doctor": doctor, "cite": cite, "lessons": lessons},
}


def main(tokens: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        tokens: the arguments; those of the process without.

    Returns:
        The exit status: 0, 1, 2 or 130.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):  # tests put their own streams there
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ± still gets its numbers
    tokens = sys.argv[1:] if tokens is None else tokens
    try:
        app(tokens)
    except KeyboardInterrupt as interruption:
        return _complain(str(interruption) or _interrupted(tokens), 130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except CycloptsError as error:
        return _complain(_about_arguments(error, tokens), 2)
    except Error as error:
        return _complain(_in_options(str(error), tokens), 2)
    except MemoryError as error:
        said = str(error) or "no more of it"
        return _complain(
            f"The table and the networks must fit into memory. Got: {said}. Take fewer rows or columns, or fewer units "
            f"(--hidden).",
            2,
        )
    except OSError as error:
        return _complain(_about_files(error), 2)
    except Exception:
        import traceback

        traceback.print_exc()
        return _complain("This is a fault of gradatim, not of your data: please report the lines above.", 1)
    return 0


def _about_arguments(error: CycloptsError, tokens: Sequence[str]) -> str:
    """What is wrong with the arguments, in the form of all messages where there is a value."""
    command = tokens[0] if tokens and tokens[0] in COMMANDS else ""
    see = f" Try {shlex.join(['gradatim', *([command] if command else []), '--help'])}."
    token = error.token if isinstance(error, CoercionError) else None
    if token is None or token.keyword is None or not isinstance(error, CoercionError):
        return (_unknown_option(command, tokens) or str(error)) + see
    wanted: Any = error.target_type
    guess = ""
    if get_origin(wanted) is Literal:
        must_be, guess = f"one of {', '.join(get_args(wanted))}", did_you_mean(token.value, get_args(wanted))
    else:
        must_be = {int: "a whole number", float: "a number", bool: "given without a value"}.get(wanted, "of its kind")
    return f"{token.keyword} must be {must_be}. Got {token.value!r}.{guess}{see}"


def _unknown_option(command: str, tokens: Sequence[str]) -> str:
    """The first option that this command does not have; DATA, which may be a dash, would swallow it."""
    if not command:
        return ""
    known = ["--" + name.replace("_", "-") for name in signature(COMMANDS[command]).parameters]
    written = [token.split("=")[0] for token in tokens[1:] if token.startswith("--") and len(token) > 2]
    unknown = next((option for option in written if option not in (*known, "--help")), None)
    if unknown is None:
        return ""
    guess = did_you_mean(unknown, known).replace("'", "")
    return f"Unknown option: {unknown}.{guess}"


def _about_files(error: OSError) -> str:
    """What the system says of a file or folder, and what may help."""
    place = f" at {str(error.filename)!r}" if error.filename else ""
    cures = {
        ENOSPC: " Make room there, or write elsewhere with --out.",
        EFBIG: " Write elsewhere with --out.",
        EACCES: " Ask its owner, or take another.",
    }
    got = (error.strerror or str(error)).lower()
    cure = cures.get(error.errno or 0, "")
    return f"The file or folder must be readable, and writable for results. Got: {got}{place}.{cure}"


def _in_options(message: str, tokens: Sequence[str]) -> str:
    """A message of the library with options in place of arguments: ``--learning-rate`` for ``learning_rate``."""
    from gradatim.terminal.commands import in_options

    arguments = {**signature(fit).parameters, **signature(try_).parameters}
    own = [name for name, argument in arguments.items() if argument.kind is Argument.KEYWORD_ONLY]
    options = {name: "--" + name.replace("_", "-") for name in own}
    who = message.split(" ", 1)[0]
    if who in options and who not in tokens:  # "test must …" may be about a folder of that name
        message = options[who] + message.removeprefix(who)
    return in_options(message, own)


def _interrupted(tokens: Sequence[str]) -> str:
    if tokens and tokens[0] == "fit":
        from gradatim.tables.reading.databases import without_password

        again = [without_password(token) for token in tokens] + ([] if "--resume" in tokens else ["--resume"])
        return f"Interrupted. What was trained is kept: {shlex.join(['gradatim', *again])} goes on."
    return "Interrupted. Nothing was written."


def _complain(message: str, status: int) -> int:
    from gradatim.terminal.layout import width_of, wrapped

    print(wrapped(message, width_of(sys.stderr)) if sys.stderr.isatty() else message, file=sys.stderr)
    return status
