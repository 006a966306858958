"""Five hundred damaged files: each is decoded or refused, nothing else, and none takes long."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from callaudit.domain.waveform import Waveform
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings
from tests.audio.sounds import CANARY_HZ, FORMATS, decode, strength, tones, write

FILES = 500
LONGEST_S = 8.0
SETTINGS = AudioSettings(raw_rate_hz=8000, decode_timeout_s=5, max_duration_s=600)
CODES = {
    "audio.corrupt", "audio.not_audio", "audio.no_samples", "audio.silent", "audio.empty", "audio.too_long",
    "audio.too_many_channels", "audio.timeout",
}  # fmt: skip


def _flip_bits(content: bytes, other: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice([1, 4, 40])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _spoil_header(content: bytes, other: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice([1, 2, 8])):
        changed[rng.randrange(min(80, len(changed)))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
    return bytes(changed)


def _cut(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _behead(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[rng.randrange(len(content)) :]


def _splice(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))] + other[rng.randrange(len(other)) :]


def _insert(content: bytes, other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + rng.randbytes(rng.choice([1, 16, 3000])) + content[at:]


def _noise(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[: rng.choice([0, 4, 12, 44, 200])] + rng.randbytes(rng.randrange(1, 5000))


def _repeat(content: bytes, other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + content[at : at + 64] * rng.choice([2, 100])


MUTATIONS = (_flip_bits, _spoil_header, _cut, _behead, _splice, _insert, _noise, _repeat)


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files, with a canary next to them that none may bring to light."""
    folder = tmp_path_factory.mktemp("damaged")
    seeds = [(kind.make(folder, 0.3), kind) for kind in FORMATS]
    contents = [path.read_bytes() for path, _ in seeds]
    rng = random.Random(20_260)
    paths = []
    for number in range(FILES):
        seed = number % len(seeds)
        mutate = MUTATIONS[number // len(seeds) % len(MUTATIONS)]
        path = folder / f"{number:03}{mutate.__name__}{seeds[seed][0].suffix}"
        path.write_bytes(mutate(contents[seed], rng.choice(contents), rng))
        paths.append(path)
    write(folder / "canary.wav", tones(1, 8000, 1, (CANARY_HZ,)), 8000)
    return paths


def _outcome(path: Path) -> tuple[Path, str, Waveform | None, float]:
    start = time.monotonic()
    try:
        _, wave, _ = decode(path, SETTINGS)
    except AudioError as error:
        code = error.code if error.message and error.hint else "says nothing"
        return path, code, None, time.monotonic() - start
    return path, "decoded", wave, time.monotonic() - start


def test_every_damaged_file_is_decoded_or_refused_and_none_takes_long(damaged: list[Path]) -> None:
    assert len(damaged) == FILES

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(_outcome, damaged))

    codes = [code for _, code, _, _ in outcomes]
    assert set(codes) <= {"decoded", *CODES}
    # Neither side is trivial: damage is mostly survived, and mostly noticed where the head is gone.
    assert codes.count("decoded") > FILES / 5
    assert codes.count("audio.corrupt") + codes.count("audio.not_audio") > FILES / 5
    assert max(seconds for _, _, _, seconds in outcomes) < LONGEST_S
    for path, _, wave, _ in outcomes:
        if wave is not None:
            assert 0 < wave.samples.shape[0] <= 8
            assert max(strength(channel, CANARY_HZ) for channel in wave.samples) < 0.15, path.name
