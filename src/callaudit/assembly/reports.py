"""The files of a report, with the audio of its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from callaudit.domain.analysis import CallOutcome, CallSource, JudgedCall
from callaudit.domain.calls import Recording
from callaudit.errors import AudioError, DependencyError, FetchError, InputError
from callaudit.settings import AudioSettings, Settings

if TYPE_CHECKING:
    from callaudit.reports.clips import Clip, ClipSource


@dataclass(frozen=True, slots=True)
class WrittenReports:
    """The files of a report, and what could not be put into them."""

    paths: tuple[Path, ...]
    without_audio: tuple[Path, ...]
    """Recordings with findings whose audio was wanted and could not be attached."""


def write_reports(
    outcomes: Callable[[], Iterable[CallOutcome]], settings: Settings, folder: Path, *, audio: bool = True
) -> WrittenReports:
    """Write report.html, findings.jsonl, findings.csv and findings.xlsx.

    Args:
        outcomes: what to report on, in order; asked for once for each file.
        settings: language of the reports, how recordings are read, how much is heard around a finding.
        folder: where to write.
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

    A recording that is gone or has changed since gives no clips: the report says that audio is not available. Remote
    ones are fetched again; a store that fails a few times in a row is asked for no more.
    """
    from callaudit.audio.clips import ClipMaker
    from callaudit.audio.decode import FfmpegDecoder
    from callaudit.batch.remote import fetched
    from callaudit.batch.silence import BRIEFLY, Silences
    from callaudit.reports.clips import Clip, clip_spans

    maker = ClipMaker(settings.audio)
    silences = Silences()

    def clips(judged: JudgedCall) -> tuple[Clip, ...]:
        spans = clip_spans(judged.findings, judged.analysis.acoustics.duration_ms, settings.report)
        if not spans:
            return ()
        known = judged.analysis.call.recording
        kept = CallSource.kept_as(known.path)
        try:
            decoder = FfmpegDecoder(_as_recorded(settings.audio, known))
            with silences.asking(known.path), fetched(kept, settings.audio.max_bytes, BRIEFLY) as source:
                recording, wave, _ = decoder.decode(source)
            if recording.sha256 != known.sha256:
                return ()
            return tuple(Clip(span=span, mp3=maker.clip(wave, span)) for span in spans)
        except (FetchError, DependencyError, InputError, AudioError):
            return ()

    return clips
