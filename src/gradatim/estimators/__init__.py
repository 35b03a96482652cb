"""scikit-learn's face of a network: `NetworkClassifier`, `NetworkRegressor`. Thin: the work is `gradatim.model`'s."""

from gradatim.estimators.classifier import NetworkClassifier
from gradatim.estimators.regressor import NetworkRegressor

__all__ = ["NetworkClassifier", "NetworkRegressor"]
