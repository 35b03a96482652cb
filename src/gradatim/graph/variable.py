"""Variables: numbers that remember how they were made, and the chain rule along that memory.

Conventions
-----------
* A graph is made by calculating. Each result is a `Variable` that knows its operation and its parents (the inputs).
  Parents know nothing of their children, so a graph that nobody holds is freed at once.
* J is the one number at the end, and ``a.grad`` is ∂J/∂a, in the shape of a. Every call of `Variable.backward` writes
  the derivatives anew. Nothing is added up over calls, and there is no zero_grad (PyTorch adds up).
* Plain numbers beside a Variable become constants: nodes of the graph, but without a derivative. Arrays among them
  are not copied: leave them as they are until the derivatives are there.
* Arrays keep their dtype (float32, complex128 …); whole numbers and booleans become float64, Python's numbers take the
  dtype of the Variable beside them. Mixed dtypes follow NumPy's promotion, in values and in derivatives.
* Arrays of PyTorch, JAX and others (`gradatim.graph.libraries`) stay what they are: values and derivatives are arrays
  of that library, on the device they came from. NumPy's arrays beside them come over to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from gradatim.drawing import Drawing, as_numpy
from gradatim.errors import InputError, ShapeError
from gradatim.graph import whole_arrays
from gradatim.graph.account import account
from gradatim.graph.chain_rule import chain_rule, topological_order
from gradatim.graph.libraries import Array, beside, copied, is_foreign, library_of, numbers_in, refuse_mixed
from gradatim.graph.operation import Axes, Numbers, Operation
from gradatim.graph.operators import Operators, applied
from gradatim.graph.picture import MOST_NODES, picture
from gradatim.graph.steps import Steps, told


class Variable(Operators):
    """A node of the graph. Make one with `variable`; calculate with it, and there are more.

    Attributes:
        value: the numbers, an array (rank 0 for a single number).
        grad: ∂J/∂self after ``J.backward()``, in the shape of value; None before, and for constants.
        name: as given to `variable`, or None.
        operation: how it was made; None for variables and constants.
        parents: from what it was made, in the order of the operation's inputs.
        settings: what else the operation was told, such as the axis of a sum.
        is_constant: True if no variable went into it.

    ``+ - * / ** @``, unary minus and indexing work as in NumPy, also with an array on the left. Comparisons give plain
    boolean arrays, for `gradatim.graph.where`. Functions (``exp``, ``sum`` …) are those of `gradatim.graph`; NumPy's
    own refuse a Variable.

    Example:
        >>> a = variable([1.0, 2.0], "a")
        >>> J = (a * a).sum()
        >>> J.backward()
        >>> print(a.grad)
        [2. 4.]
    """

    __slots__ = ("__weakref__", "grad", "is_constant", "name", "operation", "parents", "settings", "value")

    __array_ufunc__ = None  # makes `array * variable` come to __rmul__, instead of an array of Variables

    def __init__(
        self,
        value: Array,
        *,
        name: str | None = None,
        operation: Operation | None = None,
        parents: tuple[Variable, ...] = (),
        settings: dict[str, Any] | None = None,
        is_constant: bool = False,
    ) -> None:
        self.value = value
        self.grad: Array | None = None
        self.name = name
        self.operation = operation
        self.parents = parents
        self.settings = settings or {}
        self.is_constant = is_constant

    def record(self, operation: Operation, inputs: tuple[Numbers, ...], settings: dict[str, Any]) -> Variable:
        """The result of an operation as a new node; `Operation` calls this."""
        among = [a.value for a in inputs if isinstance(a, Variable)]
        parents = tuple(a if isinstance(a, Variable) else _constant(a, among) for a in inputs)
        values = tuple(parent.value for parent in parents)
        if any(is_foreign(value) for value in values):
            refuse_mixed(values)
        y = operation.compute(values, settings)
        return Variable(
            np.asarray(y) if isinstance(y, np.generic) else y,  # NumPy makes bare numbers of arrays of rank 0
            operation=operation,
            parents=parents,
            settings=settings,
            is_constant=all(parent.is_constant for parent in parents),
        )

    def backward(self, gradient: ArrayLike | None = None) -> None:
        """Fill `grad` of this and of everything it was made from.

        Args:
            gradient: ∂J/∂self, in the shape of self, where J lies further on. Default: self is J itself, one number
                (of any shape, such as (1, 1)), and ∂J/∂J = 1.

        Raises:
            ShapeError: if self is not one number and no gradient is given, or one of another shape.

        Example:
            >>> a = variable(3.0)
            >>> (a**2).backward()
            >>> print(a.grad)
            6.0
        """
        order = topological_order(self)
        derivatives = chain_rule(self, _seed(self, gradient), order)
        for node in order:
            # A copy, because an addition hands the very same array to both its inputs, and `w.grad *= 0.1` is common.
            node.grad = copied(derivatives[node]) if node in derivatives else None

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; () for a single number."""
        return tuple(self.value.shape)

    @property
    def ndim(self) -> int:
        """How many axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers."""
        return prod(self.shape)

    @property
    def dtype(self) -> Any:
        """The kind of number."""
        return self.value.dtype

    @property
    def T(self) -> Variable:
        """The axes in reverse: rows for columns."""
        return self.transpose()

    def transpose(self, axes: Sequence[int] | None = None) -> Variable:
        """As `gradatim.graph.transpose`."""
        turned: Variable = whole_arrays.transpose(self, axes)
        return turned

    def reshape(self, *shape: Any) -> Variable:
        """As `gradatim.graph.reshape`; ``a.reshape(2, 3)`` and ``a.reshape((2, 3))`` are the same."""
        reshaped: Variable = whole_arrays.reshape(self, shape[0] if len(shape) == 1 else shape)
        return reshaped

    def sum(self, axis: Axes = None, keepdims: bool = False) -> Variable:
        """As `gradatim.graph.sum`."""
        return applied("sum", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axes = None, keepdims: bool = False) -> Variable:
        """As `gradatim.graph.mean`."""
        return applied("mean", self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axes = None, keepdims: bool = False) -> Variable:
        """As `gradatim.graph.max`."""
        return applied("max", self, axis=axis, keepdims=keepdims)

    def named(self, name: str) -> Variable:
        """This very node, with a name for drawings and for `repr`.

        Example:
            >>> a = variable(5, "a")
            >>> (a * a).named("u")
            Variable(u = 25.0, by multiply)
        """
        self.name = name
        return self

    def draw(self) -> Drawing:
        """The graph as a drawing: values from left to right, derivatives from right to left. No `grad` is touched.

        Returns:
            A drawing with ``.svg`` and ``.save(path)``, which Jupyter shows by itself. Arrays tell their shape and
            first numbers, and the rest to whoever points at them or unfolds them. There are derivatives only if self
            is one number.

        Raises:
            InputError: if the graph has too many nodes to be looked at.

        Example:
            >>> a, b, c = variable(5, "a"), variable(3, "b"), variable(2, "c")
            >>> drawing = (3 * (a + b * c)).draw()
            >>> "v = a + u" in drawing.svg, "dJ/db = 6" in drawing.svg
            (True, True)
        """
        return picture(account(self))

    def steps(self) -> Steps:
        """The chain rule in words and numbers, from right to left. No `grad` is touched.

        Returns:
            An object whose text is in ``str()``; Jupyter shows it by itself.

        Example:
            >>> a, b, c = variable(5, "a"), variable(3, "b"), variable(2, "c")
            >>> print((3 * (a + b * c)).steps())
            Values, from left to right
              a = 5
              b = 3
              c = 2
              u = b c = 3 · 2 = 6
              v = a + u = 5 + 6 = 11
              J = 3 v = 3 · 11 = 33
            Derivatives, from right to left
              J = 3 v, so dJ/dv = 3
              v = a + u, so dv/du = 1
                  dJ/du = dJ/dv · dv/du = 3 · 1 = 3
              u = b c, so du/dc = b = 3
                  dJ/dc = dJ/du · du/dc = 3 · 3 = 9
              u = b c, so du/db = c = 2
                  dJ/db = dJ/du · du/db = 3 · 2 = 6
              v = a + u, so dv/da = 1
                  dJ/da = dJ/dv · dv/da = 3 · 1 = 3
        """
        return told(account(self))

    def _repr_html_(self) -> str | None:
        # None makes Jupyter take repr() instead: for what has no history, and for what nobody could look at.
        if self.operation is None or len(topological_order(self)) > MOST_NODES:
            return None
        return self.draw().html

    def __getitem__(self, index: Any) -> Variable:
        return applied("index", self, index=index)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Variable]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __array_function__(self, *_: Any) -> NoReturn:
        self.__array__()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NoReturn:
        # NumPy would make an array of Variables, or one that has forgotten its history, and say nothing.
        raise InputError(
            "NumPy: inputs must be plain arrays. Got a Variable, which would lose its history. "
            "Take the function from gradatim.graph (exp, where, sum, concatenate …), or .value for the bare numbers."
        )

    def __repr__(self) -> str:
        start = f"Variable({self.name} = " if self.name else "Variable("
        value = as_numpy(self.value)
        shown = np.array2string(value, separator=", ", threshold=20, prefix=start) if self.ndim else value
        origin = ", constant" if self.is_constant else f", by {self.operation.name}" if self.operation else ""
        return f"{start}{shown}{origin})"


