"""Commands in words: what to type next, and what a message of the library is called on the command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gradatim.tables.reading.databases import without_password

WRITTEN: dict[str, Callable[[Any], str]] = {
    "learning_rate": str,
    "hidden": lambda widths: ",".join(map(str, widths)),
    "activation": str,
    "epochs": str,
}
"""How a value is written: as the option takes it."""

UNSAID = (
    *(("task", "auto"), ("preset", "strong"), ("seed", 0), ("choose", "simplest")),
    ("rungs", "constant,linear,shallow,deep"),
)
"""What `fit` does without being told."""

ABOUT_TABLES = ("group", "ignore", "kind", "order", "positive", "target", "task", "weight")


def fit_words(data: str, targets: Iterable[str], arguments: Mapping[str, Any]) -> list[str]:
    """The command that calls `gradatim.fit` so, word by word.

    Args:
        data: as on the command line. The password of a URL is left out: terminals are logged and shown.
        targets: columns to predict.
        arguments: of `gradatim.fit`; those that are None, or what it takes without being told, are left out.

    Example:
        >>> fit_words("a.csv", ["y"], {"task": "auto", "kinds": {"zip": "category"}, "hidden": (20, 5)})
        ['gradatim', 'fit', 'a.csv', '--target', 'y', '--kind', 'zip=category', '--hidden', '20,5']
    """
    words = ["gradatim", "fit", without_password(data), *(word for name in targets for word in ("--target", name))]
    for name, value in arguments.items():
        for text in _texts(name, value):
            # A word that begins with a dash, such as a column's name, would else be taken for an option.
            words += [f"{_option(name)}={text}"] if text.startswith("-") else [_option(name), text]
    return words


def _option(name: str) -> str:
    return "--" + ("kind" if name == "kinds" else name).replace("_", "-")


def _texts(name: str, value: Any) -> Sequence[str]:
    """The words behind an option, one for each time it is given."""
    if value is None or (name, value) in UNSAID:
        return ()
    if isinstance(value, Mapping):
        return [f"{key}={kind}" for key, kind in value.items()]
    if name in WRITTEN:
        return [WRITTEN[name](value)]
    return [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else [str(value)]


def in_options(message: str, names: Iterable[str] = ABOUT_TABLES) -> str:
    """A message of the library as the command line says it: ``--group "COLUMN"`` for ``group="COLUMN"``.

    Args:
        message: that names arguments.
        names: of the arguments that are options.

    Example:
        >>> in_options('leave it out with ignore="house no"')
        "leave it out with --ignore 'house no'"
    """

    def option(found: re.Match[str]) -> str:
        return shlex.join([_option(found[1]), *(value for value in found.groups()[1:] if value is not None)])

    return re.sub(rf'\b({"|".join(names)})=(?:True\b|"([^"]*)"|(\d+(?:\.\d+)?(?:e[+-]?\d+)?))', option, message)
