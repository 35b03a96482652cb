"""A network in words: one line for messages, a table of its layers for print."""

from __future__ import annotations

from collections.abc import Sequence

from gradatim.network import Architecture


def label(architecture: Architecture) -> str:
    """One line.

    Example:
        >>> from gradatim.network import Dense
        >>> label(Architecture(3, layers=(Dense(4, "relu"),), output=Dense(1, "sigmoid")))
        '3 → 4 → 1 (relu, sigmoid)'
    """
    widths = " → ".join(map(str, architecture.n))
    members = f", {architecture.members} members" if architecture.members > 1 else ""
    return f"{widths} ({', '.join(layer.activation for layer in architecture.dense)}{members})"


def summary(architecture: Architecture, loss: str) -> str:
    """What is there, layer by layer, with shapes and numbers of parameters.

    Args:
        architecture: the network.
        loss: its name.
    """
    a = architecture
    lines = [f"Network {' → '.join(map(str, a.n))}, {loss}, {a.size:,} parameters"]
    lines += [f"front: {part}" for part in a.front]
    lines += [f"members: {a.members}"] if a.members > 1 else []
    rows = [("layer", "activation", "W", "b", "parameters")]
    for l, layer in enumerate(a.dense, start=1):
        W, b = a.block[f"W{l}"], a.block[f"b{l}"]
        rows.append((str(l), layer.activation, str(W.shape), str(b.shape), f"{W.size + b.size:,}"))
    return "\n".join([*lines, *aligned(rows)])


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell.

    Example:
        >>> aligned([("a", "bcd"), ("ef", "g")])
        ['a   bcd', 'ef  g']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
