"""The chain rule told in words and numbers: values from left to right, derivatives from right to left."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradatim.drawing import CSS, array_text, escaped, number_text
from gradatim.graph.account import Account, axes_text
from gradatim.graph.chain_rule import Way, repeated_axes
from gradatim.graph.libraries import Array, library_of
from gradatim.graph.number_by_number import NUMBER_BY_NUMBER

if TYPE_CHECKING:
    from gradatim.graph.variable import Variable

ORDINALS = ("first", "second")


@dataclass(frozen=True, repr=False)
class Steps:
    """The steps as lines of text. Python shows them by itself, and so does Jupyter.

    Attributes:
        forward: the value of each node, from left to right.
        back: the derivative of each node, from right to left: how the node was used, and what comes of it.
    """

    forward: tuple[str, ...]
    back: tuple[str, ...]

    def __repr__(self) -> str:
        lines = ["Values, from left to right", *(f"  {line}" for line in self.forward)]
        if self.back:
            lines += ["Derivatives, from right to left", *(f"  {line}" for line in self.back)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        def listed(colour: str, heading: str, lines: tuple[str, ...]) -> str:
            text = escaped("\n".join(lines))
            return f'<div><b class="{colour}">{heading}</b><pre>{text}</pre></div>' if lines else ""

        forward = listed("forward", "Values, from left to right", self.forward)
        back = listed("back", "Derivatives, from right to left", self.back)
        return f'<div class="gradatim-drawing"><style>{CSS}</style>{forward}{back}</div>'


def told(account: Account) -> Steps:
    """The steps of a graph."""
    forward = tuple(_value_line(account, node) for node in account.order)
    back: list[str] = []
    for node in reversed(account.order):
        if node is not account.J and node in account.derivatives:
            back += _lines_back(account, node)
    return Steps(forward, tuple(back))


def _value_line(account: Account, node: Variable) -> str:
    value = array_text(node.value)
    if node.operation is None:
        return f"{account.names[node]} = {value}"
    all_numbers = not node.shape and not any(parent.shape for parent in node.parents)
    numbers = account.right_side(node, in_numbers=True) if all_numbers else value
    return (
        f"{account.equation(node)} = {value}" if numbers == value else f"{account.equation(node)} = {numbers} = {value}"
    )


def _lines_back(account: Account, node: Variable) -> list[str]:
    """A line for each use of a node, and one for the sum over all ways."""
    ways = account.ways[node]
    if all(not way.node.shape and not node.shape for way in ways):
        return _numbers_back(account, node, ways)
    lines = [*dict.fromkeys(account.equation(way.node) for way in ways)]
    expression = " + ".join(_through(account, way) for way in ways)
    conclusion = f"so {account.slope_name(node)} = {expression} = {array_text(account.derivatives[node])}"
    return [f"{lines[0]}, {conclusion}"] if len(lines) == 1 else [*lines, f"    {conclusion}"]


def _through(account: Account, way: Way) -> str:
    """How ∂J/∂node comes through a step, in writing: dJ/dA ∘ (1 − A²)."""
    assert way.node.operation is not None
    last = way.node is account.J
    G, slope = account.slope_name(way.node), account.slope(way)
    if "{G}" in way.node.operation.slope_to(way.place):
        expression = slope
    elif slope in ("1", "−1"):
        expression = slope if last else f"{slope[:-1]}{G}"
    elif last:
        expression = slope
    else:
        expression = f"{G} {'·' if _is_number(way) else '∘'} {_bracketed(slope)}"
    axes = repeated_axes(way.node.shape, way.to.shape) if _may_repeat(way) else ()
    if not axes:
        return expression
    return f"Σ {_bracketed(expression)} along {axes_text(axes)}, where {account.names[way.to]} was repeated,"


def _is_number(way: Way) -> bool:
    """Whether the local derivative is one number for all of the array: what stands in its formula are numbers."""
    assert way.node.operation is not None
    formula = way.node.operation.slope_to(way.place)
    parts = zip(("{a}", "{b}", "{y}"), (way.node.parents[0], way.node.parents[-1], way.node), strict=True)
    inside = [node for field, node in parts if field in formula]
    return not way.node.shape or (bool(inside) and not any(node.shape for node in inside))


def _may_repeat(way: Way) -> bool:
    assert way.node.operation is not None
    return way.node.operation.name in NUMBER_BY_NUMBER


def _numbers_back(account: Account, node: Variable, ways: list[Way]) -> list[str]:
    """The same where all are single numbers: each local derivative, then the product, the sum over the ways."""
    lines: list[str] = []
    products: list[str] = []
    numbers: list[str] = []
    for way in ways:
        slope, number = account.slope(way), number_text(_local(way))
        local = f"d{account.names[way.node]}/d{account.names[node]}"
        twice = len([a for a in way.node.parents if a is node]) > 1
        which = f" (as the {ORDINALS[way.place]} input)" if twice else ""
        known = number if slope.strip("()") == number else f"{slope} = {number}"
        lines.append(f"{account.equation(way.node)}, so {local} = {known}{which}")
        last = way.node is account.J  # dJ/dJ = 1 is not written
        G = number_text(account.derivatives[way.node])
        products.append(local if last else f"{account.slope_name(way.node)} · {local}")
        numbers.append(number if last else f"{_bracketed(G) if numbers or ' ' in G else G} · {_bracketed(number)}")
    if len(ways) == 1 and ways[0].node is account.J:
        return lines
    total = number_text(account.derivatives[node])
    return [*lines, f"    {account.slope_name(node)} = {' + '.join(products)} = {' + '.join(numbers)} = {total}"]


def _local(way: Way) -> Array:
    """∂node/∂input alone: what comes back when 1 goes in."""
    assert way.node.operation is not None
    y, inputs = way.node.value, [parent.value for parent in way.node.parents]
    one = library_of(y).ones_like(y)
    return way.node.operation.back_to(way.place)(one, y, *inputs, **way.node.settings)


def _bracketed(factor: str) -> str:
    """In brackets, where a product would otherwise be misread."""
    return f"({factor})" if factor.startswith("−") or re.search(r" [+−/·∘] | where ", factor) else factor
