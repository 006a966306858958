"""Training gives the same model for the same rows, and honest figures."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callaudit.classifier.corpus import LabelledUtterance, read_corpus
from callaudit.classifier.cues import CUE_NAMES, Cues
from callaudit.classifier.fitting import family_weights, fit_logistic, grouped_folds
from callaudit.classifier.learner import Learner
from callaudit.classifier.model import RudenessClassifier
from callaudit.classifier.training import TrainingData, train
from callaudit.domain.calls import JUDGED_PARTIES, Party
from callaudit.domain.findings import Category
from callaudit.errors import InputError, StorageError
from tests.classifier.test_corpus import bundled_corpus

ROWS_OF_A_KIND = 30


def write(rows: list[LabelledUtterance], file: Path) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["label", "category", "party", "family", "text"])
        writer.writerows([int(row.rude), row.category or "", row.party, row.family, row.text] for row in rows)
    return file


@pytest.fixture(scope="module")
def few_rows() -> list[LabelledUtterance]:
    """Thirty families of each kind from the bundled corpus."""
    of_kind: dict[Category | None, dict[str, LabelledUtterance]] = defaultdict(dict)
    for row in read_corpus(bundled_corpus()):
        if len(of_kind[row.category]) < ROWS_OF_A_KIND:
            of_kind[row.category].setdefault(row.family, row)
    return [row for families in of_kind.values() for row in families.values()]


def test_the_same_rows_give_the_same_bytes_whatever_their_order(
    few_rows: list[LabelledUtterance], tmp_path: Path
) -> None:
    forwards = write(few_rows, tmp_path / "forwards.csv")
    backwards = write(few_rows[::-1], tmp_path / "backwards.csv")
    train(TrainingData(files=[forwards]), tmp_path / "one")
    train(TrainingData(files=[backwards]), tmp_path / "two")
    for name in ("vocabulary.json", "weights.npz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_model_that_was_trained_can_be_used(few_rows: list[LabelledUtterance], tmp_path: Path) -> None:
    file = write(few_rows, tmp_path / "few.csv")
    evaluation = train(TrainingData(files=[file]), tmp_path / "model")
    classifier = RudenessClassifier(tmp_path / "model")
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["metrics"]["unseen_topic"]["recall"] == round(evaluation.at_threshold.recall, 4)
    assert classifier.threshold == evaluation.threshold
    learnt = [classifier.score(row.text).rude > 0.5 for row in few_rows]
    assert np.mean([said == row.rude for said, row in zip(learnt, few_rows, strict=True)]) > 0.9


def test_too_few_families_are_refused(few_rows: list[LabelledUtterance], tmp_path: Path) -> None:
    without_threats = [row for row in few_rows if row.category is not Category.THREAT]
    with pytest.raises(InputError, match="0 families of threat"):
        train(TrainingData(files=[write(without_threats, tmp_path / "few.csv")]), tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_lexicon_matches_are_weighed_and_one_that_flags_alone_carries_unknown_words(
    few_rows: list[LabelledUtterance], tmp_path: Path
) -> None:
    marked = {row.text for row in few_rows if row.rude and len(row.text) % 2}
    data = TrainingData(
        files=[write(few_rows, tmp_path / "few.csv")],
        cues=lambda text: Cues(exact=int(text in marked)),
        cues_version="marks",
    )
    train(data, tmp_path / "model")
    classifier = RudenessClassifier(tmp_path / "model")
    assert classifier.manifest["lexicon"] == "marks"
    assert set(classifier.manifest["calibration"]["cues"]) == set(CUE_NAMES)
    assert classifier.score("\u2603").rude < classifier.threshold <= classifier.score("\u2603", Cues(exact=1)).rude


def test_data_without_categories_is_learnt_from(few_rows: list[LabelledUtterance], tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("label", "TEXT"), *((int(row.rude), row.text) for row in few_rows)])
    evaluation = train(TrainingData(files=[file]), tmp_path / "model")
    assert evaluation.auc > 0.6
    assert RudenessClassifier(tmp_path / "model").score("滚").label_score == pytest.approx(1 / 7)


def test_the_threshold_is_chosen_on_the_files_named_for_it(few_rows: list[LabelledUtterance], tmp_path: Path) -> None:
    easy = write(few_rows[::2], tmp_path / "easy.csv")
    hard = write([replace(row, rude=False, category=None) for row in few_rows[1::2]], tmp_path / "hard.csv")
    files = [easy, hard]
    on_easy = train(TrainingData(files=files, calibration_files=[easy]), tmp_path / "one").threshold
    assert on_easy != train(TrainingData(files=files), tmp_path / "two").threshold


def test_files_that_cannot_choose_a_threshold_are_refused_before_anything_is_learnt(
    few_rows: list[LabelledUtterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Learner, "judge_unseen", lambda *_: pytest.fail("learnt"))
    file = write(few_rows, tmp_path / "few.csv")
    rude_alone = write([row for row in few_rows if row.rude], tmp_path / "rude.csv")
    stranger = write([replace(few_rows[0], text="没人说过的话")], tmp_path / "stranger.csv")
    for calibrate, complaint in ((rude_alone, "all rude or all harmless"), (stranger, "not among the files")):
        with pytest.raises(InputError, match=complaint):
            train(TrainingData(files=[file], calibration_files=[calibrate]), tmp_path / "model")


def test_a_kind_that_is_all_of_one_topic_is_learnt_from_all_the_same(
    few_rows: list[LabelledUtterance], tmp_path: Path
) -> None:
    """One fold knows nothing of it, and says so by how common the others are."""
    rows = [
        replace(row, family=f"threats.{at}" if row.category is Category.THREAT else f"{at % 12}.{at}")
        for at, row in enumerate(few_rows)
    ]
    train(TrainingData(files=[write(rows, tmp_path / "few.csv")]), tmp_path / "model")
    assert RudenessClassifier(tmp_path / "model").manifest["metrics"]["unseen_topic"]["auc"] > 0.5


def test_prompts_of_machines_choose_no_threshold(few_rows: list[LabelledUtterance], tmp_path: Path) -> None:
    rude = next(row for row in few_rows if row.rude)
    prompts = [
        replace(rude, rude=False, category=None, party=Party.SYSTEM, family=f"p.{at}", text=rude.text + "。" * at)
        for at in range(20)
    ]
    plain, more = write(few_rows, tmp_path / "plain.csv"), write(prompts, tmp_path / "more.csv")
    evaluation = train(TrainingData(files=[plain, more]), tmp_path / "model")
    assert evaluation.utterances == len([row for row in few_rows if row.party in JUDGED_PARTIES])


def test_what_holds_no_feature_gets_the_share_of_its_kind() -> None:
    from scipy.sparse import csr_matrix

    model = fit_logistic(csr_matrix((4, 0)), np.array([True, True, True, False]), np.ones(4), 1.0)
    assert list(model.decide(csr_matrix((2, 0)))) == pytest.approx([np.log(2)] * 2)


def test_a_folder_that_cannot_be_written_is_named(few_rows: list[LabelledUtterance], tmp_path: Path) -> None:
    file = write(few_rows, tmp_path / "few.csv")
    with pytest.raises(StorageError, match=r"few\.csv"):
        train(TrainingData(files=[file]), file)


def test_no_family_stands_on_both_sides_of_a_fold() -> None:
    families = [f"family{at // 3}" for at in range(60)]
    labels = ["rude" if at % 2 else "" for at in range(60)]
    for learns, judged in grouped_folds(labels, families, 5):
        assert not {families[at] for at in learns} & {families[at] for at in judged}


def test_a_family_of_many_rows_does_not_drown_the_others() -> None:
    weights = family_weights(["a"] * 4 + ["b"])
    assert weights[4] == pytest.approx(2 * weights[0])
    assert weights.mean() == pytest.approx(1)


def test_what_occurs_on_one_side_alone_decides() -> None:
    from scipy.sparse import csr_matrix

    matrix = csr_matrix(np.array([[1.0, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0]]))
    model = fit_logistic(matrix, np.array([True, True, False, False]), np.ones(4), 1.0)
    assert model.weights[0] > 0 > model.weights[1]
    assert abs(model.weights[2]) < model.weights[0] / 10
    assert list(model.decide(matrix) > 0) == [True, True, False, False]
