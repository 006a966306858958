"""The maker of the sample calls, with a hum in place of espeak-ng."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from samples.make.formats import FFMPEG, SOUNDFILE, write, write_corrupt
from samples.make.line import mix
from samples.make.records import record_row
from samples.make.scenario import Scenario, Voice, read_scenario, read_scenarios
from samples.make.timeline import lay_out
from samples.make.truth import truth_of
from samples.make.voice import LINE_HZ, MARGIN_MS, pinyin, speak, trim

from callaudit.evaluation.truth import read_truths
from callaudit.resources import bundled

HEAD = """
title = "a call"
format = "wav-pcm"
agent = { voice = "f1", speed = 160, pitch = 50 }
customer = { voice = "m1", speed = 160, pitch = 50 }
"""


def hum(text: str, voice: Voice) -> NDArray[np.float32]:
    """200 ms a character."""
    t = np.arange(len(text) * LINE_HZ // 5) / LINE_HZ
    return np.pad(0.4 * np.sin(2 * np.pi * 700 * t), MARGIN_MS * LINE_HZ // 1000).astype(np.float32)


def scenario(folder: Path, body: str, head: str = HEAD) -> Scenario:
    path = folder / "call.toml"
    path.write_text(head + body, encoding="utf-8")
    return read_scenario(path)


def test_turns_follow_each_other_with_the_pauses_written(tmp_path: Path) -> None:
    call = scenario(
        tmp_path,
        'turns = [{ agent = "您好" }, { customer = "你好", pause_ms = 500 }, { agent = "请讲", pause_ms = -100 }]',
    )
    timeline = lay_out(call, hum)
    assert [(said.start_ms, said.end_ms) for said in timeline.spoken] == [(600, 1000), (1500, 1900), (1800, 2200)]
    assert timeline.duration_ms == 3200


def test_pauses_that_are_not_written_are_drawn_but_always_the_same(tmp_path: Path) -> None:
    call = scenario(tmp_path, 'turns = [{ agent = "您好" }, { customer = "你好" }, { agent = "请讲" }]')
    first, second = lay_out(call, hum), lay_out(call, hum)
    assert [said.start_ms for said in first.spoken] == [said.start_ms for said in second.spoken]
    gap_ms = first.spoken[1].start_ms - first.spoken[0].end_ms
    assert 350 <= gap_ms <= 1000


def test_rude_words_after_the_hangup_are_two_findings(tmp_path: Path) -> None:
    call = scenario(
        tmp_path,
        """turns = [
          { customer = "再见" },
          { event = "hangup", by = "nobody", kind = "closing" },
          { agent = "真是的", pause_ms = 1000 },
          { agent = "不要脸的人", pause_ms = 100, rude = "insult", quote = "不要脸" },
        ]""",
    )
    truth = truth_of(call, lay_out(call, hum))
    assert truth["hangup"] == {"at_ms": 1000, "by": "nobody", "kind": "closing"}
    assert [(row["category"], row["start_ms"], row["end_ms"], row["quote"]) for row in truth["findings"]] == [
        ("post_hangup", 2000, 3700, "真是的，不要脸的人"),
        ("insult", 2700, 3700, "不要脸"),
    ]
    assert {row["phase"] for row in truth["findings"]} == {"after_hangup"}


@pytest.mark.parametrize(("layout", "channels"), [("stereo", 2), ("mono", 1), ("upmixed", 2)])
def test_layouts(tmp_path: Path, layout: str, channels: int) -> None:
    call = scenario(tmp_path, f'layout = "{layout}"\nturns = [{{ agent = "您好" }}, {{ customer = "你好" }}]')
    sound = mix(call, lay_out(call, hum))
    assert (sound.channels, sound.frame_rate) == (channels, LINE_HZ)


def test_an_aside_is_quieter(tmp_path: Path) -> None:
    call = scenario(tmp_path, 'turns = [{ agent = "您好" }, { agent = "你好", pause_ms = 500, aside = true }]')
    agent = mix(call, lay_out(call, hum)).split_to_mono()[0]
    assert agent[600:1000].dBFS - agent[1500:1900].dBFS == pytest.approx(7, abs=0.3)


def test_after_the_customer_has_hung_up_the_channel_is_dead(tmp_path: Path) -> None:
    hangup = '{ event = "hangup", by = "customer", kind = "call_record" }'
    call = scenario(tmp_path, f'turns = [{{ customer = "你好" }}, {hangup}, {{ agent = "喂" }}]')
    customer = mix(call, lay_out(call, hum)).split_to_mono()[1]
    assert customer[1010:].max == 0
    assert customer[:590].max > 0


@pytest.mark.parametrize("format_name", [*SOUNDFILE, *FFMPEG])
def test_the_same_call_gives_the_same_bytes_in_every_format(tmp_path: Path, format_name: str) -> None:
    layout = "mono" if format_name in ("wav-gsm", "amr") else "stereo"
    call = scenario(tmp_path, f'layout = "{layout}"\nturns = [{{ agent = "您好" }}]')
    paths = [write(mix(call, lay_out(call, hum)), tmp_path, name, format_name) for name in ("one", "two")]
    one, two = (path.read_bytes() for path in paths)
    assert one == two
    assert len(one) > 1000


def test_the_corrupt_file_looks_like_a_flac_and_is_the_same_every_time(tmp_path: Path) -> None:
    path = write_corrupt(tmp_path, "corrupt", "flac")
    assert path.read_bytes().startswith(b"fLaC")
    assert path.read_bytes() == (bundled("samples") / "corrupt.flac").read_bytes()


def test_a_record_is_as_exact_as_its_start(tmp_path: Path) -> None:
    hangup = '{ event = "hangup", by = "customer", kind = "call_record", pause_ms = 250 }'
    for start, exact in (("2026-03-02T09:15:20+08:00", "09:15:21+08:00"), ("2026-03-02T09:15:20.100+08:00", ".350+08")):
        record = f'\n[record]\nstart = "{start}"\nagent_id = "7"\nqueue = "q"\n'
        call = scenario(tmp_path, f'turns = [{{ customer = "你好" }}, {hangup}]{record}')
        row = record_row(call, lay_out(call, hum), "call.wav")
        assert row is not None
        assert exact in row["customer_hangup"]
        assert row["hangup_by"] == "customer"
        assert datetime.fromisoformat(row["end"]) >= datetime.fromisoformat(row["customer_hangup"])


@pytest.mark.parametrize(
    "body",
    [
        'turns = [{ boss = "您好" }]',
        'turns = [{ agent = "您好", customer = "你好" }]',
        'turns = [{ event = "hangup", by = "nobody", kind = "magic" }]',
        'layout = "quadrophonic"\nturns = []',
        'shape = "S9"\nturns = []',
        "colour = 1",
        'turns = [{ agent = "您好", loud = true }]',
    ],
)
def test_a_scenario_with_a_slip_is_refused(tmp_path: Path, body: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        scenario(tmp_path, body)


def test_silence_is_trimmed_and_nothing_else() -> None:
    for silence in (0, 4000):
        trimmed = trim(np.pad(np.array([0.001, 0.5, 0, 0.5, 0.001], dtype=np.float32), silence))
        margin = MARGIN_MS * LINE_HZ // 1000
        assert trimmed[margin : margin + 3].tolist() == [0.5, 0, 0.5]
        assert len(trimmed) == margin + 3 + margin
    with pytest.raises(ValueError, match="nothing"):
        trim(np.zeros(10, dtype=np.float32))


def test_pinyin_knows_tone_sandhi() -> None:
    assert pinyin("你好") == "ni2 hao3"
    assert pinyin("不要") == "bu2 yao4"


def test_every_scenario_has_its_recording_and_truth() -> None:
    assert {path.stem for path in read_truths(bundled("samples"))} == {scenario.name for scenario in read_scenarios()}


def test_the_truth_beside_the_recordings_says_what_the_scenarios_say() -> None:
    truths = {path.stem: truth for path, truth in read_truths(bundled("samples")).items()}
    for call in read_scenarios():
        words = [turn.text for turn in call.turns if hasattr(turn, "text")]
        assert sorted(said.text for said in truths[call.name].utterances) == sorted(words)


def test_the_truth_beside_the_recordings_is_labelled_as_the_scenarios_are() -> None:
    truths = {path.stem: truth for path, truth in read_truths(bundled("samples")).items()}
    for call in read_scenarios():
        labels = truths[call.name].labels
        assert call.corrupt or labels["shape"] == call.shape
        assert labels.get("tail", "") == call.tail
        assert (labels.get("shape") == "innocent") == bool(call.tail)


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_espeak_speaks_in_a_telephone_band() -> None:
    samples = speak("您好请讲", Voice("f2", 170, 50))
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / LINE_HZ)
    assert 0.5 < len(samples) / LINE_HZ < 2.5
    assert spectrum[(hertz < 200) | (hertz > 3700)].sum() < 0.02 * spectrum.sum()
