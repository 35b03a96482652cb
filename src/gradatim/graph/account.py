"""What there is to say about a graph: a name for each node, each as an equation, the derivatives and their ways.

Conventions
-----------
* A nameless result gets a letter: u, v, p … for numbers, U, V, P … for matrices; the last one is called J.
* A nameless number stands in the equations as it is, and is no node of its own: J = 3 v.
* Products of matrices are written A B, products number by number a ∘ b, or a b where one of the two is a single number
  (a · 2, where that stands behind).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from numbers import Integral
from typing import TYPE_CHECKING, Any

from gradatim.drawing import number_text, shape_text
from gradatim.graph.chain_rule import Way, chain_rule, topological_order
from gradatim.graph.libraries import Array, library_of

if TYPE_CHECKING:
    from gradatim.graph.variable import Variable

LETTERS = "uvpqrsthkfgwy"
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789−.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")


@dataclass(frozen=True, eq=False)
class Account:
    """A graph, ready to be drawn and told.

    Attributes:
        order: the nodes that are shown, parents before children; J is the last.
        names: of these.
        derivatives: ∂J/∂node, where there is one; empty where J is not one number.
        ways: to each node the steps back that end there, one for each use of it, in the order of going.
    """

    order: tuple[Variable, ...]
    names: dict[Variable, str]
    derivatives: dict[Variable, Array]
    ways: dict[Variable, list[Way]]

    @property
    def J(self) -> Variable:
        """The node at the end."""
        return self.order[-1]

    def slope_name(self, node: Variable) -> str:
        """dJ/da, with the names of this graph."""
        return f"d{self.names[self.J]}/d{self.names[node]}"

    def equation(self, node: Variable) -> str:
        """How a node was made: v = a + u. Just the name of one that was not."""
        return f"{self.names[node]} = {self.right_side(node)}" if node.operation else self.names[node]

    def right_side(self, node: Variable, *, in_numbers: bool = False) -> str:
        """The formula of a node's operation, with the names or, if all are single numbers, the numbers in it."""
        assert node.operation is not None
        written = self._filled(node, node.operation.formula, in_numbers=in_numbers)
        axis, order = node.settings.get("axis"), node.settings.get("axes")
        if axis is not None:
            written += f" along {axes_text(axis)}"
        if order is not None and order != tuple(range(node.ndim))[::-1]:
            written += f" ({axes_text(order)})"
        return _tidy(written)

    def slope(self, way: Way) -> str:
        """The local derivative of a step back, or the whole of ∂J/∂input where that has no simpler form."""
        assert way.node.operation is not None
        return _tidy(self._filled(way.node, way.node.operation.slope_to(way.place), place=way.place))

    def _filled(self, node: Variable, template: str, *, place: int = 0, in_numbers: bool = False) -> str:
        shown = [number_text(a.value) if in_numbers else self._name(a) for a in node.parents]
        bracketed = [
            f"({name})" if re.search("^−| ", name) and (len(shown) > 1 or template.startswith("−")) else name
            for name in shown
        ]
        if any(not a.shape for a in node.parents):
            template = template.replace(" ∘ ", " · " if in_numbers or node.parents[-1] not in self.names else " ")
        many = isinstance(node.operation.slopes, str) if node.operation else False
        return template.format(
            a=bracketed[place if many else 0],
            b=bracketed[-1],
            all=", ".join(shown),
            y=self.names[node],
            G="1" if node is self.J else self.slope_name(node),
            shape=shape_text(node.shape),
            index=_index_text(node.settings.get("index")),
        )

    def _name(self, a: Variable) -> str:
        return self.names[a] if a in self.names else number_text(a.value)


def account(J: Variable) -> Account:
    """All about the graph of J; there are derivatives if it is one number."""
    order = topological_order(J)
    ways: list[Way] = []
    derivatives = chain_rule(J, library_of(J.value).ones_like(J.value), order, ways=ways) if J.size == 1 else {}
    shown = tuple(node for node in order if not _is_bare_number(node) or node is J)
    ways_to: dict[Variable, list[Way]] = {}
    for way in ways:
        ways_to.setdefault(way.to, []).append(way)
    return Account(shown, _names(shown), derivatives, ways_to)


def axes_text(axes: int | tuple[int, ...]) -> str:
    """Axes in words.

    Example:
        >>> axes_text(1), axes_text((0, 2))
        ('axis 1', 'axes 0, 2')
    """
    axes = axes if isinstance(axes, tuple) else (axes,)
    return f"{'axis' if len(axes) == 1 else 'axes'} {', '.join(number_text(i) for i in axes)}"


def _is_bare_number(node: Variable) -> bool:
    return node.is_constant and node.operation is None and node.name is None and not node.shape


def _names(nodes: tuple[Variable, ...]) -> dict[Variable, str]:
    taken = {node.name for node in nodes if node.name}
    letters = (letter for letter in _letters() if letter not in taken and letter.upper() not in taken)
    names = {}
    for node in nodes:
        if node.name:
            names[node] = node.name
        elif node is nodes[-1] and "J" not in taken:
            names[node] = "J"
        else:
            letter = next(letters)
            names[node] = letter.upper() if node.ndim > 1 else letter
    return names


def _letters() -> Iterator[str]:
    for lap in count(1):
        for letter in LETTERS:
            yield letter if lap == 1 else f"{letter}{str(lap).translate(SUBSCRIPTS)}"


def _index_text(index: Any) -> str:
    if isinstance(index, tuple):
        return ", ".join(_index_text(part) for part in index)
    if isinstance(index, slice):
        ends = [index.start, index.stop, *([] if index.step is None else [index.step])]
        return ":".join("" if end is None else _index_text(end) for end in ends)
    return str(index).replace("-", "−") if index is None or isinstance(index, Integral) else "…"


def _tidy(written: str) -> str:
    """Powers as they are read.

    Example:
        >>> [_tidy(x) for x in ("2 a^(2 − 1)", "a^3", "(−2) a^((−2) − 1)", "0.5 a^(0.5 − 1)", "b a^(b − 1)")]
        ['2 a', 'a³', '(−2) a⁻³', '0.5 a^(−0.5)', 'b a^(b − 1)']
    """
    written = re.sub(r"\^\(\(?(−?[\d.]+)\)? − 1\)", lambda found: f"^({_one_less(found[1])})", written)
    written = re.sub(r"\^\(1\)|\^1(?![\d.e])", "", written)
    whole = r"\^\((−?\d+)\)|\^(\d+)(?![\d.e])"
    return re.sub(whole, lambda found: (found[1] or found[2]).translate(SUPERSCRIPTS), written)


def _one_less(number: str) -> str:
    return number_text(float(number.replace("−", "-")) - 1)
