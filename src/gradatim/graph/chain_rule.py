"""The chain rule along a graph: from J back to everything it was made from.

Nothing here calls itself, so a graph may be as deep as memory allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gradatim.graph.operation import Numbers
from gradatim.graph.whole_arrays import reshape
from gradatim.graph.whole_arrays import sum as summed

if TYPE_CHECKING:
    from gradatim.graph.variable import Variable


class Way(NamedTuple):
    """One step back: what a node says to one of its inputs.

    Attributes:
        node: the node that was made.
        place: which of its inputs, counted from 0.
        derivative: what this step adds to ∂J/∂input, in the shape of the input.
    """

    node: Variable
    place: int
    derivative: Numbers

    @property
    def to(self) -> Variable:
        """The input."""
        return self.node.parents[self.place]


def topological_order(J: Variable) -> list[Variable]:
    """J and all that it was made from, each once, parents before children.

    Example:
        >>> from gradatim.graph import variable
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


def chain_rule(
    J: Variable, seed: Numbers, order: list[Variable], *, again: bool = False, ways: list[Way] | None = None
) -> dict[Variable, Numbers]:
    """∂J/∂node for every node that J depends on: from J back to the variables, children before parents.

    Args:
        J: the node at the end.
        seed: ∂J/∂J, or what takes its place; a Variable with `again`.
        order: of the nodes, as `topological_order` has it.
        again: calculate the derivatives with the nodes instead of their values, so that they are a graph themselves.
        ways: a list to which every step back is added, in the order of going.
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
            if ways is not None:
                ways.append(Way(node, i, dJ_da))
    return derivatives


def _unbroadcast(G: Numbers, shape: tuple[int, ...]) -> Numbers:
    """Sum G over every axis along which an input of this shape was repeated.

    A number that was used many times answers for all its uses: ∂J/∂a = Σ over the copies of a. This is where the sum in
    db = Σ dZ (axis=1, keepdims=True) comes from.

    Example:
        >>> import numpy as np
        >>> print(_unbroadcast(np.ones((2, 3)), (2, 1)))
        [[3.]
         [3.]]
    """
    return G if tuple(G.shape) == shape else reshape(summed(G, repeated_axes(tuple(G.shape), shape)), shape)


def repeated_axes(to: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes along which an input of this shape was repeated.

    Example:
        >>> repeated_axes((4, 2, 3), (2, 1))
        (0, 2)
    """
    added = len(to) - len(shape)
    return tuple(i for i, n in enumerate(to) if i < added or shape[i - added] != n)
