"""Descent as the course's ``model`` functions do it: iteration after iteration, the cost noted every hundred.

Conventions
-----------
* An iteration is one pass over the examples: a single step on all of them, or with batches a step per batch.
* Its cost is Σ L / m, each example's loss taken before the step that it is part of, without penalties.
* The steps are the engine's (`gradatim.engines.textbook.train`); here only their order and the costs are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from sys import float_info
from typing import TypeGuard

import numpy as np

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Plan, Problem, Rows, State
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array

LearningRate = float | Callable[[int], float]
"""A number, or a function iteration → number (which is how a schedule is written here)."""

Batches = int | Callable[[int], Sequence[Array]] | None
"""None: all examples at once. A size: shuffled anew in each iteration. A function: iteration → arrays of indices."""


class Costs(list[float]):
    """Costs in order; ``iterations`` says to which iterations they belong.

    Example:
        >>> costs = Costs()
        >>> costs.note(0, 0.7)
        >>> costs.note(99, 0.3)
        >>> costs, costs.iterations
        ([0.7, 0.3], [0, 99])
    """

    def __init__(self) -> None:
        super().__init__()
        self.iterations: list[int] = []

    def note(self, iteration: int, cost: float) -> None:
        """Add the cost of an iteration."""
        self.append(cost)
        self.iterations.append(iteration)


@dataclass(frozen=True)
class Descent:
    """Where a descent ended.

    Attributes:
        vector: (P,) the last parameters that were finite.
        costs: the costs noted.
        diverged: the iteration whose cost, gradient or new parameters were not finite, or None.
    """

    vector: Array
    costs: Costs
    diverged: int | None


def descend(
    problem: Problem,
    vector: Array,
    data: Data,
    learning_rate: LearningRate,
    iterations: int,
    record_every: int,
    print_every: int | None,
    batches: Batches,
    seed: int,
) -> Descent:
    """Run the iterations; stop early only where a number is no longer finite.

    Args:
        problem: what is to be made small, and by which optimizer.
        vector: (P,) the parameters to start from.
        data: the examples as rows.
        learning_rate: of every step, or of iteration k by a function.
        iterations: how many passes over the examples.
        record_every: note the cost of iterations 0, record_every, 2·record_every …, and of the last.
        print_every: print it as well; None prints nothing.
        batches: see `Batches`.
        seed: of the shuffling where `batches` is a size.

    Raises:
        InputError: if a number makes no sense or the optimizer does not go step by step.
    """
    for name, value in {"iterations": iterations, "record_every": record_every, "print_every": print_every}.items():
        if not (_is_whole(value) and value >= 1) and (value is not None or name != "print_every"):
            raise InputError(f"descend: {name} must be a whole number of 1 or more. Got {value!r}.")
    if reason := textbook.unsupported(problem):
        raise InputError(f"descend: the optimizer must go step by step. Got one that cannot: {reason}.")
    state = textbook.initial_state(problem, vector)
    order = _order(batches, data.m, seed)
    costs = Costs()
    for k in range(iterations):
        state, cost = _pass_over_examples(problem, state, data, order(k), _rate(learning_rate, k))
        if cost is None:
            return Descent(state.vector, costs, k)
        if k % record_every == 0 or k == iterations - 1:
            costs.note(k, cost)
        if print_every and (k % print_every == 0 or k == iterations - 1):
            print(f"Cost after iteration {k}: {cost}")
    return Descent(state.vector, costs, None)


def as_rate(rate: float, who: str, where: str = "") -> float:
    """A learning rate, or an error that says what is wrong with it.

    Args:
        rate: a number.
        who: asks for it; messages begin with this.
        where: more on where it was found, with a comma in front.

    Raises:
        InputError: if it is not a finite number of 0 or more.
    """
    if isinstance(rate, bool) or not isinstance(rate, Real) or not abs(rate) <= float_info.max:
        raise InputError(f"{who}: learning_rate must be a finite number. Got {rate!r}{where}. Take one like 0.01.")
    if rate < 0:
        raise InputError(
            f"{who}: learning_rate must be 0 or more. Got {rate!r}{where}. The minus stands in W - α dW already: "
            f"a negative rate climbs. Try {-rate!r}."
        )
    return float(rate)


def _rate(learning_rate: LearningRate, k: int) -> float:
    """The learning rate of iteration k."""
    if callable(learning_rate):
        return as_rate(learning_rate(k), "descend", f", in iteration {k}")
    return as_rate(learning_rate, "descend")


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _pass_over_examples(
    problem: Problem, state: State, data: Data, batches: Iterable[Rows], rate: float
) -> tuple[State, float | None]:
    """One iteration: the new state and Σ L / m, or None where a step was not finite."""
    assert problem.optimizer is not None
    decay = problem.optimizer.weight_decay
    loss_sum, examples = 0.0, 0
    for rows in batches:
        m = data.m if isinstance(rows, slice) else len(rows)
        step = Plan(rows, m, batch_size=m, learning_rate=(rate,), decay=(decay,), dropout=(0.0,))
        state, batch_loss, bad = textbook.train(problem, state, data, step, 0, 1)
        if bad is not None:
            return state, None
        loss_sum, examples = loss_sum + batch_loss, examples + m
    return state, loss_sum / examples


def _order(batches: Batches, m: int, seed: int) -> Callable[[int], Iterable[Rows]]:
    """The batches of iteration k, as a function of k."""
    if batches is None:
        return lambda k: (slice(0, m),)
    if callable(batches):
        given = batches
        return lambda k: _checked_batches(given(k), k, m)
    if not _is_whole(batches) or batches < 1:
        raise InputError(
            f"descend: batches must be None, a size of 1 or more, or a function of the iteration. Got {batches!r}."
        )
    size, rng = int(batches), np.random.RandomState(seed)
    return lambda k: np.split(rng.permutation(m), range(size, m, size))


def _checked_batches(batches: Sequence[Array], k: int, m: int) -> list[Array]:
    given = list(batches) if isinstance(batches, Iterable) else []
    if not given:
        raise InputError(
            f"descend: batches({k}) must give a list of one or more arrays of indices. Got {batches!r}. "
            "An iteration without examples has no cost: end the training by iterations."
        )
    return [_checked(rows, k, m) for rows in given]


def _checked(rows: Array, k: int, m: int) -> Array:
    rows = np.asarray(rows)
    if rows.ndim != 1 or rows.size == 0 or rows.dtype.kind not in "iu" or rows.min() < 0 or rows.max() >= m:
        raise InputError(
            f"descend: batches({k}) must give arrays of indices, each of 0 to {m - 1}. "
            f"Got one of shape {rows.shape}, {rows.dtype}."
        )
    return rows
