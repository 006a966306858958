"""A model folder is used only if it is the one its manifest describes."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callaudit.classifier import artefact
from callaudit.classifier.model import RUDENESS, RudenessClassifier
from callaudit.errors import ModelError
from callaudit.resources import bundled

FILES = ("manifest.json", "vocabulary.json", "weights.npz")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled model."""
    for name in FILES:
        shutil.copy(bundled("models", "rudeness", name), tmp_path / name)
    return tmp_path


def change_manifest(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def replace_signed(folder: Path, name: str, data: bytes) -> None:
    """Put in another file and make the manifest vouch for it: only what is inside can give it away."""
    (folder / name).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    change_manifest(folder, lambda manifest: manifest["files"][name].update(sha256=digest))


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def refusal(folder: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        RudenessClassifier(folder)
    return caught.value


def test_saving_and_loading_changes_nothing(folder: Path, tmp_path: Path) -> None:
    loaded = artefact.load(folder, RUDENESS)
    artefact.save(loaded, tmp_path / "again")
    for name in FILES[1:]:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refusal(folder).code == "model.missing"


@pytest.mark.parametrize("name", FILES[1:])
def test_one_altered_byte_is_refused(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert f"{name} was altered" in refusal(folder).message


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.update(format="sklearn"),
        lambda manifest: manifest.update(format_version=99),
        lambda manifest: manifest["labels"].reverse(),
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest.pop("calibration"),
        lambda manifest: manifest.update(threshold=7),
        lambda manifest: manifest.update(threshold="0.5"),
        lambda manifest: manifest["calibration"].update(slope=float("nan")),
    ],
)
def test_a_foreign_manifest_is_refused(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    change_manifest(folder, change)
    assert refusal(folder).code == "model.altered"


@pytest.mark.parametrize("name", ["threshold", "calibration"])
def test_a_calibration_or_threshold_changed_by_hand_is_refused(folder: Path, name: str) -> None:
    """The version is in the fingerprint of a scan: what changes the verdicts must change it."""

    def change(manifest: dict[str, Any]) -> None:
        numbers = manifest if name == "threshold" else manifest["calibration"]
        numbers["threshold" if name == "threshold" else "offset"] /= 2

    change_manifest(folder, change)
    assert "version does not belong" in refusal(folder).message


def test_another_calibration_is_another_version(folder: Path, tmp_path: Path) -> None:
    loaded = artefact.load(folder, RUDENESS)
    loaded.manifest["calibration"]["offset"] /= 2
    artefact.save(loaded, tmp_path / "again")
    assert artefact.load(tmp_path / "again", RUDENESS).manifest["version"] != RudenessClassifier().version


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000])
def test_a_manifest_that_is_no_object_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    assert refusal(folder).code == "model.altered"


class Trap:
    """Unpickling it would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_pickled_objects_are_never_run(folder: Path, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    arrays = npz(weights=np.array([Trap(trap)], dtype=object), biases=np.zeros(8))
    for data in (arrays, pickle.dumps(Trap(trap))):
        replace_signed(folder, "weights.npz", data)
        assert refusal(folder).code == "model.altered"
    assert not trap.exists()


def test_weights_of_another_vocabulary_are_refused(folder: Path) -> None:
    replace_signed(folder, "weights.npz", npz(weights=np.zeros((8, 3)), biases=np.zeros(8)))
    assert "do not belong together" in refusal(folder).message


def test_weights_that_are_not_numbers_are_refused(folder: Path) -> None:
    size = len(artefact.load(folder, RUDENESS).vocabulary)
    weights = {"weights": np.full((8, size), np.nan), "biases": np.zeros(8)}
    replace_signed(folder, "weights.npz", npz(**weights))
    assert "not numbers" in refusal(folder).message


@pytest.mark.parametrize(
    "words",
    [
        b"[]",
        b"{}",
        b'{"characters": [1], "spellings": []}',
        b'{"characters": ["12345"], "spellings": []}',
        b'{"characters": ["a"], "spellings": ["b\\nc"]}',
        b"\xff",
    ],
)
def test_a_foreign_vocabulary_is_refused(folder: Path, words: bytes) -> None:
    replace_signed(folder, "vocabulary.json", words)
    assert refusal(folder).code == "model.altered"


def test_an_oversized_file_is_refused_without_being_read_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artefact, "MAX_FILE_BYTES", 10_000)
    assert "larger than" in refusal(folder).message


def test_an_archive_that_swells_is_refused(folder: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rude.npy", bytes(artefact.MAX_FILE_BYTES + 1))
    assert len(stream.getvalue()) < artefact.MAX_FILE_BYTES / 100
    replace_signed(folder, "weights.npz", stream.getvalue())
    assert refusal(folder).code == "model.altered"
