"""Every lesson runs, with what it asserts; its translation has the same code."""

import os
import re
from pathlib import Path

import pytest

from gradatim.lessons import LANGUAGES, NAMES, Text, lesson, run
from gradatim.lessons.page import PAGES

SHARED = Path(os.environ.get("GRADATIM_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.mark.parametrize("name", NAMES)
def test_the_lesson_runs(name, tmp_path, monkeypatch):
    page = lesson(name)
    monkeypatch.chdir(tmp_path)
    if page.needs:
        files = list(SHARED.glob(f"*/{page.needs}"))
        if not files:
            pytest.skip(f"{page.needs} is not part of gradatim")
        monkeypatch.chdir(files[0].parent)
    outputs = list(run(page))
    assert len(outputs) == len(page.code) > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_asserts_what_came_out(name):
    assert "assert " in "".join(code.text for code in lesson(name).code)


@pytest.mark.parametrize("name", NAMES)
def test_a_translation_has_the_same_code(name):
    english, chinese = (lesson(name, language) for language in LANGUAGES)
    assert [code.text for code in chinese.code] == [code.text for code in english.code]
    assert chinese.needs == english.needs
    assert headings(chinese) == headings(english)


def headings(page):
    """How deep each heading is."""
    text = "\n".join(block.text for block in page.blocks if isinstance(block, Text))
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_title_and_claim(name, language):
    page = lesson(name, language)
    assert page.title
    assert page.claim
    chinese = re.search("[\u4e00-\u9fff]", page.title + page.claim)
    assert bool(chinese) == (language == "zh-CN")


def test_every_page_is_a_lesson():
    pages = {path.name.removesuffix(".md").removesuffix(".zh-CN") for path in PAGES.glob("*.md")}
    assert pages == set(NAMES)
