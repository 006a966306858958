from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from callaudit.audio.clips import ClipMaker, levelled
from callaudit.domain.spans import TimeSpan
from callaudit.domain.waveform import Waveform
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings
from tests.audio.sounds import decode, loudest_hz
from tests.builders import tone


@pytest.fixture(scope="module")
def maker() -> ClipMaker:
    return ClipMaker(AudioSettings())


def _wave(*channels: np.ndarray) -> Waveform:
    return Waveform(np.stack(channels))


def _heard(mp3: bytes, folder: Path) -> Waveform:
    path = folder / "clip.mp3"
    path.write_bytes(mp3)
    return decode(path)[1]


def test_a_clip_holds_the_span_with_parties_on_their_channels(maker: ClipMaker, tmp_path: Path) -> None:
    change = np.concatenate([tone(300, 2), tone(700, 2)])
    clip = _heard(maker.clip(_wave(change, tone(1200, 4)), TimeSpan(2000, 3500)), tmp_path)

    assert clip.channels == 2
    assert clip.duration_ms == pytest.approx(1500, abs=150)
    assert loudest_hz(clip.samples[0]) == pytest.approx(700, abs=10)
    assert loudest_hz(clip.samples[1]) == pytest.approx(1200, abs=10)


def test_a_mono_clip_is_small(maker: ClipMaker, tmp_path: Path) -> None:
    mp3 = maker.clip(_wave(tone(440, 10)), TimeSpan(0, 8000))

    assert len(mp3) < 26_000
    assert _heard(mp3, tmp_path).channels == 1


def test_each_party_is_brought_to_the_same_level(maker: ClipMaker, tmp_path: Path) -> None:
    wave = _wave(tone(440, 2, level=0.5), tone(900, 2, level=0.1))

    clip = _heard(maker.clip(wave, TimeSpan(0, 2000)), tmp_path)

    peaks = np.percentile(np.abs(clip.samples[:, 4000:20_000]), 99, axis=1) / 32768
    assert peaks == pytest.approx([0.89, 0.89], abs=0.06)


def test_line_noise_is_not_made_a_roar(maker: ClipMaker, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(-20, 21, 32_000).astype(np.int16)

    clip = _heard(maker.clip(_wave(tone(440, 2), noise), TimeSpan(0, 2000)), tmp_path)

    assert np.abs(clip.samples[1]).max() < 0.05 * 32768


def test_silence_on_one_channel_stays_silence(maker: ClipMaker, tmp_path: Path) -> None:
    clip = _heard(maker.clip(_wave(tone(440, 1), np.zeros(16_000, np.int16)), TimeSpan(0, 1000)), tmp_path)

    assert np.abs(clip.samples[1].astype(int)).max() < 40


def test_more_than_two_channels_are_mixed_so_that_all_are_heard(maker: ClipMaker, tmp_path: Path) -> None:
    clip = _heard(maker.clip(_wave(tone(400, 1), tone(800, 1), tone(1600, 1)), TimeSpan(0, 1000)), tmp_path)

    spectrum = np.abs(np.fft.rfft(clip.samples[0][1000:15_000]))
    heard = {round(at * 16_000 / 14_000, -1) for at in np.argsort(spectrum)[-3:]}
    assert clip.channels == 1
    assert heard == {400, 800, 1600}
    assert np.abs(clip.samples).max() < 32_767


def test_a_span_beyond_the_end_is_cut(maker: ClipMaker, tmp_path: Path) -> None:
    clip = _heard(maker.clip(_wave(tone(440, 2)), TimeSpan(1000, 9000)), tmp_path)

    assert clip.duration_ms == pytest.approx(1000, abs=150)


@pytest.mark.parametrize("span", [TimeSpan(5000, 6000), TimeSpan(500, 500)])
def test_a_clip_of_nothing_is_an_error(maker: ClipMaker, span: TimeSpan) -> None:
    with pytest.raises(AudioError) as caught:
        maker.clip(_wave(tone(440, 1)), span)

    assert caught.value.code == "audio.clip"


@pytest.mark.parametrize("length_ms", [1, 3, 9, 20])
def test_very_short_clips_can_be_made(maker: ClipMaker, length_ms: int) -> None:
    assert maker.clip(_wave(tone(440, 1)), TimeSpan(100, 100 + length_ms))


def test_edges_are_soft(maker: ClipMaker) -> None:
    from callaudit.audio.clips import _segment

    wave = Waveform(np.full((1, 16_000), 10_000, np.int16))
    samples = np.frombuffer(levelled(_segment(wave.samples[0], wave)).raw_data, np.int16)

    assert abs(int(samples[0])) < 500
    assert abs(int(samples[-1])) < 500
    assert samples[8000] == pytest.approx(0.89 * 32768, rel=0.01)


def test_the_same_clip_twice_is_the_same_bytes(maker: ClipMaker) -> None:
    wave = _wave(tone(440, 1), tone(600, 1))

    assert maker.clip(wave, TimeSpan(100, 900)) == maker.clip(wave, TimeSpan(100, 900))


def test_samples_that_are_not_contiguous_make_the_same_clip(maker: ClipMaker) -> None:
    wave = _wave(tone(440, 1), tone(600, 1))
    view = Waveform(np.ascontiguousarray(wave.samples.T).T)

    assert maker.clip(view, TimeSpan(0, 500)) == maker.clip(wave, TimeSpan(0, 500))


def test_importing_pydub_without_ffmpeg_on_the_path_warns_nobody(tmp_path: Path) -> None:
    script = "from callaudit.audio.clips import _audio_segment; print(_audio_segment().__name__)"
    environment = {"PATH": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2] / "src")}

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        check=False,
        text=True,
        env=environment,
        timeout=60,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "AudioSegment\n", "")
