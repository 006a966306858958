"""Training: labelled utterances in, a model folder out.

Figures, calibration and threshold come from out-of-fold scores: every utterance is judged by a model that saw no
utterance of its topic (`unseen_topic`); that no sentence of its family was seen is a second, easier measure
(`unseen_family`). The model that is saved then learns from everything. The same files give the same model, byte for
byte, with the same versions of the libraries.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version as version_of
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from callaudit.classifier import artefact
from callaudit.classifier.artefact import Artefact
from callaudit.classifier.corpus import LabelledUtterance, corpus_digest, read_corpus
from callaudit.classifier.cues import CUE_NAMES, CueReader, as_array, no_cues
from callaudit.classifier.evaluation import Evaluation, choose_threshold, measure
from callaudit.classifier.fitting import Floats, Fold, family_weights, fit_log_odds, grouped_folds
from callaudit.classifier.learner import Decisions, Learner, Learnt, rude_of
from callaudit.classifier.model import RUDENESS
from callaudit.domain.calls import JUDGED_PARTIES
from callaudit.domain.findings import SPEECH_CATEGORIES
from callaudit.errors import InputError

FOLDS = 5
MAX_FALSE_FLAGS = 0.042
"""Share of harmless utterances that the threshold may let pass for rude, on utterances written to be mistaken."""
RULE_ROUNDS = 20
EXACT_CUE = CUE_NAMES.index("exact")
MIN_FAMILIES = 2 * FOLDS
"""Families each category and the harmless must have; with fewer, folds would lack one."""
LABEL_SLOPES = tuple(step / 20 for step in range(2, 61))
"""Factors tried on the decision values of the categories."""
DIGITS = 4
"""Of the figures in the manifest."""
LIBRARIES = ("numpy", "scipy", "scikit-learn", "pypinyin", "opencc")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """What to learn from."""

    files: Sequence[Path]
    """CSV files as `corpus.read_corpus` takes them."""
    calibration_files: Sequence[Path] = ()
    """Those of `files` whose utterances nobody looked at when the lexicon was written: the weight of its matches and
    the threshold are fitted on them. All files where empty."""
    cues: CueReader = field(default=no_cues)
    """Reads what the lexicon finds."""
    cues_version: str = "none"
    """Version of that lexicon, for the manifest."""


@dataclass(frozen=True, slots=True, eq=False)
class _Calibration:
    """`log-odds = slope × decision + Σ weight × cue + offset`."""

    slope: float
    cues: Floats
    offset: float

    def probabilities(self, decisions: Floats, cues: Floats) -> Floats:
        log_odds = self.slope * decisions + cues @ self.cues + self.offset
        return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)), dtype=np.float64)


def train(data: TrainingData, out: Path) -> Evaluation:
    """Train on labelled utterances and write the model folder.

    Args:
        data: what to learn from.
        out: folder for manifest, vocabulary and weights; other files in it are left alone.

    Returns:
        The measure on utterances of unseen topics, at the threshold that was chosen.

    Raises:
        InputError: a file is malformed, or there is too little to learn from or to calibrate on.
        StorageError: the folder cannot be written to.
    """
    rows = sorted(read_corpus(data.files), key=lambda row: (row.family, row.text))
    _check_enough(rows)
    chosen = _calibration_rows(rows, data)
    cues = as_array([data.cues(row.text) for row in rows])
    learner = Learner(rows)
    learnt = learner.learn()
    strangers = learner.judge_unseen(_folds(rows, _topics(rows)))
    calibration, threshold = _calibrate(rows, strangers, cues, chosen, learnt.rude.bias)
    evaluation = _measure(rows, strangers, calibration.probabilities(strangers.rude, cues), threshold)
    relatives = learner.judge_unseen(_folds(rows, [row.family for row in rows]))
    manifest = {
        "recipe": "logistic regression on n-grams of characters and sounds, stacked with lexicon matches; CARD.md",
        "threshold": threshold,
        "calibration": {
            "slope": calibration.slope,
            "offset": calibration.offset,
            "cues": dict(zip(CUE_NAMES, map(float, calibration.cues), strict=True)),
            "label_slope": _label_slope(rows, relatives),
        },
        "lexicon": data.cues_version,
        "corpus": _about_corpus(rows, data),
        "metrics": {
            "unseen_topic": about(evaluation),
            "unseen_family": about(
                _measure(rows, relatives, calibration.probabilities(relatives.rude, cues), threshold)
            ),
        },
        "libraries": {"python": platform.python_version()} | {name: version_of(name) for name in LIBRARIES},
    }
    artefact.save(_as_artefact(learner, learnt, manifest), out)
    return evaluation


def about(evaluation: Evaluation) -> dict[str, Any]:
    """The figures of an evaluation for a manifest, rounded; no utterances."""
    at = evaluation.at_threshold
    figures = {
        "auc": evaluation.auc,
        "precision": at.precision,
        "recall": at.recall,
        "f1": at.f1,
        "false_flag_rate": at.false_flag_rate,
        "accuracy_at_even_odds": evaluation.even_odds.accuracy,
        "label_accuracy": evaluation.label_accuracy,
    }
    return {
        "utterances": evaluation.utterances,
        "rude": evaluation.rude,
        "threshold": evaluation.threshold,
        **{name: None if figure is None else round(figure, DIGITS) for name, figure in figures.items()},
        "recall_by_category": {c.value: round(share, DIGITS) for c, share in evaluation.recall_by_category},
    }


def _topics(rows: Sequence[LabelledUtterance]) -> list[str]:
    """The topic of each row, or its family where there are too few topics to keep some apart."""
    topics = [row.topic for row in rows]
    return topics if len(set(topics)) >= MIN_FAMILIES else [row.family for row in rows]


def _folds(rows: Sequence[LabelledUtterance], groups: Sequence[str]) -> list[Fold]:
    return grouped_folds([f"{row.rude} {row.category}" for row in rows], groups, FOLDS)


def _calibration_rows(rows: Sequence[LabelledUtterance], data: TrainingData) -> list[int]:
    """Rows that are judged as they will be in use: said by agents, and by nobody the lexicon was written after.

    The words of customers and machines never count against the agent, so no threshold is chosen on them.
    """
    wanted = {row.text for row in read_corpus(data.calibration_files)} if data.calibration_files else None
    if wanted and not wanted <= {row.text for row in rows}:
        raise _unfit_to_calibrate("a file to calibrate on is not among the files to learn from")
    chosen = [
        at for at, row in enumerate(rows) if row.party in JUDGED_PARTIES and (wanted is None or row.text in wanted)
    ]
    if len({rows[at].rude for at in chosen}) < len(("rude", "harmless")):
        raise _unfit_to_calibrate("what agents say in the files to calibrate on is all rude or all harmless")
    return chosen


def _unfit_to_calibrate(complaint: str) -> InputError:
    return InputError(
        complaint,
        code="classifier.corpus",
        hint="name each --calibrate file as --data, too, and let them hold rude and harmless lines of agents",
    )


def _calibrate(
    rows: Sequence[LabelledUtterance], unseen: Decisions, cues: Floats, chosen: Sequence[int], neutral: float
) -> tuple[_Calibration, float]:
    """What every witness is worth, and the threshold.

    An entry that flags alone is a rule somebody made, and a site's own entries are not in the corpus: it weighs at
    least so much that it flags among words which say nothing either way. Raising it may raise the threshold, so both
    are sought together.

    Args:
        rows: all that is learnt from.
        unseen: what models say of rows they have not seen.
        cues: what the lexicon found in each row.
        chosen: numbers of the rows to calibrate on.
        neutral: decision value of words that say nothing either way.
    """
    weights = family_weights([rows[at].family for at in chosen])
    columns = np.column_stack([unseen.rude, cues])[chosen]
    factors, offset = fit_log_odds(columns, rude_of([rows[at] for at in chosen]), weights)
    calibration = _Calibration(slope=float(factors[0]), cues=_of_one_sign(factors[1:]), offset=offset)
    threshold = _threshold(rows, calibration.probabilities(unseen.rude, cues), chosen)
    for _ in range(RULE_ROUNDS):
        needed = float(np.log(threshold / (1 - threshold))) - offset - calibration.slope * neutral
        if calibration.cues[EXACT_CUE] >= needed:
            break
        raised = calibration.cues.copy()
        raised[EXACT_CUE] = needed
        calibration = replace(calibration, cues=raised)
        threshold = _threshold(rows, calibration.probabilities(unseen.rude, cues), chosen)
    return calibration, threshold


def _of_one_sign(factors: Floats) -> Floats:
    """Weights of the cues without those that chance turned round: no match of an entry speaks for its opposite."""
    doubtful = np.array([name == "doubtful" for name in CUE_NAMES])
    return np.asarray(np.where(doubtful, np.minimum(factors, 0.0), np.maximum(factors, 0.0)))


def _threshold(rows: Sequence[LabelledUtterance], scores: Floats, chosen: Sequence[int]) -> float:
    """The lowest threshold that keeps `MAX_FALSE_FLAGS`, rounded up to what the manifest shows."""
    rude = rude_of([rows[at] for at in chosen])
    return min(max(ceil(choose_threshold(rude, scores[chosen], MAX_FALSE_FLAGS) * 1000) / 1000, 0.001), 0.999)


def _measure(rows: Sequence[LabelledUtterance], unseen: Decisions, scores: Floats, threshold: float) -> Evaluation:
    """The measure on what can be flagged."""
    judged = [at for at, row in enumerate(rows) if row.party in JUDGED_PARTIES]
    labels = unseen.best_labels()
    return measure([rows[at] for at in judged], scores[judged].tolist(), [labels[at] for at in judged], threshold)


def _label_slope(rows: Sequence[LabelledUtterance], unseen: Decisions) -> float:
    """The factor on the categories' decision values under which their shares fit unseen rude utterances best."""
    rude = [at for at, row in enumerate(rows) if row.category]
    if not rude:
        return 1.0
    right = [SPEECH_CATEGORIES.index(row.category) for row in rows if row.category]

    def surprise(slope: float) -> float:
        decisions = slope * unseen.labels[rude]
        shares = decisions - decisions.max(axis=1, keepdims=True)
        logs = shares - np.log(np.exp(shares).sum(axis=1, keepdims=True))
        return -float(logs[np.arange(len(rude)), right].mean())

    return min(LABEL_SLOPES, key=surprise)


