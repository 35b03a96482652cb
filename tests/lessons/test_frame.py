"""Reading, running and telling a page, on one made here."""

import io
import json
import traceback

import pytest

from gradatim.errors import InputError
from gradatim.lessons import Code, Text, run, save_notebook
from gradatim.lessons import lesson as read
from gradatim.lessons.telling import tell

PAGE = """\
---
file_format: mystnb
kernelspec:
  name: python3
---

# Two and two

> They make four,
> everywhere.

Look:

```{code-cell}
print("counting")
a = 2 + 2
a
```

```{code-cell}
:tags: [hide-input]
assert a == 5, "not four"
```

Done.
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    (tmp_path / "flower.md").write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr("gradatim.lessons.page.PAGES", tmp_path)
    return read("flower")


def test_a_page_is_text_and_code(page):
    assert (page.title, page.claim, page.needs) == ("Two and two", "They make four, everywhere.", None)
    assert [type(block) for block in page.blocks] == [Text, Code, Code, Text]
    assert page.code[0] == Code('print("counting")\na = 2 + 2\na\n', 15)
    assert page.code[1] == Code('assert a == 5, "not four"\n', 22)


def test_a_cell_prints_and_has_a_value(page):
    code, output = next(run(page))
    assert (code, output.printed, output.value) == (page.code[0], "counting\n", 4)


def test_a_claim_that_does_not_hold_is_found_and_named(page):
    with pytest.raises(AssertionError, match="not four") as caught:
        list(run(page))
    place = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (place.filename, place.lineno, place.line) == (str(page.path), 22, 'assert a == 5, "not four"')


def test_it_is_told_as_it_runs(page):
    stream = io.StringIO()
    with pytest.raises(AssertionError):
        tell(page, stream)
    told = stream.getvalue()
    assert told.index("# Two and two") < told.index("    a = 2 + 2") < told.index("counting\n") < told.index("4\n")


def test_a_notebook_has_its_cells(page, tmp_path):
    save_notebook(page, tmp_path / "flower.ipynb")
    notebook = json.loads((tmp_path / "flower.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds == ["markdown", "code", "code", "markdown"]
    assert "".join(notebook["cells"][1]["source"]) == 'print("counting")\na = 2 + 2\na'


def test_a_page_that_lacks_its_file_says_so(tmp_path, monkeypatch):
    (tmp_path / "flower.md").write_text(PAGE.replace("kernelspec", "needs: cats.h5\nkernelspec"), encoding="utf-8")
    monkeypatch.setattr("gradatim.lessons.page.PAGES", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert read("flower").needs == "cats.h5"
    with pytest.raises(InputError, match=r"cats\.h5 must lie in this folder"):
        list(run(read("flower")))
    (tmp_path / "cats.h5").touch()
    assert next(run(read("flower")))[1].value == 4


@pytest.mark.parametrize(
    ("name", "language", "message"),
    [("flowr", "en", "Did you mean 'flower'"), ("flower", "fr", "language must be one of en, zh-CN")],
)
def test_what_is_not_there_is_refused(name, language, message):
    with pytest.raises(InputError, match=message):
        read(name, language)


def test_pictures_are_kept_where_asked(tmp_path):
    stream = io.StringIO()
    tell(read("a-neuron"), stream, tmp_path)
    assert (tmp_path / "a-neuron-1.png").read_bytes().startswith(b"\x89PNG")
    assert str(tmp_path / "a-neuron-1.png") in stream.getvalue()
    with pytest.raises(InputError, match="folder for pictures must exist"):
        tell(read("a-neuron"), stream, tmp_path / "nowhere")
