"""What stands before the first layer: embeddings, scale, members; and the way back through them.

The formulas are those of `gradatim.engines.textbook.front`, with examples as rows.
"""

from __future__ import annotations

from math import pi

from gradatim.engines.fast.compiling import kernel, reordering_kernel
from gradatim.engines.fast.data import Rows, row_of
from gradatim.engines.fast.layout import Layout
from gradatim.engines.fast.mathematics import sincos
from gradatim.engines.fast.matrices import Array, matrix, piece
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
                multiply(A[q * m + i], piece(θ, p.scale, n0))
            if p.r >= 0:
                multiply(A[q * m + i], piece(θ, p.r + q * n0, n0))


@kernel
def multiply(x: Array, factors: Array) -> None:
    """Number by number, in place."""
    for j in range(x.shape[0]):
        x[j] *= factors[j]


@kernel
def add_product(total: Array, x: Array, y: Array) -> None:
    """Number by number."""
    for j in range(total.shape[0]):
        total[j] += x[j] * y[j]


@kernel
def embed_numbers(p: Program, a: Layout, θ: Array, memory: Array, X: Array, P: Array) -> None:
    """P[:, …] ← (V cos(2π f x + φ) + c, x) of each of the first columns, then the others as they stand."""
    c, F, width = p.embedded
    m, inputs = X.shape
    H, S = matrix(memory, a.H, m, c * F), matrix(memory, a.S, m, c * F)
    f, φ = matrix(θ, p.waves, c, F), matrix(θ, p.waves + c * F, c, F)
    V = matrix(θ, p.waves + 2 * c * F, c * (width - 1), F)
    bias = piece(θ, p.waves + (width + 1) * c * F, c * (width - 1))
    turn = X.dtype.type(2 * pi)
    for j in range(c):
        for i in range(m):
            x, h, s = turn * X[i, j], piece(H[i], j * F, F), piece(S[i], j * F, F)
            for k in range(F):
                s[k], h[k] = sincos(f[j, k] * x + φ[j, k])
            P[i, j * width + width - 1] = X[i, j]
        for o in range(width - 1):
            at = j * (width - 1) + o
            for i in range(m):
                P[i, j * width + o] = bias[at] + dot(V[at], piece(H[i], j * F, F))
    behind = c * width - c
    for i in range(m):
        for j in range(c, inputs):
            P[i, behind + j] = X[i, j]


@reordering_kernel
def dot(x: Array, y: Array) -> float:
    """Σ x y, in the order that suits the processor."""
    total = x.dtype.type(0)
    for k in range(x.shape[0]):
        total += x[k] * y[k]
    return total


@kernel
def embed_categories(p: Program, θ: Array, codes: Array, rows: Rows, P: Array) -> None:
    """The rows of tables that the codes name, in the last columns of P."""
    count, width = p.E.shape[0], p.E_width
    begin = P.shape[1] - count * width
    for i in range(P.shape[0]):
        row = row_of(rows, i)
        for k in range(count):
            e, x = piece(θ, p.E[k] + codes[row, k] * width, width), piece(P[i], begin + k * width, width)
            for j in range(width):
                x[j] = e[j]


@kernel
def members_backward(p: Program, θ: Array, P: Array, dA: Array, G: Array) -> None:
    """The first m rows of dA ← what all members together say of A[0] before their scales; dr on the way."""
    m, n0 = P.shape
    if p.r < 0:
        return
    zero, one = P.dtype.type(0), P.dtype.type(1)
    for q in range(p.members):
        r, dr = piece(θ, p.r + q * n0, n0), piece(G, p.r + q * n0, n0)
        kept = zero if q == 0 else one
        for i in range(m):
            d, total = dA[q * m + i], dA[i]
            for j in range(n0):
                before = P[i, j] * θ[p.scale + j] if p.scale >= 0 else P[i, j]
                dr[j] += d[j] * before
            for j in range(n0):
                through = d[j] * r[j]
                total[j] = kept * total[j] + through


@kernel
def scale_backward(p: Program, θ: Array, P: Array, dA: Array, G: Array) -> None:
    """Through the scale: its gradient, and the first m rows of dA ← ∂J/∂P."""
    m, n0 = P.shape
    if p.scale >= 0:
        for i in range(m):
            add_product(piece(G, p.scale, n0), dA[i], P[i])
            multiply(dA[i], piece(θ, p.scale, n0))


@kernel
def numbers_backward(p: Program, a: Layout, θ: Array, memory: Array, X: Array, dP: Array, G: Array) -> None:
    """Gradients of frequency, phase, V and c."""
    c, F, width = p.embedded
    if c == 0:
        return
    m = X.shape[0]
    H, S = matrix(memory, a.H, m, c * F), matrix(memory, a.S, m, c * F)
    V = matrix(θ, p.waves + 2 * c * F, c * (width - 1), F)
    dV = matrix(G, p.waves + 2 * c * F, c * (width - 1), F)
    df, dφ = matrix(G, p.waves, c, F), matrix(G, p.waves + c * F, c, F)
    dc = piece(G, p.waves + (width + 1) * c * F, c * (width - 1))
    turn = X.dtype.type(2 * pi)
    for j in range(c):  # what is added to stays in registers while the rows pass
        df_j, dφ_j = df[j], dφ[j]
        for o in range(width - 1):
            at = j * (width - 1) + o
            v, dv = V[at], dV[at]
            for i in range(m):
                x, h, s, de = turn * X[i, j], piece(H[i], j * F, F), piece(S[i], j * F, F), dP[i, j * width + o]
                dc[at] += de
                for k in range(F):
                    dv[k] += de * h[k]
                    u = -de * v[k] * s[k]
                    dφ_j[k] += u
                    df_j[k] += u * x


@kernel
def categories_backward(p: Program, codes: Array, rows: Rows, dP: Array, G: Array) -> None:
    """Add the last columns of ∂J/∂P to the rows of tables that the codes name."""
    count, width = p.E.shape[0], p.E_width
    begin = dP.shape[1] - count * width
    for i in range(rows.m):
        row = row_of(rows, i)
        for k in range(count):
            e, d = piece(G, p.E[k] + codes[row, k] * width, width), piece(dP[i], begin + k * width, width)
            for j in range(width):
                e[j] += d[j]
