"""A block of rows through the whole network, forward and back.

Conventions
-----------
* A block is small enough that all its A[l] stay in the processor's cache on the way there and back. The gradients of
  blocks are summed in G.
* With members, m rows become M = members · m: member 0's, then member 1's, and so on.
"""

from __future__ import annotations

from gradatim.engines.fast.activations import SOFTMAX, activate, add_bias, blend, keep_scores
from gradatim.engines.fast.compiling import kernel, part
from gradatim.engines.fast.data import Draw, Rows, Table, row_of
from gradatim.engines.fast.dropout import drop, stream_of
from gradatim.engines.fast.front import (
    categories_backward,
    embed_categories,
    embed_numbers,
    has_front,
    members_backward,
    numbers_backward,
    scale_and_share,
    scale_backward,
)
from gradatim.engines.fast.layout import LINE, Layout
from gradatim.engines.fast.losses import loss_from_activations, loss_from_scores, takes_scores
from gradatim.engines.fast.matrices import Array, input_gradient, matrix, piece, prefetch
from gradatim.engines.fast.program import Program
from gradatim.engines.fast.sparse import sparse_scores, sparse_weight_gradient
from gradatim.engines.fast.tiles import scores, weight_gradient

AHEAD, FURTHEST = 12, 256
"""Rows to ask for in advance; numbers of a row behind which the processor goes on by itself."""


@part
def inputs_of(p: Program, a: Layout, memory: Array, table: Table, rows: Rows) -> Array:
    """X (m, inputs): the table's own memory where rows follow one another; without columns where it is sparse."""
    m, n = rows.m, p.inputs
    if table.starts.shape[0] > 0:
        X = matrix(memory, a.X, m, 0)
    elif rows.order.shape[0] == 0:
        X = matrix(table.X, rows.first * n, m, n)
    else:
        X = matrix(memory, a.X, m, n)
        gather(table.X, rows, X)
    return X


@kernel
def gather(table: Array, rows: Rows, X: Array) -> None:
    """X ← the rows of the table. They lie anywhere in it: those to come are asked for in advance."""
    m, n = X.shape
    for i in range(m):
        if i + AHEAD < m:
            ahead = row_of(rows, i + AHEAD) * n
            for j in range(0, min(n, FURTHEST), LINE):
                prefetch(table, ahead + j)
        row = piece(table, row_of(rows, i) * n, n)
        for j in range(n):
            X[i, j] = row[j]


@part
def forward(
    p: Program, a: Layout, θ: Array, memory: Array, table: Table, rows: Rows, draw: Draw
) -> tuple[Array, Array]:
    """All A[l] of a block; at the output A holds Z[L], whose activation is the caller's. Returns X and A[0]."""
    L, M = p.n.shape[0] - 1, p.members * rows.m
    X = inputs_of(p, a, memory, table, rows)
    A0 = X
    if has_front(p):
        P, A0 = matrix(memory, a.P, rows.m, p.n[0]), matrix(memory, a.A[0], M, p.n[0])
        embed_numbers(p, a, θ, memory, X, P)
        embed_categories(p, θ, table.codes, rows, P)
        scale_and_share(p, θ, P, A0)
    A = A0
    for l in range(1, L + 1):
        n = p.n[l]
        Z = matrix(memory, a.A[l], M, n)
        affine(p, a, θ, memory, table, rows, l, A, Z)
        A = Z
        if l < L:
            D = matrix(memory, a.D[l], M, n)
            E = matrix(memory, a.E[l], M if p.α[l] >= 0 else 0, n)
            if p.α[l] >= 0:
                keep_scores(A, E)
            activate(p.g[l], p.g_number[l], A, D)
            if p.α[l] >= 0:
                blend(A, D, E, piece(θ, p.α[l], n))
            if p.dropout[l] * draw.factor > 0:
                drop(A, D, E, p.members, p.dropout[l] * draw.factor, stream_of(draw.key, draw.step, l), draw)
    return X, A0


@kernel
def affine(
    p: Program, a: Layout, θ: Array, memory: Array, table: Table, rows: Rows, l: int, A: Array, Z: Array
) -> None:
    """Z[l] = A[l-1] Wᵀ + b, and a W and b for each member at the output."""
    n, n_prev = p.n[l], p.n[l - 1]
    own = p.members if l == p.n.shape[0] - 1 else 1
    m = Z.shape[0] // own
    for q in range(own):
        W = matrix(θ, p.W[l] + q * n * n_prev, n, n_prev)
        Z_q = matrix(memory, a.A[l] + q * m * n, m, n)
        if l == 1 and table.starts.shape[0] > 0:
            sparse_scores(table.X, table.starts, table.columns, rows, W, Z_q)
        elif own == 1:
            scores(A, W, Z_q)
        else:
            scores(matrix(memory, a.A[l - 1] + q * m * n_prev, m, n_prev), W, Z_q)
        add_bias(Z_q, piece(θ, p.b[l] + q * n, n))


