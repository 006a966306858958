from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callaudit.domain.calls import Party
from callaudit.domain.findings import Category, Phase
from callaudit.domain.spans import TimeSpan
from callaudit.errors import InputError
from callaudit.evaluation.truth import TrueFinding, TrueHangup, TrueUtterance, Truth, read_truth, read_truths

TRUTH: dict[str, Any] = {
    "schema": "callaudit.truth/1",
    "error": None,
    "synthetic": True,
    "utterances": [
        {"party": "customer", "channel": 1, "start_ms": 900, "end_ms": 1500, "text": "你好"},
        {"party": "agent", "channel": 0, "start_ms": 100, "end_ms": 800, "text": "您好"},
    ],
    "hangup": {"at_ms": 2000, "by": "nobody", "kind": "closing"},
    "closing_end_ms": 2000,
    "findings": [
        {
            "category": "insult",
            "start_ms": 2500,
            "end_ms": 3000,
            "party": "agent",
            "phase": "after_hangup",
            "quote": "不要脸",
        }
    ],
}


def write(folder: Path, changes: dict[str, Any] | None = None, name: str = "one") -> Path:
    path = folder / f"{name}.truth.json"
    path.write_text(json.dumps({**TRUTH, **(changes or {})}), encoding="utf-8")
    return path


def test_a_truth_file_is_read_in_order_of_time(tmp_path: Path) -> None:
    assert read_truth(write(tmp_path)) == Truth(
        utterances=(
            TrueUtterance(Party.AGENT, 0, TimeSpan(100, 800), "您好"),
            TrueUtterance(Party.CUSTOMER, 1, TimeSpan(900, 1500), "你好"),
        ),
        hangup=TrueHangup(2000, "nobody", "closing"),
        closing_end_ms=2000,
        findings=(TrueFinding(Category.INSULT, TimeSpan(2500, 3000), Party.AGENT, Phase.AFTER_HANGUP, "不要脸"),),
        is_synthetic=True,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "callaudit.truth/9"},
        {"utterances": None},
        {"utterances": [{"party": "boss", "channel": 0, "start_ms": 0, "end_ms": 1, "text": ""}]},
        {"utterances": [{"party": "agent", "channel": 0, "start_ms": 5, "end_ms": 1, "text": ""}]},
        {"hangup": {"at_ms": 5}},
        {"findings": [{"category": "smell"}]},
    ],
)
def test_a_malformed_truth_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        read_truth(write(tmp_path, changes))
    assert caught.value.code == "truth.format"
    assert "one.truth.json" in caught.value.message


def test_what_a_truth_lacks_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "one.truth.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"'schema' is missing$"):
        read_truth(tmp_path / "one.truth.json")


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe", b"{"])
def test_what_is_no_json_object_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "one.truth.json"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_truth(path)


def test_truths_are_found_below_a_folder_by_recording(tmp_path: Path) -> None:
    (tmp_path / "monday").mkdir()
    for folder, recording in ((tmp_path, "one.wav"), (tmp_path / "monday", "two.mp3")):
        write(folder, name=recording.split(".", maxsplit=1)[0])
        (folder / recording).write_bytes(b"")
    assert set(read_truths(tmp_path)) == {tmp_path / "one.wav", tmp_path / "monday" / "two.mp3"}


@pytest.mark.parametrize("recordings", [[], ["one.wav", "one.mp3"]])
def test_a_truth_has_exactly_one_recording(tmp_path: Path, recordings: list[str]) -> None:
    write(tmp_path)
    for name in recordings:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError) as caught:
        read_truths(tmp_path)
    assert caught.value.code == "truth.recording"


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_truths(tmp_path)
    assert caught.value.code == "truth.missing"


def test_what_is_optional_is_read(tmp_path: Path) -> None:
    hangup = {**TRUTH["hangup"], "or_ms": [2400], "optional": True}
    labels = {"shape": "S1", "weather": "rain"}
    truth = read_truth(write(tmp_path, {"hangup": hangup, "labels": labels, "categories": ["post_hangup"]}))
    assert truth.hangup == TrueHangup(2000, "nobody", "closing", or_ms=(2400,), is_optional=True)
    assert truth.labels == labels
    assert truth.categories == (Category.POST_HANGUP,)


def test_findings_of_an_optional_rule_count_only_where_the_truth_names_it(tmp_path: Path) -> None:
    assert Category.LATE_HANGUP not in read_truth(write(tmp_path)).categories
    assert set(Category) - set(read_truth(write(tmp_path)).categories) == {Category.LATE_HANGUP}


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["S1"]},
        {"categories": ["smell"]},
        {"hangup": {**TRUTH["hangup"], "or_ms": 5}},
        {"hangup": {**TRUTH["hangup"], "or_ms": ["soon"]}},
    ],
)
def test_malformed_options_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        read_truth(write(tmp_path, changes))
