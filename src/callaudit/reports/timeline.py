"""The picture of a call: waveform and speech by channel, closing, holds, hang-up, tones and flags along one time axis.

Only geometry here, in the units of the SVG's view box; the template `timeline.html` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callaudit.domain.analysis import CallAnalysis, JudgedCall
from callaudit.domain.calls import Party
from callaudit.domain.findings import Severity
from callaudit.domain.spans import TimeSpan
from callaudit.reports.units import axis_clock, clock
from callaudit.reports.wording import Lang, label

WIDTH = 1120
LEFT = 72
RIGHT = 12
FLAGS_HEIGHT = 44
"""The label of the hang-up above, the pins below it."""
LANE_HEIGHT = 52
LANE_GAP = 6
AXIS_HEIGHT = 24
PIN_DISTANCE = 20
"""Pins of flags that stand closer are moved apart."""
QUIETEST_SCALE = 10
"""The waveform is scaled to its loudest peak, but to no less than this: noise must not look like speech."""
TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
MOST_TICKS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of time as a horizontal bar."""

    x: float
    width: float
    kind: str
    """Party, tone or nothing: a class of the style sheet."""
    title: str = ""
    start_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One channel."""

    label: str
    party: Party
    top: float
    middle: float
    wave: str
    """SVG path of the waveform."""
    speech: tuple[Bar, ...]
    tones: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A finding: a numbered pin above, its stretch of time over all lanes."""

    number: int
    bar: Bar
    pin_x: float
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupMark:
    """The hang-up with its uncertainty; everything to the right of it is after the call."""

    x: float
    band: Bar
    label: str
    anchor: str
    """Side of the line on which the label stands: `start` to the right, `end` to the left."""
    label_x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All that is drawn for one call."""

    width: int
    height: float
    left: int
    right: float
    lanes_top: float
    lanes_bottom: float
    lane_height: int
    duration_ms: int
    lanes: tuple[Lane, ...]
    talkers: tuple[tuple[Party, str], ...]
    """The parties that are heard, for the legend."""
    flags: tuple[Flag, ...]
    ticks: tuple[tuple[float, str], ...]
    clips: tuple[Bar, ...]
    closing: Bar | None
    holds: tuple[Bar, ...]
    """Over all lanes."""
    hangup: HangupMark | None


@dataclass(frozen=True, slots=True)
class _Scale:
    """Time to horizontal position."""

    duration_ms: int

    def x(self, ms: int) -> float:
        """Position of a moment."""
        share = min(1.0, ms / self.duration_ms) if self.duration_ms else 0.0
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def bar(self, span: TimeSpan, kind: str = "", title: str = "") -> Bar:
        """A stretch of time, never too narrow to be seen."""
        x = self.x(span.start_ms)
        width = max(1.5, round(self.x(span.end_ms) - x, 1))
        return Bar(x=x, width=width, kind=kind, title=title, start_ms=span.start_ms)


def draw_timeline(judged: JudgedCall, clips: Iterable[TimeSpan], lang: Lang) -> Timeline:
    """The geometry of a call's picture."""
    analysis = judged.analysis
    scale = _Scale(analysis.acoustics.duration_ms)
    lanes = _lanes(analysis, scale, lang)
    heard = {bar.kind for lane in lanes for bar in lane.speech}
    bottom = FLAGS_HEIGHT + len(lanes) * (LANE_HEIGHT + LANE_GAP)
    return Timeline(
        width=WIDTH,
        height=bottom + AXIS_HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        lanes_top=FLAGS_HEIGHT,
        lanes_bottom=bottom,
        lane_height=LANE_HEIGHT,
        duration_ms=scale.duration_ms,
        lanes=lanes,
        talkers=tuple((party, label(party, lang)) for party in Party if party.value in heard),
        flags=_flags(judged, scale, lang),
        ticks=_ticks(scale),
        clips=tuple(scale.bar(span) for span in clips),
        closing=scale.bar(analysis.closing.span) if analysis.closing else None,
        holds=tuple(scale.bar(hold.span, hold.source.value, label(hold.source, lang)) for hold in analysis.holds),
        hangup=_hangup(analysis, scale),
    )


