"""What a training keeps between calls: the program, the memory of each thread, the data as kernels read it."""

from __future__ import annotations

import ctypes
import os
from itertools import pairwise
from typing import Any

import numpy as np

from gradatim.engines.contract import Data, Problem
from gradatim.engines.contract import Rows as RowIndices
from gradatim.engines.fast.compiling import COMPILES
from gradatim.engines.fast.data import Rows, Table
from gradatim.engines.fast.layout import LINE, Layout, aligned, layout_of
from gradatim.engines.fast.matrices import Array
from gradatim.engines.fast.program import Program, Rule, program_of, rule_of
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import as_slice
from gradatim.network import Architecture, CategoryEmbedding

NUMBERS_OF_A_BLOCK = 2**16
"""A block has so many rows that its activations are about as many numbers: a quarter of a megabyte of float32."""

FEWEST_ROWS = 64
"""But no fewer, nor than half the units of the widest layer: a product packs all of W anew for each block."""

WORTH_A_THREAD = 1_500_000
"""Floating-point operations of a step for each thread: below that, two meetings a step cost more than they save."""

ROWS_OF_A_THREAD = 32
"""And no thread for fewer rows: products of few rows are slow, and all threads have gradients to add."""

GATHERED = 80
"""So many operations a number that is gathered from anywhere in the table is worth."""

EVERY_ROW: Array = np.empty(0, dtype=np.int64)
"""The order of rows that follow one another."""


class Workspace:
    """Of one training, or of one call.

    Args:
        problem: what is to be made small.
        n_threads: at most; None as many as the process may use.
    """

    def __init__(self, problem: Problem, n_threads: int | None = 1) -> None:
        self.problem, self.n_threads = problem, n_threads or usable_cpus()
        self._data: Data | None = None
        self._memory: dict[Any, Any] = {}
        self.steps_at_once = 8  # in one call of a kernel; adapted to how long they take

    def program(self, dtype: Any) -> Program:
        """The network as kernels read it."""
        return self._kept(("program", dtype), lambda: program_of(self.problem.architecture, dtype, self.problem.loss))

    def rule(self, factors: Any) -> Rule:
        """The rule of a step."""
        return self._kept(("rule", factors), lambda: rule_of(self.problem, factors))

    def layout(self, dtype: Any, rows: int, *, gathers: bool = True) -> Layout:
        """For slices of so many rows, which are gathered first or read where they lie."""
        p = self.program(dtype)
        rows = min(rows, rows_of_a_block(p, gathers=gathers))
        return self._kept(("layout", dtype, rows, gathers), lambda: layout_of(p, rows, gathers=gathers))

    def memories(self, dtype: Any, layout: Layout, threads: int) -> Array:
        """(threads, …) for the rows of a block."""
        return self._kept(("memory", dtype, layout.size, threads), lambda: _lines(threads, layout.size, dtype))

    def gradients(self, dtype: Any, threads: int) -> Array:
        """(threads, P)."""
        size = self.problem.architecture.size
        return self._kept(("gradients", dtype, threads), lambda: _lines(threads, size, dtype))

    def threads(self, batch_size: int) -> int:
        """How many share the rows of a batch."""
        architecture = self.problem.architecture
        return threads_for(architecture.n, batch_size, self.n_threads, architecture.members)

    def table(self, data: Data, dtype: Any) -> Table:
        """The data as kernels read it; looked at once for each training."""
        if self._data is not data:
            self._data, self._table = data, table_of(self.problem.architecture, data, dtype)
        return self._table

    def _kept(self, key: Any, make: Any) -> Any:
        if key not in self._memory:
            self._memory[key] = make()
        return self._memory[key]


