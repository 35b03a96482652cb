"""Search in Chinese, without a dictionary: a run of characters is found by each two neighbours in it."""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

WORDS = re.compile(r"[\u4e00-\u9fff]+|[^\W\u4e00-\u9fff]+")


class SearchChinese(SearchEnglish):
    """Words in Latin letters as in English; Chinese as pairs of characters, and single ones."""

    lang = "zh"
    language_name = "English"  # of the stemmer, which is a part of the script
    js_splitter_code = r"""
var splitQuery = (query) =>
  (query.match(/[\u4e00-\u9fff]+|[\p{Letter}\p{Number}_]+/gu) || []).flatMap((run) =>
    run.length > 1 && /[\u4e00-\u9fff]/.test(run) ? [...run.slice(1)].map((next, i) => run[i] + next) : [run]
  );
"""

    def split(self, input: str) -> list[str]:
        """The words under which a text is found."""
        return [word for run in WORDS.findall(input) for word in self._words(run)]

    def _words(self, run: str) -> list[str]:
        pairs = [run[i : i + 2] for i in range(len(run) - 1)]
        return [*run, *pairs] if "\u4e00" <= run[0] <= "\u9fff" else [run]


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this once."""
    app.add_search_language(SearchChinese)
    return {"parallel_read_safe": True}
