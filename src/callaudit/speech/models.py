"""Which Whisper to use: the bundled one, one of openai-whisper's by name, or a checkpoint by path.

A model is resolved before any call is opened, so that a night does not start with a model that cannot be had.
"""

from __future__ import annotations

import http.client
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callaudit.errors import ModelError
from callaudit.resources import bundled
from callaudit.speech.manifest import file_sha256, read_manifest

if TYPE_CHECKING:
    import torch

BUNDLED = "mini"
MIB = 1024**2
MULTILINGUAL_VOCABULARY = 51865
"""Tokens of Whisper's multilingual tokenizer; English-only models have one less."""


@dataclass(frozen=True, slots=True)
class _Published:
    """One of openai-whisper's multilingual models."""

    sha256: str
    mib: int
    """Size of the download."""
    note: str = ""


_LARGE_V3 = _Published("e5b1a55b89c1367dacf97e3e19bfd829a01529dbfdeefa8caeb59b3f1b81dadb", 2944, "most exact on calls")
_TURBO = _Published(
    "aff26ae408abcba5fbf8813c21e62b0941638c5f6eebfb145be0c9839262a19a", 1543, "fast; weakest large one on the telephone"
)
PUBLISHED = {
    "tiny": _Published("65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9", 72, "too weak for calls"),
    "base": _Published("ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e", 139, "too weak for calls"),
    "small": _Published(
        "9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794", 461, "default for real calls"
    ),
    "medium": _Published("345ae4da62f9b3d59415adc60127b97c714f32e89e936602e85993674d08dcb1", 1457),
    "large-v1": _Published("e4b87e7e0bf463eb8e6956e646f1e277e901512310def2c24bf0e11bd3c28e9a", 2944),
    "large-v2": _Published("81f7c96c852ee8fc832187b0132e569d6c3065a3252ed18e56effd0b6a73e524", 2944),
    "large-v3": _LARGE_V3,
    "large": _LARGE_V3,
    "large-v3-turbo": _TURBO,
    "turbo": _TURBO,
}
"""By name; written down here so that listing them needs no import of two seconds. English-only models are left out:
they cannot write Chinese."""

_FILES = {"large": "large-v3", "turbo": "large-v3-turbo"}
"""Names that stand for another's file."""


