"""When the conversation was over: all evidence of one call brought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callaudit.domain.analysis import Acoustics, Closing, Warn
from callaudit.domain.calls import Call, Party
from callaudit.domain.hangups import Hangup, HangupEvidence, PassedOver
from callaudit.domain.transcripts import Utterance
from callaudit.hangup.closing import ClosingReading, read_closing_exchange
from callaudit.hangup.dialogue import Dialogue
from callaudit.hangup.innocent import pass_over
from callaudit.hangup.prompts import find_survey
from callaudit.hangup.record import RecordReading, read_record
from callaudit.hangup.stretches import speech_stretches
from callaudit.hangup.tone import tone_witnesses
from callaudit.hangup.weigh import weigh
from callaudit.settings import HangupSettings

CONTRADICTED_MS = 500
"""Dialogue that goes on this much later than a record's hang-up can have been contradicts it, in ms."""


class EvidenceHangupLocator:
    """Asks call record, tones and goodbyes, and weighs what they say (a `HangupLocator`)."""

    def __init__(self, settings: HangupSettings) -> None:
        self._settings = settings

    @property
    def name(self) -> str:
        """Name in fingerprints."""
        return "evidence"

    @property
    def version(self) -> str:
        """Changes with rules and settings."""
        settings = self._settings
        return f"3:{settings.customer_silence_ms}:{settings.min_speech_ms}:{settings.record_tolerance_ms}"

    def locate(
        self, call: Call, acoustics: Acoustics, utterances: Sequence[Utterance]
    ) -> tuple[Closing | None, Hangup | None, tuple[PassedOver, ...], tuple[Warn, ...]]:
        """Find closing exchange and hang-up.

        Returns:
            The closing exchange; the hang-up, with every witness; what at the end of the call is innocent, and why;
            what is doubtful about the call record.
        """
        record = read_record(call.record, acoustics.duration_ms, self._settings.record_tolerance_ms)
        stretches = speech_stretches(call, acoustics, utterances)
        survey = find_survey(stretches, record.survey_start_ms)
        dialogue = Dialogue(call, stretches, survey, self._settings.customer_silence_ms)
        reading = read_closing_exchange(dialogue, acoustics.duration_ms)
        record = _doubted_by_dialogue(record, dialogue)
        witnesses = [record.witness, *tone_witnesses(call, acoustics.tones, dialogue), reading.witness]
        heard = [witness for witness in witnesses if witness is not None]
        hangup = weigh(heard, self._spoken_ms(dialogue, reading, heard))
        warnings = (record.doubt,) if record.doubt else ()
        return reading.closing, hangup, pass_over(dialogue, reading, hangup), warnings

    def _spoken_ms(self, dialogue: Dialogue, reading: ClosingReading, witnesses: Sequence[HangupEvidence]) -> list[int]:
        """Starts of what agent or unknown say after the closing exchange that belongs to no goodbye, in ms."""
        if reading.exchange is None or len(witnesses) <= 1:
            return []
        return [
            stretch.span.start_ms
            for stretch in dialogue.after(reading.exchange.span.end_ms)
            if stretch.party is not Party.CUSTOMER
            and stretch.text
            and not stretch.words.only
            and stretch.span.duration_ms >= self._settings.min_speech_ms
        ]


def _doubted_by_dialogue(record: RecordReading, dialogue: Dialogue) -> RecordReading:
    """The record speaks against itself where the customer is in dialogue later than its hang-up can have been."""
    if record.witness is None or dialogue.call.is_mixed:
        return record
    latest_ms = record.witness.at_ms + record.witness.uncertainty_ms + CONTRADICTED_MS
    later = dialogue.resumption(latest_ms)
    if later is None or not later.text:
        return record
    return replace(record, doubt=Warn.RECORD_REFUTED, witness=replace(record.witness, supports=False))
