"""Metrics: how a finished model is judged. Numbers for people, where a loss is a number for training.

=====================  ================================================  ==========================================
name                   formula                                           what it tells
=====================  ================================================  ==========================================
accuracy               share of right classes                            how often it is right
balanced_accuracy      mean over classes of the share found              the same, where classes are uneven
f1                     2 precision recall / (precision + recall)         rare positives: found, and found rightly
roc_auc                P(a positive ranks above a negative)              the order of the probabilities
average_precision      mean precision at the rank of each positive       the order at its top, where positives are rare
log_loss               -mean ln p(right class)                           the probabilities themselves
mae                    mean |y - ŷ|                                      a typical error, in units of y
median_absolute_error  median |y - ŷ|                                    the same, blind to outliers
rmse                   √ mean (y - ŷ)²                                   a typical error; large ones count more
r2                     1 - Σ (y - ŷ)² / Σ (y - ȳ)²                       share of the variance explained
mean_poisson_deviance  mean 2 (y ln(y/ŷ) - y + ŷ)                        counts: errors beside what is expected
mean_pinball_loss      mean max(q (y - ŷ), (q - 1) (y - ŷ))              a quantile of y; of the median: mae / 2
=====================  ================================================  ==========================================

Conventions
-----------
* Rows here: y is (m,) and predictions are (m,) or (m, k), as a model hands them out; columns of examples stay inside.
* Names and numbers are scikit-learn's, without its ``neg_``: a loss stays positive and ``greater_is_better`` is
  False.
* Classes are codes 0 … K-1. Probabilities are (m, K), the column k for class k; for two classes (m,) or (m, 1)
  probabilities of class 1 do as well. For two classes f1, roc_auc and average_precision look at class 1; for more they
  are means over the classes (macro; the probabilities one against the rest). How many there are is not read off the
  rows if it is told (`Metric.among`, the columns of probabilities): a few rows may lack a class.
* Several labels, of which any number may be true of a row, have metrics of the same names (`Metric.for_labels`): y and
  labels are (m, k) of 0 and 1, probabilities (m, k). accuracy asks for all labels of a row, the others are means over
  the labels; balanced_accuracy is not defined. scikit-learn has no log loss of labels: ours is the mean of theirs.
* Several outputs of a regression count the same: the metric of each, then the mean.
* log_loss holds probabilities at least one rounding error above 0, as scikit-learn does, so that one certain mistake
  costs 36 and not infinity. mean_poisson_deviance is infinite where scikit-learn refuses (ŷ < 0, or ŷ = 0 where y is
  more): the worst, and no end to a training.
* ``weights`` are (m,), how much each row counts; None counts each once.
* A function of one's own, or scikit-learn's scorer, becomes a metric as well (`metric_for`).
"""

from gradatim.formulas.metrics.metric import Metric, Needs, Task
from gradatim.formulas.metrics.own import metric_for, metric_from_function, metric_from_scorer
from gradatim.formulas.metrics.table import METRICS, metric, require_defined

__all__ = [
    "METRICS",
    "Metric",
    "Needs",
    "Task",
    "metric",
    "metric_for",
    "metric_from_function",
    "metric_from_scorer",
    "require_defined",
]
