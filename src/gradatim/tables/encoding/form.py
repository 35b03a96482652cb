"""An encoder as JSON and rank-1 arrays, and back: what a model file keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.tables.dates import UTC
from gradatim.tables.encoding.columns import Column, Feature
from gradatim.tables.encoding.levels import Category, embedded_category, one_hot_columns
from gradatim.tables.encoding.numeric import Numbers
from gradatim.tables.encoding.pixels import Pixels, pixel_features

if TYPE_CHECKING:
    from gradatim.tables.encoding.encoder import TableEncoder

NUMBER_TENSORS = ("center", "scale", "mean", "mark_center", "mark_scale")


def facts_of(encoder: TableEncoder) -> dict[str, Any]:
    """All but the numbers: settings, names, kinds, levels and notes, as JSON has them."""
    numbers, pixels = encoder.numbers, encoder.pixels
    return {
        "encoding": asdict(encoder.encoding),
        "columns": [_filled(astuple(column)) for column in encoder.columns],
        "numbers": [_written(feature) for feature in numbers.features],
        "marked": list(numbers.marked),
        "clips": [numbers.clip, numbers.mark_clip],
        "categories": [{"feature": _written(c.feature), "levels": list(c.levels)} for c in encoder.categories],
        "embedded": [{"feature": _written(c.feature), "levels": list(c.levels)} for c in encoder.embedded],
        "image_shape": None if pixels is None or pixels.image_shape is None else list(pixels.image_shape),
        "is_sparse": encoder.is_sparse,
        "notes": list(encoder.notes),
        "zones": {feature.raw: feature.zone for feature in numbers.features if feature.zone},
        **({"strays": list(encoder.strays)} if encoder.strays else {}),
    }


def tensors_of(encoder: TableEncoder) -> dict[str, np.ndarray]:
    """The numbers: named rank-1 float64 arrays, C-contiguous."""
    tensors = {name: getattr(encoder.numbers, name) for name in NUMBER_TENSORS}
    tensors["level_center"] = np.concatenate([np.empty(0), *(category.center for category in encoder.categories)])
    tensors["level_scale"] = np.concatenate([np.empty(0), *(category.scale for category in encoder.categories)])
    tensors["pixel_range"] = np.array([] if encoder.pixels is None else [encoder.pixels.low, encoder.pixels.high])
    return {name: np.ascontiguousarray(tensor, dtype=np.float64) for name, tensor in tensors.items()}


def _filled(fields: tuple[str, ...]) -> list[str]:
    """A column or a feature without the order of its dates, which hardly one has."""
    return list(fields if fields[-1] else fields[:-1])


def _written(feature: Feature) -> list[str]:
    """A feature without its zone, which is written once for all parts of a column."""
    return _filled((feature.raw, feature.part, feature.first))


def parts_from(facts: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """What `TableEncoder` takes beside its settings, from what `facts_of` and `tensors_of` gave."""
    zones = facts.get("zones")

    def feature_from(fields: Sequence[str]) -> Feature:
        feature = Feature(*fields)
        if not feature.part:
            return feature
        return feature._replace(zone=UTC if zones is None else zones.get(feature.raw, ""))  # old models: all in UTC

    clip, mark_clip = facts["clips"]
    numbers = Numbers(
        features=tuple(feature_from(fields) for fields in facts["numbers"]),
        marked=tuple(facts["marked"]),
        clip=clip,
        mark_clip=mark_clip,
        **{name: tensors[name] for name in NUMBER_TENSORS},
    )
    categories, start = [], 0
    for category in facts["categories"]:
        levels = tuple(category["levels"])
        here = slice(start, start := start + one_hot_columns(len(levels)))
        center, scale = tensors["level_center"][here], tensors["level_scale"][here]
        categories.append(Category(feature_from(category["feature"]), levels, center, scale, mark_clip))
    columns = tuple(Column(*column) for column in facts["columns"])
    return {
        "columns": columns,
        "numbers": numbers,
        "categories": tuple(categories),
        "embedded": tuple(embedded_category(feature_from(c["feature"]), tuple(c["levels"])) for c in facts["embedded"]),
        "pixels": _pixels_from(columns, facts["image_shape"], tensors["pixel_range"]),
        "is_sparse": facts["is_sparse"],
        "notes": tuple(facts["notes"]),
        "strays": tuple(facts.get("strays", ())),
    }


def _pixels_from(columns: Sequence[Column], shape: Sequence[int] | None, span: np.ndarray) -> Pixels | None:
    image_shape: Any = None if shape is None else tuple(shape)
    features = pixel_features(columns, image_shape)
    if image_shape is None and not features:
        return None
    low, high = span.tolist()
    return Pixels(image_shape, low, high, features)
