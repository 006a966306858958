"""Channels that change for good (线路变化): what is left of a line when its far end has hung up.

While a call stands, each channel carries the background of one place and one piece of line: between the words its level
comes back to the same floor again and again. When the far end leaves, that floor is gone: digital silence, another
network's comfort noise, the hiss of an open trunk. So the floor is looked at wherever it shows; if from some moment to
the end of the recording it lies elsewhere, never was there before, never comes back, and the step was sudden, the line
changed there. A channel that just falls silent shows its old floor; one that is cut off in every pause (silence
suppression) or fills its pauses with noise of its own showed its new floor before.

Speech, crosstalk and the bursts of a disconnect tone only hide the floor: they are no evidence either way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation

from callaudit.domain.line import LineChange, LineChangeKind
from callaudit.domain.waveform import Waveform
from callaudit.speech.floors import (
    ALIKE_DB,
    DIGITAL_DBFS,
    FRAME_MS,
    LOOK,
    LOOK_HOP,
    TONE_FRAMES,
    Flags,
    Floats,
    Looks,
    find_looks,
    levels_dbfs,
    mended,
    tonal_frames,
)

METHOD = 1
"""Counts up when this module or `floors` comes to other results."""
DIGITAL_LEVEL_DBFS = -100.0
"""What a `LineChange` calls digital silence."""
LAST_LOOKS = 16
"""The floor at the end is the lower quartile of so many stretches."""
OLD_QUANTILE = 0.2
"""The old floor, of what is not like the new: the rest is speech that keeps its level, or echo."""
HELD_RUN = 10
"""600 ms: longer than the hold of a voice gate after speech, so the old floor was the line's and not the gate's."""
MIN_BEFORE = 24
MIN_AFTER = 10
"""Stretches that show the old and the new floor, 50 ms apart."""
MIN_STEP_DB = 6.0
MIN_STEP_SPREADS = 4.0
"""A step stands out from the spread of both floors, as well as from what people and rooms do to a floor."""
MAX_EARLIER_SHARE = 0.03
"""Of the time at the old floor that was spent at the new one; more, and the channel has always gone back and forth."""
MIN_SHARE_AFTER = 0.5
"""Of the stretches after the change that show the new floor; the rest may be crosstalk."""
MAX_BACK_SHARE = 0.05
"""Of those stretches that are like the old floor again."""
CLEARLY_BELOW_DB = 7.0
"""No frame of a floor lies that far below it, even under crosstalk that covers the new one."""
RATES = (0.005, 0.995)
"""No frame is certain to be on one side."""
GAIN_OF_TONE = 1.0
"""Logarithm of how much rather a frame of a tone comes after the change than before."""
TONE_LOOK = 100
"""A new floor that is a tone for half of its first second is none."""
NEAR = slice(3, 13)
"""Frames from the change at which a sudden step is over, 30 to 130 ms: codecs smear it, rooms and gain control fade."""
MIN_BARE = 3
"""Of those, frames that nothing louder covers; with fewer a side is taken on trust."""
MIN_UNCERTAINTY_MS = 30
"""A packet and a frame."""
MAX_UNCERTAINTY_MS = 100


@dataclass(frozen=True, slots=True)
class _Step:
    """From one floor to another, between two places on the grid of looks."""

    old_dbfs: float
    new_dbfs: float
    last_old: int
    first_new: int

    @property
    def size_db(self) -> float:
        return abs(self.new_dbfs - self.old_dbfs)

    def is_new(self, levels: Floats) -> Flags:
        """Frames that only the new floor explains: below the old where it fell, around the new where it rose."""
        half = self.size_db / 2
        if self.new_dbfs < self.old_dbfs:
            return np.asarray(levels <= self.old_dbfs - min(half, CLEARLY_BELOW_DB))
        return np.asarray(np.abs(levels - self.new_dbfs) <= half)


class FloorChangeDetector:
    """Finds the moment from which on a channel's background is another (a `LineDetector`)."""

    name = "line-floor"
    version = f"{METHOD} {MIN_STEP_DB:g}dB"

    def detect(self, wave: Waveform) -> tuple[LineChange, ...]:
        """At most one change for each channel, by time, then channel.

        Digital silence on all channels at once at the end of the recording is the recorder's padding and not looked at.

        Args:
            wave: at any rate that is a multiple of 4 kHz.
        """
        levels = [levels_dbfs(wave, channel) for channel in range(wave.channels)]
        sounding = np.flatnonzero(np.max(levels, axis=0) > DIGITAL_DBFS)
        end = int(sounding[-1]) + 1 if sounding.size else 0
        changes = [_change(wave, channel, heard[:end]) for channel, heard in enumerate(levels)]
        return tuple(sorted(change for change in changes if change is not None))


def _change(wave: Waveform, channel: int, levels: Floats) -> LineChange | None:
    whole = mended(levels)
    step = _find_step(find_looks(whole))
    if step is None:
        return None
    is_digital = step.new_dbfs <= DIGITAL_DBFS
    levels = levels if is_digital else whole
    at = _moment(levels, wave, channel, step)
    if not _is_sudden(levels, at, step):
        return None
    if not is_digital and tonal_frames(wave, channel, at, min(at + TONE_LOOK, levels.size)).mean() > 0.5:
        return None
    return LineChange(
        at_ms=at * FRAME_MS,
        channel=channel,
        kind=LineChangeKind.DIGITAL_SILENCE if is_digital else LineChangeKind.FLOOR,
        uncertainty_ms=_uncertainty_ms(levels, at, step),
        before_dbfs=round(step.old_dbfs, 1),
        after_dbfs=DIGITAL_LEVEL_DBFS if is_digital else round(step.new_dbfs, 1),
    )


