from __future__ import annotations

import io
import json

import pytest

from callaudit.cli import utterance_lines
from callaudit.cli.utterance_lines import UtteranceLine, read_utterances
from callaudit.domain.calls import Party
from callaudit.domain.findings import Phase
from callaudit.errors import ExitCode, InputError


def read(raw: bytes | str) -> list[UtteranceLine]:
    return list(read_utterances(io.BytesIO(raw.encode() if isinstance(raw, str) else raw), "calls.txt"))


def texts(raw: bytes | str) -> list[str]:
    return [line.text for line in read(raw)]


def refusal(raw: bytes | str) -> InputError:
    with pytest.raises(InputError) as caught:
        read(raw)
    assert caught.value.exit_code is ExitCode.NO_INPUT
    return caught.value


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("", []),
        ("\n", [""]),
        ("您好\n再见\n", ["您好", "再见"]),
        ("您好\n再见", ["您好", "再见"]),
        ("您好\r\n\r\n再见\r\n", ["您好", "", "再见"]),
        (" 您好 \n", [" 您好 "]),
        ("您好\u2028请讲\x0b\n", ["您好\u2028请讲\x0b"]),
        ("\ufeff您好\n", ["您好"]),
        ("\ufeff\n您好\n", ["", "您好"]),
        ("{笑}您好\n", ["{笑}您好"]),
        ("您好\n" + json.dumps({"text": "再见"}), ["您好", json.dumps({"text": "再见"})]),
        ("[1]\n", ["[1]"]),
        ("您\0好\n", ["您\0好"]),
    ],
)
def test_every_line_of_plain_text_is_an_utterance_as_it_stands(raw: str, wanted: list[str]) -> None:
    assert texts(raw) == wanted


def test_plain_text_is_what_an_agent_said_on_the_line() -> None:
    assert read("您好") == [UtteranceLine(number=1, text="您好", party=Party.AGENT, phase=Phase.BEFORE_HANGUP, id=None)]


def test_json_lines_say_who_and_when() -> None:
    rows = [
        {"text": "您好", "party": "customer", "phase": "after_hangup", "id": "a", "secret": 1},
        {"text": "", "party": None, "phase": None, "id": 7},
    ]
    assert read("\n".join(json.dumps(row) for row in rows)) == [
        UtteranceLine(number=1, text="您好", party=Party.CUSTOMER, phase=Phase.AFTER_HANGUP, id="a"),
        UtteranceLine(number=2, text="", party=Party.AGENT, phase=Phase.BEFORE_HANGUP, id=7),
    ]


def test_empty_lines_among_json_lines_are_empty_utterances() -> None:
    assert texts('\n \n{"text": "您好"}\n\n{"text": "再见"}\n') == ["", " ", "您好", "", "再见"]


def test_half_a_character_is_replaced_one_for_one() -> None:
    (line,) = read(r'{"text": "您\ud83d好\ud83d\ude00", "id": "\udc00"}')
    assert (line.text, line.id) == ("您\ufffd好😀", "\ufffd")


@pytest.mark.parametrize(
    ("raw", "line", "code"),
    [
        ("您好\n再见\n".encode("gb18030"), 1, "text.encoding"),
        ("您好\n".encode() + "再见\n".encode("gbk"), 2, "text.encoding"),
        ("您好\n".encode("utf-16"), 1, "text.encoding"),
        ("您好\n".encode("utf-32"), 1, "text.encoding"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", 1, "text.encoding"),
        ('{"text": "机密"}\n{"text": "机密"\n', 2, "text.line"),
        ('{"text": "机密"}\n机密\n', 2, "text.line"),
        ('{"text": "机密"}\n["机密"]\n', 2, "text.line"),
        ('{"text": "机密"}\n{"text": ["机密"]}\n', 2, "text.line"),
        ('{"text": "机密"}\n{"words": "机密"}\n', 2, "text.line"),
        ('{"text": "机密", "party": "机密"}\n', 1, "text.line"),
        ('{"text": "机密", "party": ["agent"]}\n', 1, "text.line"),
        ('{"text": "机密", "phase": "机密"}\n', 1, "text.line"),
        ('{"text": "机密", "id": {"机密": 1}}\n', 1, "text.line"),
        ('{"text": "机密", "id": NaN}\n', 1, "text.line"),
        ('{"text": ' + "[" * 100_000 + "\n", 1, "text.line"),
        ('{"text": ' + "9" * 5000 + "}\n", 1, "text.line"),
        ("{}\n", 1, "text.line"),
    ],
)
def test_a_bad_line_is_named_and_its_words_are_not(raw: bytes | str, line: int, code: str) -> None:
    error = refusal(raw)
    assert error.code == code
    assert f"calls.txt, line {line}: " in error.message
    assert error.hint
    assert "机密" not in error.message + error.hint


def test_what_comes_before_a_bad_line_is_read() -> None:
    lines = read_utterances(io.BytesIO("您好\n".encode() + b"\xff\n"), "calls.txt")
    assert next(lines).text == "您好"
    with pytest.raises(InputError):
        next(lines)


def test_a_file_without_line_ends_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterance_lines, "LONGEST_LINE_BYTES", 100)
    assert len(read(b"a" * 99 + b"\n")) == 1
    assert "line 2" in refusal(b"a\n" + b"a" * 1000).message


def test_a_disk_that_fails_is_told() -> None:
    class Failing(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(InputError, match=r"cannot read calls\.txt: Input/output error"):
        list(read_utterances(Failing(), "calls.txt"))
