"""Recordings that are not files of this machine: how they are named, and how a store tells one state from another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)
"""A scheme has two letters at least: one is the drive of a Windows path."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectState:
    """What a store says of an object's contents without handing them over; None is what it does not say."""

    size_bytes: int | None = None
    tag: str | None = None
    """Differs when the contents do, such as an ETag."""
    modified_at: datetime | None = None

    def contradicts(self, other: ObjectState) -> bool:
        """Whether the contents changed between the two states, as far as both say anything.

        Times are compared by whole seconds, and only where there is no tag: listings and headers round differently.
        """
        if None not in (self.size_bytes, other.size_bytes) and self.size_bytes != other.size_bytes:
            return True
        if self.tag and other.tag:
            return self.tag != other.tag
        if self.modified_at and other.modified_at:
            return int(self.modified_at.timestamp()) != int(other.modified_at.timestamp())
        return False


def is_address(name: str) -> bool:
    """Whether a name is an address with a scheme, such as `s3://bucket/key`, and no path.

    >>> is_address("s3://bucket/key"), is_address("C:/calls"), is_address("calls/one.wav")
    (True, False, False)
    """
    return _ADDRESS.fullmatch(name) is not None


def label_of(address: str) -> Path:
    """The path that stands for an address wherever recordings are named by path; no other address has the same.

    >>> str(label_of("s3://bucket/monday/one.wav"))
    's3:/bucket/monday/one.wav'

    Raises:
        ValueError: it is no address.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError("no address")
    return Path(f"{found['scheme'].lower()}:", *map(_kept, found["rest"].split("/")))


def is_label(path: Path) -> bool:
    """Whether a path stands for an address; paths of files are absolute or begin with no scheme."""
    return len(path.parts) > 1 and _SCHEME.fullmatch(path.parts[0]) is not None


def named_path(name: str) -> Path:
    """The path that a recording or folder is known by which somebody names: of an address its label, else absolute.

    `..` is followed as the system does, links and all; else each recording would go by many names.
    """
    if is_address(name):
        return label_of(name)
    path = Path(name).absolute()
    if ".." not in path.parts:
        return path
    last = len(path.parts) - path.parts[::-1].index("..")
    return Path(*path.parts[:last]).resolve().joinpath(*path.parts[last:])


def is_at_or_below(path: Path, named: Iterable[Path]) -> bool:
    """Whether a path is one of those that are named, or lies below one.

    >>> is_at_or_below(Path("/calls/monday/one.wav"), [Path("/calls/monday")])
    True
    """
    return any(path.is_relative_to(one) for one in named)


def address_of(path: Path) -> str:
    """What a recording is called by people: its address where it has one, else its path.

    >>> address_of(Path("s3:/bucket/monday/one.wav")), address_of(Path("/calls/one.wav"))
    ('s3://bucket/monday/one.wav', '/calls/one.wav')
    """
    if not is_label(path):
        return str(path)
    scheme, *rest = path.parts
    return f"{scheme}//{'/'.join(map(_restored, rest))}"


def _kept(part: str) -> str:
    """A part of an address as a part of a path, which would drop empty ones and dots."""
    return f"%{part}" if part in ("", ".") or part.startswith("%") else part


def _restored(part: str) -> str:
    return part[1:] if part in ("%", "%.") or part.startswith("%%") else part
