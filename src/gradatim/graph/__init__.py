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

A name makes it easier to follow: ``J.draw()`` draws the graph, ``J.steps()`` tells the chain rule, and `nudged` tries
what a slope says. A `Variable` may hold an array of NumPy, PyTorch, JAX and others; the lines are the same.

`operations` is the mathematics: each operation's value and, beside it, the derivatives. `variable` is the bookkeeping:
who was made from whom, by Python's `operators` or by a function; `chain_rule` goes back along that. `account` is what
there is to say about a graph, which `picture` draws and `steps` tells.
"""

from gradatim.graph.chain_rule import topological_order
from gradatim.graph.nudge import Nudged, nudged
from gradatim.graph.number_by_number import cos, exp, log, maximum, relu, sigmoid, sin, softplus, tanh, where
from gradatim.graph.operation import Operation
from gradatim.graph.operations import OPERATIONS
from gradatim.graph.steps import Steps
from gradatim.graph.variable import Variable, constant, gradients, variable
from gradatim.graph.whole_arrays import concatenate, logsumexp, matmul, max, mean, reshape, sum, transpose

__all__ = [
    "OPERATIONS",
    "Nudged",
    "Operation",
    "Steps",
    "Variable",
    "concatenate",
    "constant",
    "cos",
    "exp",
    "gradients",
    "log",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "nudged",
    "relu",
    "reshape",
    "sigmoid",
    "sin",
    "softplus",
    "sum",
    "tanh",
    "topological_order",
    "transpose",
    "variable",
    "where",
]
