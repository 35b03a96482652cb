"""Commands in words: what to type next, and what a message of the library is called on the command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from gradatim.report.command import WRITTEN, fit_words, option

__all__ = ["ABOUT_TABLES", "WRITTEN", "fit_words", "in_options"]

ABOUT_TABLES = ("group", "ignore", "kind", "order", "positive", "target", "task", "weight")


def in_options(message: str, names: Iterable[str] = ABOUT_TABLES) -> str:
    """A message of the library as the command line says it: ``--group "COLUMN"`` for ``group="COLUMN"``.

    Args:
        message: that names arguments.
        names: of the arguments that are options.

    Example:
        >>> in_options('leave it out with ignore="house no"')
        "leave it out with --ignore 'house no'"
    """

    def in_words(found: re.Match[str]) -> str:
        return shlex.join([option(found[1]), *(value for value in found.groups()[1:] if value is not None)])

    return re.sub(rf'\b({"|".join(names)})=(?:True\b|"([^"]*)"|(\d+(?:\.\d+)?(?:e[+-]?\d+)?))', in_words, message)
