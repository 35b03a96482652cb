"""``gradatim doctor``."""

import json

QUICK = ("--rungs", "linear,shallow", "--folds", "1", "--preset", "plain")


def test_an_ill_run_is_told_what_to_change(cli):
    cli("fit", "sample:concrete", "--out", "run", "--learning-rate", "3", "--epochs", "8", *QUICK)
    status, out, err = cli("doctor", "run")
    assert (status, err) == (0, "")
    assert "shallow network: dead units, layer 1" in out
    assert "--learning-rate 0.01 in place of 3" in out
    assert "--activation leaky_relu" in out
    assert max(map(len, out.splitlines())) <= 100
    again = json.loads(cli("doctor", "run", "--json")[1])
    assert again["found"][0]["name"] in out
    assert set(again) == {"looked_for", "found"}


def test_a_healthy_run_has_one_line(cli):
    cli("fit", "sample:iris", "--out", "run", "--epochs", "40", *QUICK)
    assert cli("doctor", "run") == (0, "No condition found, of 13 that were looked for.\n", "")
    assert cli("doctor", "run", "sample:iris")[1] == "No condition found, of 13 that were looked for.\n"


def test_what_is_no_run_is_refused(cli):
    status, out, err = cli("doctor", ".")
    assert (status, out) == (2, "")
    assert err.startswith("RUN must be the folder of a run.")
    assert cli("doctor", "no such run")[0] == 2
