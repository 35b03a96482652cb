"""The doctor beside a training: when it looks, what it tells, and that it changes nothing."""

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import InputError
from gradatim.glass.doctor import attendance
from tests.glass.doctor.patients import blobs

X, Y = blobs()
ZEROS = gd.NetworkOptions(initializer="zeros")


def fitted(doctor, **settings):
    about = {"hidden_widths": (6,), "max_epochs": 5, "random_state": 0, "callbacks": [doctor], **settings}
    return gd.NetworkClassifier("plain", **about).fit(X.T, Y[0])


def test_each_condition_is_told_once_and_all_of_them_are_found():
    said = []
    doctor = gd.Doctor(tell=said.append)
    fitted(doctor, network=ZEROS)
    assert [text.splitlines()[0] for text in said] == [
        "After epoch 1: symmetric units, layer 1 (serious)",
        "At the end: loss of a constant (serious)",
        "At the end: class never predicted (worth a look)",
    ]
    assert doctor.findings.names == ("symmetric units", "loss of a constant", "class never predicted")


def test_a_healthy_training_is_told_nothing(capsys):
    doctor = gd.Doctor()
    fitted(doctor, max_epochs=40)
    assert capsys.readouterr().out == ""
    assert doctor.findings is not None
    assert not doctor.findings


def test_print_is_what_tells_by_default(capsys):
    fitted(gd.Doctor(), network=ZEROS)
    assert capsys.readouterr().out.startswith("After epoch 1: symmetric units, layer 1 (serious)\n")


def test_it_looks_after_epochs_1_4_16_and_at_the_end(monkeypatch):
    seen = []
    look = attendance.look_at

    def noted(patient, *conditions):
        seen.append(len(patient.course.history))
        return look(patient, *conditions)

    monkeypatch.setattr(attendance, "look_at", noted)
    fitted(gd.Doctor(tell=None), max_epochs=20, patience_epochs=None)
    assert seen == [1, 4, 16, 20]


def test_the_training_is_the_same_with_and_without():
    with_doctor = fitted(gd.Doctor(tell=None)).model_.vector
    without = fitted(gd.Doctor(tell=None), callbacks=()).model_.vector
    np.testing.assert_array_equal(with_doctor, without)


def test_a_second_training_begins_anew():
    doctor = gd.Doctor(tell=None)
    fitted(doctor, network=ZEROS)
    fitted(doctor, max_epochs=40)
    assert not doctor.findings


def test_a_line_that_is_solved_is_looked_at_too():
    doctor = gd.Doctor(tell=None)
    fitted(doctor, hidden_widths=(), optimizer="lbfgs", max_epochs="preset", validation=None)
    assert "learning rate too large" not in doctor.findings.looked_for
    assert not doctor.findings


def test_tell_must_be_a_function():
    with pytest.raises(InputError, match="tell must be a function"):
        gd.Doctor(tell="loudly")
