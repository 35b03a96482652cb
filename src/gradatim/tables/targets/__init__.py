"""What is to be predicted, as numbers that a network can aim at, and back.

Conventions
-----------
* Targets are rows here, (m, k): one column for two classes, one for each of K > 2 classes, one for each label that may
  be true beside others, one for each number.
* Two classes are one column of 0 and 1, always; 1 stands for the positive class, the last one in order unless said
  otherwise.
* Classes keep their type (text, whole number, boolean) and stand in sorted order; a column that brings an order of
  its own (Polars' Enum, as read from a file that lists its classes) keeps that.
* Numbers are standardized by mean and population standard deviation of the training rows; amounts that a network's
  output cannot go below (0 and more) are divided by their mean alone.
* Rows without a target are the caller's to drop: `present` tells which have one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradatim.tables.targets.class_target import ClassTarget
from gradatim.tables.targets.label_target import LabelTarget
from gradatim.tables.targets.labels import Label, label_text
from gradatim.tables.targets.number_target import NumberTarget
from gradatim.tables.targets.presence import present, rows_without
from gradatim.tables.targets.target_columns import Output, columns_of, words_for

__all__ = [
    "ClassTarget",
    "Label",
    "LabelTarget",
    "NumberTarget",
    "Output",
    "Target",
    "columns_of",
    "label_text",
    "present",
    "rows_without",
    "target_from_json",
    "words_for",
]

Target = ClassTarget | LabelTarget | NumberTarget

_READERS: dict[str, Callable[[Mapping[str, Any]], Target]] = {
    "classes": ClassTarget.from_json,
    "labels": LabelTarget.from_json,
    "numbers": NumberTarget.from_json,
}


def target_from_json(facts: Mapping[str, Any]) -> Target:
    """The target that `to_json` of any kind described.

    Example:
        >>> target_from_json(ClassTarget.fit(["no", "yes"]).to_json()).classes
        ('no', 'yes')
    """
    return _READERS[facts["kind"]](facts)
