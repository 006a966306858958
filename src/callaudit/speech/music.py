"""Music that callers on hold hear (等待音乐), told from speech by what it does with its pitches.

A note keeps its frequency for a quarter of a second and more, and then another follows; the voice hardly ever rests on
one for so long, and signals of the exchange never leave theirs. So what counts is how much of the sound, line by line
of its spectrum, stays where it is over `HELD_FRAMES`, less what is there all the time; and that nearly every half
second has some of it, since music has hardly a pause. Words spoken over music lower the share and do not hide it.

The idea that persistent spectral peaks part music from speech is old (Hawley, "Structure out of sound", MIT 1993;
Minami et al., IEEE MultiMedia 1998); the numbers here were set on synthetic voices and tunes and on the hold music and
spoken prompts that Asterisk ships, in telephone quality.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from callaudit.domain.line import Music
from callaudit.domain.spans import TimeSpan
from callaudit.domain.waveform import INT16_FULL_SCALE, Waveform, level_dbfs

Floats = NDArray[np.float32]

MIN_MUSIC_MS = 4500
"""Five seconds, less what the ends may be off by."""
MIN_HELD = 0.05
"""Share of held lines in three quarters of the half seconds of a window; people who talk reach 0.02, talking machines
0.04."""
MIN_CELL_HELD = 0.05
"""The same in one half second, for it to be the first or last of the music."""
MOST_CHANGE_DB = 5.0
"""Mean change of the level from frame to frame: syllables make it 6 to 9 dB, music, also under a voice, up to 4."""
MIN_LINES = 6.0
"""Lines (`_spread`) on which the notes of a window fall; a fax or a tone pair holds fewer."""
MAX_DTMF_SHARE = 0.55
"""More than this on the frequencies of the keypad is somebody typing."""
MAX_FAX_SHARE = 0.3
"""The same for the tone with which facsimile machines answer."""
BRIDGE_MS = 2500
"""Softer bars and breaths within one piece."""
FLOOR_DBFS = -52.0
"""Fainter music is the leak of another line, or plays far away in somebody's room."""

IDLE_DBFS = -58.0
"""Frames below this hold nothing: in silence some codecs hum to themselves, GSM at -66 dBFS."""

WORK_RATE_HZ = 8000
FRAME = 512
"""Samples of one spectrum: 64 ms, a line every 15.6 Hz."""
HOP = 384
HELD_FRAMES = 6
"""Frames over which a line must stay, 304 ms: longer than a syllable."""
BAND_HZ = (280.0, 3400.0)
SMOOTH = 4
"""Lines on either side whose mean a line is measured against."""
MOST = np.float32(4.0)
"""What one line counts at most, in natural logarithms over its neighbours (17 dB): one tone is no music."""
QUIET = np.float32(1e4)
"""Power that is added to every line, about that of a sine of one quantisation step."""
POWER_OF_FULL_SCALE = 0.1875 * (FRAME * INT16_FULL_SCALE) ** 2
"""What the lines of a frame of root mean square 1 add up to: half of Parseval's sum, under a Hann window."""
FOLD = 2
"""Neighbouring lines that are told apart no more once they are known to be held."""
CELL = 10
"""Frames of a cell: 480 ms."""
CELL_MS = CELL * HOP * 1000 // WORK_RATE_HZ
WINDOW = 8
"""Cells that are judged together: 3.8 s."""
STEP = 2
BLOCK = 120
"""Cells of which the first window begins in one block: 58 s bound the memory."""
LATE_MS = 150
"""A cell's frames are held for 304 ms, so its middle lies that much later."""
STEADY = np.float32(2.5)
"""Times the second lowest of a window's cells: what a line must exceed to be more than a hum."""
DTMF_HZ = (697, 770, 852, 941, 1209, 1336, 1477, 1633)
"""ITU-T Q.23."""
FAX_HZ = (2100,)
"""ITU-T T.30."""


class HoldMusicDetector:
    """Finds music of five seconds and more on each channel (a `MusicDetector`)."""

    name = "music"
    version = f"1 {MIN_HELD:g} {MIN_LINES:g} {HELD_FRAMES}x{HOP}"

    def detect(self, wave: Waveform) -> tuple[Music, ...]:
        """Music of all channels, by time, then channel.

        Args:
            wave: any rate that is a multiple of 8 kHz; what lies above 4 kHz is folded down and does no harm.
        """
        found = [music for channel in range(wave.channels) for music in _find(wave, channel)]
        return tuple(sorted(found, key=lambda music: (music.span, music.channel)))


def _find(wave: Waveform, channel: int) -> Iterator[Music]:
    """Stretches long and loud enough."""
    for first, end in _merged(_musical(wave, channel)):
        span = TimeSpan(first * CELL_MS + LATE_MS, min(wave.duration_ms, end * CELL_MS + LATE_MS))
        heard_dbfs = level_dbfs(wave.cut(channel, TimeSpan(span.start_ms, min(span.end_ms, span.start_ms + 60_000))))
        if span.duration_ms >= MIN_MUSIC_MS and heard_dbfs >= FLOOR_DBFS:
            yield Music(span, channel, round(heard_dbfs, 1))


