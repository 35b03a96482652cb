"""What there is to say about a graph: a name for each node, each as an equation, the derivatives and their ways.

Conventions
-----------
* A nameless result gets a letter: u, v, p … for numbers, U, V, P … for matrices; the last one is called J.
* A nameless number stands in the equations as it is, and is no node of its own: J = 3 v.
* Products of matrices are written A B, products number by number a ∘ b, or a b where one of the two is a single number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
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
        ways: the steps back, in the order of going.
    """

    order: tuple[Variable, ...]
    names: dict[Variable, str]
    derivatives: dict[Variable, Array]
    ways: tuple[Way, ...]

    @property
    def J(self) -> Variable:
        """The node at the end."""
        return self.order[-1]

    def slope_name(self, node: Variable) -> str:
        """dJ/da, with the names of this graph."""
        return f"d{self.names[self.J]}/d{self.names[node]}"

    def ways_to(self, node: Variable) -> list[Way]:
        """The steps back that end at a node: one for each use of it."""
        return [way for way in self.ways if way.to is node]

    def equation(self, node: Variable) -> str:
        """How a node was made: v = a + u. Just the name of one that was not."""
        return f"{self.names[node]} = {self.right_side(node)}" if node.operation else self.names[node]

    def right_side(self, node: Variable, *, in_numbers: bool = False) -> str:
        """The formula of a node's operation, with the names or, if all are single numbers, the numbers in it."""
        assert node.operation is not None
        written = self._filled(node, node.operation.formula, in_numbers=in_numbers)
        axis = node.settings.get("axis")
        return _tidy(written if axis is None else f"{written} along axis {axis}")

    def slope(self, way: Way) -> str:
        """The local derivative of a step back, or the whole of ∂J/∂input where that has no simpler form."""
        assert way.node.operation is not None
        return _tidy(self._filled(way.node, way.node.operation.slope_to(way.place), place=way.place))

    def _filled(self, node: Variable, template: str, *, place: int = 0, in_numbers: bool = False) -> str:
        shown = [number_text(a.value) if in_numbers else self._name(a) for a in node.parents]
        bracketed = [
            f"({name})" if name.startswith("−") and (len(shown) > 1 or template.startswith("−")) else name
            for name in shown
        ]
        if any(not a.shape for a in node.parents):
            template = template.replace(" ∘ ", " · " if in_numbers else " ")
        many = isinstance(node.operation.slopes, str) if node.operation else False
        return template.format(
            a=bracketed[place if many else 0],
            b=bracketed[-1],
            all=", ".join(shown),
            y=self.names[node],
            G="1" if node is self.J else self.slope_name(node),
            **{key: _setting_text(setting) for key, setting in node.settings.items()},
        )

    def _name(self, a: Variable) -> str:
        return self.names[a] if a in self.names else number_text(a.value)


def account(J: Variable) -> Account:
    """All about the graph of J; there are derivatives if it is one number."""
    order = topological_order(J)
    ways: list[Way] = []
    derivatives = chain_rule(J, library_of(J.value).ones_like(J.value), order, ways=ways) if J.size == 1 else {}
    shown = tuple(node for node in order if not _is_bare_number(node) or node is J)
    return Account(shown, _names(shown), derivatives, tuple(ways))


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


def _setting_text(setting: Any) -> str:
    if isinstance(setting, tuple):
        if all(isinstance(part, int) for part in setting):
            return shape_text(setting)
        return ", ".join(_setting_text(part) for part in setting)
    if isinstance(setting, slice):
        start, stop = ("" if end is None else str(end) for end in (setting.start, setting.stop))
        return f"{start}:{stop}" + ("" if setting.step is None else f":{setting.step}")
    if setting is Ellipsis or hasattr(setting, "dtype") or isinstance(setting, list):
        return "…"
    return str(setting).replace("-", "−")


def _tidy(written: str) -> str:
    """Powers as they are read: ``2 a^(2 − 1)`` is 2 a, and ``a^3`` is a³."""
    written = re.sub(r"\^\((\d+) − 1\)", lambda found: f"^{int(found[1]) - 1}", written)
    written = re.sub(r"\^1(?![\d.])", "", written)
    return re.sub(r"\^\(?(−?\d+)\)?", lambda found: found[1].translate(SUPERSCRIPTS), written)
