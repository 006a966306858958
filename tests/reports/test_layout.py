"""The report as a browser lays it out, from telephones to desks."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callaudit.domain.analysis import JudgedCall
from callaudit.reports.html_report import write_html
from callaudit.reports.wording import Lang
from tests.reports.origin_case import clean_call, failed_call, origin_call

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = (360, 390, 420, 768, 901, 1440)
LONG = Path("/data/recordings/hotline-north/2026/11/20/agent-3107/20261120-140307_3107_outbound_callback.wav")

MEASURE = """
const told = [...document.querySelectorAll("iframe")].map((frame) => {
  const page = frame.contentDocument;
  const widths = (which) => [...page.querySelectorAll(which)].map((cell) => cell.getBoundingClientRect().width);
  const box = page.querySelector("#ranking").getBoundingClientRect();
  const inside = [...page.querySelectorAll("#ranking *")].map((part) => part.getBoundingClientRect().right);
  return {
    width: frame.clientWidth,
    overflow: page.documentElement.scrollWidth - frame.clientWidth,
    stuckOut: Math.max(...inside) - box.right,
    name: Math.min(...widths(".ranking .name, .failures .name")),
    remedy: Math.min(...widths(".failures .remedy")),
    filter: page.querySelector("#filter").getBoundingClientRect().height,
  };
});
document.body.innerHTML = "";
document.title = JSON.stringify(told);
"""


def at_long_path(judged: JudgedCall) -> JudgedCall:
    call = judged.analysis.call
    moved = replace(call, recording=replace(call.recording, path=LONG))
    return replace(judged, analysis=replace(judged.analysis, call=moved))


def measured(tmp_path: Path, lang: Lang) -> list[dict[str, float]]:
    report, frames = tmp_path / "report.html", tmp_path / "frames.html"
    outcomes = (at_long_path(origin_call()), clean_call(), failed_call(path=LONG.with_suffix(".mp3")))
    write_html(report, lambda: iter(outcomes), lang=lang, generated_at=datetime(2026, 11, 21, tzinfo=UTC))
    page = html.escape(report.read_text(encoding="utf-8"), quote=True)
    drawn = "".join(f'<iframe width="{width}" height="900" srcdoc="{page}"></iframe>' for width in WIDTHS)
    script = f"<script>onload = () => {{ {MEASURE} }}</script>"
    frames.write_text(f"<!doctype html><meta charset=utf-8><body>{drawn}{script}", encoding="utf-8")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    done = subprocess.run(
        [*command, "--dump-dom", frames.as_uri()], capture_output=True, text=True, check=True, timeout=120
    )
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title
    told: list[dict[str, float]] = json.loads(html.unescape(title[1]))
    return told


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_squeezed_or_sticks_out_at_any_width(tmp_path: Path, lang: Lang) -> None:
    told = measured(tmp_path, lang)
    assert [page["width"] for page in told] == list(WIDTHS)
    for page in told:
        assert page["overflow"] <= 0, page
        assert page["stuckOut"] <= 0, page
        assert page["name"] >= 200, page
        assert page["remedy"] >= 150, page
        assert page["filter"] <= 110, page
