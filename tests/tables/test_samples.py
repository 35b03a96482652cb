"""The tables that come along."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradatim.errors import InputError
from gradatim.tables import SAMPLES, read_sample, task_of
from gradatim.tables.samples import circles, flower, moons


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_has_its_target(name):
    table = read_sample(name)
    assert table.target_name == SAMPLES[name].target
    assert table.target_name in table.names
    assert table.source == f"sample:{name}"


@pytest.mark.parametrize(
    ("name", "shape", "task", "mean"),
    [
        ("concrete", (1030, 9), "regression", 35.8179612),
        ("diabetes", (442, 11), "regression", 152.133484),
        ("digits", (1797, 65), "classification", 4.49081803),
    ],
)
def test_samples_hold_the_published_numbers(name, shape, task, mean):
    """Means as published: concrete in UCI's description (35.82), the others by scikit-learn."""
    table = read_sample(name)
    y = table.column(SAMPLES[name].target)
    assert (table.n_rows, len(table.names)) == shape
    assert task_of(y)[0] == task
    np.testing.assert_allclose(y.mean(), mean, rtol=1e-6)


def test_concrete_has_its_columns():
    assert read_sample("sample:concrete").names == (
        "cement",
        "blast_furnace_slag",
        "fly_ash",
        "water",
        "superplasticizer",
        "coarse_aggregate",
        "fine_aggregate",
        "age",
        "strength",
    )


def test_penguins_have_their_gaps():
    table = read_sample("penguins")
    assert table.n_rows == 344
    assert table.column("sex").null_count() == 11
    assert table.column("bill_length_mm").null_count() == 2
    counts = dict(table.column("species").value_counts().iter_rows())
    assert counts == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
def test_files_of_scikit_learn_are_read_as_it_reads_them(name):
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = getattr(datasets, f"load_{name}")()
    ours = read_sample(name)
    X = ours.matrix([column for column in ours.names if column != SAMPLES[name].target])
    np.testing.assert_array_equal(X, theirs.data)
    words = [str(theirs.target_names[k]) for k in theirs.target] if name != "digits" else theirs.target.tolist()
    assert ours.column(SAMPLES[name].target).to_list() == words


def test_diabetes_is_the_raw_table():
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = datasets.load_diabetes(scaled=False)
    ours = read_sample("diabetes")
    np.testing.assert_array_equal(ours.matrix(ours.names[:-1]), theirs.data)
    np.testing.assert_array_equal(ours.column("progression").to_numpy(), theirs.target)


def test_the_flower_of_the_course():
    """First point and means as the course's own code gives them."""
    X, Y = flower()
    assert (X.shape, Y.shape, Y.sum()) == ((2, 400), (1, 400), 200)
    np.testing.assert_allclose(X[:, 0], [1.20444229, 3.57611415], atol=5e-9)
    np.testing.assert_allclose(X.mean(axis=1), [-0.04334591, 0.06856587], atol=5e-9)


def test_moons_and_circles_are_scikit_learns():
    datasets = pytest.importorskip("sklearn.datasets")
    for (X, Y), (their_X, their_y) in (
        (moons(), datasets.make_moons(300, noise=0.2, random_state=3)),
        (circles(), datasets.make_circles(300, noise=0.05, random_state=1)),
        (circles(seed=2, m=100), datasets.make_circles(100, noise=0.05, random_state=2)),
    ):
        np.testing.assert_array_equal(X, their_X.T)
        np.testing.assert_array_equal(Y[0], their_y)


def test_an_unknown_sample_is_refused_with_a_guess():
    with pytest.raises(InputError, match="Did you mean 'penguins'"):
        read_sample("sample:pengiuns")


def test_reading_samples_does_not_import_scikit_learn():
    code = (
        "import sys; from gradatim.tables import SAMPLES, read_sample; [read_sample(n) for n in SAMPLES]; "
        "sys.exit('sklearn' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
