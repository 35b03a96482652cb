"""What a trained model is, and how one comes from a table.

Read `model`, which is what remains of a training. How it comes about: `preparation` (from a table and its targets to
numbers), `architecture` (the network that settings describe), `outcomes` (what metrics are given), `judging` (what
chooses the epoch), and `training`, which puts them together. `ensemble` is several models that answer by their mean,
and `bagging` how those come about; what one model and several have in common is in `fitted`.
"""

from gradatim.model.bagging import train_ensemble
from gradatim.model.ensemble import Ensemble
from gradatim.model.model import Model, load
from gradatim.model.training import train_model
from gradatim.settings import PRESETS, NetworkOptions, Settings

__all__ = ["PRESETS", "Ensemble", "Model", "NetworkOptions", "Settings", "load", "train_ensemble", "train_model"]
