"""Pictures: what is on them, and that they can be kept. How they look was judged by eye."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

import gradatim as gd
from gradatim.course import Costs
from gradatim.errors import InputError, ShapeError
from gradatim.model import Settings, train_model
from gradatim.training import History


def png(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer)
    return buffer.getvalue()


def points():
    rng = np.random.default_rng(0)
    Y = np.array([[0] * 10 + [1] * 10])
    return rng.normal(size=(2, 20)) + 4 * Y, Y


def line():
    """x1 + x2 > 4."""
    return gd.Network.from_parameters({"W1": np.ones((1, 2)), "b1": np.array([[-4.0]])})


def test_costs_stand_at_their_iterations():
    X, Y = points()
    figure = gd.plot.costs(gd.Network([2, 1]).descend(X, Y, 0.1, iterations=250))
    (ax,) = figure.axes
    assert isinstance(figure, Figure)
    assert list(ax.lines[0].get_xdata()) == [0, 100, 200, 249]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("iteration", "cost J")
    assert png(figure).startswith(b"\x89PNG")


def test_a_plain_list_of_costs_is_spaced_by_record_every():
    figure = gd.plot.costs([3.0, 2.0, 1.0], record_every=10)
    assert list(figure.axes[0].lines[0].get_xdata()) == [0, 10, 20]


def test_no_costs_make_an_empty_picture():
    assert png(gd.plot.costs(Costs()))


def history(metric):
    rows = [(1, 0.9, 7.0), (2, 0.5, 5.0), (3, 0.4, 6.0)]
    return History(tuple({"epoch": k, "training_loss": loss, f"validation_{metric}": v} for k, loss, v in rows))


def test_a_history_is_drawn_by_epoch_with_the_validation_metric_on_its_own_axis():
    figure = gd.plot.costs(history("rmse"))
    left, right = figure.axes
    assert [left.get_xlabel(), left.get_ylabel(), right.get_ylabel()] == ["epoch", "loss", "validation rmse"]
    assert left.lines[0].get_xydata().tolist() == [[1, 0.9], [2, 0.5], [3, 0.4]]
    assert right.lines[0].get_xydata().tolist() == [[1, 7], [2, 5], [3, 6]]
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["training", "validation"]
    assert png(figure)


def test_training_and_validation_share_an_axis_where_they_are_one_measure():
    (ax,) = gd.plot.costs(history("log_loss")).axes
    assert [list(line.get_ydata()) for line in ax.lines] == [[0.9, 0.5, 0.4], [7, 5, 6]]


def test_the_history_of_a_model_is_drawn_and_an_empty_one_refused():
    settings = gd.Settings("plain", hidden_widths=(3,), max_epochs=4, random_state=0)
    x = np.linspace(-1, 1, 40)
    model = train_model(settings, {"x": x}, x**2)
    assert [len(ax.lines[0].get_xdata()) for ax in gd.plot.costs(model.history_).axes] == [4, 4]
    with pytest.raises(InputError, match="history must hold an epoch"):
        gd.plot.costs(History())


def test_drawing_into_given_axes_returns_their_figure():
    figure = Figure()
    ax = figure.add_subplot()
    assert gd.plot.costs([1.0], ax=ax) is figure
    assert ax.get_ylabel() == "cost J"


def test_the_boundary_lies_where_the_decision_changes():
    X, Y = points()
    figure = gd.plot.decision_boundary(line(), X, Y)
    (ax,) = figure.axes
    boundary = np.vstack([path.vertices for path in ax.collections[1].get_paths()])
    assert len(boundary) > 100
    assert np.abs(boundary.sum(axis=1) - 4).max() < 0.1  # within a step of the grid
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0", "1"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("$x_1$", "$x_2$")
    assert png(figure)


def test_classes_differ_by_colour_and_by_marker():
    X, Y = points()
    scatters = gd.plot.decision_boundary(line(), X, Y).axes[0].collections[2:]
    assert [len(scatter.get_offsets()) for scatter in scatters] == [10, 10]
    assert len({tuple(scatter.get_facecolor()[0]) for scatter in scatters}) == 2
    assert len({scatter.get_paths()[0].vertices.tobytes() for scatter in scatters}) == 2


def test_a_model_that_predicts_names_from_rows():
    class ByRows:
        def predict(self, rows):
            assert rows.shape[1] == 2
            return np.where(rows[:, 0] > 2, "cat", "dog")

    X, Y = points()
    figure = gd.plot.decision_boundary(ByRows(), X, np.where(Y == 1, "cat", "dog"))
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["cat", "dog"]


def test_three_classes_by_softmax():
    X, _ = points()
    Y = np.eye(3)[np.arange(20) % 3].T
    figure = gd.plot.decision_boundary(gd.Network([2, 3], activations=["softmax"]), X, Y)
    assert len(figure.axes[0].get_legend().get_texts()) == 3
    assert png(figure)


def test_one_decision_everywhere_has_no_boundary():
    net = gd.Network([2, 1], initializer="zeros")
    figure = gd.plot.decision_boundary(net, np.ones((2, 3)), np.zeros((1, 3)))
    assert len(figure.axes[0].collections) == 2
    assert png(figure)


def test_planes_need_two_rows_and_a_class_for_each_point():
    X, Y = points()
    with pytest.raises(ShapeError, match=r"use X\.T"):
        gd.plot.decision_boundary(line(), X.T, Y)
    with pytest.raises(ShapeError, match=r"Y must be \(1, 20\)"):
        gd.plot.decision_boundary(line(), X, Y[:, :3])


def test_a_column_is_shown_as_the_picture_it_was():
    picture = np.arange(24).reshape(2, 4, 3) / 24
    shown = gd.plot.image(picture.reshape(-1, 1), shape=(2, 4, 3)).axes[0].images[0].get_array()
    assert np.array_equal(shown, picture)


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_bytes_are_shown_as_fractions(kind):
    shown = gd.plot.image(np.array([0, 51, 102, 255], dtype=kind), shape=(2, 2)).axes[0].images[0].get_array()
    assert np.allclose(shown, [[0, 0.2], [0.4, 1]])


@pytest.mark.parametrize("column", [np.zeros(11), np.zeros((12, 2)), np.zeros((2, 6))])
def test_columns_that_are_no_such_picture(column):
    with pytest.raises(ShapeError, match=r"column must hold 2 · 2 · 3 = 12 numbers"):
        gd.plot.image(column, shape=(2, 2, 3))


def test_mislabelled_shows_the_wrong_ones_with_both_names():
    X = np.linspace(0, 1, 20).reshape(4, 5)
    figure = gd.plot.mislabelled(X, [[0, 1, 0, 1, 1]], [[0, 0, 1, 1, 1]], shape=(2, 2), classes=("non-cat", "cat"))
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["column 1: cat\ntaken for non-cat", "column 2: non-cat\ntaken for cat"]
    assert np.array_equal(figure.axes[0].images[0].get_array().ravel(), X[:, 1])
    assert figure.get_suptitle() == "2 of 5 mislabelled"
    assert png(figure)


def test_mislabelled_counts_what_it_does_not_show():
    figure = gd.plot.mislabelled(np.ones((4, 9)), np.zeros((1, 9)), np.ones((1, 9)), shape=(2, 2), at_most=5)
    assert len(figure.axes) == 5
    assert figure.get_suptitle() == "9 of 9 mislabelled, 5 shown"


def test_nothing_mislabelled_is_said():
    figure = gd.plot.mislabelled(np.ones((4, 3)), [[0, 1, 1]], [[0, 1, 1]], shape=(2, 2))
    assert figure.get_suptitle() == "0 of 3 mislabelled"
    assert png(figure)


def test_mislabelled_refuses_what_does_not_belong_together():
    with pytest.raises(ShapeError, match="of the same examples"):
        gd.plot.mislabelled(np.ones((4, 3)), [[0, 1]], [[0, 1]], shape=(2, 2))
    with pytest.raises(InputError, match="classes must name every class, 0 to 2"):
        gd.plot.mislabelled(np.ones((4, 2)), [[0, 2]], [[0, 1]], shape=(2, 2))


def test_no_window_and_no_global_state():
    """Without pyplot there is no current figure to leave behind."""
    program = "import sys, gradatim as gd; gd.plot.costs([1.0]); sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_figure_shows_itself_in_a_notebook():
    assert gd.plot.costs([1.0])._repr_png_().startswith(b"\x89PNG")


def test_axes_for_a_picture_of_ones_own():
    figure, axes = gd.plot.figure(2, 3, sharex=True)
    assert axes.shape == (2, 3)
    assert figure._repr_png_().startswith(b"\x89PNG")


@pytest.fixture(scope="module")
def explained():
    """A line whose weights are known: y = 2 x, less 1 where sex is f."""
    rows = {"x": [0.0, 1.0, 2.0, 3.0], "sex": ["f", "f", "m", "m"]}
    model = train_model(Settings(hidden_widths=(), optimizer="lbfgs", validation=None), rows, [-1.0, 1.0, 4.0, 6.0])
    return model, rows


def test_parts_of_a_row_are_bars_to_both_sides(explained):
    model, rows = explained
    found = gd.integrated_gradients(model, rows, baseline={"x": [0.0], "sex": ["m"]})
    ax = gd.plot.attribution(found.row(1)).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "sex"]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([2, -1], abs=1e-4)
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert ax.get_xlabel() == "part of target"
    shares = gd.plot.attribution(found).axes[0]
    assert sum(bar.get_width() for bar in shares.patches) == pytest.approx(100)
    assert png(shares.figure)


def test_shuffled_columns_are_bars_with_a_deviation(explained):
    model, rows = explained
    found = gd.permutation_importance(model, rows, [-1.0, 1.0, 4.0, 6.0])
    ax = gd.plot.permutation_importance(found).axes[0]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(found.values[found.order].tolist())
    assert ax.get_xlabel() == "rmse worse by"
    assert png(ax.figure)


def test_partial_dependence_is_a_line_or_marks(explained):
    model, rows = explained
    found = gd.partial_dependence(model, rows, "x", individual=True)
    ax = gd.plot.partial_dependence(found).axes[0]
    *of_rows, mean = ax.get_lines()
    assert len(of_rows) == 4
    assert mean.get_ydata() == pytest.approx([-0.5, 1.5, 3.5, 5.5], abs=1e-4)
    assert mean.get_linestyle() == "-"
    levels = gd.plot.partial_dependence(gd.partial_dependence(model, rows, "sex", grid=["f", "m", None])).axes[0]
    assert levels.get_lines()[0].get_linestyle() == ":"
    assert [label.get_text() for label in levels.get_xticklabels()] == ["f", "m", "missing"]
    assert (levels.get_xlabel(), levels.get_ylabel()) == ("sex", "target")
    assert png(levels.figure)


def test_several_classes_have_a_legend():
    X = np.linspace(0, 1, 30).reshape(-1, 1)
    model = train_model(Settings("plain", max_epochs=1), X, np.repeat(["a", "b", "c"], 10))
    ax = gd.plot.partial_dependence(gd.partial_dependence(model, X, "x1")).axes[0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b", "c"]
