"""A small training in many variants, and ways to cut it off."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from gradatim.engines import textbook
from gradatim.engines.contract import Data, Problem
from gradatim.formulas.initializers import initializer
from gradatim.network import Architecture, Dense, Dropout
from gradatim.settings import Settings
from gradatim.training import Validation, fit_parameters, initial_vector

m = 60
X = np.random.default_rng(5).standard_normal((m, 3))
Y = (X @ np.array([[1.0], [-2.0], [0.5]])) ** 2
WEIGHTS = np.random.default_rng(6).uniform(0.5, 2.0, m)
TRAIN, HELD = np.arange(40), np.arange(40, 60)
BATCHES = 5
"""Steps of an epoch: 40 rows, 8 at a time."""

RMSE = Validation(HELD, "rmse", lambda θ, A: float(np.sqrt(np.mean((A - Y[HELD]) ** 2))))


class Training:
    """All that `fit_parameters` is told.

    Args:
        validation: how epochs are judged.
        averaging: of the problem.
        weighted: whether rows count differently.
        form: of X.
        seed: of everything.
        changes: of the settings.
    """

    def __init__(self, validation=RMSE, averaging=None, weighted=False, form=np.asarray, seed=0, **changes):
        usual = {"max_epochs": 6, "batch_size": 8, "dtype": "float32", "patience_epochs": None}
        if "max_steps" in changes:
            usual["max_epochs"] = None
        settings = Settings(**{"preset": "plain"} | usual | changes).resolved("regression", output="identity", rows=40)
        layers = (Dense(5, "tanh"), *((Dropout(settings.dropout),) if settings.dropout else ()))
        architecture = Architecture(3, layers=layers, output=Dense(1, "identity"))
        self.problem = Problem(architecture, settings.loss, (), settings.optimizer, averaging=averaging)
        self.settings, self.validation, self.seed = settings, validation, seed
        cast = settings.dtype
        weights = WEIGHTS.astype(cast) if weighted else None
        self.data = Data(form(X.astype(cast)), None, Y.astype(cast), weights)

    def start(self, rng):
        return initial_vector(self.problem.architecture, initializer("he"), rng)

    def __call__(self, callbacks=(), checkpoint=None, start=None, engine=textbook):
        rng = np.random.default_rng(self.seed)
        drawn = self.start(rng)
        return fit_parameters(
            self.problem,
            drawn if start is None else start,
            self.data,
            TRAIN,
            self.settings,
            rng,
            engine,
            self.validation,
            callbacks,
            checkpoint,
        )

    def but(self, **changes):
        """The same training, with other settings."""
        other = object.__new__(Training)
        other.__dict__ = self.__dict__ | {"settings": replace(self.settings, **changes)}
        return other


CASES = {
    "Adam, dropout, cosine, validation": {"dropout": 0.2, "schedule": "cosine"},
    "nothing held out": {"validation": None},
    "momentum, weights of rows": {"optimizer": "momentum", "learning_rate": 0.01, "weighted": True},
    "patience": {"learning_rate": 0.3, "patience_epochs": 2, "max_epochs": 30},
    "steps, in mid-epoch": {"max_steps": 28, "schedule": "cosine", "dropout": 0.1},
    "epochs recorded": {"record": "epochs"},
    "steps recorded": {"record": "steps", "max_steps": 28},
    "running mean": {"averaging": 0.9},
    "float64": {"dtype": "float64", "optimizer": "nesterov", "learning_rate": 0.01},
    "sparse": {"form": sparse.csr_array},
    "full batch": {"batch_size": None},
    "scores that are no numbers": {"validation": Validation(HELD, "nothing", lambda θ, A: float("nan"))},
    "the loss itself": {"validation": Validation(HELD), "weight_decay": 0.1},
    "outputs kept": {"validation": replace(RMSE, keeps_outputs=True), "dropout": 0.2},
}


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


class KillAfter:
    """Ends the process, so to speak, at the end of an epoch."""

    def __init__(self, epoch):
        self.epoch, self.seen = epoch, []

    def on_epoch_end(self, progress):
        self.seen.append(progress.epoch)
        if progress.epoch == self.epoch:
            raise Killed


def told(result):
    """All of a result but its times, so that two of them can be compared to the last bit."""
    rows = [{name: float(value).hex() for name, value in row.items() if name != "seconds"} for row in result.history]
    state = result.state
    arrays = (
        [] if state is None else [state.vector, *state.moments, *([] if state.averaged is None else [state.averaged])]
    )
    recorded = result.recorded
    if recorded is not None:
        arrays += [record.vector for record in recorded.records]
    if result.judged is not None:
        arrays.append(result.judged)
    return {
        "vector": (result.vector.dtype, result.vector.tobytes()),
        "history": rows,
        "why": (result.stopped_because, result.message, result.best_epoch),
        "step": None if state is None else state.step,
        "arrays": [(array.dtype, array.tobytes()) for array in arrays],
        "recorded": None if recorded is None else (recorded.steps, recorded.epochs, recorded.stride),
    }
