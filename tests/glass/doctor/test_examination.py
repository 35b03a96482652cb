"""All conditions together: what could be looked for, what is printed, and silence where all is well."""

import json
import re
from pathlib import Path

import pytest

import gradatim as gd
from gradatim.errors import InputError
from gradatim.glass.doctor import CONDITIONS, Diagnosis, Findings
from tests.glass.doctor.patients import blobs, trained

NAMES = [one.name for one in CONDITIONS]


@pytest.mark.parametrize("sample", ["iris", "penguins", "concrete", "wine", "breast_cancer", "diabetes", "moons"])
def test_healthy_networks_of_the_samples_are_left_alone(sample):
    doctor = gd.Doctor(tell=None)
    examples = trained(sample, max_epochs=1, hidden_widths=(4,))[1]
    Estimator = gd.NetworkRegressor if examples.y.dtype.is_numeric() and examples.y.n_unique() > 20 else None
    model = (Estimator or gd.NetworkClassifier)("plain", random_state=0, n_threads=1, callbacks=[doctor])
    model.fit(examples.table.to_polars(), examples.y)
    findings = gd.examine(model.model_, f"sample:{sample}")
    assert not findings, findings
    assert not doctor.findings, doctor.findings
    known = set(NAMES) - (set() if Estimator is None else {"class never predicted"})
    assert set(findings.looked_for) == known


def test_a_strong_network_is_left_alone():
    model = gd.NetworkClassifier(random_state=0, max_epochs=24).fit(*(X := blobs(m=150), (X[0].T, X[1][0]))[1])
    assert not gd.examine(model.model_, X[0].T, X[1][0])


def test_without_rows_weights_and_history_are_looked_at():
    model, _ = trained("iris", max_epochs=10, hidden_widths=(4,))
    assert gd.examine(model).looked_for == ("symmetric units", "learning rate too large", "overfitting")


def test_a_model_from_a_file_has_no_history(tmp_path):
    model, examples = trained("iris", max_epochs=2, hidden_widths=(4,))
    model.save(tmp_path / "iris.safetensors")
    looked = gd.examine(gd.load(tmp_path / "iris.safetensors"), examples.table, examples.y).looked_for
    assert not {"overfitting", "learning rate too large"} & set(looked)
    assert "dead units" in looked


def test_every_network_of_an_ensemble_is_examined():
    X, Y = blobs()
    dead = gd.NetworkOptions(initializer="zeros")
    settings = gd.Settings("plain", hidden_widths=(4,), max_epochs=2, network=dead, random_state=0)
    ensemble = gd.train_ensemble(settings, X.T, Y[0] > 0, models=2)
    titles = [one.title for one in gd.examine(ensemble, X.T, Y[0] > 0) if one.name == "symmetric units"]
    assert titles == ["network 1: symmetric units, layer 1", "network 2: symmetric units, layer 1"]


def test_members_are_examined_as_one_network():
    X, Y = blobs()
    model = gd.NetworkClassifier("plain", hidden_widths=(64,), members=3, max_epochs=60, random_state=0)
    assert not gd.examine(model.fit(X.T, Y[0]).model_, X.T, Y[0])


@pytest.mark.parametrize("thing", [None, "a model", gd.NetworkClassifier()])
def test_what_is_no_network_is_refused(thing):
    with pytest.raises(InputError, match=r"examine: model must be a Model, an Ensemble or a Network\. Got "):
        gd.examine(thing)


def test_x_without_y_is_refused():
    with pytest.raises(InputError, match="needs X and Y"):
        gd.examine(gd.Network([4, 1]), blobs()[0])


WORSE = Diagnosis("a", "serious", "It is <so>.", "Do that.", layer=2, measured={"share": 0.5})
BETTER = Diagnosis("b", "worth a look", "It is so.", "Do this.")


def test_the_worst_comes_first_and_reads_well():
    findings = Findings([BETTER, WORSE], ["a", "b", "c"])
    assert list(findings) == [WORSE, BETTER]
    assert findings[0] is WORSE
    assert findings[:1] == (WORSE,)
    assert str(findings) == (
        "2 conditions found, of 3 that were looked for.\n\n"
        "a, layer 2 (serious)\n  It is <so>.\n  Do that.\n\n"
        "b (worth a look)\n  It is so.\n  Do this."
    )
    assert "It is &lt;so&gt;." in findings._repr_html_()
    assert json.loads(json.dumps(findings.to_json()))["found"][0]["measured"] == {"share": 0.5}
    assert repr(findings) == "Findings(a, layer 2, b; 3 looked for)"


def test_findings_of_several_examinations():
    together = Findings.together([Findings([BETTER], ["b"]), Findings([WORSE], ["a", "b"])])
    assert list(together) == [WORSE, BETTER]
    assert together.looked_for == ("b", "a")
    assert together == Findings([BETTER, WORSE], ["b", "a"])


@pytest.mark.parametrize("width", [40, 80, 100])
def test_no_line_is_longer_than_the_terminal(width):
    X, Y = blobs()
    net = gd.Network([4, 10, 1], activations=["tanh", "sigmoid"], initializer="zeros")
    lines = gd.examine(net, 100 * X, Y).text(width).splitlines()
    assert len(lines) > 6
    assert max(map(len, lines)) <= width


def test_the_page_tells_of_every_condition():
    page = (Path(__file__).parents[3] / "docs/doctor.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \|", page.split("## What is looked for")[1], flags=re.MULTILINE)
    assert rows[1:] == NAMES
