"""scikit-learn's conventions: what is stored, what is known after fit, how it is shown, what is refused and how."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import gradatim as gd
from gradatim.errors import InputError, ShapeError
from gradatim.estimators import NetworkClassifier, NetworkRegressor
from gradatim.formulas.penalties import L2
from tests.estimators.examples import LABELS, QUICK, X, y


def test_fit_stores_what_training_made():
    classifier = NetworkClassifier(**QUICK)
    assert classifier.fit(X, y) is classifier
    assert classifier.classes_.tolist() == [0, 1, 2]
    assert classifier.n_features_in_ == 4
    assert not hasattr(classifier, "feature_names_in_")
    assert classifier.settings_.max_epochs == 15
    assert isinstance(classifier.model_, gd.Model)
    assert classifier.n_iter_ == len(classifier.history_) == 15
    assert classifier.network_.shapes()["W1"] == (8, 4)


def test_names_of_columns_are_kept_and_checked():
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    classifier = NetworkClassifier(**QUICK).fit(frame, y)
    assert classifier.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(frame.rename(columns={"a": "z"}))


def test_before_fit_scikit_learn_speaks():
    asked = ("network_", "history_", "settings_", "n_iter_")
    for ask in (lambda e: e.predict(X), lambda e: e.at(epoch=1), *(lambda e, n=name: getattr(e, n) for name in asked)):
        with pytest.raises(NotFittedError):
            ask(NetworkRegressor())
    with pytest.raises(NotFittedError):
        NetworkClassifier().predict_proba(X)


def test_what_is_saved_is_read_back_as_its_model(tmp_path):
    path = tmp_path / "iris.safetensors"
    with pytest.raises(NotFittedError):
        NetworkClassifier().save(path)
    assert not path.exists()
    classifier = NetworkClassifier(**QUICK).fit(X, y)
    assert classifier.save(path) is None
    assert np.array_equal(gd.load(path).predict_proba(X), classifier.predict_proba(X))


def test_a_file_has_no_epochs_to_ask_for(tmp_path):
    """Whether they were recorded or not, so there is no word of recording them."""
    classifier = NetworkClassifier(**QUICK, record="epochs").fit(X, y)
    classifier.save(tmp_path / "iris.safetensors")
    with pytest.raises(InputError, match="a saved model keeps the parameters of its best epoch only") as refused:
        gd.load(tmp_path / "iris.safetensors").at(epoch=3)
    assert "record" not in str(refused.value)


@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
def test_a_lazy_frame_is_to_be_collected(kind):
    frame = pl.DataFrame({"a": X[:, 0], "y": y})
    fitted = kind(**QUICK).fit(frame.select("a"), y)
    asked = (
        lambda: kind(**QUICK).fit(frame.lazy(), y),
        lambda: kind(**QUICK).fit(frame.select("a"), frame.lazy().select("y")),
        lambda: fitted.predict(frame.lazy().select("a")),
        lambda: gd.fit(frame.lazy(), "y"),
    )
    for ask in asked:
        with pytest.raises(InputError, match=r"must hold values\. Got a LazyFrame.* call \.collect\(\) first"):
            ask()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("form", [np.array, list, lambda Y: np.array([Y, Y]).T], ids=["array", "list", "two columns"])
@pytest.mark.parametrize("kind", [NetworkClassifier, NetworkRegressor])
def test_a_target_that_is_not_finite_is_refused_without_a_warning(kind, form, value):
    for ask in (kind(**QUICK).fit, kind(**QUICK).partial_fit):
        with pytest.raises(InputError, match="y must hold a finite number or a label in every row"):
            ask(X[:4], form([0.0, 1.0, value, 1.0]))


def test_init_stores_and_checks_nothing():
    odd = NetworkClassifier(learning_rate="never", hidden_widths=object())
    assert odd.get_params()["learning_rate"] == "never"
    with pytest.raises(InputError, match="hidden_widths must be"):
        odd.fit(X, y)
    assert NetworkRegressor().set_params(dropout=0.5).dropout == 0.5


def share_of_hits(y, predicted):
    return np.mean(y == predicted)


def test_clones_keep_objects_and_functions():
    given = {
        "optimizer": gd.LBFGS(max_iterations=7),
        "penalty": L2(0.1),
        "metric": share_of_hits,
        "network": gd.NetworkOptions(scale=True),
        "encoding": gd.Encoding(),
        "validation": (X[:5], y[:5]),
    }
    original = NetworkClassifier(**given)
    copy = clone(original.set_params(callbacks=[share_of_hits]))
    for name in ("optimizer", "penalty", "network", "encoding"):
        assert getattr(copy, name) == given[name]
    assert copy.metric is share_of_hits
    assert copy.callbacks == [share_of_hits]
    assert np.array_equal(copy.validation[0], X[:5])


def test_a_generator_gives_the_seed():
    drawn = NetworkRegressor(**QUICK | {"random_state": np.random.RandomState(3)}).fit(X[:, :3], X[:, 3])
    assert drawn.settings_.random_state == np.random.RandomState(3).randint(2**31)
    drawn = NetworkRegressor(**QUICK | {"random_state": np.random.default_rng(3)}).fit(X[:, :3], X[:, 3])
    assert drawn.settings_.random_state == np.random.default_rng(3).integers(2**31)


def test_the_same_seed_gives_the_same_network():
    first, second = (NetworkRegressor(**QUICK).fit(X[:, :3], X[:, 3]) for _ in range(2))
    assert first.model_.vector.tobytes() == second.model_.vector.tobytes()


def test_printed_it_shows_its_layers():
    """Before fit its parameters; after it the network as well: widths 4, 8, 3, so 8·5 + 3·9 = 67 parameters."""
    classifier = NetworkClassifier(**QUICK)
    assert str(classifier) == repr(classifier)
    assert str(classifier).startswith("NetworkClassifier(hidden_widths=(8,), learning_rate=0.01,")
    fitted = str(classifier.fit(X, y))
    assert fitted.startswith(repr(classifier))
    lines = [" ".join(line.split()) for line in fitted.splitlines()]
    assert "1 8 units (8, 4) (8, 1) relu 40" in lines
    assert "2 3 units (3, 8) (3, 1) softmax 27" in lines
    assert "parameters 67, float32" in lines


def test_a_notebook_shows_scikit_learns_box_and_the_network():
    classifier = NetworkClassifier(**QUICK)
    before = classifier._repr_html_()
    assert "NetworkClassifier" in before
    assert "(8, 4)" not in before
    after = classifier.fit(X, y)._repr_html_()
    assert "NetworkClassifier" in after
    assert after.count('<td class="code">(8, 4)</td>') == 1
    pipeline = make_pipeline(StandardScaler(), NetworkClassifier(**QUICK))
    for shown in (pipeline, pipeline.fit(X, y)):
        assert "NetworkClassifier" in shown._repr_html_()
        assert "StandardScaler" in repr(shown)


def test_verbose_prints_a_line_per_epoch(capsys):
    NetworkClassifier(**QUICK | {"max_epochs": 2}, verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["epoch", "1/2"], ["epoch", "2/2"]]
    assert "validation_log_loss" in lines[0]
    NetworkClassifier(**QUICK | {"max_epochs": 2}).fit(X, y)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"preset": "weak"}, "preset must be one of"),
        ({"activation": "rleu"}, r"activation must be one of .* Did you mean 'relu'\?"),
        ({"optimizer": "adm"}, r"optimizer must be one of .* Did you mean 'adam'\?"),
        ({"schedule": "cosin"}, r"schedule must be one of .* Did you mean 'cosine'\?"),
        ({"metric": "acuracy"}, r"metric must be one of .* Did you mean 'accuracy'\?"),
        ({"metric": "rmse"}, "metric of a classification must be one of"),
        ({"loss": "poisson"}, "loss must belong to an output layer with softmax"),
        ({"max_epochs": "ten"}, "max_epochs must be a whole number"),
        ({"max_steps": 5}, "max_epochs or max_steps must be given, and one of them alone"),
        ({"penalty": 0.1}, "penalty must be"),
        ({"dropout": 1.5}, "dropout must be"),
        ({"encoding": "none"}, "encoding must be"),
        ({"network": "deep"}, "network must be"),
        ({"engine": "warp"}, "engine must be one of"),
        ({"members": 0}, "members must be"),
        ({"dtype": "float16"}, "dtype must be"),
        ({"record": "epoch"}, "record must be"),
        ({"random_state": -1}, "random_state must be"),
        ({"class_weight": {7: 1.0}}, "class_weight must name classes of the target"),
        ({"validation": 2}, "validation must be a share between 0 and 1"),
        ({"validation": "all"}, r"validation must be a share .*, a pair \(X, y\) .* Got 'all'"),
        ({"validation": (X,)}, r"validation must be .* a pair \(X, y\) .* Got 1 things"),
        ({"validation": X}, r"validation must be .* a pair \(X, y\)"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_refused_is_named_as_the_caller_wrote_it(settings, said):
    with pytest.raises(InputError, match=said):
        NetworkClassifier(**QUICK | settings).fit(X, y)


def test_rows_that_do_not_fit_are_named_as_the_caller_wrote_them():
    classifier = NetworkClassifier(**QUICK)
    with pytest.raises(ShapeError, match=r"sample_weight must have shape \(150,\).* Got \(3,\)"):
        classifier.fit(X, y, sample_weight=np.ones(3))
    with pytest.raises(InputError, match=r"sample_weight must be finite, 0 or more"):
        classifier.fit(X, y, sample_weight=-np.ones(150))
    with pytest.raises(InputError, match=r"sample_weight must be numbers"):
        classifier.fit(X, y, sample_weight=["heavy"] * 150)
    with pytest.raises(ShapeError, match="groups must have one value for each of the 150 rows"):
        classifier.fit(X, y, groups=np.zeros(15))
    with pytest.raises(InputError, match="2 different groups or more"):
        classifier.fit(X, y, groups=np.zeros(150))
    with pytest.raises(ShapeError, match="y must have one value for each of the 150 rows of X"):
        classifier.fit(X, y[:5])
    with pytest.raises(InputError, match="The target 'y' must hold two classes or more"):
        classifier.fit(X, np.zeros(150, int))
    with pytest.raises(InputError, match=r"classes must name all labels at the first call of partial_fit"):
        classifier.partial_fit(X[:50], y[:50])
    for table in ({"a": X[:, 0]}, [{"a": 1.0}] * 150):
        with pytest.raises(InputError, match="X must be an array, a sparse matrix or a dataframe"):
            classifier.fit(table, y)
    with pytest.raises(InputError, match=r"classes must be a list of two labels for each of the 2 targets"):
        classifier.partial_fit(X, LABELS, classes=[0, 1])


def test_with_lbfgs_there_is_no_partial_fit():
    """As with MLP's: tools ask hasattr before they call it."""
    assert hasattr(NetworkClassifier(), "partial_fit")
    for optimizer in ("lbfgs", gd.LBFGS()):
        assert not hasattr(NetworkClassifier(optimizer=optimizer), "partial_fit")
        assert not hasattr(NetworkRegressor(optimizer=optimizer), "partial_fit")
