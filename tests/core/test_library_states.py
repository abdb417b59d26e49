"""Whatever happens to photos, folders, drives and the program: what is shown is what a plain model says.

Hypothesis makes up the events; the library, its files, the photos and, where root may mount, the
drive are real. After each sync the rule "absence is not deletion" is checked, after each `settle`
that exactly the photos on the disk are shown, each as itself, found by its own looks, embedded once.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from photofind.core.disk.exclusions import DEFAULT_EXCLUSIONS, Exclusions
from photofind.core.errors import PhotofindError
from photofind.core.sync import presence
from tests.core.care.checked_library import MOST_MISSING, CheckedLibrary, has_size
from tests.core.library_places import Place
from tests.core.library_world import World
from tests.mounts import can_mount
from tests.tiny_clip import TINY_CLIP

PICKS = st.integers(0, 1000)


class LibraryMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.changed_model = False
        self.world = World()
        self.checked = CheckedLibrary(self.world)

    @initialize(is_real=st.booleans())
    def begin(self, is_real: bool) -> None:
        self.world.begin(is_real and can_mount())
        for place in self.world.places:
            self.checked.library.folders.add(Path(os.fsdecode(place.root)))
            self.world.fill(place)
        self.settle()

    def teardown(self) -> None:
        try:
            if hasattr(self.world, "drive"):
                self.plug()
                self.settle()
        finally:
            self.checked.end()
            self.world.end()

    def _place(self, on_drive: bool) -> Place:
        return self.world.drive if on_drive else self.world.album

    @rule()
    def settle(self) -> None:
        self.checked.settle()

    # Events: files

    @rule(on_drive=st.booleans(), pick=PICKS)
    def add(self, on_drive: bool, pick: int) -> None:
        self.world.add(self._place(on_drive), pick)

    @rule(on_drive=st.booleans(), pick=PICKS)
    def write_slowly(self, on_drive: bool, pick: int) -> None:
        self.world.write_slowly(self._place(on_drive), pick, self.checked.sync_and_embed)

    @rule(on_drive=st.booleans(), pick=PICKS, in_place=st.booleans())
    def overwrite(self, on_drive: bool, pick: int, in_place: bool) -> None:
        self.world.overwrite(self._place(on_drive), pick, in_place)

    @rule(on_drive=st.booleans(), pick=PICKS, to=PICKS)
    def rename(self, on_drive: bool, pick: int, to: int) -> None:
        self.world.rename(self._place(on_drive), pick, to)

    @rule(on_drive=st.booleans(), pick=PICKS)
    def change_case(self, on_drive: bool, pick: int) -> None:
        self.world.change_case(self._place(on_drive), pick)

    @rule(on_drive=st.booleans(), pick=PICKS, other=PICKS)
    def swap(self, on_drive: bool, pick: int, other: int) -> None:
        self.world.swap(self._place(on_drive), pick, other)

    @rule(on_drive=st.booleans(), picks=st.lists(PICKS, min_size=2, max_size=4), to=PICKS, over=st.booleans())
    def rename_in_a_chain(self, on_drive: bool, picks: list[int], to: int, over: bool) -> None:
        self.world.rename_in_a_chain(self._place(on_drive), picks, to, over)

    @rule(from_drive=st.booleans(), pick=PICKS, to=PICKS)
    def move_to_the_other_folder(self, from_drive: bool, pick: int, to: int) -> None:
        self.world.move(self._place(from_drive), self._place(not from_drive), pick, to)

    @rule(on_drive=st.booleans(), pick=PICKS, number=PICKS)
    def move_a_directory(self, on_drive: bool, pick: int, number: int) -> None:
        self.world.move_a_directory(self._place(on_drive), pick, number)

    @rule(from_drive=st.booleans(), to_drive=st.booleans(), pick=PICKS, to=PICKS, delete=st.booleans())
    def copy(self, from_drive: bool, to_drive: bool, pick: int, to: int, delete: bool) -> None:
        self.world.copy(self._place(from_drive), self._place(to_drive), pick, to, delete)

    @rule(from_drive=st.booleans(), to_drive=st.booleans(), pick=PICKS, to=PICKS)
    def hard_link(self, from_drive: bool, to_drive: bool, pick: int, to: int) -> None:
        self.world.hard_link(self._place(from_drive), self._place(to_drive), pick, to, before=self.settle)

    @rule(on_drive=st.booleans(), picks=st.lists(PICKS, min_size=1, max_size=8))
    def delete(self, on_drive: bool, picks: list[int]) -> None:
        self.world.delete(self._place(on_drive), picks)

    @rule(on_drive=st.booleans(), pick=PICKS)
    def delete_a_directory(self, on_drive: bool, pick: int) -> None:
        self.world.delete_a_directory(self._place(on_drive), pick)

    # Events: drives and places

    @precondition(lambda self: self.world.drive.is_plugged)
    @rule(leaves=st.sampled_from(["nothing", "an empty folder", "another drive"]))
    def unplug(self, leaves: str) -> None:
        self.world.drive.unplug(leaves)

    @precondition(lambda self: not self.world.drive.is_plugged)
    @rule()
    def plug(self) -> None:
        self.world.drive.plug()

    @rule(number=PICKS)
    def move_and_locate_the_album(self, number: int) -> None:
        """Move the whole watched folder, and say where it is now."""
        place = self.world.album
        new = os.fsencode(self.world.home / f"album {number}")
        if os.path.lexists(new):
            return
        known = self.checked.rows(self.checked.folder(place))
        os.rename(place.root, new)
        is_known = any(has_size(os.path.join(new, path), size) for path, _, size in known.values())
        try:
            folder = self.checked.library.folders.locate(place.root, Path(os.fsdecode(new)))
        except PhotofindError:
            assert known
            assert not is_known, "some photos of it lie there"
            os.rename(new, place.root)
        else:
            assert is_known or not known
            assert folder.path == new
            place.root = place.files_at = new

    # Events: the program

    @rule(pattern=st.sampled_from([(), ("a",), ("b", "c"), ("*.gif",)]))
    def exclude(self, pattern: tuple[str, ...]) -> None:
        self.settle()
        self.world.patterns = pattern
        wanted = Exclusions((*DEFAULT_EXCLUSIONS.patterns, *pattern))
        preview = self.checked.library.folders.preview_exclusions(wanted)
        folders = [self.checked.folder(place) for place in self.world.places]
        rows = [path for folder in folders for path, *_ in self.checked.rows(folder).values()]
        assert preview.total == len(rows)
        assert preview.dropped == sum(map(self.world.is_excluded, rows))
        self.checked.library.folders.set_exclusions(wanted)

    @precondition(lambda self: not self.changed_model)
    @rule(chance=st.integers(0, 15))
    def change_the_model(self, chance: int) -> None:
        if chance == 7:  # it takes a second
            self.changed_model = True
            self.checked.library.models.use(str(TINY_CLIP))

    @precondition(lambda self: self.changed_model)
    @rule()
    def change_the_model_back(self) -> None:
        self.checked.library.models.use("quick look")

    @rule(during=st.sampled_from(["nothing", "a sync", "embedding"]), steps=st.integers(0, 4))
    def crash(self, during: str, steps: int) -> None:
        if during == "a sync":
            half_done = self.checked.library.folders.sync(self.checked.folder(self.world.drive))
            for _ in range(steps):
                next(half_done, None)
        elif during == "embedding":
            self.embed_some(1 + steps)
        self.checked.start_on_a_copy()

    @rule()
    def quit_and_start(self) -> None:
        self.checked.quit_and_start()

    @rule(on_drive=st.booleans())
    def sync_one(self, on_drive: bool) -> None:
        self.checked.sync(self._place(on_drive))

    @rule(count=st.integers(1, 5))
    def embed_some(self, count: int) -> None:
        """Embed before the next sync: a copy may pass for a photo that was renamed since the last one."""
        self.world.loosen_copies()
        self.checked.embed_some(count)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_MOST_MISSING_PHOTOS", MOST_MISSING)


STABLE = settings(
    max_examples=50,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # to shrink what was found takes minutes; the long test does
)


def test_what_is_shown_is_what_is_there_whatever_happens() -> None:
    run_state_machine_as_test(LibraryMachine, settings=STABLE)


@pytest.mark.long(seconds=90)
@pytest.mark.timeout(3600)
def test_what_is_shown_is_what_is_there_whatever_happens_for_long() -> None:
    run_state_machine_as_test(
        LibraryMachine,
        settings=settings(
            STABLE,
            max_examples=300,
            stateful_step_count=60,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
        ),
    )
