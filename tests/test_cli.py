"""The command line: what it prints where, and how it ends."""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import gradatim as gd
from gradatim.cli import main
from gradatim.model import train_model
from gradatim.settings import Settings
from gradatim.tables import read_table

TARGET_IS_THERE = "Not predicted from: 'species' (the target).\n"
QUICK = ("--epochs", "3", "--rungs", "constant,linear,shallow")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(capsys):
    """Run a command; its status, standard output and standard error."""

    def run(*tokens):
        status = main([str(token) for token in tokens])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture(scope="module")
def iris_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "iris"
    gd.fit("sample:iris", rungs="constant,linear", out=folder)
    return folder


def test_fit_tells_the_whole_story(cli):
    status, out, err = cli("fit", "sample:iris", *QUICK)
    assert status == 0
    assert "sample:iris: 150 rows, 4 columns to predict from (4 numbers)" in out
    assert "species: classification into 3 classes. The target holds texts." in out
    assert "96 to train, 24 to choose, 30 to test" in out
    assert re.search(r"→  linear +0\.\d+ ± 0\.\d+ +15 +\d+\.\d\n", out)
    assert "No network beats the linear model here; keep it." in out
    assert re.search(r"On the test rows the linear model has accuracy 0\.\d+, ", out)
    assert "Trained on 96, validated on 24, tested on 30 rows." in out
    assert "gradatim predict runs/iris-species sample:iris --out predictions.csv" in out
    assert "gradatim fit sample:iris --target species --rungs constant,linear,shallow --epochs 3 --seed 1" in out
    assert err.splitlines() == [
        line for line in err.splitlines() if re.fullmatch(r"\w+ (model|network): trained in \d+\.\d s", line)
    ]
    assert len(err.splitlines()) == 3


def test_lines_stay_within_a_hundred_characters(cli):
    _, out, _ = cli("fit", "sample:penguins", *QUICK)
    assert max(map(len, out.splitlines())) <= 100


def test_commands_that_are_printed_work(cli):
    _, out, _ = cli("fit", "sample:iris", *QUICK)
    commands = [line.split()[1:] for line in out.splitlines() if line.startswith("  gradatim ")]
    assert len(commands) == 2
    for command in commands:
        assert cli(*command)[0] == 0


def test_json_is_all_there_is_on_standard_output(cli, own_folder):
    status, out, err = cli("fit", "sample:concrete", "--target", "strength", "--json", *QUICK)
    assert status == 0
    assert json.loads(out) == json.loads((own_folder / "runs/concrete-strength/metrics.json").read_text())
    assert "1,030 rows" in err
    assert cli("fit", "sample:iris", "--json", "--quiet", *QUICK)[2] == ""


def test_training_that_breaks_off_is_said(cli, monkeypatch):
    from dataclasses import replace

    import gradatim.ladder.ladder as ladder

    whole = ladder.train_prepared

    def breaks_off(prepared, settings, *args, **kwargs):
        model = whole(prepared, settings, *args, **kwargs)
        if not settings.hidden_widths:
            return model
        return replace(model, training=replace(model.training, stopped_because="diverged", message="It became NaN."))

    monkeypatch.setattr(ladder, "train_prepared", breaks_off)
    status, out, _ = cli("fit", "sample:iris", *QUICK)
    assert status == 0
    assert "\nshallow network: It became NaN.\n" in out
    assert "linear model: It" not in out


def test_quiet_leaves_the_result(cli):
    status, out, err = cli("fit", "sample:iris", "--quiet", *QUICK)
    assert (status, err) == (0, "")
    assert out.lstrip().startswith("rung ")
    assert "keep it." in out


