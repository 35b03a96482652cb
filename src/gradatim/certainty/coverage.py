"""Split conformal prediction: how far to go so that new rows are held as often as asked, whatever the model is worth.

Conventions
-----------
* A score says how strange a row would be with this label or number: small is usual. What lies within the quantile of
  the scores of own rows is kept.
* If own rows and a new one come from the same source, in any order, then the new one is held with probability at least
  the coverage asked, and at most 1 / (n + 1) above it where no two scores are equal. That is over own rows and new ones
  together: given the own rows, the share of new ones that is held varies, as `spread` says.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, inf

import numpy as np

from gradatim.errors import InputError, number
from gradatim.formulas.arrays import Array


def rank(rows: int, coverage: float) -> int:
    """⌈(n + 1) coverage⌉, exactly: 0.1 · 3 is more than 0.3 in floating point, and would go one too far.

    Example:
        >>> rank(99, 0.9), rank(19, 0.95), rank(5, 0.9)
        (90, 19, 6)
    """
    return ceil((rows + 1) * Fraction(str(float(coverage))))


def conformal_quantile(scores: Array, coverage: float) -> float:
    """The ⌈(n + 1) coverage⌉-th smallest of n scores; infinity where there are not so many.

    Example:
        >>> conformal_quantile(np.arange(1.0, 20.0), 0.9)
        18.0

    Source: Vovk, Gammerman & Shafer 2005 (Algorithmic learning in a random world), section 2.2; Lei et al. 2018 (arXiv
    1604.04173), algorithm 2.
    """
    k = rank(len(scores), coverage)
    return inf if k > len(scores) else float(np.partition(scores, k - 1)[k - 1])


def check(who: str, coverage: float, rows: int) -> None:
    """Refuse a coverage outside (0, 1), and one that so few rows cannot promise.

    Raises:
        InputError: in both cases.
    """
    number(who, "coverage", coverage, above=True, below=1)
    if rank(rows, coverage) > rows:
        share = Fraction(str(float(coverage)))
        raise InputError(
            f"{who}: a coverage of {coverage:g} must have {ceil(share / (1 - share)):,} rows of your own or more. Got "
            f"{rows:,}: everything would have to be held. Take more rows, or less coverage."
        )


def spread(rows: int, coverage: float, share: float = 0.9) -> tuple[float, float]:
    """Between which numbers the true coverage lies, for this share of all draws of own rows.

    It has the distribution Beta(k, n + 1 - k) with k = ⌈(n + 1) coverage⌉, where no two scores are equal.

    Example:
        >>> low, high = spread(1000, 0.9)
        >>> round(low, 3), round(high, 3)
        (0.884, 0.915)

    Source: Vovk 2012 (Conditional validity of inductive conformal predictors), proposition 2.
    """
    from scipy.stats import beta

    k = rank(rows, coverage)
    low, high = beta.interval(share, k, rows + 1 - k)
    return float(low), float(high)
