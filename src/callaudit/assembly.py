"""The composition root: settings in, wired engines out. The only module that knows every adapter.

Adapters are imported where they are built: whisper, torch and scikit-learn cost seconds, and most commands need none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from callaudit import __version__
from callaudit.domain.analysis import CallSource, FailedCall, JudgedCall
from callaudit.domain.calls import Party, Recording
from callaudit.errors import AudioError, CallRecordError, StorageError
from callaudit.pipeline import Engines
from callaudit.settings import AudioSettings, Settings

if TYPE_CHECKING:
    from callaudit.batch.local import Batch, Ledger, RunSummary
    from callaudit.calls.lookup import CallRecords
    from callaudit.reports.clips import Clip, ClipSource
    from callaudit.storage.store import SqlStore

UNFINGERPRINTED: dict[str, bool | set[str]] = {
    "db": True,
    "calls_per_group": True,
    "report": True,
    "audio": {"ffmpeg", "folders", "max_duration_s", "max_bytes", "decode_timeout_s", "decode_memory_mb"},
    "speech": {"device", "threads", "batch_windows"},
}
"""Settings that change where results go, how they look or what they cost, not what they are."""


def build_engines(settings: Settings) -> Engines:
    """Load every engine; this is where a missing model, lexicon or program stops the run.

    Raises:
        SetupError: something must be repaired first.
    """
    from callaudit.audio.decode import FfmpegDecoder
    from callaudit.classifier.model import RudenessClassifier
    from callaudit.detectors import FusedDetector, make_detectors, score_call
    from callaudit.hangup.locate import EvidenceHangupLocator
    from callaudit.lexicon.files import load_lexicon
    from callaudit.lexicon.matcher import LexiconMatcher
    from callaudit.speech.activity import SileroDetector
    from callaudit.speech.engine import WhisperTranscriber
    from callaudit.speech.tones import BusyToneDetector
    from callaudit.text.parties import WordPartyAttributor
    from callaudit.text.segment import Segmenter

    decoder = FfmpegDecoder(settings.audio)
    matcher = LexiconMatcher(load_lexicon(settings.lexicon.folder), Segmenter())
    classifier = RudenessClassifier(settings.classifier.folder, settings.classifier.threshold)
    transcriber = WhisperTranscriber(settings.speech)
    return Engines(
        decoder=decoder,
        speech=SileroDetector(settings.speech),
        tones=BusyToneDetector(),
        transcriber=transcriber,
        attributor=WordPartyAttributor(),
        locator=EvidenceHangupLocator(settings.hangup),
        detector=FusedDetector(make_detectors(matcher, classifier, settings.hangup)),
        scorer=score_call,
        channel_parties=settings.audio.channel_map,
        is_synthetic_model=transcriber.is_synthetic_only,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scan will cover, and what it leaves aside."""

    sources: tuple[CallSource | FailedCall, ...]
    """Recordings to scan; a call whose record contradicts itself is here as the failure it is."""
    passed_by: tuple[Path, ...]
    """Files of the folders that are no recordings."""
    remarks: tuple[str, ...]
    """What to know about the call records: how many were used, and columns that nobody knows."""


def find_sources(names: Iterable[str], settings: Settings, calls: Path | None) -> Plan:
    """The recordings under some names, each with its call record and folder's channel map.

    Raises:
        InputError: a name matches nothing, or the call records cannot be read.
    """
    from callaudit.batch.discovery import discover
    from callaudit.calls.records import read_call_records

    records = read_call_records(calls) if calls else None
    discovered = discover(names, _is_audio)

    def source_of(path: Path) -> CallSource | FailedCall:
        try:
            record = records.for_recording(path) if records else None
        except CallRecordError as error:
            return FailedCall(
                path=path,
                call_id=path.stem,
                code=error.code,
                message=error.message,
                hint=error.hint,
                stage="call_record",
            )
        return CallSource(path=path, record=record, folder_parties=_folder_parties(path, settings))

    sources = tuple(source_of(path) for path in discovered.recordings)
    return Plan(sources, discovered.passed_by, _remarks(records, sources) if records else ())


def _remarks(records: CallRecords, sources: Iterable[CallSource | FailedCall]) -> tuple[str, ...]:
    """Signs that the call records are not those of these recordings."""
    used = sum(isinstance(source, CallSource) and source.record is not None for source in sources)
    remarks = [f"{used} of {len(records)} call records belong to a recording of this scan"]
    if records.unknown_columns:
        remarks.append(f"columns of the call records that mean nothing here: {', '.join(records.unknown_columns)}")
    return tuple(remarks)


def _is_audio(path: Path) -> bool:
    """Whether the first bytes of a file are those of a recording."""
    from callaudit.audio.files import opened
    from callaudit.audio.probe import identify

    try:
        with opened(path) as file:
            return identify(file) is not None
    except AudioError:
        return False


