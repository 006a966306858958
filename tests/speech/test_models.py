from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
from urllib.error import URLError

import pytest
import torch
import whisper

from callaudit.errors import ExitCode, ModelError
from callaudit.resources import bundled
from callaudit.speech import models
from callaudit.speech.manifest import read_manifest, write_manifest
from callaudit.speech.models import PUBLISHED, find_model, list_models, load_whisper, resolve_model

DIMS = {
    "n_mels": 80,
    "n_audio_ctx": 1500,
    "n_audio_state": 16,
    "n_audio_head": 1,
    "n_audio_layer": 1,
    "n_vocab": 51865,
    "n_text_ctx": 448,
    "n_text_state": 16,
    "n_text_head": 1,
    "n_text_layer": 1,
}


class Trap:
    def __reduce__(self):
        return (exec, ("raise AssertionError('code of a checkpoint was run')",))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "whisper"


@pytest.fixture
def folder(tmp_path):
    """A folder with an own checkpoint and its manifest."""
    checkpoint(tmp_path / "own.pt")
    write_manifest(tmp_path, cer_percent=50.0)
    return tmp_path


def checkpoint(path, **changes):
    dims = {**DIMS, **changes}
    weights = whisper.model.Whisper(whisper.model.ModelDimensions(**dims)).state_dict()
    torch.save({"dims": dims, "model_state_dict": weights}, path)
    return path


def test_the_bundled_model_is_what_its_manifest_says():
    found = resolve_model("mini")

    assert found.path == bundled("models", "mini", "mini.pt")
    assert found.synthetic_only
    assert not found.takes_prompt
    assert found.label == f"mini@{found.sha256[:8]}"
    assert read_manifest(found.path.parent).measured


def test_names_and_digests_are_openai_whispers():
    published = {name: url.split("/")[-2] for name, url in whisper._MODELS.items() if not name.endswith(".en")}

    assert {name: model.sha256 for name, model in PUBLISHED.items()} == published
    assert {name: models._cached(name).name for name in PUBLISHED} == {
        name: url.split("/")[-1] for name, url in whisper._MODELS.items() if name in published
    }


def test_the_list_says_what_is_here(cache):
    cache.mkdir()
    (cache / "tiny.pt").write_bytes(b"x" * 3 * 1024**2)

    rows = {row.name: row for row in list_models()}

    assert next(iter(rows)) == "mini"
    assert rows["mini"].is_present
    assert rows["tiny"].is_present
    assert rows["tiny"].size == "3 MiB"
    assert not rows["small"].is_present
    assert rows["small"].size == "461 MiB"


def test_listing_pays_for_no_engine():
    program = (
        "import sys; from callaudit.speech.models import list_models; list_models();"
        "print([name for name in ('torch', 'whisper', 'numpy') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"


@pytest.mark.parametrize("name", ["enormous", "small.en", "no/such/model.pt"])
def test_an_unknown_model_is_refused_with_the_names_that_work(name):
    with pytest.raises(ModelError, match="no speech model") as caught:
        resolve_model(name)

    assert caught.value.code == "model.unknown"
    assert caught.value.exit_code is ExitCode.DEPENDENCY
    assert "small" in caught.value.hint


def test_a_model_that_is_not_here_is_not_downloaded_for_a_look(cache):
    with pytest.raises(ModelError) as caught:
        find_model("tiny")

    assert caught.value.code == "model.absent"
    assert not cache.exists()


@pytest.mark.parametrize(
    "error", [URLError("no route"), TimeoutError(), RuntimeError("SHA256 checksum does not match")]
)
def test_a_download_that_fails_says_what_to_do(cache, monkeypatch, error):
    def fail(url, root, in_memory):
        cache.mkdir(exist_ok=True)
        (cache / "tiny.pt").write_bytes(b"half a fi")
        raise error

    monkeypatch.setattr(whisper, "_download", fail)

    with pytest.raises(ModelError) as caught:
        resolve_model("tiny")

    assert caught.value.code == "model.download"
    assert "give its path" in caught.value.hint


def test_a_download_is_taken_from_the_cache_afterwards(cache, monkeypatch):
    body = b"a model"
    digest = hashlib.sha256(body).hexdigest()
    monkeypatch.setitem(PUBLISHED, "tiny", models._Published(digest, 1))

    def download(url, root, in_memory):
        cache.mkdir(exist_ok=True)
        assert not (cache / "tiny.pt").exists()
        (cache / "tiny.pt").write_bytes(body)

    monkeypatch.setattr(whisper, "_download", download)
    first = resolve_model("tiny")

    assert first.takes_prompt
    assert not first.synthetic_only
    assert resolve_model("tiny") == first == find_model("tiny")


def test_a_checkpoint_is_taken_by_its_path(tmp_path):
    path = checkpoint(tmp_path / "tuned.pt")

    found = resolve_model(str(path))

    assert (found.name, found.takes_prompt, found.synthetic_only) == ("tuned", True, False)
    assert load_whisper(found, "cpu").dims.n_audio_state == 16


def test_a_folder_with_a_manifest_is_taken_like_the_bundled_one(folder):
    found = resolve_model(str(folder))

    assert not found.takes_prompt
    assert found.synthetic_only


def test_an_altered_model_is_refused(folder):
    with (folder / "own.pt").open("r+b") as file:
        file.seek(2000)
        file.write(b"?")

    with pytest.raises(ModelError) as caught:
        resolve_model(str(folder))

    assert caught.value.code == "model.altered"


def test_a_missing_checkpoint_is_refused(folder):
    (folder / "own.pt").unlink()

    with pytest.raises(ModelError) as caught:
        resolve_model(str(folder))

    assert caught.value.code == "model.altered"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}'])
