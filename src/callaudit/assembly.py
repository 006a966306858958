"""The composition root: settings in, wired engines out. The only module that knows every adapter.

Adapters are imported where they are built: whisper, torch and scikit-learn cost seconds, and most commands need none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from callaudit import __version__
from callaudit.domain.analysis import CallSource, FailedCall, JudgedCall
from callaudit.domain.calls import Party, Recording
from callaudit.domain.findings import Phase
from callaudit.errors import AudioError, CallRecordError, StorageError
from callaudit.pipeline import Engines
from callaudit.settings import AudioSettings, Settings

if TYPE_CHECKING:
    from callaudit.batch.local import Batch, Ledger, RunSummary
    from callaudit.classifier.evaluation import Evaluation
    from callaudit.classifier.model import RudenessClassifier
    from callaudit.detectors.text_judge import TextJudge
    from callaudit.lexicon.matcher import LexiconMatcher
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
    from callaudit.detectors import FusedDetector, make_detectors, score_call
    from callaudit.hangup.locate import EvidenceHangupLocator
    from callaudit.speech.activity import SileroDetector
    from callaudit.speech.engine import WhisperTranscriber
    from callaudit.speech.tones import BusyToneDetector
    from callaudit.text.parties import WordPartyAttributor

    decoder = FfmpegDecoder(settings.audio)
    matcher, classifier = _word_engines(settings)
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


def build_text_judge(settings: Settings, matcher: LexiconMatcher | None = None) -> TextJudge:
    """Load what judges words, as `build_engines` does, and nothing that hears them.

    Args:
        settings: name lexicon and classifier.
        matcher: that of the settings where it is built already.

    Raises:
        SetupError: something must be repaired first.
    """
    from callaudit.detectors.text_judge import TextJudge

    return TextJudge(*_word_engines(settings, matcher))


def build_matcher(settings: Settings) -> LexiconMatcher:
    """The lexicon of the settings, ready to match.

    Raises:
        LexiconError: it cannot be used.
    """
    from callaudit.lexicon.files import load_lexicon
    from callaudit.lexicon.matcher import LexiconMatcher
    from callaudit.text.segment import Segmenter

    return LexiconMatcher(load_lexicon(settings.lexicon.folder, settings.lexicon.overlay), Segmenter())


def _word_engines(
    settings: Settings, matcher: LexiconMatcher | None = None
) -> tuple[LexiconMatcher, RudenessClassifier]:
    """Lexicon and classifier of the settings."""
    from callaudit.classifier.model import RudenessClassifier

    matcher = matcher or build_matcher(settings)
    return matcher, RudenessClassifier(settings.classifier.folder, settings.classifier.threshold)


def train_classifier(
    settings: Settings, files: Sequence[Path], out: Path, *, calibrate: Sequence[Path] = (), lexicon: bool = True
) -> Evaluation:
    """Train the rudeness model beside the lexicon of the settings.

    Args:
        settings: name the lexicon.
        files: labelled utterances.
        out: folder of the model.
        calibrate: those of the files that choose threshold and trust in the lexicon; all where empty.
        lexicon: whether lexicon matches count at all.

    Raises:
        InputError: a file is malformed, or there is too little to learn from or to calibrate on.
        LexiconError: the lexicon cannot be used.
        StorageError: the folder cannot be made or written to.
    """
    from callaudit.classifier.training import TrainingData, train
    from callaudit.detectors.cues import cues_of
    from callaudit.detectors.witnesses import covered

    make_folder(out)
    if not lexicon:
        return train(TrainingData(files=files, calibration_files=calibrate), out)
    matcher = build_matcher(settings)
    data = TrainingData(
        files=files,
        calibration_files=calibrate,
        cues=lambda text: cues_of(covered(matcher.match(text), Party.AGENT, Phase.BEFORE_HANGUP)),
        cues_version=matcher.version,
    )
    return train(data, out)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scan will cover, and what it leaves aside."""

    sources: tuple[CallSource | FailedCall, ...]
    """Recordings to scan; a call with several call records is here as the failure it is."""
    passed_by: tuple[Path, ...]
    """Files of the folders that are no recordings, and what is hidden there."""
    remarks: tuple[str, ...]
    """What to know about the call records: how many were used, which were not, what is told twice."""


def find_sources(names: Iterable[str], settings: Settings, calls: Path | None) -> Plan:
    """The recordings under some names, each with its call record and folder's channel map.

    Raises:
        InputError: a name matches nothing, or the call records cannot be read.
    """
    from callaudit.batch.discovery import discover
    from callaudit.calls import read_call_records, remarks_on

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
    return Plan(sources, discovered.passed_by, remarks_on(records, discovered.recordings) if records else ())


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
def recorded_run(settings: Settings, engines: Engines, store: SqlStore, summary: RunSummary) -> Iterator[None]:
    """Note in the store that a run begins and, however it ends, what it came to.

    Args:
        settings: what the run was told.
        engines: what it works with.
        store: where it is noted.
        summary: is counted up as the run goes.
    """
    fingerprint = fingerprinter(settings, engines)(CallSource(path=Path()))
    run_id = store.begin_run(datetime.now(UTC), fingerprint)
    try:
        yield
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


def check_store(settings: Settings) -> str:
    """The address of the database, after checking that it can be opened and written; it is neither made nor changed.

    Raises:
        StorageError: it cannot.
    """
    from callaudit.storage.store import check_store as check

    return check(settings.db)


def open_store(settings: Settings, *, to_read: bool = False) -> SqlStore:
    """Open the database of the settings, and make it where there is none.

    Args:
        settings: names the database.
        to_read: the caller came to read: no empty database is made, and one that may not be written will do.

    Raises:
        StorageError: it cannot be opened, or is missing though the caller came to read.
    """
    from callaudit.storage.store import SqlStore

    return SqlStore(settings.db, to_read=to_read)


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


@dataclass(frozen=True, slots=True)
class WrittenReports:
    """The files of a report, and what could not be put into them."""

    paths: tuple[Path, ...]
    without_audio: tuple[Path, ...]
    """Recordings with findings whose audio was wanted and could not be attached."""


def write_reports(
    store: SqlStore, settings: Settings, folder: Path, *, run_id: int | None = None, audio: bool = True
) -> WrittenReports:
    """Write report.html, findings.jsonl, findings.csv and findings.xlsx from what the store holds, or one run of it.

    Args:
        store: holds the outcomes.
        settings: language of the reports, how recordings are read, how much is heard around a finding.
        folder: where to write.
        run_id: of the only run to report on; everything kept by default.
        audio: whether to put the audio of findings into the HTML report.

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
    silent = write_html(html, outcomes, lang=lang, generated_at=datetime.now(UTC), clips=clips)
    write_jsonl(jsonl, outcomes)
    write_csv(csv, outcomes, lang)
    write_xlsx(xlsx, outcomes, lang)
    return WrittenReports(paths, silent if audio else ())


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
