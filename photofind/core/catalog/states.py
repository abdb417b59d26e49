"""What the numbers and flags in a photo's row mean, and what statements ask of them: said here, and nowhere else.

In the conditions `p` is the photo and `f` its folder. SQLite uses a partial index only for a statement that has the
index's condition among its own terms, word for word; those are written as `migrations` has them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from photofind.core.records.decoded import OPENER_VERSION
from photofind.core.records.facts import READER_VERSION


class PhotoState(IntEnum):
    """Where a photo stands for the model that is being embedded for."""

    PENDING = 0
    DONE = 1
    FAILED = 2


class Missing(IntEnum):
    """Whether a photo's file was there when it was last looked for."""

    NO = 0
    HELD_BACK = 1
    """It was not, but too many vanished at once to take them for deleted; the person decides."""
    UNDECIDED = 2
    """It was not when it was to be opened; the next look at its folder decides."""


class Again(IntEnum):
    """Whether a photo is known already and waits for another model only, and what that model is to see."""

    NO = 0
    FROM_ORIGINAL = 1
    FROM_THUMBNAIL = 2


IS_PENDING: Final = f"p.state = {PhotoState.PENDING:d}"
IS_DONE: Final = f"p.state = {PhotoState.DONE:d}"
IS_FAILED: Final = f"p.state = {PhotoState.FAILED:d}"
IS_READABLE: Final = f"p.state != {PhotoState.FAILED:d}"
# A photo whose file was deleted is hidden; its row, vectors and thumbnail outlive it for a month.
IS_SHOWN: Final = "p.gone_since IS NULL"
IS_GONE: Final = "p.gone_since IS NOT NULL"
# A folder that was let go of has a path that no folder can have, until all its photos are deleted.
IS_WATCHED: Final = "f.path >= x'01'"
# That its file can be opened, as far as anybody knows.
IS_THERE: Final = "f.online AND NOT p.missing"
# Whether its file was there when it was last looked for.
WAS_SEEN: Final = "NOT p.missing"
IS_MISSING: Final = "p.missing"
# It lies behind a link, or on a drive inside its folder, which may be away before anybody has looked.
IS_ELSEWHERE: Final = (
    "EXISTS (SELECT 1 FROM crossing c WHERE c.folder_id = p.folder_id AND c.volume NOT NULL "
    "AND substr(p.path, 1, length(c.path) + 1) = CAST(c.path || x'2f' AS BLOB))"
)
IS_HELD_BACK: Final = f"p.missing = {Missing.HELD_BACK:d} AND p.missing AND {IS_SHOWN}"  # index photo_missing
# Its words for the search are still those of the place that it was moved away from.
HAS_OLD_WORDS: Final = "p.words_due"  # index photo_words_due
# Its file is another one than the one it was embedded from.
HAS_CHANGED: Final = "p.changed"
HAS_NOT_CHANGED: Final = "NOT p.changed"
# What is known of it was read by an older reader, or what says it has changed.
HAS_OLD_FACTS: Final = f"p.facts_version < {READER_VERSION:d}"  # index photo_facts_due
# An older opener could not open it, or in part only.
IS_OUTGROWN: Final = (  # index photo_outgrown
    f"p.tried_by < {OPENER_VERSION:d} AND (p.state = {PhotoState.FAILED:d} OR p.flaw IS NOT NULL)"
)
WAS_OPENED: Final = f"p.width IS NOT NULL AND {IS_READABLE} AND {IS_SHOWN}"  # index photo_newest

WAITS_TO_BE_OPENED: Final = (  # index photo_pending
    f"{IS_PENDING} AND {IS_SHOWN} AND (p.again != {Again.FROM_THUMBNAIL:d} OR {HAS_CHANGED})"
)
# What could do without its original, as it waits for another model only.
WAITS_FOR_MODEL: Final = f"{IS_PENDING} AND {IS_SHOWN} AND {HAS_NOT_CHANGED} AND p.again = {Again.FROM_ORIGINAL:d}"
WAITS_BY_THUMBNAIL: Final = (  # index photo_by_thumbnail
    f"{IS_PENDING} AND {IS_SHOWN} AND {HAS_NOT_CHANGED} AND p.again = {Again.FROM_THUMBNAIL:d}"
)
# The model it waits for may be shown its thumbnail or its original, as a sample will tell.
IS_KNOWN: Final = f"p.again AND {HAS_NOT_CHANGED}"
# Its thumbnail shows what the row says of it, whatever else it waits for.
HAS_THUMBNAIL: Final = f"{IS_SHOWN} AND {IS_READABLE} AND p.content_hash NOT NULL AND {HAS_NOT_CHANGED}"

# A vector of the model whose key is the next parameter. One made from a thumbnail while the original was away, or by
# an engine that is not trusted any more, stands in: it is searched, and replaced as soon as that is possible.
_VECTOR: Final = "SELECT 1 FROM embedding e WHERE e.photo_id = p.id AND e.model = ?"
HAS_VECTOR: Final = f"EXISTS ({_VECTOR} AND NOT e.stand_in)"
LACKS_VECTOR: Final = f"NOT {HAS_VECTOR}"
LACKS_EVEN_STAND_IN: Final = f"NOT EXISTS ({_VECTOR})"

# What statements write.
IS_BACK: Final = f"gone_since = NULL, missing = {Missing.NO:d}"
IS_GONE_SINCE: Final = f"gone_since = ?, missing = {Missing.NO:d}"
TO_BE_OPENED: Final = f"state = {PhotoState.PENDING:d}, again = {Again.NO:d}"
