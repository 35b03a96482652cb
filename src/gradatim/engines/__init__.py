"""How a network is computed: one contract, several engines.

Read `contract` first, then `textbook`, which runs every formula in the notes' letters; `fast` runs the same, compiled.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from gradatim.errors import named
from gradatim.formulas.optimizers import LBFGS

if TYPE_CHECKING:
    from gradatim.engines.contract import Engine, Problem

ENGINES = {"fast": "gradatim.engines.fast", "textbook": "gradatim.engines.textbook"}
"""The module of each engine by name, the quickest first."""


def engine_name(name: str = "auto") -> str:
    """The name in `ENGINES` that is meant; ``"auto"`` is the quickest there is.

    Raises:
        InputError: for a name that no engine has.

    Example:
        >>> engine_name("textbook")
        'textbook'
    """
    return named("engine", name, {"auto": "fast" if _compiler_is_there() else "textbook", **{n: n for n in ENGINES}})


def engine(name: str = "auto") -> Engine:
    """The engine of that name; see `engine_name`.

    Raises:
        InputError: for a name that no engine has.

    Example:
        >>> engine("textbook").__name__
        'gradatim.engines.textbook'
    """
    return cast("Engine", import_module(ENGINES[engine_name(name)]))


def engine_for(problem: Problem, name: str = "auto") -> tuple[str, str]:
    """Which engine takes the steps of a problem: the one of that name, or the textbook's where that one cannot.

    Args:
        problem: what is to be made small.
        name: of the engine that is wanted; see `engine_name`.

    Returns:
        The engine's name, and why it is not the one that was wanted, in a sentence; "" where it is.

    Raises:
        InputError: for a name that no engine has.
    """
    wanted = engine_name(name)
    if wanted == "textbook":
        return wanted, ""
    if wanted == "fast" and not _compiler_is_there():
        return "textbook", "The textbook engine computed it: Numba is not installed."
    searches = isinstance(problem.optimizer, LBFGS)  # asks an engine for gradients, not for steps
    lacks = engine(wanted).unsupported(replace(problem, optimizer=None) if searches else problem)
    return (wanted, "") if lacks is None else ("textbook", f"The textbook engine computed it: {lacks}.")


@cache
def _compiler_is_there() -> bool:
    return find_spec("numba") is not None
