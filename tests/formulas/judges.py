"""Two judges of formulas: the complex step, and the arrays of other libraries."""

import numpy as np
import pytest


def complex_step(f, Z, h=1e-200):
    """∂ Σ f(Z) / ∂Z, entry by entry, exact to the last digits: nothing is subtracted, so h can be tiny."""
    gradient = np.zeros_like(Z)
    for place in np.ndindex(Z.shape):
        nudged = Z.astype(np.complex128)
        nudged[place] += 1j * h
        gradient[place] = f(nudged).sum().imag / h
    return gradient


def _strict():
    xp = pytest.importorskip("array_api_strict")
    return lambda a: xp.asarray(a, dtype=xp.float32), np.asarray


def _torch():
    torch = pytest.importorskip("torch", reason="PyTorch comes with the extra [oracles]")
    return lambda a: torch.asarray(a, dtype=torch.float32), lambda a: a.numpy()


def _jax():
    jnp = pytest.importorskip("jax.numpy", reason="JAX comes with the extra [oracles]")
    return lambda a: jnp.asarray(a, dtype=jnp.float32), np.asarray


LIBRARIES = {"array-api-strict": _strict, "PyTorch": _torch, "JAX": _jax}
"""By name: a function that gives (to float32 arrays of that library, back to NumPy), or skips."""
