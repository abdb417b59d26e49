"""SQL and the way to SQLite stay in `core/catalog`; the meanings of a row's numbers stay in one file of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import CHECKOUT

SOURCES = CHECKOUT / "photofind"
HOME = "core/catalog/"
# Every other place with SQL, and why.
EXCEPTIONS = {"core/care/salvage.py": "what it reads is a damaged file, whose rows it takes out one by one"}

STATEMENTS = (
    r"\bSELECT\b.*\bFROM\b",
    r"\bSELECT\s+(\*|EXISTS|DISTINCT|count|max|min|sum|\d)",
    r"\bINSERT\s+(OR\s+\w+\s+)?INTO\b",
    r"\bREPLACE\s+INTO\b",
    r"\bUPDATE\s+(OR\s+\w+\s+)?\S+\s+(AS\s+\w+\s+)?SET\b",
    r"\bDELETE\s+FROM\b",
    r"\bPRAGMA\s+\w",
    r"\b(CREATE|ALTER|DROP)\s+(TEMP\s+|TEMPORARY\s+|UNIQUE\s+|VIRTUAL\s+)?(TABLE|INDEX|TRIGGER|VIEW)\b",
    r"\b(VACUUM|SAVEPOINT|ROLLBACK)\b",
    r"\bBEGIN\s+(IMMEDIATE|EXCLUSIVE|DEFERRED|TRANSACTION)\b",
)
FRAGMENTS = (
    r"\bWHERE\b",
    r"\bFROM\s+[a-z_]+\b",
    r"\bJOIN\s+\w+",
    r"\b(ORDER|GROUP|INDEXED)\s+BY\b",
    r"\bNOT\s+INDEXED\b",
    r"\bIS\s+(NOT\s+)?NULL\b|\bNOT\s+NULL\b",
    r"\b(NOT\s+)?EXISTS\s*\(|\bIN\s*\(",
    r"\bLIMIT\s+(\?|:|\d)",
    r"\bSET\s+\w+\s*=",
    r"\b[pfem]\.[a-z_]+\s*(=|!=|<|>|\bIS\b|\bIN\b|\bNOT\b|\bAND\b|\bOR\b)",
    r"\b[a-z_]+\s*(=|!=|<=?|>=?)\s*(\?|:[a-z])",
    r"\b(state|again|missing|changed|words_due|stand_in|gone_since|photo_id|folder_id)\s*(=|!=|<|>)\s*('|\d)",
)
# In small letters too where the whole string reads as a statement.
WHOLE = re.compile(
    r"\s*(select\s.*\sfrom\s+\w+|insert\s+(or\s+\w+\s+)?into\s+\w+|update\s+\w+\s+set\s+\w+\s*=|delete\s+from\s+\w+"
    r"|pragma\s+\w+|(create|drop|alter)\s+(table|index|trigger|view)\s)",
    re.IGNORECASE | re.DOTALL,
)
SQL = re.compile("|".join((*STATEMENTS, *FRAGMENTS)), re.DOTALL)
CALLS = {"execute", "executemany", "executescript", "atomic"}
DRIVERS = {"sqlite_utils", "apsw", "sqlalchemy", "peewee", "pysqlite3"}
CONNECTIONS = {"db", "_db", "conn"}
HARMLESS = re.compile(r"\w*Error|SQLITE_\w+")
# Numbers and flags of a row in a statement; `states` gives them names, `migrations` are never edited.
BARE = re.compile(
    r"\b(state|again|missing|changed|words_due|stand_in)\s*(=|!=|<|>|\bIS\b|\bIN\b|\bNOT IN\b)\s*\(?\s*['\d]"
    r"|\bgone_since\s+(IS|NOT)\b|\bNOT\s+(p\.)?(changed|missing|again|words_due)\b"
)
NAMED = {"states.py", "migrations.py"}


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of all strings but docstrings; what an f-string puts in is �."""
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "�" for p in node.values)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str | bytes)
            and id(node) not in docstrings | parts
        ):
            value = node.value
            yield node.lineno, value if isinstance(value, str) else value.decode("utf-8", "replace")


def is_sql(text: str) -> bool:
    return bool(SQL.search(text) or WHOLE.match(text))


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and module of every import of a driver; of `sqlite3` its errors may be imported, and all of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names if name.name.partition(".")[0] in DRIVERS)
        elif isinstance(node, ast.ImportFrom) and node.module:
            root = node.module.partition(".")[0]
            if root in DRIVERS or (root == "sqlite3" and not all(name.name.endswith("Error") for name in node.names)):
                yield node.lineno, node.module


