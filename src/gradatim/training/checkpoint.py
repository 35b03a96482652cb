"""What survives a killed training: all that its next epoch depends on, in one file, whole or not at all.

Conventions
-----------
* A training that goes on from a checkpoint ends with the same bytes as one left alone. So the file has the parameters
  as they are, the optimizer's moments, the generator's state and the best epoch so far; scores that are NaN as well.
* A checkpoint belongs to one training: same network, settings, data, rows and seed. A fingerprint tells.
* The file is a safetensors file with one metadata key of JSON. Reading it runs no code.
* It is written after an epoch and its callbacks, so a callback sees every epoch, the one that was cut off twice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from gradatim.engines.contract import State
from gradatim.errors import InputError
from gradatim.formulas.arrays import Array
from gradatim.training.history import History, StoppedBecause, TrainingResult
from gradatim.training.recording import Record, Recording
from gradatim.training.stopping import BestSoFar
from gradatim.whole_file import whole_file

FORMAT = 1
KEY = "gradatim_checkpoint"

SHARE_OF_TIME = 0.05
"""At most so much of a training goes into writing checkpoints, however large they are."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a training is kept, so that it can be killed.

    Attributes:
        path: of the file; its folder must exist. If the file is there, the training goes on from it.
        every_seconds: at least so long between two writings; 0 writes after every epoch. The end is always written.
    """

    path: Path
    every_seconds: float = 1.0


@dataclass
class Standing:
    """Where a training stands between two epochs.

    Attributes:
        state: parameters, moments, steps; None with L-BFGS.
        best: the best epoch so far.
        rows: of the history.
        dropout_key: of this training.
        recording: the parameters along the way, or None.
        judged: the outputs on the rows held out after each epoch, or None.
        rng: the state of the generator, as its bit generator gives it.
        ended: why, and the message; None while the training goes on.
    """

    state: State | None
    best: BestSoFar
    rows: list[dict[str, float]]
    dropout_key: int = 0
    recording: Recording | None = None
    judged: list[Array] | None = None
    rng: Any = None
    ended: tuple[StoppedBecause, str] | None = None

    def result(self) -> TrainingResult:
        """What came out; for a training that has ended."""
        assert self.ended is not None
        reason, message = self.ended
        best, judged = self.best, None if self.judged is None else np.stack(self.judged)
        return TrainingResult(
            best.vector, History(tuple(self.rows)), best.epoch, reason, message, self.state, self.recording, judged
        )

    @classmethod
    def of_result(cls, result: TrainingResult) -> Standing:
        """A training that has ended."""
        best = BestSoFar(epoch=result.best_epoch, vector=result.vector)
        ended = (result.stopped_because, result.message)
        return cls(result.state, best, list(result.history), recording=result.recorded, ended=ended)


class Keeper:
    """Writes a training's checkpoint when it is time to, and reads it back.

    Args:
        checkpoint: where, and how often; None keeps nothing.
        fingerprint: of this training.
    """

    def __init__(self, checkpoint: Checkpoint | None, fingerprint: str) -> None:
        self.checkpoint, self.fingerprint = checkpoint, fingerprint
        self.wait = 0.0 if checkpoint is None else checkpoint.every_seconds
        self.written = perf_counter()

    def read(self) -> Standing | None:
        """Where the training stood; None where there is no file yet.

        Raises:
            InputError: for a file of another training, or of another kind.
        """
        if self.checkpoint is None or not self.checkpoint.path.exists():
            return None
        from safetensors import SafetensorError, safe_open  # here: a network of the course keeps no checkpoint

        path = self.checkpoint.path
        try:
            with safe_open(path, framework="numpy") as file:
                facts = json.loads(file.metadata()[KEY])
                if (facts["format"], facts["fingerprint"]) == (FORMAT, self.fingerprint):
                    names = file.keys()
                    return _standing(facts, {name: np.array(file.get_tensor(name)) for name in names})
        except (SafetensorError, OSError, ValueError, TypeError, LookupError, RecursionError) as fault:
            raise InputError(
                f"The checkpoint must be a file that a training of gradatim wrote. {str(path)!r} cannot be read: "
                f"{fault!r}. Remove it, or start without resuming."
            ) from fault
        raise InputError(
            f"The checkpoint must belong to this training. {str(path)!r} is of one with other data, settings or seed, "
            f"or of another version. Take those of that training, or start without resuming."
        )

    def after_epoch(self, standing: Standing) -> None:
        """Write, if the last writing is long enough ago."""
        if self.checkpoint is not None and perf_counter() - self.written >= self.wait:
            self.write(standing)

    def write(self, standing: Standing) -> None:
        """Write, whole or not at all.

        Raises:
            InputError: if there is no such folder.
            OSError: where the disk refuses.
        """
        if self.checkpoint is None:
            return
        from safetensors.numpy import save as bytes_of_tensors

        started = perf_counter()
        facts, tensors = _facts(standing), _tensors(standing)
        description = {"format": FORMAT, "fingerprint": self.fingerprint, **facts}
        text = json.dumps(description, sort_keys=True, allow_nan=False, default=lambda array: array.tolist())
        with whole_file(self.checkpoint.path) as file:
            file.write(bytes_of_tensors({name: np.ascontiguousarray(t) for name, t in tensors.items()}, {KEY: text}))
        self.written = perf_counter()
        if self.wait:
            self.wait = max(self.checkpoint.every_seconds, (self.written - started) / SHARE_OF_TIME)


def _facts(standing: Standing) -> dict[str, Any]:
    """All but the arrays. Scores are hexadecimal: exact, and NaN is among them."""
    state, best, recording = standing.state, standing.best, standing.recording
    return {
        "state": None if state is None else {"step": state.step, "moments": len(state.moments)},
        "best": {
            "greater_is_better": best.greater_is_better,
            "patience_epochs": best.patience_epochs,
            "epoch": best.epoch,
            "score": float(best.score).hex(),
            "improved": best.improved,
            "offered": best.offered,
        },
        "columns": list(standing.rows[0]) if standing.rows else [],
        "dropout_key": standing.dropout_key,
        "recording": None if recording is None else _facts_of(recording),
        "rng": standing.rng,
        "ended": standing.ended,
    }


def _facts_of(recording: Recording) -> dict[str, Any]:
    best, last = recording.best, recording.last
    return {
        "by": recording.by,
        "capacity": recording.capacity,
        "stride": recording.stride,
        "best": None if best is None else best.step,
        "last": None if last is None else last.step,
    }


def _tensors(standing: Standing) -> dict[str, Array]:
    tensors = {"best": np.asarray(standing.best.vector)}
    if standing.rows:
        tensors["history"] = np.array([list(row.values()) for row in standing.rows], dtype=np.float64)
    if standing.state is not None:
        tensors["vector"] = standing.state.vector
        tensors |= {f"moment.{i}": moment for i, moment in enumerate(standing.state.moments)}
        if standing.state.averaged is not None:
            tensors["averaged"] = standing.state.averaged
    if standing.recording is not None:
        tensors |= _tensors_of(standing.recording)
    if standing.judged:
        tensors["judged"] = np.stack(standing.judged)
    return tensors


def _tensors_of(recording: Recording) -> dict[str, Array]:
    """A line per record: step, epoch (-1 for none), whether it is one of those kept evenly; and its parameters."""
    records = recording.records
    lines = [
        (record.step, -1 if record.epoch is None else record.epoch, record.step in recording.kept) for record in records
    ]
    return {"record.lines": np.array(lines, dtype=np.int64), "records": np.stack([record.vector for record in records])}


def _standing(facts: dict[str, Any], tensors: dict[str, Array]) -> Standing:
    """The way back from `_facts` and `_tensors`."""
    state, best, recording, ended = facts["state"], facts["best"], facts["recording"], facts["ended"]
    moments = () if state is None else tuple(tensors[f"moment.{i}"] for i in range(state["moments"]))
    return Standing(
        state=None if state is None else State(tensors["vector"], moments, state["step"], tensors.get("averaged")),
        best=BestSoFar(**{**best, "score": float.fromhex(best["score"]), "vector": tensors["best"]}),
        rows=[_row(facts["columns"], values) for values in tensors.get("history", ())],
        dropout_key=facts["dropout_key"],
        recording=None if recording is None else _recording(recording, tensors),
        judged=list(tensors["judged"]) if "judged" in tensors else None,
        rng=facts["rng"],
        ended=None if ended is None else (ended[0], ended[1]),
    )


def _row(columns: list[str], values: Array) -> dict[str, float]:
    return {name: int(value) if name == "epoch" else float(value) for name, value in zip(columns, values, strict=True)}


def _recording(facts: dict[str, Any], tensors: dict[str, Array]) -> Recording:
    lines = tensors["record.lines"].tolist()
    records = {
        step: Record(step, None if epoch < 0 else epoch, vector.copy())
        for (step, epoch, _), vector in zip(lines, tensors["records"], strict=True)
    }
    return Recording(
        by=facts["by"],
        capacity=facts["capacity"],
        stride=facts["stride"],
        kept={step: records[step] for step, _, kept in lines if kept},
        best=None if facts["best"] is None else records[facts["best"]],
        last=None if facts["last"] is None else records[facts["last"]],
    )
