"""The same products on one thread, which is quicker where they are small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.speed.systems import Task, products


def train(task: Task, epochs: int, after_epoch: Callable[[], None]) -> None:
    products.train(replace(task, threads=1), epochs, after_epoch)
