"""A transcriber that knows the answer: detection measured apart from recognition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from callaudit.domain.analysis import PreparedCall
from callaudit.domain.transcripts import Transcript, Utterance
from callaudit.domain.waveform import level_dbfs
from callaudit.errors import TranscriptionError
from callaudit.evaluation.truth import TrueUtterance, Truth


class OracleTranscriber:
    """Returns the true utterances. It knows the words, not who said them: parties are those of the channel map."""

    name = "oracle"
    version = "1"

    def __init__(self, truths: Mapping[Path, Truth]) -> None:
        self._truths = {path.resolve(): truth for path, truth in truths.items()}

    def transcribe(self, calls: Sequence[PreparedCall]) -> tuple[Transcript, ...]:
        """One transcript for each call, in the same order.

        Raises:
            TranscriptionError: there is no ground truth for a call.
        """
        return tuple(self._transcript(prepared) for prepared in calls)

    def _transcript(self, prepared: PreparedCall) -> Transcript:
        path = prepared.call.recording.path
        truth = self._truths.get(path.resolve())
        if truth is None:
            raise TranscriptionError(
                f"no ground truth for {path.name}", code="oracle.unknown", hint="put NAME.truth.json beside it"
            )
        utterances = tuple(_heard(prepared, index, said) for index, said in enumerate(truth.utterances))
        return Transcript(utterances=utterances, dropped=(), engine=f"{self.name} {self.version}")


def _heard(prepared: PreparedCall, index: int, said: TrueUtterance) -> Utterance:
    """One true utterance as an engine would have written it; on the only channel of a call that is taken for mixed."""
    channel = 0 if prepared.call.is_mixed else said.channel
    return Utterance(
        index=index,
        channel=channel,
        party=prepared.call.channel_parties[channel],
        party_basis=prepared.call.party_basis,
        span=said.span,
        text=said.text,
        level_dbfs=level_dbfs(prepared.wave.cut(channel, said.span)),
    )
