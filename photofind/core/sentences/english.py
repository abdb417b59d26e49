"""The English of every sentence, by its key: the one table, which the files by topic make up.

A key that was released stays: libraries store some, and translations name all. A text changes together with them.
"""

from __future__ import annotations

from typing import Final

from photofind.core.sentences.care import CARE
from photofind.core.sentences.folders import FOLDERS
from photofind.core.sentences.library import LIBRARY
from photofind.core.sentences.model_files import MODEL_FILES
from photofind.core.sentences.models import MODELS
from photofind.core.sentences.photos import PHOTOS
from photofind.core.sentences.program import PROGRAM
from photofind.core.sentences.template import Template

ENGLISH: Final[dict[str, Template]] = PROGRAM | PHOTOS | FOLDERS | LIBRARY | CARE | MODELS | MODEL_FILES
