"""Variables: numbers that remember how they were made, and the chain rule along that memory.

Conventions
-----------
* A graph is made by calculating. Each result is a `Variable` that knows its operation and its parents (the inputs).
  Parents know nothing of their children, so a graph that nobody holds is freed at once.
* J is the one number at the end, and ``a.grad`` is ∂J/∂a, in the shape of a. Every call of `Variable.backward` writes
  the derivatives anew. Nothing is added up over calls, and there is no zero_grad (PyTorch adds up).
* Plain numbers beside a Variable become constants: nodes of the graph, but without a derivative.
* Arrays keep their dtype (float32, complex128 …); whole numbers and booleans become float64, Python's numbers take the
  dtype of the Variable beside them. Mixed dtypes follow NumPy's promotion, in values and in derivatives.
* Nothing here calls itself, so a graph may be as deep as memory allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from gradatim.errors import InputError, ShapeError
from gradatim.graph import operations
from gradatim.graph.operation import Axes, Numbers, Operation, Recording
from gradatim.graph.operations import OPERATIONS

Array = np.ndarray[Any, np.dtype[Any]]


class Variable(Recording):
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
        dtypes = [a.value.dtype for a in inputs if isinstance(a, Variable)]
        parents = tuple(a if isinstance(a, Variable) else _constant(a, dtypes) for a in inputs)
        return Variable(
            np.asarray(operation.compute(tuple(parent.value for parent in parents), settings)),
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
        seed = self._seed(gradient)
        order = topological_order(self)
        derivatives = _chain_rule(self, seed, order, again=False)
        for node in order:
            # A copy, because an addition hands the very same array to both its inputs, and `w.grad *= 0.1` is common.
            node.grad = np.array(derivatives[node]) if node in derivatives else None

    def _seed(self, gradient: ArrayLike | None) -> Array:
        if gradient is not None:
            seed = _array(gradient, "backward: gradient")
            if seed.shape != self.shape:
                raise ShapeError(
                    f"backward: gradient must have the shape of the variable, {self.shape}. Got {seed.shape}."
                )
            return seed
        if self.size != 1:
            raise ShapeError(
                f"backward: J must be one number. Got shape {self.shape}. "
                "Take .sum() or .mean() first, or hand in ∂J/∂self: .backward(gradient)."
            )
        return np.ones_like(self.value)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; () for a single number."""
        return tuple(self.value.shape)

    @property
    def ndim(self) -> int:
        """How many axes."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """How many numbers."""
        return self.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind of number."""
        return self.value.dtype

    @property
    def T(self) -> Variable:
        """The axes in reverse: rows for columns."""
        return self.transpose()

    def transpose(self, axes: Sequence[int] | None = None) -> Variable:
        """As `gradatim.graph.transpose`."""
        turned: Variable = operations.transpose(self, axes)
        return turned

    def reshape(self, *shape: Any) -> Variable:
        """As `gradatim.graph.reshape`; ``a.reshape(2, 3)`` and ``a.reshape((2, 3))`` are the same."""
        reshaped: Variable = operations.reshape(self, shape[0] if len(shape) == 1 else shape)
        return reshaped

    def sum(self, axis: Axes = None, keepdims: bool = False) -> Variable:
        """As `gradatim.graph.sum`."""
        return _apply("sum", self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axes = None, keepdims: bool = False) -> Variable:
        """As `gradatim.graph.mean`."""
        return _apply("mean", self, axis=axis, keepdims=keepdims)

    def __getitem__(self, index: Any) -> Variable:
        return _apply("index", self, index=index)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Variable]:
        return (self[i] for i in range(len(self)))

    def __add__(self, b: Numbers) -> Variable:
        return _apply("add", self, b)

    def __radd__(self, a: Numbers) -> Variable:
        return _apply("add", a, self)

    def __sub__(self, b: Numbers) -> Variable:
        return _apply("subtract", self, b)

    def __rsub__(self, a: Numbers) -> Variable:
        return _apply("subtract", a, self)

    def __mul__(self, b: Numbers) -> Variable:
        return _apply("multiply", self, b)

    def __rmul__(self, a: Numbers) -> Variable:
        return _apply("multiply", a, self)

    def __truediv__(self, b: Numbers) -> Variable:
        return _apply("divide", self, b)

    def __rtruediv__(self, a: Numbers) -> Variable:
        return _apply("divide", a, self)

    def __pow__(self, b: Numbers) -> Variable:
        return _apply("power", self, b)

    def __rpow__(self, a: Numbers) -> Variable:
        return _apply("power", a, self)

    def __matmul__(self, B: Numbers) -> Variable:
        return _apply("matmul", self, B)

    def __rmatmul__(self, A: Numbers) -> Variable:
        return _apply("matmul", A, self)

    def __neg__(self) -> Variable:
        return _apply("negative", self)

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

    def __bool__(self) -> bool:
        return bool(self.value)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NoReturn:
        # NumPy would make an array of Variables, or one that has forgotten its history, and say nothing.
        raise InputError(
            "NumPy: inputs must be plain arrays. Got a Variable, which would lose its history. "
            "Take the function from gradatim.graph (exp, where, sum, concatenate …), or .value for the bare numbers."
        )

    def __repr__(self) -> str:
        start = f"Variable({self.name} = " if self.name else "Variable("
        shown = np.array2string(self.value, separator=", ", threshold=20, prefix=start) if self.ndim else self.value
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
    return Variable(np.array(_array(value, "variable: value")), name=name)


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
    derivatives = _chain_rule(J, J._seed(gradient), topological_order(J), again=True)
    found = (derivatives.get(a, np.zeros_like(a.value)) for a in variables)
    return tuple(dJ if isinstance(dJ, Variable) else Variable(np.asarray(dJ), is_constant=True) for dJ in found)


