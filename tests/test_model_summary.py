"""What print and a notebook say of a model: target, table, inputs, network."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.model import NetworkOptions, Settings, train_model
from gradatim.model.summary import describe_model
from gradatim.tables import Encoding, Table
from gradatim.tables.images import pixel_names

m = 60
rng = np.random.default_rng(3)
species = np.array(["ant", "bee", "cat"])[np.arange(m) % 3]
table = pl.DataFrame(
    {
        "size": pl.Series(rng.standard_normal(m)).set(pl.Series(np.arange(m) % 7 == 0), None),
        "colour": np.array(["red", "green", "blue", "grey"])[np.arange(m) % 4],
        "sold": np.arange(m) % 2 == 0,
        "name": [f"row {i}" for i in range(m)],
        "planet": ["Earth"] * m,
    }
)


PLAIN = {"preset": "plain", "max_epochs": 1, "random_state": 0, "hidden_widths": (4,)}


def trained(X, y, **settings):
    return train_model(Settings(**PLAIN | settings), X, y)


def facts(model):
    return dict(describe_model(model).facts)


def test_the_text_says_target_inputs_and_layers():
    assert str(trained(table, species, dropout=0.1)).splitlines() == [
        "Classification of 'target' into 3 classes",
        "classes     'ant', 'bee', 'cat'",
        "table       5 columns, left out: 'name', 'planet'",
        # red, green, blue, grey are four columns; false and true are one.
        "inputs      1 number + 1 mark of missing + 2 categories in 5 columns",
        "loss        categorical_log_loss",
        "rows        48 to train, 12 to choose the epoch",
        "parameters  47, float32",
        "",
        "layer  what      W       b       activation  dropout  parameters",
        "input  7 inputs",
        "1      4 units   (4, 7)  (4, 1)  relu            0.1          32",
        "2      3 units   (3, 4)  (3, 1)  softmax                      15",
    ]


def test_one_line_for_messages():
    assert (
        repr(trained(table, species)) == "Model(Classification of 'target' into 3 classes, n=(7, 4, 3), 47 parameters)"
    )


def test_the_positive_class_of_two_is_named():
    assert facts(trained(table, np.arange(m) % 2 == 0))["classes"] == "False, True; True is positive"


def test_numbers_have_no_classes():
    model = trained(table, rng.standard_normal(m), hidden_widths=())
    assert describe_model(model).title == "Regression of 'target'"
    assert "classes" not in facts(model)


def test_several_numbers_are_named():
    model = trained(table, rng.standard_normal((m, 2)))
    assert describe_model(model).title == "Regression of 'target_1', 'target_2'"


def test_several_labels_have_a_positive_class_each():
    model = trained(table, pl.DataFrame({"sport": np.arange(m) % 2, "politics": ["no", "yes", "no"] * (m // 3)}))
    assert describe_model(model).title == "Classification of 'sport', 'politics', two classes each"
    assert facts(model)["positive"] == "1, 'yes'"


def test_embedded_categories_are_codes():
    model = trained(table, species, encoding=Encoding(embed_above=3), network=NetworkOptions(scale=True), members=2)
    assert facts(model)["inputs"] == "1 number + 1 mark of missing + 1 category in 1 column + 1 category as codes"
    assert facts(model)["members"].startswith("2 networks")
    assert [row.layer for row in describe_model(model).rows] == ["input", "front", "front", "members", "1", "2"]


def test_pictures_are_counted_in_pixels():
    block = rng.integers(0, 256, (m, 12), dtype=np.uint8)
    pictures = Table(pl.DataFrame(), block=block, block_names=pixel_names((4, 3, 1)), image_shape=(4, 3, 1))
    model = trained(pictures, species)
    assert facts(model)["table"] == "pictures of 4×3×1"
    assert facts(model)["inputs"] == "12 pixels"


def test_columns_of_pixels_are_counted_as_columns():
    columns = pl.DataFrame({f"px{j}": rng.integers(0, 256, m) for j in range(36)} | {"age": rng.normal(size=m)})
    model = trained(columns, species)
    assert facts(model)["table"] == "37 columns"
    assert facts(model)["inputs"] == "1 number + 36 pixels"


def test_without_columns_it_predicts_a_constant():
    model = trained(pl.DataFrame({"planet": ["Earth"] * m}), species, hidden_widths=())
    assert facts(model)["inputs"] == "none: it predicts a constant"


def test_many_and_long_names_are_cut():
    frame = pl.DataFrame({"x": np.arange(m)} | {f"constant {j}": ["same"] * m for j in range(9)})
    assert facts(trained(frame, species))["table"] == (
        "10 columns, left out: 'constant 0', 'constant 1', 'constant 2', 'constant 3', 'constant 4' and 4 more"
    )
    frame = pl.DataFrame({"x": np.arange(m), "y" * 1000: ["same"] * m})
    assert facts(trained(frame, species))["table"] == f"2 columns, left out: '{'y' * 37}…'"


def test_hostile_names_are_shown_and_do_nothing():
    """Markup is escaped; a line end, and the mark that turns writing round, are spelt out."""
    frame = pl.DataFrame({"x": np.arange(m), "<script>alert(1)</script>": ["same"] * m, "a\n\u202eb": ["same"] * m})
    model = trained(frame, np.array(["<b>yes</b>", "no"])[np.arange(m) % 2])
    html, text = model._repr_html_(), str(model)
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "'a\\n\\u202eb'" in text
    assert "\u202e" not in html + text


def test_a_model_that_is_read_back_describes_itself_alike(tmp_path):
    model = trained(table, species)
    model.save(tmp_path / "model.safetensors")
    without_rows = [line for line in str(model).splitlines() if not line.startswith("rows")]
    assert str(gd.load(tmp_path / "model.safetensors")).splitlines() in (without_rows, str(model).splitlines())


@pytest.mark.parametrize("rows", [{}, {"train": 5, "validation": 0}])
def test_rows_that_nobody_counted_are_not_named(rows):
    said = facts(replace(trained(table, species), rows=rows)).get("rows")
    assert said == ("5 to train" if rows else None)
