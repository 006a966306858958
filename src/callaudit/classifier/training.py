"""Training: labelled utterances in, a model folder out.

    python -m callaudit.classifier.training --data models/rudeness/corpus/*.csv --out models/rudeness

Figures, calibration and threshold come from out-of-fold scores: every utterance is judged by a model that saw no
utterance of its family (`unseen_family`). A second, harder measure keeps whole topics apart (`unseen_topic`). The model
that is saved then learns from everything. The same files give the same model, byte for byte, with the same versions of
the libraries.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Sequence
from importlib.metadata import version as version_of
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from callaudit.classifier import artefact
from callaudit.classifier.artefact import Artefact
from callaudit.classifier.corpus import LabelledUtterance, corpus_digest, read_corpus
from callaudit.classifier.evaluation import Evaluation, choose_threshold, measure
from callaudit.classifier.fitting import Floats, Fold, family_weights, fit_sigmoid, grouped_folds
from callaudit.classifier.learner import Decisions, Learnt, judge_unseen, learn, rude_of
from callaudit.domain.calls import Party
from callaudit.domain.findings import SPEECH_CATEGORIES
from callaudit.errors import InputError

FOLDS = 5
MIN_PRECISION = 0.97
"""Wanted share of true flags: a flag is read out to an agent, so being right comes before finding everything."""
MIN_FAMILIES = 2 * FOLDS
"""Families each category and the harmless must have, so that no fold lacks one."""
LABEL_SLOPES = tuple(step / 20 for step in range(2, 61))
"""Factors tried on the decision values of the categories."""
LIBRARIES = ("numpy", "scipy", "scikit-learn", "pypinyin", "opencc")


def train(data: Sequence[Path], out: Path) -> Evaluation:
    """Train on labelled utterances and write the model folder.

    Args:
        data: CSV files as `corpus.read_corpus` takes them.
        out: folder for manifest, vocabulary and weights; other files in it are left alone.

    Returns:
        The out-of-fold measure, at the threshold that was chosen.

    Raises:
        InputError: a file is malformed, or there is too little to learn from.
    """
    rows = sorted(read_corpus(data), key=lambda row: (row.family, row.text))
    _check_enough(rows)
    families = [row.family for row in rows]
    unseen = judge_unseen(rows, _folds(rows, families))
    calibration = fit_sigmoid(unseen.rude, rude_of(rows), family_weights(families))
    evaluation = _measure(rows, unseen, calibration, threshold=None)
    threshold = evaluation.at_threshold.threshold
    strangers = judge_unseen(rows, _folds(rows, [row.topic for row in rows]))
    manifest = {
        "recipe": "NB-LR on character and sound n-grams, described in CARD.md",
        "threshold": threshold,
        "calibration": {
            "slope": calibration[0],
            "offset": calibration[1],
            "label_slope": _label_slope(rows, unseen),
        },
        "corpus": _about_corpus(rows, data),
        "metrics": {
            "unseen_family": about(evaluation),
            "unseen_topic": about(_measure(rows, strangers, calibration, threshold)),
        },
        "libraries": {"python": platform.python_version()} | {name: version_of(name) for name in LIBRARIES},
    }
    artefact.save(_as_artefact(learn(rows), manifest), out)
    return evaluation


def about(evaluation: Evaluation) -> dict[str, Any]:
    """The figures of an evaluation for a manifest, rounded; no utterances."""
    at, digits = evaluation.at_threshold, 4
    return {
        "utterances": evaluation.utterances,
        "rude": evaluation.rude,
        "auc": round(evaluation.auc, digits),
        "precision": round(at.precision, digits),
        "recall": round(at.recall, digits),
        "f1": round(at.f1, digits),
        "false_flag_rate": round(at.false_flag_rate, digits),
        "recall_by_category": {c.value: round(share, digits) for c, share in evaluation.recall_by_category},
        "label_accuracy": round(evaluation.label_accuracy, digits),
    }


def _folds(rows: Sequence[LabelledUtterance], groups: Sequence[str]) -> list[Fold]:
    return grouped_folds([row.category or "" for row in rows], groups, FOLDS)


def _probabilities(decisions: Floats, slope: float, offset: float) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * (slope * decisions + offset))), dtype=np.float64)


def _measure(
    rows: Sequence[LabelledUtterance], unseen: Decisions, calibration: tuple[float, float], threshold: float | None
) -> Evaluation:
    """The measure on what can be flagged: the customer's words never count against the agent.

    Without a threshold the lowest one is taken that keeps `MIN_PRECISION`.
    """
    judged = [at for at, row in enumerate(rows) if row.party is not Party.CUSTOMER]
    scores = _probabilities(unseen.rude, *calibration)[judged]
    judged_rows, labels = [rows[at] for at in judged], unseen.best_labels()
    if threshold is None:
        # Rounded up to what the manifest shows: half a digit less would let the next harmless one in.
        threshold = ceil(choose_threshold(rude_of(judged_rows), scores, MIN_PRECISION) * 1000) / 1000
    return measure(judged_rows, scores.tolist(), [labels[at] for at in judged], threshold)


def _label_slope(rows: Sequence[LabelledUtterance], unseen: Decisions) -> float:
    """The factor on the categories' decision values under which their shares fit unseen rude utterances best."""
    rude = [at for at, row in enumerate(rows) if row.rude]
    right = [SPEECH_CATEGORIES.index(row.category) for row in rows if row.category]

    def surprise(slope: float) -> float:
        decisions = slope * unseen.labels[rude]
        shares = decisions - decisions.max(axis=1, keepdims=True)
        logs = shares - np.log(np.exp(shares).sum(axis=1, keepdims=True))
        return -float(logs[np.arange(len(rude)), right].mean())

    return min(LABEL_SLOPES, key=surprise)


def _about_corpus(rows: Sequence[LabelledUtterance], data: Sequence[Path]) -> dict[str, Any]:
    return {
        "sha256": corpus_digest(data),
        "utterances": len(rows),
        "families": len({row.family for row in rows}),
        "topics": len({row.topic for row in rows}),
        "harmless": sum(not row.rude for row in rows),
        "by_category": {c.value: sum(row.category is c for row in rows) for c in SPEECH_CATEGORIES},
    }


def _check_enough(rows: Sequence[LabelledUtterance]) -> None:
    """Refuse what would leave a fold without one of the kinds."""
    for kind in (None, *SPEECH_CATEGORIES):
        families = len({row.family for row in rows if row.category is kind})
        if families < MIN_FAMILIES:
            raise InputError(
                f"{families} families of {kind.value if kind else 'harmless'} utterances are too few to learn from",
                code="classifier.corpus",
                hint=f"give at least {MIN_FAMILIES} families for each category and for harmless speech",
            )


def _as_artefact(learnt: Learnt, manifest: dict[str, Any]) -> Artefact:
    return Artefact(
        vocabulary=learnt.vocabulary,
        rude_weights=learnt.rude.weights.astype(np.float32),
        label_weights=np.array([model.weights for model in learnt.labels], dtype=np.float32),
        biases=np.array([learnt.rude.bias, *(model.bias for model in learnt.labels)], dtype=np.float32),
        manifest=manifest,
    )


def _main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m callaudit.classifier.training", description=train.__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="labelled utterances, CSV")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    options = parser.parse_args(arguments)
    train(options.data, options.out)


if __name__ == "__main__":
    _main()
