"""Text to telephone speech: pinyin with tone sandhi, espeak-ng, a 300-3400 Hz band.

Characters are given to espeak-ng as pinyin because its own reading of them does not know tone sandhi.
"""

from __future__ import annotations

import subprocess
from functools import cache

import numpy as np
from numpy.typing import NDArray
from samples.make.scenario import Voice

LINE_HZ = 8000
"""Rate of a telephone channel."""
ESPEAK_HZ = 22050
WAV_HEADER_BYTES = 44
AUDIBLE = 2e-3
"""Full-scale fraction from which a sample counts as sound: what lies outside is trimmed."""
MARGIN_MS = 50
"""Kept before the first and after the last audible sample, so that speech may be faded in and out without a click."""


def pinyin(text: str) -> str:
    """Numbered pinyin, one syllable a character, tone sandhi applied.

    >>> pinyin("你好")
    'ni2 hao3'
    """
    from pypinyin import Style, lazy_pinyin

    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True))


def speak(text: str, voice: Voice) -> NDArray[np.float32]:
    """Samples at 8 kHz in [-1, 1] from the first audible one to the last, with `MARGIN_MS` on both sides.

    Raises:
        FileNotFoundError: espeak-ng is not installed.
        ValueError: espeak-ng said nothing.
    """
    from scipy.signal import resample_poly, sosfilt

    name = f"cmn-latn-pinyin+{voice.voice}"
    options = ["-b", "1", "-v", name, "-s", str(voice.speed), "-p", str(voice.pitch), "--stdout"]
    wav = subprocess.run(["espeak-ng", *options, pinyin(text)], capture_output=True, check=True).stdout
    body = wav[WAV_HEADER_BYTES : len(wav) - len(wav) % 2]
    samples = resample_poly(np.frombuffer(body, dtype=np.int16).astype(np.float32) / 32768, 160, 441)
    return trim(sosfilt(telephone_band(), samples).astype(np.float32))


def trim(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut or grown until exactly `MARGIN_MS` precede the first and follow the last audible sample.

    Raises:
        ValueError: there is nothing but silence.
    """
    loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
    if not len(loud):
        raise ValueError("the voice said nothing")
    margin = MARGIN_MS * LINE_HZ // 1000
    return np.pad(samples, margin)[loud[0] : loud[-1] + 1 + 2 * margin]


@cache
def telephone_band() -> NDArray[np.float64]:
    """Second-order sections of the 300-3400 Hz band-pass of a telephone line."""
    from scipy.signal import butter

    sections: NDArray[np.float64] = butter(4, [300, 3400], btype="band", fs=LINE_HZ, output="sos")
    return sections
