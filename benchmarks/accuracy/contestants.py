"""Who takes part, in the order of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradatim.settings.presets import PRESETS

_OURS, _PIPELINES, _RIVALS = (f"benchmarks.accuracy.{module}" for module in ("ours", "pipelines", "rivals"))


@dataclass(frozen=True)
class Contestant:
    """Somebody with defaults.

    Attributes:
        title: on the page.
        module: that has a function of the contestant's name, which fits it.
        packages: what it imports, and whose versions are said.
        how: what is done to a table for it.
    """

    title: str
    module: str
    packages: tuple[str, ...]
    how: str


CONTESTANTS: Mapping[str, Contestant] = {
    "plain": Contestant("gradatim plain", _OURS, ("gradatim",), '`preset="plain"`, the table as it is'),
    "strong": Contestant("gradatim strong", _OURS, ("gradatim",), '`preset="strong"`, the table as it is'),
    "best": Contestant("gradatim best", _OURS, ("gradatim",), '`preset="best"`, the table as it is'),
    "sklearn_mlp": Contestant(
        "scikit-learn MLP",
        _PIPELINES,
        ("sklearn",),
        "`MLPClassifier`, `MLPRegressor`: medians for missing numbers and an indicator, standardized numbers and "
        "targets, one-hot categories of at most 100 levels",
    ),
    "linear": Contestant(
        "linear",
        _PIPELINES,
        ("sklearn",),
        "`LogisticRegression` with 1,000 steps at most, `Ridge`, in the same pipeline",
    ),
    "realmlp": Contestant(
        "RealMLP-TD",
        _RIVALS,
        ("pytabkit", "torch"),
        '`RealMLP_TD_Classifier(use_ls=False, val_metric_name="cross_entropy")`, `RealMLP_TD_Regressor()` of pytabkit; '
        "means for missing numbers and an indicator as a category",
    ),
    "lightgbm": Contestant(
        "LightGBM", _RIVALS, ("lightgbm",), "`LGBMClassifier`, `LGBMRegressor`; its own categories and missing values"
    ),
    "xgboost": Contestant(
        "XGBoost", _RIVALS, ("xgboost",), "`XGBClassifier`, `XGBRegressor`; its own categories and missing values"
    ),
    "catboost": Contestant(
        "CatBoost",
        _RIVALS,
        ("catboost",),
        "`CatBoostClassifier`, `CatBoostRegressor`; its own categories and missing numbers, a missing category is one",
    ),
}
OURS = tuple(name for name in ("plain", "strong", "best") if name in PRESETS)
PRESENT = tuple(name for name, contestant in CONTESTANTS.items() if contestant.module != _OURS or name in OURS)
"""All but the presets that are yet to come."""
