"""What an encoded table passes before the first layer: each part's formula forward, and its derivatives right below.

Conventions
-----------
* X is (inputs, m) and codes is (code columns, m): examples are columns.
* A part takes X and gives the next X. Backward takes ∂J/∂(what it gave) and gives ∂J/∂X and, by name, the gradients
  of the part's blocks.
* `FRONT`, at the end, has both functions of every part. To add a part is to add an entry.

Source: RealMLP (Holzmüller et al. 2024, arXiv 2407.04491).
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi

from gradatim.errors import ShapeError
from gradatim.formulas.arrays import Array, namespace
from gradatim.network import CategoryEmbedding, Front, NumericEmbedding, Parameters, Scale

Gradients = dict[str, Array]


def front_forward(part: Front, parameters: Parameters, X: Array, codes: Array | None) -> Array:
    """One part forward.

    Args:
        part: which.
        parameters: of the whole network.
        X: (inputs, m) what the part before gave.
        codes: (code columns, m) category codes, or None.

    Returns:
        What the part makes of X: (part.widen(inputs), m).

    Raises:
        ShapeError: if the part reads codes and those are not there.
    """
    forward, _ = FRONT[type(part)]
    return forward(part, parameters, X, codes)


def front_backward(
    part: Front, parameters: Parameters, X: Array, codes: Array | None, dA: Array
) -> tuple[Array, Gradients]:
    """One part backward.

    Args:
        part: which.
        parameters: of the whole network.
        X: (inputs, m) as it was given forward.
        codes: (code columns, m) as they were given forward.
        dA: (part.widen(inputs), m) ∂J/∂(what it gave).

    Returns:
        ∂J/∂X (inputs, m), and ∂J/∂block by the name of each of the part's blocks.
    """
    _, backward = FRONT[type(part)]
    return backward(part, parameters, X, codes, dA)


def _scale(part: Scale, parameters: Parameters, X: Array, codes: Array | None) -> Array:
    return parameters["scale"] * X


def _scale_backward(
    part: Scale, parameters: Parameters, X: Array, codes: Array | None, dA: Array
) -> tuple[Array, Gradients]:
    return parameters["scale"] * dA, {"scale": namespace(dA).sum(dA * X, axis=1, keepdims=True)}


def _waves(parameters: Parameters, x: Array) -> Array:
    """The argument 2π·f·x + φ of every cosine: (columns, frequencies, m)."""
    f, φ = parameters["frequency"], parameters["phase"]
    return 2 * pi * f[:, :, None] * x[:, None, :] + φ[:, :, None]


def _embed_numbers(part: NumericEmbedding, parameters: Parameters, X: Array, codes: Array | None) -> Array:
    xp = namespace(X)
    x = X[: part.columns, :]
    H = xp.cos(_waves(parameters, x))
    e = parameters["V"] @ H + parameters["c"][:, :, None]
    embedded = xp.reshape(xp.concat([e, x[:, None, :]], axis=1), (part.columns * part.width, X.shape[1]))
    return xp.concat([embedded, X[part.columns :, :]], axis=0)


def _embed_numbers_backward(
    part: NumericEmbedding, parameters: Parameters, X: Array, codes: Array | None, dA: Array
) -> tuple[Array, Gradients]:
    xp = namespace(dA)
    m = X.shape[1]
    x = X[: part.columns, :]
    waves = _waves(parameters, x)
    dA_embedded = xp.reshape(dA[: part.columns * part.width, :], (part.columns, part.width, m))
    de = dA_embedded[:, : part.width - 1, :]
    dwaves = -xp.sin(waves) * (xp.matrix_transpose(parameters["V"]) @ de)
    gradients = {
        "V": de @ xp.matrix_transpose(xp.cos(waves)),
        "c": xp.sum(de, axis=2),
        "phase": xp.sum(dwaves, axis=2),
        "frequency": 2 * pi * xp.sum(dwaves * x[:, None, :], axis=2),
    }
    dx = dA_embedded[:, part.width - 1, :] + 2 * pi * xp.sum(dwaves * parameters["frequency"][:, :, None], axis=1)
    return xp.concat([dx, dA[part.columns * part.width :, :]], axis=0), gradients


def _embed_categories(part: CategoryEmbedding, parameters: Parameters, X: Array, codes: Array | None) -> Array:
    if codes is None or codes.shape[0] != len(part.levels):
        got = "no codes" if codes is None else f"{codes.shape[0]} rows of codes"
        raise ShapeError(
            f"CategoryEmbedding: codes must have {len(part.levels)} rows, one per embedded column. Got {got}."
        )
    xp = namespace(parameters.vector)
    rows = [xp.take(parameters[f"E{k}"], codes[k - 1, :], axis=0).T for k in range(1, len(part.levels) + 1)]
    return xp.concat([X, *rows], axis=0)


def _embed_categories_backward(
    part: CategoryEmbedding, parameters: Parameters, X: Array, codes: Array | None, dA: Array
) -> tuple[Array, Gradients]:
    assert codes is not None
    xp = namespace(dA)
    inputs = X.shape[0]
    gradients: Gradients = {}
    for k, levels in enumerate(part.levels, start=1):
        top = inputs + (k - 1) * part.width
        # Taking row `code` of E is the product of Eᵀ with a one-hot column; its derivative is the product the other
        # way. The standard has no scatter-add, and this says the mathematics.
        one_hot = xp.astype(xp.arange(levels)[:, None] == codes[k - 1, :][None, :], dA.dtype)
        gradients[f"E{k}"] = one_hot @ dA[top : top + part.width, :].T
    return dA[:inputs, :], gradients


FRONT: dict[type[Front], tuple[Callable[..., Array], Callable[..., tuple[Array, Gradients]]]] = {
    NumericEmbedding: (_embed_numbers, _embed_numbers_backward),
    CategoryEmbedding: (_embed_categories, _embed_categories_backward),
    Scale: (_scale, _scale_backward),
}
"""Forward and backward of every part, by its kind."""
