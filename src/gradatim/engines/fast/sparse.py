"""The first layer over a CSR matrix: only the numbers that are there are touched.

Unit by unit, so that one row of W, or of dW, stays in the cache while all examples of the block read it.
"""

from __future__ import annotations

from gradatim.engines.fast.compiling import kernel
from gradatim.engines.fast.data import Rows, row_of
from gradatim.engines.fast.matrices import Array


@kernel
def sparse_scores(values: Array, starts: Array, columns: Array, rows: Rows, W: Array, Z: Array) -> None:
    """Z ← X Wᵀ for the rows of X that the order names."""
    m, n = Z.shape
    for k in range(n):
        for i in range(m):
            row = row_of(rows, i)
            z = Z.dtype.type(0)
            for at in range(starts[row], starts[row + 1]):
                z += values[at] * W[k, columns[at]]
            Z[i, k] = z


@kernel
def sparse_weight_gradient(values: Array, starts: Array, columns: Array, rows: Rows, dZ: Array, dW: Array) -> None:
    """Add dZᵀ X to dW."""
    m, n = dZ.shape
    for k in range(n):
        for i in range(m):
            row = row_of(rows, i)
            for at in range(starts[row], starts[row + 1]):
                dW[k, columns[at]] += values[at] * dZ[i, k]
