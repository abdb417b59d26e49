"""Write what the hub has of each offered model into `offered.toml`: `python -m photofind.core.models.pin [LISTING]`.

For whoever makes a release, with a connection. It says what is missing, renamed or not as offered, and then ends with
status 1; such a model keeps what was pinned before. LISTING is a file in which all files of each repository are listed.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import huggingface_hub
from huggingface_hub import errors

from photofind.core.models.connection import endpoint
from photofind.core.models.offered import Model, Pinned, PinnedFile, downloadable

TABLE: Final = Path(__file__).with_name("offered.toml")
_SECONDS: Final = 30.0
_HTTP_ERROR: Final[type[Exception]] = errors.HTTPError  # type: ignore[attr-defined]  # of whichever HTTP library it uses


@dataclass(frozen=True, slots=True)
class Repository:
    """What the hub says of a repository: `name` is what it is called now, `files` have SHA-256 where it tells that."""

    name: str
    commit: str
    license: str
    files: Mapping[str, PinnedFile]


def main(listing: Path | None = None, table: Path = TABLE) -> int:
    """Look all models up, write what was found, and say what is wrong; return the exit status."""
    pins: dict[str, Pinned] = {}
    found: dict[str, Repository] = {}
    wrong: list[str] = []
    for model in downloadable():
        try:
            there = found[model.repo] = look_up(model.repo)
            wrong += [f"{model.name}: {line}" for line in _wrong_with(model, there)]
            if all(name in there.files for _, name in model.files):
                pins[model.name] = _pin(model, there)
        except errors.RepositoryNotFoundError:
            wrong.append(f"{model.name}: there is no repository {model.repo}")
        except (errors.HfHubHTTPError, _HTTP_ERROR) as error:
            wrong.append(f"{model.name}: {model.repo} cannot be looked up: {str(error).splitlines()[0]}")
    huggingface_hub.close_session()
    table.write_text(with_pins(table.read_text("utf-8"), pins), "utf-8")
    if listing is not None:
        listing.write_text(with_listings(listing.read_text("utf-8"), found), "utf-8")
    sys.stdout.write("".join(f"{line}\n" for line in (*(f"pinned: {name}" for name in pins), *wrong)))
    return 1 if wrong else 0


def look_up(repo: str) -> Repository:
    """Ask the hub for a repository as it is now; whatever huggingface_hub raises where that fails."""
    there = huggingface_hub.HfApi(endpoint(), token=False).model_info(repo, files_metadata=True, timeout=_SECONDS)
    files = {
        file.rfilename: PinnedFile(file.size or 0, file.lfs.sha256 if file.lfs else "") for file in there.siblings or ()
    }
    license = there.card_data.license if there.card_data else None
    return Repository(there.id, there.sha or "", license if isinstance(license, str) else "", files)


def _wrong_with(model: Model, there: Repository) -> Iterator[str]:
    """Yield what a person has to look into."""
    if there.name != model.repo:
        yield f"{model.repo} was renamed to {there.name}"
    for _, name in model.files:
        if name not in there.files:
            yield f"{name} is missing in {there.name}, which has {', '.join(sorted(there.files))}"
    if there.license.lower() != model.license.lower():
        yield f"the page of {there.name} names the licence “{there.license}”, not {model.license}"
    _, weights = model.files[-1]
    size = there.files[weights].size if weights in there.files else model.download_bytes
    if not model.may_weigh(size):
        yield f"{weights} has {size:,} bytes, not about {model.download_bytes:,}"


def _pin(model: Model, there: Repository) -> Pinned:
    """Take what the hub says of a model's files; of small ones it tells no SHA-256, so they are read."""
    files = {name: there.files[name] for _, name in model.files}
    read = {name: _read(there, name) for name, file in files.items() if not file.sha256}
    return Pinned(there.commit, files | read)


def _read(there: Repository, name: str) -> PinnedFile:
    url = huggingface_hub.hf_hub_url(there.name, name, revision=there.commit, endpoint=endpoint())
    response = huggingface_hub.get_session().get(url, timeout=_SECONDS)
    huggingface_hub.hf_raise_for_status(response)
    return PinnedFile(len(response.content), hashlib.sha256(response.content).hexdigest())


def with_pins(table: str, pins: Mapping[str, Pinned]) -> str:
    """Return the text of `offered.toml` with these pins in the place of older ones, all else as it was."""
    blocks = re.split(r"^(?=\[\[)", table, flags=re.MULTILINE)
    return "".join(_with_pin(block, pins) for block in blocks)


def _with_pin(block: str, pins: Mapping[str, Pinned]) -> str:
    (entry, *_) = tomllib.loads(block).get("model") or [{"name": ""}]
    if (pin := pins.get(entry["name"])) is None:
        return block
    files = "".join(
        f'{_text(name)} = {{ size = {file.size:_}, sha256 = "{file.sha256}" }}\n' for name, file in pin.files.items()
    )
    rest = block.partition("\n[model.pinned]\n")[0].rstrip("\n")
    return f"{rest}\n\n[model.pinned]\ncommit = {_text(pin.commit)}\n\n[model.pinned.files]\n{files}\n"


def with_listings(listing: str, found: Mapping[str, Repository]) -> str:
    """Return a listing with these repositories, by the name they were asked for, in the place of older entries."""
    head, *blocks = re.split(r"^(?=\[\[)", listing, flags=re.MULTILINE)
    older = {tomllib.loads(block)["repository"][0]["repo"]: block for block in blocks}
    day = datetime.now(UTC).date().isoformat()
    newer = {repo: _listed(repo, there, day) for repo, there in found.items()}
    return head + "\n".join(block.rstrip("\n") + "\n" for block in (older | newer).values())


def _listed(repo: str, there: Repository, day: str) -> str:
    files = "".join(
        f"    {{ name = {_text(name)}, size = {file.size:_}"
        + (f', sha256 = "{file.sha256}"' if file.sha256 else "")
        + " },\n"
        for name, file in sorted(there.files.items())
    )
    return (
        f"[[repository]]\nrepo = {_text(repo)}\ncommit = {_text(there.commit)}\nlicense = {_text(there.license)}\n"
        f'source = "the hub, {day}"\nis_whole = true\nfiles = [\n{files}]\n'
    )


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:2])))