def topological_order(J: Variable) -> list[Variable]:
    """J and all that it was made from, each once, parents before children.

    Example:
        >>> a = variable(5, "a")
        >>> [node.operation.name if node.operation else node.name for node in topological_order(a * a + a)]
        ['a', 'multiply', 'add']
    """
    order: list[Variable] = []
    met: set[Variable] = set()
    # A list of our own in place of a function that calls itself: Python stops those at a depth of about a thousand.
    to_do = [(J, False)]
    while to_do:
        node, parents_are_placed = to_do.pop()
        if parents_are_placed:
            order.append(node)
        elif node not in met:
            met.add(node)
            to_do.append((node, True))
            to_do.extend((parent, False) for parent in reversed(node.parents))
    return order


def _chain_rule(J: Variable, seed: Array, order: list[Variable], *, again: bool) -> dict[Variable, Numbers]:
    """∂J/∂node for every node that J depends on: from J back to the variables, children before parents.

    With `again` the derivatives are calculated with the nodes instead of their values, and so are a graph themselves.
    """
    derivatives: dict[Variable, Numbers] = {J: seed}
    for node in reversed(order):
        if node.operation is None or node.is_constant:
            continue
        G = derivatives[node]
        y, *inputs = (node, *node.parents) if again else (node.value, *(parent.value for parent in node.parents))
        for i, a in enumerate(node.parents):
            if a.is_constant:
                continue
            dJ_da = _unbroadcast(node.operation.back_to(i)(G, y, *inputs, **node.settings), a.shape)
            # A node with several children hears from each of them: the sum over all ways from it to J.
            derivatives[a] = derivatives[a] + dJ_da if a in derivatives else dJ_da
    return derivatives


def _unbroadcast(G: Numbers, shape: tuple[int, ...]) -> Numbers:
    """Sum G over every axis along which an input of this shape was repeated.

    A number that was used many times answers for all its uses: ∂J/∂a = Σ over the copies of a. This is where the sum in
    db = Σ dZ (axis=1, keepdims=True) comes from.

    Example:
        >>> print(_unbroadcast(np.ones((2, 3)), (2, 1)))
        [[3.]
         [3.]]
    """
    if G.shape == shape:
        return G
    added = len(G.shape) - len(shape)
    repeated = tuple(i for i, n in enumerate(G.shape) if i < added or shape[i - added] != n)
    return operations.reshape(operations.sum(G, repeated), shape)


def _apply(name: str, *inputs: Numbers, **settings: Any) -> Variable:
    result: Variable = OPERATIONS[name](*inputs, **settings)
    return result


def _value(a: Any) -> Any:
    return a.value if isinstance(a, Variable) else a


def _array(numbers: ArrayLike, who: str, dtype: DTypeLike | None = None) -> Array:
    try:
        array: Array = np.asarray(numbers, dtype=dtype)
    except InputError:
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"{who} must be a number or an array of numbers. NumPy says: {error}") from error
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind not in "fc":
        raise InputError(
            f"{who} must be a number or an array of numbers. Got {type(numbers).__name__} ({array.dtype})."
        )
    return array


def _constant(numbers: Any, beside: Sequence[np.dtype[Any]]) -> Variable:
    """Plain numbers as a node; Python's own take the dtype of the variables beside them, so float32 stays float32."""
    dtype = np.result_type(numbers, *beside) if isinstance(numbers, (int, float, complex)) else None
    return Variable(_array(numbers, "an operation on a Variable: the other input", dtype), is_constant=True)