def variable(value: ArrayLike, name: str | None = None) -> Variable:
    """A variable: something by which you want a derivative.

    Args:
        value: a number or an array; it is copied. Whole numbers become float64, other dtypes stay.
        name: for drawings and for `repr`; None leaves it nameless.

    Raises:
        InputError: if value is not made of numbers.

    Example:
        >>> a = variable(5, "a")
        >>> a * a + 1
        Variable(26.0, by add)
    """
    return Variable(copied(numbers_in(value, "variable: value")), name=name)


def constant(value: ArrayLike, name: str | None = None) -> Variable:
    """Numbers with a name and without a derivative, such as the inputs x and the target y of a network.

    Args:
        value: as in `variable`.
        name: for drawings and for `repr`. Numbers that need no name may stand in an expression as they are.

    Example:
        >>> x = constant(2.0, "x")
        >>> a = variable(5.0, "a")
        >>> (a * x).backward()
        >>> print(a.grad, x.grad)
        2.0 None
    """
    return Variable(copied(numbers_in(value, "constant: value")), name=name, is_constant=True)


def gradients(J: Variable, variables: Iterable[Variable], gradient: ArrayLike | None = None) -> tuple[Variable, ...]:
    """∂J/∂a for each of the variables, as Variables: they can be differentiated again. No `grad` is touched.

    Args:
        J: one number, or any shape with `gradient`.
        variables: nodes of any kind. Where J does not depend on one, its derivative is 0.
        gradient: as in `Variable.backward`.

    Raises:
        ShapeError: if J is not one number and no gradient is given, or one of another shape.

    Example:
        The slope of a³ is 3a², and the slope of that is 6a:

        >>> a = variable(2.0)
        >>> (slope,) = gradients(a**3, [a])
        >>> (curvature,) = gradients(slope, [a])
        >>> print(slope.value, curvature.value)
        12.0 12.0
    """
    # A node from the first on: some libraries' arrays do not let a Variable answer when it stands on their right.
    seed = Variable(_seed(J, gradient), is_constant=True)
    derivatives = chain_rule(J, seed, topological_order(J), again=True)
    return tuple(derivatives[a] if a in derivatives else _zero(a) for a in variables)


