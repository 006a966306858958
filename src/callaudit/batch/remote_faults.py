"""What can go wrong between here and a store, in words that hold no key.

Nothing an error of a store says is passed on but its kind and its HTTP status: texts of stores quote requests.
"""

from __future__ import annotations

import errno
import re
import tempfile
from collections.abc import Iterator
from enum import StrEnum

from callaudit.domain.addresses import label_of
from callaudit.domain.names import printable
from callaudit.errors import FetchError, InputError, SetupError, StorageError

_PASSWORD = re.compile(r"[^/@]*:[^/@]*@")
_NO_CREDENTIALS = re.compile("Credential|Token")
"""In the names of errors: each store's client has its own for having nothing to log in with."""

_FINAL = (ValueError, TypeError, NotImplementedError, IsADirectoryError, SetupError, FetchError)
"""Asked again, these would only come again."""


class NotNowError(Exception):
    """An object cannot be had at the moment, and nothing is wrong with it."""


class ChangedError(NotNowError):
    """It is not, or did not stay, what was known of it."""


class NoRoomError(NotNowError):
    """Other recordings must go from this machine first."""


class Trouble(StrEnum):
    """What an error of a store means."""

    MISSING = "missing"
    DENIED = "denied"
    FAILED = "failed"
    """Anything else; it may go by."""


def trouble_of(error: BaseException) -> Trouble:
    """What an error of a store means; the stores' clients raise what they like."""
    status = http_status(error)
    if isinstance(error, FileNotFoundError | NotADirectoryError) or status in (404, 410):
        return Trouble.MISSING
    names = [type(cause).__name__ for cause in _causes(error)]
    if isinstance(error, PermissionError) or status in (401, 403, 407) or any(map(_NO_CREDENTIALS.search, names)):
        return Trouble.DENIED
    return Trouble.FAILED


def is_final(error: Exception) -> bool:
    """Whether asking again is no use."""
    return isinstance(error, (*_FINAL, NotNowError)) or trouble_of(error) is not Trouble.FAILED


def http_status(error: BaseException) -> int | None:
    """The status with which a store refused, wherever its client keeps it."""
    for cause in _causes(error):
        response = getattr(cause, "response", None)
        metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
        for status in (metadata.get("HTTPStatusCode"), getattr(cause, "status", None)):
            if isinstance(status, int):
                return status
    return None


def fetch_error(address: str, error: BaseException) -> FetchError:
    """The failure of one recording."""
    named = shown_address(address)
    match trouble_of(error):
        case Trouble.MISSING:
            return FetchError(
                f"{named}: not in the store any more",
                code="remote.missing",
                hint="see whether it was moved or deleted while the scan ran",
            )
        case Trouble.DENIED:
            return FetchError(
                f"{named}: the store refuses access{_status(error)}",
                code="remote.denied",
                hint="check the credentials and their right to read this object",
            )
        case Trouble.FAILED:
            return FetchError(
                f"{named}: cannot be fetched ({type(error).__name__}{_status(error)})",
                code="remote.failed",
                hint="scan again when network and store are well; the other recordings are not affected",
            )


def listing_error(address: str, error: FetchError) -> InputError:
    """The same trouble where it concerns a whole scan."""
    named = shown_address(address)
    match error.code:
        case "remote.missing":
            return InputError(
                f"no such object, folder or bucket: {named}",
                code="input.missing",
                hint="check the spelling; a part of a name needs a glob, such as s3://bucket/2026-03*",
            )
        case "remote.denied":
            return InputError(
                f"{named}: the store refuses access, or no credentials were found",
                code="input.denied",
                hint="give credentials as the store's own tools take them (for S3 AWS_ACCESS_KEY_ID or AWS_PROFILE),"
                " with the right to list and to read",
            )
    return InputError(
        error.message.replace("cannot be fetched", "cannot be listed"),
        code="input.unreachable",
        hint="check the address, the network and the endpoint (for S3 AWS_ENDPOINT_URL and AWS_REGION)",
    )


def check_address(address: str) -> None:
    """Refuse an address that holds what must not be written down.

    Raises:
        InputError: it holds a password or a query.
    """
    scheme, _, rest = address.partition("://")
    if _PASSWORD.match(rest):
        raise InputError(
            f"{scheme}://…: the address holds a password, which would stand in process lists and reports",
            code="input.address",
            hint="give credentials by the environment or by fsspec's configuration, and the address without them",
        )
    if scheme.lower() in ("http", "https") and "?" in rest:
        raise InputError(
            f"{shown_address(address.partition('?')[0])}: the address goes on with a query, which may be a signature",
            code="input.address",
            hint="name recordings on web servers by addresses without one, or download them first",
        )


def check_size(address: str, size_bytes: int, max_bytes: int) -> None:
    """Refuse an object that is too large to be decoded anyway.

    Raises:
        FetchError: it is.
    """
    if size_bytes > max_bytes:
        raise FetchError(
            f"{shown_address(address)}: more bytes than audio.max_bytes allows",
            code="audio.too_large",
            hint="raise audio.max_bytes if recordings are that large, or split the file",
        )


def never_settled(address: str) -> FetchError:
    """The failure of a recording that is another each time it is looked at."""
    return FetchError(
        f"{shown_address(address)}: changed while it was fetched",
        code="remote.failed",
        hint="scan it again when the recorder is done with it",
    )


def disk_error(error: OSError) -> StorageError:
    """The failure to write a recording down on this machine, which concerns all of them."""
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StorageError(
        f"fetched recordings cannot be written to {tempfile.gettempdir()}: {error.strerror}",
        code="storage.full" if is_full else "storage.folder",
        hint="make room there, set TMPDIR to another folder, or lower batch.fetch_mb",
    )


def shown_address(address: str) -> str:
    """An address fit for one line of any log."""
    return printable(label_of(address))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> str:
    status = http_status(error)
    return f", HTTP {status}" if status else ""
