"""Where somebody talks: silero-vad over all channels, in constant extra memory.

The network is recurrent: it hears a recording frame after frame. Run like that it spends its time on calls of tiny
size, so the recording is parted into stripes that are heard side by side, each after a short run-up from its
predecessor for the network to settle in.
"""

from __future__ import annotations

import warnings
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from callaudit.domain.transcripts import SpeechRegion
from callaudit.domain.waveform import SILENCE_DBFS, SPEECH_RATE_HZ, Waveform, as_float, level_dbfs
from callaudit.settings import SpeechSettings
from callaudit.speech.regions import Frames, RegionRules, find_regions

if TYPE_CHECKING:
    import torch

Value = TypeVar("Value", np.int16, np.float32)

FRAME = 512
"""Samples the network judges at a time: 32 ms at 16 kHz."""
FRAME_MS = FRAME * 1000 / SPEECH_RATE_HZ
LEVEL_DBFS = -23.0
"""Quiet stretches are raised towards this: on a faint voice the network is late by up to half a second..."""
MAX_GAIN_DB = 15.0
"""...but by no more than this, or line noise would begin to sound like one."""
STEADY_FRAMES = 31
"""1 s on either side, over which the gain looks for the loudest frame, so that it never follows syllables."""
STRIPE_FRAMES = 125
"""4 s heard side by side with the others."""
RUN_UP_FRAMES = 31
"""1 s from before the stripe, so that the network has forgotten how it started: it then differs from one pass over the
whole recording in one decision of a hundred."""
STRIPES_AT_ONCE = 128
"""Bounds the memory: 128 stripes of 5 s as int16 take 20 MB."""
LEVEL_BLOCK = 4096
"""Frames measured at a time: 8 MB as float32."""
RELEASE_BELOW = 0.15
"""Speech ends this far below the probability at which it begins, as the network's authors do it."""
LOWEST_RELEASE = 0.05


class SileroDetector:
    """Finds speech with the network that silero-vad brings along."""

    name = "silero-vad"

    def __init__(self, settings: SpeechSettings) -> None:
        import torch

        threads = torch.get_num_threads()
        from silero_vad import load_silero_vad

        torch.set_num_threads(threads)  # importing silero-vad sets one thread for the whole process
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # the network is a TorchScript file, which torch regrets
            self._network = load_silero_vad(onnx=False)
        self._rules = RegionRules(
            frame_ms=FRAME_MS,
            threshold=settings.vad_threshold,
            release=max(LOWEST_RELEASE, settings.vad_threshold - RELEASE_BELOW),
            min_silence_ms=settings.vad_min_silence_ms,
            min_speech_ms=settings.vad_min_speech_ms,
            pad_ms=settings.vad_pad_ms,
            max_ms=round(settings.max_region_s * 1000),
        )

    @property
    def version(self) -> str:
        """silero-vad's version and every rule that moves a region."""
        rules = self._rules
        return (
            f"{package_version('silero-vad')} p{rules.threshold:g} silence{rules.min_silence_ms}"
            f" speech{rules.min_speech_ms} pad{rules.pad_ms} max{rules.max_ms}"
        )

    def detect(self, wave: Waveform) -> tuple[SpeechRegion, ...]:
        """Speech regions of all channels, by time, then channel.

        Args:
            wave: at 16 kHz, as every decoded recording.

        Raises:
            ValueError: another sample rate.
        """
        regions = [
            SpeechRegion(span, channel, level_dbfs(wave.cut(channel, span)))
            for channel, heard in enumerate(self.probabilities(wave))
            for span in find_regions(heard, wave.duration_ms, self._rules)
        ]
        return tuple(sorted(regions))

    def probabilities(self, wave: Waveform) -> tuple[Frames, ...]:
        """Speech probability of every 32 ms, per channel; a last frame that is not full is filled with silence."""
        if wave.sample_rate_hz != SPEECH_RATE_HZ:
            raise ValueError(f"speech is looked for at {SPEECH_RATE_HZ} Hz, not at {wave.sample_rate_hz} Hz")
        frames = -(-wave.samples.shape[1] // FRAME)
        heard = np.zeros((wave.channels, frames), np.float32)
        gains = [_gains(_levels(channel)) for channel in wave.samples]
        stripes = [(channel, at) for at in range(0, frames, STRIPE_FRAMES) for channel in range(wave.channels)]
        for first in range(0, len(stripes), STRIPES_AT_ONCE):
            batch = stripes[first : first + STRIPES_AT_ONCE]
            judged = self._judge(
                np.stack([_stripe(wave.samples[channel], at, FRAME) for channel, at in batch]),
                np.stack([_stripe(gains[channel], at, 1) for channel, at in batch]),
            )
            for (channel, at), row in zip(batch, judged, strict=True):
                heard[channel, at : at + STRIPE_FRAMES] = row[: frames - at]
        return tuple(heard)

    def _judge(self, stripes: NDArray[np.int16], gains: Frames) -> Frames:
        """Probabilities of shape `(stripes, STRIPE_FRAMES)`.

        Args:
            stripes: samples, `(stripes, frames, FRAME)`.
            gains: what each frame is multiplied by, `(stripes, frames, 1)`.
        """
        import torch

        self._network.reset_states()
        judged: list[torch.Tensor] = []
        with torch.inference_mode():
            for frame in range(stripes.shape[1]):
                heard = np.clip(as_float(stripes[:, frame]) * gains[:, frame], -1, 1)
                judged.append(self._network(torch.from_numpy(heard), SPEECH_RATE_HZ))
        return torch.cat(judged[RUN_UP_FRAMES:], dim=1).numpy()


def _levels(samples: NDArray[np.int16]) -> Frames:
    """Level of every 32 ms of one channel in dBFS; a last frame that is not full is filled with silence."""
    blocks = []
    for first in range(0, samples.size, LEVEL_BLOCK * FRAME):
        block = as_float(samples[first : first + LEVEL_BLOCK * FRAME])
        frames = np.pad(block, (0, -block.size % FRAME)).reshape(-1, FRAME)
        blocks.append(10 * np.log10(np.maximum(np.mean(np.square(frames), axis=1), 10 ** (SILENCE_DBFS / 10))))
    return np.concatenate(blocks, dtype=np.float32) if blocks else np.zeros(0, np.float32)


def _gains(levels: Frames) -> Frames:
    """What each frame of a channel is multiplied by before it is judged."""
    if levels.size == 0:
        return levels
    loudest = maximum_filter1d(levels, 2 * STEADY_FRAMES + 1)
    gain_db = uniform_filter1d(np.clip(LEVEL_DBFS - loudest, 0, MAX_GAIN_DB), STEADY_FRAMES)
    return np.asarray(10 ** (gain_db / 20), np.float32)


def _stripe(values: NDArray[Value], at: int, size: int) -> NDArray[Value]:
    """One stripe of a channel with its run-up, `(frames, size)`; zero where the recording is over.

    The first stripe runs up through the recording's own beginning, backwards: line noise that starts all at once is
    easily taken for speech.

    Args:
        values: of the whole channel.
        at: frame where the stripe begins.
        size: values a frame has.
    """
    run_up = RUN_UP_FRAMES * size
    stripe = np.zeros(run_up + STRIPE_FRAMES * size, values.dtype)
    before = values[at * size - run_up : at * size] if at else values[:run_up][::-1]
    here = values[at * size : (at + STRIPE_FRAMES) * size]
    stripe[run_up - before.size : run_up] = before
    stripe[run_up : run_up + here.size] = here
    return stripe.reshape(-1, size)
