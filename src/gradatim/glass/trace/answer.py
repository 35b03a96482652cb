"""The end of the way forward: what the network says, in the table's own classes and units, and how wrong it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gradatim.drawing import number_text as n
from gradatim.formulas.arrays import Array
from gradatim.formulas.losses import CategoricalLogLoss, HalfSquaredError, LogLoss
from gradatim.glass.trace.numbers import bracket, probability_text
from gradatim.glass.trace.origins import readable
from gradatim.glass.trace.passes import Trace
from gradatim.glass.trace.sections import Cells, Equation, Grid, Part, Sentence
from gradatim.model import Ensemble
from gradatim.model.ensemble import networks_of
from gradatim.tables import ClassTarget, NumberTarget

SEVERAL = 40
"""Members or networks that are listed before the rest is folded away."""


def output_text(t: Trace, a: float) -> str:
    """A number of A[L]: where it is a probability, with enough digits."""
    return n(a) if isinstance(t.model.target, NumberTarget) else probability_text(a)


def says(t: Trace) -> Iterator[Part]:
    """What the last A is in words: of members their mean, and of an ensemble what each network says."""
    output = t.output[:, 0]
    if t.model.architecture.members > 1:
        of_members = t.forward.A[t.L].reshape(len(output), -1).T
        rows = _said_by("member", [_listed(t, A) for A in of_members], _listed(t, output))
        yield Grid("The network says the mean of its members", ("member", f"A[{t.L}]"), rows, SEVERAL)
    yield from _answer(t, output)
    if t.ensemble is not None:
        yield from _ensemble_says(t, t.ensemble)


def _ensemble_says(t: Trace, ensemble: Ensemble) -> Iterator[Part]:
    models = networks_of(ensemble)
    each = [model.outputs(t.table) for model in models]
    units = [m.target.decode(A) if isinstance(m.target, NumberTarget) else A for m, A in zip(models, each, strict=True)]
    mean = ensemble.mean_of(each)
    rows = _said_by("network", [_listed(t, A[0]) for A in units], _listed(t, mean[0]))
    yield Grid("The ensemble says the mean of its networks", ("network", "says"), rows, SEVERAL)
    yield Sentence(f"So the ensemble predicts {_readable_of(ensemble.target.decode(mean)[0])}.")


def _listed(t: Trace, outputs: Array) -> str:
    return " ".join(output_text(t, a) for a in outputs)


def _said_by(what: str, each: Sequence[str], mean: str) -> tuple[Cells, ...]:
    return (*((f"{what} {k}", words) for k, words in enumerate(each, start=1)), ("mean", mean))


def _readable_of(decoded: Any) -> str:
    """A prediction, or those of several targets."""
    values = np.atleast_1d(decoded).tolist()
    return ", ".join(n(value, 7) if isinstance(value, float) else readable(value) for value in values)


def _answer(t: Trace, output: Array) -> Iterator[Part]:
    """How A[L] becomes a class, or a number in its own unit."""
    target = t.model.target
    match target:
        case NumberTarget():
            yield from _numbers(target, output)
        case ClassTarget() if target.outputs > 1:
            best = int(output.argmax())
            yield Sentence(
                f"The largest of the {len(output)} probabilities is {probability_text(output[best])}: "
                f"{readable(target.name)} is predicted to be {readable(target.classes[best])}."
            )
        case _:
            for one, p in zip([target] if isinstance(target, ClassTarget) else target.columns, output, strict=True):
                positive = one.classes[-1] if one.positive is None else one.positive
                side = "above" if p > 0.5 else "not above"
                yield Sentence(
                    f"The probability that {readable(one.name)} is {readable(positive)} is {probability_text(p)}, "
                    f"{side} ½: predicted is {readable(one.decode([[p]])[0])}."
                )


def _numbers(target: NumberTarget, output: Array) -> Iterator[Part]:
    decoded = target.decode(output[None])[0]
    for name, a, mean, std, y in zip(target.names, output, target.mean, target.std, decoded, strict=True):
        clip = "" if np.isclose(a * std + mean, y, rtol=1e-9, atol=0) else ", kept within the range of training"
        numbers = f"{n(mean, 7)} + {n(std, 7)} · {bracket(a)} = {n(y, 7)}{clip}"
        yield Equation(f"{readable(name)} = mean + sd · A = {numbers}")


def loss_of(t: Trace) -> Iterator[Part]:
    """How wrong that is; the target must be known."""
    loss, L, A, Y = t.network.loss, float(t.losses[0]), t.A[t.L][:, 0], t.Y[:, 0] if t.Y is not None else np.zeros(0)
    smooth = getattr(loss, "label_smoothing", 0.0)
    numbers = ""
    if isinstance(loss, LogLoss) and len(A) == 1 and not smooth:
        yield Equation("L(ŷ, y) = −(y ln ŷ + (1 − y) ln(1 − ŷ)), ŷ = A[L]")
        numbers = f"−ln({probability_text(A[0])})" if Y[0] == 1 else f"−ln(1 − {probability_text(A[0])})"
    elif isinstance(loss, CategoricalLogLoss) and not smooth:
        yield Equation("L(ŷ, y) = −Σ y ln ŷ, ŷ = A[L]; y is 1 for the right class")
        numbers = f"−ln({probability_text(A[int(Y.argmax())])})"
    elif isinstance(loss, HalfSquaredError):
        yield Equation("L(ŷ, y) = ½ (ŷ − y)², ŷ = A[L], y = (target − mean) / sd")
        squares = [f"({n(a)} − {bracket(y)})²" for a, y in zip(A[:4], Y[:4], strict=True)]
        numbers = f"½ {squares[0]}" if len(A) == 1 else f"½ ({' + '.join(squares)}{' + …' if len(A) > 4 else ''})"
    else:
        smoothed = f", targets smoothed by {n(smooth)}" if smooth else ""
        yield Equation(f"L(ŷ, y): {loss.name}, ŷ = A[L]{smoothed}")
    yield Equation(f"L = {numbers} = {n(L)}" if numbers else f"L = {n(L)}")
