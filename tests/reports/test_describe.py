from __future__ import annotations

import unicodedata
from pathlib import Path

from callaudit.reports.describe import describe_call
from tests.builders import make_finding, make_judged
from tests.reports.hostile import hostile_call
from tests.reports.origin_case import clean_call, origin_call


def test_a_call_is_described_from_head_to_transcript() -> None:
    lines = describe_call(origin_call(), "zh")
    assert lines[0] == "20261120-140307_3107  得分 96.5  致命"
    assert "挂机: 0:31.4 ±0.6 秒，客户挂机，可信度 97%" in lines
    assert "     “为了45块钱打了仨电话，真是不要脸。”" in lines
    assert "  0:37.5  坐席  为了45块钱打了仨电话，真是不要脸。  <1>" in lines


def test_beside_the_hangup_stands_what_a_timer_would_have_said() -> None:
    (line,) = (line for line in describe_call(origin_call(), "en") if line.startswith("  Compare: "))
    assert "A mere timer (usually 5.0 s)" in line
    assert "(0:52.1)" in line
    assert "5.8 s: it flags a late hang-up and names no words" in line


def test_the_hangup_stands_between_what_was_said_before_and_after() -> None:
    lines = describe_call(origin_call(), "zh")
    at = lines.index("  ---- 挂机 0:31.4 ----")
    assert "再见" in lines[at - 1]
    assert "哎呀" in lines[at + 1]


def test_what_was_set_aside_is_told_with_the_reason() -> None:
    text = "\n".join(describe_call(origin_call(), "en"))
    assert "subtitle credits the engine made up" in text
    assert "goodbyes that belong to the closing" in text


def test_a_clean_call_says_that_the_hangup_is_not_known() -> None:
    text = "\n".join(describe_call(clean_call(), "en"))
    assert "Nothing says when the call was hung up" in text
    assert "Findings: 0" in text


def test_a_call_without_words_says_so() -> None:
    assert "  没有转写出任何话语。" in describe_call(make_judged(), "zh")


def test_no_line_can_drive_a_terminal() -> None:
    for line in describe_call(hostile_call(), "zh"):
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in line)
        assert "\u202e" not in line


def test_a_finding_without_words_shows_no_empty_quote() -> None:
    text = "\n".join(describe_call(make_judged(findings=(make_finding(quote=""),)), "zh"))
    assert "“”" not in text


def test_the_files_with_the_same_bytes_stand_below_the_facts() -> None:
    lines = describe_call(clean_call(), "zh", [Path("night/b.wav"), Path("c\x1b.wav")])
    assert lines[lines.index("  内容相同的文件: night/b.wav, c\\x1b.wav") - 1].startswith("  ")
    assert "  Copies: night/b.wav" in describe_call(clean_call(), "en", [Path("night/b.wav")])


def test_a_call_without_copies_names_none() -> None:
    assert not any("内容相同" in line for line in describe_call(clean_call(), "zh"))