def reached(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of what leads to SQLite: connections, what runs statements, all of `sqlite3` but errors."""
    names = [name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    modules = {name.asname or "sqlite3" for name in names if name.name.partition(".")[0] == "sqlite3"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            is_module = isinstance(node.value, ast.Name) and node.value.id in modules
            if node.attr in CALLS | CONNECTIONS or (is_module and not HARMLESS.fullmatch(node.attr)):
                yield node.lineno, ast.unparse(node)
        elif isinstance(node, ast.Constant) and node.value in DRIVERS | {"sqlite3"}:
            yield node.lineno, str(node.value)


def offences(root: Path) -> dict[str, list[str]]:
    """Return by file, relative to `root`, what has to do with SQL outside of its home."""
    found: dict[str, list[str]] = {}
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if name.startswith(HOME):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        lines = [f"{line}: {text!r}" for line, text in texts(tree) if is_sql(text)]
        lines += [f"{line}: {text}" for line, text in (*imported(tree), *reached(tree))]
        if lines:
            found[name] = lines
    return found


def bare_numbers(root: Path) -> dict[str, list[str]]:
    """Return by file of the catalog the statements in which a row's numbers and flags have no name."""
    found: dict[str, list[str]] = {}
    for path in sorted((root / HOME).glob("*.py")):
        if path.name not in NAMED:
            tree = ast.parse(path.read_text("utf-8"))
            lines = [f"{line}: {text!r}" for line, text in texts(tree) if BARE.search(text)]
            if lines:
                found[path.name] = lines
    return found


def test_there_is_sql_in_the_catalog_alone() -> None:
    found = offences(SOURCES)
    assert {name: lines for name, lines in found.items() if name not in EXCEPTIONS} == {}
    assert EXCEPTIONS.keys() <= found.keys(), "an exception that is none any more"


def test_the_numbers_in_a_row_have_names() -> None:
    assert bare_numbers(SOURCES) == {}


@pytest.mark.parametrize(
    "planted",
    [
        'QUERY = "SELECT id FROM photo"',
        'QUERY = "SELECT id " "FROM photo"',
        'QUERY = "SELECT id " + "FROM photo"',
        'QUERY = "SELECT {} FROM photo".format("id")',
        'QUERY = "select id from photo"',
        'QUERY = """\n    SELECT id\n    FROM photo\n"""',
        'def count(table: str) -> str:\n    return f"SELECT count(*) FROM {table}"',
        'def find(marks: str) -> str:\n    return f"DELETE FROM photo WHERE id IN ({marks})"',
        'QUERY = "INSERT OR REPLACE INTO setting VALUES (?, ?)"',
        'QUERY = "UPDATE photo SET state = 0"',
        'QUERY = "UPDATE photo AS p SET state = 0"',
        'QUERY = "PRAGMA foreign_keys = OFF"',
        'QUERY = "CREATE TABLE photo (id INTEGER)"',
        'QUERY = "DROP TABLE photo_words"',
        'QUERY = "VACUUM INTO ?"',
        'WAITS = "p.state = 0 AND NOT p.changed"',
        'WAITS = "state = 0"',
        'SHOWN = "gone_since IS NULL"',
        'LACKS = "NOT EXISTS (SELECT 1)"',
        'REST = " WHERE id = ?"',
        'REST = " ORDER BY sort_time LIMIT ?"',
        'QUERIES = {"a": ["SELECT id FROM photo"]}',
        'QUERY = b"SELECT id FROM photo".decode()',
        "def run(catalog):\n    return catalog.connection.execute(something())",
        "def run(connection):\n    connection.executemany(something(), [])",
        "def run(connection):\n    connection.executescript(something())",
        "def run(catalog):\n    return catalog._db",
        "def run(catalog):\n    return catalog.db",
        "import sqlite_utils",
        "from sqlite_utils import Database",
        "from sqlite_utils.migrations import Migrations",
        "def late():\n    from sqlite_utils import Database",
        'import importlib\nDRIVER = importlib.import_module("sqlite_utils")',
        "import sqlite3\nCONNECTION = sqlite3.connect(':memory:')",
        "import sqlite3 as database\nCONNECTION = database.connect(':memory:')",
        "import sqlite3\ndef read(connection: sqlite3.Connection) -> None: ...",
        "from sqlite3 import connect",
        "from sqlite3 import Error, connect",
        "import sqlite3.dbapi2\nCONNECT = sqlite3.dbapi2.connect",
    ],
)
def test_sql_elsewhere_is_found(tmp_path: Path, planted: str) -> None:
    place = tmp_path / "core" / "search" / "planted.py"
    place.parent.mkdir(parents=True)
    place.write_text(planted, "utf-8")
    assert offences(tmp_path).keys() == {"core/search/planted.py"}


@pytest.mark.parametrize(
    "planted",
    [
        '"""Runs UPDATE photo SET state = 0 for nobody: SELECT id FROM photo."""',
        'def fail() -> str:\n    """DELETE FROM photo."""\n    return "Delete photos from the folder?"',
        'TEXT = "Select a folder, or update where it is set; it is not in the library."',
        'TEXT = f"{1} photos from {2}, in (parts)"',
        "import sqlite3\ndef is_full(error: sqlite3.Error) -> bool: ...",
        "from sqlite3 import DatabaseError, Error",
    ],
)
def test_what_only_looks_like_it_is_not(tmp_path: Path, planted: str) -> None:
    (tmp_path / "planted.py").write_text(planted, "utf-8")
    assert offences(tmp_path) == {}


def test_sql_is_at_home_in_the_catalog(tmp_path: Path) -> None:
    for place in ("core/catalog/planted.py", "gui/catalog/planted.py"):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text('QUERY = "SELECT id FROM photo"', "utf-8")
    assert offences(tmp_path).keys() == {"gui/catalog/planted.py"}


@pytest.mark.parametrize(
    "planted",
    [
        'QUERY = "SELECT id FROM photo WHERE state = 1"',
        'QUERY = "UPDATE photo SET again = 2"',
        'QUERY = "SELECT id FROM photo p WHERE p.missing != 1"',
        'QUERY = "SELECT id FROM photo WHERE state NOT IN (0, 1, 2)"',
        'QUERY = "SELECT id FROM photo WHERE gone_since IS NULL"',
        'def query(condition: str) -> str:\n    return f"SELECT id FROM photo p WHERE NOT p.changed AND {condition}"',
        'QUERY = "UPDATE embedding SET stand_in = 1"',
    ],
)
def test_a_number_without_a_name_is_found(tmp_path: Path, planted: str) -> None:
    (tmp_path / HOME).mkdir(parents=True)
    for name in ("planted.py", "states.py", "migrations.py"):
        (tmp_path / HOME / name).write_text(planted, "utf-8")
    assert bare_numbers(tmp_path).keys() == {"planted.py"}
