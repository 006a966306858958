from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from callaudit import assembly
from callaudit.cli.sightings import outcome
from callaudit.detectors.text_judge import TextJudge, TextVerdict
from callaudit.domain.calls import Party
from callaudit.domain.findings import Phase
from callaudit.errors import ExitCode
from callaudit.settings import load_settings
from callaudit.text import segment
from tests.cli.runner import callaudit
from tests.detectors.fakes import CLASSIFIER

LEXICON = """category = "insult"

[[entry]]
id = "insult.shenjingbing"
phrase = "[个]神经病"
severity = "major"
unless = ["治[个]神经病"]
hits = ["你个神经病"]
misses = ["神经内科"]

[[entry]]
id = "insult.jianren"
phrase = "贱人"
severity = "critical"
hits = ["贱人"]
misses = ["见面"]

[[entry]]
id = "insult.buzhidao"
phrase = "不知道"
severity = "minor"
alone = false
hits = ["不知道"]
misses = ["知道"]
"""
DICTIONARY = cache(segment._new_tokenizer)
"""Read once: every command reads it anew."""
SITE = """off = ["insult.jianren"]

[[entry]]
id = "mockery.zhenxian"
phrase = "您可真闲"
severity = "minor"
hits = ["您可真闲啊"]
misses = ["您真的闲下来再说"]
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a lexicon of its own, an overlay beside it, and a classifier that knows a few words."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(segment, "_new_tokenizer", DICTIONARY)
    monkeypatch.setattr(
        assembly,
        "build_text_judge",
        lambda settings, matcher=None: TextJudge(matcher or assembly.build_matcher(settings), CLASSIFIER),
    )
    Path("own").mkdir()
    Path("own/insult.toml").write_text(LEXICON, encoding="utf-8")
    Path("site.toml").write_text(SITE, encoding="utf-8")
    Path("callaudit.toml").write_text('[lexicon]\nfolder = "own"\n', encoding="utf-8")
    return tmp_path


class TestCheck:
    def test_the_lexicon_of_the_settings_is_checked(self) -> None:
        ran = callaudit("lexicon", "check")

        assert (ran.code, ran.err) == (ExitCode.OK, "")
        assert ran.out.startswith("3 entries, 0 problems; version ")

    def test_an_overlay_is_laid_over_it(self) -> None:
        alone, laid = callaudit("lexicon", "check"), callaudit("lexicon", "check", "own", "--overlay", "site.toml")

        assert laid.code == ExitCode.OK
        assert laid.out.startswith("3 entries")
        assert laid.out != alone.out

    def test_an_overlay_may_be_a_setting(self) -> None:
        Path("callaudit.toml").write_text('[lexicon]\nfolder = "own"\noverlay = "site.toml"\n', encoding="utf-8")

        assert callaudit("lexicon", "check").out == callaudit("lexicon", "check", "--overlay", "site.toml").out

    def test_an_unknown_id_in_an_overlay_exits_with_3(self) -> None:
        Path("site.toml").write_text('off = ["insult.jianen"]\n', encoding="utf-8")
        ran = callaudit("lexicon", "check", "--overlay", "site.toml")

        assert ran.code == ExitCode.SETTINGS
        assert "site.toml:1: off: there is no entry insult.jianen; did you mean insult.jianren?" in ran.err

    def test_entries_that_harmless_lines_of_agents_set_off_are_named(self) -> None:
        Path("clean.csv").write_text(
            "label,category,party,text\n"
            "0,,agent,您说的神经病我记下了\n"
            "0,,customer,你个神经病\n"
            "1,insult,agent,个神经病\n"
            "0,,agent,我不知道\n"
            "0,,agent,神经病院在哪\n",
            encoding="utf-8",
        )
        Path("more.csv").write_text("label,text\n0,贱人\n", encoding="utf-8")
        ran = callaudit("lexicon", "check", "--corpus", "clean.csv", "--corpus", "more.csv")

        assert ran.code == ExitCode.SETTINGS
        assert ran.err.splitlines() == [
            "insult.toml:3: insult.shenjingbing: set off by the harmless line clean.csv:2",
            "insult.toml:11: insult.jianren: set off by the harmless line more.csv:2",
        ]

    def test_a_corpus_that_is_not_there_exits_with_5(self) -> None:
        assert callaudit("lexicon", "check", "--corpus", "nowhere.csv").code == ExitCode.NO_INPUT


class TestList:
    def test_every_entry_has_its_line(self) -> None:
        ran = callaudit("lexicon", "list")

        assert ran.out.splitlines() == [
            "insult.shenjingbing  insult  major     alone        insult.toml:3   [个]神经病",
            "insult.jianren       insult  critical  alone        insult.toml:11  贱人",
            "insult.buzhidao      insult  minor     adds weight  insult.toml:18  不知道",
        ]

    def test_one_category_of_what_holds_with_the_overlay(self) -> None:
        ran = callaudit("lexicon", "list", "--overlay", "site.toml", "--category", "mockery")

        assert ran.out.split() == ["mockery.zhenxian", "mockery", "minor", "alone", "site.toml:3", "您可真闲"]
        assert "insult.jianren" not in callaudit("lexicon", "list", "--overlay", "site.toml").out

    def test_a_category_without_entries_lists_none(self) -> None:
        ran = callaudit("lexicon", "list", "--category", "threat")

        assert (ran.code, ran.out) == (ExitCode.OK, "")

    def test_json_has_one_object_a_line(self) -> None:
        rows = [json.loads(line) for line in callaudit("lexicon", "list", "--json").out.splitlines()]

        assert [(row["id"], row["alone"], row["file"], row["line"]) for row in rows] == [
            ("insult.shenjingbing", True, "insult.toml", 3),
            ("insult.jianren", True, "insult.toml", 11),
            ("insult.buzhidao", False, "insult.toml", 18),
        ]
        assert rows[0]["unless"] == ["治[个]神经病"]


TEXTS = ["你这个神经病", "您好", "您真难缠，不知道", "他骂我神经病", "贱仁！", "芝麻大的事，贱人，神经病"]


class TestTry:
    @pytest.mark.parametrize("text", TEXTS)
    def test_the_explanation_is_that_of_score(self, text: str) -> None:
        Path("said.txt").write_text(text + "\n", encoding="utf-8")
        tried = json.loads(callaudit("lexicon", "try", text, "--json").out)
        tried.pop("lexicon")

        assert tried == json.loads(callaudit("score", "said.txt", "--json").out)

    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_so_is_what_a_terminal_shows(self, text: str, lang: str) -> None:
        Path("said.txt").write_text(text + "\n", encoding="utf-8")
        tried = callaudit("lexicon", "try", text, "--lang", lang).out.splitlines()
        scored = callaudit("score", "said.txt", "--lang", lang).out.splitlines()[1:]

        assert tried[: len(scored)] == scored

    @pytest.mark.parametrize("party", ["agent", "customer", "unknown"])
    @pytest.mark.parametrize("phase", ["before_hangup", "after_hangup"])
    def test_party_and_phase_are_heeded_as_by_score(self, party: str, phase: str) -> None:
        line = {"text": "你这个神经病", "party": party, "phase": phase}
        Path("said.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
        tried = json.loads(callaudit("lexicon", "try", line["text"], "--json", "--party", party, "--phase", phase).out)

        (seen,) = tried.pop("lexicon")
        assert tried == json.loads(callaudit("score", "said.jsonl", "--json").out)
        assert seen["outcome"] == ("not_judged" if party == "customer" else "counts")

    @pytest.mark.parametrize(
        ("text", "matched", "outcome", "by"),
        [
            ("你这个神经病", "个神经病", "counts", ""),
            ("您不知道", "不知道", "adds_weight", ""),
            ("他骂我神经病", "神经病", "reported_speech", ""),
            ("我真是个神经病", "个神经病", "about_self", ""),
            ("治神经病挂哪科", "神经病", "unless", "治[个]神经病"),
            ("贱仁！", "贱仁", "counts", ""),
        ],
    )
    def test_what_the_lexicon_saw_is_told_with_what_became_of_it(
        self, text: str, matched: str, outcome: str, by: str
    ) -> None:
        (seen,) = json.loads(callaudit("lexicon", "try", text, "--json").out)["lexicon"]

        assert (seen["matched"], seen["outcome"], seen["by"]) == (matched, outcome, by)
        assert text[seen["start"] : seen["end"]] == matched

    @pytest.mark.parametrize(("party", "told"), [("agent", "below_threshold"), ("customer", "not_judged")])
    def test_an_entry_that_flagged_nothing_is_said_to_count_nothing(self, party: str, told: str) -> None:
        matcher = assembly.build_matcher(load_settings(None, {"lexicon": {"folder": Path("own")}}))
        (seen,) = matcher.explain("贱人")
        verdict = TextVerdict(text="贱人", party=Party(party), phase=Phase.BEFORE_HANGUP, findings=(), score=0.4)

        assert outcome(seen, verdict) == told

    def test_a_refusal_reads_as_one_line(self) -> None:
        ran = callaudit("lexicon", "try", "贱人民路", "--lang", "en")

        assert ran.out.splitlines() == ["insult.jianren  “贱人”  by characters  not counted: cuts “人民”"]

    def test_the_overlay_is_tried(self) -> None:
        assert "mockery.zhenxian" in callaudit("lexicon", "try", "您可真闲", "--overlay", "site.toml").out

    def test_control_characters_do_not_reach_the_terminal(self) -> None:
        assert "\x1b" not in callaudit("lexicon", "try", "神经\x1b病，贱\x1b人，难缠\x1b").out
