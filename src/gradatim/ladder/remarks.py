"""What a verdict rests on, in words: which rows compared the rungs, and what the kept model was trained on."""

from __future__ import annotations

from gradatim.ladder.ladder import Ladder, TriedRung

WITHOUT_TRAININGS = "± is one standard error over rows; how far another training would move a score is not in it."


def remarks_on(ladder: Ladder, kept: TriedRung) -> tuple[str, ...]:
    """Sentences to be told behind the verdict.

    Args:
        ladder: that was climbed.
        kept: the rung that is kept.
    """
    folds = len(ladder.footings)
    if folds == 1:
        held_out = ladder.roles.held_out
        rows = 0 if held_out is None else len(held_out)
        return (f"Compared on one holdout of {rows:,} rows. {WITHOUT_TRAININGS}",)
    scored = sum(len(footing.roles.held_out) for footing in ladder.footings if footing.roles.held_out is not None)
    how = f"Compared in {folds} folds, over {scored:,} rows, each predicted by a training that had not seen it."
    training = kept.model.training
    solved = not kept.rung.is_network or training is None
    epochs = "" if solved else f", for {len(training.history)} epochs, as long as the folds did best with"  # type: ignore[union-attr]
    return (
        f"{how} {WITHOUT_TRAININGS}",
        f"The model that is kept was trained once more, on all {len(ladder.roles.train):,} rows{epochs}.",
    )
