"""The model within whatever is asked: a model, an ensemble, an estimator, a run."""

from __future__ import annotations

from typing import Any

from gradatim.errors import InputError
from gradatim.model import Ensemble, Model


def model_within(asked: Any) -> Model | Ensemble:
    """The trained model of what people hold.

    Args:
        asked: a `Model`, an `Ensemble`, a fitted estimator of gradatim, or what has one as ``model``, such as a run.

    Raises:
        InputError: for anything else.
    """
    for found in (asked, getattr(asked, "model_", None), getattr(asked, "model", None)):
        if isinstance(found, Model | Ensemble):
            return found
    raise InputError(
        f"The model must be a trained one of gradatim: of train_model, fit or load, or a fitted estimator. Got "
        f"{type(asked).__name__}: fit it first; any other model's predictions scikit-learn's inspection explains."
    )
