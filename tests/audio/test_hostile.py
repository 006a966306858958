"""Files made to do harm: to read what they are not, to fill the memory, to pass for an option."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callaudit.audio.ffmpeg import _codec_and_rate
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings
from tests.audio.sounds import CANARY_HZ, decode, encode, ffmpeg_program, loudest_hz, strength, tones, write


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A recording that no other file may bring to light."""
    return write(tmp_path / "canary.wav", tones(1, 8000, 1, (CANARY_HZ,)), 8000)


def _hls(target: str) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{target}\n#EXT-X-ENDLIST\n"


PLAYLISTS: dict[str, Callable[[str], str]] = {
    "hls": _hls,
    "ffconcat": lambda target: f"ffconcat version 1.0\nfile '{target}'\n",
    "concat": lambda target: f"file '{target}'\n",
    "hls after id3": lambda target: "ID3\x03\0\0\0\0\0\0" + _hls(target),
    "dash": lambda target: (
        f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet>'
        f"<Representation><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    ),
    "sdp": lambda target: "v=0\nm=audio 0 RTP/AVP 0\n" + target,
}
NAMES = ["call.wav", "call.mp3", "call.amr", "call.m3u8", "call.vox", "call.ogg", "call"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("prefix", ["", "file:", "subfile,,start,0,end,0,,:"])
def test_a_playlist_under_any_name_opens_nothing(
    kind: str, name: str, prefix: str, tmp_path: Path, canary: Path
) -> None:
    path = tmp_path / name
    path.write_text(PLAYLISTS[kind](f"{prefix}{canary}"), encoding="utf-8")

    with pytest.raises(AudioError) as caught:
        decode(path, AudioSettings(raw_format="mulaw", raw_rate_hz=8000))

    assert caught.value.code == "audio.not_audio"


def test_the_playlists_do_open_the_canary_where_nobody_takes_care(tmp_path: Path, canary: Path) -> None:
    """The attack is real: plain ffmpeg falls for it."""
    path = tmp_path / "call.wav"
    path.write_text(PLAYLISTS["ffconcat"](canary.name), encoding="utf-8")

    stolen = encode(path, tmp_path / "stolen.wav", "-ar", "16000")

    assert loudest_hz(decode(stolen)[1].samples[0]) == pytest.approx(CANARY_HZ, abs=5)


@pytest.mark.parametrize("magic", [b"RIFF\0\0\0\0WAVE", b"#!AMR\n", b"OggS", b"fLaC", b"\0\0\0\x10ftypM4A \0\0\0\0"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_behind_magic_bytes_brings_nothing_to_light(
    kind: str, magic: bytes, tmp_path: Path, canary: Path
) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(magic + PLAYLISTS[kind](str(canary)).encode())

    try:
        wave = decode(path)[1]
    except AudioError:
        return
    assert all(strength(channel, CANARY_HZ) < 0.05 for channel in wave.samples)


def test_a_movie_that_refers_to_another_file_opens_nothing(tmp_path: Path, canary: Path) -> None:
    """QuickTime's external data reference: the samples lie in a file the movie names."""
    source = write(tmp_path / "source.wav", tones(1, 8000, 1), 8000)
    path = encode(source, tmp_path / "call.mov", "-c:a", "pcm_s16le")
    content = path.read_bytes()
    own = b"\0\0\0\x0curl \0\0\0\x01"
    assert content.count(own) >= 1
    outside = canary.name.encode() + b"\0"
    alias = (12 + len(outside)).to_bytes(4, "big") + b"url \0\0\0\0" + outside
    path.write_bytes(content.replace(own, alias))

    try:
        wave = decode(path)[1]
    except AudioError:
        return
    assert strength(wave.samples[0], CANARY_HZ) < 0.05


ODD_NAMES = [
    "-i.wav", "-version", "--help.wav", "-", "http:x.wav", "http:", "concat:canary.wav", "concat:a|b.wav", "pipe:0",
    "file:canary.wav", "subfile,,start,0,end,0,,:canary.wav", "data:audio", "a\nb.wav", "电话 😀.wav", "%d.wav",
    "$(touch pwned).wav", "'; touch pwned; '.wav", "a b\t.wav", "\\.wav", "*.wav", "?", "[1].wav", "crypto:x",
    os.fsdecode(b"\xff\xfe.wav"),
]  # fmt: skip


@pytest.fixture
def _inside(tmp_path: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(tmp_path)
    yield
    os.chdir(before)


@pytest.mark.usefixtures("_inside", "canary")
@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_a_name_is_nothing_but_a_name(name: str, tmp_path: Path) -> None:
    write(tmp_path / "plain.wav", tones(0.5, 8000, 1), 8000).rename(tmp_path / name)
    before = set(tmp_path.iterdir())

    recording, wave, _ = decode(Path(name))

    assert recording.path == Path(name)
    assert loudest_hz(wave.samples[0]) == pytest.approx(440, abs=5)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.usefixtures("_inside", "canary")
@pytest.mark.parametrize(
    "name", ["concat:canary.wav", "file:canary.wav", "pipe:0", "-", "data:audio/wav;base64,UklGRg=="]
)
def test_a_name_without_a_file_is_no_address(name: str) -> None:
    with pytest.raises(AudioError) as caught:
        decode(Path(name))

    assert caught.value.code == "audio.unreadable"


def _crc(data: bytes, bits: int, polynomial: int) -> bytes:
    """Checksum of a FLAC frame."""
    value = 0
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> bits - 1 & 1 else 0)
            value &= (1 << bits) - 1
    return value.to_bytes(bits // 8, "big")


def _flac_frame(number: int) -> bytes:
    """65,535 samples of silence at 8 kHz in 15 bytes or so."""
    header = b"\xff\xf8\x74\x08" + chr(number).encode("utf-8", "surrogatepass") + b"\xff\xfe"
    frame = header + _crc(header, 8, 0x07) + b"\0\0\0"
    return frame + _crc(frame, 16, 0x8005)


@pytest.fixture(scope="module")
def bomb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four hours of silence in 164 KB. The header does not say how long it is."""
    path = tmp_path_factory.mktemp("bomb") / "bomb.flac"
    info = b"\xff\xff\xff\xff" + bytes(6) + (8000 << 44 | 15 << 36).to_bytes(8, "big") + bytes(16)
    frames = b"".join(map(_flac_frame, range(24 * 3600 * 8000 // 65_535)))
    path.write_bytes(b"fLaC\x80\0\0\x22" + info + frames)
    return path


def test_a_day_in_a_small_file_is_refused_in_seconds(bomb: Path) -> None:
    assert bomb.stat().st_size < 170_000
    start = time.monotonic()

    with pytest.raises(AudioError) as caught:
        decode(bomb, AudioSettings(max_duration_s=3600))

    assert caught.value.code == "audio.too_long"
    assert time.monotonic() - start < 10


def test_the_decoder_sees_no_more_environment_than_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FFREPORT makes ffmpeg write a log of its own, metadata and all."""
    monkeypatch.setenv("FFREPORT", f"file={tmp_path / 'report.log'}:level=32")

    decode(write(tmp_path / "call.wav", tones(0.2, 8000), 8000))

    assert ffmpeg_program()
    assert not (tmp_path / "report.log").exists()


@pytest.mark.parametrize("key", ["title", "AAA", "Stream #0:0: Audio"])
def test_texts_inside_the_file_cannot_change_what_is_reported(key: str, tmp_path: Path) -> None:
    source = write(tmp_path / "source.wav", tones(0.5, 8000), 8000)
    lie = "x\n  Stream #0:0: Audio: forged, 1 Hz, mono"
    path = encode(source, tmp_path / "call.flac", "-metadata", f"{key}={lie}", "-metadata", f"{key}=forged, 1 Hz")

    recording, _, _ = decode(path)

    assert (recording.codec, recording.sample_rate_hz) == ("flac", 8000)


def test_streams_of_an_old_ffmpeg_are_understood() -> None:
    log = "Input #0, wav, from 'x':\n    Stream #0:0: Audio: pcm_alaw ([6][0][0][0] / 0x0006), 8000 Hz, mono, s16\n"

    assert _codec_and_rate(log + "Stream mapping:\n    Stream #0:0: Audio: pcm_s16le, 16000 Hz") == ("pcm_alaw", 8000)
