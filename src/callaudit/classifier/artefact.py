"""The model folder: a manifest, a vocabulary and plain arrays, checked before anything is used.

`manifest.json` names size and SHA-256 of the two other files. JSON and arrays of numbers are all that is read; nothing
in the folder is executed. The manifest protects against mix-ups and damage; against somebody who can rewrite the whole
folder, only the permissions of the folder do.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callaudit.classifier.features import Vocabulary
from callaudit.errors import ModelError, StorageError

FORMAT_VERSION = 4
MANIFEST, VOCABULARY, WEIGHTS = "manifest.json", "vocabulary.json", "weights.npz"
MAX_FILE_BYTES = 64 * 1024**2
"""Largest file of a model, packed and unpacked; the bundled ones take about a tenth of it."""

Weights = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKind:
    """What a model folder is for."""

    name: str
    setting: str
    """Which setting names the folder."""
    labels: tuple[str, ...]
    """What each row of weights decides."""
    calibration: tuple[str, ...]
    """Numbers that the calibration must hold; `cues.exact` is one inside another object."""
    has_threshold: bool = False
    """Whether a score at and over a threshold of the manifest decides something."""

    @property
    def format(self) -> str:
        """As the manifest names it."""
        return f"callaudit-{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Artefact:
    """A trained model as it lies on disk.

    Attributes:
        kind: what it is for.
        vocabulary: the n-grams, in the order of the weights.
        weights: shape `(labels, n-grams)`, labels in the order of `kind.labels`.
        biases: shape `(labels,)`.
        manifest: version, calibration, threshold, metrics and origin.
    """

    kind: ModelKind
    vocabulary: Vocabulary
    weights: Weights
    biases: Weights
    manifest: dict[str, Any]


def save(artefact: Artefact, folder: Path) -> None:
    """Write a model folder; the digests are added to the manifest. The same model gives the same bytes.

    Raises:
        StorageError: it cannot be written.
    """
    words = {"characters": artefact.vocabulary.characters, "spellings": artefact.vocabulary.spellings}
    contents = {
        VOCABULARY: json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode(),
        WEIGHTS: _pack(artefact),
    }
    digests = {name: _sha256(data) for name, data in contents.items()}
    head = {
        "format": artefact.kind.format,
        "format_version": FORMAT_VERSION,
        "version": _version(digests, artefact.manifest),
        "labels": artefact.kind.labels,
    }
    files = {name: {"sha256": digests[name], "bytes": len(data)} for name, data in contents.items()}
    manifest = head | artefact.manifest | head | {"files": files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in contents.items():
            (folder / name).write_bytes(data)
        (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"cannot write the model to {folder}: {error.strerror}",
            code="storage.folder",
            hint="name another folder, or give this user the right to write there",
        ) from error


def load(folder: Path, kind: ModelKind) -> Artefact:
    """Read a model folder.

    Args:
        folder: as `save` wrote it.
        kind: what it must be for.

    Raises:
        ModelError: a file is missing, altered, too large, or not of a model made by `save`.
    """
    manifest = _read_manifest(folder, kind)
    contents = {name: _checked(folder, name, manifest, kind) for name in (VOCABULARY, WEIGHTS)}
    try:
        words = json.loads(contents[VOCABULARY])
        vocabulary = Vocabulary(_texts(words["characters"]), _texts(words["spellings"]))
        arrays = _unpack(contents[WEIGHTS])
        artefact = Artefact(kind, vocabulary, arrays["weights"], arrays["biases"], manifest)
        _check_calibration(manifest, kind)
    except (KeyError, TypeError, ValueError, RecursionError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise unusable(folder, kind, f"its files are not those of a {kind.name} model") from error
    _check_shapes(artefact, folder)
    _check_version(manifest, folder, kind)
    return artefact


def _read_manifest(folder: Path, kind: ModelKind) -> dict[str, Any]:
    """The manifest alone, checked for format and version."""
    data = _read(folder / MANIFEST, kind)
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise unusable(folder, kind, "its manifest is not JSON") from error
    if not isinstance(manifest, dict) or manifest.get("format") != kind.format:
        raise unusable(folder, kind, "its manifest describes another kind of model")
    if manifest.get("format_version") != FORMAT_VERSION or manifest.get("labels") != list(kind.labels):
        raise unusable(folder, kind, "it was made by another version of callaudit")
    return manifest


def _pack(artefact: Artefact) -> bytes:
    """Arrays as half floats in a zip with fixed dates, so that equal models are equal files."""
    arrays = {"weights": artefact.weights, "biases": artefact.biases}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array.astype(np.float16), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(info, member.getvalue(), compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _unpack(data: bytes) -> dict[str, Weights]:
    """Arrays of numbers by name; unpacked sizes are checked first, pickled objects are refused."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_FILE_BYTES:
            raise ValueError("too large when unpacked")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name].astype(np.float32) for name in ("weights", "biases")}


