"""What is wrong with a run: from what it kept, from its files alone, and from rows."""

import pytest

import gradatim as gd
from gradatim.errors import ExchangeError, InputError
from gradatim.report.checkup import findings_of
from tests.report.tables import QUICK

ILL = {**QUICK, "learning_rate": 3.0, "epochs": 8}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return gd.fit("sample:concrete", **ILL, out=tmp_path_factory.mktemp("runs") / "ill")


def test_a_run_tells_what_was_found_when_it_ended(run):
    assert findings_of(run.folder) == run.report().facts.health.findings


def test_rows_are_looked_at_anew(run):
    dead = [one for one in findings_of(run.folder, "sample:concrete") if one.name == "dead units"]
    assert [one.network for one in dead] == ["shallow network"]
    assert dead[0].measured["rows"] == 1030


def test_without_report_and_rows_weights_and_history_are_left(tmp_path):
    folder = tmp_path / "run"
    gd.fit("sample:iris", **{**QUICK, "epochs": 20}, out=folder, report=False)
    assert findings_of(folder).looked_for == ("symmetric units", "learning rate too large", "overfitting")
    looked = findings_of(folder, "sample:iris").looked_for
    assert len(looked) == 13


def test_a_run_in_folds_and_one_of_an_ensemble(tmp_path):
    few = {"preset": "plain", "hidden": (8,), "epochs": 30, "report": False}
    gd.fit("sample:iris", rungs="linear,shallow", folds=2, out=tmp_path / "folds", **few)
    assert not findings_of(tmp_path / "folds", "sample:iris")
    gd.fit("sample:iris", rungs="linear,ensemble", folds=1, out=tmp_path / "five", **{**few, "hidden": (8, 8)})
    networks = {one.network for one in findings_of(tmp_path / "five", "sample:iris")}
    assert networks <= {f"ensemble of five deep networks, network {k}" for k in range(1, 6)} | {""}


def test_a_model_file_is_examined(run):
    names = findings_of(run.folder / "rungs/shallow.safetensors", "sample:concrete").names
    assert "dead units" in names
    assert findings_of(run.folder / "rungs/shallow.safetensors").looked_for == ("symmetric units",)


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"RUN must be the folder of a run"):
        findings_of(tmp_path)
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(ExchangeError):
        findings_of(tmp_path / "x.safetensors")
