"""The same network written for PyTorch from its own building blocks: a judge that shares no formula with us."""

from __future__ import annotations

import pytest

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
from gradatim.network import CategoryEmbedding, NumericEmbedding, Scale

torch = pytest.importorskip("torch", reason="PyTorch comes with the extra [oracles]")
F = torch.nn.functional

ACTIVATIONS = {
    "identity": lambda Z: Z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": lambda Z: F.leaky_relu(Z, 0.01),
    "leaky_relu(0.2)": lambda Z: F.leaky_relu(Z, 0.2),
    "exp": torch.exp,
    "softmax": lambda Z: F.softmax(Z, dim=1),
    "softplus": F.softplus,
    "elu": F.elu,
    "elu(0.5)": lambda Z: F.elu(Z, 0.5),
    "selu": F.selu,
    "gelu": lambda Z: F.gelu(Z, approximate="tanh"),
    "mish": F.mish,
}


def loss_and_gradient(case, dropout=None):
    """J and ∂(J + penalties)/∂vector of a `tests.networks.Case`, in rows as PyTorch has them."""
    vector = torch.tensor(case.vector, requires_grad=True)
    J, penalties = _loss(case, vector, dropout)
    (J + penalties).backward()
    return float(J.detach()), vector.grad.numpy()


def _loss(case, vector, dropout):
    architecture, data, loss = case.problem.architecture, case.data, case.problem.loss
    blocks = {b.name: vector[b.start : b.stop].reshape(b.shape) for b in architecture.blocks}
    x = _front(architecture, blocks, torch.tensor(data.X), data.codes)
    members = [x * blocks["r"][k] for k in range(architecture.members)] if architecture.members > 1 else [x]
    w = torch.ones(data.m, dtype=torch.float64) if data.weights is None else torch.tensor(data.weights)
    J = 0.0
    for k, a in enumerate(members):
        scores = _layers(architecture, blocks, a, k, dropout)
        J = J + (w * _loss_of_rows(loss, architecture, scores, torch.tensor(data.Y))).sum() / w.sum() / len(members)
    penalties = torch.zeros((), dtype=torch.float64)
    for p in case.problem.penalties:
        for b in architecture.blocks:
            if b.role == "weight":
                W = blocks[b.name]
                penalties = penalties + p.strength * (W.abs().sum() if type(p).__name__ == "L1" else (W**2).sum() / 2)
    return J, penalties


def _front(architecture, blocks, x, codes):
    for part in architecture.front:
        if isinstance(part, NumericEmbedding):
            pieces = []
            for i in range(part.columns):
                h = torch.cos(2 * torch.pi * x[:, i : i + 1] * blocks["frequency"][i] + blocks["phase"][i])
                pieces += [F.linear(h, blocks["V"][i], blocks["c"][i]), x[:, i : i + 1]]
            x = torch.cat([*pieces, x[:, part.columns :]], dim=1)
        elif isinstance(part, CategoryEmbedding):
            tables = [
                F.embedding(torch.tensor(codes[:, k], dtype=torch.long), blocks[f"E{k + 1}"])
                for k in range(len(part.levels))
            ]
            x = torch.cat([x, *tables], dim=1)
        elif isinstance(part, Scale):
            x = x * blocks["scale"][:, 0]
    return x


def _layers(architecture, blocks, a, member, dropout):
    m = a.shape[0]
    for l, layer in enumerate(architecture.dense, start=1):
        W, b = blocks[f"W{l}"], blocks[f"b{l}"]
        if W.ndim == 3:
            W, b = W[member], b[member]
        z = F.linear(a, W, b[:, 0])
        if l == architecture.L:
            return z
        a = ACTIVATIONS[layer.activation](z)
        if layer.learned_slope:
            a = torch.lerp(z, a, blocks[f"slope{l}"][:, 0].expand_as(z))
        rate = architecture.dropout[l - 1]
        if dropout is not None and rate:
            keep = keep_mask(dropout.key, dropout.step, l, architecture.members * m, layer.units, rate)
            a = torch.where(torch.tensor(keep[:, member * m : (member + 1) * m].T), a / (1 - rate), 0.0)


def _loss_of_rows(loss, architecture, z, y):
    a = ACTIVATIONS[architecture.output.activation](z)
    match loss:
        case HalfSquaredError():
            return F.mse_loss(a, y, reduction="none").sum(1) / 2
        case AbsoluteError():
            return F.l1_loss(a, y, reduction="none").sum(1)
        case Huber(delta=delta):
            return F.huber_loss(a, y, delta=delta, reduction="none").sum(1)
        case Quantile(quantile=q):
            return (q * F.relu(y - a) + (1 - q) * F.relu(a - y)).sum(1)
        case Poisson():
            log_input = architecture.output.activation == "exp"
            return F.poisson_nll_loss(z if log_input else a, y, log_input, eps=0, reduction="none").sum(1)
        case LogLoss(label_smoothing=ε):
            return F.binary_cross_entropy(a, y * (1 - ε) + ε / 2, reduction="none").sum(1)
        case CategoricalLogLoss(label_smoothing=ε):
            return F.cross_entropy(z, y, reduction="none", label_smoothing=ε)
