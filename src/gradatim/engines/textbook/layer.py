"""One dense layer: forward, and its derivatives right below.

With k members, m stands for k·m columns: member 0's examples, then member 1's, and so on. Members share a layer unless
its W has a member axis in front.
"""

from __future__ import annotations

from dataclasses import dataclass

from gradatim.formulas.activations import activation
from gradatim.formulas.arrays import Array, namespace
from gradatim.network import Dense


@dataclass(frozen=True)
class BlockCache:
    """What a layer keeps from its forward pass for its backward pass.

    Attributes:
        A_prev: (n[l-1], m).
        W: (n[l], n[l-1]), or (members, n[l], n[l-1]).
        Z: (n[l], m).
        G: g(Z), (n[l], m).
        slope: (n[l], 1) learned slopes α, or None.
        mask: (n[l], m) dropout's 0 or 1/(1 - rate), or None.
    """

    A_prev: Array
    W: Array
    Z: Array
    G: Array
    slope: Array | None = None
    mask: Array | None = None


def forward_block(
    layer: Dense, W: Array, b: Array, A_prev: Array, slope: Array | None = None, mask: Array | None = None
) -> tuple[Array, BlockCache]:
    """One layer forward: Z = W A_prev + b; A = g(Z).

    Args:
        layer: its activation.
        W: (n[l], n[l-1]), or (members, n[l], n[l-1]) where every member has an output layer of its own.
        b: (n[l], 1), or (members, n[l], 1).
        A_prev: (n[l-1], m); a SciPy sparse matrix is allowed.
        slope: (n[l], 1) learned slopes α: A = Z + α (g(Z) - Z).
        mask: (n[l], m) of dropout: A ← A ∘ mask.

    Returns:
        A (n[l], m) and the cache for `backward_block`.
    """
    Z = _affine(W, b, A_prev)
    G = activation(layer.activation).value(Z)
    A = G if slope is None else Z + slope * (G - Z)
    A = A if mask is None else A * mask
    return A, BlockCache(A_prev, W, Z, G, slope, mask)


def backward_block(layer: Dense, dA: Array, cache: BlockCache) -> tuple[Array, Array, Array, Array | None]:
    """One layer backward: dZ = dA ∘ g'(Z); dW = dZ A_prevᵀ; db = Σ dZ; dA_prev = Wᵀ dZ.

    Returns:
        dA_prev (n[l-1], m), dW and db in the shapes of W and b, and the derivative of the slopes (or None).
    """
    dZ, dslope = through_activation(layer, dA, cache)
    dW, db = affine_gradients(dZ, cache)
    return affine_input_gradient(dZ, cache.W), dW, db, dslope


def through_activation(layer: Dense, dA: Array, cache: BlockCache) -> tuple[Array, Array | None]:
    """Back through mask, learned slope and activation: dZ (n[l], m) from dA; and dα of the slopes, or None."""
    g, Z, G = activation(layer.activation), cache.Z, cache.G
    dA = dA if cache.mask is None else dA * cache.mask
    if cache.slope is None:
        return g.backward(dA, Z, G), None
    α = cache.slope
    dα = namespace(dA).sum(dA * (G - Z), axis=1, keepdims=True)
    return (1 - α) * dA + g.backward(α * dA, Z, G), dα


def _affine(W: Array, b: Array, A: Array) -> Array:
    if W.ndim == 2:
        return W @ A + b
    return join_members(W @ split_members(A, W.shape[0]) + b)


def affine_gradients(dZ: Array, cache: BlockCache) -> tuple[Array, Array]:
    """Back to the parameters: dW = dZ A_prevᵀ and db = Σ dZ over the examples, in the shapes of W and b."""
    xp = namespace(dZ)
    A = cache.A_prev
    if cache.W.ndim == 2:
        return dZ @ A.T, xp.sum(dZ, axis=1, keepdims=True)
    members = cache.W.shape[0]
    dZ = split_members(dZ, members)
    return dZ @ xp.matrix_transpose(split_members(A, members)), xp.sum(dZ, axis=2, keepdims=True)


def affine_input_gradient(dZ: Array, W: Array) -> Array:
    """∂J/∂A_prev = Wᵀ dZ, (n[l-1], m)."""
    if W.ndim == 2:
        return W.T @ dZ
    return join_members(namespace(W).matrix_transpose(W) @ split_members(dZ, W.shape[0]))


def split_members(A: Array, members: int) -> Array:
    """(n, members·m) → (members, n, m)."""
    xp = namespace(A)
    return xp.permute_dims(xp.reshape(A, (A.shape[0], members, A.shape[1] // members)), (1, 0, 2))


def join_members(A: Array) -> Array:
    """(members, n, m) → (n, members·m)."""
    xp = namespace(A)
    return xp.reshape(xp.permute_dims(A, (1, 0, 2)), (A.shape[1], A.shape[0] * A.shape[2]))
