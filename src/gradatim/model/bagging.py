"""An ensemble from a table: the same settings on other rows, again and again, over the cores.

Conventions
-----------
* The rows are cut into parts, as many as the share that chooses the epoch goes into one: a share of 0.2 makes five.
  Each model holds out another part, which chooses its epoch, and trains on the rest. Where there are more models than
  parts, the rows are cut anew. So every row trains, and no model trains on all of them.
* Where rows of their own choose the epoch, or none do, all models train on all rows, and differ by their seeds.
* Each training has one thread, and as many run side by side as there are cores; the steps of the quick engine hold no
  lock of the interpreter. What comes out does not depend on how many run at a time.
* The first models stay the same where more are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import numpy as np

from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.formulas.metrics import Metric
from gradatim.model.ensemble import Ensemble
from gradatim.model.model import Model
from gradatim.model.preparation import Roles, classes_of, number_target, prepare, roles_of
from gradatim.model.training import resolved, train_prepared
from gradatim.settings import Settings, Task, seed_of
from gradatim.tables.examples import Examples
from gradatim.tables.targets import ClassTarget, LabelTarget
from gradatim.training import Callback, Checkpoint, Progress
from gradatim.training.split import group_codes, parts_of, strata

CallbacksOf = Callable[[int], Sequence[Callback]]
"""The number of a model, from 0 → what is called after each of its epochs, by the thread that trains it."""

CheckpointOf = Callable[[int], Checkpoint | None]
"""The number of a model, from 0 → where its training is kept; None keeps none."""

Classes = ClassTarget | LabelTarget

MOST_HELD_OUT = 0.5
"""The share of a part: of more there would not be two."""


def models_of(settings: Settings, task: Task) -> int:
    """How many models the preset trains: one, but for "best" with hidden layers.

    Raises:
        InputError: for an unknown preset.

    Example:
        >>> models_of(Settings("strong"), "regression"), models_of(Settings("best", hidden_widths=()), "regression")
        (1, 1)
    """
    return int(settings.preset_for(task).get("models", 1))


def train_ensemble(
    settings: Settings,
    table: Any,
    y: Any,
    *,
    models: int | None = None,
    task: str = "auto",
    target_name: str | None = None,
    positive: Any = None,
    weights: Any = None,
    groups: Any = None,
    validation: tuple[Any, Any] | None = None,
    classes: Any = None,
    callbacks_of: CallbacksOf | None = None,
) -> Ensemble:
    """Train several networks on a table, each on other rows of it; they predict by their mean.

    Args:
        settings: of each of them. `n_threads` is how many train at a time; None takes as many as there are cores. The
            share `validation` says how many parts there are, and may be one half at most.
        table: (m rows) anything that `Table.from_any` takes.
        y: (m,) labels or numbers; (m, k) for several targets. None missing.
        models: how many; None asks the preset.
        task: "classification", "regression", or "auto" to go by the values of y.
        target_name: name of what is predicted; y's own, or "target", without.
        positive: of two classes, the one whose probability the networks give; the last one if None.
        weights: (m,) how much each row counts, 0 or more; None counts each once.
        groups: (m,) rows of one group are held out together, or not at all.
        validation: rows and targets of their own to choose all epochs by.
        classes: all labels, where y may lack some; see `train_model`.
        callbacks_of: from the number of a model, from 0, to what is called after each of its epochs. Models that train
            at the same time call from threads of their own.

    Returns:
        The ensemble. After Ctrl-C that of the models that are whole by then, if there are any.

    Raises:
        InputError: for settings, rows or targets that cannot be used; `ShapeError` where lengths differ.
        DivergedError: if one of the trainings diverges before there is an epoch to keep.
        EngineUnavailableError: if the engine cannot run this network or its optimizer.

    Example:
        >>> X = np.arange(40.0).reshape(-1, 1)
        >>> ensemble = train_ensemble(Settings("plain", max_epochs=3, random_state=0), X, 3 * X[:, 0] + 1, models=2)
        >>> len(ensemble.models), ensemble.predict(X).shape
        (2, (40,))

    Source: Breiman 1996, "Bagging predictors"; Holzmüller et al. 2024 (arXiv 2407.04491, table B.4), where five folds
        take 5 to 8 % off the error of one network.
    """
    examples = Examples.of(table, y, weights, groups=groups, name=target_name)
    known = classes_of(examples, task, positive, classes, constants=True)
    own = None if validation is None else Examples.of(*validation)
    return ensemble_of(examples, settings, known, models=models, validation=own, callbacks_of=callbacks_of)


def ensemble_of(
    examples: Examples,
    settings: Settings,
    classes: Classes | None,
    *,
    models: int | None = None,
    parts: Sequence[Array] | None = None,
    validation: Examples | None = None,
    metric: Metric | None = None,
    callbacks_of: CallbacksOf | None = None,
    checkpoint_of: CheckpointOf | None = None,
) -> Ensemble:
    """The same, of rows that are read already.

    Args:
        examples: all rows; of a ladder those that neither test nor score.
        settings: see `train_ensemble`.
        classes: the target where classes are predicted, None for numbers.
        models: how many; None asks the preset, or takes one for each of the parts.
        parts: the rows that each model holds out, as row indices; None cuts them.
        validation: rows of their own to choose all epochs by; goes before both.
        metric: that chooses the epochs; None takes that of the settings.
        callbacks_of: see `train_ensemble`.
        checkpoint_of: from the number of a model to where its training is kept; None keeps none. Of a training that
            Ctrl-C ended, what is kept is one that can go on.

    Raises:
        As `train_ensemble`.
    """
    task: Task = "regression" if classes is None else "classification"
    seed = seed_of(settings.random_state)
    share = resolved(settings, classes, examples.n_rows).validation
    count = models_of(settings, task) if parts is None else len(parts)
    count = count if models is None else _checked(models)
    if validation is not None:
        parts = None
    elif parts is None and share is not None:
        parts = parts_held_out(examples, classes, share, count, np.random.default_rng(seed))
    elif parts is not None and count > len(parts):
        raise InputError(f"models must be at most the {len(parts)} parts that are held out. Got {count}.")
    judge = metric or settings.judge(task)
    bag = _Bag(examples, settings, classes, parts, validation, judge, callbacks_of, checkpoint_of)
    seeds = np.random.SeedSequence(seed).generate_state(count).tolist()
    trained, interrupted = _side_by_side(
        lambda number, brake: bag.model(number, seeds[number], brake), count, _at_once(settings)
    )
    kept = tuple(trained.values())
    return Ensemble(
        kept,
        replace(kept[0].settings_, random_state=seed),
        None if parts is None else tuple(np.sort(parts[number]) for number in trained),
        f"Interrupted: {len(kept)} of {count} models were trained, and are kept." if interrupted else "",
    )


def parts_held_out(
    examples: Examples, classes: Classes | None, share: float, count: int, rng: np.random.Generator
) -> list[Array]:
    """Rows for each model to hold out: those that count, cut into parts, as often as it takes.

    Args:
        examples: all rows.
        classes: the target where classes are predicted: each part has them in proportion. None for numbers.
        share: of a part, about; 0.5 at most.
        count: how many parts.
        rng: draws them.

    Returns:
        Row indices; parts of the same cut share no row, and no group. Empty for a single row, which trains.

    Raises:
        InputError: for a share above one half, and for a single group.

    Example:
        >>> parts = parts_held_out(Examples.of([[0.0]] * 6, range(6)), None, 0.33, 4, np.random.default_rng(0))
        >>> [len(part) for part in parts], sorted(np.concatenate(parts[:3]).tolist())
        ([2, 2, 2, 2], [0, 1, 2, 3, 4, 5])
    """
    if share > MOST_HELD_OUT:
        raise InputError(f"validation must be a share of at most {MOST_HELD_OUT} in an ensemble. Got {share!r}.")
    rows = np.arange(examples.n_rows) if examples.weights is None else np.flatnonzero(examples.weights > 0)
    if len(rows) < 2:
        return [rows[:0]] * count
    labels = None if classes is None else strata(classes.codes(examples.y))
    groups = None if examples.groups is None else group_codes(examples.groups, examples.n_rows)
    most = len(rows) if groups is None else len(np.unique(groups[rows]))
    folds = max(2, min(round(1 / share), most))
    parts: list[Array] = []
    codes = [None if code is None else code[rows] for code in (labels, groups)]
    while len(parts) < count:
        parts += parts_of(rows, folds, rng, *codes)
    return parts[:count]


@dataclass(frozen=True)
class _Bag:
    """What all models of an ensemble are trained from."""

    examples: Examples
    settings: Settings
    classes: Classes | None
    parts: Sequence[Array] | None
    validation: Examples | None
    metric: Metric | None
    callbacks_of: CallbacksOf | None
    checkpoint_of: CheckpointOf | None

    def model(self, number: int, seed: int, brake: Callback) -> Model:
        """What `train_model` gives with this seed and one thread, where it is told to hold out this part."""
        rng, examples, classes = np.random.default_rng(seed), self.examples, self.classes
        roles = self._roles(number, rng)
        alone = replace(self.settings, random_state=seed, n_threads=1)
        used = resolved(alone, classes, len(roles.train))
        target = classes or number_target(examples, roles.train, used.network)
        prepared = prepare(
            examples,
            roles,
            target,
            used.encoding,
            dtype=used.dtype,
            class_weight=used.class_weight,
            validation=self.validation,
        )
        callbacks = () if self.callbacks_of is None else self.callbacks_of(number)
        checkpoint = None if self.checkpoint_of is None else self.checkpoint_of(number)
        model = train_prepared(
            prepared, used, rng, metric=self.metric, callbacks=(brake, *callbacks), checkpoint=checkpoint
        )
        return replace(model, settings_=replace(model.settings_, n_threads=self.settings.n_threads))

    def _roles(self, number: int, rng: np.random.Generator) -> Roles:
        held = None if self.parts is None or not len(self.parts[number]) else self.parts[number]
        return roles_of(self.examples, self.classes, None, held, rng)


@dataclass(frozen=True)
class _Brake:
    """A callback that interrupts its training after the epoch it is in, once it is pulled.

    It must not ask for the end, as callbacks do: a checkpoint would take that for the end of a whole training.
    """

    pulled: Event

    def on_epoch_end(self, progress: Progress, /) -> None:
        if self.pulled.is_set():
            raise KeyboardInterrupt


def _side_by_side(train: Callable[[int, _Brake], Model], count: int, at_once: int) -> tuple[dict[int, Model], bool]:
    """The models by number, and whether Ctrl-C ended what had begun: what is not whole by then is left out.

    Only the main thread hears Ctrl-C, so it trains nothing itself.
    """
    pulled, interrupted = Event(), False
    with ThreadPoolExecutor(at_once) as pool:
        futures: list[Future[Model]] = [pool.submit(train, number, _Brake(pulled)) for number in range(count)]
        try:
            _wait_for(futures)
        except KeyboardInterrupt:
            interrupted = True
        pulled.set()
        for future in futures:
            future.cancel()
    whole = {number: future.result() for number, future in enumerate(futures) if not _was_interrupted(future)}
    if not whole:
        raise KeyboardInterrupt
    return whole, interrupted or len(whole) < count


def _was_interrupted(future: Future[Model]) -> bool:
    """Whether a training did not begin, or did not come to its end; one that failed did."""
    if future.cancelled() or isinstance(future.exception(), KeyboardInterrupt):
        return True
    training = None if future.exception() else future.result().training
    return training is not None and training.stopped_because == "interrupted"


def _wait_for(futures: Sequence[Future[Model]]) -> None:
    """Until all are done, or one has failed. Not in one go: on Windows such a wait would not hear Ctrl-C."""
    while True:
        done, left = wait(futures, timeout=0.1, return_when=FIRST_EXCEPTION)
        if not left or any(future.exception() or _was_interrupted(future) for future in done):
            return


def rounds_of(models: int, settings: Settings) -> int:
    """How many trainings follow one another, where as many as may run side by side.

    Example:
        >>> rounds_of(5, Settings(n_threads=2)), rounds_of(5, Settings(n_threads=8))
        (3, 1)
    """
    return -(-models // _at_once(settings))


def _at_once(settings: Settings) -> int:
    from gradatim.engines.fast.memory import usable_cpus

    return settings.n_threads or usable_cpus()


def _checked(models: Any) -> int:
    if isinstance(models, bool) or not isinstance(models, int | np.integer) or models < 1:
        raise InputError(f"models must be a whole number of 1 or more. Got {models!r}.")
    return int(models)
