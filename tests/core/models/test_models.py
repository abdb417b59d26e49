"""What is said of the offered models is true, and names and folders lead to the right model or to a sentence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import open_clip
import pytest
import safetensors.numpy
import timm
import torch

from photofind.core.errors import PhotofindError
from photofind.core.models import offered as models
from photofind.core.models.offered import Model
from tests.tiny_clip import TINY_CLIP

CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    """A folder of models in which the one called "small" is installed."""
    folder = tmp_path / "models" / "small"
    folder.mkdir(parents=True)
    shutil.copy(TINY_CLIP / CONFIG, folder)
    shutil.copy(TINY_CLIP / WEIGHTS, folder)
    return folder.parent


def edit_config(folder: Path, part: str, **values: object) -> None:
    config = json.loads((folder / CONFIG).read_text())
    config["model_cfg"][part].update(values)
    (folder / CONFIG).write_text(json.dumps(config))


OF_OPEN_CLIP = [model for model in models.downloadable() if not model.for_similar]
every_model = pytest.mark.parametrize("model", OF_OPEN_CLIP, ids=lambda model: model.name)


@every_model
def test_what_is_offered_agrees_with_open_clip(model: Model) -> None:
    assert (model.architecture, model.pretrained) in open_clip.list_pretrained()
    offer = open_clip.get_pretrained_cfg(model.architecture, model.pretrained)
    assert offer["hf_hub"] == f"{model.repo}/"
    assert model.files[0] == (model.repo, CONFIG)
    assert model.files[-1] == (model.repo, open_clip.constants.HF_SAFE_WEIGHTS_NAME) == (model.repo, WEIGHTS)
    config = open_clip.get_model_config(model.architecture)
    assert (config["embed_dim"], config["vision_cfg"]["image_size"]) == (model.dim, model.size)


@every_model
def test_what_splits_the_words_is_where_open_clip_looks_for_it(model: Model) -> None:
    text = open_clip.get_model_config(model.architecture)["text_cfg"]
    tokenizer = model.files[1:-1]
    assert bool(tokenizer) == ("hf_tokenizer_name" in text)
    assert {repo for repo, _ in tokenizer} <= {text.get("hf_tokenizer_name")} & {model.repo}
    assert "hf_model_name" not in text


@every_model
def test_the_picture_towers_that_timm_makes_are_known_to_it(model: Model) -> None:
    name = open_clip.get_model_config(model.architecture)["vision_cfg"].get("timm_model_name")
    assert name is None or timm.is_model(name)


@every_model
def test_the_download_is_as_big_as_it_says(model: Model) -> None:
    assert model.download_bytes == pytest.approx(4 * count_parameters(model.architecture), rel=0.01)


def count_parameters(architecture: str) -> int:
    config = open_clip.get_model_config(architecture)
    kind = open_clip.CustomTextCLIP if config.pop("custom_text", False) else open_clip.CLIP
    with torch.device("meta"):
        return sum(int(p.numel()) for p in kind(**config).parameters())


def test_the_model_for_similar_agrees_with_timm() -> None:
    (model,) = (model for model in models.downloadable() if model.for_similar)
    offer = timm.get_pretrained_cfg(f"{model.architecture}.{model.pretrained}")
    assert offer is not None
    assert (offer.hf_hub_id, offer.license) == (model.repo, model.license.lower())
    assert model.files == ((model.repo, "config.json"), (model.repo, "model.safetensors"))
    assert (offer.crop_pct, offer.crop_mode, offer.interpolation) == (1.0, "center", "bicubic")
    with torch.device("meta"):
        made: Any = timm.create_model(model.architecture, num_classes=0)
    assert made.num_features == model.dim
    assert model.download_bytes == 4 * sum(int(weights.numel()) for weights in made.parameters())
    assert offer.input_size[-1] > model.size
    assert model.size % made.patch_embed.patch_size[0] == 0


def test_only_weights_that_a_program_may_offer(tmp_path: Path) -> None:
    licenses = {license for model in models.available() for license in (model.license, model.code_license)}
    assert licenses - {""} == {"MIT", "Apache-2.0"}
    barred = ("MobileCLIP", "dfn", "metaclip", "nllb")
    for model in models.downloadable():
        assert not any(word.lower() in f"{model.architecture} {model.pretrained}".lower() for word in barred)


def test_where_page_and_makers_name_other_licences_both_are_shown() -> None:
    both = {model.name for model in models.downloadable() if "MIT" in str(model.licenses) != "MIT"}
    assert both == {"classic", "classic B-16", "classic L-14"}
    assert str(models.find("classic").licenses) == "Apache-2.0 by its page, MIT by its makers"
    of_timm = [timm.get_pretrained_cfg(models.find(name).repo.removeprefix("timm/")) for name in both]
    assert {offer.license for offer in of_timm if offer} == {"apache-2.0"}


def test_quick_look_comes_first_and_is_always_installed(tmp_path: Path) -> None:
    offered = models.available()
    assert [model.name for model in offered] == [
        "quick look",
        "recommended",
        "small",
        "best for CPU",
        "best for GPU",
        "English for GPU",
        "multilingual",
        "classic",
        "classic B-16",
        "classic L-14",
        "look-alikes",
    ]
    assert [model.name for model in offered if models.is_installed(model, tmp_path)] == ["quick look"]


def test_a_name_that_was_given_away_once_never_names_another_model() -> None:
    """Libraries store the name."""
    assert {*models.retired()} == {"more languages", "better", "best"}
    assert not models.retired().keys() & {model.name for model in models.available()}
    small = models.find("small")
    assert (small.architecture, small.pretrained) == ("ViT-B-32-256", "datacomp_s34b_b86k")


@pytest.mark.parametrize("name", models.retired())
def test_a_model_offered_formerly_is_not_to_be_had_and_names_the_one_in_its_place(name: str, models_dir: Path) -> None:
    other = models.retired()[name].replaced_by
    assert other in {model.name for model in models.downloadable()}
    for ask in (models.find, lambda name: models.describe(name, models_dir)):
        with pytest.raises(PhotofindError, match=f"“{name}” is not offered any more; “{other}” takes its place"):
            ask(name)


def test_a_model_offered_formerly_works_on_where_it_is_installed(models_dir: Path) -> None:
    (models_dir / "small").rename(models_dir / "best")
    assert models.describe("best", models_dir).name == "best"
    assert models.open_encoder("best", models_dir).encode_texts(["red"]).shape == (1, 64)


def test_one_that_cannot_be_run_any_more_names_the_one_in_its_place(models_dir: Path) -> None:
    edit_config(models_dir / "small", "text_cfg", hf_model_name="xlm-roberta-base")
    (models_dir / "small").rename(models_dir / "more languages")
    with pytest.raises(PhotofindError, match="with “photofind models get multilingual”"):
        models.describe("more languages", models_dir)


def test_an_installed_model_is_found_by_name(models_dir: Path) -> None:
    assert models.is_installed(models.find("small"), models_dir)
    spec = models.describe("small", models_dir)
    assert (spec.name, spec.dim, spec.size, spec.resize) == ("small", 64, 64, "shortest")
    assert models.open_encoder("small", models_dir).spec == spec


def test_quick_look_needs_nothing(tmp_path: Path) -> None:
    assert models.open_encoder("quick look", tmp_path).spec == models.describe("quick look", tmp_path)


def test_a_folder_is_a_model_too(tmp_path: Path) -> None:
    assert models.describe(str(TINY_CLIP), tmp_path).name == "tiny_clip"
    assert models.open_encoder(str(TINY_CLIP), tmp_path).encode_texts(["red"]).shape == (1, 64)


def test_a_model_keeps_its_id_when_its_folder_moves(models_dir: Path) -> None:
    assert models.describe("small", models_dir).model_id == models.describe(str(TINY_CLIP), models_dir).model_id


def test_another_preprocessing_is_another_model(models_dir: Path) -> None:
    before = models.describe("small", models_dir).model_id
    config = json.loads((models_dir / "small" / CONFIG).read_text())
    config["preprocess_cfg"]["resize_mode"] = "squash"
    (models_dir / "small" / CONFIG).write_text(json.dumps(config))
    assert models.describe("small", models_dir).model_id != before


@pytest.mark.parametrize("tensor", ["visual.attnpool.c_proj.weight", "text_projection", "positional_embedding"])
def test_one_tuned_tensor_makes_another_model(models_dir: Path, tensor: str) -> None:
    before = models.describe("small", models_dir).model_id
    weights = safetensors.numpy.load_file(models_dir / "small" / WEIGHTS)
    weights[tensor] = weights[tensor] * 1.01
    safetensors.numpy.save_file(weights, models_dir / "small" / WEIGHTS)
    assert models.describe("small", models_dir).model_id != before


def test_describing_does_not_import_torch(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from photofind.core.models import offered as models; "
        f"models.available(); models.describe({str(TINY_CLIP)!r}, Path()); "
        "print({'torch', 'open_clip'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"


def test_an_unknown_name_gets_the_names_there_are(models_dir: Path) -> None:
    with pytest.raises(PhotofindError, match=r"“huge”.*quick look, recommended, small, .*, look-alikes, or the path"):
        models.describe("huge", models_dir)


def test_a_name_never_means_a_folder_that_happens_to_be_there(
    models_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is a path only with a separator."""
    for name in ("small", "recommended", "mine"):
        shutil.copytree(models_dir / "small", tmp_path / "here" / name)
    monkeypatch.chdir(tmp_path / "here")
    assert models.locate("small", models_dir) == models_dir / "small"
    with pytest.raises(PhotofindError, match="is not installed"):
        models.locate("recommended", models_dir)
    with pytest.raises(PhotofindError, match=r"no model called “mine”.*as in \./mine\.$"):
        models.locate("mine", models_dir)
    assert models.describe("./mine", models_dir).name == "mine"


