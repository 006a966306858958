"""Utterances become a table of pieces from which any of them can be learnt from."""

from __future__ import annotations

import numpy as np

from callaudit.classifier.features import EDGE, Indexer, edged
from callaudit.classifier.table import tabulate

TEXTS = ("退钱快", "退钱吧", "换货吧", "换获吧")
FAMILIES = ("a", "a", "b", "c")


def test_a_piece_of_one_family_alone_is_not_learnt() -> None:
    table = tabulate(TEXTS, FAMILIES)
    words = table.words(table.frequent(np.arange(3)))
    assert "退钱" not in words.characters
    assert "吧|" in words.characters


def test_what_is_frequent_depends_on_the_chosen_rows_alone() -> None:
    table = tabulate(TEXTS, FAMILIES)
    assert "换" not in table.words(table.frequent(np.arange(3))).characters
    assert "换" in table.words(table.frequent(np.arange(4))).characters


def test_characters_of_one_sound_share_a_column() -> None:
    table = tabulate(TEXTS, FAMILIES)
    words = table.words(table.frequent(np.arange(4)))
    assert "换货" not in words.characters
    assert any(spelling in ("换货", "换获") for spelling in words.spellings)


def test_the_edge_by_itself_is_no_piece() -> None:
    table = tabulate(TEXTS, FAMILIES)
    assert EDGE not in table.words(np.arange(table.matrix.shape[1])).characters


def test_the_order_of_rows_makes_no_difference_to_the_columns() -> None:
    forwards, backwards = tabulate(TEXTS, FAMILIES), tabulate(TEXTS[::-1], FAMILIES[::-1])
    everything = np.arange(forwards.matrix.shape[1])
    assert forwards.words(everything) == backwards.words(everything)
    assert (forwards.matrix.toarray() == backwards.matrix.toarray()[::-1]).all()


def test_the_vocabulary_finds_in_use_what_the_table_says() -> None:
    table = tabulate(TEXTS, FAMILIES)
    indexer = Indexer(table.words(np.arange(table.matrix.shape[1])))
    for row, text in enumerate(TEXTS):
        assert indexer.features(edged(text).text).tolist() == table.matrix[row].indices.tolist()


def test_nothing_makes_an_empty_table() -> None:
    assert tabulate(["", "嗯"], ["a", "b"]).matrix.shape == (2, 0)
