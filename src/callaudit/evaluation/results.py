"""What an evaluation comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callaudit.domain.findings import Category
from callaudit.evaluation.cer import CharErrors
from callaudit.evaluation.endings import EndingRates, EndingScore, grouped, summed
from callaudit.evaluation.matching import CategoryScore, Claim, Matched
from callaudit.evaluation.timing import HangupVerdict

SCHEMA = "callaudit.evaluation/1"
CLOSE_MS = 500
"""A hang-up found within this of the true one is as good as exact."""
CER_NORMALISATION = (
    "simplified script, half width, lower case, Arabic numerals, no punctuation, no white space; fillers count"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallScore:
    """One call against its truth."""

    path: Path
    errors: Mapping[str, CharErrors]
    """By party."""
    ending: EndingScore
    matched: Matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All calls against their truth."""

    calls: tuple[CallScore, ...]
    """Calls that were scanned, by path."""
    failed_as_expected: tuple[Path, ...] = ()
    failed: tuple[tuple[Path, str], ...] = ()
    """Calls that should not have failed, or with another code than they did."""
    not_failed: tuple[Path, ...] = ()
    """Calls that should have failed."""
    not_scanned: tuple[Path, ...] = ()
    """Truth without an outcome."""

    @property
    def cer(self) -> dict[str, CharErrors]:
        """Character errors by party, and of `all`."""
        by_party: dict[str, CharErrors] = {}
        for call in self.calls:
            for party, errors in call.errors.items():
                by_party[party] = by_party.get(party, CharErrors()) + errors
        return dict(sorted(by_party.items())) | {"all": sum(by_party.values(), CharErrors())}

    @property
    def categories(self) -> dict[Category, CategoryScore]:
        """Findings by category, in the order of `Category`."""
        summed: dict[Category, CategoryScore] = {}
        for call in self.calls:
            for category, score in call.matched.by_category.items():
                summed[category] = summed.get(category, CategoryScore()) + score
        return {category: summed[category] for category in Category if category in summed}

    @property
    def all_findings(self) -> CategoryScore:
        """Findings of all categories together."""
        return sum(self.categories.values(), CategoryScore())

    @property
    def any_rude(self) -> CategoryScore:
        """Offences of speech, where naming the wrong category is forgiven."""
        return sum((call.matched.any_rude for call in self.calls), CategoryScore())

    @property
    def hangups(self) -> Counter[HangupVerdict]:
        """How many hang-ups were found, missed, false."""
        return Counter(call.ending.hangup.verdict for call in self.calls)

    @property
    def hangup_errors_ms(self) -> tuple[int, ...]:
        """Errors of the hang-ups found, by call; positive is late."""
        scores = [call.ending.hangup for call in self.calls]
        found = [score for score in scores if score.verdict is HangupVerdict.FOUND]
        return tuple(score.error_ms for score in found if score.error_ms is not None)

    @property
    def endings(self) -> EndingRates:
        """The ends of all calls: hang-ups and speech after them."""
        return summed(call.ending for call in self.calls)

    @property
    def endings_by(self) -> dict[str, dict[str, EndingRates]]:
        """The ends of calls group by group, as the truth labels them: by shape, evidence, codec, …."""
        return grouped([call.ending for call in self.calls])

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return {
            "schema": SCHEMA,
            "cer_normalisation": CER_NORMALISATION,
            "cer": {party: _errors(errors) for party, errors in self.cer.items()},
            "hangup": self._hangups(),
            "endings": {
                "all": _rates(self.endings),
                "by": {
                    grouping: {name: _rates(rates) for name, rates in groups.items()}
                    for grouping, groups in self.endings_by.items()
                },
            },
            "findings": {category.value: _score(score) for category, score in self.categories.items()},
            "findings_all": _score(self.all_findings),
            "findings_any_rude": _score(self.any_rude),
            "calls": [_call(call) for call in self.calls],
            "failed_as_expected": [path.as_posix() for path in self.failed_as_expected],
            "failed": [{"recording": path.as_posix(), "code": code} for path, code in self.failed],
            "not_failed": [path.as_posix() for path in self.not_failed],
            "not_scanned": [path.as_posix() for path in self.not_scanned],
        }

    def _hangups(self) -> dict[str, Any]:
        errors_ms, rates = self.hangup_errors_ms, self.endings
        return {
            **{verdict.value: self.hangups[verdict] for verdict in HangupVerdict},
            "within_500_ms": close_hangups(errors_ms),
            "median_error_ms": rates.median_ms,
            "p95_error_ms": rates.p95_ms,
            "max_error_ms": max(map(abs, errors_ms), default=None),
        }


def close_hangups(errors_ms: Sequence[int]) -> int:
    """How many hang-ups were found within `CLOSE_MS`."""
    return sum(abs(error) <= CLOSE_MS for error in errors_ms)


def _errors(errors: CharErrors) -> dict[str, Any]:
    return {"rate": _rounded(errors.rate), "errors": errors.errors, "characters": errors.characters}


def _rates(rates: EndingRates) -> dict[str, Any]:
    return {
        "calls": rates.calls,
        "hangups": rates.hangups,
        "found": rates.found,
        "false": rates.false,
        "median_error_ms": rates.median_ms,
        "p95_error_ms": rates.p95_ms,
        "late_speech": _score(rates.late_speech),
        "innocent": rates.innocent,
        "innocent_flagged": rates.innocent_flagged,
    }


def _score(score: CategoryScore) -> dict[str, Any]:
    return {
        "precision": _rounded(score.precision),
        "recall": _rounded(score.recall),
        "true": score.true,
        "found": score.found,
        "reported": score.reported,
        "right": score.right,
    }


def _call(call: CallScore) -> dict[str, Any]:
    return {
        "recording": call.path.as_posix(),
        "cer": {party: _errors(errors) for party, errors in sorted(call.errors.items())},
        "hangup": {
            "verdict": call.ending.hangup.verdict.value,
            "error_ms": call.ending.hangup.error_ms,
            "kind": call.ending.hangup.kind,
        },
        "late_speech": _score(call.ending.late_speech),
        "labels": dict(call.ending.labels),
        "false": [_claim(claim) for claim in call.matched.false],
        "missed": [_claim(claim) for claim in call.matched.missed],
        "wrong_phase": [_claim(claim) for claim in call.matched.wrong_phase],
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "category": claim.category.value,
        "start_ms": claim.span.start_ms,
        "end_ms": claim.span.end_ms,
        "party": claim.party.value,
        "phase": claim.phase.value,
        "quote": claim.quote,
    }


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)
