"""Dropout's masks, bit for bit those of `gradatim.engines.dropout`; no mask is kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.engines.fast.compiling import kernel
from gradatim.engines.fast.data import Draw
from gradatim.engines.fast.matrices import Array


@kernel
def split_mix(x: Any) -> Any:
    """SplitMix64, see `gradatim.engines.dropout`."""
    x = np.uint64(x + np.uint64(0x9E3779B97F4A7C15))
    x = np.uint64((x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9))
    x = np.uint64((x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB))
    return np.uint64(x ^ (x >> np.uint64(31)))


@kernel
def _mix(x: Any) -> Any:
    x = np.uint32((x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32((x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))


@kernel
def stream_of(key: Any, step: int, layer: int) -> Any:
    """The random stream of one layer in one step."""
    return split_mix(split_mix(split_mix(np.uint64(key)) ^ np.uint64(step)) ^ np.uint64(layer))


@kernel
def drop(A: Array, D: Array, E: Array, members: int, rate: float, stream: Any, draw: Draw) -> None:
    """Mask A, D, and E where it has rows: (members · m, n) each, of which row i is column `draw.column` + i."""
    M, n = A.shape
    m = M // members
    threshold = np.uint64(round(rate * 4294967296.0))
    zero, factor = A.dtype.type(0), A.dtype.type(1 / (1 - rate))
    low, high = np.uint32(stream & np.uint64(0xFFFFFFFF)), np.uint32(stream >> np.uint64(32))
    for i in range(M):
        column = (i // m) * draw.batch + draw.column + i % m
        begin = np.uint32(column * n)
        if E.shape[0] > 0:
            for j in range(n):
                keep = factor if np.uint64(_bits(begin, j, low, high)) >= threshold else zero
                A[i, j] *= keep
                D[i, j] *= keep
                E[i, j] *= keep
        else:
            for j in range(n):
                keep = factor if np.uint64(_bits(begin, j, low, high)) >= threshold else zero
                A[i, j] *= keep
                D[i, j] *= keep


@kernel
def _bits(begin: Any, unit: int, low: Any, high: Any) -> Any:
    return _mix(np.uint32(_mix(np.uint32(np.uint32(begin + np.uint32(unit)) ^ low)) ^ high))
