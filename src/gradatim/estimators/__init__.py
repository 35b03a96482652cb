"""scikit-learn's face of a network, and of the ladder. Thin: the work is `gradatim.model`'s and `gradatim.ladder`'s."""

from gradatim.estimators.classifier import NetworkClassifier
from gradatim.estimators.ladder import LadderClassifier, LadderRegressor
from gradatim.estimators.quantile_regressor import QuantileRegressor
from gradatim.estimators.regressor import NetworkRegressor

__all__ = ["LadderClassifier", "LadderRegressor", "NetworkClassifier", "NetworkRegressor", "QuantileRegressor"]
