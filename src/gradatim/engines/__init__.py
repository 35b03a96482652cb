"""How a network is computed: one contract, several engines.

Read `contract` first, then `textbook`, which runs every formula in the notes' letters.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from gradatim.errors import named

if TYPE_CHECKING:
    from gradatim.engines.contract import Engine

ENGINES = {"textbook": "gradatim.engines.textbook"}
"""The module of each engine by name, the quickest first."""


def engine_name(name: str = "auto") -> str:
    """The name in `ENGINES` that is meant; ``"auto"`` is the quickest there is.

    Raises:
        InputError: for a name that no engine has.

    Example:
        >>> engine_name()
        'textbook'
    """
    names = list(ENGINES)
    return named("engine", name, {"auto": names[0], **dict(zip(names, names, strict=True))})


def engine(name: str = "auto") -> Engine:
    """The engine of that name; see `engine_name`.

    Raises:
        InputError: for a name that no engine has.

    Example:
        >>> engine("textbook").__name__
        'gradatim.engines.textbook'
    """
    return cast("Engine", import_module(ENGINES[engine_name(name)]))
