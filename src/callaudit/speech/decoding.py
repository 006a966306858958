"""Batches of windows through Whisper: sound to timed text, and a second try for the windows that went wrong."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.spans import TimeSpan
from callaudit.errors import TranscriptionError
from callaudit.speech.packing import WINDOW_MS
from callaudit.speech.sampling import RowSampler, TokenLimits
from callaudit.speech.segments import parse_segments

if TYPE_CHECKING:
    import torch
    from whisper.decoding import DecodingResult

MAX_COMPRESSION_RATIO = 2.4
"""Text that zlib shrinks by more repeats itself; the three figures are those of `whisper.transcribe`."""
MIN_AVG_LOGPROB = -1.0
SILENT_NO_SPEECH_PROB = 0.6
FALLBACK_TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)
TOKENS_PER_SECOND = 14
"""More than anybody says: eight syllables a second, at most two tokens each, rarely."""
SPARE_TOKENS = 24


@dataclass(frozen=True, slots=True)
class TimedText:
    """One segment of a window, in window time, as Whisper wrote it."""

    span: TimeSpan
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedWindow:
    """What Whisper made of one window; the figures keep Whisper's names and hold for the whole window."""

    segments: tuple[TimedText, ...]
    avg_logprob: float
    no_speech_prob: float
    temperature: float
    is_poor: bool = False
    """Still a loop or guesswork after every try."""


@dataclass(frozen=True, slots=True)
class WindowSound:
    """What a window is decoded from."""

    samples: NDArray[np.float32]
    """16 kHz in [-1, 1], up to 30 s."""
    speech_ms: int
    """How much of it is speech."""


class WindowDecoder:
    """Decodes batches of windows with one loaded Whisper model."""

    def __init__(self, model: Any, prompt: str) -> None:
        """Prepare decoding.

        Args:
            model: a `whisper.model.Whisper`, on the device where it is to run.
            prompt: shown to the model before each window; empty for none.
        """
        import whisper
        from whisper.tokenizer import get_tokenizer

        self._model = model
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # whisper leaves its token file to the garbage collector
            self._tokenizer = get_tokenizer(
                model.is_multilingual, num_languages=model.num_languages, language="zh", task="transcribe"
            )
        self._options = whisper.DecodingOptions(
            language="zh", temperature=0.0, prompt=prompt or None, fp16=model.device.type == "cuda"
        )
        # Whisper keeps the last half context of a prompt, and one sign that it is one.
        shown = min(len(self._tokenizer.encode(" " + prompt.strip())) + 1, model.dims.n_text_ctx // 2) if prompt else 0
        self._longest: int = model.dims.n_text_ctx - len(self._tokenizer.sot_sequence) - shown

    def decode(self, windows: Sequence[WindowSound]) -> list[DecodedWindow]:
        """Text of each window, in the same order.

        Raises:
            TranscriptionError: the device is out of memory, or the engine failed.
        """
        import torch

        try:
            with torch.inference_mode():
                results = self._decode(windows)
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise TranscriptionError(
                f"no memory left for {len(windows)} windows",
                code="speech.out_of_memory",
                hint="set a smaller speech.batch_windows or a smaller model",
            ) from error
        except (RuntimeError, ValueError) as error:
            raise TranscriptionError(
                f"Whisper failed on {len(windows)} windows: {type(error).__name__}",
                code="speech.engine",
                hint="the model's file may be damaged: fetch it again; or try speech.device = 'cpu';"
                " if it stays, report it with the model's name",
            ) from error
        return [
            self._timed(result, round(window.samples.size / 16))
            for result, window in zip(results, windows, strict=True)
        ]

    def _token_limit(self, window: WindowSound) -> int:
        """Tokens after which a window is broken off: it holds no more, unless it loops."""
        return min(self._longest, SPARE_TOKENS + round(window.speech_ms / 1000 * TOKENS_PER_SECOND))

    def _decode(self, windows: Sequence[WindowSound]) -> list[DecodingResult]:
        """All windows at temperature 0; the poor ones again, hotter, until they pass or the heat ends.

        Heat breaks loops; guesswork that a hotter try does not make surer is left at that.
        """
        features = self._features([window.samples for window in windows])
        limits = [self._token_limit(window) for window in windows]
        best = self._ask(features, limits, 0.0)
        poor = [row for row, result in enumerate(best) if is_poor(result)]
        for temperature in FALLBACK_TEMPERATURES:
            if not poor:
                break
            tries = self._ask(features[poor], [limits[row] for row in poor], temperature)
            again: list[int] = []
            for row, result in zip(poor, tries, strict=True):
                better = _merit(result) > _merit(best[row])
                best[row] = result if better else best[row]
                if is_poor(best[row]) and (better or _loops(best[row])):
                    again.append(row)
            poor = again
        return best

    def _ask(self, features: torch.Tensor, limits: Sequence[int], temperature: float) -> list[DecodingResult]:
        """Whisper's text for encoded windows, each for itself, of at most `limits` tokens.

        Raises:
            ValueError: the model's figures are no numbers.
        """
        from whisper.decoding import DecodingTask

        options = replace(self._options, temperature=temperature, sample_len=max(limits))
        task, end_of_text = DecodingTask(self._model, options), self._tokenizer.eot
        task.logit_filters.append(TokenLimits(limits, task.sample_begin, end_of_text))
        if temperature:
            task.decoder = RowSampler(temperature, end_of_text, len(limits))
        results: list[DecodingResult] = task.run(features)
        if not all(math.isfinite(result.avg_logprob) for result in results):
            raise ValueError("a log probability is no number")
        return results

    def _features(self, sounds: Sequence[NDArray[np.float32]]) -> torch.Tensor:
        """Encoded windows, `(windows, positions, width)`, computed once for all temperatures and each by itself.

        The encoder gains nothing from a batch: on one thread 8 windows together take a tenth longer than one by one.
        """
        import torch
        from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim

        device, bands = self._model.device, self._model.dims.n_mels
        mels = (log_mel_spectrogram(pad_or_trim(sound, N_SAMPLES), bands, device=device)[None] for sound in sounds)
        return torch.cat([self._model.encoder(mel.half() if self._options.fp16 else mel) for mel in mels])

    def _timed(self, result: DecodingResult, sound_ms: int) -> DecodedWindow:
        """A result with its time tokens read."""
        tokenizer = self._tokenizer
        segments = parse_segments(result.tokens, tokenizer.timestamp_begin, tokenizer.eot, min(WINDOW_MS, sound_ms))
        texts = (TimedText(segment.span, tokenizer.decode(list(segment.tokens)).strip()) for segment in segments)
        return DecodedWindow(
            segments=tuple(TimedText(timed.span, timed.text.replace("\ufffd", "")) for timed in texts),
            avg_logprob=result.avg_logprob,
            no_speech_prob=result.no_speech_prob,
            temperature=result.temperature,
            is_poor=is_poor(result),
        )


def is_poor(result: DecodingResult) -> bool:
    """Whether a window deserves another try: it repeats itself or is guesswork, and is not plain silence."""
    unsure = float(result.avg_logprob) < MIN_AVG_LOGPROB
    silent = unsure and float(result.no_speech_prob) > SILENT_NO_SPEECH_PROB
    return not silent and (unsure or _loops(result))


def _loops(result: DecodingResult) -> bool:
    return float(result.compression_ratio) > MAX_COMPRESSION_RATIO


def _merit(result: DecodingResult) -> tuple[bool, float]:
    """What makes one try better than another: no repetition first, then how sure the model was."""
    return not _loops(result), float(result.avg_logprob)
