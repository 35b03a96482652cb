"""The course of a training as a chart."""

from __future__ import annotations

from gradatim.report.charts import course
from gradatim.report.facts import Course, CurveFacts


def drawn(training, validation, measured="log_loss"):
    epochs = tuple(range(1, len(training) + 1))
    facts = CurveFacts("deep", measured, (Course(None, epochs, training, validation, 2),))
    return course(facts)


def test_a_course_that_falls_far_is_drawn_by_powers_of_ten():
    """The highest point is 20 times the median, and 5 times."""
    far = drawn((2.0, 0.1, 0.1, 0.1, 0.01), (1.0, 0.3, 0.2, 0.1, 0.1))
    near = drawn((2.0, 0.4, 0.4, 0.4, 0.3), (1.0, 0.5, 0.4, 0.4, 0.4))
    assert ">0.01<" in far
    assert ">0.01<" not in near
    assert ">1.5<" in near


def test_numbers_below_0_and_gaps_keep_the_linear_scale():
    """Of a density the log loss may be below 0; a score that was no number is a gap."""
    svg = drawn((9.0, 0.1, -1.0), (0.2, None, -1.0))
    assert ">4<" in svg
    assert ">6<" in svg


def test_each_of_two_measures_has_its_own_scale():
    svg = drawn((2.0, 0.1, 0.1, 0.1, 0.01), (25.0, 15.0, 10.0, 8.0, 6.0), "rmse")
    assert ">0.01<" in svg
    assert ">15<" in svg
    assert ">training loss<" in svg
