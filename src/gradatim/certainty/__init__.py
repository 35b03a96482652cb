"""How sure a fitted model is, and whether that is to be believed: probabilities, decisions, sets and intervals.

====================  =========================================  ===================================================
function              wraps                                      what comes out
====================  =========================================  ===================================================
calibrated            a model of classes                         probabilities at the temperature of smallest log loss
threshold             a model of classes, and costs of mistakes  the decisions of smallest expected cost
prediction_sets       a model of classes                         sets that hold the right class as often as asked
prediction_intervals  a model of numbers, or of their quantiles  intervals that hold y as often as asked
====================  =========================================  ===================================================

Conventions
-----------
* A model is anything fitted: a `gradatim.Model`, an estimator of ours, one of scikit-learn's. Of classes it has
  ``classes_`` and ``predict_proba``, of numbers ``predict``. What comes out has them too, and may be wrapped again.
* Rows of your own are rows that neither trained the model nor chose its epoch. On such as did it is surer than on new
  ones, and all of this would come out too good. **Nobody checks that**: a model keeps no rows to compare with.
* Where no rows can be spared there is ``cv``: the rows are cut into folds, a clone of the estimator is trained without
  each fold and asked about it, and one more clone is trained on all rows, and wrapped. What is learned then belongs to
  the clones, which saw fewer rows. It is mostly right, or careful; but the theorem about coverage does not hold.
* Rows to calibrate by must come as those to predict will: drawn from the same source, classes in their natural shares.
* Nothing here is kept in a model file. Save the model; wrap it again after loading.
"""

from gradatim.certainty.costs import Decision, MeanCost, threshold
from gradatim.certainty.intervals import PredictionIntervals, prediction_intervals
from gradatim.certainty.sets import PredictionSets, prediction_sets
from gradatim.certainty.temperature import Calibrated, calibrated

__all__ = [
    "Calibrated",
    "Decision",
    "MeanCost",
    "PredictionIntervals",
    "PredictionSets",
    "calibrated",
    "prediction_intervals",
    "prediction_sets",
    "threshold",
]
