from __future__ import annotations

import os
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.domain.names import printable, read_back

ANYTHING = st.text(st.characters(codec=None))
FILE_NAMES = st.binary(min_size=1).map(os.fsdecode)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (os.fsdecode("坏的录音".encode("gbk")) + ".wav", r"\xbb\xb5\xb5\xc4¼\xd2\xf4.wav"),
        ("a\nb\x1b[31m.wav", r"a\x0ab\x1b[31m.wav"),
        ("a\u202egpj.wav", r"a\u202egpj.wav"),
        ("\x85\ud800\ufeff\U000e0001\ufffe", r"\u0085\ud800\ufeff\U000e0001\ufffe"),
        (Path("s3:/bucket/a\udcb2.wav"), r"s3://bucket/a\xb2.wav"),
    ],
)
def test_what_is_no_text_and_what_cannot_be_seen_is_written_in_signs(name: str | Path, written: str) -> None:
    assert printable(name) == written


@pytest.mark.parametrize("name", ["录音　一.wav", "a b_d.wav", "𠮷野家 😀.wav", "C:\\calls\\new.wav", "1\u00a0%.wav"])
def test_ordinary_names_are_left_alone(name: str) -> None:
    assert printable(name) == name
    assert read_back(name) == name


@given(ANYTHING)
def test_nothing_unseen_gets_through_and_a_second_time_changes_nothing(text: str) -> None:
    written = printable(text)

    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in written)
    assert printable(written) == written
    written.encode()


@given(FILE_NAMES.filter(lambda name: "\\" not in name))
def test_every_file_name_is_read_back(name: str) -> None:
    assert read_back(printable(name)) == name


@pytest.mark.parametrize("text", [r"\U00110000", r"\Uffffffff", r"\xg0", r"\u12", "\\"])
def test_signs_of_no_character_stand_for_themselves(text: str) -> None:
    assert read_back(text) == text


def test_bash_takes_a_name_as_it_is_written() -> None:
    name = os.fsdecode("录音".encode("gbk")) + "\n\x1b[31m.wav"
    told = subprocess.run(["bash", "-c", f"printf %s $'{printable(name)}'"], capture_output=True, check=True).stdout

    assert os.fsdecode(told) == name
