"""Which recordings an address stands for: an object, all below a folder, or what a glob meets."""

from __future__ import annotations

import glob
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from callaudit.batch.patience import Pulse
from callaudit.batch.remote import Remote, lists_at_once, state_of
from callaudit.batch.remote_faults import Trouble, listing_error, trouble_of
from callaudit.domain.addresses import ObjectState, label_of
from callaudit.errors import FetchError

HEAD_BYTES = 1 << 16
"""First bytes of an object whose ending is unknown: magic bytes, or a chain of frames behind a torn one."""

_HEADS_AT_ONCE = 64
_LISTING_S = 1800
"""A million objects come in a thousand pages, without a sign of life between them; each page has its own time limit."""

Info = Mapping[str, Any]
"""What fsspec tells of an object: `name`, `type`, `size` and more."""

Judge = Callable[[BinaryIO], bool]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """An object of a listing."""

    path: Path
    """Label of its address."""
    url: str
    state: ObjectState


@dataclass(frozen=True, slots=True)
class RemoteListing:
    """The recordings of a listing, and what is there besides."""

    recordings: tuple[RemoteFile, ...]
    passed_by: tuple[Path, ...]


def list_recordings(remote: Remote, address: str, suffixes: frozenset[str], is_audio: Judge) -> RemoteListing:
    """Find the recordings under an address, by the rules that hold for folders of this machine.

    Args:
        remote: reaches the store.
        address: an object, a folder (which it is in any case where it ends with `/`) or a glob.
        suffixes: endings of names that promise a recording, in lower case.
        is_audio: judges an object of another ending by its first bytes.

    Raises:
        InputError: there is no such thing, or the store does not answer or refuses.
        DependencyError: a package for this kind of store is missing.
    """

    def search(store: Any, name: str, pulse: Pulse) -> RemoteListing:
        store.invalidate_cache()
        bare, trimmed = name.lstrip("/").rstrip("/"), address.rstrip("/")
        before = trimmed.removesuffix(bare) if trimmed.endswith(bare) else f"{address.partition('://')[0]}://"
        searching = _Search(store, before, pulse)
        named, folders = ([], [name]) if address.endswith("/") else searching.expanded(name)
        return searching.sorted_out(named, folders, suffixes, is_audio)

    try:
        return remote.ask(address, search, _LISTING_S)
    except FetchError as error:
        raise listing_error(address, error) from error


@dataclass(frozen=True, slots=True)
class _Search:
    """One listing."""

    store: Any
    """An fsspec file system."""
    before: str
    """What an address has before what the store calls the object, such as `sftp://host/`."""
    pulse: Pulse

    def expanded(self, name: str) -> tuple[list[Info], list[str]]:
        """The objects and the folders that a name means; what is there by that very name is never read as a glob."""
        try:
            matches = [self.store.info(name)]
        except FileNotFoundError:
            matches = [*self.store.glob(name, detail=True).values()] if glob.has_magic(name) else []
            if not matches:
                raise
        folders = [info["name"] for info in matches if _is_folder(info)]
        return [info for info in matches if not _is_folder(info)], folders

    def sorted_out(
        self, named: Sequence[Info], folders: Sequence[str], suffixes: frozenset[str], is_audio: Judge
    ) -> RemoteListing:
        """Objects that are named are taken; those of a folder by ending or first bytes, hidden ones not at all."""
        taken: dict[str, Info | None] = {self.url(info["name"]): info for info in named}
        doubtful: dict[str, Info] = {}
        passed_by: dict[Path, None] = {}
        for folder in folders:
            for parts, info in self.below(folder):
                url = self.url(info["name"])
                if hidden := next((count for count, part in enumerate(parts, 1) if _is_hidden(part)), 0):
                    passed_by[label_of("/".join((self.url(folder).rstrip("/"), *parts[:hidden])))] = None
                elif _is_folder(info) or PurePosixPath(parts[-1]).suffix.lower() in suffixes:
                    taken.setdefault(url, info)
                elif url not in taken:
                    doubtful[url] = info
                    taken[url] = None  # keeps its place
        audio = self.audio_among([info["name"] for info in doubtful.values()], is_audio)
        recordings = []
        for url, known in taken.items():
            info = known or doubtful[url]
            if known is None and info["name"] not in audio:
                passed_by[label_of(url)] = None
            else:
                recordings.append(RemoteFile(label_of(url), url, state_of(info)))
        return RemoteListing(tuple(recordings), tuple(passed_by))

    def below(self, folder: str) -> list[tuple[tuple[str, ...], Info]]:
        """All objects below a folder, with the parts of their names, in order.

        A folder that is refused comes as itself, and so does a hidden one that would have to be listed apart.

        Raises:
            FileNotFoundError: there is no such folder.
        """
        top = folder.rstrip("/")
        if lists_at_once(self.store):
            found = [*self.store.find(folder, detail=True).values()]
        else:
            found = [*self.walked(folder, top)]
        if not found and not self.store.exists(folder):
            raise FileNotFoundError
        parts = ((tuple(info["name"][len(top) + 1 :].split("/")), info) for info in found)
        # An object whose name ends with / stands for a folder and holds nothing.
        return sorted(((names, info) for names, info in parts if names[-1]), key=lambda item: item[0])

    def walked(self, folder: str, top: str) -> Iterator[Info]:
        """Objects below a folder of a store that lists one folder at a time."""
        self.pulse.beat()
        try:
            entries = self.store.ls(folder, detail=True)
        except Exception as error:
            if folder.rstrip("/") == top or trouble_of(error) is Trouble.FAILED:
                raise
            yield {"name": folder.rstrip("/"), "type": "directory"}
            return
        for info in entries:
            name = info["name"].rstrip("/")
            if not _is_folder(info) or _is_hidden(PurePosixPath(name).name):
                yield {**info, "name": name}
            elif name.startswith(f"{folder.rstrip('/')}/"):
                yield from self.walked(info["name"], top)

    def audio_among(self, names: Sequence[str], is_audio: Judge) -> set[str]:
        """The objects whose first bytes are those of a recording; those that cannot be read are none."""
        heads: list[bytes | Exception] = []
        for first in range(0, len(names), _HEADS_AT_ONCE):
            self.pulse.beat()
            some = list(names[first : first + _HEADS_AT_ONCE])
            heads += self.store.cat_ranges(some, [0] * len(some), [HEAD_BYTES] * len(some), on_error="return")
        told = zip(names, heads, strict=True)
        return {name for name, head in told if isinstance(head, bytes) and is_audio(io.BytesIO(head))}

    def url(self, name: str) -> str:
        """The address of what the store calls `name`."""
        return name if name.startswith(("http://", "https://")) else self.before + name.lstrip("/")


def _is_folder(info: Info) -> bool:
    return info.get("type") == "directory"


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name not in (".", "..")
