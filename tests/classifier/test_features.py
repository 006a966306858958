"""Utterances become n-grams of characters and of sounds."""

from __future__ import annotations

import numpy as np
import pytest

from callaudit.classifier.features import CHAR_LENGTHS, EDGE, GAP, Alphabet, Indexer, Vocabulary, edged, layout, pieces
from callaudit.text.homophones import sound_codes


def test_an_utterance_is_folded_and_set_between_edges() -> None:
    assert edged("為了４５塊錢").text == f"{EDGE}为了45块钱{EDGE}"


@pytest.mark.parametrize("raw", ["", "  ", "。。。", "嗯"])
def test_nothing_is_left_of_pauses_and_hesitations(raw: str) -> None:
    assert edged(raw).text == ""


def test_the_polite_form_is_remembered_although_folding_drops_it() -> None:
    assert edged("您说").text != edged("你说").text


def test_pieces_are_all_ngrams_up_to_four_characters_and_pairs_with_a_gap() -> None:
    alphabet = Alphabet("|滚蛋")
    assert {alphabet.spell(int(key)) for key in pieces("|滚蛋|", alphabet).characters} == {
        "|", "滚", "蛋", "|滚", "滚蛋", "蛋|", "|滚蛋", "滚蛋|", "|滚蛋|", "|…蛋", "滚…|", "|…|",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "|", "|滚", "|滚|", "|滚滚蛋|"])
def test_every_piece_has_its_place(text: str) -> None:
    heard = sound_codes(text)
    alphabet = Alphabet({*"|滚蛋", *heard})
    found, (starts, lengths) = pieces(text, alphabet), layout(len(text))
    places = [(int(start), int(start + length)) for start, length in zip(starts, lengths, strict=True)]
    plain = sum(max(0, len(text) - length + 1) for length in CHAR_LENGTHS)
    expected = [text[start:end] for start, end in places[:plain]]
    expected += [f"{text[start]}{GAP}{text[end - 1]}" for start, end in places[plain : len(found.characters)]]
    assert [alphabet.spell(int(key)) for key in found.characters] == expected
    sounds = [heard[start:end] for start, end in places[len(found.characters) :]]
    assert [alphabet.spell(int(key)) for key in found.sounds] == sounds


def test_a_piece_with_an_unknown_character_is_no_known_piece() -> None:
    alphabet = Alphabet("|滚蛋")
    known = alphabet.keys(["|", "滚", "蛋", "|滚", "滚蛋", "蛋|", "|滚蛋"])
    assert np.isin(pieces("|滚你", alphabet).characters, known).tolist() == [True, True, False, True, *[False] * 3]


@pytest.mark.parametrize(
    ("raw", "start", "length", "said"),
    [("像个神经病一样", 6, 2, "一样"), ("您滚 蛋", 3, 2, "滚 蛋"), ("仨电话", 0, 2, "仨"), ("滚蛋", 3, 1, "")],
)
def test_a_piece_is_shown_as_it_was_said(raw: str, start: int, length: int, said: str) -> None:
    assert edged(raw).raw_text(start, length) == said


def test_characters_of_one_sound_share_a_sound_feature() -> None:
    indexer = Indexer(Vocabulary(characters=(), spellings=("傻逼",)))
    assert list(indexer.features(edged("真是沙比").text)) == [0]


def test_a_feature_counts_once_however_often_it_occurs() -> None:
    indexer = Indexer(Vocabulary(characters=("滚", "蛋"), spellings=()))
    assert list(indexer.features(edged("滚滚滚").text)) == [0]


def test_unknown_words_have_no_features() -> None:
    assert len(Indexer(Vocabulary(("滚",), ("滚蛋",))).features(edged("您好").text)) == 0


def test_a_piece_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one to four"):
        Indexer(Vocabulary(("五个字太长",), ()))