def test_a_malformed_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_text(text)

    with pytest.raises(ModelError) as caught:
        resolve_model(str(folder))

    assert caught.value.code == "model.manifest"


def trapped(path):
    torch.save({"dims": DIMS, "model_state_dict": {"x": Trap()}}, path)


def pickled(path):
    path.write_bytes(pickle.dumps({"dims": DIMS, "model_state_dict": Trap()}))


def weightless(path):
    torch.save({"dims": DIMS}, path)


def dimensionless(path):
    torch.save({"model_state_dict": {}}, path)


def without_dimensions(path):
    torch.save({"dims": {}, "model_state_dict": {}}, path)


def bare_tensor(path):
    torch.save(torch.zeros(3), path)


def text(path):
    path.write_text("not a model")


def nothing(path):
    path.write_bytes(b"")


def cut_short(path):
    checkpoint(path)
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    "write",
    [trapped, pickled, weightless, dimensionless, without_dimensions, bare_tensor, text, nothing, cut_short],
    ids=lambda f: f.__name__,
)
def test_a_foreign_file_is_refused_and_nothing_in_it_runs(tmp_path, write):
    path = tmp_path / "foreign.pt"
    write(path)

    with pytest.raises(ModelError) as caught:
        load_whisper(resolve_model(str(path)), "cpu")

    assert caught.value.code == "model.foreign"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA here")
def test_cuda_where_there_is_none_is_refused_with_the_way_out():
    with pytest.raises(ModelError, match="no CUDA") as caught:
        load_whisper(resolve_model("mini"), "cuda")

    assert caught.value.code == "model.device"
    assert 'speech.device = "cpu"' in caught.value.hint


def test_an_english_model_is_refused(tmp_path):
    path = checkpoint(tmp_path / "english.pt", n_vocab=51864)

    with pytest.raises(ModelError) as caught:
        load_whisper(resolve_model(str(path)), "cpu")

    assert caught.value.code == "model.english"


def test_weights_that_do_not_fit_their_dimensions_are_refused(tmp_path):
    path = checkpoint(tmp_path / "odd.pt")
    content = torch.load(path, weights_only=True)
    torch.save({**content, "dims": {**DIMS, "n_text_layer": 2}}, path)

    with pytest.raises(ModelError) as caught:
        load_whisper(resolve_model(str(path)), "cpu")

    assert caught.value.code == "model.unusable"


def test_a_manifest_written_again_keeps_what_was_written_by_hand(folder):
    file = folder / "manifest.json"
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "made": "by hand", "prompt": True}))
    checkpoint(folder / "own.pt", n_text_layer=2)

    manifest = write_manifest(folder)

    assert (manifest.made, manifest.prompt, manifest.measured) == ("by hand", True, {"cer_percent": 50.0})
    assert manifest.dims["n_text_layer"] == 2
    assert find_model(str(folder)).sha256 == manifest.sha256
    assert write_manifest(folder, cer_percent=9.0).measured == {"cer_percent": 9.0}


def test_a_manifest_describes_exactly_one_checkpoint(folder):
    checkpoint(folder / "second.pt")

    with pytest.raises(ModelError, match="2 checkpoints"):
        write_manifest(folder)


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """A machine with the driver of a GPU, and three GPUs."""
    monkeypatch.setattr("torch.cuda.device_count", lambda: 3)
    monkeypatch.setattr(models, "_DRIVERS", (tmp_path,))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_every_gpu_is_used(driver, device):
    assert models.cuda_devices(device) == ("0", "1", "2")


def test_gpus_have_the_names_that_the_environment_gives_them(driver, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,GPU-7,6,9")

    assert models.cuda_devices("auto") == ("5", "GPU-7", "6")


def test_no_gpu_is_used_without_a_driver_or_where_the_setting_says_so(driver, monkeypatch, tmp_path):
    assert models.cuda_devices("cpu") == ()
    monkeypatch.setattr(models, "_DRIVERS", (tmp_path / "none",))
    assert models.cuda_devices("auto") == ()
