"""What is no call: each kind of bad file ends as one error with its own code."""

from __future__ import annotations

import os
import random
import struct
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from callaudit.domain.analysis import Warn
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings
from tests.audio.sounds import DEFAULTS, FORMATS, decode, encode, tones, write


def _wav(path: Path, seconds: float = 1, channels: int = 2) -> bytes:
    return write(path, tones(seconds, 8000, channels), 8000).read_bytes()


def _refused(path: Path, settings: AudioSettings = DEFAULTS) -> AudioError:
    with pytest.raises(AudioError) as caught:
        decode(path, settings)
    assert caught.value.hint
    return caught.value


def _png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + random.Random(1).randbytes(3000)


NOT_AUDIO: dict[str, bytes] = {
    "text.wav": "您好，请问有什么可以帮您\n".encode() * 50,
    "binary.mp3": random.Random(2).randbytes(60_000),
    "sync.mp3": b"\xff\xfb\x90\x64" + random.Random(3).randbytes(60_000),
    "picture.wav": _png(),
    "archive.amr": b"PK\x03\x04" + random.Random(4).randbytes(2000),
    "web.mp3": b"<!DOCTYPE html><html><body>404</body></html>",
    "one_byte.wav": b"R",
    "zeros.wav": bytes(5000),
    "webp.wav": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(100),
    "id3_only.mp3": b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10),
    "id3_beyond_the_end.mp3": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(100),
    "amr_without_newline.amr": b"#!AMR" + bytes(100),
    "ones.mp3": b"\xff" * 20_000,
}


