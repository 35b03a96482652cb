"""What a training says where its numbers went astray: what happened, the usual cause, what to try."""

from __future__ import annotations

from gradatim.engines.contract import Plan
from gradatim.formulas.arrays import Array

ROSE, TREMBLED = 1.5, 0.01
"""A training loss so many times that of the start has risen, unless by less than this: units are ln 2 for the toss of a
coin, and ½ for numbers of standard deviation 1."""


def on_divergence(epoch: int, bad_step: int, plan: Plan, learning_rate: float, X: Array, place: str) -> str:
    """Something was infinite or NaN.

    Args:
        epoch: counted from 1.
        bad_step: of the epoch, counted from 0.
        plan: of the epoch.
        learning_rate: the base rate.
        X: (m, inputs) the table.
        place: where in the network, in words.
    """
    return (
        f"The loss must stay finite. It became infinite or NaN in epoch {epoch}, step {bad_step + 1} of {plan.steps}, "
        f"{place}. "
        f"Usual causes: learning_rate={float(plan.learning_rate[bad_step]):.3g} is too large, or X is not scaled "
        f'(largest |X| = {_largest(X):.3g}). Try learning_rate={learning_rate / 10:.3g}, or encoding="auto".'
    )


def on_rise(before: float, loss: float, epoch: int, learning_rate: float) -> str:
    """The best epoch's training loss is far above that before the first step; nothing where it is not.

    Args:
        before: the first step.
        loss: of the best epoch.
        epoch: the best.
        learning_rate: the base rate.

    Example:
        >>> on_rise(0.7, 2.5, epoch=3, learning_rate=1.0)
        ' The loss rose: it was 0.7 before the first step, and 2.5 in epoch 3. Usual cause: learning_rate=1 is ...'
        >>> on_rise(0.7, 0.8, epoch=3, learning_rate=1.0)
        ''
    """
    if not (loss > ROSE * before and loss > before + TREMBLED):
        return ""
    return (
        f" The loss rose: it was {before:.3g} before the first step, and {loss:.3g} in epoch {epoch}. Usual cause: "
        f"learning_rate={learning_rate:.3g} is too large. Try learning_rate={learning_rate / 10:.3g}."
    )


def _largest(X: Array) -> float:
    return float(abs(X).max()) if X.shape[0] and X.shape[1] else 0.0
