"""The weights as a reader meets them: read and written by layer, and refused where they cannot be weights.

Conventions
-----------
* W[l] is (n[l], n[l-1]), b[l] is (n[l], 1), and every number is finite.
* A gradient has the shape of what it is the gradient of: dW[l] that of W[l].
"""

from __future__ import annotations

from gradatim.course.dimensions import as_numbers
from gradatim.course.passes import BackwardPass
from gradatim.errors import InputError, ShapeError, mend_of_shape
from gradatim.formulas.arrays import Array
from gradatim.network import Architecture, BlocksByLayer, Parameters


class Weights(BlocksByLayer):
    """``net.W`` and ``net.b``: what is written must be finite numbers in the shape that the layer has.

    Example:
        >>> import numpy as np
        >>> from gradatim.course import Network
        >>> net = Network([3, 4, 1])
        >>> net.W[2] = np.ones((4, 1))
        Traceback (most recent call last):
            ...
        gradatim.errors.ShapeError: W[2] must have shape (1, 4), which is (n[2], n[1]). Got (4, 1). It is the ...
    """

    def __setitem__(self, l: int, value: Array) -> None:
        self._name(l)  # refuses a number that no layer has
        super().__setitem__(l, as_numbers(value, f"{self._letter}[{l}]"))


def finite(parameters: Parameters) -> Parameters:
    """The parameters as they are, or an error that says which block holds infinity or NaN.

    Raises:
        InputError: for the first such block.
    """
    for name, value in parameters.items():
        as_numbers(value, _label(name))
    return parameters


def as_gradient(d: BackwardPass, architecture: Architecture) -> Array:
    """(P,) the gradient of a backward pass of this very architecture, or an error that names the block that misfits.

    Args:
        d: what was given as a backward pass.
        architecture: of the network that it must fit.

    Raises:
        InputError: if it is no backward pass.
        ShapeError: if it belongs to another network.
    """
    if not isinstance(d, BackwardPass):
        raise InputError(
            f"d must be a backward pass, from net.backward(p, Y). Got {type(d).__name__}. Gradients of your own are "
            "applied by net.W[1] = net.W[1] - learning_rate * dW1."
        )
    given = {name: block.shape for name, block in d.blocks.items()}
    for block in architecture.blocks:
        if given.get(block.name) != block.shape:
            own = _label(block.name)
            got = given.get(block.name, "none")
            raise ShapeError(
                f"d{own} must have the shape of {own}, {block.shape}. Got {got}. d belongs to another network: take "
                "d = net.backward(net.forward(X), Y)."
            )
    if extra := [name for name in given if name not in architecture.block]:
        raise ShapeError(
            f"d must be a backward pass of this network, with {len(architecture.blocks)} blocks. Got "
            f"d{_label(extra[0])} too. d belongs to another network: take d = net.backward(net.forward(X), Y)."
        )
    return d.vector


def as_slope_of(A: tuple[int, ...], dA: Array, l: int) -> Array:
    """dA[l] as float64, in the shape of A[l], or an error that says how to mend it.

    Args:
        A: the shape of A[l].
        dA: what was given. It may be infinite, where A[l] rounded to 0 or 1.
        l: the number of the layer.

    Raises:
        ShapeError: for another shape.
        InputError: for what is not a number.
    """
    dA = as_numbers(dA, f"dA[{l}]", finite=False)
    if dA.shape == A:
        return dA
    mend = mend_of_shape(f"dA[{l}]", dA.shape, A)
    if f"dA[{l}]." not in mend:
        mend += f" It needs {A[0]} rows, one per unit of layer {l}, and {A[1]} columns, one per example of the cache."
    raise ShapeError(f"dA[{l}] must have the shape of A[{l}], {A}. Got {dA.shape}.{mend}")


def _label(name: str) -> str:
    """W1 → W[1], as formulas have it; other blocks by their name."""
    return f"{name[0]}[{name[1:]}]" if name[0] in "Wb" and name[1:].isdigit() else name
