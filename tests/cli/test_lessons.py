"""`gradatim lessons`: the list, one of them, a notebook."""

import json

import pytest

from gradatim.lessons import NAMES, lesson


@pytest.mark.parametrize(("language", "part"), [("en", "Shallow networks"), ("zh-CN", "浅层网络")])
def test_all_are_listed_by_part(cli, language, part):
    status, out, _ = cli("lessons", "--language", language)
    assert status == 0
    lines = out.splitlines()
    places = [lines.index(f"  {name}: {lesson(name, language).title}") for name in NAMES]
    assert places == sorted(places)
    assert part in lines
    assert max(map(len, lines)) <= 120


def test_one_is_run(cli):
    status, out, _ = cli("lessons", "slopes")
    assert status == 0
    assert out.startswith(f"# {lesson('slopes').title}\n")
    assert "The exact slope is" in out


def test_a_notebook_is_written(cli, tmp_path):
    status, out, _ = cli("lessons", "slopes", "--notebook", str(tmp_path / "slopes.ipynb"))
    assert (status, out) == (0, f"{tmp_path / 'slopes.ipynb'}\n")
    assert json.loads((tmp_path / "slopes.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4


def test_what_is_not_there_is_refused(cli):
    status, out, err = cli("lessons", "slops")
    assert (status, out) == (2, "")
    assert "Did you mean 'slopes'?" in err
