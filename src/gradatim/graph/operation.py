"""What an operation is: a value and its derivatives. The operations themselves are the tables in `operations`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gradatim.errors import InputError, ShapeError
from gradatim.graph.libraries import is_foreign

Numbers = Any
"""A Variable or plain numbers. What goes in decides what comes out: of plain numbers only, a plain result."""

Axes = int | tuple[int, ...] | None
"""One axis, several, or None for all."""


class Recording(ABC):
    """An input that remembers what is done to it: `gradatim.graph.variable.Variable`."""

    __slots__ = ()

    @abstractmethod
    def record(self, operation: Operation, inputs: tuple[Numbers, ...], settings: dict[str, Any]) -> Any:
        """The result of an operation with this among its inputs."""


@dataclass(frozen=True)
class Operation:
    """A value and its derivatives, as data; and the same in writing.

    In writing, ``{a}`` and ``{b}`` are the inputs, ``{y}`` is the value and ``{G}`` is ∂J/∂y.

    Attributes:
        name: as it is called.
        formula: the value, as it is written: ``"{a} ∘ {b}"``. Settings such as an axis are written behind it.
        slopes: for each input, as it is written, the local derivative ∂y/∂input: ``"{b}"``. Where {G} stands in it, it
            is the whole of ∂J/∂input instead: ``"{G} {b}ᵀ"``. One for all inputs if there may be any number of them.
        value: (inputs…, settings by keyword) -> y, on plain arrays.
        back: for each input, (G, y, inputs…, settings by keyword) -> ∂J/∂input. An operation with any number of inputs
            has a function of the input's place i instead, which takes i before G.
        shapes: what the shapes of the inputs must be; the sentence in the error.

    Example:
        >>> from gradatim.graph import OPERATIONS
        >>> multiply = OPERATIONS["multiply"]
        >>> multiply(3.0, 2.0), [back(1.0, 6.0, 3.0, 2.0) for back in multiply.back]
        (6.0, [2.0, 3.0])
    """

    name: str
    formula: str
    slopes: tuple[str, ...] | str
    value: Callable[..., Any]
    back: tuple[Callable[..., Any], ...] | Callable[..., Any]
    shapes: str = "must be equal along each axis, or 1 (counted from the last axis)"

    def __call__(self, *inputs: Numbers, **settings: Any) -> Any:
        """The result: a Variable if one is among the inputs, else a plain array."""
        for a in inputs:
            if isinstance(a, Recording):
                return a.record(self, inputs, settings)
        return self.compute(tuple(np.asarray(a) if isinstance(a, list | tuple) else a for a in inputs), settings)

    def compute(self, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The value on plain arrays, with the shapes in the message where they do not fit."""
        try:
            return self.value(*inputs, **settings)
        except InputError:
            raise
        except (ValueError, TypeError, RuntimeError) as error:
            # For shapes that do not fit, NumPy raises ValueError; others have their own habits.
            foreign = any(is_foreign(a) for a in inputs)
            if not (foreign or isinstance(error, ValueError)):
                raise
            got = " and ".join(str(tuple(np.shape(a))) for a in inputs)
            asked = "".join(f", {key}={setting}" for key, setting in settings.items() if not hasattr(setting, "dtype"))
            says = "The library of the arrays" if foreign else "NumPy"
            raise ShapeError(f"{self.name}: shapes {self.shapes}. Got {got}{asked}. {says} says: {error}") from error

    def back_to(self, i: int) -> Callable[..., Any]:
        """The formula for the derivative by input i, counted from 0."""
        return self.back[i] if isinstance(self.back, tuple) else partial(self.back, i)

    def slope_to(self, i: int) -> str:
        """The same formula as it is written."""
        return self.slopes[i] if isinstance(self.slopes, tuple) else self.slopes
