"""Numbers as a trace writes them: those of `gradatim.drawing`, behind a sign, and probabilities of nearly 1."""

from __future__ import annotations

from gradatim.drawing import number_text


def bracket(number: float) -> str:
    """A number that stands behind a sign.

    Example:
        >>> bracket(0.5), bracket(-0.5)
        ('0.5', '(−0.5)')
    """
    return f"({number_text(number)})" if number < 0 else number_text(number)


def probability_text(p: float) -> str:
    """A probability of nearly 1 with more digits than `number_text` has: its logarithm is at stake.

    Example:
        >>> probability_text(0.5), probability_text(0.999964), probability_text(1 - 2e-9), probability_text(1.0)
        ('0.5', '0.999964', '1 − 2e−9', '1')
    """
    if not 0.99 < p < 1:
        return number_text(p)
    text = number_text(p, 7)
    return text if text != "1" else f"1 − {number_text(1 - p, 2)}"
