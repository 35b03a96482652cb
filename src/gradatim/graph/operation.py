"""What an operation is: a value and its derivatives. The operations themselves are the table in `operations`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from gradatim.errors import ShapeError

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
    """A value and its derivatives, as data.

    Attributes:
        name: as it is drawn and told.
        formula: the value and its local derivatives, for readers.
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
    value: Callable[..., Any]
    back: tuple[Callable[..., Any], ...] | Callable[..., Any]
    shapes: str = "must be equal along each axis, or 1 (counted from the last axis)"

    def __call__(self, *inputs: Numbers, **settings: Any) -> Any:
        """The result: a Variable if one is among the inputs, else a plain array."""
        for a in inputs:
            if isinstance(a, Recording):
                return a.record(self, inputs, settings)
        return self.compute(inputs, settings)

    def compute(self, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The value on plain arrays, with the shapes in the message where they do not fit."""
        try:
            return self.value(*inputs, **settings)
        except ShapeError:
            raise
        except ValueError as error:
            got = " and ".join(str(np.shape(a)) for a in inputs)
            asked = "".join(
                f", {key}={setting}" for key, setting in settings.items() if not isinstance(setting, np.ndarray)
            )
            raise ShapeError(f"{self.name}: shapes {self.shapes}. Got {got}{asked}. NumPy says: {error}") from error

    def back_to(self, i: int) -> Callable[..., Any]:
        """The formula for the derivative by input i, counted from 0."""
        return self.back[i] if isinstance(self.back, tuple) else partial(self.back, i)
