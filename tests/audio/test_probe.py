from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from callaudit.audio.claims import claimed_duration_ms
from callaudit.audio.frames import adts_frame, mpeg_frame
from callaudit.audio.probe import headerless, identify
from callaudit.settings import AudioSettings
from tests.audio.sounds import FORMATS, encode, tones, write

HEADED = [kind for kind in FORMATS if kind.settings.raw_rate_hz is None]
NOISE = random.Random(0).randbytes(4096)


@pytest.mark.parametrize("kind", HEADED, ids=lambda kind: kind.name)
def test_containers_are_known_by_their_contents(kind, tmp_path: Path) -> None:
    content = kind.make(tmp_path, 1).read_bytes()

    container = identify(io.BytesIO(content))

    assert container is not None
    assert container.name == kind.container


@pytest.mark.parametrize("seed", range(60))
def test_random_bytes_are_no_audio(seed: int) -> None:
    assert identify(io.BytesIO(random.Random(seed).randbytes(50_000))) is None


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_that_begin_like_a_frame_are_no_audio(seed: int) -> None:
    rng = random.Random(seed)
    start = rng.choice([b"\xff\xfb\x90\x64", b"\xff\xe3\x18\xc4", b"\xff\xf1\x60\x40", b"\xff\xf9\x50\x80"])

    assert identify(io.BytesIO(start + rng.randbytes(20_000))) is None


@pytest.mark.parametrize("length", range(0, 24))
def test_beginnings_too_short_for_a_header_are_no_audio(length: int) -> None:
    for start in (
        b"RIFF\0\0\0\0WAVE",
        b"\0\0\0\x20ftyp",
        b"#!AMR\n",
        b"\xff\xfb\x90\x64",
        b"ID3\x04\0\0\0\0\0\x20",
    ):
        container = identify(io.BytesIO(start[:length]))
        assert container is None or start[:length] == start


@pytest.mark.parametrize("name", ["bare.mp3", "adts.aac"])
@pytest.mark.parametrize("lead", [0, 1, 700, 4000])
def test_a_stream_cut_out_of_the_middle_is_found(name: str, lead: int, tmp_path: Path) -> None:
    kind = next(kind for kind in FORMATS if kind.name == name)
    content = kind.make(tmp_path, 1).read_bytes()

    container = identify(io.BytesIO(bytes(lead) + content))

    assert container is not None
    assert (container.name, container.audio_start) == (kind.container, lead)


def test_a_stream_far_behind_foreign_bytes_is_not_looked_for(tmp_path: Path) -> None:
    content = next(kind for kind in FORMATS if kind.name == "bare.mp3").make(tmp_path, 1).read_bytes()

    assert identify(io.BytesIO(bytes(20_000) + content)) is None


@pytest.mark.parametrize("frames", [1, 2])
def test_a_recording_of_one_or_two_frames_is_mp3(frames: int, tmp_path: Path) -> None:
    content = next(kind for kind in FORMATS if kind.name == "bare.mp3").make(tmp_path, 1).read_bytes()
    frame = mpeg_frame(content)
    assert frame is not None

    for tail in (b"", b"TAG" + bytes(125)):
        container = identify(io.BytesIO(content[: frames * frame.size_bytes] + tail))
        assert container is not None
        assert container.name == "mp3"


def test_mp3_with_a_large_cover_picture_is_mp3(tmp_path: Path) -> None:
    content = next(kind for kind in FORMATS if kind.name == "bare.mp3").make(tmp_path, 1).read_bytes()
    tag = b"ID3\x03\0\0" + bytes([0, 12, 0, 0]) + bytes(12 << 14)

    container = identify(io.BytesIO(tag + content))

    assert container is not None
    assert container.audio_start == len(tag)


@pytest.mark.parametrize(
    ("header", "size", "samples", "rate_hz"),
    [
        ("fffb9064", 417, 1152, 44_100),  # MPEG-1 layer 3, 128 kbit/s
        ("fffb9264", 418, 1152, 44_100),  # the same, padded
        ("fff380c4", 208, 576, 22_050),  # MPEG-2 layer 3, 64 kbit/s
        ("ffe338c4", 216, 576, 8000),  # MPEG-2.5 layer 3, 24 kbit/s
        ("fffda404", 576, 1152, 48_000),  # MPEG-1 layer 2, 192 kbit/s
    ],
)
def test_frame_headers_are_read_as_the_standard_has_them(header: str, size: int, samples: int, rate_hz: int) -> None:
    frame = mpeg_frame(bytes.fromhex(header))

    assert frame is not None
    assert (frame.size_bytes, frame.samples, frame.rate_hz) == (size, samples, rate_hz)


