"""What a trained model is, and how one comes from a table.

Read `model`, which is what remains of a training. How it comes about: `preparation` (from a table and its targets to
numbers), `architecture` (the network that settings describe), `outcomes` (what metrics are given), `judging` (what
chooses the epoch), and `training`, which puts them together.
"""

from gradatim.model.model import Model, load
from gradatim.model.training import train_model
from gradatim.settings import PRESETS, NetworkOptions, Settings

__all__ = ["PRESETS", "Model", "NetworkOptions", "Settings", "load", "train_model"]
