"""What a run keeps account of: stages, what they leave behind, and what became of each recording."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from callaudit.errors import CallauditError


class Stage(StrEnum):
    """The three steps of a call's way through a run."""

    PREPARE = "prepare"
    TRANSCRIBE = "transcribe"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprints:
    """Digests of all that decides what a stage makes of a recording, the stages before it included."""

    transcribe: str
    """Of decoding, speech, tones and words: what `HeardCall` depends on."""
    judge: str
    """Of everything: what a `JudgedCall` depends on, its call record and channel map included."""
    failure: str
    """Of the same and the limits of a run, such as the longest recording: what a `FailedCall` depends on."""


class Duplicates(StrEnum):
    """What to do with recordings that have the very bytes of another one."""

    SKIP = "skip"
    """Count them, and name the other recording."""
    LINK = "link"
    """Note in the store, too, where they are: the call is found under each of its names."""
    PROCESS = "process"
    """Judge each on its own, with its own call record."""


class SkipReason(StrEnum):
    """Why a recording that was found is not scanned in this run."""

    FINISHED_EARLIER = "finished_earlier"
    """An earlier run judged it with the same fingerprint."""
    COPY = "copy"
    """It has the very bytes of another recording."""
    STILL_WRITTEN = "still_written"
    """Its size or time was still changing when the run was over."""
    OLDER = "older"
    """Written before `--since`."""
    OVER_LIMIT = "over_limit"
    """`--limit` recordings were scanned before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedCall:
    """A recording that was found and not scanned, with the reason."""

    path: Path
    reason: SkipReason
    same_as: Path | None = None
    """Of a copy: the recording with the same bytes."""


CUT_SHORT = "cut_short"
"""How a run ended that could not note its end, as it was killed: the run after it notes so."""


@dataclass(frozen=True, slots=True)
class RunEnding:
    """How a run that noted its end came to it."""

    how: str = "complete"
    """`complete`; `unbalanced`, where its account does not add up; `broken_off`; or the signal, such as `SIGTERM`."""
    error: str | None = None
    """Code of what broke it off."""

    @classmethod
    def of(cls, error: BaseException | None, stopped_by: int | None, *, is_balanced: bool) -> RunEnding:
        """The ending of a run.

        Args:
            error: what it broke off with; None where nothing was raised.
            stopped_by: the signal that asked for its end; None where none did.
            is_balanced: whether every recording found is accounted for.
        """
        if isinstance(error, Exception):
            return cls("broken_off", error.code if isinstance(error, CallauditError) else "bug")
        if stopped_by is not None:  # a second signal has the program left at once, with an error that is no Exception
            return cls(signal.Signals(stopped_by).name)
        if error is not None:
            return cls("broken_off")
        return cls() if is_balanced else cls("unbalanced")


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often work on a recording was begun, and how often it took its worker down, since its last outcome."""

    begun: int = 0
    crashed: int = 0

    @property
    def interrupted(self) -> int:
        """Attempts of which nobody knows how they ended: the whole run ended with them."""
        return self.begun - self.crashed
