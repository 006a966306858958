from __future__ import annotations

from pathlib import Path

from callaudit.batch.memory import MemoryLedger
from callaudit.batch.reading import ReadingLedger
from callaudit.domain.analysis import HeardCall
from callaudit.domain.runs import Attempts
from tests.builders import make_failed, make_judged, make_recording


def test_a_reading_ledger_answers_as_the_ledger_does():
    ledger = MemoryLedger()
    judged, failed = make_judged(fingerprint="f"), make_failed(path=Path("b.wav"), sha256="b", fingerprint="f")
    recording, analysis = judged.analysis.call.recording, judged.analysis
    heard = HeardCall(recording=recording, acoustics=analysis.acoustics, transcript=analysis.transcript)
    ledger.save(judged)
    ledger.save(failed)
    ledger.keep_heard(heard, "t")
    ledger.begin_attempt("c")
    reading = ReadingLedger(ledger)

    assert reading.finished(recording.sha256, "f") == ()
    assert reading.finished(recording.sha256, "g") is None
    assert reading.failed(Path("b.wav"), "b", "f") == failed
    assert reading.heard(recording.sha256, "t") == heard
    assert reading.open_attempts() == {"c": Attempts(1, 0)}
    assert reading.note_crash("c") == Attempts(1, 0)


def test_a_reading_ledger_keeps_nothing():
    ledger = MemoryLedger()
    reading = ReadingLedger(ledger)
    judged = make_judged()
    analysis = judged.analysis
    reading.save(judged)
    reading.save(make_failed())
    reading.keep_heard(
        HeardCall(recording=make_recording(), acoustics=analysis.acoustics, transcript=analysis.transcript), "t"
    )
    reading.link(Path("c.wav"), "c")
    reading.begin_attempt("c")
    reading.note_crash("c")

    assert ledger == MemoryLedger()
