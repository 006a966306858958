from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import pytest

import callaudit
import callaudit.domain
from callaudit.detectors.confidence import CONTEXT_WEIGHTS
from callaudit.domain.analysis import NotRun
from callaudit.domain.calls import PartyBasis
from callaudit.domain.findings import (
    Category,
    ClassifierEvidence,
    ContextEvidence,
    Evidence,
    LexiconEvidence,
    MatchPath,
    OnHoldEvidence,
    OpenLineEvidence,
    PostHangupEvidence,
)
from callaudit.domain.hangups import EndShape, HangupBy, HangupEvidence, HangupSource
from callaudit.domain.holds import Hold, HoldSource
from callaudit.domain.spans import CharSpan, TimeSpan
from callaudit.reports.wording.keys import (
    ERRORS,
    FACTS,
    FAMILIES,
    NOT_RUN,
    STAGES,
    error_label,
    error_remedy,
    fact_label,
    stage_label,
)
from callaudit.reports.wording.labels import LABELS, Lang, Text, label
from callaudit.reports.wording.page import PAGE
from callaudit.reports.wording.sentences import (
    evidence_sentence,
    hangup_sentence,
    not_run_sentence,
    parties_sentence,
    witness_sentence,
)
from tests.builders import make_call, make_hangup

HAN = re.compile(r"[\u4e00-\u9fff]")
SOURCE = Path(callaudit.__file__).parent


def domain_enums() -> list[type[StrEnum]]:
    modules = [
        importlib.import_module(f"callaudit.domain.{m.name}") for m in pkgutil.iter_modules(callaudit.domain.__path__)
    ]
    found = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    return sorted(
        (kind for kind in found if issubclass(kind, StrEnum) and kind is not StrEnum), key=lambda k: k.__name__
    )


@pytest.mark.parametrize("kind", domain_enums(), ids=lambda kind: kind.__name__)
def test_every_member_of_every_enum_has_a_name_in_both_languages(kind: type[StrEnum]) -> None:
    assert list(LABELS[kind]) == list(kind)
    for member in kind:
        assert HAN.search(label(member, "zh"))
        assert not HAN.search(label(member, "en"))


@pytest.mark.parametrize(
    "texts",
    [PAGE, NOT_RUN, STAGES, FACTS, FAMILIES, {code: trouble.what for code, trouble in ERRORS.items()}],
    ids=["page", "not_run", "stages", "facts", "families", "errors"],
)
def test_every_text_is_in_both_languages(texts: dict[str, Text]) -> None:
    for text in texts.values():
        assert HAN.search(text.zh)
        assert text.en
        assert not HAN.search(text.en)


def test_every_circumstance_that_detectors_weigh_has_words() -> None:
    assert CONTEXT_WEIGHTS.keys() <= FACTS.keys()


def codes_of(*kinds: str) -> set[str]:
    """Codes given to the errors of these kinds anywhere in the program."""
    codes = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                codes |= {k.value.value for k in node.keywords if k.arg == "code" and isinstance(k.value, ast.Constant)}
    return codes


def test_every_code_that_a_call_can_fail_with_has_words() -> None:
    codes = codes_of("AudioError", "FetchError", "CallRecordError", "TranscriptionError", "CallError")
    assert len(codes) > 10
    assert codes <= ERRORS.keys()


def test_every_stage_that_is_noted_as_not_run_has_words() -> None:
    text = (SOURCE / "pipeline.py").read_text(encoding="utf-8")
    noted = re.findall(r'NotRun\(f?"([^"]+)", "([^"]+)"\)', text)
    assert noted
    for stage, reason in noted:
        assert "{" in stage or stage in STAGES
        assert reason in NOT_RUN


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("audio.empty", "空文件", "Empty file"),
        ("audio.novel", "录音问题", "Recording"),
        ("novel.thing", "novel.thing", "novel.thing"),
    ],
)
def test_an_error_code_is_put_into_words_as_far_as_they_reach(code: str, zh: str, en: str) -> None:
    assert (error_label(code, "zh"), error_label(code, "en")) == (zh, en)


def test_a_remedy_without_chinese_words_is_the_hint_of_the_error() -> None:
    assert error_remedy("novel.thing", "look at it", "zh") == "look at it"
    assert HAN.search(error_remedy("audio.empty", "fetch it again", "zh"))
    assert error_remedy("audio.empty", "fetch it again", "en") == "fetch it again"


def test_a_key_without_words_is_shown_as_it_is() -> None:
    assert fact_label("full_moon", "zh") == "full_moon"
    assert stage_label("astrology", "en") == "astrology"