@part
def backward(
    p: Program, a: Layout, θ: Array, memory: Array, table: Table, rows: Rows, X: Array, A0: Array, G: Array, β: float
) -> None:
    """From dZ[L], which stands in place of A[L]: all gradients of the block into G, those of W added to β times it."""
    L, M = p.n.shape[0] - 1, p.members * rows.m
    for l in range(L, 0, -1):
        n, n_prev = p.n[l], p.n[l - 1]
        A = A0 if l == 1 else matrix(memory, a.A[l - 1], M, n_prev)
        own = p.members if l == L else 1
        m = M // own
        for q in range(own):
            dZ = matrix(memory, (a.A[L] if l == L else a.dA[(l + 1) % 2]) + q * m * n, m, n)
            dW = matrix(G, p.W[l] + q * n * n_prev, n, n_prev)
            if l == 1 and table.starts.shape[0] > 0:
                sparse_weight_gradient(table.X, table.starts, table.columns, rows, dZ, dW)
            elif own == 1:
                weight_gradient(dZ, A, dW, β)
            else:
                at = a.A[0] if l == 1 else a.A[l - 1]
                weight_gradient(dZ, matrix(memory, at + q * m * n_prev, m, n_prev), dW, β)
            if l == L:
                bias_gradient(dZ, piece(G, p.b[l] + q * n, n))
            if l > 1 or has_front(p):
                W = matrix(θ, p.W[l] + q * n * n_prev, n, n_prev)
                input_gradient(dZ, W, matrix(memory, a.dA[l % 2] + q * m * n_prev, m, n_prev))
        if l > 1:
            dA = matrix(memory, a.dA[l % 2], M, n_prev)
            if p.α[l - 1] >= 0:
                slope_gradient(dA, matrix(memory, a.E[l - 1], M, n_prev), piece(G, p.α[l - 1], n_prev))
            db = piece(G, p.b[l - 1], n_prev)
            through_activation(dA, matrix(memory, a.D[l - 1], M, n_prev), db)
    if has_front(p):
        P, dA = matrix(memory, a.P, rows.m, p.n[0]), matrix(memory, a.dA[1], M, p.n[0])
        members_backward(p, θ, P, dA, G)
        scale_backward(p, θ, P, dA, G)
        numbers_backward(p, a, θ, memory, X, dA, G)
        categories_backward(p, table.codes, rows, dA, G)


@kernel
def through_activation(dA: Array, D: Array, db: Array) -> None:
    """In place of dA: dZ = dA ∘ D; Σ dZ is added to db on the way."""
    m, n = dA.shape
    for i in range(m):
        for j in range(n):
            dZ = dA[i, j] * D[i, j]
            dA[i, j] = dZ
            db[j] += dZ


@kernel
def bias_gradient(dZ: Array, db: Array) -> None:
    """Add Σ dZ to db."""
    m, n = dZ.shape
    for i in range(m):
        for j in range(n):
            db[j] += dZ[i, j]


@kernel
def slope_gradient(dA: Array, E: Array, dα: Array) -> None:
    """Add Σ dA ∘ (g(Z) - Z) to dα."""
    m, n = dA.shape
    for i in range(m):
        for j in range(n):
            dα[j] += dA[i, j] * E[i, j]


@kernel
def targets(p: Program, table: Table, rows: Rows, total: float, Y: Array, share: Array) -> None:
    """Y (m, n[L]) and the share (m,) of each row in J: its weight over all weights and all members."""
    for i in range(rows.m):
        row = row_of(rows, i)
        w = table.weights[row] if table.weights.shape[0] > 0 else 1.0
        share[i] = w / (p.members * total)
        for k in range(Y.shape[1]):
            Y[i, k] = table.Y[row, k]


@kernel
def clear(p: Program, G: Array, all_of_it: bool) -> None:
    """Set what blocks add to to 0; the first product of a dense layer overwrites what stands in dW."""
    for k in range(p.is_weight.shape[0]):
        if all_of_it or p.is_weight[k] == 0:
            g = piece(G, p.starts[k], p.starts[k + 1] - p.starts[k])
            for i in range(g.shape[0]):
                g[i] = 0


@part
def gradient_of_rows(
    p: Program, a: Layout, θ: Array, memory: Array, table: Table, rows: Rows, draw: Draw, total: float, G: Array
) -> float:
    """The gradient of J over these rows into G, block by block; returns their part of J."""
    L, is_sparse = p.n.shape[0] - 1, table.starts.shape[0] > 0
    clear(p, G, is_sparse or rows.m == 0)
    J, β = 0.0, 1.0 if is_sparse else 0.0
    for begin in range(0, rows.m, a.rows):
        block = Rows(rows.order, rows.first + begin, min(a.rows, rows.m - begin))
        drawn = Draw(draw.key, draw.step, draw.factor, draw.column + begin, draw.batch)
        X, A0 = forward(p, a, θ, memory, table, block, drawn)
        Y, share = matrix(memory, a.Y, block.m, p.n[L]), piece(memory, a.share, block.m)
        targets(p, table, block, total, Y, share)
        M = p.members * block.m
        Z, D = matrix(memory, a.A[L], M, p.n[L]), matrix(memory, a.D[L], M, p.n[L])
        if takes_scores(p.loss, p.g[L]):
            J += loss_from_scores(p.loss, p.loss_numbers[0], p.g_number[L], Z, D, Y, share)
        else:
            activate(p.g[L], p.g_number[L], Z, D)
            J += loss_from_activations(p.loss, p.loss_numbers, p.g[L] == SOFTMAX, Z, D, Y, share)
        backward(p, a, θ, memory, table, block, X, A0, G, β)
        β = 1.0
    return J
