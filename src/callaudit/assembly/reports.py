"""The files of a report, with the audio of its findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from callaudit.domain.analysis import CallSource, JudgedCall
from callaudit.domain.calls import Recording
from callaudit.errors import AudioError
from callaudit.settings import AudioSettings, Settings

if TYPE_CHECKING:
    from callaudit.reports.clips import Clip, ClipSource
    from callaudit.storage.store import SqlStore


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
