"""The same network as one expression in the computation graph: definitions as formulas, derivatives from the graph.

Formulas are written as books print them (numbers here are small), so that they share no stable form with ours.
"""

from __future__ import annotations

import numpy as np

from gradatim.engines.dropout import keep_mask
from gradatim.formulas.losses import (
    AbsoluteError,
    CategoricalLogLoss,
    HalfSquaredError,
    Huber,
    LogLoss,
    Poisson,
    Quantile,
)
from gradatim.graph import concatenate, cos, exp, log, maximum, tanh, variable, where
from gradatim.network import CategoryEmbedding, NumericEmbedding, Scale


def softmax(Z):
    E = exp(Z)
    return E / E.sum(axis=0, keepdims=True)


def leaky(slope):
    return lambda Z: maximum(Z, slope * Z)


def elu(alpha):
    return lambda Z: where(Z.value > 0, Z, alpha * (exp(Z) - 1))


ACTIVATIONS = {
    "identity": lambda Z: Z,
    "sigmoid": lambda Z: 1 / (1 + exp(-Z)),
    "tanh": lambda Z: (exp(Z) - exp(-Z)) / (exp(Z) + exp(-Z)),
    "relu": lambda Z: maximum(Z, 0.0),
    "leaky_relu": leaky(0.01),
    "leaky_relu(0.2)": leaky(0.2),
    "exp": exp,
    "softmax": softmax,
    "softplus": lambda Z: log(1 + exp(Z)),
    "elu": elu(1.0),
    "elu(0.5)": elu(0.5),
    "selu": lambda Z: 1.0507009873554805 * where(Z.value > 0, Z, 1.6732632423543772 * (exp(Z) - 1)),
    "gelu": lambda Z: 0.5 * Z * (1 + tanh((2 / np.pi) ** 0.5 * (Z + 0.044715 * Z**3))),
    "mish": lambda Z: Z * tanh(log(1 + exp(Z))),
}


def loss_and_gradient(case, dropout=None):
    """J and ∂(J + penalties)/∂vector of a `tests.networks.Case`."""
    architecture, data, vector = case.problem.architecture, case.data, case.vector
    blocks = {b.name: variable(vector[b.start : b.stop].reshape(b.shape)) for b in architecture.blocks}
    A0 = _front(architecture, blocks, data)
    J = 0.0
    for k in range(architecture.members):
        A = blocks["r"][k].reshape(-1, 1) * A0 if architecture.members > 1 else A0
        A = _layers(architecture, blocks, A, k, dropout)
        J = J + _loss(case, A) / architecture.members
    total = J
    for p in case.problem.penalties:
        for l in range(1, architecture.L + 1):
            W = blocks[f"W{l}"]
            size = maximum(W, -W).sum() if type(p).__name__ == "L1" else 0.5 * (W * W).sum()
            total = total + p.strength * size
    total.backward()
    pieces = [np.zeros(b.shape) if blocks[b.name].grad is None else blocks[b.name].grad for b in architecture.blocks]
    return float(J.value), np.concatenate([piece.ravel() for piece in pieces])


def _front(architecture, blocks, data):
    A = data.X.T
    for part in architecture.front:
        if isinstance(part, NumericEmbedding):
            rows = []
            for i in range(part.columns):
                x = data.X.T[i : i + 1]
                h = cos(2 * np.pi * blocks["frequency"][i].reshape(-1, 1) * x + blocks["phase"][i].reshape(-1, 1))
                rows += [blocks["V"][i] @ h + blocks["c"][i].reshape(-1, 1), x]
            A = concatenate([*rows, data.X.T[part.columns :]], axis=0)
        elif isinstance(part, CategoryEmbedding):
            tables = [blocks[f"E{k + 1}"][data.codes[:, k]].T for k in range(len(part.levels))]
            A = concatenate([A, *tables], axis=0)
        elif isinstance(part, Scale):
            A = blocks["scale"] * A
    return A


def _layers(architecture, blocks, A, member, dropout):
    m = A.shape[1]
    for l, layer in enumerate(architecture.dense, start=1):
        W, b = blocks[f"W{l}"], blocks[f"b{l}"]
        if W.ndim == 3:
            W, b = W[member], b[member]
        Z = W @ A + b
        A = ACTIVATIONS[layer.activation](Z)
        if layer.learned_slope:
            α = blocks[f"slope{l}"]
            A = (1 - α) * Z + α * A
        rate = architecture.dropout[l - 1]
        if dropout is not None and rate:
            columns = architecture.members * m
            keep = keep_mask(dropout.key, dropout.step, l, columns, layer.units, rate)
            A = A * (keep[:, member * m : (member + 1) * m] / (1 - rate))
    return A


def _loss(case, A):
    data, Y = case.data, case.data.Y.T
    w = np.ones(data.m) if data.weights is None else data.weights
    match case.problem.loss:
        case HalfSquaredError():
            L = 0.5 * (A - Y) ** 2
        case AbsoluteError():
            L = maximum(A - Y, Y - A)
        case Huber(delta=delta):
            D = maximum(A - Y, Y - A)
            L = where(D.value <= delta, 0.5 * D * D, delta * (D - 0.5 * delta))
        case Quantile(quantile=q):
            L = where(A.value < Y, q * (Y - A), (1 - q) * (A - Y))
        case Poisson():
            L = A - Y * log(A)
        case LogLoss(label_smoothing=ε):
            Q = Y * (1 - ε) + ε / 2
            L = -(Q * log(A) + (1 - Q) * log(1 - A))
        case CategoricalLogLoss(label_smoothing=ε):
            L = -((Y * (1 - ε) + ε / Y.shape[0]) * log(A))
    return (L.sum(axis=0) * w).sum() / w.sum()
