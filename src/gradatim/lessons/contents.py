"""The lessons in the order of the notes, in five parts."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """Lessons that belong together.

    Attributes:
        titles: by language.
        names: of the lessons, in their order.
    """

    titles: dict[str, str]
    names: tuple[str, ...]


PARTS = (
    Part(
        {"en": "Introduction", "zh-CN": "引言"},
        (
            "a-neuron",
            "positive-targets",
            "kinds-of-network",
            "structured-data",
            "scale",
        ),
    ),
    Part(
        {"en": "Basics", "zh-CN": "基础"},
        (
            "log-loss",
            "slopes",
            "computation-graph",
            "one-example",
            "gradient-descent",
            "zeros-or-random",
            "vectorization",
            "axes-and-shapes",
            "broadcasting",
            "images-as-columns",
            "normalized-inputs",
            "array-libraries",
        ),
    ),
    Part(
        {"en": "Shallow networks", "zh-CN": "浅层网络"},
        (
            "activations",
            "tanh-is-a-shifted-sigmoid",
            "linear-layers-collapse",
            "six-equations",
            "initialization",
            "flower",
        ),
    ),
    Part(
        {"en": "Deep networks", "zh-CN": "深层网络"},
        (
            "dimensions",
            "why-depth",
            "features",
            "vanishing-gradients",
            "too-small-for-depth",
            "hyperparameters",
            "cats",
            "the-ladder",
        ),
    ),
    Part(
        {"en": "Questions", "zh-CN": "常见问题"},
        (
            "why-a-minus-y",
            "star-or-dot",
            "nan-cost",
            "my-own-photo",
            "neurons-and-brains",
            "interview",
        ),
    ),
)

NAMES = tuple(name for part in PARTS for name in part.names)
LANGUAGES = ("en", "zh-CN")
