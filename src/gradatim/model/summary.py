"""A model in words: what it predicts, from what, and the network between them.

The description is data, and `gradatim.course.summary` writes it as text for a terminal and as HTML for a notebook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradatim.course.summary import Description, counted, layer_rows, members_and_size
from gradatim.tables import ClassTarget, TableEncoder
from gradatim.tables.encoding.columns import LEFT_OUT
from gradatim.tables.targets import LabelTarget, Target

if TYPE_CHECKING:
    from gradatim.model.ensemble import Ensemble
    from gradatim.model.model import Model

NAMES_SHOWN = 5
LONGEST_NAME = 40


def describe_model(model: Model) -> Description:
    """What a model is, ready to be printed.

    Args:
        model: trained or read from a file.

    Example:
        >>> from gradatim.model import Settings, train_model
        >>> model = train_model(Settings(hidden_widths=(), max_epochs=1), {"x": [1.0, 2.0, 4.0, 8.0]}, [1, 3, 5, 9.5])
        >>> print(describe_model(model).text())
        Regression of 'target'
        table       1 column
        inputs      1 number
        loss        half_squared_error
        rows        3 to train, 1 to choose the epoch
        parameters  2, float32
        <BLANKLINE>
        layer  what     W       b       activation  parameters
        input  1 input
        1      1 unit   (1, 1)  (1, 1)  identity             2
    """
    facts = [
        *_facts_of_target(model.target),
        ("table", _columns_read(model.encoder)),
        ("inputs", _inputs(model.encoder)),
        ("loss", model.loss.name),
        *_facts_of_rows(model),
    ]
    facts += members_and_size(model.architecture, str(model.vector.dtype))
    return Description(_what(model), tuple(facts), layer_rows(model.architecture))


def describe_ensemble(ensemble: Ensemble) -> Description:
    """What an ensemble is: how many models, and the first of them."""
    first, count = ensemble.models[0], len(ensemble.models)
    described = describe_model(first)
    facts = (("models", f"{count}, together {ensemble.parameter_count:,} parameters; the first of them:"),)
    return Description(f"{described.title}, by the mean of {count}", facts + described.facts, described.rows)


def line(model: Model) -> str:
    """The same in one line, for messages and lists."""
    return f"Model({_what(model)}, n={model.architecture.n}, {model.parameter_count} parameters)"


def _what(model: Model) -> str:
    target = model.target
    if isinstance(target, ClassTarget):
        return f"Classification of {_named([target.name])} into {len(target.classes)} classes"
    if isinstance(target, LabelTarget):
        return f"Classification of {_named(target.names)}, two classes each"
    return f"Regression of {_named(target.names)}"


def _facts_of_target(target: Target) -> list[tuple[str, str]]:
    match target:
        case ClassTarget(classes=classes, positive=positive):
            said = "" if positive is None else f"; {_named([positive])} is positive"
            return [("classes", _named(classes) + said)]
        case LabelTarget(positive=positive):
            return [("positive", _named(positive))]
        case _:
            return []


def _facts_of_rows(model: Model) -> list[tuple[str, str]]:
    """How many rows had which part; a model of an older file may not know."""
    purposes = {"train": "to train", "validation": "to choose the epoch"}
    said = [f"{model.rows[part]:,} {purpose}" for part, purpose in purposes.items() if model.rows.get(part)]
    return [("rows", ", ".join(said))] if said else []


def _columns_read(encoder: TableEncoder) -> str:
    """How many columns the table had, and which of them the network does not see."""
    left_out = [column.name for column in encoder.columns if column.kind in LEFT_OUT]
    shape = None if encoder.pixels is None else encoder.pixels.image_shape
    count = len(encoder.columns) - (shape is not None)
    parts = [] if shape is None else ["pictures of {}×{}×{}".format(*shape)]
    parts += [counted(count, "column")] if count or not parts else []
    parts += [f"left out: {_named(left_out)}"] if left_out else []
    return ", ".join(parts)


def _inputs(encoder: TableEncoder) -> str:
    """Which columns of X there are, in their order, and the codes beside X."""
    numbers, categories = encoder.numbers, encoder.categories
    one_hot = sum(category.columns for category in categories)
    parts = [
        (len(numbers.features), counted(len(numbers.features), "number")),
        (len(numbers.marked), counted(len(numbers.marked), "mark of missing", "marks of missing")),
        (len(categories), f"{counted(len(categories), 'category', 'categories')} in {counted(one_hot, 'column')}"),
        (encoder.pixels is not None, counted(0 if encoder.pixels is None else encoder.pixels.columns, "pixel")),
        (len(encoder.embedded), f"{counted(len(encoder.embedded), 'category', 'categories')} as codes"),
    ]
    return " + ".join(said for there, said in parts if there) or "none: it predicts a constant"


def _named(names: Sequence[Any]) -> str:
    """Names as Python writes them, so that line ends and marks of direction in a name cannot disturb the page."""
    more = len(names) - NAMES_SHOWN
    shown = names if more <= 1 else names[:NAMES_SHOWN]
    return ", ".join(map(_short, shown)) + (f" and {more:,} more" if more > 1 else "")


def _short(name: Any) -> str:
    text = repr(name)
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 2]}…{text[-1]}"