@pytest.mark.parametrize(
    "header", ["fffb0064", "fffbf064", "fffb9c64", "ffeb9064", "fff99064", "7ffb9064", "fffb90", ""]
)
def test_what_no_encoder_writes_is_no_frame(header: str) -> None:
    assert mpeg_frame(bytes.fromhex(header)) is None


@pytest.mark.parametrize("header", ["fff16040009ffc", "fff17c40041ffc", "fffb604004", "fff1", ""])
def test_what_no_encoder_writes_is_no_adts_frame(header: str) -> None:
    frame = adts_frame(bytes.fromhex(header))

    assert frame is None


@pytest.mark.parametrize(
    ("suffix", "raw_format", "demuxer"),
    [
        (".vox", None, "u8"), (".VOX", "alaw", "u8"), (".al", None, "alaw"), (".ALAW", None, "alaw"),
        (".pcma", None, "alaw"), (".ul", None, "mulaw"), (".ulaw", None, "mulaw"), (".pcmu", None, "mulaw"),
        (".raw", "alaw", "alaw"), ("", "mulaw", "mulaw"), (".raw", None, None), (".wav", "alaw", None),
        (".mp3", "mulaw", None), (".m3u8", "vox", None), ("", None, None),
    ],
)  # fmt: skip
def test_the_suffix_counts_only_for_headerless_files(suffix: str, raw_format, demuxer: str | None) -> None:
    settings = AudioSettings(raw_format=raw_format, raw_rate_hz=8000)

    container = headerless(Path(f"call{suffix}"), NOISE, settings)

    assert (container and container.demuxer) == demuxer


@pytest.mark.parametrize("idle", [b"\x55\xd5", b"UTWV", b"\xff\x7f", b"\x80\x08"])
def test_an_idle_line_is_no_text(idle: bytes) -> None:
    assert headerless(Path("call.al"), idle * 1000, AudioSettings(raw_rate_hz=8000))


CLAIMING = ["pcm8k", "pcm44k", "float", "alaw", "extensible", "rf64", "gsm", "ima", "tagged.mp3", "aac.m4a", "amr.3gp",
            "plain.flac"]  # fmt: skip
SILENT = ["bare.mp3", "narrow.amr", "opus.ogg", "adts.aac"]


def _claim(name: str, folder: Path, seconds: float) -> int | None:
    with next(kind for kind in FORMATS if kind.name == name).make(folder, seconds).open("rb") as file:
        container = identify(file)
        assert container is not None
        return claimed_duration_ms(file, container)


@pytest.mark.parametrize("name", CLAIMING)
def test_headers_that_state_a_length_are_read(name: str, tmp_path: Path) -> None:
    assert _claim(name, tmp_path, 5) == pytest.approx(5000, abs=260)


@pytest.mark.parametrize("name", SILENT)
def test_headers_that_state_none_claim_nothing(name: str, tmp_path: Path) -> None:
    assert _claim(name, tmp_path, 1) is None


def test_a_movie_with_its_header_in_front_claims_the_same(tmp_path: Path) -> None:
    source = write(tmp_path / "source.wav", tones(5, 8000), 8000)
    path = encode(source, tmp_path / "fast.m4a", "-c:a", "aac", "-movflags", "+faststart")

    with path.open("rb") as file:
        container = identify(file)
        assert container is not None
        assert claimed_duration_ms(file, container) == pytest.approx(5000, abs=260)


@pytest.mark.parametrize("kind", HEADED, ids=lambda kind: kind.name)
def test_a_header_cut_anywhere_claims_something_or_nothing(kind, tmp_path: Path) -> None:
    content = kind.make(tmp_path, 0.3).read_bytes()
    whole = identify(io.BytesIO(content))
    assert whole is not None

    for length in [*range(0, 120), *range(120, min(len(content), 3000), 37)]:
        claim = claimed_duration_ms(io.BytesIO(content[:length]), whole)
        assert claim is None or claim > 0


@pytest.mark.parametrize("seed", range(20))
def test_a_header_of_noise_claims_something_or_nothing(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    for kind in (HEADED[0], HEADED[3], HEADED[6]):
        content = bytearray(kind.make(tmp_path, 0.1).read_bytes())
        whole = identify(io.BytesIO(content))
        assert whole is not None
        for _ in range(20):
            content[rng.randrange(min(200, len(content)))] = rng.randrange(256)
        claim = claimed_duration_ms(io.BytesIO(content), whole)
        assert claim is None or claim > 0
