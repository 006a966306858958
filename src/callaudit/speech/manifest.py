"""The manifest beside a bundled speech model: which file, what it is, and how well it was measured.

    python -m callaudit.speech.manifest FOLDER [MEASURE=NUMBER ...]

writes `FOLDER/manifest.json` anew for the one checkpoint in FOLDER, keeping what was written by hand.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from callaudit.errors import ModelError

MANIFEST = "manifest.json"
MADE = (
    "Trained from scratch on synthetic Mandarin: espeak-ng voices through a 300-3400 Hz telephone band with G.711"
    " companding and line noise. Knows no human speech."
)


class Manifest(BaseModel):
    """What a speech model is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str
    """Checkpoint beside the manifest, in openai-whisper's format."""
    sha256: str
    dims: dict[str, int]
    """Whisper's dimensions, as in the checkpoint."""
    prompt: bool
    """Whether the model was trained to be shown a prompt."""
    synthetic_only: bool
    """Whether it knows synthetic speech alone: its transcripts of people are not to be relied on."""
    made: str
    measured: dict[str, float] = {}
    """Error rates and the like; the unit is the end of each name."""


def read_manifest(folder: Path) -> Manifest:
    """The manifest in `folder`.

    Raises:
        ModelError: there is none, or it is malformed.
    """
    file = folder / MANIFEST
    try:
        return Manifest.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise ModelError(
            f"no readable speech model manifest at {file}", code="model.manifest", hint="install callaudit again"
        ) from error


def write_manifest(folder: Path, **measured: float) -> Manifest:
    """Describe the one `.pt` checkpoint in `folder`; what the manifest there says by hand is kept.

    Args:
        folder: holds the checkpoint.
        measured: figures to record, in place of older ones; none keeps those.

    Raises:
        ModelError: no checkpoint, or more than one, or a foreign one.
    """
    from callaudit.speech.models import read_dims

    checkpoints = sorted(folder.glob("*.pt"))
    if len(checkpoints) != 1:
        raise ModelError(
            f"{folder} holds {len(checkpoints)} checkpoints", code="model.manifest", hint="leave one .pt file in it"
        )
    old = read_manifest(folder) if (folder / MANIFEST).is_file() else None
    manifest = Manifest(
        name=old.name if old else folder.name,
        file=checkpoints[0].name,
        sha256=file_sha256(checkpoints[0]),
        dims=read_dims(checkpoints[0]),
        prompt=old.prompt if old else False,
        synthetic_only=old.synthetic_only if old else True,
        made=old.made if old else MADE,
        measured=measured or (old.measured if old else {}),
    )
    text = json.dumps(manifest.model_dump(), ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return manifest


def file_sha256(file: Path) -> str:
    """Digest of a file of any size, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _main(arguments: list[str]) -> None:
    folder, *figures = arguments
    measured: dict[str, Any] = {name: float(value) for name, value in (figure.split("=") for figure in figures)}
    write_manifest(Path(folder), **measured)


if __name__ == "__main__":
    _main(sys.argv[1:])