def _checked(folder: Path, name: str, manifest: dict[str, Any], kind: ModelKind) -> bytes:
    """The bytes of a file that are those the manifest names."""
    data = _read(folder / name, kind)
    try:
        expected = manifest["files"][name]["sha256"]
    except (KeyError, TypeError) as error:
        raise unusable(folder, kind, f"its manifest does not name {name}") from error
    if _sha256(data) != expected:
        raise unusable(folder, kind, f"{name} was altered")
    return data


def _read(path: Path, kind: ModelKind) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ModelError(
            f"no {kind.name} model: cannot read {path}",
            code="model.missing",
            hint=f"check {kind.setting}, or leave it out to use the bundled model",
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise unusable(path.parent, kind, f"{path.name} is larger than {MAX_FILE_BYTES} bytes")
    return data


def _check_shapes(artefact: Artefact, folder: Path) -> None:
    size, labels = len(artefact.vocabulary), len(artefact.kind.labels)
    arrays = (artefact.weights, artefact.biases)
    if [array.shape for array in arrays] != [(labels, size), (labels,)]:
        raise unusable(folder, artefact.kind, "vocabulary and weights do not belong together")
    if not all(np.isfinite(array).all() for array in arrays):
        raise unusable(folder, artefact.kind, "it holds weights that are not numbers")


def _check_calibration(manifest: dict[str, Any], kind: ModelKind) -> None:
    numbers = [_number_at(manifest["calibration"], name) for name in kind.calibration]
    numbers += [manifest["threshold"]] if kind.has_threshold else []
    if not all(isinstance(number, (int, float)) and np.isfinite(number) for number in numbers):
        raise ValueError("calibration is not made of numbers")
    if kind.has_threshold and not 0 <= manifest["threshold"] <= 1:
        raise ValueError("threshold is out of range")


def _number_at(calibration: Mapping[str, Any], name: str) -> Any:
    for part in name.split("."):
        calibration = calibration[part]
    return calibration


def _check_version(manifest: dict[str, Any], folder: Path, kind: ModelKind) -> None:
    """Refuse a calibration or threshold that was changed by hand; that the files are whole is known by now."""
    digests = {name: manifest["files"][name]["sha256"] for name in (VOCABULARY, WEIGHTS)}
    if manifest.get("version") != _version(digests, manifest):
        raise unusable(folder, kind, "its version does not belong to this calibration, threshold and these files")


def _version(digests: Mapping[str, str], manifest: Mapping[str, Any]) -> str:
    """Digest of all that decides on a score and on what is made of it, 12 hexadecimal digits."""
    decisive = [digests[VOCABULARY], digests[WEIGHTS], manifest["calibration"], manifest.get("threshold")]
    return _sha256(json.dumps(decisive, sort_keys=True).encode())[:12]


def _texts(values: list[object]) -> tuple[str, ...]:
    if not isinstance(values, list) or not set(map(type, values)) <= {str}:
        raise TypeError("n-grams are a list of texts")
    return tuple(map(str, values))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def unusable(folder: Path, kind: ModelKind, complaint: str) -> ModelError:
    """The error that says why a model folder is not used."""
    return ModelError(
        f"the {kind.name} model in {folder} cannot be used: {complaint}",
        code="model.altered",
        hint=f"train it again with this version, or leave out {kind.setting} to use the bundled model",
    )