def test_every_option_of_fit_arrives(cli, own_folder):
    table = pl.DataFrame({"x": np.arange(60.0), "noise": [0.5, 1.5] * 30, "y": ["no", "yes"] * 30})
    table.write_csv("data.csv")
    table[:20].write_csv("test.csv")
    status, out, _ = cli(
        *("fit", "data.csv", "--target", "y", "--out", "here", "--task", "classification", "--positive", "no"),
        *("--rungs", "shallow,deep", "--choose", "deep", "--metric", "accuracy", "--hidden", "5,4,3"),
        *("--activation", "tanh", "--learning-rate", "0.02", "--epochs", "2", "--preset", "plain"),
        *("--ignore", "noise", "--test", "test.csv", "--seed", "3", "--json"),
    )
    assert status == 0
    metrics = json.loads(out)
    settings = metrics["settings"]
    assert metrics["chosen"] == "deep"
    assert [rung["name"] for rung in metrics["rungs"]] == ["shallow", "deep"]
    assert (metrics["metric"], metrics["seed"], metrics["rows"]["test"]) == ("accuracy", 3, 20)
    assert settings["hidden_widths"] == [5, 4, 3]
    assert (settings["activation"], settings["learning_rate"], settings["max_epochs"]) == ("tanh", 0.02, 2)
    assert settings["preset"] == "plain"
    model = gd.load(own_folder / "here" / "model.safetensors")
    assert model.target.positive == "no"
    assert model.encoder.inputs == ("x",)
    assert cli("fit", "data.csv", "--target", "y", "--out", "here", *QUICK)[0] == 2
    assert cli("fit", "data.csv", "--target", "y", "--out", "here", "--replace", *QUICK)[0] == 0


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--activation", "rleu"], "--activation must be one of "),
        (["--learning-rate", "0"], "--learning-rate must be "),
        (["--epochs", "0"], "--epochs must be "),
        (["--hidden", "5", "--choose", "deep"], "--choose must be "),
        (["--rungs", "none"], "--rungs must be some of "),
        (["--seed", "-1"], "--seed must be "),
        (["--positive", "maybe"], "--positive must be left out "),
        (["--out", "taken"], "--out must be a new folder. Got 'taken', which exists: add --replace or name another."),
        (["--metric", "rmse"], "--metric of a classification must be "),
    ],
)
def test_messages_name_options_and_not_arguments(cli, own_folder, options, message):
    (own_folder / "taken").mkdir()
    status, _, err = cli("fit", "sample:iris", *options)
    assert status == 2
    assert err.startswith(message)


def test_a_message_about_a_file_is_left_alone(cli, own_folder):
    (own_folder / "test").mkdir()
    assert cli("fit", "test")[2].startswith("test must hold pictures")


def test_classes_of_numbers_with_fractions_are_refused_before_anything_is_announced(cli):
    status, out, err = cli("fit", "sample:concrete", "--target", "strength", "--task", "classification")
    assert (status, out) == (2, "")
    assert "Got 845 different values in 1,030 rows" in err
    assert err.endswith("Did you mean --task regression?\n")


def test_a_target_that_is_not_named_is_asked_for_as_an_option(cli, own_folder):
    (own_folder / "data.csv").write_text("a,the price\n1,2\n")
    assert "Add --target 'the price', for instance." in cli("fit", "data.csv")[2]


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


