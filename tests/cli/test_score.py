from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from callaudit import assembly
from callaudit.detectors.text_judge import TextJudge
from callaudit.errors import ExitCode
from tests.cli.runner import Ran, callaudit
from tests.detectors.fakes import CLASSIFIER, FakeMatcher


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def quick_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines that know a handful of words, in no time."""
    monkeypatch.setattr(assembly, "build_text_judge", lambda settings: TextJudge(FakeMatcher(), CLASSIFIER))


def written(text: str | bytes, name: str = "said.txt") -> Path:
    path = Path(name)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rows(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def from_stdin(monkeypatch: pytest.MonkeyPatch, text: str, *arguments: object) -> Ran:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="ascii"))
    return callaudit("score", *arguments)


@pytest.mark.usefixtures("quick_judge")
class TestJson:
    def test_every_line_has_its_object_in_order(self) -> None:
        ran = callaudit("score", written("您好\n\n你这个神经病\n再见\n"), "--json")

        assert ran.code == ExitCode.OK
        assert [(row["text"], row["flagged"]) for row in rows(ran)] == [
            ("您好", False),
            ("", False),
            ("你这个神经病", True),
            ("再见", False),
        ]
        assert ran.err == ""

    def test_a_harmless_line_has_nothing_to_show(self) -> None:
        assert rows(callaudit("score", written("您好\n"), "--json")) == [
            {"text": "您好", "flagged": False, "severity": None, "confidence": 0.0, "findings": []}
        ]

    def test_a_flag_comes_with_its_evidence(self) -> None:
        (row,) = rows(callaudit("score", written("您好，您真是个神经病"), "--json"))
        (finding,) = row["findings"]

        assert (row["severity"], row["confidence"]) == (finding["severity"], finding["confidence"])
        assert finding["category"] == "insult"
        assert row["text"][finding["start"] : finding["end"]] == finding["quote"] == "您真是个神经病"
        lexicon, classifier = finding["evidence"]
        assert lexicon["kind"] == "lexicon"
        assert (lexicon["entry_id"], lexicon["phrase"], lexicon["path"]) == ("insult.神经病", "神经病", "exact")
        assert row["text"][lexicon["chars"]["start"] : lexicon["chars"]["end"]] == lexicon["matched"] == "神经病"
        assert classifier["kind"] == "classifier"
        assert (classifier["label"], classifier["score"], classifier["threshold"]) == ("insult", 0.95, 0.6)
        assert classifier["features"] == [["神经病", 1.5]]

    def test_circumstances_are_evidence_with_a_weight(self) -> None:
        (row,) = rows(callaudit("score", written("您有完没完"), "--json"))

        assert row["findings"][0]["evidence"][-1] == {"kind": "context", "fact": "polite_words", "weight": -0.1}

    def test_offsets_count_code_points(self) -> None:
        (row,) = rows(callaudit("score", written("😀😀，神经病"), "--json"))

        assert (row["findings"][0]["start"], row["findings"][0]["end"]) == (3, 6)

    def test_party_and_phase_are_heeded(self) -> None:
        lines = [
            {"text": "有完没完", "id": 1},
            {"text": "有完没完", "id": 2, "party": "customer"},
            {"text": "有完没完", "id": 3, "party": "system"},
            {"text": "有完没完", "id": 4, "phase": "after_hangup"},
            {"text": "有完没完", "id": 5, "party": "unknown"},
        ]
        said = rows(callaudit("score", written("\n".join(map(json.dumps, lines))), "--json"))

        assert [(row["id"], row["severity"]) for row in said] == [
            (1, "minor"),
            (2, None),
            (3, None),
            (4, "major"),
            (5, "minor"),
        ]

    def test_other_keys_do_not_come_back(self) -> None:
        line = {"text": "您好", "agent_name": "张三", "flagged": True}
        (row,) = rows(callaudit("score", written(json.dumps(line)), "--json"))

        assert set(row) == {"text", "flagged", "severity", "confidence", "findings"}

    @pytest.mark.parametrize("arguments", [("--json",), ("-", "--json")])
    def test_standard_input_is_read(self, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
        assert [row["text"] for row in rows(from_stdin(monkeypatch, "您好\n再见\n", *arguments))] == ["您好", "再见"]

    def test_lines_before_a_bad_one_are_judged(self) -> None:
        ran = callaudit("score", written("神经病\n".encode() + b"\xff\n"), "--json")

        assert ran.code == ExitCode.NO_INPUT
        assert [row["flagged"] for row in rows(ran)] == [True]
        assert "said.txt, line 2" in ran.err


@pytest.mark.usefixtures("quick_judge")
class TestTerminal:
    def test_flagged_lines_are_shown_by_number_with_the_reasons(self) -> None:
        ran = callaudit("score", written("您好\n您有完没完\n"))

        assert ran.code == ExitCode.OK
        assert ran.out.splitlines()[0] == "2."
        assert "一般 · 不耐烦" in ran.out
        assert "“您有完没完”" in ran.out
        assert "+ 命中服务禁语「有完没完」" in ran.out
        assert "- " in ran.out
        assert ran.err == "2 lines, 1 flagged\n"

    def test_in_english(self) -> None:
        assert "Forbidden phrase" in callaudit("score", written("有完没完"), "--lang", "en").out

    def test_nothing_is_shown_of_harmless_lines(self) -> None:
        ran = callaudit("score", written("您好\n再见\n"))

        assert ran.out == ""
        assert ran.err == "2 lines, 0 flagged\n"

    def test_the_words_of_a_line_cannot_drive_the_terminal(self) -> None:
        assert "\x1b" not in callaudit("score", written("\x1b[31m神经病\u202e")).out


@pytest.mark.usefixtures("quick_judge")
class TestBadInput:
    @pytest.mark.parametrize("name", ["nowhere.txt", "."])
    def test_a_missing_file_or_a_folder_exits_with_5(self, name: str) -> None:
        ran = callaudit("score", name)

        assert ran.code == ExitCode.NO_INPUT
        assert "[text.unreadable]" in ran.err
        assert "what to do" in ran.err

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            ("机密的话\n".encode("gbk"), "text.encoding"),
            ("机密的话\n".encode("utf-16"), "text.encoding"),
            ('{"text": "机密的话"}\n{"text": "机密的话\n'.encode(), "text.line"),
            ('{"text": "机密的话", "party": "机密的话"}'.encode(), "text.line"),
        ],
    )
    def test_bad_lines_exit_with_5_and_name_the_line(self, raw: bytes, code: str) -> None:
        ran = callaudit("score", written(raw), "--json")

        assert ran.code == ExitCode.NO_INPUT
        assert f"[{code}]" in ran.err
        assert "said.txt, line " in ran.err
        assert "机密" not in ran.err

    def test_a_missing_file_is_told_before_engines_are_loaded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(assembly, "build_text_judge", lambda settings: pytest.fail("loaded"))

        assert callaudit("score", "nowhere.txt").code == ExitCode.NO_INPUT

    def test_a_closed_standard_input_exits_with_5(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", None)

        assert callaudit("score").code == ExitCode.NO_INPUT

    def test_an_empty_file_is_no_line(self) -> None:
        ran = callaudit("score", written(""))

        assert (ran.code, ran.err) == (ExitCode.OK, "0 lines, 0 flagged\n")

    def test_a_bad_lexicon_exits_with_3(self, empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        monkeypatch.chdir(empty_folder)
        written("[[entry]]\nphrase = 1\n", "insult.toml")
        written('[lexicon]\nfolder = "."\n', "callaudit.toml")

        assert callaudit("score", written("您好")).code == ExitCode.SETTINGS


@pytest.mark.usefixtures("quick_judge")
def test_a_file_is_never_in_memory_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(("好" * 400 + "\n") * 3000)
    monkeypatch.setattr("callaudit.cli.score.put", lambda line: None)
    callaudit("score", written("好", "one.txt"))  # what is loaded once is not what the file costs
    tracemalloc.start()
    assert callaudit("score", path, "--json").code == ExitCode.OK
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak_bytes < path.stat().st_size / 2


class TestAsAProgram:
    """Through the shell, with the real engines."""

    COMMAND = (sys.executable, "-m", "callaudit", "score", "--json")

    def test_neither_speech_nor_training_libraries_are_loaded(self) -> None:
        program = (
            "import sys; from callaudit.settings import Settings; from callaudit.assembly import build_text_judge;"
            "build_text_judge(Settings()).judge('你是不是神经病啊');"
            "print([name for name in ('torch', 'whisper', 'silero_vad', 'sklearn', 'scipy', 'sqlalchemy')"
            " if name in sys.modules])"
        )
        said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

        assert said.strip() == "[]"

    def test_each_line_is_answered_as_it_comes(self) -> None:
        with subprocess.Popen(self.COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            killer = threading.Timer(60, running.kill)
            killer.start()
            for text in ("你是不是神经病啊", "您好请讲"):
                running.stdin.write(f"{text}\n".encode())
                running.stdin.flush()
                answer = json.loads(running.stdout.readline())
                assert (answer["text"], answer["flagged"]) == (text, text != "您好请讲")
            running.stdin.close()
            killer.cancel()

    def test_a_reader_who_goes_away_ends_it_without_a_traceback(self) -> None:
        Path("many.txt").write_text("您好请讲\n" * 20_000, encoding="utf-8")
        with subprocess.Popen([*self.COMMAND, "many.txt"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
            assert running.stdout is not None
            assert running.stderr is not None
            assert json.loads(running.stdout.readline())["text"] == "您好请讲"
            running.stdout.close()
            said = running.stderr.read().decode()

        assert running.returncode == ExitCode.OUTPUT_CLOSED
        assert said == ""

    def test_json_is_utf8_whatever_the_terminal_speaks(self) -> None:
        environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
        ran = subprocess.run(self.COMMAND, input="您好😀\n".encode(), capture_output=True, check=True, env=environment)

        assert json.loads(ran.stdout.decode("utf-8"))["text"] == "您好😀"
