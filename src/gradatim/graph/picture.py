"""A graph as a drawing: nodes from left to right by depth, values flowing right, derivatives flowing back.

Conventions
-----------
* J stands at the right end. Each node stands just left of the first that uses it: its column counts the longest
  way to J.
* Within a column, nodes are ordered by the mean place of their neighbours, a few times to and fro (Sugiyama, Tagawa &
  Toda, Methods for visual understanding of hierarchical system structures, 1981). A line that passes a column has a
  place there, so that it crosses no box.
* Above a node's line stands its value, below it the derivative: for numbers that are used several times, as a sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradatim.drawing import (
    Drawing,
    array_text,
    arrow_head,
    as_numpy,
    box,
    drawn,
    escaped,
    grid_text,
    line,
    number_text,
    shape_text,
    text_at,
    unfolded,
    width_of,
)
from gradatim.errors import InputError
from gradatim.graph.account import Account

if TYPE_CHECKING:
    from gradatim.graph.variable import Variable

MOST_NODES = 150
"""Beyond these nobody sees anything."""

MARGIN, GAP, HEIGHT, LABEL_SIZE = 12.0, 46.0, 32.0, 12.0
ROW, PASSING_ROW = 58.0, 30.0
SWEEPS = 8


@dataclass(eq=False)
class Spot:
    """A place in a column: a node, or a line that passes."""

    node: Variable | None
    width: float = 0.0
    label_width: float = 0.0
    left: list[Spot] = field(default_factory=list)
    right: list[Spot] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    column: float = 0.0
    column_end: float = 0.0

    @property
    def row(self) -> float:
        """How much height it needs."""
        return ROW if self.node is not None else PASSING_ROW


def picture(account: Account) -> Drawing:
    """The drawing of a graph."""
    if len(account.order) > MOST_NODES:
        raise InputError(
            f"draw: the graph must have at most {MOST_NODES} nodes, or nobody could read it. Got {len(account.order)}. "
            "Draw a node further left, or a smaller example of the same expression; steps() tells a graph of any size."
        )
    columns = _columns(account)
    _order(columns)
    _set_heights(columns)
    width, height = _set_places(columns)
    spots = [spot for column in columns for spot in column]
    parts = [part for spot in spots for part in _lines(account, spot)]
    parts += [part for spot in spots if spot.node is not None for part in _node(account, spot, spot.node)]
    return drawn(
        parts, width, height, f"Computation graph of {account.names[account.J]}", _described(account), _arrays(account)
    )


def _described(account: Account) -> str:
    sentences = [f"{account.equation(node)} is {array_text(node.value)}" for node in account.order]
    sentences += [
        f"{account.slope_name(node)} is {array_text(account.derivatives[node])}"
        for node in reversed(account.order)
        if node in account.derivatives
    ]
    return "; ".join(sentences) + "."


def _arrays(account: Account) -> str:
    """Below the drawing, folded: the numbers of every array, and of its derivative."""
    parts = []
    for node in account.order:
        if not node.shape:
            continue
        numbers = f"<pre>{escaped(grid_text(node.value))}</pre>"
        if node in account.derivatives:
            back = escaped(grid_text(account.derivatives[node]))
            numbers += f'<b class="back">{escaped(account.slope_name(node))}</b><pre>{back}</pre>'
        parts.append(unfolded(f"{account.equation(node)}  {shape_text(node.shape)}", numbers))
    return unfolded("The numbers of the arrays", "".join(parts)) if parts else ""


def _columns(account: Account) -> list[list[Spot]]:
    """The nodes by their distance from J, with a spot wherever a line passes a column."""
    distance = dict.fromkeys(account.order, 0)
    for node in reversed(account.order):
        for parent in node.parents:
            if parent in distance:
                distance[parent] = max(distance[parent], distance[node] + 1)
    depth = max(distance.values())
    columns: list[list[Spot]] = [[] for _ in range(depth + 1)]
    spots = {}
    for node in account.order:
        value, derivative = _labels(account, node)
        label_width = max(width_of(value, LABEL_SIZE), width_of(derivative, LABEL_SIZE)) + 10
        padding = 22 if node.operation else 8
        spots[node] = Spot(node, width_of(account.equation(node)) + padding, label_width)
        columns[depth - distance[node]].append(spots[node])
    for node in account.order:
        for parent in dict.fromkeys(node.parents):
            if parent in spots:
                _connect(spots[parent], spots[node], columns[depth - distance[parent] + 1 : depth - distance[node]])
    return columns


def _connect(start: Spot, end: Spot, between: list[list[Spot]]) -> None:
    for column in between:
        # One line for all later uses of a node: it branches where it is used.
        passing = next((spot for spot in start.right if spot.node is None), None)
        if passing is None:
            passing = Spot(None, left=[start])
            column.append(passing)
            start.right.append(passing)
        start = passing
    start.right.append(end)
    end.left.append(start)


def _order(columns: list[list[Spot]]) -> None:
    """Fewer crossings: each spot to the mean place of its neighbours, from the left and from the right in turn."""
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 1
        for column in columns if forward else reversed(columns):
            places = {spot: i for other in columns for i, spot in enumerate(other)}
            means = {}
            for i, spot in enumerate(column):
                neighbours = spot.left if forward else spot.right
                means[spot] = sum(places[one] for one in neighbours) / len(neighbours) if neighbours else i
            column.sort(key=means.__getitem__)


def _set_heights(columns: list[list[Spot]]) -> None:
    """Each spot near the mean height of its neighbours, in the order of its column."""
    for column in columns:
        _settle(column, [0.0] * len(column))
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            wished = []
            for spot in column:
                neighbours = (spot.left if sweep % 2 else spot.right) or [spot]
                wished.append(sum(one.y for one in neighbours) / len(neighbours))
            _settle(column, wished)


def _settle(column: list[Spot], wished: list[float]) -> None:
    """The heights nearest to the wished ones that leave every spot its row: least squares, by pooling neighbours."""
    offsets, offset = [], 0.0
    for i, spot in enumerate(column):
        offset += (spot.row + column[i - 1].row) / 2 if i else 0.0
        offsets.append(offset)
    pools: list[list[float]] = []  # [sum, count] of wishes that share one place
    for wish, offset in zip(wished, offsets, strict=True):
        pools.append([wish - offset, 1])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            total, count = pools.pop()
            pools[-1][0] += total
            pools[-1][1] += count
    means = [total / count for total, count in pools for _ in range(int(count))]
    for spot, mean, offset in zip(column, means, offsets, strict=True):
        spot.y = mean + offset


def _set_places(columns: list[list[Spot]]) -> tuple[float, float]:
    """The columns side by side; the width and height of all."""
    top = min(spot.y - spot.row / 2 for column in columns for spot in column)
    x = MARGIN
    for column in columns:
        width = max(spot.width for spot in column)
        stub = max(spot.label_width for spot in column)
        for spot in column:
            spot.y += MARGIN - top
            spot.x = x + width - spot.width  # the boxes of a column end at one line, where their values begin
            spot.label_width, spot.column, spot.column_end = stub, x, x + width
        x += width + stub + GAP
    return x - GAP + MARGIN, max(spot.y + spot.row / 2 for column in columns for spot in column) + MARGIN


def _labels(account: Account, node: Variable) -> tuple[str, str]:
    """The value of a node, and its derivative with the sum that it came from."""
    value = array_text(node.value, most=2, digits=3) if node.shape else array_text(node.value)
    if node not in account.derivatives:
        return value, ""
    derivative, ways = account.derivatives[node], account.ways.get(node, [])
    if node.shape:
        return value, f"{account.slope_name(node)}: {array_text(derivative, most=2, digits=3).split(': ')[-1]}"
    terms = " + ".join(number_text(as_numpy(way.derivative)) for way in ways)
    summed = f" = {terms}".replace("+ −", "− ") if 1 < len(ways) < 4 else ""
    return value, f"{account.slope_name(node)}{summed} = {number_text(derivative)}"


def _node(account: Account, spot: Spot, node: Variable) -> list[str]:
    value, derivative = _labels(account, node)
    tip = f"{account.names[node]} {shape_text(node.shape)}\n{grid_text(node.value, 50)}" if node.shape else ""
    end = spot.x + spot.width
    parts = [
        text_at(spot.x + spot.width / 2, spot.y + 4.5, account.equation(node), anchor="middle", bold=True, tip=tip)
    ]
    if node.operation:
        parts.insert(0, box(spot.x, spot.y - HEIGHT / 2, spot.width, HEIGHT))
    parts.append(text_at(end + 10, spot.y - 7, value, "forward", size=LABEL_SIZE, tip=tip))
    if derivative:
        tip = f"{account.slope_name(node)}\n{grid_text(account.derivatives[node], 50)}" if node.shape else ""
        parts.append(text_at(end + 10, spot.y + 17, derivative, "back", size=LABEL_SIZE, tip=tip))
    return parts


def _lines(account: Account, spot: Spot) -> list[str]:
    """A spot's line to the right, and the bends that go on to its neighbours there, for values and for derivatives."""
    start = spot.x + spot.width if spot.node is not None else spot.column
    bend = spot.column_end + spot.label_width
    colours = [("forward", -2.0)] + ([("back", 2.0)] if _origin(spot) in account.derivatives else [])
    parts = []
    for colour, shift in colours:
        y, dashed = spot.y + shift, colour == "back"
        parts.append(line([(start, y), (bend, y)], colour, dashed=dashed))
        for to in spot.right:
            end = to.y + _port(spot, to) + shift
            entry = [(to.column, end)] + ([(to.x, end)] if to.node is not None and to.x > to.column else [])
            parts.append(line([(bend, y), *entry], colour, dashed=dashed))
            if to.node is not None and colour == "forward":
                parts.append(arrow_head(to.x, end, colour))
        if not spot.right and colour == "forward":
            parts.append(arrow_head(bend, y, colour))  # out of J
        if spot.node is not None and colour == "back":
            parts.append(arrow_head(start, y, colour, to_the_left=True))
    return parts


def _origin(spot: Spot) -> Variable:
    while spot.node is None:
        spot = spot.left[0]
    return spot.node


def _port(spot: Spot, to: Spot) -> float:
    """Where at the next box a line ends: its inputs side by side, in the order in which they come."""
    if to.node is None or len(to.left) < 2:
        return 0.0
    ordered = sorted(to.left, key=lambda one: one.y)
    step = min(10.0, (HEIGHT - 10) / (len(ordered) - 1))
    return (ordered.index(spot) - (len(ordered) - 1) / 2) * step
