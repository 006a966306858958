from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from callaudit.batch.account import QUARANTINED, FailedEarlier, FinishedEarlier, RunSummary
from callaudit.cli.run_end import MOST_SHOWN, RunEnd, as_dict, tell, tell_as_json
from callaudit.domain.findings import Severity
from callaudit.domain.runs import SkippedCall, SkipReason
from callaudit.errors import ExitCode, StorageError
from tests.builders import make_failed, make_finding, make_judged

LOW = StorageError("only 3 MiB are left", code="storage.low", hint="free some")
FLAGGED = make_judged(findings=(make_finding(severity=Severity.MAJOR),))


def end_of(*outcomes, total=None, **changes):
    summary = RunSummary(total=len(outcomes) if total is None else total)
    for outcome in outcomes:
        summary.count(outcome)
    return RunEnd(summary=summary, **{"elapsed_s": 10.0, **changes})


@pytest.mark.parametrize(
    ("end", "fail_on", "status"),
    [
        (end_of(make_judged()), None, ExitCode.OK),
        (end_of(FLAGGED), None, ExitCode.OK),
        (end_of(FLAGGED), Severity.CRITICAL, ExitCode.OK),
        (end_of(FLAGGED), Severity.MAJOR, ExitCode.FINDINGS),
        (end_of(FinishedEarlier(Path("a.wav"), (Severity.MAJOR,))), Severity.MINOR, ExitCode.FINDINGS),
        (end_of(FLAGGED, make_failed()), None, ExitCode.SOME_CALLS_FAILED),
        (end_of(FLAGGED, make_failed()), Severity.MAJOR, ExitCode.FINDINGS),
        (end_of(FailedEarlier(make_failed())), None, ExitCode.SOME_CALLS_FAILED),
        (end_of(FLAGGED, total=2), Severity.MAJOR, ExitCode.BUG),
        (end_of(make_judged(), make_judged(), total=1), None, ExitCode.BUG),
        (end_of(FLAGGED, total=2, stopped_by=signal.SIGTERM), Severity.MAJOR, ExitCode.TERMINATED),
        (end_of(total=2, stopped_by=signal.SIGINT), None, ExitCode.INTERRUPTED),
        (end_of(make_failed(), total=2, error=LOW), None, ExitCode.STORAGE),
        (end_of(total=2, error=LOW, stopped_by=signal.SIGINT), None, ExitCode.STORAGE),
    ],
)
def test_the_exit_code_tells_how_a_run_ended(end, fail_on, status):
    assert end.exit_status(fail_on) == status


def told(capsys, end, **how):
    tell(end, **how)
    return capsys.readouterr()


def test_the_account_names_every_reason_and_adds_up(capsys):
    copy = SkippedCall(path=Path("/r/c.wav"), reason=SkipReason.COPY, same_as=Path("/r/a.wav"))
    others = [SkippedCall(path=Path(f"/r/{reason}.wav"), reason=reason) for reason in SkipReason if reason != "copy"]
    end = end_of(
        FLAGGED, make_failed(), FinishedEarlier(Path("e.wav"), (Severity.MINOR, Severity.MINOR)), copy, *others
    )
    out = told(capsys, end).out

    assert out.splitlines() == [
        "recordings: 8 found, 1 done, 1 failed, 6 skipped",
        "skipped: 2 finished earlier, with 2 findings; 1 with the same contents as another recording of this scan;"
        " 1 still being written; 1 older than --since; 1 over --limit",
        "failed: audio.corrupt 1",
        "findings: 1 in 1 calls (0 critical, 1 major, 0 minor)",
        "audio: 0.01 hours in 10 s, 3.0 × real time",
    ]


def test_what_a_clean_run_came_to_needs_few_words_and_no_complaint(capsys):
    said = told(capsys, end_of(make_judged()))

    assert said.out.splitlines()[0] == "recordings: 1 found, 1 done, 0 failed, 0 skipped"
    assert len(said.out.splitlines()) == 3
    assert said.err == ""


def test_failures_are_named_with_what_to_do_said_once_for_all_alike(capsys):
    failures = [make_failed(path=Path(f"/r/{name}.wav"), message=f"{name}.wav: damaged") for name in "ab"]
    quarantined = make_failed(code=QUARANTINED, message="c: set aside, as it took its worker down", hint="listen to it")
    err = told(capsys, end_of(*failures, quarantined)).err

    assert err.splitlines() == [
        "failed: a.wav: damaged [audio.corrupt]",
        "failed: b.wav: damaged [audio.corrupt]",
        "  what to do: fetch it again",
        "failed: /recordings/bad.wav: c: set aside, as it took its worker down [batch.quarantined]",
        "  what to do: listen to it",
        "next: 1 were set aside; listen to them before `callaudit retry` tries them again",
    ]


def test_thousands_of_failures_do_not_bury_the_rest(capsys):
    failures = [make_failed(path=Path(f"/r/{number}.wav"), message="damaged") for number in range(5000)]
    err = told(capsys, end_of(*failures, make_failed(code="audio.empty"))).err.splitlines()

    assert len(err) == MOST_SHOWN + 4
    assert f"failed: and {5000 - MOST_SHOWN:,} more like these" in err
    assert "failed: bad.wav: damaged [audio.empty]" in err


