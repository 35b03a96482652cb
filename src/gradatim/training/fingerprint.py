"""A number that tells one training from another: by all that its result depends on."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

import numpy as np

from gradatim.engines.contract import Data, Problem, State
from gradatim.formulas.arrays import Array
from gradatim.settings import Settings
from gradatim.training.validation import Validation

ROWS_AT_ONCE = 4096
"""Rows go in piece by piece: a table that is not C-contiguous has to be copied for it."""


def fingerprint(
    problem: Problem,
    start: State,
    data: Data,
    train_rows: Array,
    settings: Settings,
    rng: np.random.Generator,
    validation: Validation | None,
) -> str:
    """32 hexadecimal digits, the same for the same training in any process.

    What a validation computes is known by its name alone.

    Args:
        problem: as of `gradatim.training.fit_parameters`, and so are the others.
        start: the state before the first step.
        data: all of it.
        train_rows: which rows train.
        settings: resolved.
        rng: as it stands before the training.
        validation: rows and metric, or None.
    """
    judged = None if validation is None else (validation.name, validation.greater_is_better, validation.rows)
    digest = blake2b(digest_size=16)
    state = (start.vector, *start.moments, start.step, start.averaged)
    table = (data.X, data.codes, data.Y, data.weights)
    for part in (problem, settings, rng.bit_generator.state, *state, *table, train_rows, *(judged or ())):
        _feed(digest, part)
    return digest.hexdigest()


def _feed(digest: Any, part: Any) -> None:
    if hasattr(part, "tocsr"):
        part = part.tocsr()
        for array in (part.data, part.indices, part.indptr):
            _feed(digest, array)
        part = part.shape
    if isinstance(part, np.ndarray):
        digest.update(f"{part.dtype} {part.shape}\n".encode())
        for first in range(0, len(part), ROWS_AT_ONCE):
            digest.update(np.ascontiguousarray(part[first : first + ROWS_AT_ONCE]).tobytes())
    else:
        # A function is known by its name: where it lies in memory differs from process to process.
        digest.update(re.sub(r" at 0x[0-9a-fA-F]+", "", repr(part)).encode() + b"\n")