def usable_cpus() -> int:
    """Processors that this process may run on, fewer where ``OMP_NUM_THREADS`` says so, as workers of joblib do."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(count, int(limit)) if limit.isdigit() and int(limit) else count)


def threads_for(n: tuple[int, ...], rows: int, most: int, members: int = 1) -> int:
    """How many threads share a batch of so many rows, for a network of these widths.

    Example:
        >>> threads_for((8, 32, 16, 1), 32, most=2), threads_for((50, 256, 256, 256, 1), 256, most=2)
        (1, 2)
    """
    if not COMPILES:
        return 1
    products = 6 * members * sum(width * before for before, width in pairwise(n))
    operations = rows * (products + GATHERED * n[0])
    return max(1, min(most, operations // WORTH_A_THREAD, rows // ROWS_OF_A_THREAD))


def rows_of_a_block(p: Program, *, gathers: bool = True) -> int:
    """So many rows that the activations of all layers stay in a processor's own cache until the way back.

    Inputs that are read where they lie have no part in it.
    """
    layers = p.n if gathers or p.members > 1 else p.n[1:]
    width = p.members * int(layers.sum()) + int(p.embedded[0] * p.embedded[1])
    return max(NUMBERS_OF_A_BLOCK // max(width, 1), FEWEST_ROWS, int(p.n[1:].max()) // 2)


def table_of(architecture: Architecture, data: Data, dtype: Any) -> Table:
    """The data as kernels read it: no copy where X is contiguous and of the parameters' type."""
    if data.X.ndim != 2 or data.X.shape[1] != architecture.inputs:
        raise ShapeError(
            f"X must be (m, {architecture.inputs}): a row per example, a column per input of the network. "
            f"Got {tuple(data.X.shape)}."
        )
    if architecture.code_columns and (data.codes is None or data.codes.shape[1] != architecture.code_columns):
        got = "no codes" if data.codes is None else f"{data.codes.shape[1]} columns"
        raise ShapeError(f"codes must have {architecture.code_columns} columns, one per embedded category. Got {got}.")
    none = np.empty(0, dtype=np.int32)
    is_sparse = hasattr(data.X, "tocsr")
    if is_sparse and (architecture.front or architecture.members > 1):
        raise InputError(
            "Sparse X must go straight into the first layer. Got a front or members: make X dense with .toarray()."
        )
    X = data.X.tocsr() if is_sparse else data.X
    codes = np.empty((0, 0), dtype=np.int32) if data.codes is None else data.codes
    if data.Y is None:
        raise InputError("Data must have targets Y for a loss. Got None.")
    if data.Y.shape[1] != architecture.output.units:
        raise ShapeError(
            f"Y must have {architecture.output.units} columns, one per output of the network. Got {data.Y.shape[1]}."
        )
    for name, array in (("Y", data.Y), ("weights", data.weights), ("codes", data.codes)):
        if array is not None and array.shape[0] != data.m:
            raise ShapeError(f"{name} must have {data.m} rows, as X has. Got {array.shape[0]}.")
    _refuse_unknown_codes(architecture, codes)
    return Table(
        X=own(X.data if is_sparse else X, dtype).reshape(-1),
        starts=own(X.indptr, X.indptr.dtype) if is_sparse else none,
        columns=own(X.indices, X.indices.dtype) if is_sparse else none,
        codes=own(codes, np.int32),
        Y=own(data.Y, dtype),
        weights=np.empty(0, dtype=dtype) if data.weights is None else own(data.weights, dtype),
    )


def _refuse_unknown_codes(architecture: Architecture, codes: Array) -> None:
    """A kernel would read, and write, whatever lies beside the table."""
    levels = [k for part in architecture.front if isinstance(part, CategoryEmbedding) for k in part.levels]
    if levels and codes.size and (codes.min() < 0 or np.any(codes.max(axis=0) >= levels)):
        got = f"{codes.min()} to {codes.max(axis=0).tolist()}"
        raise InputError(f"codes must be 0 to {[k - 1 for k in levels]}, by column. Got {got}.")


def order_of(rows: RowIndices, m: int) -> Rows:
    """Some rows of a table of m, as kernels take them."""
    if isinstance(rows, slice):
        first, stop, _ = rows.indices(m)
        return Rows(EVERY_ROW, first, max(stop - first, 0))
    rows = np.asarray(rows)
    rows = np.flatnonzero(rows) if rows.dtype == bool else rows
    count = len(rows)
    if count and not -m <= rows.min() <= rows.max() < m:
        raise InputError(f"rows must be numbers of rows, 0 to {m - 1}. Got {rows.min()} to {rows.max()}.")
    in_place = as_slice(rows)
    if in_place is not None:
        return Rows(EVERY_ROW, in_place.start, count)
    order = np.where(rows < 0, rows + m, rows) if count and rows.min() < 0 else rows
    return Rows(own(order, np.int64), 0, count)


def own(array: Any, dtype: Any) -> Array:
    """The array as kernels take it: contiguous, of this type, and with no mark that it must not be written to.

    A mark would be another type to the compiler, and so another compilation; kernels write to no data.
    """
    array = np.ascontiguousarray(array, dtype=dtype)
    if array.flags.writeable:
        return array
    if not array.size:
        return array.copy()
    memory = (ctypes.c_char * array.nbytes).from_address(array.ctypes.data)
    alias = np.frombuffer(memory, dtype=array.dtype).reshape(array.shape)
    memory._keeps = array  # the memory's owner lives as long as the alias
    return alias


def _lines(rows: int, numbers: int, dtype: Any) -> Array:
    """(rows, numbers or a little more), each row at a line of the cache."""
    width = -(-numbers // LINE) * LINE
    return aligned(rows * width, dtype).reshape(rows, width)
