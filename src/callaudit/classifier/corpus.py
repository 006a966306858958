"""Labelled utterances in CSV files: what the classifier learns from and is measured on."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callaudit.domain.calls import Party
from callaudit.domain.findings import SPEECH_CATEGORIES, Category, Phase
from callaudit.errors import InputError

REQUIRED_COLUMNS = ("label", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledUtterance:
    """One row: what was said, and whether an agent may say it."""

    text: str
    rude: bool
    category: Category | None
    """Set where `rude`, unless the data knows no categories."""
    party: Party
    family: str
    """Sentences made from one template, or saying one thing in other words; never split between folds."""
    phase: Phase = Phase.BEFORE_HANGUP
    place: str = ""
    """Name of the file and number of the line."""

    @property
    def topic(self) -> str:
        """What the family belongs to: its name up to the last full stop. Families of a topic share their key words."""
        return self.family.rpartition(".")[0] or self.family


def read_corpus(files: Sequence[Path]) -> tuple[LabelledUtterance, ...]:
    """Read labelled utterances: CSV in UTF-8 with the columns label and text.

    The columns category, party, phase and family may be there; the case of column names makes no difference, and other
    columns are passed over. Without a family column every row is a family of its own; without a party column the agent
    talks, without a phase column before the hang-up; without a category column there are none to learn.

    Raises:
        InputError: a file is missing, empty or malformed; the message names file and line.
    """
    rows = tuple(row for file in files for row in _read_file(file))
    if not rows:
        raise InputError(
            "no labelled utterances", code="classifier.corpus", hint="name at least one CSV file with rows"
        )
    return rows


def corpus_digest(files: Sequence[Path]) -> str:
    """SHA-256 over the contents of the files, whatever their folder and order."""
    contents = sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    return hashlib.sha256("".join(contents).encode()).hexdigest()


def _read_file(file: Path) -> list[LabelledUtterance]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
            missing = [name for name in REQUIRED_COLUMNS if name not in reader.fieldnames]
            if missing:
                raise _malformed(file, 1, f"lacks the column {missing[0]}")
            if len({*reader.fieldnames}) < len(reader.fieldnames):
                raise _malformed(file, 1, "names a column twice")
            return [_utterance(row, file, reader.line_num) for row in reader]
    except OSError as error:
        raise InputError(
            f"cannot read {file}: {error.strerror}", code="classifier.corpus", hint="check the path and the permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file} is not in UTF-8", code="classifier.corpus", hint="iconv -f GB18030 -t UTF-8 FILE makes it so"
        ) from error
    except csv.Error as error:
        raise _malformed(file, reader.line_num, "is not CSV; is a quotation mark loose?") from error


def _utterance(row: dict[str, str | None], file: Path, line: int) -> LabelledUtterance:
    if None in row or None in row.values():
        raise _malformed(file, line, "has another number of cells than the header: is a comma loose?")
    text, label, category = row["text"] or "", row["label"], row.get("category") or ""
    if not text.strip():
        raise _malformed(file, line, "has no text")
    if label not in ("0", "1"):
        raise _malformed(file, line, "has a label other than 0 and 1")
    if ("category" in row and (label == "1") != (category in SPEECH_CATEGORIES)) or (label == "0" and category):
        raise _malformed(file, line, "needs one of the seven categories where the label is 1, and none where it is 0")
    party = row.get("party") or Party.AGENT
    if party not in set(Party):
        raise _malformed(file, line, "names an unknown party")
    phase = row.get("phase") or Phase.BEFORE_HANGUP
    if phase not in set(Phase):
        raise _malformed(file, line, f"names an unknown phase; known are {', '.join(Phase)}")
    return LabelledUtterance(
        text=text,
        rude=label == "1",
        category=Category(category) if category else None,
        party=Party(party),
        family=row.get("family") or f"{file.stem}:{line}",
        phase=Phase(phase),
        place=f"{file.name}:{line}",
    )


def _malformed(file: Path, line: int, complaint: str) -> InputError:
    return InputError(
        f"{file}, line {line}: {complaint}",
        code="classifier.corpus",
        hint="models/rudeness/LABELLING.md describes the columns",
    )
