"""The report's section on health: from the networks of the run, in the facts and on the page."""

import json

import pytest

import gradatim as gd
from gradatim.report.facts import Facts
from gradatim.report.page import html_of
from tests.report.tables import QUICK

ILL = {**QUICK, "rungs": "constant,linear,shallow", "learning_rate": 3.0, "epochs": 8}


@pytest.fixture(scope="module")
def ill():
    return gd.fit("sample:concrete", **ILL).report()


@pytest.fixture(scope="module")
def well():
    return gd.fit("sample:iris", **{**QUICK, "epochs": 60}).report()


def test_a_network_that_lost_is_looked_at_too(ill):
    assert ill.facts.chosen == "linear"
    found = ill.facts.health.findings
    assert ("dead units", "shallow network") in [(one.name, one.network) for one in found]
    dead = next(one for one in found if one.name == "dead units")
    page = ill.html
    for said in (dead.title, dead.evidence, dead.remedy.replace('"', "&#34;")):
        assert said in page
    assert '<a href="#health">' in page


def test_a_healthy_run_has_one_line(well):
    assert well.facts.health.found == ()
    assert "No condition found, of 13 that were looked for." in well.html


def test_facts_with_health_are_read_again_as_they_were(ill):
    again = Facts.from_json(ill.facts.to_json())
    assert again == ill.facts
    assert again.health.findings == ill.facts.health.findings


def test_facts_of_earlier_versions_have_no_such_section(ill):
    form = json.loads(ill.facts.to_json())
    del form["health"]
    earlier = Facts.from_json(json.dumps(form))
    assert earlier.health is None
    assert "#health" not in html_of(earlier)
    assert 'id="health"' not in html_of(earlier)


def test_test_rows_are_not_looked_at(ill):
    """1030 concretes, of which a fifth test."""
    dead = next(one for one in ill.facts.health.findings if one.name == "dead units")
    assert dead.measured["rows"] == ill.facts.rows["train"] + ill.facts.rows["validation"]
    assert dead.measured["rows"] < 1030
