"""The same with network, loss and their gradients through torch.compile."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.speed.systems import Task, pytorch


def train(task: Task, epochs: int, after_epoch: Callable[[], None]) -> None:
    pytorch.train(task, epochs, after_epoch, compiled=True)
