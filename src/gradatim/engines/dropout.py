"""Which units dropout keeps: random bits that depend on where they are used, not on what was drawn before.

Conventions
-----------
* A bit pattern is a function of (key, step, layer, column in the batch, unit). No generator has a state, so a batch may
  be cut into slices, an epoch into spans, and an engine may draw a mask twice instead of keeping it.
* Columns are counted in the batch as the layer sees it: with members, member 0's examples stand first.
* A unit is kept where its 32 bits, read as a number in [0, 1), are at least the rate.

Source: counter-based generators, Salmon et al. 2011 ("Parallel random numbers: as easy as 1, 2, 3"). The key goes
through SplitMix64 (Steele et al. 2014); the counter through two rounds of a 32-bit mixer with the constants of Wellons
2018 ("Prospecting for hash functions"): 32-bit products are what vector units of ordinary processors have.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MASK_64 = (1 << 64) - 1


def keep_mask(key: int, step: int, layer: int, columns: int, units: int, rate: float) -> NDArray[np.bool_]:
    """True where a unit is kept.

    Args:
        key: of this training, 64 bits.
        step: optimizer steps done since the start of training.
        layer: number l of the dense layer whose activations are masked.
        columns: examples in the batch (times members).
        units: n[l].
        rate: the share to drop, in [0, 1).

    Returns:
        (units, columns) booleans.

    Example:
        >>> keep_mask(key=1, step=0, layer=1, columns=10_000, units=10, rate=0.25).mean().round(2)
        np.float64(0.75)
    """
    bits = random_bits(key, step, layer, columns, units)
    return bits >= round(rate * 2**32)  # a Python integer: close below 1 it is 2³², which no uint32 holds


def random_bits(key: int, step: int, layer: int, columns: int, units: int) -> NDArray[np.uint32]:
    """(units, columns) patterns of 32 random bits."""
    stream = _splitmix64(_splitmix64(_splitmix64(key) ^ step) ^ layer)
    counter = np.arange(columns, dtype=np.uint32) * np.uint32(units) + np.arange(units, dtype=np.uint32)[:, None]
    return _mix(_mix(counter ^ np.uint32(stream & 0xFFFFFFFF)) ^ np.uint32(stream >> 32))


def _splitmix64(x: int) -> int:
    x = (x + 0x9E3779B97F4A7C15) & _MASK_64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK_64
    return x ^ (x >> 31)


def _mix(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))
