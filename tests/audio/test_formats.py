from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from callaudit.domain.analysis import Warn
from callaudit.domain.waveform import SPEECH_RATE_HZ
from callaudit.settings import AudioSettings
from tests.audio.sounds import FORMATS, TONES_HZ, Format, decode, loudest_hz, strength, tones, write

SECONDS = 2.0


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_every_format_is_decoded_at_its_own_rate_with_channels_apart(kind: Format, tmp_path: Path) -> None:
    path = kind.make(tmp_path, SECONDS)

    recording, wave, warnings = decode(path, kind.settings)

    assert (recording.container, recording.codec) == (kind.container, kind.codec)
    assert (recording.sample_rate_hz, recording.channels) == (kind.rate_hz, kind.channels)
    assert wave.sample_rate_hz == SPEECH_RATE_HZ
    assert wave.channels == kind.channels
    assert recording.duration_ms == wave.duration_ms
    assert SECONDS * 1000 - 1 <= recording.duration_ms <= SECONDS * 1000 + kind.slack_ms
    assert recording.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert recording.size_bytes == path.stat().st_size
    assert recording.path == path
    assert warnings == ()
    for channel, frequency_hz in enumerate(TONES_HZ[: kind.channels]):
        assert loudest_hz(wave.samples[channel]) == pytest.approx(frequency_hz, abs=5)
        # AMR is a model of the voice and no friend of pure tones.
        assert strength(wave.samples[channel, 8000:24_000], frequency_hz) == pytest.approx(0.3, rel=0.35)
        for other_hz in set(TONES_HZ) - {frequency_hz}:
            assert strength(wave.samples[channel], other_hz) < 0.01


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind.settings.raw_rate_hz is None], ids=lambda k: k.name)
def test_a_misleading_extension_does_not_matter(kind: Format, tmp_path: Path) -> None:
    path = kind.make(tmp_path, 0.5)
    wrong = path.rename(tmp_path / ("call.mp3" if kind.container != "mp3" else "call.wav"))

    recording, _, _ = decode(wrong)

    assert (recording.container, recording.codec) == (kind.container, kind.codec)


def test_six_channels_stay_six(tmp_path: Path) -> None:
    frequencies_hz = (300, 500, 700, 900, 1100, 1300)
    path = write(tmp_path / "six.wav", tones(1, 8000, 6, frequencies_hz), 8000)

    recording, wave, warnings = decode(path)

    assert recording.channels == 6
    assert warnings == ()
    assert [round(loudest_hz(channel)) for channel in wave.samples] == list(frequencies_hz)


def test_headerless_files_take_rate_and_codec_from_the_settings(tmp_path: Path) -> None:
    path = write(tmp_path / "call.raw", tones(2, 6000, 1), 6000, "VOX_ADPCM", "RAW")

    recording, wave, _ = decode(path, AudioSettings(raw_format="vox", raw_rate_hz=6000))

    assert (recording.container, recording.sample_rate_hz, recording.duration_ms) == ("vox", 6000, 2000)
    assert loudest_hz(wave.samples[0]) == pytest.approx(440, abs=5)


def test_headed_files_ignore_the_settings_for_headerless_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "call.vox", tones(1, 8000), 8000)

    recording, _, _ = decode(path, AudioSettings(raw_format="mulaw", raw_rate_hz=6000))

    assert (recording.container, recording.sample_rate_hz) == ("wav", 8000)


@pytest.mark.parametrize("keep", [0.5, 0.8])
@pytest.mark.parametrize("name", ["pcm8k", "alaw", "gsm", "ima", "rf64", "plain.flac", "tagged.mp3"])
def test_a_torn_file_is_decoded_as_far_as_it_goes_with_a_warning(name: str, keep: float, tmp_path: Path) -> None:
    path = next(kind for kind in FORMATS if kind.name == name).make(tmp_path, 6)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])

    recording, wave, warnings = decode(path)

    assert warnings == (Warn.TRUNCATED,)
    assert recording.duration_ms == pytest.approx(6000 * keep, abs=550)
    assert loudest_hz(wave.samples[0]) == pytest.approx(440, abs=5)


@pytest.mark.parametrize("name", ["pcm8k", "pcm44k", "gsm", "ima", "adts.aac"])
def test_a_short_torn_file_is_not_lost_for_its_last_packet(name: str, tmp_path: Path) -> None:
    path = next(kind for kind in FORMATS if kind.name == name).make(tmp_path, 2)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * 0.35) + 1])

    assert decode(path)[0].duration_ms == pytest.approx(700, abs=100)


def test_a_recorder_that_never_wrote_the_length_is_no_torn_file(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", tones(2, 8000), 8000)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff" * 4
    path.write_bytes(content)

    recording, _, warnings = decode(path)

    assert recording.duration_ms == 2000
    assert warnings == ()


def test_one_sound_on_both_channels_is_reported(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    mono = np.cumsum(rng.normal(size=16_000)) % 1 - 0.5
    path = write(tmp_path / "twice.wav", np.stack([0.3 * mono] * 2, axis=1), 8000, "ALAW")

    assert decode(path)[2] == (Warn.CHANNELS_ALIKE,)


def test_the_same_bytes_give_the_same_samples(tmp_path: Path) -> None:
    path = FORMATS[-3].make(tmp_path, 1)
    copy = Path(shutil.copy(path, tmp_path / "copy"))

    first, second = decode(path), decode(copy)

    assert first[0].sha256 == second[0].sha256
    assert np.array_equal(first[1].samples, second[1].samples)