def _find_step(looks: Looks) -> _Step | None:
    """The one step from the old floor to the new; None where the floors do not part that cleanly."""
    if looks.at.size < MIN_BEFORE + MIN_AFTER:
        return None
    new_dbfs = float(np.quantile(looks.level_dbfs[-LAST_LOOKS:], 0.25))
    is_new = looks.like(new_dbfs)
    if np.count_nonzero(~is_new) < MIN_BEFORE:
        return None
    old_dbfs = float(np.quantile(looks.level_dbfs[~is_new], OLD_QUANTILE))
    is_old = looks.like(old_dbfs) & ~is_new
    old_runs = list(looks.runs(is_old))
    if not old_runs or max(len(run) for run in old_runs) < HELD_RUN:
        return None
    last_old = int(old_runs[-1][-1])
    later = looks.at[is_new & (looks.at > last_old)]
    if not later.size or not _parts(looks, is_old, is_new, int(later[0])):
        return None
    if _has_been_there(looks, is_old, is_new, last_old):
        return None
    return _Step(old_dbfs, new_dbfs, last_old, int(later[0]))


def _has_been_there(looks: Looks, is_old: Flags, is_new: Flags, last_old: int) -> bool:
    """Whether the channel was at the new floor before it left the old one for good.

    Speech and echo may come to rest for a moment above a floor, so that only runs count there; nothing but another
    floor lies below one.
    """
    runs = [len(run) for run in looks.runs(is_new) if run[0] < last_old]
    falls = np.median(looks.level_dbfs[is_new]) < np.median(looks.level_dbfs[is_old])
    earlier = np.count_nonzero(is_new & (looks.at < last_old)) if falls else sum(runs)
    return bool(earlier > MAX_EARLIER_SHARE * np.count_nonzero(is_old)) or max(runs, default=0) >= HELD_RUN


def _parts(looks: Looks, is_old: Flags, is_new: Flags, first_new: int) -> bool:
    """Whether a place parts two floors: enough of each on its side, hardly any of the old after it, far apart."""
    after = looks.at >= first_new
    old, new = looks.level_dbfs[is_old & ~after], looks.level_dbfs[is_new & after]
    if old.size < MIN_BEFORE or new.size < max(MIN_AFTER, MIN_SHARE_AFTER * np.count_nonzero(after)):
        return False
    if np.count_nonzero(is_old & after) > MAX_BACK_SHARE * new.size:
        return False
    spread_db = max(_spread_db(old), _spread_db(new))
    return abs(float(np.median(new) - np.median(old))) >= max(MIN_STEP_DB, MIN_STEP_SPREADS * spread_db)


def _spread_db(levels: Floats) -> float:
    """Standard deviation of normal values, from their median distance to the median."""
    return 1.4826 * float(np.median(np.abs(levels - np.median(levels))))


def _moment(levels: Floats, wave: Waveform, channel: int, step: _Step) -> int:
    """The frame from which on the new floor explains the channel better than what came before (likelihood ratio).

    A tone that covers the change speaks for the new side: the exchange sends it to whoever is left. Around it a codec
    smears it; only what is like the old floor there still speaks for that.
    """
    is_new = step.is_new(levels)
    low, high = step.last_old * LOOK_HOP, step.first_new * LOOK_HOP + LOOK
    before, after = (float(np.clip(np.mean(part), *RATES)) for part in (is_new[:low], is_new[high:]))
    if after <= before:
        return high - LOOK
    gains = np.asarray(np.where(is_new[low:high], np.log(after / before), np.log((1 - after) / (1 - before))))
    tonal = tonal_frames(wave, channel, low, high)
    smeared = binary_dilation(tonal, iterations=TONE_FRAMES) & (np.abs(levels[low:high] - step.old_dbfs) > ALIKE_DB)
    gains[smeared] = np.maximum(gains[smeared], 0)
    gains[tonal] = GAIN_OF_TONE
    from_here = np.append(np.cumsum(gains[::-1])[::-1], 0.0)
    return low + int(np.argmax(from_here))


def _is_sudden(levels: Floats, at: int, step: _Step) -> bool:
    """Whether the old floor stands until just before the moment, and the new from just after it on.

    Frames that something louder covers say nothing.
    """
    allowed_db = max(step.size_db / 3, 2.0)
    before, after = levels[max(0, at - NEAR.stop) : max(0, at - NEAR.start)], levels[at + NEAR.start : at + NEAR.stop]
    loudest_dbfs = max(step.old_dbfs, step.new_dbfs) + ALIKE_DB
    for near, floor_dbfs in ((before, step.old_dbfs), (after, step.new_dbfs)):
        bare = near[near <= loudest_dbfs]
        if bare.size >= MIN_BARE and abs(float(np.median(bare)) - floor_dbfs) > allowed_db:
            return False
    return True


def _uncertainty_ms(levels: Floats, at: int, step: _Step) -> int:
    """The more, the more frames around the moment belong to the other side."""
    is_new = step.is_new(levels)
    reach = MAX_UNCERTAINTY_MS // FRAME_MS
    wrong = np.count_nonzero(is_new[max(0, at - reach) : at]) + np.count_nonzero(~is_new[at : at + reach])
    return min(MAX_UNCERTAINTY_MS, MIN_UNCERTAINTY_MS + int(wrong) * FRAME_MS)
