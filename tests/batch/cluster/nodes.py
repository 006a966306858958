"""Three machines of a Ray cluster, all of them this one."""

from __future__ import annotations

import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

STORE_BYTES = 80 * 1024**2
"""Least that Ray takes; the sound of a few calls fits."""
TOKEN = "of-the-tests-" * 3


@contextmanager
def three_nodes() -> Iterator[Any]:
    """A `ray.cluster_utils.Cluster` of three nodes with a CPU each and a token; `cluster.address` joins it.

    It takes five to fifteen seconds to start. Engines are imported on its nodes as they are here.
    """
    folder = tempfile.mkdtemp(prefix="r-", dir="/tmp")  # sockets below it: their paths are short
    environment = {
        "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path),
        "RAY_TMPDIR": folder,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": TOKEN,
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE": "1",  # where /dev/shm is small
        "RAY_health_check_period_ms": "500",  # so that a node that was killed is found dead in seconds
        "RAY_health_check_timeout_ms": "5000",
    }
    Path(folder, "ray").mkdir()
    with mock.patch.dict(os.environ, environment), ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        from ray._raylet import Config
        from ray.cluster_utils import Cluster

        Config.initialize("")  # where ray was imported before, it knows of no token
        cluster = Cluster(initialize_head=True, head_node_args={**node(), "include_dashboard": False})
        ends.callback(cluster.shutdown)
        cluster.add_node(**node())
        cluster.add_node(**node())
        yield cluster


def node() -> dict[str, Any]:
    """What a node has, for `Cluster.add_node`."""
    return {"num_cpus": 1, "object_store_memory": STORE_BYTES}


def processes(mark: str) -> list[str]:
    """Titles of the processes that have a word in their title or environment, this one left out; Linux only."""
    return [(entry / "comm").read_text().strip() for entry in _marked(mark)]


def listening(mark: str) -> list[str]:
    """Addresses at which such processes, this one included, wait for others."""
    inodes = {inode for entry in [*_marked(mark), Path("/proc/self")] for inode in _sockets(entry)}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                raw = bytes.fromhex(fields[1].partition(":")[0])
                address = ipaddress.ip_address(b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4)))
                found.append(str(getattr(address, "ipv4_mapped", None) or address))
    return found


def _marked(mark: str) -> Iterator[Path]:
    for entry in Path("/proc").iterdir():
        with suppress(OSError):  # it is gone
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                if mark.encode() in told and (entry / "exe").exists():
                    yield entry


def _sockets(entry: Path) -> Iterator[str]:
    for link in (entry / "fd").iterdir():
        with suppress(OSError):
            target = str(link.readlink())
            if target.startswith("socket:["):
                yield target[len("socket:[") : -1]