@pytest.fixture
def picture_run(own_folder):
    """A model of colour pictures of 8×6, dark and light, from an .npz file; and the pictures."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 90, (40, 8, 6, 3), dtype=np.uint8)
    X[20:] += 160
    np.savez("pictures.npz", X=X, y=np.repeat([0, 1], 20), class_names=["dark", "light"])
    gd.fit("pictures.npz", rungs="constant,linear", choose="linear", out="run")
    return X


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


def test_evaluate_says_how_to_name_codes(cli, picture_run):
    y = np.repeat([0, 1], 20)
    np.savez("codes.npz", X=picture_run, y=y)
    np.savez("named.npz", X=picture_run, y=y, class_names=["dark", "light"])
    assert "Got 0, 1. The classes have names" in cli("evaluate", "run", "codes.npz")[2]
    assert json.loads(cli("evaluate", "run", "named.npz", "--json")[1])["test"]["accuracy"] == 1.0


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


def test_evaluate_agrees_with_scikit_learn(cli, iris_run):
    from sklearn.datasets import load_iris
    from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

    status, out, _ = cli("evaluate", iris_run, "sample:iris", "--json")
    found = json.loads(out)
    y = load_iris().target
    probabilities = gd.load(iris_run / "model.safetensors").predict_proba(read_table("sample:iris"))
    assert status == 0
    assert (found["task"], found["target"], found["rows"]) == ("classification", "species", 150)
    assert found["test"]["accuracy"] == pytest.approx(accuracy_score(y, probabilities.argmax(axis=1)))
    assert found["test"]["log_loss"] == pytest.approx(log_loss(y, probabilities))
    assert found["test"]["roc_auc"] == pytest.approx(roc_auc_score(y, probabilities, multi_class="ovr"))
    status, out, _ = cli("evaluate", iris_run, "sample:iris")
    assert out.startswith("species: 150 rows\naccuracy ")


def test_evaluate_measures_a_model_of_several_numbers(cli, own_folder):
    x = np.linspace(-1, 1, 20)
    settings = Settings(hidden_widths=(), optimizer="lbfgs", validation=None, encoding=None)
    train_model(settings, {"x": x}, np.column_stack([x, 1 - x]), target_name="y").save("two.safetensors")
    pl.DataFrame({"x": x, "y_1": x + 0.5, "y_2": 1 - x}).write_csv("rows.csv")
    status, out, _ = cli("evaluate", "two.safetensors", "rows.csv")
    assert status == 0
    assert out.startswith("y_1, y_2: 20 rows\nrmse  0.2500\n")


def test_evaluate_says_which_class_is_positive(cli, own_folder):
    table = pl.DataFrame({"x": np.arange(60.0), "y": ["no", "yes"] * 30})
    gd.fit(table, "y", rungs="constant", positive="no", out="run")
    table[:1].write_csv("one.csv")
    table.write_csv("all.csv")
    assert cli("evaluate", "run", "all.csv")[1].startswith("y: 60 rows, 'no' counts as positive\naccuracy ")
    assert cli("evaluate", "run", "one.csv")[1].startswith("y: 1 row, 'no' counts as positive\n")
    assert json.loads(cli("evaluate", "run", "all.csv", "--json")[1])["positive"] == "no"


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["fti", "x"], r'Did you mean "fit"\?'),
        (["fit"], "DATA"),
        (["fit", "sample:iris", "--traget", "x"], r"Did you mean --target\?"),
        (["fit", "sample:iris", "--epochs", "ten"], "--epochs"),
        (["fit", "sample:iris", "--task", "regress"], "--task"),
        (["fit", "sample:iris", "--hidden", "20,x"], "--hidden must be whole numbers"),
        (["fit", "sample:irsi"], r"Did you mean 'iris'\?"),
        (["fit", "nowhere.csv", "--target", "y"], r"nowhere\.csv must be a file"),
        (["fit", "sample:concrete", "--target", "strenght"], r"Did you mean 'strength'\?"),
        (["fit", "sample:iris", "--rungs", "linear,shalow"], r"Did you mean 'shallow'\?"),
        (["fit", "sample:iris", "--metric", "log_los"], r"Did you mean 'log_loss'\?"),
        (["fit", "sample:iris", "--preset", "plane"], r"Did you mean 'plain'\?"),
        (["predict", "nowhere", "sample:iris"], "Got nothing of that name at 'nowhere'"),
        (["predict", ".", "sample:iris"], r"holds no model\.safetensors"),
        (["predict", "RUN", "sample:iris", "--out", "p.xlsx"], r"--out must end in \.csv or \.parquet"),
        (["predict", "RUN", "sample:iris", "--out", "no/p.csv"], "folder of the file to write must exist"),
        (["predict", "RUN", "sample:concrete"], "sepal_length"),
        (["evaluate", "RUN", "sample:concrete"], "Got 'species'"),
    ],
)
def test_what_the_user_can_mend_ends_with_2_and_one_message(cli, own_folder, iris_run, tokens, message):
    status, out, err = cli(*(iris_run if token == "RUN" else token for token in tokens))
    assert (status, out) == (2, "")
    assert re.search(message, err)
    assert len(err.splitlines()) == 1
    assert list(own_folder.iterdir()) == []


def test_folder_that_cannot_be_made_ends_with_2(cli, own_folder):
    (own_folder / "file").write_text("")
    status, _, err = cli("fit", "sample:iris", "--out", "file/run", "--quiet", *QUICK)
    assert status == 2
    assert len(err.splitlines()) == 1
    assert [path.name for path in own_folder.iterdir()] == ["file"]


def test_fault_of_ours_ends_with_1_and_a_traceback(cli, monkeypatch):
    monkeypatch.setattr("gradatim.runs.fit", lambda *args, **kwargs: 1 / 0)
    status, _, err = cli("fit", "sample:iris")
    assert status == 1
    assert "ZeroDivisionError" in err
    assert "a fault of gradatim" in err


def test_interrupted_ends_with_130_and_says_how_to_go_on(cli, monkeypatch, own_folder):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("gradatim.ladder.ladder.train_prepared", interrupted)
        status, _, err = cli("fit", "sample:iris", "--quiet", *QUICK)
    again = ["fit", "sample:iris", "--quiet", *QUICK, "--resume"]
    assert (status, err) == (130, f"Interrupted. What was trained is kept: gradatim {' '.join(again)} goes on.\n")
    assert [path.name for path in Path("runs").iterdir()] == ["iris-species.partial"]
    assert cli(*again)[0] == 0
    assert [path.name for path in Path("runs").iterdir()] == ["iris-species"]


def run_python(code, *arguments):
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


LOADED = "import sys; from gradatim.cli import main; status = main(sys.argv[1:]); print(status, *sys.modules)"


def test_help_loads_nothing_heavy():
    words = run_python(LOADED, "--help").stdout.split()
    assert "gradatim.cli" in words
    assert {"numpy", "sklearn", "polars", "scipy", "matplotlib", "torch"}.isdisjoint(words)


def test_predicting_never_loads_what_only_training_needs(iris_run, own_folder):
    (own_folder / "new.csv").write_text("sepal_length,sepal_width,petal_length,petal_width\n5,3.4,1.5,0.2\n")
    words = run_python(LOADED, "predict", str(iris_run), "new.csv", "--out", "p.csv").stdout.split()
    assert words[0] == "0"
    assert {"sklearn", "matplotlib", "scipy.optimize", "scipy.stats", "scipy.linalg"}.isdisjoint(words)
    assert pl.read_csv("p.csv")["species_predicted"].to_list() == ["setosa"]


def test_a_reader_that_has_seen_enough_is_no_error(iris_run):
    program = f"{sys.executable} -m gradatim predict {iris_run} sample:iris | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["0"]
    assert done.stderr == TARGET_IS_THERE


def test_version_is_printed(cli):
    assert cli("--version") == (0, f"{gd.__version__}\n", "")


def test_module_runs_as_a_program():
    done = subprocess.run([sys.executable, "-m", "gradatim", "fit"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "DATA" in done.stderr


def test_predictions_never_replace_the_file_they_are_made_from(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(40)), encoding="utf-8")
    assert main(["fit", "rows.csv", "--target", "y", "--rungs", "constant", "--out", "run", "--quiet"]) == 0
    before = Path("rows.csv").read_bytes()
    assert main(["predict", "run", "rows.csv", "--out", "rows.csv"]) == 2
    assert "--out must be another file than DATA" in capsys.readouterr().err
    assert Path("rows.csv").read_bytes() == before


@pytest.mark.parametrize("packed", [False, True], ids=["text", "packed"])
def test_a_dash_is_standard_input(packed, own_folder):
    """As a process: a stream of bytes, and options before the dash and behind it."""
    content = read_table("sample:penguins").to_polars().write_csv().encode()
    content = gzip.compress(content) if packed else content

    def run(*tokens):
        command = [sys.executable, "-m", "gradatim", *tokens]
        return subprocess.run(command, input=content, capture_output=True, check=False)

    fitted = run("fit", "--target", "species", "-", "--rungs", "linear", "--out", "run", "--quiet")
    assert fitted.returncode == 0, fitted.stderr
    assert b"  gradatim predict run - --out predictions.csv" in fitted.stdout
    assert run("predict", "run", "-").stdout.count(b"\n") == 345
    assert run("evaluate", "run", "-").stdout.startswith(b"species: 344 rows\n")


def test_a_slip_before_data_is_named(cli):
    """DATA may be a dash, but an option that is none is not DATA."""
    status, _, err = cli("fit", "--targt", "species", "sample:iris")
    assert (status, err) == (2, "Unknown option: --targt. Did you mean --target? Try gradatim fit --help.\n")


def test_no_layer_is_lost_between_two_commas(cli):
    assert "--hidden must be whole numbers" in cli("fit", "sample:iris", "--hidden", "20,,5")[2]