def _sha256(path: Path) -> str | None:
    """Digest of a file's bytes; None where it cannot be read, which the decoder will say better."""
    from callaudit.audio.files import opened

    try:
        with opened(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except AudioError:
        return None


def _folder_parties(path: Path, settings: Settings) -> tuple[Party, ...] | None:
    """Channel map of the nearest folder above a recording that has one."""
    resolved = path.resolve()
    above = [folder for folder in settings.audio.folders if resolved.is_relative_to(folder.path.resolve())]
    nearest = max(above, key=lambda folder: len(folder.path.resolve().parts), default=None)
    return nearest.channel_map if nearest else None


def make_batch(settings: Settings, engines: Engines, ledger: Ledger, *, force: bool = False) -> Batch:
    """Everything `batch.local.run` needs besides the recordings."""
    from callaudit.batch.local import Batch

    return Batch(
        engines=engines,
        ledger=ledger,
        fingerprint=fingerprinter(settings, engines),
        sha256=_sha256,
        group_size=settings.calls_per_group,
        force=force,
    )


@contextmanager
def recorded_run(settings: Settings, engines: Engines, store: SqlStore) -> Iterator[RunSummary]:
    """Note in the store that a run begins and, however it ends, what it came to; gives the summary to count in."""
    from callaudit.batch.local import RunSummary

    summary = RunSummary()
    fingerprint = fingerprinter(settings, engines)(CallSource(path=Path()))
    run_id = store.begin_run(datetime.now(UTC), fingerprint)
    try:
        yield summary
    finally:
        counts = {"done": summary.done, "failed": summary.failed, "skipped": summary.skipped}
        store.finish_run(run_id, datetime.now(UTC), counts)


def fingerprinter(settings: Settings, engines: Engines) -> Callable[[CallSource], str]:
    """A function that digests all that decides the outcome of one source, 16 hexadecimal digits."""
    parts = (
        engines.decoder,
        engines.speech,
        engines.tones,
        engines.transcriber,
        engines.attributor,
        engines.locator,
        engines.detector,
    )
    common = {
        "callaudit": __version__,
        "engines": [f"{part.name} {part.version}" for part in parts],
        "settings": settings.model_dump(mode="json", exclude=UNFINGERPRINTED),
    }

    def fingerprint(source: CallSource) -> str:
        own = {"record": source.record and asdict(source.record), "folder_parties": source.folder_parties}
        text = json.dumps({**common, **own}, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    return fingerprint


def open_store(settings: Settings, *, must_exist: bool = False) -> SqlStore:
    """Open the database of the settings, and make it where there is none.

    Args:
        settings: names the database.
        must_exist: refuse to make an empty database: the caller came to read.

    Raises:
        StorageError: it cannot be opened, or is missing though it must exist.
    """
    from callaudit.storage.store import SqlStore

    return SqlStore(settings.db, must_exist=must_exist)


def make_folder(folder: Path) -> None:
    """Make a folder for results, private to this user where it is new.

    Raises:
        StorageError: it cannot be made or written to.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot make the folder {folder}: {error.strerror}",
            code="storage.folder",
            hint="name another folder, or give this user the right to write there",
        ) from error


def sqlite_address(path: Path) -> str:
    """The address of a SQLite database in a file, whatever the file is called."""
    from callaudit.storage.address import sqlite_address as address_of

    return address_of(path)


def write_reports(
    store: SqlStore, settings: Settings, folder: Path, *, run_id: int | None = None, audio: bool = True
) -> tuple[Path, ...]:
    """Write report.html, findings.jsonl, findings.csv and findings.xlsx from what the store holds, or one run of it.

    Raises:
        StorageError: the store cannot be read or the folder not written to.
    """
    from callaudit.reports.clips import no_clips
    from callaudit.reports.html_report import write_html
    from callaudit.reports.tables import write_csv, write_jsonl, write_xlsx

    paths = tuple(folder / name for name in ("report.html", "findings.jsonl", "findings.csv", "findings.xlsx"))
    html, jsonl, csv, xlsx = paths
    lang = settings.report.lang
    clips = clip_source(settings) if audio else no_clips
    outcomes = partial(store.outcomes, run_id)
    write_html(html, outcomes, lang=lang, generated_at=datetime.now().astimezone(), clips=clips)
    write_jsonl(jsonl, outcomes)
    write_csv(csv, outcomes, lang)
    write_xlsx(xlsx, outcomes, lang)
    return paths


def _as_recorded(audio: AudioSettings, recording: Recording) -> AudioSettings:
    """The audio settings with which a headerless recording was read; others need none."""
    from callaudit.audio.probe import HEADERLESS

    if recording.container not in HEADERLESS:
        return audio
    return audio.model_copy(update={"raw_format": recording.container, "raw_rate_hz": recording.sample_rate_hz})


def clip_source(settings: Settings) -> ClipSource:
    """A function that cuts the audio around a call's findings from its recording, decoded anew.

    A recording that is gone or has changed since gives no clips: the report says that audio is not available.
    """
    from callaudit.audio.clips import ClipMaker
    from callaudit.audio.decode import FfmpegDecoder
    from callaudit.reports.clips import Clip, clip_spans

    maker = ClipMaker(settings.audio)

    def clips(judged: JudgedCall) -> tuple[Clip, ...]:
        spans = clip_spans(judged.findings, judged.analysis.acoustics.duration_ms, settings.report)
        if not spans:
            return ()
        try:
            known = judged.analysis.call.recording
            decoder = FfmpegDecoder(_as_recorded(settings.audio, known))
            recording, wave, _ = decoder.decode(CallSource(path=known.path))
            if recording.sha256 != known.sha256:
                return ()
            return tuple(Clip(span=span, mp3=maker.clip(wave, span)) for span in spans)
        except AudioError:
            return ()

    return clips
