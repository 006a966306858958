"""When the conversation was over: all evidence of one call brought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callaudit.domain.analysis import Acoustics, CallEnd, Warn
from callaudit.domain.calls import Call, Party
from callaudit.domain.hangups import Hangup, HangupEvidence
from callaudit.domain.transcripts import Utterance
from callaudit.hangup.about_caller import about_caller_witness
from callaudit.hangup.boundary import is_after
from callaudit.hangup.closing import ClosingReading, read_closing_exchange
from callaudit.hangup.dialogue import Dialogue
from callaudit.hangup.hold import consultations, find_holds
from callaudit.hangup.innocent import pass_over
from callaudit.hangup.line import line_witness
from callaudit.hangup.prompts import announcement_witness, find_announcement, find_survey, survey_witness
from callaudit.hangup.record import RecordReading, read_record
from callaudit.hangup.stretches import speech_stretches
from callaudit.hangup.talks import TalkReader
from callaudit.hangup.tone import tone_witnesses
from callaudit.hangup.weigh import confidence, weigh
from callaudit.settings import HangupSettings

CONTRADICTED_MS = 500
"""Dialogue that goes on this much later than a record's hang-up can have been contradicts it, in ms."""


class EvidenceHangupLocator:
    """Asks call record, line, machines and goodbyes, and weighs what they say (a `HangupLocator`)."""

    def __init__(self, settings: HangupSettings, reader: TalkReader) -> None:
        self._settings = settings
        self._reader = reader

    @property
    def name(self) -> str:
        """Name in fingerprints."""
        return "evidence"

    @property
    def version(self) -> str:
        """Changes with rules and settings."""
        settings = self._settings
        times_ms = (settings.customer_silence_ms, settings.min_speech_ms, settings.chat_ms)
        return ":".join(map(str, (9, *times_ms, settings.record_tolerance_ms, self._reader.version)))

    def locate(self, call: Call, acoustics: Acoustics, utterances: Sequence[Utterance]) -> CallEnd:
        """Find closing exchange, hang-up with every witness, and holds; explain what is innocent after or in them."""
        record = read_record(call.record, acoustics.duration_ms, self._settings.record_tolerance_ms)
        stretches = speech_stretches(call, acoustics, utterances)
        survey = find_survey(stretches, self._reader, record.survey_start_ms, call.channel_of(Party.AGENT))
        dialogue = Dialogue(call, stretches, survey, self._settings.customer_silence_ms, self._reader)
        reading = read_closing_exchange(dialogue, acoustics.duration_ms)
        record = _doubted_by_dialogue(record, dialogue)
        witnesses = (record.witness, reading.witness, *tone_witnesses(call, acoustics.tones, dialogue))
        witnesses += (line_witness(call, acoustics, dialogue), survey_witness(survey), _announcement(dialogue))
        heard = [witness for witness in witnesses if witness is not None]
        hangup = _with_talk(weigh(heard, self._spoken_ms(dialogue, reading)), dialogue)
        holds = find_holds(call, acoustics.music, stretches, record.holds)
        passed_over = [*pass_over(dialogue, reading, hangup, self._settings.chat_ms)]
        passed_over += consultations((one for one in stretches if not is_after(one.span, hangup)), holds, self._reader)
        return CallEnd(
            closing=reading.closing,
            hangup=hangup,
            holds=holds,
            passed_over=tuple(sorted(passed_over, key=lambda item: item.span)),
            warnings=(record.doubt,) if record.doubt else (),
        )

    def _spoken_ms(self, dialogue: Dialogue, reading: ClosingReading) -> list[int]:
        """Starts of what agent or unknown say after the closing exchange that belongs to no goodbye, in ms."""
        if reading.exchange is None:
            return []
        return [
            stretch.span.start_ms
            for stretch in dialogue.after(reading.exchange.span.end_ms)
            if stretch.party is not Party.CUSTOMER
            and stretch.text
            and not stretch.words.only
            and stretch.span.duration_ms >= self._settings.min_speech_ms
        ]


def _with_talk(hangup: Hangup | None, dialogue: Dialogue) -> Hangup | None:
    """The hang-up, the surer where the caller is talked about after it."""
    witness = None if hangup is None else about_caller_witness(dialogue, hangup)
    if hangup is None or witness is None:
        return hangup
    votes = (*hangup.evidence, witness)
    return replace(hangup, evidence=votes, confidence=confidence(votes))


def _announcement(dialogue: Dialogue) -> HangupEvidence | None:
    """The announcement that an outbound call reached, with what the customer has to say to it."""
    span = find_announcement(dialogue.stretches, dialogue.reader)
    return announcement_witness(span, answered=span is not None and dialogue.resumption(span.end_ms) is not None)


def _doubted_by_dialogue(record: RecordReading, dialogue: Dialogue) -> RecordReading:
    """The record speaks against itself where the customer is in dialogue later than its hang-up can have been."""
    if record.witness is None or dialogue.call.is_mixed:
        return record
    latest_ms = record.witness.at_ms + record.witness.uncertainty_ms + CONTRADICTED_MS
    later = dialogue.resumption(latest_ms)
    if later is None or not later.text:
        return record
    return replace(record, doubt=Warn.RECORD_REFUTED, witness=replace(record.witness, supports=False))
