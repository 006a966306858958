from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest

from callaudit.domain.analysis import CallOutcome, JudgedCall, Warn
from callaudit.domain.findings import Category, OpenLineEvidence
from callaudit.domain.spans import TimeSpan
from callaudit.errors import StorageError
from callaudit.reports.clips import Clip, no_clips
from callaudit.reports.html_report import TEMPLATES, make_environment, write_html
from callaudit.reports.wording import Lang
from tests.builders import make_acoustics, make_analysis, make_finding, make_hangup, make_judged, make_utterance
from tests.reports.hostile import POLYGLOT, hostile_call, hostile_failure
from tests.reports.origin_case import clean_call, failed_call, origin_call

MADE_AT = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
NIGHT: tuple[CallOutcome, ...] = (origin_call(), clean_call(), failed_call())


def one_clip(judged: JudgedCall) -> tuple[Clip, ...]:
    return (Clip(TimeSpan(32_500, 55_000), b"ID3 audio"),)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


def written(path: Path, *outcomes: CallOutcome, lang: Lang = "zh", audio: bool = False) -> str:
    write_html(path, lambda: iter(outcomes), lang=lang, generated_at=MADE_AT, clips=one_clip if audio else no_clips)
    return path.read_text(encoding="utf-8")


class Page(HTMLParser):
    """Tags with their attributes, and the text outside style and script."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": []}
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag if tag in self.raw else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        (self.raw[self._inside] if self._inside else self.words).append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def having(self, name: str, value: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.tags if value in (attrs.get(name) or "").split()]


def test_the_head_counts_calls_findings_and_failures(path: Path) -> None:
    text = Page(written(path, *NIGHT)).text
    assert "3 通话 1 疑似问题通话 3 疑似问题 3 发生在挂机后 1 未能处理" in text
    assert "辱骂 2" in text
    assert "致命 2" in text
    assert "生成时间 2026-11-21 14:30:00+08:00" in text


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5))])
def test_every_time_of_day_is_of_one_zone_and_names_its_offset(path: Path, zone: timezone) -> None:
    judged = origin_call()
    record = judged.analysis.call.record
    assert record is not None
    assert record.recording_start_at is not None
    there = replace(record, recording_start_at=record.recording_start_at.astimezone(zone))
    judged = replace(judged, analysis=replace(judged.analysis, call=replace(judged.analysis.call, record=there)))
    text = Page(written(path, judged)).text
    assert re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d\S*", text) == [
        "2026-11-21 14:30:00+08:00",
        "2026-11-20 14:03:07+08:00",
    ]


def test_a_failed_call_is_told_with_what_to_do(path: Path) -> None:
    chinese = Page(written(path, *NIGHT)).text
    assert "录音损坏 audio.corrupt · broken.mp3: the decoder found no sound in it 解码 从录音系统重新取回" in chinese
    english = Page(written(path, *NIGHT, lang="en")).text
    assert "Damaged audio.corrupt · broken.mp3: the decoder found no sound in it Decoding play the file" in english


def test_recordings_whose_audio_could_not_be_attached_are_given_back(path: Path) -> None:
    gone = origin_call(sha256="2" * 64)

    def clips(judged: JudgedCall) -> tuple[Clip, ...]:
        return () if judged is gone else one_clip(judged)

    outcomes = (origin_call(), gone, clean_call(), failed_call())
    silent = write_html(path, lambda: iter(outcomes), lang="zh", generated_at=MADE_AT, clips=clips)
    assert silent == (gone.analysis.call.recording.path,)


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("zh", "话单时间先后自相矛盾，未采用话单时间（customer_hangup 早于 recording_start）"),
        ("en", "its times were not used (customer_hangup lies before recording_start)"),
    ],
)
def test_a_record_that_contradicts_itself_is_told_with_its_fields(path: Path, lang: Lang, sentence: str) -> None:
    judged = origin_call()
    record = judged.analysis.call.record
    assert record is not None
    assert record.recording_start_at is not None
    wrong = replace(record, answered_at=None, customer_hangup_at=record.recording_start_at - timedelta(seconds=9))
    call = replace(judged.analysis.call, record=wrong)
    analysis = replace(judged.analysis, call=call, warnings=(Warn.RECORD_INCONSISTENT,))
    assert sentence in Page(written(path, replace(judged, analysis=analysis), lang=lang)).text


def test_the_very_words_of_a_phrase_are_marked_in_the_transcript(path: Path) -> None:
    html = written(path, origin_call())
    assert re.findall(r"<mark>(.*?)</mark>", html) == ["不要脸", "神经病"]
    assert "真是<mark>不要脸</mark>。" in html


def test_the_hangup_divides_the_transcript(path: Path) -> None:
    html = written(path, origin_call())
    before, after = html.split('<li class="divider">')
    assert "感谢您的来电，再见。" in before
    assert "哎呀终于打完了。" in after


@pytest.mark.parametrize(("at_ms", "dividers"), [(500, 1), (60_000, 1), (None, 0)])
def test_a_hangup_is_drawn_once_wherever_it_lies(path: Path, at_ms: int | None, dividers: int) -> None:
    judged = origin_call()
    hangup = None if at_ms is None else make_hangup(at_ms)
    judged = replace(judged, analysis=replace(judged.analysis, hangup=hangup))
    assert written(path, judged).count('<li class="divider">') == dividers


def test_evidence_hangup_warnings_and_reasons_are_spelled_out(path: Path) -> None:
    text = Page(written(path, origin_call())).text
    for part in (
        "命中服务禁语「不要脸」",
        "主要依据：“不要脸” +2.31",
        "挂机后 6.1 秒开口",
        "支持 话单记录：0:31.0 ±1.0 秒（客户挂机）",
        "不一致 互道结束语后客户不再讲话",
        "未执行 按话单判定挂机：没有话单",
        "识别引擎臆造的字幕套话",
        "属于结束语本身",
        "声道 1 为坐席，声道 2 为客户（按话单的声道对应）",
    ):
        assert part in text


def test_audio_plays_at_findings_and_at_the_lines_it_covers(path: Path) -> None:
    page = Page(written(path, origin_call(), audio=True))
    (audio,) = [attrs for tag, attrs in page.tags if tag == "audio"]
    assert base64.b64decode(str(audio["src"]).removeprefix("data:audio/mpeg;base64,")) == b"ID3 audio"
    assert (audio["data-start"], audio["data-end"], audio["preload"]) == ("32500", "55000", "none")
    assert [item.get("data-at") for item in page.having("class", "finding")] == ["37500", "43600", "51000"]
    assert [item.get("data-at") for item in page.having("class", "line")] == [None] * 7 + [
        "34200",
        "37500",
        "43600",
        "51000",
    ]


def test_without_audio_the_report_says_so_and_offers_no_button(path: Path) -> None:
    page = Page(written(path, origin_call()))
    assert "未附该通话的音频" in page.text
    assert not page.having("class", "play")
    assert not any(tag == "audio" for tag, _ in page.tags)


def test_clean_calls_are_folded_away_and_cut_no_audio(path: Path) -> None:
    asked: list[str] = []

    def clips(judged: JudgedCall) -> tuple[Clip, ...]:
        asked.append(judged.analysis.call.call_id)
        return ()

    write_html(path, lambda: iter(NIGHT), lang="zh", generated_at=MADE_AT, clips=clips)
    page = Page(path.read_text(encoding="utf-8"))
    (folded,) = [attrs for tag, attrs in page.tags if tag == "details" and "call" in str(attrs.get("class"))]
    assert "open" not in folded
    assert asked == [origin_call().analysis.call.call_id]


@pytest.mark.parametrize(
    ("outcomes", "text"),
    [((), "没有处理任何通话"), ((clean_call(),), "没有发现疑似问题"), ((failed_call(),), "没有处理任何通话")],
)
def test_a_night_without_findings_says_so(path: Path, outcomes: tuple[CallOutcome, ...], text: str) -> None:
    assert text in Page(written(path, *outcomes)).text


def test_calls_are_ranked_by_score_and_linked(path: Path) -> None:
    mild = replace(origin_call(sha256="2" * 64), score=12.0)
    page = Page(written(path, mild, clean_call(), origin_call()))
    rows = [attrs["data-call"] for _, attrs in page.tags if attrs.get("data-call")]
    assert rows == ["call-3", "call-1"]
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [str(attrs["href"])[1:] for tag, attrs in page.tags if tag == "a"]
    assert set(targets) <= set(ids)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_of_a_call_can_break_out(path: Path, lang: Lang) -> None:
    page = Page(written(path, hostile_call(), replace(hostile_call(), findings=()), hostile_failure(), lang=lang))
    clean = Page(written(path, origin_call(), replace(origin_call(), findings=()), failed_call(), lang=lang))
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in clean.tags}
    assert not any(name.startswith("on") or name == "style" for _, attrs in page.tags for name in attrs)
    assert page.raw == clean.raw
    assert "alert(1)" in page.text
    assert "{{7*7}}" in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", path.read_text(encoding="utf-8"))


def test_every_hostile_text_is_still_shown(path: Path) -> None:
    shown = Page(written(path, hostile_call(), hostile_failure())).text
    assert shown.count("<svg/onload=alert(1)>") > 30
    assert "\x1b" in POLYGLOT
    assert "\x1b" not in shown


def test_nothing_is_loaded_from_anywhere(path: Path) -> None:
    page = Page(written(path, *NIGHT, audio=True))
    for _, attrs in page.tags:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert not attrs.get(name) or str(attrs[name]).startswith(("#", "data:audio/mpeg;base64,"))
    assert "url(" not in page.raw["style"][0]
    assert "@import" not in page.raw["style"][0]


def test_the_policy_lets_in_exactly_the_pages_own_style_and_script(path: Path) -> None:
    page = Page(written(path, *NIGHT))
    (policy,) = [
        str(attrs["content"]) for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (text,) = page.raw[kind]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    first_tags = [tag for tag, _ in page.tags]
    assert first_tags.index("meta") < first_tags.index("style")


def test_the_same_night_makes_the_same_file(path: Path) -> None:
    assert written(path, *NIGHT, audio=True) == written(path, *NIGHT, audio=True)


def test_calls_are_held_one_at_a_time(path: Path) -> None:
    alive = most = 0

    class Watched(list[int]):
        def __init__(self) -> None:
            nonlocal alive, most
            alive += 1
            most = max(most, alive)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def outcomes() -> Iterator[CallOutcome]:
        for number in range(20):
            judged = origin_call(sha256=f"{number:064x}")
            watched: list[int] = Watched()
            yield replace(judged, not_run=_KeepsAlive(watched))  # type: ignore[arg-type]
            del judged, watched

    write_html(path, outcomes, lang="zh", generated_at=MADE_AT)
    assert most <= 3


class _KeepsAlive(tuple[object, ...]):
    """A tuple that looks empty and holds something, to see how long a call is kept."""

    def __new__(cls, watched: object) -> _KeepsAlive:
        made = super().__new__(cls, ())
        made.watched = watched  # type: ignore[attr-defined]
        return made


def test_a_failing_source_leaves_no_file(path: Path) -> None:
    def outcomes() -> Iterator[CallOutcome]:
        yield origin_call()
        raise StorageError("the database is gone", code="storage.failed", hint="look")

    with pytest.raises(StorageError, match="gone"):
        write_html(path, outcomes, lang="zh", generated_at=MADE_AT)
    assert list(path.parent.iterdir()) == []


def test_templates_escape_and_refuse_unknown_names() -> None:
    environment = make_environment()
    assert environment.from_string("{{ x }}").render(x="<b>\x1b") == "&lt;b&gt;\ufffd"
    with pytest.raises(jinja2.UndefinedError):
        environment.from_string("{{ nothing }}").render()


def test_every_template_is_html_and_none_turns_escaping_off() -> None:
    templates = [path for path in TEMPLATES.iterdir() if path.suffix not in (".css", ".js")]
    assert templates
    for template in templates:
        assert template.suffix == ".html"
        assert not re.search(r"\|\s*safe|autoescape|Markup", template.read_text(encoding="utf-8"))


def test_doubtful_recognition_is_marked(path: Path) -> None:
    sure, unsure = make_utterance("您好", avg_logprob=-0.3), make_utterance("嗯嗯", avg_logprob=-1.3, index=1)
    html = written(path, make_judged(analysis=make_analysis((sure, unsure))))
    assert html.count('class="doubt"') == 1


def contrast(first: str, second: str) -> float:
    """Ratio of two colours `#rrggbb`, as the WCAG defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", ["minor", "major", "critical", "agent", "customer", "unknown", "system"])
