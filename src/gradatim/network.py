"""What a network is: its layers, the blocks of its parameters, and the one vector that holds them.

Conventions
-----------
* Examples are columns: A[0] is (n[0], m), W[l] is (n[l], n[l-1]), b[l] is (n[l], 1).
* l runs from 1 to L over the dense layers; the input, the front and dropout do not count.
* A *front* stands before the first layer: learned embeddings of numbers and categories, a scale per input. Its output
  is A[0]; without a front A[0] = X.
* With ``members > 1`` all members share every hidden layer. A member has a scale of its own on A[0] (block ``r``) and
  an output layer of its own, so W[L] is (members, n[L], n[L-1]). This is TabM-mini (Gorishniy et al., ICLR 2025).

An `Architecture` is frozen data and knows no engine. Every parameter lives in one flat vector, block after block, which
is what optimizers, gradient checks, averaging and files want; `Parameters` reads it as W[l] and b[l].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod
from numbers import Integral
from typing import Any, Literal

from gradatim.errors import InputError, ShapeError, mend_of_shape, number, whole
from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array, namespace

Role = Literal["weight", "bias", "scale", "embedding", "slope"]


@dataclass(frozen=True)
class Block:
    """One named piece of the parameter vector: ``vector[start:stop]``, read in C order as ``shape``.

    Attributes:
        name: ``"W1"``, ``"b1"``, ``"slope1"``, ``"scale"``, ``"r"``, ``"frequency"`` …
        shape: as the formulas use it.
        start: index of its first number in the vector.
        role: what it does; penalties and decay touch weights only.
        fan_in: inputs to a unit that uses it (0 where that means nothing); initial values and rate factors need it.
    """

    name: str
    shape: tuple[int, ...]
    start: int
    role: Role
    fan_in: int

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    @property
    def stop(self) -> int:
        """Index behind its last number."""
        return self.start + self.size

    def __str__(self) -> str:
        return f"{self.name} {self.shape}"


BlockShape = tuple[str, tuple[int, ...], Role, int]


@dataclass(frozen=True)
class NumericEmbedding:
    """PBLD: each of the first ``columns`` inputs x becomes (e, x) with e = V·cos(2π·f·x + φ) + c.

    f and φ are (columns, frequencies), V is (columns, width - 1, frequencies), c is (columns, width - 1). Inputs after
    the first ``columns`` (one-hot columns) pass unchanged, behind the embedded ones.

    Source: Holzmüller et al. 2024 (RealMLP, arXiv 2407.04491), appendix A; periodic features: Gorishniy et al. 2022.
    """

    columns: int
    frequencies: int = 16
    width: int = 4
    sigma: float = 0.1

    def __post_init__(self) -> None:
        whole("NumericEmbedding", "columns", self.columns, least=0)
        whole("NumericEmbedding", "frequencies", self.frequencies)
        whole("NumericEmbedding", "width", self.width)
        number("NumericEmbedding", "sigma", self.sigma)

    def widen(self, inputs: int) -> int:
        """Rows of what it gives, from rows of what it gets."""
        return inputs + self.columns * (self.width - 1)

    def blocks(self, inputs: int) -> tuple[BlockShape, ...]:
        """Name, shape, role and fan-in of its blocks."""
        columns, frequencies, learned = self.columns, self.frequencies, self.width - 1
        return (
            ("frequency", (columns, frequencies), "embedding", 1),
            ("phase", (columns, frequencies), "embedding", 1),
            ("V", (columns, learned, frequencies), "embedding", frequencies),
            ("c", (columns, learned), "embedding", frequencies),
        )


@dataclass(frozen=True)
class CategoryEmbedding:
    """Each code column k becomes the row of table ``E{k}`` (levels[k], width) that its code names; they stand below X.

    Code 0 is the missing or unknown category. Source: Guo & Berkhahn 2016 (arXiv 1604.06737).
    """

    levels: tuple[int, ...]
    width: int = 8

    def __post_init__(self) -> None:
        for levels in self.levels:
            whole("CategoryEmbedding", "levels", levels)
        whole("CategoryEmbedding", "width", self.width)

    def widen(self, inputs: int) -> int:
        """Rows of what it gives, from rows of what it gets."""
        return inputs + len(self.levels) * self.width

    def blocks(self, inputs: int) -> tuple[BlockShape, ...]:
        """Name, shape, role and fan-in of its blocks."""
        return tuple((f"E{k}", (levels, self.width), "embedding", 1) for k, levels in enumerate(self.levels, start=1))


@dataclass(frozen=True)
class Scale:
    """x ← s ∘ x: one learned factor per input, 1 at the start. Source: Holzmüller et al. 2024, section 3."""

    def widen(self, inputs: int) -> int:
        """Rows of what it gives, from rows of what it gets."""
        return inputs

    def blocks(self, inputs: int) -> tuple[BlockShape, ...]:
        """Name, shape, role and fan-in of its blocks."""
        return (("scale", (inputs, 1), "scale", 1),)


@dataclass(frozen=True)
class Dense:
    """Z[l] = W[l] A[l-1] + b[l]; A[l] = g(Z[l]).

    With ``learned_slope`` the unit j blends its activation with the identity: A = Z + α_j (g(Z) - Z), α_j = 1 at the
    start (block ``slope{l}``, (units, 1)). Source of that: Holzmüller et al. 2024, section 3.
    """

    units: int
    activation: str = "relu"
    learned_slope: bool = False


@dataclass(frozen=True)
class Dropout:
    """A ← A ∘ mask / (1 - rate) on the activations of the dense layer before it, in training only.

    Source: Srivastava et al. 2014; divided in training ("inverted"), so that prediction needs no factor.
    """

    rate: float


Front = NumericEmbedding | CategoryEmbedding | Scale
Layer = Dense | Dropout


@dataclass(frozen=True)
class Architecture:
    """A network as frozen data: how many inputs, a front, hidden layers, the output layer, how many members.

    Args:
        inputs: columns of the encoded table X; 0 is allowed (a constant model: only biases).
        front: what X passes before the first layer, in order: embeddings, then a scale.
        layers: hidden `Dense` layers, each with a `Dropout` behind it where wanted.
        output: the last dense layer, number L.
        members: networks that share the hidden layers; predictions are their mean.

    Raises:
        InputError: where a number or an order makes no sense.

    Example:
        >>> architecture = Architecture(3, layers=(Dense(4, "relu"),), output=Dense(1, "sigmoid"))
        >>> architecture.n, architecture.L
        ((3, 4, 1), 2)
        >>> [str(block) for block in architecture.blocks]
        ['W1 (4, 3)', 'b1 (4, 1)', 'W2 (1, 4)', 'b2 (1, 1)']
    """

    inputs: int
    front: tuple[Front, ...] = ()
    layers: tuple[Layer, ...] = ()
    output: Dense = Dense(1, "sigmoid")
    members: int = 1

    def __post_init__(self) -> None:
        whole("Architecture", "inputs", self.inputs, least=0)
        whole("Architecture", "members", self.members)
        for layer in self.layers:
            _check_layer(layer)
        if not isinstance(self.output, Dense):
            raise InputError(f"Architecture: output must be a Dense layer. Got {self.output!r}.")
        _check_dense(self.output, is_output=True)
        if self.layers and isinstance(self.layers[0], Dropout):
            raise InputError("Dropout must stand behind a dense layer. Got it first, where it would drop inputs.")
        if any(isinstance(first, Dropout) and isinstance(second, Dropout) for first, second in pairwise(self.layers)):
            raise InputError("One Dropout behind a dense layer is enough. Got two in a row: multiply what they keep.")
        for kind in (NumericEmbedding, CategoryEmbedding, Scale):
            if sum(isinstance(part, kind) for part in self.front) > 1:
                raise InputError(f"The front may hold one {kind.__name__}. Got more than one.")
        for part in self.front:
            if isinstance(part, NumericEmbedding) and not (0 <= part.columns <= self.inputs and self.front[0] is part):
                raise InputError(
                    f"NumericEmbedding: must come first in the front and embed at most the {self.inputs} inputs. "
                    f"Got columns={part.columns}."
                )

    @cached_property
    def dense(self) -> tuple[Dense, ...]:
        """The layers 1 … L, the output last."""
        return (*(layer for layer in self.layers if isinstance(layer, Dense)), self.output)

    @cached_property
    def dropout(self) -> tuple[float, ...]:
        """The rate of dropout behind each of the layers 1 … L; 0 where there is none."""
        behind = [*self.layers[1:], self.output] if self.layers else []
        rates = [
            after.rate if isinstance(after, Dropout) else 0.0
            for layer, after in zip(self.layers, behind, strict=True)
            if isinstance(layer, Dense)
        ]
        return (*rates, 0.0)

    @property
    def L(self) -> int:
        """The number of dense layers."""
        return len(self.dense)

    @cached_property
    def n(self) -> tuple[int, ...]:
        """Units per layer: n[0] is the height of A[0] (behind the front), n[L] the number of outputs."""
        width = self.inputs
        for part in self.front:
            width = part.widen(width)
        return (width, *(layer.units for layer in self.dense))

    @property
    def code_columns(self) -> int:
        """How many columns of category codes the network reads beside X."""
        return sum(len(part.levels) for part in self.front if isinstance(part, CategoryEmbedding))

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Every block of the parameter vector, in order: the front, then W, b and slope of each layer."""
        blocks: list[Block] = []
        start = 0
        for name, shape, role, fan_in in self._block_shapes():
            blocks.append(Block(name, shape, start, role, fan_in))
            start = blocks[-1].stop
        return tuple(blocks)

    def _block_shapes(self) -> Iterator[BlockShape]:
        width = self.inputs
        for part in self.front:
            yield from part.blocks(width)
            width = part.widen(width)
        if self.members > 1:
            yield "r", (self.members, width), "scale", 1
        for l, layer in enumerate(self.dense, start=1):
            own = (self.members,) if self.members > 1 and l == self.L else ()
            yield f"W{l}", (*own, layer.units, self.n[l - 1]), "weight", self.n[l - 1]
            yield f"b{l}", (*own, layer.units, 1), "bias", self.n[l - 1]
            if layer.learned_slope:
                yield f"slope{l}", (layer.units, 1), "slope", 1

    @cached_property
    def block(self) -> Mapping[str, Block]:
        """Blocks by name."""
        return {block.name: block for block in self.blocks}

    @property
    def size(self) -> int:
        """How many parameters there are: the length of the vector."""
        return self.blocks[-1].stop


