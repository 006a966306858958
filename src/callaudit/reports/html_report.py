"""The report as one HTML file: nothing is loaded from anywhere, and nothing in it can run but its own script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callaudit.domain.analysis import CallOutcome, JudgedCall
from callaudit.reports.call_view import view_call
from callaudit.reports.clips import Clip, ClipSource, no_clips
from callaudit.reports.files import replacing
from callaudit.reports.harmless import harmless
from callaudit.reports.summary import summarize
from callaudit.reports.units import moment
from callaudit.reports.wording import Lang
from callaudit.reports.wording.page import page_words

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def write_html(
    path: Path,
    outcomes: Callable[[], Iterable[CallOutcome]],
    *,
    lang: Lang,
    generated_at: datetime,
    clips: ClipSource = no_clips,
) -> tuple[Path, ...]:
    """Write the report; calls appear in the order of outcomes, one of them in memory at a time.

    Args:
        path: file to write or replace.
        outcomes: gives all outcomes, ranked; called twice and must give the same each time.
        lang: language of the report.
        generated_at: time shown in its head; the same input and time make the same file.
        clips: cuts the audio of a call with findings; it may give none.

    Returns:
        Recordings of calls with findings for which there is no audio.

    Raises:
        StorageError: the file cannot be written.
    """
    silent: list[Path] = []

    def noted(judged: JudgedCall) -> tuple[Clip, ...]:
        cut = clips(judged)
        if not cut:
            silent.append(judged.analysis.call.recording.path)
        return cut

    with replacing(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
        for part in _parts(outcomes, lang, generated_at, noted):
            file.write(part)
    return tuple(silent)


def _parts(
    outcomes: Callable[[], Iterable[CallOutcome]], lang: Lang, generated_at: datetime, clips: ClipSource
) -> Iterator[str]:
    """The file from top to bottom."""
    environment = make_environment()
    shared = {"words": page_words(lang), "lang": lang}
    summary = summarize(outcomes(), lang)
    yield environment.get_template("head.html").render(
        **shared, **_static_parts(), summary=summary, generated_at=moment(generated_at)
    )
    flagged, clean = environment.get_template("call.html"), environment.get_template("clean_call.html")
    among_clean = False
    for number, judged in _judged(outcomes()):
        if judged.findings:
            yield flagged.render(**shared, call=view_call(judged, number, clips(judged), lang))
            continue
        if not among_clean:
            yield environment.get_template("clean_head.html").render(**shared, summary=summary)
            among_clean = True
        yield clean.render(**shared, call=view_call(judged, number, (), lang))
    yield environment.get_template("foot.html").render(**shared, **_static_parts(), summary=summary)


def _judged(outcomes: Iterable[CallOutcome]) -> Iterator[tuple[int, JudgedCall]]:
    """Judged calls, numbered from 1 as `summarize` numbers them."""
    return enumerate((outcome for outcome in outcomes if isinstance(outcome, JudgedCall)), 1)


def make_environment() -> Environment:
    """The template engine: everything that is put into a page is escaped and free of control characters."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _static_parts() -> dict[str, Any]:
    """The page's own style and script, the only text that is not escaped, and the policy that lets only them in."""
    from markupsafe import Markup

    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; style-src {_source_hash(style)}; script-src {_source_hash(script)}; "
        "img-src data:; media-src data:; base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": policy}


def _source_hash(text: str) -> str:
    """A content-security-policy source that allows exactly this inline text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
