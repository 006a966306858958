"""Whisper over the speech of several calls at once: packed windows, batches, and the way back to each call.

Windows hold the speech of one call, batches hold windows of many. What is heard in a window depends on that window
alone (see `rows` and `sampling`), so that a call has the same transcript in any company.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from callaudit.domain.analysis import PreparedCall
from callaudit.domain.spans import TimeSpan
from callaudit.domain.transcripts import Transcript, Utterance
from callaudit.domain.waveform import SPEECH_RATE_HZ, level_dbfs
from callaudit.settings import SpeechSettings
from callaudit.speech.hygiene import is_doubtful, set_aside
from callaudit.speech.models import load_whisper, resolve_model
from callaudit.speech.packing import GAPS_MS, SLACK_MS, Piece, Placement, Window, pack, pieces_of

if TYPE_CHECKING:
    from callaudit.speech.decoding import DecodedWindow, TimedText

METHOD = 2
"""Counts up when this module comes to other results from the same settings."""
LEVEL_DBFS = -23.0
"""Level at which every region is shown to the model, so that somebody turned away is not lost beside a loud voice."""
MAX_GAIN_DB = 30.0
UNSURE_LOGPROB = -0.6
"""Mean log probability below which a model has mostly lost its way between the pieces of a window. Such a window is
heard again once, in the second round: that took 35 of 521 wrong characters from eight calls of three minutes and none
from the samples, for up to 7 % more windows. Not oftener: where a line is bad throughout, the last round would hear
every region alone, at many times the cost."""
SAMPLES_PER_MS = SPEECH_RATE_HZ // 1000


@dataclass(frozen=True, slots=True)
class _Heard:
    """Text traced to the one piece it was heard in."""

    piece: Piece
    span: TimeSpan
    text: str
    window: DecodedWindow


@dataclass(slots=True)
class _Listening:
    """One call while it is listened to."""

    call: PreparedCall
    unclear: Sequence[Piece]
    """What is still to be heard."""
    heard: list[_Heard] = field(default_factory=list)


class WhisperTranscriber:
    """Transcribes with an openai-whisper model, windows of all calls in common batches."""

    name = "whisper"

    def __init__(self, settings: SpeechSettings) -> None:
        """Find and load the model.

        Raises:
            ModelError: the model cannot be had or loaded.
        """
        found = resolve_model(settings.model)
        import torch
        import whisper

        from callaudit.speech.decoding import WindowDecoder
        from callaudit.speech.rows import make_steady

        if settings.threads:
            torch.set_num_threads(settings.threads)
        model = load_whisper(found, settings.device)
        make_steady(model)
        self._model = found
        self._prompt = settings.prompt if found.takes_prompt else ""
        self._batch_windows = settings.batch_windows
        self._decoder = WindowDecoder(model, self._prompt)
        self._whisper = str(whisper.__version__)

    @property
    def version(self) -> str:
        """Library, checkpoint and every option that moves a word."""
        prompt = f"{zlib.crc32(self._prompt.encode()):08x}"
        return f"{self._whisper} {self._model.sha256} method{METHOD} gap{GAPS_MS[0]} slack{SLACK_MS} prompt{prompt}"

    @property
    def engine(self) -> str:
        """What a transcript says it was made by, such as `whisper 20250625 mini@1a2b3c4d`."""
        return f"{self.name} {self._whisper} {self._model.label}"

    @property
    def is_synthetic_only(self) -> bool:
        """Whether the model knows synthetic speech alone."""
        return self._model.synthetic_only

    def transcribe(self, calls: Sequence[PreparedCall]) -> tuple[Transcript, ...]:
        """One transcript for each call, in the same order.

        Raises:
            TranscriptionError: the engine failed.
        """
        listening = [_Listening(call, pieces_of(call.acoustics.regions)) for call in calls]
        for gap_ms in GAPS_MS:
            asked = [(one, window) for one in listening for window in pack(one.unclear, gap_ms)]
            for one in listening:
                one.unclear = ()
            self._listen(asked, UNSURE_LOGPROB if gap_ms == GAPS_MS[0] else -math.inf)
        return tuple(self._transcript(one) for one in listening)

    def _listen(self, asked: Sequence[tuple[_Listening, Window]], unsure_logprob: float) -> None:
        """Note for each call what was heard, and the pieces that must be heard again, further apart.

        A window of several pieces with a lower mean log probability than `unsure_logprob` is heard again whole.
        """
        from callaudit.speech.decoding import WindowSound

        ordered = sorted(asked, key=lambda one: -one[1].speech_ms)  # a batch runs as long as its fullest window
        for first in range(0, len(ordered), self._batch_windows):
            batch = ordered[first : first + self._batch_windows]
            sounds = [WindowSound(_sound(one.call, window), window.speech_ms) for one, window in batch]
            for (one, window), decoded in zip(batch, self._decoder.decode(sounds), strict=True):
                clear, unclear = _trace(window, decoded, unsure_logprob)
                one.heard += clear
                one.unclear = sorted([*one.unclear, *unclear], key=lambda piece: (piece.span, piece.region.channel))

    def _transcript(self, listened: _Listening) -> Transcript:
        """The transcript of one call."""
        utterances = [_utterance(listened.call, piece) for piece in listened.heard]
        kept, dropped = set_aside(utterances, listened.call.acoustics.regions, self._prompt)
        return Transcript(kept, dropped, self.engine)


def _sound(call: PreparedCall, window: Window) -> NDArray[np.float32]:
    """Samples of a window: its pieces at one level, digital silence between them."""
    sound = np.zeros(window.end_ms * SAMPLES_PER_MS, np.float32)
    for placement in window.placements:
        piece = placement.piece
        samples = call.wave.cut_float(piece.region.channel, piece.span)
        gain = 10 ** (min(MAX_GAIN_DB, LEVEL_DBFS - piece.region.level_dbfs) / 20)
        at = placement.at_ms * SAMPLES_PER_MS
        sound[at : at + samples.size] = np.clip(samples * np.float32(gain), -1, 1)
    return sound


def _trace(window: Window, decoded: DecodedWindow, unsure_logprob: float) -> tuple[list[_Heard], list[Piece]]:
    """Each segment to the piece it was heard in, and the pieces that must be asked for again.

    A piece that is alone keeps what was written for it; what a model writes into the silence around it comes with no
    time of its own, for hygiene to drop. In the company of others a piece is asked for again if it shares a segment, if
    its text is doubtful, or if it has none: where the speech detector heard somebody, a model may not pass him over for
    his neighbours. If the window as a whole is guesswork, all are asked for again.
    """
    if len(window.placements) == 1:
        return [_heard(window.placements[0], segment, decoded) for segment in decoded.segments], []
    heard: list[_Heard] = []
    unclear: set[Piece] = set()
    for segment in decoded.segments:
        under = window.under(segment.span)
        if len(under) > 1 or is_doubtful(segment.text, segment.span.duration_ms):
            unclear.update(placement.piece for placement in under)
        heard += [_heard(placement, segment, decoded) for placement in under]
    if decoded.is_poor or decoded.avg_logprob < unsure_logprob:
        unclear.update(placement.piece for placement in window.placements)
    clear = [one for one in heard if one.piece not in unclear]
    answered = {one.piece for one in clear}
    return clear, [placement.piece for placement in window.placements if placement.piece not in answered]


def _heard(placement: Placement, segment: TimedText, decoded: DecodedWindow) -> _Heard:
    return _Heard(placement.piece, placement.to_recording(segment.span), segment.text, decoded)


def _utterance(prepared: PreparedCall, heard: _Heard) -> Utterance:
    """What was heard as the call knows it; numbered later."""
    from callaudit.text.script import to_simplified

    channel = heard.piece.region.channel
    text = to_simplified(heard.text)
    return Utterance(
        index=0,
        channel=channel,
        party=prepared.call.channel_parties[channel],
        party_basis=prepared.call.party_basis,
        span=heard.span,
        text=text,
        avg_logprob=heard.window.avg_logprob,
        no_speech_prob=heard.window.no_speech_prob,
        compression_ratio=_compression_ratio(text),
        temperature=heard.window.temperature,
        level_dbfs=level_dbfs(prepared.wave.cut(channel, heard.span)),
    )


def _compression_ratio(text: str) -> float:
    """Whisper's measure of repetition, of this utterance alone."""
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw))
