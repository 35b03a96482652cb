"""Where everything of a block of rows lies in one stretch of memory: nothing is allocated inside a span of steps."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gradatim.engines.fast.program import Places, Program

LINE = 16
"""Every matrix begins at a multiple of so many numbers: 64 bytes of float32, a line of the cache."""


class Layout(NamedTuple):
    """Places in the memory of one thread, for at most `rows` rows at a time.

    Attributes:
        rows: of a block.
        X: (rows, inputs) what was gathered; nothing where rows are read where they lie.
        P: (rows, n[0]) behind the embeddings, before scale and members; nothing where there is no front.
        H: (rows, columns · frequencies) cosines of the numeric embedding.
        S: the same for its sines.
        A: (L + 1,) A[l], (members · rows, n[l]) each; A[0] where there is a front.
        D: (L + 1,) their slopes, from layer 1 on.
        E: (L + 1,) g(Z) - Z where slopes are learned.
        dA: two of the largest layer, in turns.
        Y: (rows, n[L]) targets.
        share: (rows,) of J.
        size: of it all.
    """

    rows: int
    X: int
    P: int
    H: int
    S: int
    A: Places
    D: Places
    E: Places
    dA: Places
    Y: int
    share: int
    size: int


def layout_of(p: Program, rows: int, *, gathers: bool = True) -> Layout:
    """The layout for blocks of so many rows, which are gathered first or read where they lie."""
    end = 0

    def place(numbers: int) -> int:
        nonlocal end
        start, end = end, end + -(-int(numbers) // LINE) * LINE
        return start

    M, n = rows * p.members, p.n.tolist()
    waves = rows * int(p.embedded[0] * p.embedded[1])
    has_front = p.members > 1 or p.scale >= 0 or p.waves >= 0 or len(p.E) > 0
    below = n[0] if has_front else 0
    widest = max(below, *n[1:])
    return Layout(
        rows=rows,
        X=place(rows * p.inputs if gathers else 0),
        P=place(rows * below),
        H=place(waves),
        S=place(waves),
        A=np.array([place(M * width) for width in (below, *n[1:])]),
        D=np.array([place(M * width) for width in (0, *n[1:])]),
        E=np.array([place(M * width if α >= 0 else 0) for width, α in zip(n, p.α.tolist(), strict=True)]),
        dA=np.array([place(M * widest), place(M * widest)]),
        Y=place(rows * n[-1]),
        share=place(rows),
        size=end,
    )


def aligned(numbers: int, dtype: Any) -> np.ndarray[Any, Any]:
    """Memory that begins at a line of the cache; its numbers are not set."""
    itemsize = np.dtype(dtype).itemsize
    raw = np.empty(numbers * itemsize + 64, dtype=np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + numbers * itemsize].view(dtype)
