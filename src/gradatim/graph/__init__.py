"""Computation graphs: write an expression, and get its derivative by every variable in it.

The expression of the course's slides, with its derivatives from right to left:

    >>> from gradatim.graph import variable
    >>> a, b, c = variable(5, "a"), variable(3, "b"), variable(2, "c")
    >>> J = 3 * (a + b * c)
    >>> J.backward()
    >>> print(J.value, a.grad, b.grad, c.grad)
    33.0 3.0 6.0 9.0

It knows no layer, no loss and no engine. That makes it their judge: a network written down in it has derivatives that
owe nothing to the six equations of backpropagation.

`operations` is the mathematics: a table with the value of each operation and, beside it, the derivatives. `variable` is
the bookkeeping: who was made from whom, and the chain rule along that.
"""

from gradatim.graph.operation import Operation
from gradatim.graph.operations import (
    OPERATIONS,
    concatenate,
    cos,
    exp,
    log,
    matmul,
    maximum,
    mean,
    relu,
    reshape,
    sin,
    sum,
    tanh,
    transpose,
    where,
)
from gradatim.graph.variable import Variable, gradients, topological_order, variable

__all__ = [
    "OPERATIONS",
    "Operation",
    "Variable",
    "concatenate",
    "cos",
    "exp",
    "gradients",
    "log",
    "matmul",
    "maximum",
    "mean",
    "relu",
    "reshape",
    "sin",
    "sum",
    "tanh",
    "topological_order",
    "transpose",
    "variable",
    "where",
]
