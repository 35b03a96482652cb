"""The command that repeats a run, word by word; or the call, where a table has no name."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike, fspath
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
    *(("task", "auto"), ("preset", "strong"), ("seed", 0), ("choose", "simplest"), ("folds", "auto")),
    ("rungs", "constant,linear,shallow,deep"),
)
"""What `fit` does without being told."""


def fit_words(data: str, targets: Iterable[str], arguments: Mapping[str, Any]) -> list[str]:
    """The command that calls `gradatim.fit` so, word by word.

    Args:
        data: as on the command line. The password of a URL is left out: terminals are logged and shown.
        targets: columns to predict.
        arguments: of `gradatim.fit`; those that are None, False, or what it takes without being told, are left out.

    Example:
        >>> fit_words("a.csv", ["y"], {"task": "auto", "kinds": {"zip": "category"}, "hidden": (20, 5)})
        ['gradatim', 'fit', 'a.csv', '--target', 'y', '--kind', 'zip=category', '--hidden', '20,5']
    """
    words = ["gradatim", "fit", without_password(data), *(word for name in targets for word in ("--target", name))]
    for name, value in arguments.items():
        words += [option(name)] if value is True else []
        for text in _texts(name, value):
            # A word that begins with a dash, such as a column's name, would else be taken for an option.
            words += [f"{option(name)}={text}"] if text.startswith("-") else [option(name), text]
    return words


def option(name: str) -> str:
    """The option of an argument: ``--learning-rate``."""
    return "--" + ("kind" if name == "kinds" else name).replace("_", "-")


def _texts(name: str, value: Any) -> Sequence[str]:
    """The words behind an option, one for each time it is given."""
    if isinstance(value, bool) or not is_said(name, value):
        return ()
    if isinstance(value, Mapping):
        return [f"{key}={kind}" for key, kind in value.items()]
    if name in WRITTEN:
        return [WRITTEN[name](value)]
    return [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else [str(value)]


def is_said(name: str, value: Any) -> bool:
    """Whether a value is said, and not left to `fit`."""
    return value is not None and value is not False and value != () and (name, value) not in UNSAID


ONLY_IN_PYTHON = ("record",)
"""Arguments without an option: they change no number."""


def command_of(source: Any, targets: Sequence[str], arguments: Mapping[str, Any]) -> str:
    """What to type for the same run once more.

    Args:
        source: as for `gradatim.fit`. A table that has no name is called ``table``, and the call is Python's.
        targets: columns to predict.
        arguments: of `gradatim.fit`, with the seed and the steps that were used.

    Example:
        >>> command_of("my data.csv", ["y"], {"rungs": ("constant", "linear"), "seed": 3, "metric": None})
        "gradatim fit 'my data.csv' --target y --rungs constant,linear --seed 3"
        >>> command_of(object(), ["y"], {"seed": 3, "epochs": None})
        "gd.fit(table, ['y'], seed=3)"
    """
    said = {name: value for name, value in arguments.items() if name not in ONLY_IN_PYTHON}
    rungs = said.get("rungs")
    if rungs is not None and not isinstance(rungs, str):
        said["rungs"] = ",".join(rungs)
    if isinstance(source, str | PathLike) and not any(callable(value) for value in said.values()):
        return shlex.join(fit_words(fspath(source), targets, said))
    asked = {name: value for name, value in said.items() if is_said(name, value)}
    words = [f"{name}={getattr(value, '__name__', None) or repr(value)}" for name, value in asked.items()]
    return f"gd.fit({', '.join(['table', repr(list(targets)), *words])})"
