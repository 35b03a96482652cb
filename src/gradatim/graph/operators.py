"""Python's operators on Variables: ``a + b`` records the operation add, ``a < b`` compares the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradatim.graph.operation import Numbers, Recording
from gradatim.graph.operations import OPERATIONS

if TYPE_CHECKING:
    from gradatim.graph.variable import Variable


class Operators(Recording):
    """What a `Variable` answers to operators, whichever side it stands on."""

    __slots__ = ()

    value: Any

    def __add__(self, b: Numbers) -> Variable:
        return applied("add", self, b)

    def __radd__(self, a: Numbers) -> Variable:
        return applied("add", a, self)

    def __sub__(self, b: Numbers) -> Variable:
        return applied("subtract", self, b)

    def __rsub__(self, a: Numbers) -> Variable:
        return applied("subtract", a, self)

    def __mul__(self, b: Numbers) -> Variable:
        return applied("multiply", self, b)

    def __rmul__(self, a: Numbers) -> Variable:
        return applied("multiply", a, self)

    def __truediv__(self, b: Numbers) -> Variable:
        return applied("divide", self, b)

    def __rtruediv__(self, a: Numbers) -> Variable:
        return applied("divide", a, self)

    def __pow__(self, b: Numbers) -> Variable:
        return applied("power", self, b)

    def __rpow__(self, a: Numbers) -> Variable:
        return applied("power", a, self)

    def __matmul__(self, B: Numbers) -> Variable:
        return applied("matmul", self, B)

    def __rmatmul__(self, A: Numbers) -> Variable:
        return applied("matmul", A, self)

    def __neg__(self) -> Variable:
        return applied("negative", self)

    def __lt__(self, b: Numbers) -> Any:
        return self.value < _value(b)

    def __le__(self, b: Numbers) -> Any:
        return self.value <= _value(b)

    def __gt__(self, b: Numbers) -> Any:
        return self.value > _value(b)

    def __ge__(self, b: Numbers) -> Any:
        return self.value >= _value(b)

    def __eq__(self, b: object) -> Any:
        return self.value == _value(b)

    def __ne__(self, b: object) -> Any:
        return self.value != _value(b)

    # Comparing values must not keep nodes out of sets and dicts: there a node is itself, whatever its value.
    __hash__ = object.__hash__


def applied(name: str, *inputs: Numbers, **settings: Any) -> Variable:
    """The result of an operation that is looked up by its name."""
    result: Variable = OPERATIONS[name](*inputs, **settings)
    return result


def _value(a: Any) -> Any:
    return a.value if isinstance(a, Operators) else a
