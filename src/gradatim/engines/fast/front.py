"""What stands before the first layer: embeddings, scale, members; and the way back through them.

The formulas are those of `gradatim.engines.textbook.front`, with examples as rows.
"""

from __future__ import annotations

from math import pi

from gradatim.engines.fast.compiling import kernel
from gradatim.engines.fast.data import Rows, row_of
from gradatim.engines.fast.layout import Layout
from gradatim.engines.fast.mathematics import sincos
from gradatim.engines.fast.matrices import Array, matrix
from gradatim.engines.fast.program import Program


@kernel
def has_front(p: Program) -> bool:
    """Whether A[0] is anything but X."""
    return p.members > 1 or p.scale >= 0 or p.waves >= 0 or p.E.shape[0] > 0


@kernel
def scale_and_share(p: Program, θ: Array, P: Array, A: Array) -> None:
    """A[0] (members · m, n[0]) from what the embeddings gave, P (m, n[0]): scaled, and by each member its own way."""
    m, n0 = P.shape
    for q in range(p.members):
        for i in range(m):
            for j in range(n0):
                A[q * m + i, j] = P[i, j]
            if p.scale >= 0:
                for j in range(n0):
                    A[q * m + i, j] *= θ[p.scale + j]
            if p.r >= 0:
                for j in range(n0):
                    A[q * m + i, j] *= θ[p.r + q * n0 + j]


@kernel
def embed_numbers(p: Program, a: Layout, θ: Array, memory: Array, X: Array, P: Array) -> None:
    """P[:, …] ← (V cos(2π f x + φ) + c, x) of each of the first columns, then the others as they stand."""
    c, F, width = p.embedded
    m, inputs = X.shape
    H, S = matrix(memory, a.H, m, c * F), matrix(memory, a.S, m, c * F)
    f, φ, V = p.waves, p.waves + c * F, p.waves + 2 * c * F
    bias = V + c * (width - 1) * F
    turn = X.dtype.type(2 * pi)
    for i in range(m):
        for j in range(c):
            x = turn * X[i, j]
            for k in range(j * F, (j + 1) * F):
                S[i, k], H[i, k] = sincos(θ[f + k] * x + θ[φ + k])
            for o in range(width - 1):
                e, at = θ[bias + j * (width - 1) + o], V + (j * (width - 1) + o) * F
                for k in range(F):
                    e += θ[at + k] * H[i, j * F + k]
                P[i, j * width + o] = e
            P[i, j * width + width - 1] = X[i, j]
        behind = c * width - c
        for j in range(c, inputs):
            P[i, behind + j] = X[i, j]


@kernel
def embed_categories(p: Program, θ: Array, codes: Array, rows: Rows, P: Array) -> None:
    """The rows of tables that the codes name, in the last columns of P."""
    count, width = p.E.shape[0], p.E_width
    begin = P.shape[1] - count * width
    for i in range(P.shape[0]):
        row = row_of(rows, i)
        for k in range(count):
            at = p.E[k] + codes[row, k] * width
            for j in range(width):
                P[i, begin + k * width + j] = θ[at + j]


@kernel
def scale_backward(p: Program, θ: Array, P: Array, dA: Array, G: Array) -> None:
    """Through the scale: its gradient, and the first m rows of dA ← ∂J/∂P."""
    m, n0 = P.shape
    if p.scale >= 0:
        for i in range(m):
            for j in range(n0):
                G[p.scale + j] += dA[i, j] * P[i, j]
                dA[i, j] *= θ[p.scale + j]


@kernel
def categories_backward(p: Program, codes: Array, rows: Rows, dP: Array, G: Array) -> None:
    """Add the last columns of ∂J/∂P to the rows of tables that the codes name."""
    count, width = p.E.shape[0], p.E_width
    begin = dP.shape[1] - count * width
    for i in range(rows.m):
        row = row_of(rows, i)
        for k in range(count):
            at = p.E[k] + codes[row, k] * width
            for j in range(width):
                G[at + j] += dP[i, begin + k * width + j]


@kernel
def members_backward(p: Program, θ: Array, P: Array, dA: Array, G: Array) -> None:
    """The first m rows of dA ← what all members together say of A[0] before their scales; dr on the way."""
    m, n0 = P.shape
    for q in range(p.members):
        if p.r < 0:
            break
        at = p.r + q * n0
        for i in range(m):
            for j in range(n0):
                d = dA[q * m + i, j]
                before = P[i, j] * θ[p.scale + j] if p.scale >= 0 else P[i, j]
                G[at + j] += d * before
                d *= θ[at + j]
                dA[i, j] = d if q == 0 else dA[i, j] + d


@kernel
def numbers_backward(p: Program, a: Layout, θ: Array, memory: Array, X: Array, dP: Array, G: Array) -> None:
    """Gradients of frequency, phase, V and c."""
    c, F, width = p.embedded
    if c == 0:
        return
    m = X.shape[0]
    H, S = matrix(memory, a.H, m, c * F), matrix(memory, a.S, m, c * F)
    f, φ, V = p.waves, p.waves + c * F, p.waves + 2 * c * F
    bias = V + c * (width - 1) * F
    turn, zero = X.dtype.type(2 * pi), X.dtype.type(0)
    for i in range(m):
        for j in range(c):
            for o in range(width - 1):
                de, at = dP[i, j * width + o], V + (j * (width - 1) + o) * F
                G[bias + j * (width - 1) + o] += de
                for k in range(F):
                    G[at + k] += de * H[i, j * F + k]
            x = turn * X[i, j]
            for k in range(F):
                u = zero
                for o in range(width - 1):
                    u += θ[V + (j * (width - 1) + o) * F + k] * dP[i, j * width + o]
                u *= -S[i, j * F + k]
                G[φ + j * F + k] += u
                G[f + j * F + k] += u * x
