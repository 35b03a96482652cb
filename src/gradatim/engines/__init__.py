"""How a network is computed: one contract, several engines.

Read `contract` first, then `textbook`, which runs every formula in the notes' letters.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from gradatim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from gradatim.engines.contract import Engine

ENGINES = {"textbook": "gradatim.engines.textbook"}


def engine(name: str = "auto") -> Engine:
    """The engine of that name; ``"auto"`` is the quickest there is.

    Raises:
        InputError: for a name that no engine has.

    Example:
        >>> engine("textbook").__name__
        'gradatim.engines.textbook'
    """
    if name == "auto":
        name = next(iter(ENGINES))
    if name not in ENGINES:
        raise InputError(
            f"engine must be 'auto' or one of {', '.join(ENGINES)}. Got {name!r}.{did_you_mean(name, ENGINES)}"
        )
    return cast("Engine", import_module(ENGINES[name]))
