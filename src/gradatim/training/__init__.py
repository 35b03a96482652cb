"""When to do what: initial parameters, the plan of each epoch, the loop, and when it ends.

Read `initial`, `weights`, `split`, `plan`, `stopping`, `history`, `callbacks`, `threads`, then `loop`, which puts them
together; `lbfgs` is the other road, for linear networks: it searches in better `coordinates`, and `newton` finishes.
"""

from gradatim.training.callbacks import Callback, Progress, StopTraining, checked_callbacks
from gradatim.training.history import History, TrainingResult
from gradatim.training.initial import initial_vector
from gradatim.training.loop import fit_parameters
from gradatim.training.split import hold_out
from gradatim.training.stopping import BestSoFar, Validation

__all__ = [
    "BestSoFar",
    "Callback",
    "History",
    "Progress",
    "StopTraining",
    "TrainingResult",
    "Validation",
    "checked_callbacks",
    "fit_parameters",
    "hold_out",
    "initial_vector",
]