def _lanes(analysis: CallAnalysis, scale: _Scale, lang: Lang) -> tuple[Lane, ...]:
    """One lane a channel."""
    acoustics = analysis.acoustics
    loudest = max([QUIETEST_SCALE, *(peak for peaks in acoustics.peaks for peak in peaks)])

    def lane(channel: int, peaks: Sequence[int]) -> Lane:
        parties = analysis.call.channel_parties
        party = parties[channel] if channel < len(parties) else Party.UNKNOWN
        top = FLAGS_HEIGHT + channel * (LANE_HEIGHT + LANE_GAP)
        tones = [tone for tone in acoustics.tones if tone.channel == channel]
        return Lane(
            label=f"{channel + 1}" if party is Party.UNKNOWN else label(party, lang),
            party=party,
            top=top,
            middle=top + LANE_HEIGHT / 2,
            wave=_wave(peaks, loudest, top + LANE_HEIGHT / 2),
            speech=_speech(analysis, channel, party, scale),
            tones=tuple(scale.bar(tone.span, tone.kind.value, label(tone.kind, lang)) for tone in tones),
        )

    return tuple(lane(channel, peaks) for channel, peaks in enumerate(acoustics.peaks))


def _speech(analysis: CallAnalysis, channel: int, party: Party, scale: _Scale) -> tuple[Bar, ...]:
    """Who talks when on a channel: its regions, and on a mixed one its utterances over them, by party."""
    regions = [region.span for region in analysis.acoustics.regions if region.channel == channel]
    bars = [scale.bar(span, party.value) for span in regions]
    if party is Party.UNKNOWN:
        known = [u for u in analysis.transcript.utterances if u.channel == channel and u.party is not Party.UNKNOWN]
        bars += [scale.bar(utterance.span, utterance.party.value) for utterance in known]
    return tuple(bars)


def _wave(peaks: Sequence[int], loudest: int, middle: float) -> str:
    """A vertical stroke for each slice, as long as its peak is high."""
    step = (WIDTH - LEFT - RIGHT) / max(1, len(peaks))
    strokes = []
    for number, peak in enumerate(peaks):
        half = max(0.5, round(peak / loudest * (LANE_HEIGHT / 2 - 4), 1))
        strokes.append(f"M{LEFT + (number + 0.5) * step:.1f} {middle - half:g}v{2 * half:g}")
    return "".join(strokes)


def _flags(judged: JudgedCall, scale: _Scale, lang: Lang) -> tuple[Flag, ...]:
    """The findings, their pins moved apart where they would hide one another."""
    flags: list[Flag] = []
    for number, finding in enumerate(judged.findings, 1):
        title = f"{number} {label(finding.category, lang)} {clock(finding.span.start_ms)}"
        bar = scale.bar(finding.span, finding.severity.value, title)
        earliest = flags[-1].pin_x + PIN_DISTANCE if flags else 0.0
        flags.append(Flag(number=number, bar=bar, pin_x=round(max(bar.x, earliest), 1), severity=finding.severity))
    return tuple(flags)


def _ticks(scale: _Scale) -> tuple[tuple[float, str], ...]:
    """Position and text of the marks on the time axis."""
    duration_s = scale.duration_ms // 1000
    step_s = next((step for step in TICK_STEPS_S if duration_s / step <= MOST_TICKS), TICK_STEPS_S[-1])
    return tuple((scale.x(s * 1000), axis_clock(s * 1000)) for s in range(0, duration_s + 1, step_s))


def _hangup(analysis: CallAnalysis, scale: _Scale) -> HangupMark | None:
    """The hang-up line; its label turns to the left near the right edge."""
    hangup = analysis.hangup
    if hangup is None:
        return None
    first_ms = max(0, hangup.at_ms - hangup.uncertainty_ms)
    x = scale.x(hangup.at_ms)
    near_edge = x > WIDTH - RIGHT - 90
    return HangupMark(
        x=x,
        band=scale.bar(TimeSpan(first_ms, max(first_ms, hangup.at_ms + hangup.uncertainty_ms))),
        label=clock(hangup.at_ms),
        anchor="end" if near_edge else "start",
        label_x=x - 4 if near_edge else x + 4,
    )