def test_a_model_in_the_home_of_nobody_is_not_there(models_dir: Path) -> None:
    with pytest.raises(PhotofindError, match="There is no folder"):
        models.describe("~nosuchuser/model", models_dir)


def test_a_model_that_is_not_installed_says_how_to_get_it(models_dir: Path) -> None:
    with pytest.raises(PhotofindError, match="photofind models get recommended"):
        models.open_encoder("recommended", models_dir)
    with pytest.raises(PhotofindError, match='photofind models get "best for CPU"'):
        models.open_encoder("best for CPU", models_dir)


def test_missing_files_are_named(models_dir: Path) -> None:
    folder = models_dir / "small"
    with pytest.raises(PhotofindError, match="There is no folder"):
        models.describe(str(folder / "nowhere"), models_dir)
    (folder / WEIGHTS).rename(folder / "open_clip_pytorch_model.bin")
    with pytest.raises(PhotofindError, match=f"{WEIGHTS}” is missing"):
        models.describe(str(folder), models_dir)
    (folder / CONFIG).unlink()
    with pytest.raises(PhotofindError, match=f"{CONFIG}” is missing"):
        models.describe(str(folder), models_dir)


@pytest.mark.parametrize("config", ["", "{", "[]", "{}", '{"model_cfg": {"embed_dim": "x", "vision_cfg": {}}}'])
def test_a_damaged_config_is_named(models_dir: Path, config: str) -> None:
    (models_dir / "small" / CONFIG).write_text(config)
    with pytest.raises(PhotofindError, match="damaged or not a config"):
        models.describe("small", models_dir)


@pytest.mark.parametrize("keep", [0, 5, 4000, -1])
def test_truncated_weights_are_named(models_dir: Path, keep: int) -> None:
    weights = models_dir / "small" / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:keep])
    with pytest.raises(PhotofindError, match="damaged or incomplete"):
        models.describe("small", models_dir)


def test_a_tokenizer_that_is_missing_is_named(models_dir: Path) -> None:
    edit_config(models_dir / "small", "text_cfg", hf_tokenizer_name="timm/ViT-B-16-SigLIP2")
    with pytest.raises(PhotofindError, match=r"tokenizer\.json” is missing"):
        models.describe("small", models_dir)


def test_a_model_for_oblong_pictures_is_refused(models_dir: Path) -> None:
    edit_config(models_dir / "small", "vision_cfg", image_size=[64, 96])
    with pytest.raises(PhotofindError, match="not square"):
        models.describe("small", models_dir)