def _constant(numbers: Any, among: Sequence[Array]) -> Variable:
    """Plain numbers as a node, in the library of the variables among which they stand.

    Python's own numbers take the dtype of those, so float32 stays float32.
    """
    who = "an operation on a Variable: the other input"
    number = isinstance(numbers, int | float | complex)
    foreign = next((value for value in among if is_foreign(value)), None)
    if foreign is None:
        dtype = np.result_type(numbers, *(a.dtype for a in among)) if number and not is_foreign(numbers) else None
        return Variable(numbers_in(numbers, who, dtype), is_constant=True)
    if is_foreign(numbers):
        return Variable(numbers_in(numbers, who), is_constant=True)
    dtype = foreign.dtype if number and not isinstance(numbers, complex) else None
    return Variable(beside(numbers_in(numbers, who), foreign, dtype), is_constant=True)


def _zero(a: Variable) -> Variable:
    return Variable(library_of(a.value).zeros_like(a.value), is_constant=True)


def _seed(J: Variable, gradient: Any) -> Array:
    """∂J/∂J = 1, or the gradient that was given."""
    if gradient is not None:
        seed = numbers_in(gradient, "backward: gradient")
        if tuple(seed.shape) != J.shape:
            raise ShapeError(f"backward: gradient must have the shape of the variable, {J.shape}. Got {seed.shape}.")
        return beside(seed, J.value) if is_foreign(J.value) and not is_foreign(seed) else seed
    if J.size != 1:
        raise ShapeError(
            f"backward: J must be one number. Got shape {J.shape}. "
            "Take .sum() or .mean() first, or hand in ∂J/∂self: .backward(gradient)."
        )
    return library_of(J.value).ones_like(J.value)
