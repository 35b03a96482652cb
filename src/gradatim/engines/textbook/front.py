"""What an encoded table passes before the first layer: each part's formula forward, and its derivatives right below.

Conventions
-----------
* X is (inputs, m) and codes is (code columns, m): examples are columns.
* A part takes X and gives the next X. Backward takes ∂J/∂(what it gave) and puts the gradients of its blocks into a
  dictionary.

Source: RealMLP (Holzmüller et al. 2024, arXiv 2407.04491).
"""

from __future__ import annotations

from math import pi

from gradatim.errors import ShapeError
from gradatim.formulas.arrays import Array, namespace
from gradatim.network import CategoryEmbedding, Front, NumericEmbedding, Parameters, Scale

Gradients = dict[str, Array]


def front_forward(part: Front, parameters: Parameters, X: Array, codes: Array | None) -> Array:
    """What the part makes of X: (part.widen(inputs), m)."""
    match part:
        case NumericEmbedding():
            return _embed_numbers(part, parameters, X)
        case CategoryEmbedding():
            return _embed_categories(part, parameters, X, codes)
        case Scale():
            return parameters["scale"] * X


def front_backward(
    part: Front, parameters: Parameters, X: Array, codes: Array | None, dA: Array, gradients: Gradients
) -> Array:
    """∂J/∂X of the part, from ∂J/∂(what it gave); the gradients of its blocks go into `gradients`."""
    match part:
        case NumericEmbedding():
            return _embed_numbers_backward(part, parameters, X, dA, gradients)
        case CategoryEmbedding():
            return _embed_categories_backward(part, codes, dA, gradients)
        case Scale():
            xp = namespace(dA)
            gradients["scale"] = xp.sum(dA * X, axis=1, keepdims=True)
            return parameters["scale"] * dA


def _waves(parameters: Parameters, x: Array) -> Array:
    """The argument 2π·f·x + φ of every cosine: (columns, frequencies, m)."""
    f, φ = parameters["frequency"], parameters["phase"]
    return 2 * pi * f[:, :, None] * x[:, None, :] + φ[:, :, None]


def _embed_numbers(part: NumericEmbedding, parameters: Parameters, X: Array) -> Array:
    xp = namespace(X)
    x = X[: part.columns, :]
    H = xp.cos(_waves(parameters, x))
    e = parameters["V"] @ H + parameters["c"][:, :, None]
    embedded = xp.reshape(xp.concat([e, x[:, None, :]], axis=1), (part.columns * part.width, X.shape[1]))
    return xp.concat([embedded, X[part.columns :, :]], axis=0)


def _embed_numbers_backward(
    part: NumericEmbedding, parameters: Parameters, X: Array, dA: Array, gradients: Gradients
) -> Array:
    xp = namespace(dA)
    m = X.shape[1]
    x = X[: part.columns, :]
    waves = _waves(parameters, x)
    dA_embedded = xp.reshape(dA[: part.columns * part.width, :], (part.columns, part.width, m))
    de = dA_embedded[:, : part.width - 1, :]
    gradients["V"] = de @ xp.matrix_transpose(xp.cos(waves))
    gradients["c"] = xp.sum(de, axis=2)
    dwaves = -xp.sin(waves) * (xp.matrix_transpose(parameters["V"]) @ de)
    gradients["phase"] = xp.sum(dwaves, axis=2)
    gradients["frequency"] = 2 * pi * xp.sum(dwaves * x[:, None, :], axis=2)
    dx = dA_embedded[:, part.width - 1, :] + 2 * pi * xp.sum(dwaves * parameters["frequency"][:, :, None], axis=1)
    return xp.concat([dx, dA[part.columns * part.width :, :]], axis=0)


def _embed_categories(part: CategoryEmbedding, parameters: Parameters, X: Array, codes: Array | None) -> Array:
    if codes is None or codes.shape[0] != len(part.levels):
        got = "no codes" if codes is None else f"{codes.shape[0]} rows of codes"
        raise ShapeError(
            f"CategoryEmbedding: codes must have {len(part.levels)} rows, one per embedded column. Got {got}."
        )
    xp = namespace(parameters.vector)
    rows = [xp.take(parameters[f"E{k}"], codes[k - 1, :], axis=0).T for k in range(1, len(part.levels) + 1)]
    return xp.concat([X, *rows], axis=0)


def _embed_categories_backward(part: CategoryEmbedding, codes: Array | None, dA: Array, gradients: Gradients) -> Array:
    assert codes is not None
    xp = namespace(dA)
    inputs = dA.shape[0] - len(part.levels) * part.width
    for k, levels in enumerate(part.levels, start=1):
        top = inputs + (k - 1) * part.width
        # Taking row `code` of E is the product of Eᵀ with a one-hot column; its derivative is the product the other
        # way. The standard has no scatter-add, and this says the mathematics.
        one_hot = xp.astype(xp.arange(levels)[:, None] == codes[k - 1, :][None, :], dA.dtype)
        gradients[f"E{k}"] = one_hot @ dA[top : top + part.width, :].T
    return dA[:inputs, :]
