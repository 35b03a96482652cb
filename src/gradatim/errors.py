"""Every exception that gradatim raises on purpose, drawn once.

::

    Exception
    └── Error                              catch this one to catch them all
        ├── InputError (and ValueError)    an argument, a file or a table is not what it must be
        │   └── ShapeError                 two arrays do not fit together, or one does not fit the network
        ├── DivergedError                  a loss, a gradient or parameters became infinite or NaN
        ├── EngineUnavailableError         the engine that was asked for is not installed or cannot run this problem
        ├── MissingPackageError            reading this source needs a package that is not installed, or not whole
        └── ExchangeError (and ValueError) a model file is damaged, foreign, or from a later version

Estimators that are used before ``fit`` raise scikit-learn's ``NotFittedError``: its users catch that one.

Every message has one form: who must be what, then what it got; then the likely cause and the next step, where known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from math import prod
from numbers import Integral, Real
from typing import TypeVar

__all__ = [
    "DivergedError",
    "EngineUnavailableError",
    "Error",
    "ExchangeError",
    "InputError",
    "MissingPackageError",
    "ShapeError",
    "did_you_mean",
    "mend_of_shape",
    "named",
    "number",
    "whole",
]

Entry = TypeVar("Entry")


class Error(Exception):
    """The root of the family.

    Example:
        >>> issubclass(InputError, Error) and issubclass(ExchangeError, Error)
        True
    """


class InputError(Error, ValueError):
    """An argument, a file or a table is not what it must be. The message says how to mend it.

    Example:
        >>> from gradatim.formulas.activations import activation
        >>> activation("rleu")
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: ...Did you mean 'relu'?...
    """


class ShapeError(InputError):
    """Two arrays do not fit together, or one does not fit the network. The message names both shapes.

    Example:
        >>> import numpy as np
        >>> from gradatim.network import Architecture, Dense, Parameters
        >>> Parameters(Architecture(2, output=Dense(1)), np.zeros(4))
        Traceback (most recent call last):
            ...
        gradatim.errors.ShapeError: Parameters: vector must have shape (3,), ...Got (4,).
    """


class DivergedError(Error):
    """A loss, a gradient or parameters became infinite or NaN: mostly the learning rate is too large."""


class EngineUnavailableError(Error):
    """The engine that was asked for is not installed, or cannot run this problem. The message says which one can."""


class MissingPackageError(Error):
    """Reading this source needs a package that is not installed, or not whole. The message has the pip line."""


class ExchangeError(Error, ValueError):
    """A model file is damaged, not a model of ours, or written by a later version."""


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """A closing sentence for messages about unknown names.

    Args:
        name: what was asked for. Anything that is not a string resembles nothing.
        known: the names that exist.

    Returns:
        ``" Did you mean 'relu'?"`` with a space in front, or ``""`` where nothing is close.

    Example:
        >>> did_you_mean("rleu", ["sigmoid", "tanh", "relu"])
        " Did you mean 'relu'?"
        >>> did_you_mean("Tanh", ["sigmoid", "tanh", "relu"])
        " Did you mean 'tanh'?"
        >>> did_you_mean("gelu²", ["sigmoid", "tanh"])
        ''
    """
    by_lowercase = {candidate.lower(): candidate for candidate in known}
    matches = get_close_matches(name.lower(), by_lowercase, n=1) if isinstance(name, str) else []
    return f" Did you mean {by_lowercase[matches[0]]!r}?" if matches else ""


def mend_of_shape(name: str, got: tuple[int, ...], must: tuple[int, ...]) -> str:
    """A closing sentence for messages about shapes, where the right numbers only stand the wrong way.

    Args:
        name: what the caller calls the array; empty where it has no name.
        got: its shape.
        must: the shape that it must have.

    Returns:
        The reshape or the transpose that mends it, with a space in front, or ``""`` where neither does.

    Example:
        >>> mend_of_shape("b", (3,), (3, 1))
        ' A rank-1 array is neither row nor column: use b.reshape(3, 1).'
        >>> mend_of_shape("W", (4, 3), (3, 4))
        ' It is the transpose: use W.T.'
        >>> mend_of_shape("W", (4, 4), (3, 4))
        ''
    """
    if len(got) == 1 and len(must) > 1:
        use = f": use {name}.reshape{must}" if prod(got) == prod(must) else ""
        return f" A rank-1 array is neither row nor column{use}."
    return f" It is the transpose: use {name}.T." if got == must[::-1] and got != must else ""


def named(who: str, name: object, table: Mapping[str, Entry]) -> Entry:
    """The entry of that name, or an error that lists the names.

    Args:
        who: what is asked for, ``"optimizer"``; messages begin with this.
        name: a key of the table.
        table: every entry by name: objects, or classes that make them.

    Raises:
        InputError: for another name, and for what is no name: a class where an object is wanted, a number.

    Example:
        >>> from gradatim.formulas.optimizers import OPTIMIZERS, Adam
        >>> named("optimizer", Adam, OPTIMIZERS)
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: optimizer must be one of ... Got the class Adam: make an object, Adam().
    """
    if isinstance(name, str) and name in table:
        return table[name]
    must = f"{who} must be one of {', '.join(table)}"
    if isinstance(name, str):
        raise InputError(f"{must}. Got {name!r}.{did_you_mean(name, table)}")
    if isinstance(name, type):
        cure = f": make an object, {name.__name__}()" if name in table.values() else ""
        raise InputError(f"{must}. Got the class {name.__name__}{cure}.")
    raise InputError(f"{must}. Got {name!r}.")


def number(
    who: str, name: str, value: object, *, least: float = 0, above: bool = False, below: float | None = None
) -> None:
    """Refuse what is no real number within these bounds; NaN is within none.

    Args:
        who: whose setting it is, ``"Adam"``; messages begin with this.
        name: of the setting.
        value: what was given.
        least: the smallest number allowed.
        above: whether `least` itself is refused.
        below: every number from here on is refused; None allows them all.

    Raises:
        InputError: for anything else.

    Example:
        >>> number("Adam", "beta1", 0.9, below=1)
        >>> number("Huber", "delta", "a", above=True)
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: Huber: delta must be a number above 0. Got 'a'.
    """
    if isinstance(value, Real) and not isinstance(value, bool):
        x = float(value)
        if (x > least if above else x >= least) and (below is None or x < below):
            return
    if below is not None:
        bounds = f" in {'(' if above else '['}{least}, {below})"
    else:
        bounds = f" above {least}" if above else f", {least} or more"
    raise InputError(f"{who}: {name} must be a number{bounds}. Got {value!r}.")


def whole(who: str, name: str, value: object, *, least: int = 1) -> None:
    """Refuse what is no whole number, or too small a one. NumPy's integers are whole numbers; True and 2.0 are not.

    Args:
        who: whose setting it is, ``"Dense"``; messages begin with this.
        name: of the setting.
        value: what was given.
        least: the smallest number allowed.

    Raises:
        InputError: for anything else.

    Example:
        >>> whole("Dense", "units", 2.5)
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: Dense: units must be a whole number, 1 or more. Got 2.5.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise InputError(f"{who}: {name} must be a whole number, {least} or more. Got {value!r}.")
