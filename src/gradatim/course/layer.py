"""One layer by itself: the building block of the notes, forward with a cache and backward from it."""

from __future__ import annotations

from gradatim.course.dimensions import as_columns
from gradatim.course.weights import as_slope_of
from gradatim.engines import textbook
from gradatim.errors import InputError, ShapeError
from gradatim.formulas.arrays import Array
from gradatim.network import Parameters


class LayerView:
    """One layer of a network as a pair of building blocks, forward and backward.

    Example:
        >>> import numpy as np
        >>> from gradatim.course import Network
        >>> net = Network([2, 3, 1], seed=1)
        >>> A1, cache = net.layer(1).forward(np.ones((2, 5)))
        >>> dA0, dW1, db1 = net.layer(1).backward(np.ones((3, 5)), cache)
        >>> A1.shape, dA0.shape, dW1.shape, db1.shape
        ((3, 5), (2, 5), (3, 2), (3, 1))
    """

    def __init__(self, parameters: Parameters, l: int) -> None:
        self._parameters, self.l = parameters, l
        self._dense = parameters.architecture.dense[l - 1]

    def forward(self, A_prev: Array) -> tuple[Array, textbook.BlockCache]:
        """Z = W A_prev + b; A = g(Z).

        Args:
            A_prev: A[l-1], (n[l-1], m).

        Returns:
            A[l] (n[l], m), and the cache that `backward` needs.

        Raises:
            ShapeError: if A_prev does not fit W[l].
        """
        l = self.l
        W, b = self._parameters.W[l].copy(), self._parameters.b[l].copy()  # a cache stays what it was when weights move
        A_prev = as_columns(A_prev, rows=W.shape[-1], because=f"W[{l}] is {W.shape}", name=f"A[{l - 1}]")
        slope = self._parameters[f"slope{l}"].copy() if self._dense.learned_slope else None
        return textbook.forward_block(self._dense, W, b, A_prev, slope)

    def backward(self, dA: Array, cache: textbook.BlockCache) -> tuple[Array, Array, Array]:
        """The way back: dZ = dA ∘ g'(Z); dW = (1/m) dZ A_prevᵀ; db = (1/m) Σ dZ; dA_prev = Wᵀ dZ.

        Args:
            dA: dA[l], (n[l], m), per example.
            cache: from `forward`.

        Returns:
            dA[l-1] (n[l-1], m), dW[l] and db[l].

        Raises:
            ShapeError: if dA does not have the shape of A[l], or the cache is another layer's.
            InputError: if the cache is none.
        """
        self._check(cache)
        dA = as_slope_of(cache.Z.shape, dA, self.l)
        dA_prev, dW, db, _ = textbook.backward_block(self._dense, dA, cache)
        m = dA.shape[1]
        return dA_prev, dW / m, db / m

    def _check(self, cache: textbook.BlockCache) -> None:
        l = self.l
        if not isinstance(cache, textbook.BlockCache):
            raise InputError(
                f"cache must be what net.layer({l}).forward(A_prev) gave second. Got {type(cache).__name__}: "
                f"the order is net.layer({l}).backward(dA, cache)."
            )
        W = self._parameters.W[l].shape
        if cache.W.shape != W:
            raise ShapeError(
                f"W[{l}] is {W} but the cache is of a layer whose W is {cache.W.shape}: take the cache that "
                f"net.layer({l}).forward(A_prev) gave."
            )