LEXICON = LexiconEvidence(
    entry_id="insult.buyaolian", phrase="不要脸", matched="不要脸", chars=CharSpan(0, 3), lexicon="2026.11"
)
BY_SOUND = LexiconEvidence(
    entry_id="own-7", phrase="傻逼", matched="沙比", chars=CharSpan(0, 2), lexicon="2026.11", path=MatchPath.SOUND
)
CLASSIFIER = ClassifierEvidence(
    model="rude 3", label=Category.INSULT, score=0.934, threshold=0.8, features=(("不要脸", 2.314), ("您", -0.5))
)
LATE = PostHangupEvidence(
    hangup_at_ms=31_400,
    uncertainty_ms=600,
    delay_ms=3_240,
    speech_ms=4_100,
    sources=(HangupSource.CALL_RECORD, HangupSource.TONE),
)
OPEN = OpenLineEvidence(over_at_ms=21_100, open_ms=17_300, limit_ms=5_000, uncertainty_ms=300)

WAITING = OnHoldEvidence(hold=Hold(TimeSpan(31_400, 52_000), HoldSource.MUSIC, 1000), speech_ms=4_100)


@pytest.mark.parametrize(
    ("evidence", "lang", "sentence"),
    [
        (LEXICON, "zh", "命中服务禁语「不要脸」，原文“不要脸”（词条 insult.buyaolian，辱骂，词库 2026.11）"),
        (
            LEXICON,
            "en",
            "Forbidden phrase 「不要脸」, heard as “不要脸” (entry insult.buyaolian, insult, lexicon 2026.11)",
        ),
        (BY_SOUND, "zh", "读音与服务禁语一致：「傻逼」，原文“沙比”（词条 own-7，词库 2026.11）"),
        (CLASSIFIER, "zh", "分类模型 rude 3 判为辱骂，得分 0.93，阈值 0.80，主要依据：“不要脸” +2.31、“您” -0.50"),
        (LATE, "zh", "挂机后 3.2 秒开口，讲话 4.1 秒（挂机时间 0:31.4 ±0.6 秒，依据：话单、挂机信号音）"),
        (
            replace(LATE, shape=EndShape.OPEN_LINE),
            "zh",
            "挂机后 3.2 秒开口，讲话 4.1 秒（挂机时间 0:31.4 ±0.6 秒，依据：话单、挂机信号音）；线路未挂断",
        ),
        (
            replace(LATE, sources=(), shape=EndShape.CUSTOMER_LEFT),
            "en",
            "Begins 3.2 s after the hang-up, 4.1 s of speech (hang-up at 0:31.4 ±0.6 s, from: -); "
            "customer gone, agent's leg still recorded",
        ),
        (
            LATE,
            "en",
            "Begins 3.2 s after the hang-up, 4.1 s of speech (hang-up at 0:31.4 ±0.6 s, "
            "from: call record, disconnect tone)",
        ),
        (OPEN, "zh", "对话于 0:21.1 结束，之后线路仍开 17.3 秒 ±0.3 秒，直到录音结束；上限 5.0 秒"),
        (
            OPEN,
            "en",
            "The conversation was over at 0:21.1, the line stayed open for 17.3 s ±0.3 s, to the end of the recording; "
            "the limit is 5.0 s",
        ),
        (
            replace(OPEN, ended_by=HangupSource.TONE),
            "zh",
            "对话于 0:21.1 结束，之后线路仍开 17.3 秒 ±0.3 秒，直到挂断（依据：挂机信号音）；上限 5.0 秒",
        ),
        (WAITING, "zh", "客户在保持或静音中，坐席讲话 4.1 秒（0:31.4 – 0:52.0，依据：等待音乐）"),
        (WAITING, "en", "Customer on hold or muted, 4.1 s of speech (0:31.4 – 0:52.0, from: hold music)"),
        (ContextEvidence(fact="apology_nearby", weight=-0.15), "zh", "前后有道歉（降低把握 0.15）"),
        (
            ContextEvidence(fact="within_uncertainty", weight=-0.15),
            "zh",
            "离挂机太近，可能在挂机之前（降低把握 0.15）",
        ),
        (ContextEvidence(fact="full_moon", weight=0.1), "en", "Full_moon (adds 0.10)"),
    ],
)
def test_evidence_is_spelled_out(evidence: Evidence, lang: Lang, sentence: str) -> None:
    assert evidence_sentence(evidence, lang) == sentence


