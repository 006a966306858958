"""Evidence clips: a stretch of a recording, cut, levelled and small enough to travel inside a report."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from callaudit.audio.ffmpeg import Ffmpeg
from callaudit.domain.spans import TimeSpan
from callaudit.domain.waveform import Waveform
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings

if TYPE_CHECKING:
    from pydub import AudioSegment

_FADE_MS = 5
"""Takes the click off a cut through a word."""

_PEAK_DBFS = -1.0
_MAX_GAIN_DB = 24.0
"""A channel of nothing but line noise must not become a roar."""


class ClipMaker:
    """Makes evidence clips.

    Raises:
        DependencyError: there is no ffmpeg that runs.
    """

    def __init__(self, settings: AudioSettings) -> None:
        self._ffmpeg = Ffmpeg(settings)

    def clip(self, wave: Waveform, span: TimeSpan) -> bytes:
        """An MP3 of `span`, cut to the recording; parties keep their channels, each at its own level.

        Args:
            wave: the recording. One or two channels stay; more are mixed to one.
            span: what to hear; at least one sample of it must lie inside the recording.

        Raises:
            AudioError: the span lies outside the recording, or ffmpeg failed.
        """
        channels = tuple(levelled(_segment(wave.cut(index, span), wave)) for index in range(wave.channels))
        if not channels or not channels[0].frame_count():
            raise AudioError(
                "a clip outside the recording", code="audio.clip", hint="report this: findings lie within recordings"
            )
        if len(channels) > 2:
            channels = (levelled(_mixed(channels)),)
        samples = np.stack([np.frombuffer(channel.raw_data, np.int16) for channel in channels])
        return self._ffmpeg.encode_mp3(samples, wave.sample_rate_hz)


def levelled(segment: AudioSegment) -> AudioSegment:
    """A segment at -1 dBFS peak, raised by 24 dB at most, with soft edges. Silence stays as it is."""
    if segment.max == 0:
        return segment
    louder = segment.apply_gain(min(_PEAK_DBFS - segment.max_dBFS, _MAX_GAIN_DB))
    fade_ms = min(_FADE_MS, len(louder) // 2)
    return louder.fade_in(fade_ms).fade_out(fade_ms) if fade_ms else louder


def _segment(samples: NDArray[np.int16], wave: Waveform) -> AudioSegment:
    """One channel as pydub holds it."""
    return _audio_segment()(
        data=np.ascontiguousarray(samples).tobytes(), sample_width=2, frame_rate=wave.sample_rate_hz, channels=1
    )


def _mixed(channels: tuple[AudioSegment, ...]) -> AudioSegment:
    """All channels on top of each other, lowered first so that no sum clips."""
    share_db = 20 * float(np.log10(len(channels)))
    mix = channels[0].apply_gain(-share_db)
    for channel in channels[1:]:
        mix = mix.overlay(channel.apply_gain(-share_db))
    return mix


def _audio_segment() -> type[AudioSegment]:
    """The class of pydub, whose import warns when the PATH has no ffmpeg; here it never calls one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pydub

    segment_type: type[AudioSegment] = pydub.AudioSegment
    return segment_type
