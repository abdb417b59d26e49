"""The library's models: which there are, which are in use, changing that, and what is kept of each."""

from __future__ import annotations

from pathlib import Path

from photofind.core.catalog.telling import Telling
from photofind.core.embedding.model_choice import ModelChoice
from photofind.core.embedding.model_list import list_models
from photofind.core.embedding.running_model import RunningModel
from photofind.core.encoders.devices import find_gpu, may_have_gpu, name_device
from photofind.core.records.models import DeviceChoice, Devices, KeptVectors, ModelState
from photofind.core.steps import Steps, finish


class ChosenModels:
    """Models by name or folder; every call may raise PhotofindError.

    Two may be in use at once: while a new one embeds the library, the old one answers. A third may stand beside
    them, for Find similar and pictures alone.
    """

    def __init__(self, choice: ModelChoice, telling: Telling, models_dir: Path) -> None:
        self._choice = choice
        self._telling = telling
        self._models_dir = models_dir

    def all(self) -> list[ModelState]:
        """Return the models that can be chosen, and the folder in use if it is one of the person's own."""
        with self._telling.reading():
            return list_models(self._choice, self._models_dir)

    # In use

    @property
    def answering(self) -> RunningModel:
        """The model that answers queries."""
        return self._choice.answering

    @property
    def indexing(self) -> RunningModel:
        """The model that photos are embedded for; another one than the answering while a change runs."""
        return self._choice.indexing

    @property
    def similar(self) -> RunningModel | None:
        """The model for Find similar alone; None where there is none, or its folder is away."""
        return self._choice.look_alikes.model

    # Changing

    def use(self, name_or_folder: str) -> RunningModel:
        """Embed everything with another model, and return it; the one in use answers until that is done.

        Vectors that model made before are used again. One that knows no words serves beside it, for Find similar.
        """
        with self._telling.writing():
            return self._choice.use(name_or_folder)

    def stop_using(self, name_or_folder: str) -> None:
        """Find similar photos without the model that was chosen for that; its vectors are kept."""
        with self._telling.writing():
            self._choice.stop_using(name_or_folder)

    def cancel_change(self) -> None:
        """Go on with the model that answers; what was embedded for the other one is kept."""
        with self._telling.writing():
            self._choice.cancel()

    def adopt_installed(self) -> bool:
        """Use an installed one of the offered models if the person never chose one; tell whether that is new."""
        with self._telling.writing():
            return self._choice.adopt_installed()

    def finish_change(self) -> bool:
        """Let the new model answer once nothing is pending for it; tell whether it has just taken over."""
        with self._telling.writing():
            return self._choice.finish()

    # What is kept

    def lacking(self, reference: str) -> int:
        """Return how many photos a model, named as in `use`, would have to embed; it need not be installed."""
        with self._telling.reading():
            return self._choice.lacking(reference)

    def kept(self) -> list[KeptVectors]:
        """Return what is kept of each model that has embedded any photo."""
        with self._telling.reading():
            return self._choice.kept()

    def forget(self, reference: str) -> int:
        """Delete the vectors kept of a model (name, folder or id); return how many; PhotofindError for one in use."""
        return finish(self.forgetting(reference))

    def forgetting(self, reference: str) -> Steps[int]:
        """Delete them as `forget` does, in slices; PhotofindError also where the model comes into use meanwhile."""
        with self._telling.writing():
            return (yield from self._choice.forgetting(reference))

    # Where they run

    def device(self) -> DeviceChoice:
        """Return what is to embed pictures: "auto" for the graphics card where there is one."""
        with self._telling.reading():
            return self._choice.device()

    def devices(self) -> Devices:
        """Return what is chosen, what there is and what is in use; takes seconds where torch has to tell."""
        with self._telling.reading():
            card = find_gpu() if may_have_gpu() else None
            return Devices(self.device(), card, name_device(card) if card else "", self.indexing.device)

    def use_device(self, device: DeviceChoice) -> None:
        """Have pictures embedded by another device from now on."""
        with self._telling.writing():
            self._choice.use_device(device)
