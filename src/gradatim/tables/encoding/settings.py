"""The settings of an encoding, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Literal

import numpy as np

from gradatim.errors import InputError
from gradatim.tables.encoding.columns import require_kinds

CLIP = 3.0

MOST_LEVELS = 4096
"""Encoding looks up one-hot rows in a table of their square."""


@dataclass(frozen=True)
class Encoding:
    """How tables become numbers.

    Attributes:
        numbers: "robust" (median and interquartile range), "standard" (mean and standard deviation), or "none".
        clip: numbers are smoothly kept within ±clip after scaling; None leaves them. "auto" is 3, or None for a model
            without hidden layers. Without effect where numbers are "none".
        max_levels: one-hot columns of a category, at most, from 1 to 4,096; rarer levels count as unknown.
        embed_above: categories of more levels become codes for learned embeddings; None never. "auto" is 8 in front
            of a network of the strong preset, else None.
        dtype: "float32" or "float64".
        kinds: overrules the kind of columns, by name or by a pattern such as ``px*``: one of
            `gradatim.tables.encoding.columns.KINDS`.

    Raises:
        InputError: for a value that none of these can be.
    """

    numbers: str = "robust"
    clip: float | Literal["auto"] | None = "auto"
    max_levels: int = 100
    embed_above: int | Literal["auto"] | None = "auto"
    dtype: str = "float32"
    kinds: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if self.numbers not in ("robust", "standard", "none"):
            raise InputError(f'Encoding: numbers must be "robust", "standard" or "none". Got {self.numbers!r}.')
        if (
            self.clip is not None
            and self.clip != "auto"
            and not (isinstance(self.clip, Real) and 0 < self.clip < np.inf)
        ):
            raise InputError(f'Encoding: clip must be a number above 0, None or "auto". Got {self.clip!r}.')
        if not 1 <= self.max_levels <= MOST_LEVELS:
            raise InputError(
                f"Encoding: max_levels must be 1 to {MOST_LEVELS:,}. Got {self.max_levels}. One-hot rows take numbers "
                "by the square of it: for columns of more levels set embed_above, and they become learned embeddings."
            )
        if self.embed_above not in (None, "auto") and not (
            isinstance(self.embed_above, Integral) and self.embed_above >= 0
        ):
            raise InputError(f'Encoding: embed_above must be 0 or more, None or "auto". Got {self.embed_above!r}.')
        if self.dtype not in ("float32", "float64"):
            raise InputError(f'Encoding: dtype must be "float32" or "float64". Got {self.dtype!r}.')
        if self.kinds is not None:
            require_kinds(self.kinds)
            object.__setattr__(self, "kinds", dict(self.kinds))  # a copy of its own: settings never change

    @property
    def clip_in_use(self) -> float | None:
        """The clip, "auto" as in front of hidden layers."""
        return CLIP if self.clip == "auto" else self.clip

    @property
    def embed_above_in_use(self) -> int | None:
        """The number of levels, "auto" as for no embeddings."""
        return None if self.embed_above == "auto" else self.embed_above

    @classmethod
    def of(
        cls,
        encoding: str | Encoding | None,
        dtype: str = "float32",
        *,
        linear: bool = False,
        embed_above: int | None = None,
    ) -> Encoding:
        """The settings by name: "auto" is the default, None takes numbers as they are, an `Encoding` is itself.

        Whatever it is, what is "auto" in it becomes what it stands for.

        Args:
            encoding: a name, None or an object.
            dtype: of the encoded numbers.
            linear: whether a model without hidden layers reads them. A clip that is "auto" is then left out, as it
                bends columns: a line through bent columns is no line, and a network would win on data that are linear.
            embed_above: what "auto" stands for there.

        Raises:
            InputError: for anything else.
        """
        if encoding is None:
            encoding = cls(numbers="none", clip=None, dtype=dtype)
        if encoding == "auto":
            encoding = cls(dtype=dtype)
        if not isinstance(encoding, Encoding):
            raise InputError(f'encoding must be "auto", an Encoding, or None. Got {encoding!r}.')
        clip = None if linear and encoding.clip == "auto" else encoding.clip_in_use
        return replace(
            encoding, clip=clip, embed_above=embed_above if encoding.embed_above == "auto" else encoding.embed_above
        )
