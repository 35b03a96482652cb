"""Where in a network numbers went astray: the first layer in which they are no longer finite."""

from __future__ import annotations

from typing import Any

from gradatim.engines.contract import Data, Problem, Rows
from gradatim.engines.textbook import forward, loss_and_gradients
from gradatim.formulas.arrays import Array, namespace


def place_of_the_fault(problem: Problem, vector: Array, data: Data, rows: Rows) -> str:
    """In words where the numbers of a batch are first infinite or NaN: forward, then backward.

    Dropout is left out: a mask silences units, and makes none of them infinite.

    Args:
        problem: the network and its loss.
        vector: (P,) parameters before the step that went astray.
        data: the table.
        rows: of the batch.

    Returns:
        "first in layer 2 of 3, forward" and alike.
    """
    architecture = problem.architecture
    p = forward(architecture, vector, data.X[rows].T, None if data.codes is None else data.codes[rows].T)
    for l, Z in enumerate(p.Z[1:], start=1):
        if not (_finite(Z) and _finite(p.A[l])):
            return f"first in {_layer(l, architecture.L)}, forward"
    _, gradient = loss_and_gradients(problem, vector, data, rows)
    by_block = {block.name: gradient[block.start : block.stop] for block in reversed(architecture.blocks)}
    for name, derivative in by_block.items():
        if not _finite(derivative):
            return f"first in the derivative by {name}, backward"
    sizes = {name: float(abs(derivative).max()) for name, derivative in by_block.items()}
    largest = max(sizes, key=sizes.__getitem__)
    return f"where the largest derivative is that by {largest}, {sizes[largest]:.3g}"


def _finite(array: Any) -> bool:
    xp = namespace(array)
    return bool(xp.all(xp.isfinite(array)))


def _layer(l: int, L: int) -> str:
    return f"layer {l} of {L}, the output" if l == L else f"layer {l} of {L}"
