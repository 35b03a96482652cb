"""What "auto" stands for: how many rows a step takes, and how often a training sees each row.

Conventions
-----------
* rows are the training rows. A number that somebody asked for is left as it is.
* Up to 10,000 rows the strong recipe sees each 96 times, in batches of 64. Beyond, f = √(rows / 10,000) goes into both:
  96/f epochs, and batches of about 64·f rows.

The paper's recipe sees every row 256 times in batches of 256. On 12 tables of 500 to 2,000 rows, 3 splits each, 96
epochs in batches of 64 had errors 2.4 % smaller (geometric mean) in 0.42 of the time, and 64 epochs had errors 1.7 %
larger. On 8 tables of 6,000 rows, one split, 96 epochs had errors 1.5 % smaller in 0.41 of the time. Of 30,000 rows of
four tables, 32 epochs in batches of 128 had errors 6 % larger than 96 in batches of 64. The page is
`docs/decisions/017-the-strong-recipe.md`.
"""

from __future__ import annotations

from math import log2, sqrt

MANY_ROWS = 10_000


def plain_batch(rows: int) -> int:
    """A power of two near rows / 32, from 32 to 256: small tables keep enough steps an epoch, large ones are quick.

    Example:
        >>> plain_batch(100), plain_batch(5_000), plain_batch(10**6)
        (32, 128, 256)
    """
    return int(2 ** min(max(round(log2(max(rows, 1) / 32)), 5), 8))


def plain_epochs(rows: int) -> int:
    """As many as patience allows: 200 at most."""
    return 200


def strong_batch(rows: int) -> int:
    """64 rows up to 10,000 in all, then a power of two near 64·f.

    Example:
        >>> strong_batch(500), strong_batch(40_000), strong_batch(10**6)
        (64, 128, 512)
    """
    return int(64 * 2 ** round(log2(_f(rows))))


def strong_epochs(rows: int) -> int:
    """96 up to 10,000 rows, then 96/f.

    Example:
        >>> strong_epochs(500), strong_epochs(40_000), strong_epochs(10**6)
        (96, 48, 10)
    """
    return max(round(96 / _f(rows)), 1)


def _f(rows: int) -> float:
    return sqrt(max(rows / MANY_ROWS, 1.0))