def _check_layer(layer: Layer) -> None:
    match layer:
        case Dense():
            _check_dense(layer, is_output=False)
        case Dropout():
            number("Dropout", "rate", layer.rate, below=1)
        case _:
            raise InputError(f"Architecture: layers must be Dense and Dropout layers. Got {layer!r}.")


def _check_dense(layer: Dense, *, is_output: bool) -> None:
    whole("Dense", "units", layer.units)
    mixes = activation(layer.activation).chain is not None
    if mixes and not is_output:
        raise InputError(
            f"Dense: {layer.activation} belongs to the output layer. Got it in a hidden layer: take relu or tanh."
        )
    if layer.learned_slope and is_output:
        raise InputError("Dense: learned_slope belongs to hidden layers. Got it at the output.")


def layer_number(letter: str, l: object, first: int, last: int) -> int:
    """The number of a layer as a Python integer, or an error that says which there are.

    Args:
        letter: whose number it is, ``"W"``; messages begin with ``W[l]``.
        l: what was given: NumPy's integers too, which loops over layers give.
        first: the number of the first layer that has the letter; 1 where the input has none.
        last: that of the last one.

    Raises:
        InputError: for a number that no layer has.

    Example:
        >>> layer_number("W", 3, 1, 2)
        Traceback (most recent call last):
            ...
        gradatim.errors.InputError: W[l]: l must be 1 to 2 (layer 0 is the input and has no W). Got 3.
    """
    if isinstance(l, bool) or not isinstance(l, Integral) or not first <= int(l) <= last:
        why = f" (layer 0 is the input and has no {letter})" if first else ""
        raise InputError(f"{letter}[l]: l must be {first} to {last}{why}. Got {l!r}.")
    return int(l)


