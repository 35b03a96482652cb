"""Tables and settings that several tests use."""

from __future__ import annotations

import numpy as np
import polars as pl

from gradatim.model import Settings
from gradatim.tables import Table
from gradatim.tables.images import pixel_names

M = 40


def mixed_table():
    """Numbers with holes, two and twelve levels, booleans, dates."""
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=M), 50 + 9 * rng.normal(size=M)
    dates = pl.date_range(pl.date(2020, 1, 5), pl.date(2023, 12, 31), interval="35d", eager=True).head(M)
    return pl.DataFrame(
        {
            "x": x,
            "z": [None if k % 7 == 0 else value for k, value in enumerate(z)],
            "sex": np.where(x > 0, "f", "m"),
            "city": [f"city {k % 12}" for k in range(M)],
            "member": x > 0.5,
            "since": dates,
        }
    )


def settings(preset="plain", **others):
    base = {"hidden_widths": (5, 4), "max_epochs": 2, "random_state": 0, "engine": "textbook"}
    return Settings(preset, **base | others)


def pictures():
    shape = (4, 3, 3)
    block = np.random.default_rng(1).integers(0, 256, (M, 36), dtype=np.uint8)
    return Table(pl.DataFrame(), block, pixel_names(shape), image_shape=shape)


NUMBERS = np.random.default_rng(0).normal(100, 15, M)
THREE = np.array(["a", "b", "c"])[np.arange(M) % 3]
TWO = np.array(["no", "yes"])[np.arange(M) % 2]
