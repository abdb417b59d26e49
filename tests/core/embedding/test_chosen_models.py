"""What is told of the devices that there are, and of a model in use."""

from __future__ import annotations

import pytest

from photofind.core.embedding import chosen_models
from photofind.core.library import Library
from photofind.core.records.models import Devices


def test_without_a_card_the_processor_is_all_there_is(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen_models, "may_have_gpu", lambda: False)
    assert library.models.devices() == Devices("auto", None, "", "CPU")


def test_a_card_that_may_be_there_is_looked_for_and_named(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen_models, "may_have_gpu", lambda: True)
    monkeypatch.setattr(chosen_models, "find_gpu", lambda: "cuda")
    monkeypatch.setattr(chosen_models, "name_device", lambda kind: {"cuda": "NVIDIA X"}[kind])
    library.models.use_device("cpu")
    devices = library.models.devices()
    assert devices == Devices("cpu", "cuda", "NVIDIA X", "CPU")
    assert not devices.uses_card


def test_its_words_are_loaded_once_for_each_device(library: Library) -> None:
    model = library.models.answering
    loaded = [model.has_texts]
    model.load_texts()
    loaded.append(model.has_texts)
    library.models.use_device("cpu")  # so that something else runs it, which has not loaded them
    loaded.append(model.has_texts)
    assert loaded == [False, True, False]


def test_no_card_embeds_where_the_processor_does(library: Library) -> None:
    assert library.models.indexing.on_processor
    assert not library.models.indexing.opens_card()
