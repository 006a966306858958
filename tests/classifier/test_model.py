"""The bundled classifier: what it says, why, and how good it is on sentences it never saw."""

from __future__ import annotations

from pathlib import Path

import pytest

from callaudit.classifier.corpus import corpus_digest, read_corpus
from callaudit.classifier.evaluation import evaluate
from callaudit.classifier.model import RudenessClassifier, heaviest
from callaudit.domain.findings import Category
from callaudit.resources import bundled
from tests.classifier.test_corpus import BLIND, BLIND_2, HELD_OUT, bundled_corpus

MAX_BYTES = 16 * 1024**2


@pytest.fixture(scope="module")
def classifier() -> RudenessClassifier:
    return RudenessClassifier()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("这种人都不要脸", Category.INSULT),
        ("像个神经病一样", Category.INSULT),
        ("为了45块钱打了仨电话", Category.MOCKERY),
        ("為了四十五塊錢，打了仨電話", Category.MOCKERY),
        ("你去投诉啊", Category.THREAT),
        ("你听不懂吗", Category.REPROACH),
    ],
)
def test_rude_words_are_flagged_with_their_category(classifier: RudenessClassifier, text: str, label: Category) -> None:
    score = classifier.score(text)
    assert score.rude >= classifier.threshold
    assert score.label is label
    assert 0 < score.label_score <= 1


@pytest.mark.parametrize(
    "text",
    [
        "您好很高兴为您服务",
        "请您挂神经内科",
        "拍照的时候不要脸部反光",
        "他骂我神经病",
        "窗口的人叫我滚",
        "不好意思这个我们办不了",
        "不好意思我不太清楚我帮您问一下",
        "没办法",
        "为了这四十五块钱让您打了三个电话真是抱歉",
        "请对本次服务做出评价满意请按一",
        "感谢您的来电再见",
        "今天中午吃什么",
    ],
)
def test_harmless_words_are_not_flagged(classifier: RudenessClassifier, text: str) -> None:
    assert classifier.score(text).rude < classifier.threshold


@pytest.mark.parametrize("text", ["", "。。。", "嗯", "\u2603", "\x00"])
def test_text_without_words_scores_nothing(classifier: RudenessClassifier, text: str) -> None:
    score = classifier.score(text)
    assert (score.rude, classifier.reasons(text)) == (0.0, ())


def test_reasons_are_stretches_of_what_was_said(classifier: RudenessClassifier) -> None:
    text = "我跟你说，這種人都不要臉，像个神经病一样"
    features = classifier.reasons(text)
    assert features
    assert all(ngram in text and weight > 0 for ngram, weight in features)
    assert [weight for _, weight in features] == sorted((weight for _, weight in features), reverse=True)


def test_reasons_lie_apart_and_swallow_their_parts() -> None:
    weights = {(0, 1): 0.5, (1, 1): 0.5, (0, 2): 1.0, (5, 1): 0.6, (9, 1): -3.0}
    assert heaviest(weights) == (((0, 2), 2.0), ((5, 1), 0.6))


def test_many_are_scored_like_one(classifier: RudenessClassifier) -> None:
    texts = ["滚蛋", "您好", ""]
    assert classifier.score_many(texts) == tuple(classifier.score(text) for text in texts)


def test_a_threshold_given_wins_over_the_manifest(classifier: RudenessClassifier) -> None:
    assert RudenessClassifier(threshold=0.6).threshold == 0.6
    assert RudenessClassifier().threshold == classifier.manifest["threshold"]


def test_the_bundled_model_is_small() -> None:
    folder = bundled("models", "rudeness")
    assert sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) < MAX_BYTES


def test_the_bundled_model_was_trained_on_the_bundled_corpus(classifier: RudenessClassifier) -> None:
    assert classifier.manifest["corpus"]["sha256"] == corpus_digest(bundled_corpus())


@pytest.mark.parametrize(
    ("file", "recall", "false_flags"), [(HELD_OUT, 0.9, 0.04), (BLIND, 0.85, 0.03), (BLIND_2, 0.85, 0.07)]
)
def test_speech_of_other_authors_is_judged_as_the_card_says(
    classifier: RudenessClassifier, file: Path, recall: float, false_flags: float
) -> None:
    """By the n-grams alone; the bounds leave some sentences' room below what the card states."""
    result = evaluate(classifier, read_corpus([file]))
    assert result.at_threshold.recall >= recall
    assert result.at_threshold.false_flag_rate <= false_flags
    assert result.auc >= 0.97
    assert result.label_accuracy >= 0.74


def test_the_card_quotes_the_manifest(classifier: RudenessClassifier) -> None:
    card = Path(bundled("models", "rudeness", "CARD.md")).read_text(encoding="utf-8")
    metrics = classifier.manifest["metrics"]
    for group in ("unseen_family", "unseen_topic"):
        for figure in ("precision", "recall", "false_flag_rate", "auc"):
            assert f"{metrics[group][figure]:.4f}" in card
    assert str(classifier.threshold) in card