class BlocksByLayer:
    """``parameters.W[l]`` and ``parameters.b[l]``: blocks of one letter, by layer number."""

    def __init__(self, parameters: Parameters, letter: str) -> None:
        self._parameters, self._letter = parameters, letter

    def _name(self, l: int) -> str:
        return f"{self._letter}{layer_number(self._letter, l, 1, self._parameters.architecture.L)}"

    def __getitem__(self, l: int) -> Array:
        return self._parameters[self._name(l)]

    def __setitem__(self, l: int, value: Array) -> None:
        self._parameters[self._name(l)] = value

    def __len__(self) -> int:
        return self._parameters.architecture.L

    def __iter__(self) -> Iterator[Array]:
        return (self[l] for l in range(1, len(self) + 1))


class Parameters(Mapping[str, Any]):
    """One flat vector, read block by block.

    Args:
        architecture: gives names, shapes and places of the blocks.
        vector: (architecture.size,) numbers of any array library.

    ``parameters.W[1]``, ``parameters.b[1]`` and ``parameters["scale"]`` read; assignment copies into the vector and
    refuses another shape (arrays of NumPy or PyTorch; JAX arrays cannot be written into).

    Raises:
        ShapeError: if the vector's length, or an assigned array's shape, is not the architecture's.
        InputError: for a layer or a name that the architecture does not have.

    Example:
        >>> import numpy as np
        >>> architecture = Architecture(2, output=Dense(1, "sigmoid"))
        >>> parameters = Parameters(architecture, np.zeros(3))
        >>> parameters.W[1] = [[0.5, -0.5]]
        >>> parameters.vector
        array([ 0.5, -0.5,  0. ])
    """

    def __init__(self, architecture: Architecture, vector: Array) -> None:
        if tuple(vector.shape) != (architecture.size,):
            raise ShapeError(
                f"Parameters: vector must have shape ({architecture.size},), one number per parameter of "
                f"{', '.join(map(str, architecture.blocks))}. Got {tuple(vector.shape)}."
            )
        self.architecture = architecture
        self.vector = vector

    @property
    def W(self) -> BlocksByLayer:
        """Weights by layer: W[l] is (n[l], n[l-1])."""
        return BlocksByLayer(self, "W")

    @property
    def b(self) -> BlocksByLayer:
        """Biases by layer: b[l] is (n[l], 1)."""
        return BlocksByLayer(self, "b")

    def _block(self, name: str) -> Block:
        if name not in self.architecture.block:
            raise InputError(f"Parameters: name must be one of {', '.join(self.architecture.block)}. Got {name!r}.")
        return self.architecture.block[name]

    def __getitem__(self, name: str) -> Array:
        block = self._block(name)
        return namespace(self.vector).reshape(self.vector[block.start : block.stop], block.shape)

    def __setitem__(self, name: str, value: Array) -> None:
        block = self._block(name)
        new = namespace(self.vector).asarray(value, dtype=self.vector.dtype)
        if tuple(new.shape) != block.shape:
            raise ShapeError(_wrong_shape(block, tuple(new.shape)))
        self.vector[block.start : block.stop] = namespace(new).reshape(new, (block.size,))

    def __contains__(self, name: object) -> bool:
        return name in self.architecture.block

    def __iter__(self) -> Iterator[str]:
        return iter(self.architecture.block)

    def __len__(self) -> int:
        return len(self.architecture.blocks)

    def __repr__(self) -> str:
        return f"Parameters({', '.join(map(str, self.architecture.blocks))}; {self.architecture.size} numbers)"


def _wrong_shape(block: Block, got: tuple[int, ...]) -> str:
    name, why = block.name, ""
    if block.role in ("weight", "bias"):
        l = int(name[1:])
        columns = f"n[{l - 1}]" if block.role == "weight" else "1"
        name, why = f"{name[0]}[{l}]", f", which is ({'members, ' * (len(block.shape) == 3)}n[{l}], {columns})"
    mend = mend_of_shape("", got, block.shape) or " Another shape needs a network of other widths."
    return f"{name} must have shape {block.shape}{why}. Got {got}.{mend}"
