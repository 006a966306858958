"""Training the model of talk: one linear model a kind, judged and calibrated on the lines of pens it has not seen."""

from __future__ import annotations

import csv
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import numpy as np

from callaudit.classifier import artefact
from callaudit.classifier.artefact import Artefact
from callaudit.classifier.corpus import corpus_digest
from callaudit.classifier.features import Numbers
from callaudit.classifier.fitting import Floats, LinearModel, fit_logistic
from callaudit.classifier.table import PieceTable, tabulate
from callaudit.classifier.talk import TALK
from callaudit.classifier.training import LIBRARIES
from callaudit.domain.talk import TalkKind
from callaudit.errors import InputError

STRENGTH = 1.0
"""Regularisation (scikit-learn's C)."""
SLOPES = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
"""What decision values are stretched by, chosen by the surprise about unseen pens' lines."""
MOST_PIECES = 60_000
MIN_PENS = 2
KINDS = tuple(TalkKind)


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One line of the corpus."""

    text: str
    kind: TalkKind
    pen: str
    """Name of the file: a pen each."""


def read_lines(files: Sequence[Path]) -> tuple[TalkLine, ...]:
    """Read lines of talk: CSV in UTF-8 with the columns kind and text.

    Raises:
        InputError: a file is missing, empty or malformed.
    """
    lines: list[TalkLine] = []
    for file in files:
        try:
            with file.open(encoding="utf-8-sig", newline="") as stream:
                rows = csv.DictReader(stream, restval="")
                lines += [TalkLine(_text(row["text"]), TalkKind(row["kind"]), file.stem) for row in rows]
        except (OSError, KeyError, ValueError, csv.Error) as error:
            raise InputError(
                f"{file} holds no lines of talk",
                code="classifier.corpus",
                hint=f"give CSV in UTF-8 with the columns kind and text; kinds are {', '.join(TalkKind)}",
            ) from error
    if len({line.pen for line in lines}) < MIN_PENS:
        raise InputError("one pen cannot be judged by another", code="classifier.corpus", hint="give two files or more")
    return tuple(sorted(lines, key=lambda line: (line.pen, line.text)))


def _text(cell: str) -> str:
    """What was said.

    Raises:
        ValueError: nothing was.
    """
    if not cell.strip():
        raise ValueError("a line without text")
    return cell


def train_talk(files: Sequence[Path], out: Path) -> dict[str, Any]:
    """Train on lines of talk and write the model folder.

    Args:
        files: a file for each pen.
        out: folder for manifest, vocabulary and weights.

    Returns:
        The figures on lines of pens the model has not seen, as the manifest keeps them.

    Raises:
        InputError: a file is malformed, or there is only one.
        StorageError: the folder cannot be written to.
    """
    lines = read_lines(files)
    table = tabulate([line.text for line in lines], [f"{at}" for at in range(len(lines))])
    unseen = _judge_unseen(lines, table)
    slope = min(SLOPES, key=lambda slope: _surprise(lines, unseen, slope))
    figures = _figures(lines, unseen)
    columns, models = _learn(lines, table, np.arange(len(lines)))
    manifest = {
        "recipe": "logistic regression on n-grams of characters and sounds, one model a kind; CARD.md",
        "calibration": {"slope": slope},
        "corpus": {"sha256": corpus_digest(files), "lines": len(lines), "pens": len({line.pen for line in lines})},
        "metrics": {"unseen_pen": figures},
        "libraries": {"python": platform.python_version()} | {name: version_of(name) for name in LIBRARIES},
    }
    weights = np.array([model.weights for model in models], dtype=np.float32)
    biases = np.array([model.bias for model in models], dtype=np.float32)
    artefact.save(Artefact(TALK, table.words(columns), weights, biases, manifest), out)
    return figures


def _learn(lines: Sequence[TalkLine], table: PieceTable, chosen: Numbers) -> tuple[Numbers, list[LinearModel]]:
    """Columns that have a weight, and a model for each kind."""
    columns = table.frequent(chosen)
    matrix, even = table.matrix[chosen][:, columns], np.ones(len(chosen))
    kinds = [lines[at].kind for at in chosen]
    models = [fit_logistic(matrix, np.array([kind is one for one in kinds]), even, STRENGTH) for kind in KINDS]
    largest = np.max([np.abs(model.weights) for model in models], axis=0)
    telling = np.sort(np.argsort(-largest, kind="stable")[:MOST_PIECES])
    return columns[telling], [LinearModel(model.weights[telling], model.bias) for model in models]


def _judge_unseen(lines: Sequence[TalkLine], table: PieceTable) -> Floats:
    """Decision values of every line by a model that learnt from the other pens alone, shape `(lines, kinds)`."""
    pens = np.array([line.pen for line in lines])
    unseen = np.zeros((len(lines), len(KINDS)))
    for pen in np.unique(pens):
        mine = np.flatnonzero(pens == pen)
        columns, models = _learn(lines, table, np.flatnonzero(pens != pen))
        matrix = table.matrix[mine][:, columns]
        unseen[mine] = np.column_stack([model.decide(matrix) for model in models])
    return unseen


def _surprise(lines: Sequence[TalkLine], decisions: Floats, slope: float) -> float:
    """Mean surprise about the true kinds, in nats."""
    scaled = slope * decisions
    scaled -= scaled.max(axis=1, keepdims=True)
    logs = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    return -float(np.mean([logs[at, KINDS.index(line.kind)] for at, line in enumerate(lines)]))


def _figures(lines: Sequence[TalkLine], decisions: Floats) -> dict[str, Any]:
    """How many lines of each kind are taken for it, and how many in all."""
    best = [KINDS[int(at)] for at in decisions.argmax(axis=1)]
    right = Counter(line.kind for line, kind in zip(lines, best, strict=True) if line.kind is kind)
    said = Counter(line.kind for line in lines)
    return {
        "lines": len(lines),
        "accuracy": round(sum(right.values()) / len(lines), 4),
        "recall": {kind.value: round(right[kind] / said[kind], 4) for kind in KINDS if said[kind]},
    }