def test_colours_can_be_told_from_their_ground(name: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (TEMPLATES / "report.css").read_text(encoding="utf-8")))
    for ground in (colours[f"{name}-paper"], colours["paper"]):
        assert contrast(colours[name], ground) >= 4.5
    for paper in ("minor-paper", "major-paper", "critical-paper", "agent-paper", "ground", "paper"):
        assert contrast(colours["ink"], colours[paper]) >= 4.5
        assert contrast(colours["soft"], colours[paper]) >= 4.5


def ending(quiet_ms: int, *, talks: bool = True) -> JudgedCall:
    """A goodbye at ten seconds, perhaps a remark, and the line open for so long after the last sentence."""
    said = (make_utterance("再见", start_ms=9_600), *((make_utterance("总算走了", start_ms=12_000, index=1),) * talks))
    duration_ms = said[-1].span.end_ms + quiet_ms
    acoustics = make_acoustics(said, duration_ms=duration_ms)
    return make_judged(said, analysis=make_analysis(said, hangup=make_hangup(10_000), acoustics=acoustics))


@pytest.mark.parametrize(
    ("quiet_ms", "lang", "verdict"),
    [
        (1_000, "zh", "最后一句话（0:12.8）到录音结束 1.0 秒，不会报警；计时从挂机后的那句话重新开始"),
        (10_000, "zh", "到录音结束 10.0 秒，会报挂机过晚，但说不出讲了什么；计时从挂机后的那句话重新开始"),
        (4_000, "en", "the recording, 4.0 s: it stays silent; what was said after the hang-up has reset it"),
        (10_000, "en", "the recording, 10.0 s: it flags a late hang-up and names no words; what was said"),
    ],
)
def test_beside_the_hangup_stands_what_a_timer_would_have_said(
    path: Path, quiet_ms: int, lang: Lang, verdict: str
) -> None:
    page = Page(written(path, ending(quiet_ms), lang=lang))
    assert len(page.having("class", "timer")) == 1
    assert verdict in page.text


def test_a_timer_that_nothing_reset_is_not_said_to_be(path: Path) -> None:
    text = Page(written(path, ending(6_000, talks=False))).text
    assert "到录音结束 6.0 秒，会报挂机过晚" in text
    assert "重新开始" not in text


def test_without_a_hangup_no_timer_is_compared(path: Path) -> None:
    assert Page(written(path, clean_call())).having("class", "timer") == []


OPEN_LINE = make_finding(
    category=Category.LATE_HANGUP,
    detector="late_hangup",
    quote="",
    utterances=(),
    evidence=(OpenLineEvidence(over_at_ms=10_000, open_ms=9_000, limit_ms=5_000, uncertainty_ms=300),),
)


def test_a_late_hangup_is_told_without_a_quote(path: Path) -> None:
    page = Page(written(path, replace(ending(6_200), findings=(OPEN_LINE,))))
    assert "非正常挂机 1" in page.text
    assert "对话于 0:10.0 结束，之后线路仍开 9.0 秒" in page.text
    assert "blockquote" not in {tag for tag, _ in page.tags}


def test_an_optional_rule_that_found_nothing_is_not_shown_as_looked_for(path: Path) -> None:
    assert "非正常挂机 0" not in Page(written(path, *NIGHT)).text
