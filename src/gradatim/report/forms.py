"""Frozen data as JSON has it, and back: by the types that its fields declare.

`gradatim.exchange.json_form` writes the type of each object beside it, since a model file may hold several in one
place. Facts are of one type each, so that their JSON is plain for whoever reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def defined(value: Any) -> Any:
    """The same with None in place of numbers that JSON does not know.

    Example:
        >>> defined({"score": float("nan"), "rows": (1, 2)})
        {'score': None, 'rows': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {key: defined(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [defined(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def built(kind: Any, form: Any) -> Any:
    """A value of this type from its JSON; each part is checked against the type it is declared to have.

    Args:
        kind: a frozen dataclass, a tuple, a dictionary with texts for keys, a number, a text, or one of these or None.
        form: parsed JSON.

    Raises:
        TypeError: where a part is of another type, or is not there.
        ValueError: for a tuple of another length.

    Example:
        >>> built(tuple[int, ...], [1, 2])
        (1, 2)
    """
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return None if form is None else built(parts[0], form)
    if is_dataclass(kind):
        hints, known = get_type_hints(kind), {field.name for field in fields(kind)}
        make: Any = kind
        return make(**{name: built(hints[name], item) for name, item in form.items() if name in known})
    if origin is tuple:
        if not isinstance(form, list):
            raise TypeError(f"a list was expected, not {form!r:.50}")
        kinds = [parts[0]] * len(form) if parts[1:] == (...,) else parts
        return tuple(built(one, item) for one, item in zip(kinds, form, strict=True))
    if origin is dict:
        return {str(key): built(parts[1], item) for key, item in form.items()}
    if not isinstance(form, (int, float) if kind is float else kind):
        raise TypeError(f"{kind.__name__} was expected, not {form!r:.50}")
    return form
