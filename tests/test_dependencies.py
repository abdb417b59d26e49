"""What photofind uses of other libraries beyond what they promise is still there; the lock file has what is asked for.

Each assertion says what broke and where it is used; the libraries with more than one such part have an upper bound in
pyproject.toml too.
"""

from __future__ import annotations

import inspect
import re
import sys
import tomllib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

from tests import CHECKOUT
from tests.tiny_clip import TINY_CLIP

LOCK = CHECKOUT / "packaging" / "requirements-dev.txt"


def lost(library: str, what: str, user: str) -> str:
    """Say what broke."""
    return f"{library} {version(library)} has {what} no longer, which photofind/{user} stands on."


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's own")
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("InotifyFD.__init__", ["self"]),
        ("InotifyFD.run", ["self"]),
        ("InotifyFD.add_callback", ["self", "path", "mask", "callback", "id_"]),
        ("InotifyFD.handle_event", ["self", "event"]),
    ],
)
def test_watchdog_passes_everything_through_what_we_override(name: str, parameters: list[str]) -> None:
    from watchdog.observers import inotify_c

    owner, _, method = name.partition(".")
    found = vars(getattr(inotify_c, owner, None) or object).get(method)
    what = f"{name}({', '.join(parameters)})"
    assert found is not None, lost("watchdog", what, "background/watching/events.py")
    assert list(inspect.signature(found).parameters) == parameters, lost(
        "watchdog", what, "background/watching/events.py"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's own")
def test_watchdog_can_be_given_an_inotify_of_our_own() -> None:
    from watchdog.observers.api import BaseObserver
    from watchdog.observers.inotify import InotifyEmitter

    user = "background/watching/events.py"
    taken = inspect.signature(InotifyEmitter.__init__).parameters
    assert "inotify_fd" in taken, lost("watchdog", "InotifyEmitter(inotify_fd=…)", user)
    passed_on = inspect.signature(BaseObserver.__init__).parameters.values()
    assert any(p.kind is p.VAR_KEYWORD for p in passed_on), lost("watchdog", "BaseObserver(…, inotify_fd=…)", user)
    assert hasattr(BaseObserver, "emitters"), lost("watchdog", "BaseObserver.emitters", user)


def test_the_hubs_client_is_read_from_and_its_errors_have_one_name() -> None:
    import huggingface_hub as hub
    from huggingface_hub import errors

    user = "core/models/connection.py"
    for name in ("HTTPError", "OfflineModeIsEnabled"):
        assert hasattr(errors, name), lost("huggingface_hub", f"errors.{name}", user)
    client = hub.get_async_session()
    for name in ("head", "stream"):
        assert callable(getattr(client, name, None)), lost("huggingface_hub", f"get_async_session().{name}(…)", user)


def test_open_clips_towers_have_the_parts_that_are_exported() -> None:
    import open_clip

    model = open_clip.create_model(f"local-dir:{TINY_CLIP}", device="cpu")
    text = getattr(model, "text", model)
    parts = ["attn_mask", "transformer", "positional_embedding", "ln_final", "text_projection", "token_embedding"]
    for part in parts:
        assert hasattr(text, part), lost("open_clip_torch", f"a text tower's {part}", "core/encoders/export.py")
    package = find_spec("open_clip")
    assert package is not None
    vocabulary = Path(package.origin or "").with_name("bpe_simple_vocab_16e6.txt.gz")
    assert vocabulary.is_file(), lost("open_clip_torch", vocabulary.name, "core/encoders/tokenizer.py")


def test_pillow_tells_the_palette_that_lies_in_the_pixels() -> None:
    image = Image.new("P", (1, 1))
    image.putpalette([1, 2, 3])
    image.load()
    assert image.im.getpalette()[:3] == b"\1\2\3", lost("pillow", "Image.im.getpalette()", "core/photos/opening.py")


# The lock file


def locked() -> dict[str, list[str]]:
    """Return the versions in the lock file, by the package's name; some depend on Python's own version."""
    found: dict[str, list[str]] = {}
    for line in LOCK.read_text("utf-8").splitlines():
        if match := re.match(r"([a-z0-9-]+)==([^ ;]+)", line):
            found.setdefault(match[1], []).append(match[2])
    return found


def test_the_lock_file_has_all_that_is_asked_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [Requirement(text) for text in (*project["dependencies"], *project["optional-dependencies"]["dev"])]
    versions = locked()
    wrong = [
        str(one)
        for one in asked
        if not all(map(one.specifier.contains, versions.get(canonicalize_name(one.name), ["0"])))
    ]
    assert wrong == [], "run `make lock`: pyproject.toml asks for something that the lock file does not have"


def test_the_lock_file_names_no_place_that_anything_comes_from() -> None:
    text = LOCK.read_text("utf-8")
    assert re.findall(r"\w+://\S*|^-.*|(?:^|\s)/\S+", text, re.MULTILINE) == []
    packages = re.split(r"\n(?=\w)", text)
    assert [package for package in packages if "==" in package and "--hash=sha256:" not in package] == []
