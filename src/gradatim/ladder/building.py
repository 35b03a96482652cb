"""A ladder over a table: what its target is, by which metric it is climbed, and which rows compare the rungs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gradatim.formulas.metrics import METRICS
from gradatim.ladder.folds import folds_to_compare_on
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.rungs import Rung, rungs_for
from gradatim.ladder.scoring import require_score
from gradatim.ladder.splits import Split
from gradatim.model.preparation import classes_of, number_target
from gradatim.model.training import resolved
from gradatim.settings import Settings, Task
from gradatim.tables.examples import Examples


def ladder_over(
    examples: Examples,
    split: Split,
    settings: Settings,
    rungs: Sequence[Rung],
    *,
    task: Task,
    positive: Any = None,
    folds: int | str | None = "auto",
) -> tuple[Ladder, tuple[str, ...]]:
    """The ladder over the rows that do not test, and a note on each rung that is left out.

    Args:
        examples: all rows.
        split: which of them test; and which train and choose, where there are no folds.
        settings: of the networks.
        rungs: that are wanted.
        task: what the target is.
        positive: see `ClassTarget.fit`.
        folds: see `folds_to_compare_on`.

    Raises:
        InputError: for settings, a target or rows on which rungs cannot be compared.
    """
    classified = task == "classification"
    classes = classes_of(replace(examples, y=examples.y[split.development]), task, positive)
    used = resolved(settings, classes, examples.n_rows)
    metric = settings.judge(task) or METRICS["log_loss" if classified else "rmse"]
    left, notes = rungs_for(used.hidden_widths, rungs)
    target = classes or number_target(examples, split.train, used.network)
    require_score(metric, target, examples.y[split.validation])
    cut = folds_to_compare_on(
        examples,
        split.development,
        folds,
        classes=classified,
        seed=settings.random_state or 0,
        require=lambda y: require_score(metric, target, y),
    )
    ladder = Ladder.of(
        examples,
        split,
        classes=classes,
        settings=settings,
        rungs=left,
        folds=cut,
        widths=used.hidden_widths,
        metric=metric,
    )
    return ladder, notes
