"""Importer: Asterisk call detail records, `Master.csv` without header or any CSV export with one.

The CDR does not say who hung up nor when the recording began: the recording is taken to begin at answer or start,
whichever its length bears out. Times are local whole seconds unless the export has fractions. `end` may be later than
the hang-up where a survey ran (`endbeforehexten=no`), so it is the end of the call and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callaudit.calls.formats.asterisk import UNIQUE_ID, peer_of, recording_in
from callaudit.calls.formats.source import Source, located
from callaudit.calls.formats.values import Fields, Moment, distinct, in_order, known, seconds_between, uncertainty_of
from callaudit.calls.lookup import Entry
from callaudit.calls.rows import Row, csv_lines, csv_rows, format_error
from callaudit.domain.calls import CallRecord

DISPOSITIONS = frozenset({"ANSWERED", "NO ANSWER", "NOANSWER", "BUSY", "FAILED", "CONGESTION"})
ROUNDED_S = 1.5
"""A duration in whole seconds agrees with the times it is counted from within this."""

_BASE = [
    "accountcode",
    "src",
    "dst",
    "dcontext",
    "clid",
    "channel",
    "dstchannel",
    "lastapp",
    "lastdata",
    "start",
    "answer",
    "end",
    "duration",
    "billsec",
    "disposition",
    "amaflags",
]
_NEW = ["peeraccount", "linkedid", "sequence"]
_AT_DISPOSITION, _AT_BILLSEC, _AT_DURATION = 14, 13, 12


@dataclass(frozen=True, slots=True)
class _Leg:
    """One row."""

    line: int
    fields: Fields
    start: Moment
    answer: Moment | None
    end: Moment
    disagrees: str | None
    """The field that contradicts the times."""

    @property
    def is_answered(self) -> bool:
        return self.answer is not None


def is_header(names: set[str]) -> bool:
    """Whether the columns are those of a CDR table."""
    return {"billsec", "disposition", "uniqueid"} <= names or {"billsec", "dcontext"} <= names


def is_row(cells: Sequence[str]) -> bool:
    """Whether a line is one of `Master.csv`."""
    if not len(_BASE) <= len(cells) <= len(_BASE) + 5:
        return False
    return cells[_AT_DISPOSITION].strip() in DISPOSITIONS and cells[_AT_BILLSEC].strip().isdigit()


def read(source: Source) -> Iterator[Entry]:
    """The calls: rows of one `uniqueid` (agents that did not answer, transfers) are one call.

    Raises:
        InputError: a row is malformed.
    """
    calls: dict[str, list[_Leg]] = {}
    for row in _rows(source):
        with located(source, row.line):
            leg = _leg(row, Fields(row.values, source.zone))
            calls.setdefault(leg.fields.required("uniqueid"), []).append(leg)
    for legs in calls.values():
        with located(source, legs[0].line):
            yield _entry(legs)


def _rows(source: Source) -> Iterator[Row]:
    _, first = next(csv_lines(source.path, source.text), (1, []))
    if is_header({cell.strip().lower() for cell in first}):
        yield from csv_rows(source.path, source.text, "uniqueid", "billsec", "duration", "disposition")
        return
    for line, cells in csv_lines(source.path, source.text):
        yield Row(line, _named(source, line, cells))


def _named(source: Source, line: int, cells: Sequence[str]) -> Mapping[str, object]:
    """A line of `Master.csv` by name; what follows amaflags depends on `cdr.conf`."""
    extra = cells[len(_BASE) :]
    has_id = bool(extra) and bool(UNIQUE_ID.match(extra[0].strip()))
    names = {0: [], 1: ["uniqueid"], 2: ["uniqueid", "userfield"], 4: ["uniqueid", *_NEW]}.get(len(extra))
    if len(extra) == 5:
        names = ["uniqueid", "userfield", *_NEW]
    if len(cells) < len(_BASE) or names is None:
        hint = "give Master.csv as Asterisk writes it, with loguniqueid=yes"
        raise format_error(source.path, line, f"{len(cells)} values, where a CDR has 17, 18, 20 or 21", hint)
    if not has_id:
        hint = "set loguniqueid=yes in cdr.conf: without it no call can be told from another"
        raise format_error(source.path, line, "field uniqueid: missing", hint)
    return dict(zip([*_BASE, *names], cells, strict=True))


def _leg(row: Row, fields: Fields) -> _Leg:
    disposition = fields.required("disposition").upper()
    if disposition not in DISPOSITIONS:
        raise fields.error("disposition", f"not one of {', '.join(sorted(DISPOSITIONS))}", disposition)
    start = fields.clock("start") or fields.clock("calldate")
    if start is None:
        raise fields.error("start", "missing", "")
    duration_s, billsec = fields.number("duration"), fields.number("billsec")
    if duration_s is None or billsec is None:
        raise fields.error("duration" if duration_s is None else "billsec", "missing", "")
    if fields.has("end"):
        answer, end = fields.clock("answer"), fields.clock("end")
    else:  # tables with `calldate` have durations instead of the other two times
        end = start.later(duration_s, 1000)
        answer = start.later(duration_s - billsec, 1000) if disposition == "ANSWERED" else None
    if end is None:
        raise fields.error("end", "missing", "")
    if disposition == "ANSWERED" and answer is None:
        raise fields.error("answer", "missing from an answered call", "")
    answer = answer if disposition == "ANSWERED" else None
    return _Leg(row.line, fields, start, answer, end, _disagreement(start, answer, end, (duration_s, billsec)))


def _disagreement(start: Moment, answer: Moment | None, end: Moment, told_s: tuple[float, float]) -> str | None:
    slack_s = ROUNDED_S + uncertainty_of(start, answer, end) / 2000 - 0.5
    for name, begun, told in (("duration", start, told_s[0]), ("billsec", answer, told_s[1])):
        counted_s = seconds_between(begun, end)
        if counted_s is not None and abs(counted_s - told) > slack_s:
            return name
    return None if in_order(start, answer, end) else "answer"


def _entry(legs: Sequence[_Leg]) -> Entry:
    answered = [leg for leg in legs if leg.is_answered] or list(legs)
    first = legs[0].fields
    answers = [leg.answer for leg in answered if leg.answer]
    starts, ends = [leg.start for leg in answered], [leg.end for leg in answered]
    doubtful = next((leg.disagrees for leg in legs if leg.disagrees), None)
    queued = next((leg.fields for leg in reversed(answered) if leg.fields.text("lastapp") == "Queue"), None)
    record = CallRecord(
        recording=_recording(leg.fields for leg in legs),
        call_id=first.required("uniqueid"),
        answered_at=min((answer.at for answer in answers), default=None),
        ended_at=max(end.at for end in ends),
        agent_id=peer_of(queued.text("dstchannel") or "") if queued else None,
        queue=(queued.text("lastdata") or "").partition(",")[0] or None if queued else None,
        clock_uncertainty_ms=uncertainty_of(*starts, *answers, *ends),
        possible_starts_at=distinct(*answers, *starts),
        is_distrusted=doubtful is not None,
    )
    notes = (f"field {doubtful} disagrees with the times: they are not used",) if doubtful else ()
    ids = known(first.text("uniqueid"), first.text("linkedid"))
    return Entry(record, legs[0].line, ids=ids, notes=notes)


def _recording(rows: Iterable[Fields]) -> str:
    """The recording's file, where a row names it: FreePBX in `recordingfile`, many dialplans in `userfield`."""
    for fields in rows:
        if name := fields.text("recordingfile") or recording_in(fields.text("userfield") or ""):
            return name
    return ""
