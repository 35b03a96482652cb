"""When to do what: initial parameters, the plan of each epoch, the loop, and when it ends.

Read `initial`, `weights`, `split`, `plan`, `recording`, `steps`, `validation`, `stopping`, `history`, `callbacks`,
`threads`, `advice`, then `loop`, which puts them together, and `checkpoint` with `fingerprint`, by which a training
outlives its process; `budget` turns seconds into steps. `lbfgs` is the other road, for linear networks: it searches in
better `coordinates`, and `newton` finishes.
"""

from gradatim.training.budget import seconds_per_step, steps_within
from gradatim.training.callbacks import Callback, Progress, StopTraining, checked_callbacks
from gradatim.training.checkpoint import Checkpoint
from gradatim.training.history import History, TrainingResult, judged_by
from gradatim.training.initial import initial_vector, standardized
from gradatim.training.loop import fit_parameters
from gradatim.training.plan import steps_per_epoch
from gradatim.training.recording import Recording
from gradatim.training.split import hold_out
from gradatim.training.stopping import BestSoFar
from gradatim.training.validation import Validation

__all__ = [
    "BestSoFar",
    "Callback",
    "Checkpoint",
    "History",
    "Progress",
    "Recording",
    "StopTraining",
    "TrainingResult",
    "Validation",
    "checked_callbacks",
    "fit_parameters",
    "hold_out",
    "initial_vector",
    "judged_by",
    "seconds_per_step",
    "standardized",
    "steps_per_epoch",
    "steps_within",
]