def _about_corpus(rows: Sequence[LabelledUtterance], data: TrainingData) -> dict[str, Any]:
    return {
        "sha256": corpus_digest(data.files),
        "utterances": len(rows),
        "families": len({row.family for row in rows}),
        "topics": len({row.topic for row in rows}),
        "harmless": sum(not row.rude for row in rows),
        "by_category": {c.value: sum(row.category is c for row in rows) for c in SPEECH_CATEGORIES},
    }


def _check_enough(rows: Sequence[LabelledUtterance]) -> None:
    """Refuse what would leave a fold without one of the kinds."""
    kinds = {"harmless": {row.family for row in rows if not row.rude}, "rude": {row.family for row in rows if row.rude}}
    for category in SPEECH_CATEGORIES if any(row.category for row in rows) else ():
        kinds[category.value] = {row.family for row in rows if row.category is category}
    for kind, families in kinds.items():
        if len(families) < MIN_FAMILIES:
            raise InputError(
                f"{len(families)} families of {kind} utterances are too few to learn from",
                code="classifier.corpus",
                hint=f"give at least {MIN_FAMILIES} families of harmless speech and of each category that occurs",
            )


def _as_artefact(learner: Learner, learnt: Learnt, manifest: dict[str, Any]) -> Artefact:
    return Artefact(
        kind=RUDENESS,
        vocabulary=learner.table.words(learnt.columns),
        weights=np.array([model.weights for model in (learnt.rude, *learnt.labels)], dtype=np.float32),
        biases=np.array([model.bias for model in (learnt.rude, *learnt.labels)], dtype=np.float32),
        manifest=manifest,
    )
