"""Everything that callaudit raises on purpose, in two families told apart by what the operator must do.

    CallauditError
    ├─ SetupError                 repair something; the run stops
    │  ├─ SettingsError   exit 3  a setting is unknown or out of range
    │  ├─ LexiconError    exit 3  a lexicon file is malformed
    │  ├─ DependencyError exit 4  a program is missing
    │  ├─ ModelError      exit 4  a model is missing, altered or foreign
    │  ├─ InputError      exit 5  nothing to scan, or the named thing does not exist
    │  └─ StorageError    exit 7  the database cannot be opened, read or written
    └─ CallError                  one call is unusable; recorded, the run goes on
       ├─ AudioError              the recording cannot be decoded or holds nothing
       ├─ CallRecordError         the call record contradicts itself
       └─ TranscriptionError      the speech engine failed on this call

Every error names the thing, and says what to do about it in `hint`. None ever quotes what was said on a call.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process reports to its caller."""

    OK = 0
    BUG = 1
    USAGE = 2
    SETTINGS = 3
    DEPENDENCY = 4
    NO_INPUT = 5
    SOME_CALLS_FAILED = 6
    STORAGE = 7
    FINDINGS = 10
    INTERRUPTED = 130


class CallauditError(Exception):
    """Base of all intended errors.

    Attributes:
        message: what happened, to which thing.
        hint: what the reader can do about it.
        code: stable identifier such as `audio.corrupt`, for tables and scripts.
    """

    exit_code: ExitCode = ExitCode.BUG

    def __init__(self, message: str, *, code: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.code, self.hint, self.__dict__)


def _rebuild(
    kind: type[CallauditError], message: str, code: str, hint: str, state: dict[str, object]
) -> CallauditError:
    """Bring an error back from another process with the context it carried."""
    error = kind(message, code=code, hint=hint)
    error.__dict__.update(state)
    return error


class SetupError(CallauditError):
    """Something must be repaired before any call can be scanned."""


class SettingsError(SetupError):
    """A setting is unknown, malformed or out of range."""

    exit_code = ExitCode.SETTINGS


class LexiconError(SetupError):
    """A lexicon file is malformed; the message names file and entry."""

    exit_code = ExitCode.SETTINGS


class DependencyError(SetupError):
    """A program that callaudit runs is missing."""

    exit_code = ExitCode.DEPENDENCY


class ModelError(SetupError):
    """A model cannot be had, or is not the one its manifest describes."""

    exit_code = ExitCode.DEPENDENCY


class InputError(SetupError):
    """There is nothing to work on under the name given."""

    exit_code = ExitCode.NO_INPUT


class StorageError(SetupError):
    """The database cannot be opened, read or written."""

    exit_code = ExitCode.STORAGE


class CallError(CallauditError):
    """One call is unusable. `stage` and `call_id` are put on by `pipeline.step`."""

    exit_code = ExitCode.SOME_CALLS_FAILED
    stage: str | None = None
    call_id: str | None = None


class AudioError(CallError):
    """The recording cannot be decoded, or holds nothing to scan."""


class CallRecordError(CallError):
    """The call record of this call contradicts itself."""


class TranscriptionError(CallError):
    """The speech engine failed on this call."""