def test_what_failed_in_an_earlier_run_is_told_again_as_such(capsys):
    err = told(capsys, end_of(FailedEarlier(make_failed()))).err

    assert "failed earlier: bad.wav: damaged [audio.corrupt]" in err
    assert "next: 1 failed in an earlier run; `callaudit retry` tries them again" in err


@pytest.mark.parametrize(("total", "said"), [(3, "2 recordings are unaccounted for"), (0, "accounted for twice")])
def test_an_account_that_does_not_balance_is_said(capsys, total, said):
    assert said in told(capsys, end_of(make_judged(), total=total)).err


@pytest.mark.parametrize("how", [{"stopped_by": 2}, {"error": LOW}])
def test_a_run_that_did_not_come_to_its_end_says_what_is_kept_and_blames_nobody(capsys, how):
    said = told(capsys, end_of(make_judged(), total=3, **how))

    assert "3 found, 1 done, 0 failed, 0 skipped, 2 not reached" in said.out
    assert said.err == "interrupted: 1 recordings are done with and kept; scan again to go on\n"


def test_a_dry_run_tells_what_there_is_to_do_and_nothing_of_findings(capsys):
    end = end_of(FinishedEarlier(Path("a.wav"), ()), total=4, is_dry=True)
    for judge_only in (True, False, False):
        end.summary.plan(judge_only=judge_only)
    out = told(capsys, end).out

    assert "4 found, 0 done, 0 failed, 1 skipped, 2 to scan, 1 to judge anew over what was heard earlier" in out
    assert "findings:" not in out
    assert end.exit_status() == ExitCode.OK


@pytest.mark.parametrize("reason", [SkipReason.STILL_WRITTEN, SkipReason.OVER_LIMIT])
def test_what_had_to_wait_is_asked_for_again(capsys, reason):
    err = told(capsys, end_of(SkippedCall(path=Path("/r/a.wav"), reason=reason))).err

    assert "next: run the same command again for the 1 that had to wait" in err
    assert ("/r/a.wav was still being written" in err) == (reason is SkipReason.STILL_WRITTEN)


def test_advice_can_be_left_out(capsys):
    assert "next:" in told(capsys, end_of(FLAGGED)).err
    assert "next:" not in told(capsys, end_of(FLAGGED), has_advice=False).err


def test_lost_workers_are_told_of(capsys):
    end = end_of(make_judged(), make_failed(code=QUARANTINED))
    end.summary.crashes = 3

    assert "workers lost and replaced: 3; calls set aside for it: 1" in told(capsys, end).out


def test_names_reach_no_terminal_as_they_are(capsys):
    evil = Path("/r/evil\x1b[31m\u202e.wav")
    end = end_of(
        make_failed(path=evil, message="x\x07"),
        SkippedCall(path=evil, reason=SkipReason.COPY, same_as=evil),
        SkippedCall(path=evil, reason=SkipReason.STILL_WRITTEN),
    )
    said = told(capsys, end)

    assert not set("\x1b\u202e\x07") & set(said.out + said.err)


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        (end_of(make_judged()), "complete"),
        (end_of(total=1), "unbalanced"),
        (end_of(total=1, stopped_by=15), "SIGTERM"),
        (end_of(total=1, error=LOW), "broken_off"),
        (end_of(is_dry=True), "dry_run"),
    ],
)
def test_json_says_how_a_run_ended(end, ended):
    assert as_dict(end, 0)["ended"] == ended


def test_json_holds_the_whole_account(capsys):
    label = Path("s3:/bucket/c.wav")
    end = end_of(
        FLAGGED,
        make_failed(),
        FailedEarlier(make_failed(code="audio.empty")),
        FinishedEarlier(Path("e.wav"), (Severity.CRITICAL,)),
        SkippedCall(path=label, reason=SkipReason.COPY, same_as=Path("/r/a.wav")),
        SkippedCall(path=Path("/r/d.wav"), reason=SkipReason.STILL_WRITTEN),
        total=7,
        error=LOW,
    )
    tell_as_json(end, 7)
    run = json.loads(capsys.readouterr().out)

    assert (run["schema"], run["exit_code"]) == ("callaudit.run/2", 7)
    assert run["found"] == run["done"] + run["failed"] + sum(run["skipped"].values()) + run["not_reached"] == 7
    assert set(run["skipped"]) == set(SkipReason)
    assert (run["failed_earlier"], run["failures_by_code"]) == (1, {"audio.corrupt": 1, "audio.empty": 1})
    assert [(failure["code"], failure["earlier"]) for failure in run["failures"]] == [
        ("audio.corrupt", False),
        ("audio.empty", True),
    ]
    assert run["copies"] == [{"recording": "s3://bucket/c.wav", "same_as": "/r/a.wav"}]
    assert run["still_written"] == ["/r/d.wav"]
    assert run["findings_by_severity"] == {"minor": 0, "major": 1, "critical": 0}
    assert (run["gravest"], run["findings_earlier"], run["elapsed_ms"]) == ("critical", 1, 10_000)
    assert run["error"] == {"code": "storage.low", "message": "only 3 MiB are left", "hint": "free some"}