def _merged(parts: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Parts by time, those with at most `BRIDGE_MS` between them as one."""
    merged: list[tuple[int, int]] = []
    for first, end in parts:
        if merged and (first - merged[-1][1]) * CELL_MS <= BRIDGE_MS:
            merged[-1] = (min(merged[-1][0], first), max(merged[-1][1], end))
        else:
            merged.append((first, end))
    return merged


def _musical(wave: Waveform, channel: int) -> Iterator[tuple[int, int]]:
    """First and last cell of the music in each window that holds some, by time."""
    step, odd = divmod(wave.sample_rate_hz, WORK_RATE_HZ)
    if odd:
        raise ValueError(f"{wave.sample_rate_hz} Hz is no multiple of {WORK_RATE_HZ} Hz")
    samples = wave.samples[channel, ::step]
    reach = ((BLOCK + WINDOW) * CELL + HELD_FRAMES - 1) * HOP + FRAME
    for begin in range(0, samples.size, BLOCK * CELL * HOP):
        block = samples[begin : begin + reach]
        if block.size >= FRAME + (WINDOW * CELL + HELD_FRAMES) * HOP:
            at = begin // (CELL * HOP)
            yield from ((at + first, at + end) for first, end in _judged(*_cells(block)))


def _cells(block: NDArray[np.int16]) -> tuple[Floats, Floats, Floats]:
    """What is held on each line, how much stands out at all, and how much the level changes in dB, cell by cell."""
    frames = np.lib.stride_tricks.sliding_window_view(block, FRAME)[::HOP]
    spectra = rfft(frames * np.hanning(FRAME).astype(np.float32), axis=1)
    low, high = (round(hz * FRAME / WORK_RATE_HZ) for hz in BAND_HZ)
    spectra = spectra[:, low - SMOOTH - 1 : high + SMOOTH]
    power = np.square(spectra.real) + np.square(spectra.imag) + QUIET
    frame_dbfs = 10 * np.log10(power.sum(axis=1) / POWER_OF_FULL_SCALE)
    change = np.abs(np.diff(frame_dbfs))
    lines = np.log(power)
    over = lines[:, SMOOTH + 1 : -SMOOTH] - _smooth(lines)
    np.clip(over, 0, MOST, out=over)
    stands_out = over.sum(axis=1)
    over[frame_dbfs < IDLE_DBFS] = 0
    pairs = np.minimum(over[:-1], over[1:])
    fours = np.minimum(pairs[:-2], pairs[2:])
    held = np.minimum(fours[:-2], fours[2:])
    cells, width = len(held) // CELL, held.shape[1] // FOLD
    held = held[: cells * CELL].reshape(cells, CELL, -1).sum(axis=1)
    stands_out = stands_out[: cells * CELL].reshape(cells, CELL).sum(axis=1)
    change = change[: cells * CELL].reshape(cells, CELL).mean(axis=1)
    return held[:, : width * FOLD].reshape(cells, width, FOLD).sum(axis=2), stands_out, change


def _smooth(lines: Floats) -> Floats:
    """Mean of each line and `SMOOTH` on either side."""
    sums = np.cumsum(lines, axis=1, dtype=np.float32)
    width = 2 * SMOOTH + 1
    return np.asarray((sums[:, width:] - sums[:, :-width]) / np.float32(width))


def _judged(held: Floats, stands_out: Floats, change: Floats) -> Iterator[tuple[int, int]]:
    """The windows of a block that hold music: first cell of it, and the one after the last."""
    known = ((_lines_at(DTMF_HZ), MAX_DTMF_SHARE), (_lines_at(FAX_HZ), MAX_FAX_SHARE))
    for first in range(0, min(BLOCK, len(held) - WINDOW + 1), STEP):
        if change[first : first + WINDOW].mean() > MOST_CHANGE_DB:
            continue
        cells = held[first : first + WINDOW]
        steady = np.partition(cells, 1, axis=0)[1]
        notes = np.maximum(cells - STEADY * steady, 0)
        share = notes.sum(axis=1) / (stands_out[first : first + WINDOW] + 1)
        if np.partition(share, WINDOW // 4)[WINDOW // 4] < MIN_HELD:
            continue
        by_line = notes.sum(axis=0)
        signals = any(by_line[lines].sum() > most * by_line.sum() for lines, most in known)
        if signals or _spread(by_line) < MIN_LINES:
            continue
        musical = np.flatnonzero(share >= MIN_CELL_HELD)
        yield first + int(musical[0]), first + int(musical[-1]) + 1


def _spread(by_line: Floats) -> float:
    """On how many lines the notes fall: their number were they all alike (inverse participation ratio)."""
    return float(by_line.sum() ** 2 / max(1e-9, float(np.square(by_line).sum())))


def _lines_at(tones_hz: tuple[int, ...]) -> NDArray[np.intp]:
    """The lines on which tones fall."""
    lines = np.array(tones_hz) * FRAME / WORK_RATE_HZ - round(BAND_HZ[0] * FRAME / WORK_RATE_HZ)
    return np.unique(np.concatenate([(lines + shift) // FOLD for shift in (-0.6, 0.6)])).astype(np.intp)