@pytest.mark.parametrize(
    ("by", "lang", "sentence"),
    [
        (HangupBy.CUSTOMER, "zh", "0:10.0 ±0.5 秒，客户挂机，可信度 90%"),
        (HangupBy.NOBODY, "zh", "0:10.0 ±0.5 秒，无人挂机，可信度 90%"),
        (HangupBy.SYSTEM, "en", "0:10.0 ±0.5 s, a machine ended the call, confidence 90%"),
        (None, "zh", "0:10.0 ±0.5 秒，挂机方不详，可信度 90%"),
        (HangupBy.AGENT, "en", "0:10.0 ±0.5 s, agent hung up, confidence 90%"),
    ],
)
def test_the_hangup_is_told_with_its_uncertainty(by: HangupBy | None, lang: Lang, sentence: str) -> None:
    assert hangup_sentence(make_hangup(by=by), lang) == sentence


@pytest.mark.parametrize(
    ("source", "detail", "lang", "part"),
    [
        (
            HangupSource.TONE,
            "frequency_hz=449 cycles=3",
            "zh",
            "线路上的挂机信号音：0:31.0 ±1.0 秒（449 Hz，3 个周期）",
        ),
        (HangupSource.TONE, "kind=busy frequency_hz=449 cycles=3", "zh", "（忙音，449 Hz，3 个周期）"),
        (HangupSource.TONE, "kind=howler frequency_hz=949", "en", "(howler tone, 949 Hz)"),
        (HangupSource.CALL_RECORD, "event=customer_hangup", "zh", "话单记录：0:31.0 ±1.0 秒（客户挂机事件）"),
        (HangupSource.CLOSING, "goodbyes=both line_open_ms=4200", "zh", "（双方道别，此后线路仍开 4.2 秒）"),
        (HangupSource.CLOSING, "goodbyes=agent silent_caller=1", "en", "(the agent said goodbye, the customer had"),
        (HangupSource.TONE, "moon=full odd", "en", "(moon=full, odd)"),
        (
            HangupSource.LINE,
            "change=digital_silence before_dbfs=-58 after_dbfs=-100",
            "zh",
            "客户声道的线路变化：0:31.0 ±1.0 秒（变为数字静音，此前背景 -58 dBFS，此后 -100 dBFS）",
        ),
        (
            HangupSource.LINE,
            "change=floor before_dbfs=-58 after_dbfs=-71",
            "en",
            "changed for good: 0:31.0 ±1.0 s (another background noise from here on, background -58 dBFS before,",
        ),
        (HangupSource.PROMPT, "prompt=survey", "zh", "系统语音：0:31.0 ±1.0 秒（满意度调查开始）"),
        (HangupSource.PROMPT, "prompt=announcement", "en", "(a mailbox or an announcement of the network)"),
        (
            HangupSource.TALK,
            "about_caller=2 fainter_db=6 laughter=1",
            "zh",
            "（议论客户的话 2 段，声音比平时轻 6 dB，有笑声）",
        ),
        (HangupSource.TALK, "about_caller=1 fainter_db=6", "en", "(times the caller is talked about: 1, 6 dB fainter"),
        (HangupSource.LINE, "change={moon} before_dbfs={0}", "en", "(change={moon}, background {0} dBFS before)"),
    ],
)
def test_a_witness_says_what_it_heard(source: HangupSource, detail: str, lang: Lang, part: str) -> None:
    witness = HangupEvidence(source=source, at_ms=31_000, uncertainty_ms=1000, confidence=0.9, detail=detail)
    assert part in witness_sentence(witness, lang)


def test_parties_are_told_by_channel_from_one() -> None:
    assert parties_sentence(make_call(), "zh") == "声道 1 为坐席，声道 2 为客户（按设置的声道对应）"
    assert parties_sentence(make_call(mixed=True), "en") == label(PartyBasis.MIXED, "en")


@pytest.mark.parametrize(
    ("stage", "reason", "lang", "sentence"),
    [
        ("post_hangup", "no_hangup_evidence", "zh", "挂机后讲话检测：找不到挂机时间的依据"),
        ("transcribe", "no_speech_found", "zh", "转写：录音中没有检测到人声"),
        ("transcribe", "no_speech_found", "en", "Transcription: no speech was found in the recording"),
        ("detect", "no_words", "zh", "问题检测：有人声，但没有识别出任何内容"),
        ("detect", "no_words", "en", "Detection: there is speech, but no words were recognised"),
    ],
)
def test_what_did_not_run_is_told_with_the_reason(stage: str, reason: str, lang: Lang, sentence: str) -> None:
    assert not_run_sentence(NotRun(stage, reason), lang) == sentence