@pytest.mark.parametrize("name", NOT_AUDIO)
def test_what_is_not_audio_is_called_so(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(NOT_AUDIO[name])

    error = _refused(path)

    assert error.code == "audio.not_audio"
    assert name in error.message


@pytest.mark.parametrize("name", ["playlist.vox", "notes.dat"])
def test_text_is_not_taken_for_headerless_sound(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("通话记录\n" * 2000, encoding="utf-8")

    assert _refused(path, AudioSettings(raw_format="alaw", raw_rate_hz=8000)).code == "audio.not_audio"


def test_a_damaged_wav_is_not_taken_for_headerless_sound(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(bytes(4) + _wav(tmp_path / "good.wav")[4:])

    assert _refused(path, AudioSettings(raw_format="alaw", raw_rate_hz=8000)).code == "audio.not_audio"


@pytest.mark.parametrize("suffix", [".vox", ".AL", ".ulaw", ".pcma"])
def test_headerless_sound_of_unknown_rate_is_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"call{suffix}"
    path.write_bytes(random.Random(6).randbytes(8000))

    error = _refused(path)

    assert error.code == "audio.rate_unknown"
    assert "raw_rate_hz" in error.hint


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.touch()

    assert _refused(path).code == "audio.empty"


def test_a_file_over_the_size_limit_is_not_opened_by_the_decoder(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    size = len(_wav(path))

    assert _refused(path, AudioSettings(max_bytes=size - 1)).code == "audio.too_large"
    assert decode(path, AudioSettings(max_bytes=size))[0].size_bytes == size


@pytest.mark.parametrize("seconds", [2, 3])
def test_a_recording_over_the_time_limit_is_refused(seconds: int, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    _wav(path, seconds + 0.01)

    assert _refused(path, AudioSettings(max_duration_s=seconds)).code == "audio.too_long"


def test_a_recording_of_exactly_the_time_limit_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    _wav(path, 2)

    assert decode(path, AudioSettings(max_duration_s=2))[0].duration_ms == 2000


@pytest.mark.parametrize(
    "make",
    [lambda path: path.mkdir(), os.mkfifo, lambda path: path.symlink_to("nowhere"), lambda _: None],
    ids=["folder", "fifo", "dangling link", "missing"],
)
def test_what_is_no_file_is_unreadable_at_once(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    make(path)
    start = time.monotonic()

    assert _refused(path).code == "audio.unreadable"
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "a\0b.wav", "x" * 5000])
def test_devices_and_impossible_names_are_unreadable(path: str) -> None:
    assert _refused(Path(path)).code == "audio.unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    _wav(path)
    path.chmod(0)

    assert _refused(path).code == "audio.unreadable"


@pytest.mark.parametrize(
    ("level", "subtype"), [(0, "PCM_16"), (0, "ALAW"), (0, "ULAW"), (0, "IMA_ADPCM"), (100, "PCM_16")]
)
def test_a_line_without_even_noise_is_silent(level: int, subtype: str, tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", np.full((16_000, 2), level / 32768), 8000, subtype)

    assert _refused(path).code == "audio.silent"


@pytest.mark.parametrize("codec", ["-c:a libopus call.ogg", "call.mp3", "-ac 1 call.amr"])
def test_silence_is_silent_through_lossy_codecs(codec: str, tmp_path: Path) -> None:
    *options, name = codec.split()
    source = write(tmp_path / "source.wav", np.zeros((16_000, 2)), 8000)

    assert _refused(encode(source, tmp_path / name, *options)).code == "audio.silent"


def test_one_silent_channel_is_no_silent_recording(tmp_path: Path) -> None:
    sound = tones(1, 8000)
    sound[:, 1] = 0

    recording, wave, warnings = decode(write(tmp_path / "call.wav", sound, 8000))

    assert recording.channels == 2
    assert not wave.samples[1].any()
    assert warnings == (Warn.CHANNEL_DEAD,)


def test_faint_noise_is_no_silence(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).normal(scale=0.001, size=(16_000, 1))

    assert decode(write(tmp_path / "call.wav", noise, 8000))[0].duration_ms == 2000


def test_a_header_without_samples_holds_no_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", np.zeros((0, 2)), 8000)

    assert _refused(path).code == "audio.no_samples"


def test_a_film_without_sound_track_is_not_audio(tmp_path: Path) -> None:
    path = encode(
        write(tmp_path / "unused.wav", tones(0.1, 8000), 8000), tmp_path / "film.mp4",
        "-f", "lavfi", "-t", "0.2", "-i", "color=size=64x64:rate=5", "-map", "1:v", "-c:v", "mpeg4",
    )  # fmt: skip

    assert _refused(path).code == "audio.not_audio"


@pytest.mark.parametrize("keep", [0.3, 0.9])
@pytest.mark.parametrize("name", ["aac.m4a", "amr.3gp"])
def test_a_torn_movie_whose_index_is_gone_is_corrupt(name: str, keep: float, tmp_path: Path) -> None:
    path = next(kind for kind in FORMATS if kind.name == name).make(tmp_path, 1)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])

    assert _refused(path).code == "audio.corrupt"


def test_a_film_with_sound_is_its_sound(tmp_path: Path) -> None:
    path = encode(
        write(tmp_path / "sound.wav", tones(1, 8000), 8000), tmp_path / "film.mp4",
        "-f", "lavfi", "-t", "1", "-i", "color=size=64x64:rate=5", "-map", "0:a", "-map", "1:v", "-c:v", "mpeg4",
    )  # fmt: skip

    assert decode(path)[0].container == "mp4"


def _fmt(content: bytes, layout: str, offset: int, value: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into(layout, changed, offset, value)
    return bytes(changed)


CORRUPT: dict[str, Callable[[bytes], bytes]] = {
    "nothing but the magic bytes": lambda wav: wav[:12],
    "format cut off": lambda wav: wav[:24],
    "no data": lambda wav: wav[:36],
    "no channels": lambda wav: _fmt(wav, "<H", 22, 0),
    "rate of zero": lambda wav: _fmt(wav, "<I", 24, 0),
    "codec nobody knows": lambda wav: _fmt(wav, "<H", 20, 0xABCD),
}


@pytest.mark.parametrize("damage", CORRUPT)
def test_a_damaged_header_is_corrupt(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(CORRUPT[damage](_wav(path)))

    assert _refused(path).code == "audio.corrupt"


def test_noise_behind_the_magic_bytes_of_a_format_is_no_call(tmp_path: Path) -> None:
    codes = set()
    for name, magic in (("a.flac", b"fLaC"), ("a.ogg", b"OggS"), ("a.m4a", b"\0\0\0\x20ftypM4A "), ("a.wav", b"RIFF")):
        path = tmp_path / name
        path.write_bytes(magic + (b"\0\0\0\0WAVE" if magic == b"RIFF" else b"") + random.Random(7).randbytes(9000))
        codes.add(_refused(path).code)

    assert codes <= {"audio.corrupt", "audio.not_audio"}


def test_a_recording_of_which_much_is_undecodable_does_not_pass_for_the_call(tmp_path: Path) -> None:
    path = next(kind for kind in FORMATS if kind.name == "opus.ogg").make(tmp_path, 4)
    flac = next(kind for kind in FORMATS if kind.name == "plain.flac").make(tmp_path, 8)
    content = bytearray(flac.read_bytes())
    rng = random.Random(8)
    for at in range(len(content) // 3, len(content), 400):
        content[at] ^= rng.randrange(1, 256)
    flac.write_bytes(content)

    assert decode(path)[0].codec == "opus"
    assert _refused(flac).code == "audio.corrupt"


def test_more_than_eight_channels_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "nine.wav", np.tile(tones(0.2, 8000, 1), 9), 8000)

    assert _refused(path).code == "audio.too_many_channels"


@pytest.mark.parametrize("claimed", [0x7FFFFFF0, 0xFFFFFFFF, 0x40000000])
def test_a_header_that_promises_gigabytes_costs_nothing(claimed: int, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(_fmt(_wav(path), "<I", 40, claimed))
    start = time.monotonic()

    assert decode(path)[0].duration_ms == 1000
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(("rate_hz", "code"), [(1, "audio.too_long"), (0xFFFFFFFF, "audio.corrupt")])
def test_absurd_rates_end_in_an_error(rate_hz: int, code: str, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(_fmt(_wav(path), "<I", 24, rate_hz))

    assert _refused(path, AudioSettings(max_duration_s=60)).code == code


def test_the_message_stays_on_one_line_whatever_the_name(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\nb\x1b[31m\xff\xe5\x9d\x90.wav")
    path.write_bytes(b"nothing")

    message = _refused(path).message

    assert message.isprintable()
    assert "坐" in message
    message.encode("utf-8")


def test_a_recording_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "call.wav"
    _wav(path)

    def growing(_file: object, _container: object) -> None:
        with path.open("ab") as recorder:
            recorder.write(bytes(100))

    monkeypatch.setattr("callaudit.audio.decode.claimed_duration_ms", growing)

    assert _refused(path).code == "audio.unreadable"
