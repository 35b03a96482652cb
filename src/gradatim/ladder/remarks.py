"""What a verdict rests on, in words: which rows compared the rungs, and what the kept model was trained on."""

from __future__ import annotations

from gradatim.course.summary import counted
from gradatim.ladder.ladder import Ladder
from gradatim.ladder.tried import TriedRung
from gradatim.model import Ensemble

WITHOUT_TRAININGS = "± is one standard error over rows; how far another training would move a score is not in it."

OF_ENSEMBLES = (
    "The rows that score a single network also chose its epoch; those of the ensemble did not: beside it a single "
    "network stands a little too well."
)


def remarks_on(ladder: Ladder, kept: TriedRung) -> tuple[str, ...]:
    """Sentences to be told behind the verdict.

    Args:
        ladder: that was climbed.
        kept: the rung that is kept.
    """
    folds = len(ladder.footings)
    if folds == 1:
        both = {rung.is_ensemble for rung in ladder.rungs if rung.is_network} == {True, False}
        flattered = (OF_ENSEMBLES,) if both else ()
        held_out = ladder.roles.held_out
        rows = 0 if held_out is None else len(held_out)
        again = (_again(ladder, kept),) if kept.rung.is_network else ()
        return f"Compared on one holdout of {rows:,} rows. {WITHOUT_TRAININGS}", *flattered, *again
    scored = sum(len(footing.roles.held_out) for footing in ladder.footings if footing.roles.held_out is not None)
    networks = any(rung.is_network for rung in ladder.rungs)
    epoch = ", at an epoch that it did not choose" if networks else ""
    how = f"Compared in {folds} folds, over {scored:,} rows, each predicted by a training that had not seen it{epoch}."
    return f"{how} {WITHOUT_TRAININGS}", _again(ladder, kept)


def _again(ladder: Ladder, kept: TriedRung) -> str:
    """Whether what is kept was trained once more, and so is not the model that was scored."""
    if not kept.folds:
        return "The model that is kept is the one that was scored: the training once more diverged."
    assert ladder.all_rows is not None
    return f"The model that is kept was trained once more, on all {ladder.all_rows.n_train:,} rows{_until(kept)}."


def _until(kept: TriedRung) -> str:
    """What ended the training of the model that is kept, which had no rows held out; nothing where it was solved."""
    if isinstance(kept.model, Ensemble):
        return ", of which each of its networks held out another part to choose its epoch by"
    if not kept.rung.is_network or kept.model.training is None:
        return ""
    did_best = "the folds" if len(kept.folds) > 1 else "the one that was scored"
    return f", for {counted(len(kept.model.training.history), 'epoch')}, about as long as {did_best} did best with"
