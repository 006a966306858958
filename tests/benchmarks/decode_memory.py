"""Peak memory and time for decoding a long stereo recording, as multiples of its samples and of its length.

Run: `python tests/benchmarks/decode_memory.py [HOURS]` (2 by default). Prints one line for each codec.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from callaudit.audio.decode import FfmpegDecoder
from callaudit.domain.analysis import CallSource
from callaudit.settings import AudioSettings

RATE_HZ = 8000
CODECS = ("ALAW", "ULAW", "GSM610")


def peak_bytes(who: int) -> int:
    """Largest resident size so far; Linux counts it in KiB."""
    return resource.getrusage(who).ru_maxrss * 1024


def write_recording(path: Path, hours: float, codec: str) -> None:
    """Two voices of noise that take turns, minute by minute; GSM has one channel only."""
    rng = np.random.default_rng(1)
    channels = 1 if codec == "GSM610" else 2
    with soundfile.SoundFile(path, "w", RATE_HZ, channels, codec, format="WAV") as file:
        for minute in range(round(hours * 60)):
            block = rng.normal(scale=0.05, size=(60 * RATE_HZ, channels))
            block[:, minute % channels] *= 0.01 if channels > 1 else 1
            file.write(block)


def measure(path: Path) -> None:
    """Decode in this process and print what it took."""
    decoder = FfmpegDecoder(AudioSettings())
    before, start = peak_bytes(resource.RUSAGE_SELF), time.perf_counter()
    recording, wave, _ = decoder.decode(CallSource(path=path))
    seconds = time.perf_counter() - start
    grown, child = peak_bytes(resource.RUSAGE_SELF) - before, peak_bytes(resource.RUSAGE_CHILDREN)
    print(
        f"{recording.codec:10} {recording.channels} ch {recording.duration_ms / 3.6e6:.2f} h"
        f"  samples {wave.samples.nbytes / 2**20:.0f} MiB"
        f"  peak {grown / wave.samples.nbytes:.2f} x samples"
        f"  ffmpeg {child / 2**20:.0f} MiB"
        f"  {seconds:.1f} s = {recording.duration_ms / 1000 / seconds:.0f} x real time"
    )


def main() -> None:
    """A fresh process for each codec: a peak never goes down."""
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]))
        return
    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    with tempfile.TemporaryDirectory() as folder:
        for codec in CODECS:
            path = Path(folder) / f"{codec}.wav"
            write_recording(path, hours, codec)
            subprocess.run([sys.executable, __file__, "--measure", str(path)], check=True)
            path.unlink()


if __name__ == "__main__":
    main()
