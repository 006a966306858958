"""A cluster of this machine alone, in a process of its own: how Ray behaves is settled when it is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.batch.cluster.nodes import processes

pytestmark = pytest.mark.skipif(
    find_spec("ray") is None or not sys.platform.startswith("linux"),
    reason="Ray is not installed, or no /proc to look at",
)

MARK = f"mark-{uuid.uuid4()}"
"""In the environment of the program and of all that it starts."""

PROGRAM = """
import json, signal, sys
from pathlib import Path
from callaudit.batch.cluster import ClusterExecutor, Demand
from callaudit.batch.posts import WorkerLimits
from callaudit.batch.tasks import PrepareTask
from callaudit.domain.analysis import CallSource
from tests.batch.cluster import engines
from tests.batch.cluster.nodes import listening, processes

before = signal.getsignal(signal.SIGTERM)
limits = WorkerLimits(floor_s=30, per_length=20, first_s=30, load_s=60)
executor = ClusterExecutor(engines.build, limits, demand=Demand(workers=1))
versions = executor.start()
executor.submit(1, PrepareTask(CallSource(path=Path("a.wav"))), None)
ended = executor.ended(30)
told = {
    "folder": executor._session._folder,
    "hosts": [node.host for node in executor._session.nodes()],
    "processes": processes(sys.argv[1]),
    "heard": listening(sys.argv[1]),
    "decoder": versions["decoder"],
    "ended": [item.result.call.call_id for item in ended],
    "is_signal_kept": signal.getsignal(signal.SIGTERM) is before,
}
executor.stop()
executor.stop()
json.dump(told, sys.stdout)
"""


def test_it_listens_to_this_machine_alone_and_leaves_nothing(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)}
    environment.update(
        {"HOME": str(tmp_path), "RAY_AUTH_MODE": "disabled", "RAY_ADDRESS": "10.0.0.5:6379", "MARK": MARK}
    )
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, MARK], capture_output=True, text=True, check=False, env=environment, timeout=120
    )

    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)  # and nothing besides
    assert told["hosts"] == ["127.0.0.1"]
    assert {"raylet", "gcs_server"} <= set(told["processes"])
    assert len(told["heard"]) >= 3
    assert {address for address in told["heard"] if not address.startswith("127.")} == set()
    assert told["decoder"] == "fake 1"
    assert told["ended"] == ["a"]
    assert told["is_signal_kept"]
    assert not Path(told["folder"]).exists()
    assert processes(MARK) == []
    assert list(tmp_path.iterdir()) == []
