"""The course, alive: each claim of the notes as a page that runs, with measured numbers, in English and Chinese.

``gradatim lessons`` lists them and runs one; the site shows them with their pictures.
"""

from gradatim.lessons.contents import LANGUAGES, NAMES, PARTS, Part
from gradatim.lessons.notebook import save_notebook
from gradatim.lessons.page import Code, Lesson, Text, lesson
from gradatim.lessons.running import Output, run

__all__ = ["LANGUAGES", "NAMES", "PARTS", "Code", "Lesson", "Output", "Part", "Text", "lesson", "run", "save_notebook"]
