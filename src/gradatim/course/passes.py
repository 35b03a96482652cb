"""What one pass forward and one pass backward leave behind, read by the number of the layer: p.Z[1], d.dW[2].

Conventions
-----------
* dZ[l] and dA[l] are those of the notes: column i is the derivative of the loss of example i, so dZ[L] = A[L] - Y. The
  1/m of the mean stands in dW[l] = (1/m) dZ[l] A[l-1]ᵀ and db[l] = (1/m) Σ dZ[l]. (`gradatim.engines.textbook` has it
  in dZ already; dW and db are the same.)
* In a network of k members, A[0] and what follows have k·m columns: member 0's examples, then member 1's, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from gradatim.engines import textbook
from gradatim.formulas.arrays import Array
from gradatim.network import Architecture, layer_number

T = TypeVar("T")


class ByLayer(Generic[T]):
    """A letter's values by the number of the layer; iterating gives them in order.

    Args:
        letter: ``"Z"``; for messages.
        first: the number of the first value, 1 where the input (layer 0) has none.
        values: one per layer from `first` on.

    Raises:
        InputError: for a number that no layer has.

    Example:
        >>> Z = ByLayer("Z", 1, ["first", "second"])
        >>> Z[2], len(Z)
        ('second', 2)
        >>> Z[0]
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: Z[l]: l must be 1 to 2 (layer 0 is the input and has no Z). Got 0.
    """

    def __init__(self, letter: str, first: int, values: list[T]) -> None:
        self._letter, self._first, self._values = letter, first, values

    def __getitem__(self, l: int) -> T:
        return self._values[layer_number(self._letter, l, self._first, self._first + len(self) - 1) - self._first]

    def __iter__(self) -> Iterator[T]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        numbered = enumerate(self._values, start=self._first)
        return ", ".join(f"{self._letter}[{l}] {getattr(value, 'shape', value)}" for l, value in numbered)


@dataclass(frozen=True)
class ForwardPass:
    """Everything that a forward pass computed.

    Attributes:
        Z: Z[1] … Z[L], each (n[l], m): the scores.
        A: A[0] … A[L], each (n[l], m): the activations. A[0] is X, or what the front made of it.
        output: (n[L], m), what the network says: A[L], and with members their mean.
        vector: (P,) the parameters that it was computed with.
        engine_pass: the pass as the engine returned it.
        architecture: of the network that computed it.
    """

    Z: ByLayer[Array]
    A: ByLayer[Array]
    output: Array
    vector: Array
    engine_pass: textbook.Pass
    architecture: Architecture

    @classmethod
    def of(cls, p: textbook.Pass, vector: Array, architecture: Architecture) -> ForwardPass:
        """Number what the engine computed."""
        output, members = p.A[-1], architecture.members
        if members > 1:
            output = output.reshape(output.shape[0], members, -1).mean(axis=1)
        return cls(ByLayer("Z", 1, list(p.Z[1:])), ByLayer("A", 0, list(p.A)), output, vector, p, architecture)

    def __repr__(self) -> str:
        return f"ForwardPass({self.A!r}; {self.Z!r})"


@dataclass(frozen=True)
class BackwardPass:
    """Everything that a backward pass computed.

    Attributes:
        dZ: dZ[1] … dZ[L], each (n[l], m), per example.
        dA: dA[0] … dA[L], each (n[l], m), per example. dA[L] is infinite where A rounded to 0 or 1.
        dW: dW[1] … dW[L] in the shapes of W: ∂J/∂W[l].
        db: db[1] … db[L] in the shapes of b: ∂J/∂b[l].
        blocks: ∂J/∂block of every block, by its name; those of the front too.
    """

    dZ: ByLayer[Array]
    dA: ByLayer[Array]
    dW: ByLayer[Array]
    db: ByLayer[Array]
    blocks: Mapping[str, Array]

    @classmethod
    def of(cls, d: textbook.BackwardPass, dA_L: Array, order: list[str]) -> BackwardPass:
        """Number what the engine computed from dZ[L] per example, and take the mean over its columns."""
        columns = d.dZ[-1].shape[1]
        L = len(d.dZ) - 1
        blocks = {name: d.gradients[name] / columns for name in order}
        return cls(
            dZ=ByLayer("dZ", 1, list(d.dZ[1:])),
            dA=ByLayer("dA", 0, [*d.dA, dA_L]),
            dW=ByLayer("dW", 1, [blocks[f"W{l}"] for l in range(1, L + 1)]),
            db=ByLayer("db", 1, [blocks[f"b{l}"] for l in range(1, L + 1)]),
            blocks=blocks,
        )

    @property
    def vector(self) -> Array:
        """(P,) the gradient of J as one vector, block after block, as the parameters are held."""
        return np.concatenate([block.ravel() for block in self.blocks.values()])

    def __repr__(self) -> str:
        return f"BackwardPass({self.dW!r}; {self.db!r})"
