"""``gradatim predict``: every row with its prediction."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.cli import main
from tests.cli.commands import LOADED, TARGET_IS_THERE, run_python


def test_predict_writes_inputs_predictions_and_probabilities(cli, iris_run):
    status, out, err = cli("predict", iris_run, "sample:iris")
    frame = pl.read_csv(io.StringIO(out))
    assert (status, err) == (0, TARGET_IS_THERE)
    inputs = ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
    classes = ["setosa", "versicolor", "virginica"]
    assert frame.columns == [*inputs, "species_predicted", *(f"p_{name}" for name in classes)]
    probabilities = frame.select(f"p_{name}" for name in classes).to_numpy()
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert frame["species_predicted"].to_list() == [classes[k] for k in probabilities.argmax(axis=1)]
    expected = gd.load(iris_run / "model.safetensors").predict_proba(frame.select(inputs[:4]))
    assert probabilities == pytest.approx(expected)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_predict_writes_files(cli, iris_run, own_folder, ending):
    assert cli("predict", iris_run / "model.safetensors", "sample:iris", "--out", f"p.{ending}") == (
        0,
        "",
        TARGET_IS_THERE,
    )
    frame = pl.read_csv("p.csv") if ending == "csv" else pl.read_parquet("p.parquet")
    assert frame.height == 150
    assert [path.name for path in own_folder.iterdir()] == [f"p.{ending}"]


def test_predict_numbers_in_their_own_units(cli):
    table = pl.DataFrame({"x": np.linspace(0, 1, 50), "y": 1000 + 500 * np.linspace(0, 1, 50)})
    table.write_csv("data.csv")
    cli("fit", "data.csv", "--target", "y", "--rungs", "linear", "--quiet")
    table.drop("y").write_csv("new.csv")
    _, out, _ = cli("predict", "runs/data-y", "new.csv")
    frame = pl.read_csv(io.StringIO(out))
    assert frame.columns == ["x", "y_predicted"]
    assert frame["y_predicted"].to_numpy() == pytest.approx(table["y"].to_numpy(), rel=0.02)


def test_predict_keeps_every_column_that_comes_in(cli, iris_run):
    cli("predict", iris_run, "sample:iris", "--out", "once.csv")
    status, out, err = cli("predict", iris_run, "once.csv")
    assert status == 0
    assert "\nThe table has these columns already: species_predicted, p_setosa, " in err
    once, twice = pl.read_csv("once.csv"), pl.read_csv(io.StringIO(out))
    assert twice.select(once.columns).equals(once)
    assert twice["p_setosa_2"].to_list() == once["p_setosa"].to_list()
    assert twice.columns[-4:] == ["species_predicted_2", "p_setosa_2", "p_versicolor_2", "p_virginica_2"]


def test_a_single_picture_is_predicted(cli, own_folder):
    image = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    for name, low in (("dark", 0), ("light", 160)):
        (own_folder / "pictures" / name).mkdir(parents=True)
        for i in range(10):
            pixels = rng.integers(low, low + 90, (8, 8, 3), dtype=np.uint8)
            image.fromarray(pixels).save(own_folder / "pictures" / name / f"{i}.png")
    status, out, _ = cli("fit", "pictures", "--rungs", "linear", "--out", "run")
    assert status == 0
    assert "12,288 pixels" in out
    image.fromarray(np.full((20, 30, 3), 240, dtype=np.uint8)).save("new.png")
    status, out, _ = cli("predict", "run", "new.png")
    frame = pl.read_csv(io.StringIO(out))
    assert status == 0
    assert frame.height == 1
    assert frame.columns[-3:] == ["label_predicted", "p_dark", "p_light"]
    assert frame["label_predicted"].to_list() == ["light"]
    assert frame.width <= 4  # no pixels


def test_one_picture_in_a_file_of_numpy_is_one_picture(cli, picture_run):
    np.save("one.npy", picture_run[30])
    np.save("many.npy", picture_run[[30, 3]])
    one, many = (pl.read_csv(io.StringIO(cli("predict", "run", f"{name}.npy")[1])) for name in ("one", "many"))
    assert many["label_predicted"].to_list() == ["light", "dark"]
    assert one.row(0) == pytest.approx(many.row(0))
    assert one.height == 1
    np.save("other.npy", np.zeros((9, 9, 3), dtype=np.uint8))
    status, _, err = cli("predict", "run", "other.npy")
    assert status == 2
    assert "If it is one picture of 9×9×3, bring it to 8×6 and save pictures[None]." in err


def test_pictures_on_another_scale_are_not_predicted(cli, picture_run):
    np.savez("fractions.npz", X=picture_run / 255, y=np.repeat([0, 1], 20), class_names=["dark", "light"])
    for command in ("predict", "evaluate"):
        status, out, err = cli(command, "run", "fractions.npz")
        assert (status, out) == (2, "")
        assert "multiply them by 255, if their white is 1" in err


@pytest.mark.parametrize("command", [("evaluate", "run"), ("fit",)], ids=["evaluate", "fit"])
@pytest.mark.parametrize("name", ["one.png", "one.npy"])
def test_pictures_without_targets_are_named_as_that(cli, picture_run, command, name):
    image = pytest.importorskip("PIL.Image")
    image.fromarray(picture_run[0]).save("one.png")
    np.save("one.npy", picture_run[0])
    status, out, err = cli(*command, name)
    assert (status, out) == (2, "")
    assert err.startswith(f"{name} must hold a target for each picture. Got pictures alone: put them into one folder")
    assert "pixel_" not in err


def test_the_cats_of_the_course_from_a_file_to_a_picture(cli, shared, own_folder):
    h5py, image = pytest.importorskip("h5py"), pytest.importorskip("PIL.Image")
    course = shared / "course"
    status, out, _ = cli(
        *("fit", course / "train_catvnoncat.h5", "--test", course / "test_catvnoncat.h5"),
        *("--rungs", "constant,linear,deep", "--choose", "deep", "--epochs", "3", "--out", "cats"),
    )
    assert status == 0
    assert "12,288 pixels" in out
    assert "tested on 50 rows." in out
    with h5py.File(course / "test_catvnoncat.h5") as file:
        image.fromarray(file["test_set_x"][0]).resize((150, 100)).save("cat.png")
    status, out, err = cli("predict", "cats", "cat.png")
    assert (status, err) == (0, "")
    frame = pl.read_csv(io.StringIO(out))
    assert frame.columns == ["file", "label_predicted", "p_non-cat", "p_cat"]
    assert frame.height == 1
    assert 0 < frame["p_cat"][0] < 1
    rights = {path.stat().st_mode for path in (own_folder / "cats").rglob("*") if path.is_file()}
    assert len(rights) == 1


def test_predicting_never_loads_what_only_training_needs(iris_run, own_folder):
    (own_folder / "new.csv").write_text("sepal_length,sepal_width,petal_length,petal_width\n5,3.4,1.5,0.2\n")
    words = run_python(LOADED, "predict", str(iris_run), "new.csv", "--out", "p.csv").stdout.split()
    assert words[0] == "0"
    assert {"sklearn", "matplotlib", "numba", "scipy.optimize", "scipy.stats", "scipy.linalg"}.isdisjoint(words)
    assert pl.read_csv("p.csv")["species_predicted"].to_list() == ["setosa"]


def test_predictions_never_replace_the_file_they_are_made_from(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(40)), encoding="utf-8")
    assert main(["fit", "rows.csv", "--target", "y", "--rungs", "constant", "--out", "run", "--quiet"]) == 0
    before = Path("rows.csv").read_bytes()
    assert main(["predict", "run", "rows.csv", "--out", "rows.csv"]) == 2
    assert "--out must be another file than DATA" in capsys.readouterr().err
    assert Path("rows.csv").read_bytes() == before
