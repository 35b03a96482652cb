"""The arrays of other libraries, for tests that the same lines give NumPy's numbers on them."""

import numpy as np
import pytest


def _strict():
    xp = pytest.importorskip("array_api_strict")
    return xp.asarray, np.asarray


def _torch():
    torch = pytest.importorskip("torch", reason="PyTorch comes with the extra [oracles]")
    return torch.asarray, lambda a: a.numpy()


def _jax():
    jax = pytest.importorskip("jax", reason="JAX comes with the extra [oracles]")
    jax.config.update("jax_enable_x64", True)  # or float64 would become float32 without a word
    return jax.numpy.asarray, np.asarray


LIBRARIES = {"array-api-strict": _strict, "PyTorch": _torch, "JAX": _jax}
"""By name: a function that gives (to arrays of that library, of the same dtype; back to NumPy), or skips."""
