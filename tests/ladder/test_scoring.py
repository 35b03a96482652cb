"""What a metric is told beside the rows that it looks at."""

import numpy as np
import pytest

from gradatim.formulas.metrics import METRICS
from gradatim.ladder.scoring import Outcome, pooled_score
from gradatim.tables import ClassTarget


def test_f1_knows_of_a_class_that_these_rows_lack():
    """By hand, as in the test of f1: the mean of 2/3 and 4/5, not the 4/5 of class "b" alone."""
    target = ClassTarget.fit(["a", "b", "c"])
    guesses = np.eye(3)[[0, 1, 1, 0]]
    outcome = Outcome(target, ["a", "b", "b", "b"], guesses)
    assert outcome.value(METRICS["f1"]) == pytest.approx((2 / 3 + 4 / 5) / 2, rel=1e-12)
    score = pooled_score([outcome], METRICS["f1"])
    assert score.value == pytest.approx((2 / 3 + 4 / 5) / 2, rel=1e-12)
    assert np.min(score.noise) > 0  # every draw has a right row of some class; of class "b" alone, some draws have none
