"""What a training says where its numbers went astray: what happened, the usual cause, what to try."""

from __future__ import annotations

from typing import Any

from gradatim.engines.contract import Plan
from gradatim.formulas.arrays import Array
from gradatim.settings import PRESETS, Settings

ROSE, TREMBLED = 1.5, 0.01
"""A training loss so many times that of the start has risen, unless by less than this: units are ln 2 for the toss of a
coin, and ½ for numbers of standard deviation 1."""

LARGEST_RATE = 3.0
"""Gradient descent on scaled numbers can do with rates of 1 or 2. Beyond, a tenth would often be too large as well."""

LARGEST_X = 100.0
"""Scaled numbers are rarely beyond."""


def on_divergence(epoch: int, bad_step: int, plan: Plan, settings: Settings, X: Array, place: str) -> str:
    """Something was infinite or NaN.

    Args:
        epoch: counted from 1.
        bad_step: of the epoch, counted from 0.
        plan: of the epoch.
        settings: of the training.
        X: (m, inputs) the table, encoded.
        place: where in the network, in words.
    """
    rate, better = float(settings.learning_rate), _better_rate(settings)  # what can be set: not a step's, by schedule
    cause, cure = _about_scale(settings.encoding, _largest(X))
    return (
        f"The loss must stay finite. It became infinite or NaN in epoch {epoch}, step {bad_step + 1} of {plan.steps}, "
        f"{place}. Usual cause{'s' if cause else ''}: learning_rate={rate:.3g} is too large{cause}. "
        f"Try learning_rate={better:.3g}{cure}."
    )


def on_rise(before: float, loss: float, epoch: int, settings: Settings) -> str:
    """The best epoch's training loss is far above that before the first step; nothing where it is not.

    Args:
        before: the first step.
        loss: of the best epoch.
        epoch: the best.
        settings: of the training.

    Example:
        >>> on_rise(0.7, 2.5, epoch=3, settings=Settings(learning_rate=1.0))
        ' The loss rose: it was 0.7 before the first step, and 2.5 in epoch 3. Usual cause: learning_rate=1 is ...'
        >>> on_rise(0.7, 0.8, epoch=3, settings=Settings(learning_rate=1.0))
        ''
    """
    if not (loss > ROSE * before and loss > before + TREMBLED):
        return ""
    return (
        f" The loss rose: it was {before:.3g} before the first step, and {loss:.3g} in epoch {epoch}. Usual cause: "
        f"learning_rate={settings.learning_rate:.3g} is too large. Try learning_rate={_better_rate(settings):.3g}."
    )


def on_standstill(plan: Plan) -> str:
    """No parameter that is kept differs from what it was before the first step.

    Args:
        plan: of the last epoch.

    Source: the schedule of RealMLP, coslog, gives its first step a rate of 0 (Holzmüller et al. 2024, arXiv 2407.04491,
        appendix A): a training of one step is none, there as here.
    """
    if not any(plan.learning_rate):
        return (
            " No step moved the network: every rate was 0, as that of a schedule's first step may be. Allow more steps."
        )
    return " No step moved the network: it is as it was before the first."


def _better_rate(settings: Settings) -> float:
    """A tenth of the rate, or what the preset has, where a tenth of a wild one would be wild as well."""
    if settings.learning_rate <= LARGEST_RATE:
        return float(settings.learning_rate) / 10
    return min(float(preset["learning_rate"]) for preset in PRESETS[settings.preset].values())


def _about_scale(encoding: Any, largest: float) -> tuple[str, str]:
    """What else may have caused it, and helps; nothing where X is scaled, and nothing in it stands far out."""
    if encoding is None or getattr(encoding, "numbers", "robust") == "none":
        return f", or X is not scaled (largest |X| = {largest:.3g})", ', or encoding="auto"'
    if not largest <= LARGEST_X:  # in front of a model without hidden layers nothing is clipped
        return f", or X has outliers (largest scaled |X| = {largest:.3g})", ", or encoding=Encoding(clip=3)"
    return "", ""


def _largest(X: Array) -> float:
    return float(abs(X).max()) if X.shape[0] and X.shape[1] else 0.0
