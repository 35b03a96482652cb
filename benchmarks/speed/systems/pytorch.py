"""PyTorch, eager: tensors indexed by a permutation, no DataLoader, fused Adam."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from benchmarks.speed.systems import LEARNING_RATE, Array, Task


def network(task: Task) -> nn.Sequential:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for inputs, units in pairwise(task.shape.widths):
        layers += [nn.Linear(inputs, units), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def tensors(task: Task) -> tuple[Any, Any, nn.Module]:
    """X, the targets as the loss wants them, and the loss."""
    X, classes = torch.from_numpy(task.X), torch.from_numpy(task.classes)
    if task.shape.outputs == 1:
        return X, classes.to(torch.float32)[:, None], nn.BCEWithLogitsLoss()
    return X, classes, nn.CrossEntropyLoss()


def train(task: Task, epochs: int, after_epoch: Callable[[], None], *, compiled: bool = False) -> None:
    torch.set_num_threads(task.threads)
    model = network(task)
    X, Y, criterion = tensors(task)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)

    def loss_of(A: Any, Y: Any) -> Any:
        return criterion(model(A), Y)

    loss = torch.compile(loss_of) if compiled else loss_of
    for _ in range(epochs):
        order = torch.randperm(len(X)) if len(task.batches) > 1 else None
        for batch in task.batches:
            rows = batch if order is None else order[batch]
            optimizer.zero_grad(set_to_none=True)
            loss(X[rows], Y[rows]).backward()
            optimizer.step()
        after_epoch()


def predictor(task: Task) -> Callable[[Array], Array]:
    torch.set_num_threads(task.threads)
    model = network(task).eval()

    def predict(X: Array) -> Array:
        with torch.inference_mode():
            scores = model(torch.from_numpy(X))
            return (torch.sigmoid(scores) if task.shape.outputs == 1 else torch.softmax(scores, dim=1)).numpy()

    return predict
