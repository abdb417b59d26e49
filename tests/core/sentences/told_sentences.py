"""What the sources say: the sentences that they make, compared with the table, and English that is not in it."""

from __future__ import annotations

import ast
import builtins
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from photofind.core.sentences.template import Template, names_in

# Where sentences are made of keys that come from elsewhere, and where old English is recognised.
_MAKERS = ("core/sentences/", "core/errors.py")
_OLD_ENGLISH = "core/catalog/old_reasons.py"
# The command line prints English of its own; the window's texts go through tr().
_SPEAK_BY_KEY = ("core/", "background/", "launcher.py")
_SENTENCE = re.compile(r"\S+(\s+\S+){2,}[.!?]\s*", re.DOTALL)


def find_offences(package: Path, table: Mapping[str, Template]) -> list[str]:
    """Return what is wrong in a package's sources, each with its place."""
    sources = {path.relative_to(package).as_posix(): path for path in sorted(package.rglob("*.py"))}
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in sources.items()}
    kinds = {"Sentence"} | _kinds_of("PhotofindError", trees)
    offences, used = [], set()
    for name, tree in trees.items():
        for call in _sentences_made(tree, kinds):
            if name.startswith(_MAKERS[0]) or (name == _MAKERS[1] and not _has_literal_key(call)):
                continue
            offences += [f"{name}:{call.lineno}: {wrong}" for wrong in _wrong_in(call, table)]
        used |= _texts(tree) if not name.startswith(_MAKERS[0]) or name.endswith("/sentence.py") else set()
        if name.startswith(_SPEAK_BY_KEY) and not name.startswith((_MAKERS[0], _OLD_ENGLISH)):
            offences += [f"{name}:{line}: English that is not in the table: {text}" for line, text in _english(tree)]
    for path in sorted(package.rglob("*.toml")):
        keys = _keys_in_toml(path)
        used |= keys
        offences += [f"{path.name}: “{key}” is not in the table" for key in sorted(keys - table.keys())]
    return offences + [f"nothing says “{key}”" for key in sorted(table.keys() - used)]


def _kinds_of(base: str, trees: Mapping[str, ast.Module]) -> set[str]:
    """Return the names of a class and all below it that are made of a key: those without an `__init__` of their own."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {base}
    while more := {c.name for c in classes if {_last_name(b) for b in c.bases} & found} - found:
        found |= more
    own = {c.name for c in classes if any(isinstance(f, ast.FunctionDef) and f.name == "__init__" for f in c.body)}
    return found - own | {base}


def _sentences_made(tree: ast.Module, kinds: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in kinds:
            yield node
        if isinstance(node, ast.ClassDef) and {_last_name(b) for b in node.bases} & kinds:
            yield from (
                n for n in ast.walk(node) if isinstance(n, ast.Call) and "super().__init__" in ast.unparse(n.func)
            )


def _has_literal_key(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)


def _wrong_in(call: ast.Call, table: Mapping[str, Template]) -> Iterator[str]:
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
        yield f"no key is named: {ast.unparse(call)}"
        return
    key = str(call.args[0].value)
    if key not in table:
        yield f"“{key}” is not in the table"
        return
    given = {word.arg or "**" for word in call.keywords}
    if given != names_in(table[key]):
        yield f"“{key}” names {sorted(names_in(table[key]))}, given are {sorted(given)}"


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _texts(tree: ast.Module) -> set[str]:
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _english(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the texts that read as a sentence, with their lines.

    Docstrings are none, nor what only the log says, nor the texts of Python's own errors, which are ours to catch.
    """
    silent = {id(part) for node in ast.walk(tree) if _is_not_told(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
            text = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if _SENTENCE.fullmatch(text):
            yield node.lineno, text


def _is_not_told(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring
    if isinstance(node, ast.Call):
        first = ast.unparse(node.func).split(".")[0]
        kind = getattr(builtins, first, None)
        return first in ("_log", "sqlite3") or (isinstance(kind, type) and issubclass(kind, BaseException))
    return isinstance(node, ast.Assert)


def _keys_in_toml(path: Path) -> set[str]:
    models = tomllib.loads(path.read_text("utf-8")).get("model", [])
    return {model[name] for model in models for name in ("good_for", "languages") if model.get(name)}
