"""Frozen data as JSON and back: architectures, settings, losses; and JSON that is fit to be looked at.

A dataclass becomes ``{"type": "Dense", "units": 20, …}``, a tuple a list, a dictionary a list of pairs (its keys may be
numbers). Reading builds only the types listed here, by their own constructors, which check what they are given; nothing
else is run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Any

import numpy as np

from gradatim.errors import ExchangeError
from gradatim.formulas.losses import LOSSES
from gradatim.formulas.optimizers import OPTIMIZERS
from gradatim.formulas.penalties import L1, L2
from gradatim.formulas.schedules import SCHEDULES
from gradatim.network import Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding, Scale
from gradatim.settings import DescentOptions, NetworkOptions, Settings
from gradatim.tables.encoding import Encoding

_NETWORK = (Architecture, CategoryEmbedding, Dense, Dropout, NumericEmbedding, Scale)
_METHODS = (*LOSSES.values(), *OPTIMIZERS.values(), *SCHEDULES.values(), L1, L2)

TYPES: dict[str, type] = {
    kind.__name__: kind for kind in (*_NETWORK, *_METHODS, Settings, NetworkOptions, DescentOptions, Encoding)
}
"""What a file may hold, by the name it has there."""


MOST_DEPTH = 32
"""Levels of lists and objects, one in the other. Ours have ten: a schedule in a schedule in settings."""


MOST_WHOLE = 10**300
"""The size of whole numbers: any formula may turn them into floats."""


def parsed(text: str) -> Any:
    """What a text of JSON says.

    Raises:
        ExchangeError: if it is no JSON, or holds NaN, numbers beyond floats, halves of letters (lone surrogates), or
            lists in lists without end.

    Example:
        >>> parsed('{"units": 20}')
        {'units': 20}
        >>> parsed('{"units": 1e999}')
        Traceback (most recent call last):
            ...
        gradatim.errors.ExchangeError: The description must be JSON of finite numbers. Got 1e999.
    """
    try:
        value = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    except ExchangeError:
        raise
    except ValueError as fault:  # whole numbers of thousands of digits too
        raise ExchangeError(f"The description must be JSON. Got what is not readable JSON: {fault}.") from fault
    _look_through(value)
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ExchangeError(f"The description must be JSON of finite numbers. Got {text[:40]}.")
    return number


def _look_through(value: Any) -> None:
    """Level by level, without recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise _too_deep()
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, int) and abs(item) > MOST_WHOLE:
                raise ExchangeError(f"The description must be JSON of numbers up to 1e300. Got {str(item)[:40]}….")
            elif isinstance(item, str) and not _can_be_written(item):
                raise ExchangeError(f"The description must hold whole letters. Got {item[:40]!r}.")
        level = below


def _can_be_written(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep() -> ExchangeError:
    return ExchangeError(f"The description must be nested at most {MOST_DEPTH} levels deep. Got more.")


def to_json(value: Any) -> Any:
    """Numbers, texts, lists and dictionaries that say the same as `value`.

    Raises:
        ExchangeError: for a value of a type that files cannot hold.

    Example:
        >>> to_json(Dense(20, "relu"))
        {'type': 'Dense', 'units': 20, 'activation': 'relu', 'learned_slope': False}
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {"type": "dict", "items": [[to_json(key), to_json(item)] for key, item in value.items()]}
    if isinstance(value, (tuple, list)):
        return [to_json(item) for item in value]
    name = type(value).__name__
    if is_dataclass(value) and TYPES.get(name) is type(value):
        return {"type": name, **{field.name: to_json(getattr(value, field.name)) for field in fields(value)}}
    raise ExchangeError(f"A model file must hold numbers, texts and the types {', '.join(TYPES)}. Got {value!r}.")


def from_json(form: Any, expected: type | tuple[type, ...]) -> Any:
    """What `to_json` was given.

    Args:
        form: parsed JSON.
        expected: what must come out.

    Raises:
        ExchangeError: for an unknown type, another than expected, and fields or values that it does not take.

    Example:
        >>> from_json({"type": "Dense", "units": 20}, Dense)
        Dense(units=20, activation='relu', learned_slope=False)
    """
    try:
        value = _value(form)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as fault:
        raise ExchangeError(f"A description in the model file must make sense. {fault}") from fault
    if not isinstance(value, expected):
        raise ExchangeError(f"A description in the model file must be of type {expected}. Got {type(value).__name__}.")
    return value


def _value(form: Any) -> Any:
    if isinstance(form, list):
        return tuple(_value(item) for item in form)
    if not isinstance(form, dict):
        return form
    named = dict(form)
    name = named.pop("type", None)
    if name == "dict":
        return {_value(key): _value(item) for key, item in named["items"]}
    if name not in TYPES:
        raise ExchangeError(f"A type in the model file must be one of {', '.join(TYPES)}. Got {name!r}.")
    return TYPES[name](**{field: _value(item) for field, item in named.items()})
