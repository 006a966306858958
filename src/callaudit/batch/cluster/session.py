"""The connection of this process to a Ray cluster, and a cluster of this machine alone where none is named."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callaudit.batch.cluster.access import LOCAL, asks_for_token, cluster_address, refuse_open
from callaudit.errors import DependencyError, SettingsError

MIB = 1 << 20
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to anybody
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # nor is the working folder sent to the nodes
    "RAY_SCHEDULER_EVENTS": "0",
}
_LOOPBACK_ONLY = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # else Ray listens on every interface, on Linux at least
    "RAY_AUTH_MODE": "token",  # other users of this machine get no way in either
}
_SHARED_MEMORY = Path("/dev/shm")
_LONGEST_FOLDER = 24
"""A socket's path holds 107 bytes, of which Ray and a folder of our own take 80."""


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the cluster that is alive."""

    node_id: str
    host: str
    cpus: int
    gpus: int
    memory_bytes: int


class Session:
    """This process as a driver of a cluster; one at a time."""

    def __init__(self, address: str | None) -> None:
        """Choose a cluster; `open` joins it.

        Args:
            address: host and port of its head node, `auto`, or None for a cluster of this machine alone.

        Raises:
            SettingsError: the address is malformed, or the cluster is open to anybody.
        """
        self._address = cluster_address(address)
        self._folder: str | None = None
        self._is_open = False

    @property
    def needs_token(self) -> bool:
        """Whether the nodes are to refuse whoever has no token."""
        return asks_for_token(os.environ)

    def open(self) -> None:
        """Join the cluster, or start one.

        Raises:
            SetupError: it cannot be joined, or is open to anybody.
        """
        os.environ.update(_QUIET)
        if self._address == LOCAL:
            os.environ.update(_LOOPBACK_ONLY)
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        ray = the_ray()
        with _signals_kept():
            try:
                ray.init(address=self._address, log_to_driver=False, logging_level="error", **self._options())
            except Exception as error:
                self.close()
                raise _not_joined(self._address, error) from error
        self._is_open = True
        ray._private.worker._worker_logs_enabled = False  # its news would go to standard output, among our results
        try:
            refuse_open(node.host for node in self.nodes())
        except SettingsError:
            self.close()
            raise

    def nodes(self) -> Sequence[Node]:
        """The machines that are alive, by id."""
        alive = [node for node in the_ray().nodes() if node["Alive"]]
        return sorted((_node(entry) for entry in alive), key=lambda node: node.node_id)

    def close(self) -> None:
        """Leave the cluster; one that was started for this run ends. May be called again."""
        if self._is_open:
            self._is_open = False
            the_ray().shutdown()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _options(self) -> dict[str, Any]:
        """How to start a cluster; nothing for one that is there."""
        if self._address != LOCAL:
            return {}
        base = tempfile.gettempdir()
        self._folder = tempfile.mkdtemp(prefix="ray-", dir=base if len(base) <= _LONGEST_FOLDER else "/tmp")
        return {
            "include_dashboard": False,
            "object_store_memory": _store_bytes(),
            "_temp_dir": self._folder,
            "_system_config": {"automatic_object_spilling_enabled": False},  # sound stays out of files
        }


def the_ray() -> Any:
    """The module, which is imported as late as can be: its ways depend on the environment it meets.

    Raises:
        DependencyError: it is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise DependencyError(
            "Ray is not installed", code="cluster.ray", hint="python -m pip install 'callaudit[ray]'"
        ) from error
    return ray


def _node(entry: Mapping[str, Any]) -> Node:
    resources = entry["Resources"]
    return Node(
        node_id=entry["NodeID"],
        host=entry["NodeManagerAddress"],
        cpus=int(resources.get("CPU", 0)),
        gpus=int(resources.get("GPU", 0)),
        memory_bytes=int(resources.get("memory", 0)),
    )


def _store_bytes() -> int:
    """Memory for the sound that waits: most of what containers leave of /dev/shm, at least half a gigabyte."""
    free_bytes = shutil.disk_usage(_SHARED_MEMORY).free if _SHARED_MEMORY.is_dir() else 0
    return max(512 * MIB, min(int(0.9 * free_bytes), 8192 * MIB))


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Keep our own way of ending: `ray.init` puts its own in its place."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _not_joined(address: str, error: Exception) -> SettingsError | DependencyError:
    where = "no cluster can be started here" if address == LOCAL else f"the cluster at {address} cannot be joined"
    why = next(iter(str(error).splitlines()), "") or type(error).__name__
    if type(error).__name__ == "AuthenticationError":
        return SettingsError(
            f"{where}: {why}",
            code="cluster.token",
            hint="copy ~/.ray/auth_token of its head node, or set RAY_AUTH_TOKEN",
        )
    return DependencyError(
        f"{where}: {why}",
        code="cluster.unreachable",
        hint="run callaudit on a machine of the cluster (`ray start --address=…` joins it), with its Python and Ray",
    )
