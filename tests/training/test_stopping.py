"""The best epoch so far."""

import numpy as np
import pytest

from gradatim.training import BestSoFar


def follow(scores, **settings):
    best = BestSoFar(**settings)
    for epoch, score in enumerate(scores, start=1):
        best.offer(epoch, score, np.array([float(epoch)]))
        if best.waited_enough:
            break
    return best, epoch


def test_the_best_parameters_are_kept_and_the_last_of_equals():
    best, last = follow([3.0, 1.0, 2.0, 1.0, 5.0])
    assert (best.epoch, best.score, last) == (4, 1.0, 5)
    assert best.vector == [4.0]


def test_greater_is_better_turns_the_order_round():
    assert follow([3.0, 1.0, 2.0], greater_is_better=True)[0].epoch == 1


def test_patience_counts_epochs_without_a_strictly_better_score():
    best, last = follow([3.0, 2.0, 2.0, 2.0, 1.0], patience_epochs=2)
    assert last == 4, "epochs 3 and 4 were no better than epoch 2"
    assert best.epoch == 4, "but of equals the last is kept"


def test_nan_is_never_better_than_a_number():
    assert follow([np.nan, 2.0, np.nan, np.nan])[0].epoch == 2


def test_without_scores_the_last_epoch_is_kept():
    assert follow([None, None, None], patience_epochs=None)[0].epoch == 3


def test_kept_parameters_are_a_copy():
    vector = np.zeros(2)
    best = BestSoFar()
    best.offer(1, 1.0, vector)
    vector += 1
    assert best.vector == pytest.approx([0.0, 0.0])


def test_scores_that_are_never_a_number_keep_the_last_epoch():
    best, last = follow([np.nan, np.nan, np.nan])
    assert (best.epoch, last) == (3, 3)
    assert best.vector == [3.0]
    assert follow([np.nan] * 9, patience_epochs=2)[1] == 2, "no number is no improvement"