_DRIVERS = tuple(map(Path, ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")))
"""What the driver of a GPU leaves: Nvidia's on Linux and under WSL, and AMD's, which torch calls cuda as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechModel:
    """A checkpoint that is there and is what it should be."""

    name: str
    path: Path
    sha256: str
    takes_prompt: bool = True
    synthetic_only: bool = False

    @property
    def label(self) -> str:
        """Name and the start of its digest, such as `mini@1a2b3c4d`."""
        return f"{self.name}@{self.sha256[:8]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelListing:
    """A row of `callaudit models list`."""

    name: str
    path: Path
    """Where it is, or will be once downloaded."""
    size_bytes: int
    """Of the file; about that of the download where it is not here."""
    is_present: bool
    """Whether a file lies there; whether it is the right one is checked on use."""
    sha256: str
    """What the file must be."""
    note: str

    @property
    def size(self) -> str:
        """Size to read, such as `26 MiB`."""
        return f"{self.size_bytes / MIB:,.0f} MiB"


def list_models() -> tuple[ModelListing, ...]:
    """Every model that has a name, the bundled one first.

    Raises:
        ModelError: the bundled model's manifest cannot be read.
    """
    folder = bundled("models", BUNDLED)
    manifest = read_manifest(folder)
    own = _listing(BUNDLED, folder / manifest.file, manifest.sha256, 0, "bundled; synthetic speech only")
    return own, *(
        _listing(name, _cached(name), published.sha256, published.mib * MIB, published.note)
        for name, published in PUBLISHED.items()
    )


def _listing(name: str, path: Path, sha256: str, download_bytes: int, note: str) -> ModelListing:
    size_bytes = path.stat().st_size if path.is_file() else None
    return ModelListing(
        name=name,
        path=path,
        size_bytes=download_bytes if size_bytes is None else size_bytes,
        is_present=size_bytes is not None,
        sha256=sha256,
        note=note,
    )


def find_model(model: str) -> SpeechModel:
    """Find a model on this machine.

    Args:
        model: `mini`, a name of openai-whisper's, a path to a `.pt` checkpoint, or a folder with a manifest.

    Raises:
        ModelError: it is not here, or its file is not the one it should be.
    """
    if model == BUNDLED:
        return _from_folder(bundled("models", BUNDLED))
    if model in PUBLISHED:
        return _from_cache(model)
    path = Path(model).expanduser()
    if path.is_dir():
        return _from_folder(path)
    if path.is_file():
        return SpeechModel(name=path.stem, path=path, sha256=file_sha256(path))
    raise ModelError(
        f"no speech model {model}",
        code="model.unknown",
        hint=f"name one of {', '.join((BUNDLED, *PUBLISHED))}, or the path of a .pt checkpoint",
    )


def resolve_model(model: str) -> SpeechModel:
    """`find_model`, after downloading the model if it is one of openai-whisper's and not here yet.

    Raises:
        ModelError: it cannot be had, or its file is not the one it should be.
    """
    if model in PUBLISHED and not _is_cached(model):
        _download(model)
    return find_model(model)


def load_whisper(model: SpeechModel, device: str) -> Any:
    """The model in memory, ready for inference: a `whisper.model.Whisper`.

    Args:
        model: what was found.
        device: `cpu`, `cuda`, or `auto` for the better one that is there.

    Raises:
        ModelError: the file is no multilingual Whisper checkpoint, or the device is not there.
    """
    import torch
    import whisper

    has_cuda = torch.cuda.is_available()
    if device == "cuda" and not has_cuda:
        raise ModelError(
            "speech.device is cuda, but this machine has no CUDA, or its build of torch was made without",
            code="model.device",
            hint='set speech.device = "cpu" (or "auto"), or install a torch with CUDA: the README shows how',
        )
    if device == "auto":
        device = "cuda" if has_cuda else "cpu"
    read_dims(model.path)
    try:
        loaded = whisper.load_model(str(model.path), device=device)
    except (RuntimeError, TypeError, KeyError, AttributeError, torch.OutOfMemoryError) as error:
        raise ModelError(
            f"{model.path} cannot be loaded on {device}",
            code="model.unusable",
            hint="check that the checkpoint is whole and that the device has the memory for it",
        ) from error
    return loaded.eval()


def cuda_devices(device: str) -> tuple[str, ...]:
    """GPUs that the model may run on, as `CUDA_VISIBLE_DEVICES` names them; empty where it runs on the CPU.

    Args:
        device: as for `load_whisper`.
    """
    if device == "cpu" or not any(path.exists() for path in _DRIVERS):
        return ()  # torch would take two seconds to say so
    import torch

    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = visible.split(",") if visible else [str(index) for index in range(torch.cuda.device_count())]
    return tuple(names[: torch.cuda.device_count()])


def read_dims(path: Path) -> dict[str, int]:
    """Whisper's dimensions of a checkpoint; nothing in the file is executed.

    Raises:
        ModelError: not a checkpoint in openai-whisper's format, or not a multilingual one.
    """
    dims = _read_checkpoint(path).get("dims")
    if not isinstance(dims, dict) or not all(isinstance(value, int) for value in (dims.get("n_vocab"), *dims.values())):
        raise _foreign(path)
    if dims["n_vocab"] < MULTILINGUAL_VOCABULARY:
        raise ModelError(
            f"{path} is an English-only model", code="model.english", hint="use a multilingual Whisper checkpoint"
        )
    return dict(dims)


def _read_checkpoint(path: Path) -> dict[str, Any]:
    """The checkpoint as plain tensors and numbers; weights stay on disk where the format allows."""
    import torch

    try:
        checkpoint: dict[str, torch.Tensor | Any] = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, ValueError, OSError) as error:
        raise _foreign(path) from error
    if not isinstance(checkpoint, dict) or not isinstance(checkpoint.get("model_state_dict"), dict):
        raise _foreign(path)
    return checkpoint


def _foreign(path: Path) -> ModelError:
    return ModelError(
        f"{path} is not a Whisper checkpoint, or holds more than weights",
        code="model.foreign",
        hint="only .pt files in openai-whisper's format (dims and model_state_dict) are opened",
    )


def _from_folder(folder: Path) -> SpeechModel:
    manifest = read_manifest(folder)
    path = folder / manifest.file
    if not path.is_file() or file_sha256(path) != manifest.sha256:
        raise ModelError(
            f"{path} is missing or not the file its manifest describes",
            code="model.altered",
            hint="install callaudit again, or write the manifest anew if you trained the model yourself",
        )
    return SpeechModel(
        name=manifest.name,
        path=path,
        sha256=manifest.sha256,
        takes_prompt=manifest.prompt,
        synthetic_only=manifest.synthetic_only,
    )


def _cached(name: str) -> Path:
    """Where openai-whisper keeps a model."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(cache) / "whisper" / f"{_FILES.get(name, name)}.pt"


def _is_cached(name: str) -> bool:
    path = _cached(name)
    return path.is_file() and file_sha256(path) == PUBLISHED[name].sha256


def _from_cache(name: str) -> SpeechModel:
    path = _cached(name)
    if not _is_cached(name):
        raise ModelError(
            f"speech model {name} is not at {path}, or only part of it",
            code="model.absent",
            hint=f"a scan with --model {name} downloads it ({PUBLISHED[name].mib} MiB)",
        )
    return SpeechModel(name=name, path=path, sha256=PUBLISHED[name].sha256)


def _download(name: str) -> None:
    """Fetch a model with openai-whisper's own downloader: it shows progress and checks the digest."""
    import whisper

    path = _cached(name)
    try:
        path.unlink(missing_ok=True)  # a half-written file of an earlier attempt
        whisper._download(whisper._MODELS[name], str(path.parent), in_memory=False)
    except (OSError, RuntimeError, TypeError, ValueError, http.client.HTTPException) as error:
        raise ModelError(
            f"speech model {name} could not be downloaded: {type(error).__name__}",
            code="model.download",
            hint=f"without a way to the network, fetch {name}.pt on another machine, copy it here and give its path"
            f" as the model; or try --model {BUNDLED} on the samples",
        ) from error
