"""``gradatim try``: from a table and a grid of values to a ranking.

Conventions
-----------
* Test rows are set aside as `gradatim.fit` does it with the same seed, and are not touched: what is chosen here can
  still be tested there.
* A training draws from seed + number of its fold: all candidates of a fold begin alike, and no number depends on what
  else is tried, on how many processes there are, or on the clock.
* Trainings begin fold by fold, and within a fold in an order that is drawn: whenever the time is used up, the grid has
  been sampled evenly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from os import PathLike
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.ladder.folds import Fold, cut_folds
from gradatim.ladder.reading import Reading
from gradatim.ladder.rungs import RUNGS
from gradatim.ladder.scoring import require_score
from gradatim.model.outcomes import observed, told_of
from gradatim.model.training import resolved
from gradatim.runs.fitting import Task as WhatToPredict
from gradatim.runs.fitting import named_as_arguments, require_one_length
from gradatim.runs.problem import Understood, understood
from gradatim.settings import Settings, seed_of
from gradatim.tables import Encoding, NumberTarget
from gradatim.tables.examples import Examples, examples_of
from gradatim.trials.grid import Candidate, Values
from gradatim.trials.ranking import Trials, folds_to_compare, ranked
from gradatim.trials.training import FoldResult, FoldTable, Task, fold_table
from gradatim.trials.watcher import TrialWatcher
from gradatim.trials.workers import jobs_for, train_all


def try_values(
    source: Any,
    target: str | Sequence[str] | None = None,
    *,
    learning_rate: float | Sequence[float] | None = None,
    hidden: Any = None,
    activation: str | Sequence[str] | None = None,
    epochs: int | Sequence[int] | None = None,
    preset: str = "strong",
    folds: int = 3,
    metric: Any = None,
    task: WhatToPredict = "auto",
    positive: Any = None,
    kinds: Mapping[str, str] | None = None,
    ignore: str | Sequence[str] = (),
    weight: str | None = None,
    group: str | None = None,
    order: str | None = None,
    query: str | None = None,
    test: float | str | PathLike[str] | None = None,
    seed: int | None = 0,
    budget: float | None = None,
    jobs: int | None = None,
    progress: TrialWatcher | None = None,
) -> Trials:
    """Score every combination of some values on the same rows. The test rows stay untouched.

    Args:
        source: as for `gradatim.fit`.
        target: the column to predict, or several.
        learning_rate: one or several.
        hidden: units of each hidden layer, such as ``(20, 7)``, or several of those: ``[(20,), (20, 7)]``. ``()`` is
            the linear model, solved as on the ladder.
        activation: of the hidden layers, one or several.
        epochs: how often the networks see each training row, at most; one or several.
        preset: all other settings. Where no values are named at all, the learning rates 0.03, 0.01, 0.003 and 0.001 are
            tried with it.
        folds: parts that the rows are cut into; each in turn is scored by a training on the others.
        metric: that epochs are chosen and candidates compared by; log_loss for classes, rmse for numbers without.
        task: "classification", "regression" or "auto".
        positive: the class that counts as 1 where there are two.
        kinds: of columns, where they are not what they seem.
        ignore: columns that are not to be predicted from.
        weight: column that says how much each row counts in training.
        group: column whose equal values mark rows that must not be parted.
        order: column that orders the rows: each fold scores rows that are later than all it trains on.
        query: what to ask of a database.
        test: share of the rows to set aside, or a file that holds the test rows.
        seed: of the split, the folds and every training; None draws one.
        budget: seconds for the trainings; when they are used up, no further one begins.
        jobs: how many trainings at a time; all cores without.
        progress: is told how it goes.

    Returns:
        The candidates, the best first. After Ctrl-C those that are there so far.

    Raises:
        InputError: with what must be mended, before anything is trained.

    Example:
        >>> trials = try_values("sample:iris", hidden=[(), (8,)], epochs=20, jobs=1)
        >>> len(trials.trials), trials.rows, trials.best.candidate.hidden in [(), (8,)]
        (2, 120, True)
    """
    started = perf_counter()
    watcher = progress or TrialWatcher()
    with named_as_arguments():
        values = Values.of(learning_rate, hidden, activation, epochs)
        require_one_length(budget, None, None)
        seed = seed_of(seed)
        encoding = Encoding(kinds=kinds) if kinds else "auto"
        judge = "preset" if metric is None else metric
        common = Settings(preset, metric=judge, encoding=encoding, random_state=seed, n_threads=1)
        examples = examples_of(source, target, ignore, weight=weight, group=group, order=order, query=query)
        rung = RUNGS["linear" if values.hidden[:1] == ((),) else "shallow"]
        problem = understood(examples, values.settings(common), (rung,), task=task, positive=positive, test=test)
        search = _Search.of(problem, values.candidates(problem.ladder.widths), folds, common)
    jobs = jobs_for(jobs, search.trainings)
    watcher.read(search.reading)
    watcher.begins(len(search.candidates), folds, jobs)
    results, interrupted = _results(search, jobs, budget, watcher)
    return search.trials(results, interrupted=interrupted, seconds=perf_counter() - started, seed=seed)


@dataclass(frozen=True)
class _Search:
    """What is decided before the first training.

    Attributes:
        problem: the table, understood.
        examples: the rows that do not test.
        candidates: to be tried.
        folds: on which.
        common: settings of all candidates.
    """

    problem: Understood
    examples: Examples
    candidates: tuple[Candidate, ...]
    folds: tuple[Fold, ...]
    common: Settings

    @classmethod
    def of(cls, problem: Understood, candidates: tuple[Candidate, ...], folds: int, common: Settings) -> _Search:
        """Check every candidate, and cut the folds.

        Raises:
            InputError: for values that cannot be, now and not when their turn comes; and for folds that cannot be cut,
                or on whose rows the metric is not defined.
        """
        target, share, seed = problem.ladder.target, common.validation, common.random_state
        assert share is not None
        assert seed is not None
        numbers = isinstance(target, NumberTarget)
        for candidate in candidates:
            resolved(candidate.settings(common), None if numbers else target, len(problem.ladder.roles.train))
        examples = problem.ladder.examples.take(problem.split.development)
        cut = cut_folds(examples, folds, classes=not numbers, share=share, seed=seed)
        for fold in cut:
            require_score(problem.ladder.metric, target, examples.y[fold.roles.held_out])
        return cls(problem, examples, candidates, cut, common)

    @property
    def trainings(self) -> int:
        """How many there are."""
        return len(self.candidates) * len(self.folds)

    @property
    def reading(self) -> Reading:
        """How the table was understood; the rows that do not test all train, choose and score in turn."""
        rows = {"tried": self.examples.n_rows, "test": self.problem.reading.rows["test"]}
        return replace(self.problem.reading, rows=rows)

    def tasks(self) -> Iterator[Task]:
        """All trainings, in the order in which they begin.

        A fold becomes numbers when its turn comes, and nothing here keeps them once the next fold has its turn.
        """
        ladder, seed = self.problem.ladder, self.common.random_state or 0
        classes = None if isinstance(ladder.target, NumberTarget) else ladder.target
        rng = np.random.default_rng([seed, 2])
        for number, fold in enumerate(self.folds):
            common = replace(self.common, random_state=seed + number)
            tables: dict[bool, FoldTable] = {}  # numbers are bent for networks, and not for the linear model
            for place in rng.permutation(len(self.candidates)).tolist():
                candidate = self.candidates[place]
                kind = candidate.rung.is_network
                if kind not in tables:
                    tables[kind] = fold_table(self.examples, fold, classes, candidate, common, ladder.metric)
                settings = candidate.settings(common)
                yield Task(place, number, tables[kind], candidate.rung, settings, candidate.hidden)

    def trials(self, results: Mapping[tuple[int, int], FoldResult], **rest: Any) -> Trials:
        """Compare what was done."""
        ladder = self.problem.ladder
        compared = folds_to_compare(results, len(self.candidates), len(self.folds))
        happened = {fold: observed(ladder.target, self.examples.y[self.folds[fold].scored]) for fold in compared}
        trials = ranked(self.candidates, results, happened, told_of(ladder.metric, ladder.target))
        return Trials(
            trials,
            ladder.metric,
            self.reading,
            folds=len(self.folds),
            compared=compared,
            rows=sum(map(len, happened.values())),
            done=len(results),
            of=self.trainings,
            left_out=len(self.candidates) - len(trials),
            **rest,
        )


def _results(
    search: _Search, jobs: int, budget: float | None, watcher: TrialWatcher
) -> tuple[dict[tuple[int, int], FoldResult], bool]:
    """What was done, and whether Ctrl-C cut it short."""
    results: dict[tuple[int, int], FoldResult] = {}
    try:
        with closing(train_all(search.tasks(), jobs, budget)) as finished:
            for key, result in finished:
                results[key] = result
                watcher.trained(len(results), search.trainings)
    except KeyboardInterrupt:
        if not results:
            raise
        return results, True
    return results, False
