"""The data as kernels read it, and which rows of it."""

from __future__ import annotations

from typing import NamedTuple

from gradatim.engines.fast.compiling import kernel
from gradatim.engines.fast.matrices import Array


class Table(NamedTuple):
    """A table.

    Attributes:
        X: the numbers of (m, inputs), one row behind the other; of a CSR matrix those that are there.
        starts: of a CSR matrix, where each row's numbers begin; empty for a dense one.
        columns: of a CSR matrix, the column of each number.
        codes: (m, categories) int32.
        Y: (m, n[L]).
        weights: (m,), or empty where each row counts once.
    """

    X: Array
    starts: Array
    columns: Array
    codes: Array
    Y: Array
    weights: Array


class Rows(NamedTuple):
    """Some rows of a table: a block, a slice of a batch, a batch.

    Attributes:
        order: names rows of the table; empty where they follow one another, and are read where they lie.
        first: where in the order these begin, or which row of the table is the first.
        m: how many.
    """

    order: Array
    first: int
    m: int


class Draw(NamedTuple):
    """Which dropout to draw, and for which columns of the batch.

    Attributes:
        key: of the training.
        step: steps taken since the training began.
        factor: on every layer's rate; 0 draws none.
        column: which column of the batch the first row is.
        batch: columns of the batch.
    """

    key: int
    step: int
    factor: float
    column: int
    batch: int


@kernel
def row_of(rows: Rows, i: int) -> int:
    """The table's row of the i-th of these."""
    return rows.order[rows.first + i] if rows.order.shape[0] > 0 else rows.first + i
