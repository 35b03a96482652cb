"""gradatim's own predictor for one model, without the table's checks; where the version has one."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.speed.systems import Array, NotMeasured, Task
from benchmarks.speed.systems.ours import fitted


def predictor(task: Task) -> Callable[[Array], Array]:
    model = fitted(task).model_
    if not hasattr(model, "compiled_predictor"):
        raise NotMeasured("not there yet")
    predict: Callable[[Array], Array] = model.compiled_predictor()
    return predict
