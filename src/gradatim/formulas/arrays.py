"""The array at the bottom of every formula: NumPy's, or any other that speaks the array API standard.

The formulas and the textbook engine ask an array for its own namespace (`xp`) and never name a library, so the same
lines run on NumPy, PyTorch, JAX and CuPy arrays.
"""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace as namespace

Array = Any
"""An array of any library. There is no common type to name: the standard defines behaviour, not a class."""

__all__ = ["Array", "namespace"]
