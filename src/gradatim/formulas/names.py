"""Names with a number behind them: "leaky_relu(0.2)" is the leaky relu with slope 0.2."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from inspect import signature
from typing import TypeVar

from gradatim.errors import InputError

Entry = TypeVar("Entry")


def with_number(name: object, makers: Mapping[str, Callable[[float], Entry]]) -> Entry | None:
    """The entry that a name with a number in parentheses stands for.

    Args:
        name: what was asked for.
        makers: for each name that may have a number, the function or class that takes it as its first argument.

    Returns:
        The entry, or None if the name is not of this form or has no maker.

    Raises:
        InputError: if no number stands in the parentheses, and whatever the maker refuses.

    Example:
        >>> with_number("double( 2e-1 )", {"double": lambda x: 2 * x})
        0.4
        >>> with_number("double", {"double": lambda x: 2 * x})
    """
    written = re.fullmatch(r"(\w+)\(([-+.\de]+)\)", str(name).replace(" ", ""))
    if not written or written[1] not in makers:
        return None
    family, text = written.groups()
    make = makers[family]
    try:
        value = float(text)
    except ValueError:
        parameter = next(iter(signature(make).parameters))
        raise InputError(f'{family}: {parameter} must be a number, as in "{family}(0.2)". Got {text!r}.') from None
    return make(value)
