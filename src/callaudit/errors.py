"""Everything that callaudit raises on purpose, in two families told apart by what the operator must do.

    CallauditError
    ├─ SetupError                 repair something; the run stops
    │  ├─ SettingsError   exit 3  a setting is unknown or out of range
    │  ├─ LexiconError    exit 3  a lexicon file is malformed
    │  ├─ DependencyError exit 4  a program is missing, or a worker process cannot be started
    │  ├─ ModelError      exit 4  a model is missing, altered or foreign
    │  ├─ InputError      exit 5  nothing to scan, or the named thing does not exist or cannot be used
    │  └─ StorageError    exit 7  the database or the output cannot be opened, read or written
    │     └─ BusyError    exit 8  another run is at work on it
    └─ CallError                  one call is unusable; recorded, the run goes on
       ├─ AudioError              the recording cannot be decoded or holds nothing
       ├─ FetchError              the recording cannot be had from where it is stored
       ├─ CallRecordError         several call records describe the call
       └─ TranscriptionError      the speech engine failed on this call

Every error names the thing, and says what to do about it in `hint`. None ever quotes what was said on a call.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process reports to its caller, and what the README says of it."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        """A code with its meaning."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    OK = 0, "done"
    BUG = 1, "a bug in callaudit: please report it"
    USAGE = 2, "wrong usage of the command line"
    SETTINGS = 3, "a setting or a lexicon is malformed"
    DEPENDENCY = 4, "a program or a model is missing or cannot be used, or workers cannot be started"
    NO_INPUT = 5, "nothing to scan, no such call or run, or a malformed file of call records, ground truth or text"
    SOME_CALLS_FAILED = (
        6,
        "some calls failed, the others are done; or recordings have changed since, or cannot be read (`verify`)",
    )
    STORAGE = 7, "the database or the output cannot be opened, read or written"
    BUSY = 8, "another run is working on the database"
    FINDINGS = 10, "findings at least as severe as `--fail-on` says, be there failed calls or not"
    HUNG_UP = 129, "interrupted, as the terminal went away (SIGHUP)"
    INTERRUPTED = 130, "interrupted (Ctrl-C)"
    OUTPUT_CLOSED = 141, "the program that read the output, such as `head`, wanted no more"
    TERMINATED = 143, "interrupted (SIGTERM)"


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
    """A program that callaudit runs is missing, or the workers of a run cannot be started or are not alike."""

    exit_code = ExitCode.DEPENDENCY


class ModelError(SetupError):
    """A model cannot be had, or is not the one its manifest describes."""

    exit_code = ExitCode.DEPENDENCY


class InputError(SetupError):
    """There is nothing to work on under the name given, or what is there is malformed."""

    exit_code = ExitCode.NO_INPUT


class StorageError(SetupError):
    """The database, a report or the output cannot be opened, read or written."""

    exit_code = ExitCode.STORAGE


class BusyError(StorageError):
    """Another run is at work on the database: nothing is wrong, and this one need not wait."""

    exit_code = ExitCode.BUSY


class CallError(CallauditError):
    """One call is unusable. `stage` and `call_id` are put on by `pipeline.step`."""

    exit_code = ExitCode.SOME_CALLS_FAILED
    stage: str | None = None
    call_id: str | None = None


class AudioError(CallError):
    """The recording cannot be decoded, or holds nothing to scan."""


class FetchError(CallError):
    """The recording cannot be had from where it is stored; its stage is `fetch`."""

    stage = "fetch"


class CallRecordError(CallError):
    """Several different call records describe this call."""


class TranscriptionError(CallError):
    """The speech engine failed on this call."""
