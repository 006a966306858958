"""Remote recordings that are known by what their store says of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from callaudit.batch.driver import run
from callaudit.batch.memory import MemoryLedger
from callaudit.domain.addresses import ObjectState
from callaudit.domain.analysis import CallSource
from callaudit.domain.runs import Fingerprints, SkipReason
from tests.batch.executors import FakeIntake, make_batch
from tests.fakes import FakeDecoder, make_engines, sha_of


@dataclass
class Bucket(FakeIntake):
    """Fetches as a store hands out, and knows what was fetched."""

    fetched: list[str] = field(default_factory=list)

    def take(self, source):
        self.fetched.append(source.path.stem)
        return replace(super().take(source), source=replace(source, local=source.path))


def objects(*stems, tag="v1"):
    """Recordings of a listing."""
    return [
        CallSource(
            path=Path(f"s3:/calls/{stem}.wav"),
            url=f"s3://calls/{stem}.wav",
            listed=ObjectState(size_bytes=5, tag=tag and f"{tag} of {stem}"),
        )
        for stem in stems
    ]


def scan(ledger, sources, **changes):
    """A run over a bucket, and what it fetched."""
    bucket = Bucket(changes.pop("digests", {}))
    return run(sources, make_batch(ledger, intake=bucket, **changes)), sorted(bucket.fetched)


def changed_lexicon(source):
    return Fingerprints(transcribe="t1", judge="f2", failure="f2")


def changed_model(source):
    return Fingerprints(transcribe="t2", judge="f2", failure="f2")


def test_a_finished_night_is_run_again_without_fetching_anything():
    ledger = MemoryLedger()
    assert scan(ledger, objects("a", "b"))[1] == ["a", "b"]
    summary, fetched = scan(ledger, objects("a", "b"))

    assert (summary.skipped, fetched) == ({SkipReason.FINISHED_EARLIER: 2}, [])


@pytest.mark.parametrize("tag", ["v2", None])
def test_what_changed_or_bears_no_tag_is_fetched_to_be_known(tag):
    ledger = MemoryLedger()
    scan(ledger, objects("a", "b"))
    summary, fetched = scan(ledger, objects("a", tag=tag) + objects("b"))

    assert (summary.skipped, fetched) == ({SkipReason.FINISHED_EARLIER: 2}, ["a"])


def test_what_was_heard_is_judged_anew_without_fetching():
    ledger = MemoryLedger()
    scan(ledger, objects("a", "b"))
    summary, fetched = scan(ledger, objects("a", "b"), admission={"fingerprints": changed_lexicon})

    assert (summary.done, fetched) == (2, [])


@pytest.mark.parametrize("changes", [{"admission": {"fingerprints": changed_model}}, {"admission": {"force": True}}])
def test_what_is_to_be_heard_is_fetched_once(changes):
    ledger = MemoryLedger()
    scan(ledger, objects("a", "b"))
    summary, fetched = scan(ledger, objects("a", "b"), **changes)

    assert (summary.done, fetched) == (2, ["a", "b"])
    assert summary.is_balanced


def test_a_failure_is_told_again_without_fetching_and_tried_again_with():
    ledger, bad = MemoryLedger(), make_engines(decoder=FakeDecoder(bad=frozenset({"a"})))
    scan(ledger, objects("a"), engines=bad)

    again, fetched = scan(ledger, objects("a"))
    assert (again.failed_earlier, fetched) == (1, [])
    retried, fetched = scan(ledger, objects("a"), admission={"retry_failed": True})
    assert (retried.done, fetched) == (1, ["a"])


def test_a_dry_run_fetches_nothing_that_is_known():
    ledger = MemoryLedger()
    scan(ledger, objects("a", "b"))
    summary, fetched = scan(ledger, objects("a", "b"), is_dry=True, admission={"fingerprints": changed_model})

    assert (summary.to_hear, fetched) == (2, [])


def test_no_more_is_fetched_than_the_limit_says():
    ledger, stems = MemoryLedger(), [f"{n:02}" for n in range(40)]
    scan(ledger, objects(*stems))
    summary, fetched = scan(ledger, objects(*stems), limit=3, admission={"fingerprints": changed_model})

    assert (summary.done, summary.skipped) == (3, {SkipReason.OVER_LIMIT: 37})
    assert len(fetched) < 20


def test_of_copies_one_is_fetched_and_judged():
    same = sha_of(objects("a")[0])
    ledger, digests = MemoryLedger(), {"a": same, "b": same}
    engines = make_engines(decoder=FakeDecoder(digests=digests))
    scan(ledger, objects("a", "b"), digests=digests, engines=engines)
    summary, _ = scan(
        ledger, objects("a", "b"), digests=digests, engines=engines, admission={"fingerprints": changed_model}
    )

    assert (summary.done, summary.skipped) == (1, {SkipReason.COPY: 1})
    assert summary.is_balanced


def test_what_is_known_is_told_as_finished_even_beyond_the_limit():
    ledger, stems = MemoryLedger(), [f"{n:02}" for n in range(30)]
    scan(ledger, objects(*stems))
    summary, fetched = scan(ledger, objects("new", *stems, "newer"), limit=1)

    assert (summary.done, summary.skipped) == (1, {SkipReason.FINISHED_EARLIER: 30, SkipReason.OVER_LIMIT: 1})
    assert fetched == ["new"]
    assert summary.is_balanced
