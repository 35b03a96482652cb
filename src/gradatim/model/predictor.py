"""A network made ready to predict: NumPy alone, nothing looked up or allocated twice.

Conventions
-----------
* Rows in, rows out: X is (m, inputs), A[l] is (m, n[l]), and W[l] lies as (n[l-1], n[l]), so that Z[l] = A[l-1] W[l].
* The bias of a relu layer is carried on: relu(z + b) = max(z, -b) + b, so the layer takes one pass over its numbers,
  max(z, -b), and the next one gets b W on top of its own bias. What lies in memory is A[l] less what is carried.
* A sigmoid layer has weights and bias of the other sign, as 1 / (1 + e^-z) wants -z.
* Everything is computed in one type. float64 agrees with the textbook engine to its rounding; float32 takes half the
  time, and differs by some 1e-7 of the size of the scores.

Never the compiled engine: whoever loads a model to predict should not wait for a compiler, and should get the same
bytes whether there is one or not.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from math import exp
from typing import Any, NamedTuple

import numpy as np

from gradatim.engines.textbook.front import front_forward
from gradatim.errors import ShapeError
from gradatim.formulas.activations import activation
from gradatim.formulas.activations.positive import highest_exponent
from gradatim.formulas.arrays import Array
from gradatim.network import Architecture, Dense, Parameters

ROWS_AT_ONCE = 256
"""Rows that go through all layers together: their activations stay in cache, and products are large enough for BLAS."""

NUMBERS_AT_ONCE = 2**18
"""Fewer rows of a wide layer: no more numbers than these."""

WORTH_THREADS = 10**8
"""Multiplications and additions, from which on blocks of rows are shared by threads."""

InPlace = Callable[[Array], object]


class _Layer(NamedTuple):
    """W as rows want it, and what turns scores into activations where they lie, bias included."""

    W: Array
    finish: InPlace


_Rooms = tuple[Array, list[tuple[Array, InPlace, Array]]]


class Predictor:
    """A[L] of encoded rows. `Model.compiled_predictor` makes one; several threads may call it at once.

    Args:
        architecture: of the network.
        vector: (P,) its parameters.
        dtype: "float32" or "float64" of the computation and of what comes out.
        n_threads: that share many rows, at most; None as many as BLAS may use.

    Example:
        >>> network = Architecture(2, layers=(Dense(3, "relu"),), output=Dense(1, "sigmoid"))
        >>> Predictor(network, np.zeros(network.size))(np.ones((4, 2))).ravel()
        array([0.5, 0.5, 0.5, 0.5])
    """

    def __init__(
        self, architecture: Architecture, vector: Array, dtype: str = "float64", n_threads: int | None = None
    ) -> None:
        self.architecture, self.vector, self.dtype, self.n_threads = architecture, vector, np.dtype(dtype), n_threads
        self._parameters = Parameters(architecture, vector.astype(dtype))
        *self._hidden, self._output = _layers(architecture, vector, self.dtype)
        self._inputs, self._outputs = architecture.inputs, architecture.output.units
        self._members = architecture.members
        self._is_plain = not architecture.front and self._members == 1
        self._at_once = max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // max(architecture.n)) // self._members)
        # A thread takes rooms and puts them back, or makes its own: as many are kept as threads were here at once.
        self._kept: dict[int, list[_Rooms]] = {1: [], self._at_once: []}

    def __call__(self, X: Array, codes: Array | None = None) -> Array:
        """The network's outputs, before labels are chosen or numbers take their units back.

        Args:
            X: (m, inputs) encoded rows, or a CSR matrix.
            codes: (m, code columns) of embedded categories; None where there are none.

        Returns:
            (m, outputs) of the predictor's type; with members, the mean of their outputs.

        Raises:
            ShapeError: for another number of inputs.
        """
        if X.ndim != 2 or X.shape[1] != self._inputs:
            raise ShapeError(f"X must be (m, {self._inputs}): a column per input. Got {tuple(X.shape)}.")
        m = X.shape[0]
        A = np.empty((m, self._outputs), self.dtype)
        if m <= self._at_once:
            self._predict(X, codes, A)
            return A

        def block(start: int) -> None:
            rows = slice(start, start + self._at_once)
            self._predict(X[rows], None if codes is None else codes[rows], A[rows])

        _each(block, range(0, m, self._at_once), m * self._operations, self.n_threads)
        return A

    def _predict(self, X: Array, codes: Array | None, out: Array) -> None:
        """A[L] of few rows, into `out`."""
        m = len(out)
        size = 1 if m == 1 else self._at_once
        try:
            room, steps = kept = self._kept[size].pop()
        except IndexError:
            room, steps = kept = self._rooms(size)
        A = self._first(X, codes, room)
        for W, finish, Z in steps:
            if m < size:
                Z = Z[: m * self._members]
            A.dot(W, Z)
            finish(Z)
            A = Z
        W, finish = self._output
        if self._members == 1:
            A.dot(W, out)
            finish(out)
        else:
            of_each = A.reshape(self._members, m, -1) @ W
            finish(of_each)
            np.mean(of_each, axis=0, out=out)
        self._kept[size].append(kept)

    def _rooms(self, size: int) -> _Rooms:
        """Room for A[0], and the hidden layers with room for what each of them makes, for so many rows."""
        widths = self.architecture.n[:-1]
        first, *others = (np.empty((size * self._members, width), self.dtype) for width in widths)
        return first, [(*layer, Z) for layer, Z in zip(self._hidden, others, strict=True)]

    def _first(self, X: Array, codes: Array | None, room: Array) -> Array:
        """A[0]: what the first product takes, a row for each member and example."""
        if self._is_plain:
            if not isinstance(X, np.ndarray):
                return _SparseRows(X)
            if X.dtype == self.dtype:
                return X
            room = room[: len(X)]
            np.copyto(room, X)
            return room
        A, codes = X.T.astype(self.dtype), None if codes is None else codes.T
        for part in self.architecture.front:
            A = front_forward(part, self._parameters, A, codes)
        if self._members == 1:
            return A.T
        return (self._parameters["r"][:, None, :] * A.T).reshape(-1, A.shape[0])

    @property
    def _operations(self) -> int:
        """Multiplications and additions for a row."""
        return 2 * self._members * sum(before * width for before, width in pairwise(self.architecture.n))

    def __reduce__(self) -> tuple[Any, ...]:
        return Predictor, (self.architecture, self.vector, self.dtype.name, self.n_threads)


class _SparseRows:
    """CSR rows with the one method of an array that a layer calls."""

    def __init__(self, X: Any) -> None:
        self._X = X

    def dot(self, W: Array, out: Array) -> None:
        out[...] = self._X @ W


def _layers(architecture: Architecture, vector: Array, dtype: np.dtype[Any]) -> list[_Layer]:
    """Layers 1 … L; biases are carried on in float64."""
    parameters = Parameters(architecture, vector.astype(np.float64))
    carried: Array = np.zeros((1, 1))
    layers = []
    for l, layer in enumerate(architecture.dense, start=1):
        W = np.matrix_transpose(parameters.W[l])
        b = np.matrix_transpose(parameters.b[l])
        if l > 1:
            b = b + carried @ W
        carried = np.zeros((1, layer.units))
        if layer.learned_slope:
            finish = _blended(layer, b.astype(dtype), parameters[f"slope{l}"].T.astype(dtype))
        elif layer.activation == "relu" and l < architecture.L:
            carried = b
            finish = _not_below(-b.astype(dtype))
        elif layer.activation == "sigmoid":
            W = -W
            finish = _sigmoid_of_minus(-b.astype(dtype))
        else:
            finish = _activated(layer, b.astype(dtype))
        layers.append(_Layer(np.ascontiguousarray(W, dtype=dtype), finish))
    return layers


def _not_below(least: Array) -> InPlace:
    """relu, less the bias that is carried on."""
    return lambda Z: np.maximum(Z, least, out=Z)


def _sigmoid_of_minus(b: Array) -> InPlace:
    """1 / (1 + e^z) for scores of the other sign, with z held where e^z would not be finite."""
    most = 2 * highest_exponent(b)
    highest, one, first = np.asarray(most, b.dtype), np.asarray(1, b.dtype), b.flat[0].item()

    def finish(Z: Array) -> None:
        if Z.size == 1:  # five calls of NumPy for one number take as long as a product
            Z.fill(1 / (1 + exp(min(Z.item() + first, most))))
            return
        np.add(Z, b, Z)
        np.minimum(Z, highest, out=Z)
        np.exp(Z, Z)
        np.add(Z, one, Z)
        np.reciprocal(Z, Z)

    return finish


def _activated(layer: Dense, b: Array) -> InPlace:
    """Any activation by its own formula, which takes examples as columns."""
    value = activation(layer.activation).value

    def finish(Z: Array) -> None:
        np.add(Z, b, Z)
        if layer.activation == "tanh":
            np.tanh(Z, Z)
        elif layer.activation != "identity":
            Z[...] = np.matrix_transpose(value(np.matrix_transpose(Z)))

    return finish


def _blended(layer: Dense, b: Array, α: Array) -> InPlace:
    """A learned slope: z + α (g(z) - z)."""
    value = activation(layer.activation).value

    def finish(Z: Array) -> None:
        np.add(Z, b, Z)
        Z += α * (value(Z.T).T - Z)

    return finish


def _each(block: Callable[[int], None], starts: range, operations: int, n_threads: int | None) -> None:
    """Call `block` with every start, in threads where that is worth it."""
    if operations < WORTH_THREADS:
        for start in starts:
            block(start)
        return
    from gradatim.training.threads import allowed_threads, blas_threads  # looks for every BLAS of the process

    threads = min(n_threads or allowed_threads(), len(starts))
    with blas_threads(1):  # BLAS's own threads are too many cooks for blocks of this size
        if threads == 1:
            for start in starts:
                block(start)
            return
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(block, starts):
                pass
