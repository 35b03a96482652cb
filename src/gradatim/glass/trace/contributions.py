"""What makes up the score of a unit: z = Σ w·a + b, part by part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradatim.drawing import number_text
from gradatim.formulas.arrays import Array
from gradatim.glass.trace.origins import grouped


@dataclass(frozen=True, eq=False)
class Contributions:
    """A sum, part by part: of a score Z[l], or of a dA[l].

    Attributes:
        total_name: what they add up to: "Z[1] unit 3".
        names: (k,) where each part comes from: an encoded column, or a unit of the layer before.
        raws: (k,) the table's column behind each; the names themselves beyond the first layer.
        w: (k,) the weights.
        a: (k,) what they are multiplied by.
        b: the bias that is added; None where there is none.
        bias: what it is called.

    Example:
        >>> w, a = np.array([2.0, -1.0]), np.array([3.0, 1.0])
        >>> parts = Contributions("Z[1] unit 1", ("x", "y"), ("x", "y"), w, a, b=0.5)
        >>> parts.values, parts.total
        (array([ 6., -1.]), 5.5)
    """

    total_name: str
    names: tuple[str, ...]
    raws: tuple[str, ...]
    w: Array
    a: Array
    b: float | None = None
    bias: str = "b"

    @property
    def values(self) -> Array:
        """(k,) the parts, w·a."""
        return np.asarray(self.w * self.a)

    @property
    def total(self) -> float:
        """What they add up to, the bias included."""
        return float(np.sum(self.values)) + (self.b or 0.0)

    @property
    def order(self) -> Array:
        """(k,) places, the largest part first, whatever its sign."""
        return np.argsort(-np.abs(self.values), kind="stable")

    def by_column(self) -> dict[str, float]:
        """The parts of each raw column added up, the largest first: one-hot and embedded columns folded back."""
        values = self.values
        sums = {raw: float(values[places].sum()) for raw, places in grouped(self.raws).items()}
        return dict(sorted(sums.items(), key=lambda found: -abs(found[1])))

    def __str__(self) -> str:
        parts = " + ".join(f"{number_text(self.w[k])} · {number_text(self.a[k])}" for k in self.order[:3])
        more = f" + … ({len(self.names) - 3:,} more)" if len(self.names) > 3 else ""
        bias = "" if self.b is None else f" + {number_text(self.b)}"
        return f"{self.total_name} = {parts}{more}{bias} = {number_text(self.total)}"
