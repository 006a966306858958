"""Whatever a worker does, only its own task is lost, and nothing of it is left."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from callaudit.batch.posts import Plan, WorkerLimits
from callaudit.batch.supervisor import Supervisor
from callaudit.batch.tasks import Crash, CrashKind
from callaudit.errors import DependencyError, ExitCode, ModelError, SetupError
from tests.batch import handlers
from tests.batch.handlers import Do, Hands

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

MIB = 1 << 20
ROOT = Path(__file__).parents[2]


def limits(**changes):
    return WorkerLimits(**{"floor_s": 30, "per_length": 1, "first_s": 30, "load_s": 30, **changes})


@contextmanager
def supervised(workers=1, build=Hands, **changes):
    """A supervisor that has started; afterwards nothing of it may be left."""
    before = children()
    supervisor = Supervisor([Plan(role="any", build=build)] * workers, limits(**changes))
    try:
        supervisor.start()
        yield supervisor
    finally:
        supervisor.stop()
        assert children() <= before


def children(of=None):
    """Children of a process, of this one by default, zombies too."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = status.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == (of or os.getpid()):
            found.add(int(status.parent.name))
    return found


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def gone_within(seconds, *pids):
    deadline = time.monotonic() + seconds
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(is_running, pids))


def submit(supervisor, number, task, length_ms=None, timeout_s=20):
    """Submit as soon as there is room."""
    deadline = time.monotonic() + timeout_s
    while not supervisor.room("any"):
        assert time.monotonic() < deadline, "no worker became free"
        time.sleep(0.005)
    supervisor.submit("any", number, task, length_ms)


def collect(supervisor, count, timeout_s=20):
    """Results by number, as soon as there are so many."""
    results, deadline = {}, time.monotonic() + timeout_s
    while len(results) < count:
        assert time.monotonic() < deadline, f"only {results}"
        for number, result in supervisor.ended(0.1):
            assert number not in results
            results[number] = result
    return results


def do(supervisor, what, value=None, length_ms=None):
    """The result of one task."""
    submit(supervisor, 0, Do(what, value), length_ms)
    return collect(supervisor, 1)[0]


POISON = {
    "segfault": (CrashKind.SIGNAL, "SIGSEGV"),
    "hang_deaf": (CrashKind.TIME, "not done within 1 s"),
    "hang_in_c": (CrashKind.TIME, "not done within 1 s"),
    "stop": (CrashKind.TIME, "not done within 1 s"),
    "leave": (CrashKind.EXIT, "exit status 3"),
    "leave_politely": (CrashKind.EXIT, "exit status 3"),
    "interrupt": (CrashKind.EXIT, "exit status 1"),
    "blunder": (CrashKind.EXIT, "exit status 1"),
    "unpicklable": (CrashKind.EXIT, "exit status 1"),
    "unreadable": (CrashKind.EXIT, "ValueError in the exchange"),
    "bomb": (CrashKind.MEMORY, None),
}


def test_every_poison_costs_its_own_task_and_no_other(tmp_path):
    """Good tasks before, between and after all kinds of poison, on two workers."""
    tasks = {}
    for index, what in enumerate(POISON):
        tasks[2 * index] = Do("echo", index)
        tasks[2 * index + 1] = Do(what, 3)
    results = {}
    with supervised(workers=2, first_s=1, memory_bytes=400 * MIB) as supervisor:
        for number, task in tasks.items():
            hangs = POISON.get(task.what, (None,))[0] is CrashKind.TIME
            submit(supervisor, number, task, None if hangs else 1)
            results.update(supervisor.ended(0))
        results.update(collect(supervisor, len(tasks) - len(results)))

    assert [results[2 * index] for index in range(len(POISON))] == list(range(len(POISON)))
    for index, (what, (kind, detail)) in enumerate(POISON.items()):
        crash = results[2 * index + 1]
        assert isinstance(crash, Crash), what
        assert (crash.kind, detail or crash.detail) == (kind, crash.detail), what


def test_a_neighbour_at_work_is_not_disturbed():
    with supervised(workers=2) as supervisor:
        submit(supervisor, 1, Do("sleep", 0.6))
        submit(supervisor, 2, Do("segfault"))

        assert collect(supervisor, 2) == {1: "slept", 2: Crash(CrashKind.SIGNAL, "SIGSEGV")}


@pytest.mark.parametrize("what", ["child", "child_and_crash", "fork_and_crash"])
def test_what_a_worker_leaves_behind_goes_with_it(what, tmp_path):
    file = tmp_path / "pid"
    with supervised() as supervisor:
        result = do(supervisor, what, str(file))
        if what == "child":
            assert is_running(int(file.read_text()))
            supervisor.stop()
            assert result == "left"
        else:
            assert result.kind is CrashKind.SIGNAL
        assert gone_within(1, int(file.read_text()))


def test_a_worker_that_stands_still_before_it_gets_a_large_task_cannot_hold_up_its_owner():
    with supervised(floor_s=0.5) as supervisor:
        do(supervisor, "stop_soon", 0.05)
        time.sleep(0.3)
        crash = do(supervisor, "echo", b"x" * (50 * MIB), length_ms=1)

        assert crash == Crash(CrashKind.TIME, "not done within 0.5 s")
        assert do(supervisor, "echo", 1) == 1


def test_a_result_of_fifty_megabytes_comes_through():
    with supervised() as supervisor:
        result = do(supervisor, "large", 50 * MIB)

    assert len(result) == 50 * MIB
    assert result == result[:1] * len(result)


def test_a_task_may_take_as_long_as_its_length_allows():
    with supervised(floor_s=0.2, per_length=2, first_s=0.5) as supervisor:
        assert do(supervisor, "sleep", 0.5, length_ms=10_000) == "slept"
        assert do(supervisor, "sleep", 20, length_ms=200) == Crash(CrashKind.TIME, "not done within 0.4 s")
        assert do(supervisor, "note", (10_000, 0.8)) == "slept"
        assert do(supervisor, "note", (1, 20)) == Crash(CrashKind.TIME, "not done within 0.2 s")


@pytest.mark.parametrize("later_s", [0, 1], ids=["unnoticed", "noticed"])
def test_a_worker_that_dies_at_rest_costs_no_task(later_s):
    with supervised() as supervisor:
        first = do(supervisor, "pid")
        os.kill(first, signal.SIGKILL)
        assert gone_within(5, first)
        time.sleep(later_s)
        second = do(supervisor, "pid")

    assert isinstance(second, int)
    assert second != first


def test_a_worker_is_replaced_when_it_has_grown():
    with supervised(growth_bytes=64 * MIB) as supervisor:
        first = do(supervisor, "grow", 1 * MIB)
        assert do(supervisor, "grow", 80 * MIB) == first
        assert do(supervisor, "pid") != first


def test_a_worker_is_replaced_after_so_many_tasks():
    with supervised(max_tasks=2) as supervisor:
        pids = [do(supervisor, "pid") for _ in range(4)]

    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_worker_is_not_replaced_without_need():
    with supervised(growth_bytes=64 * MIB) as supervisor:
        assert len({do(supervisor, "pid") for _ in range(5)}) == 1


def test_roles_are_apart_and_a_worker_has_its_own_environment():
    plans = [Plan(role=role, build=Hands, environment={"THREADS": role}) for role in ("a", "b")]
    supervisor = Supervisor(plans, limits())
    try:
        hellos = supervisor.start()
        assert {role: hello["threads"] for role, hello in hellos.items()} == {"a": "a", "b": "b"}
        supervisor.submit("a", 1, Do("pid"), None)
        assert supervisor.room("a") == 0
        assert supervisor.room("b") == 1
        assert collect(supervisor, 1) == {1: hellos["a"]["pid"]}
    finally:
        supervisor.stop()


def test_there_is_no_room_while_every_worker_is_at_work():
    with supervised() as supervisor:
        submit(supervisor, 1, Do("sleep", 0.3))
        assert supervisor.room("any") == 0
        assert collect(supervisor, 1) == {1: "slept"}
        assert supervisor.room("any") == 1


def test_waiting_ends_when_there_is_room_again():
    with supervised(max_tasks=1) as supervisor:
        do(supervisor, "echo")
        assert supervisor.room("any") == 0
        start = time.monotonic()
        assert supervisor.ended(20) == ()
        assert supervisor.room("any") == 1
        assert supervisor.ended(0.1) == ()
        assert 0.1 < time.monotonic() - start < 15


def test_a_setup_error_at_the_start_is_passed_on():
    with pytest.raises(ModelError) as caught, supervised(workers=2, build=handlers.refuse_to_start):
        pass

    assert (caught.value.code, caught.value.hint) == ("model.unknown", "name another")


def test_a_setup_error_in_a_task_is_passed_on():
    with supervised() as supervisor:
        submit(supervisor, 1, Do("refuse"))
        with pytest.raises(ModelError, match="gone"):
            collect(supervisor, 1)


def test_a_setup_error_of_a_replacement_is_passed_on_after_what_is_over(tmp_path):
    with supervised(build=handlers.RefuseLater(tmp_path / "was here")) as supervisor:
        submit(supervisor, 1, Do("leave", 3))
        time.sleep(0.5)

        assert collect(supervisor, 1) == {1: Crash(CrashKind.EXIT, "exit status 3")}
        with pytest.raises(ModelError, match="no such model"):
            collect(supervisor, 1)


@pytest.mark.parametrize(
    ("build", "detail"),
    [
        (handlers.die_at_start, "SIGSEGV"),
        (handlers.blunder_at_start, "exit status 1"),
        (handlers.hang_at_start, "0.4 s"),
    ],
)
def test_workers_that_never_start_are_a_matter_of_the_operator_and_no_bug(build, detail, capfd):
    load_s = 0.4 if build is handlers.hang_at_start else 20
    with pytest.raises(DependencyError, match=detail) as caught, supervised(build=build, load_s=load_s):
        pass

    assert caught.value.code == "batch.worker"
    assert "a secret" not in "".join(capfd.readouterr())


def test_a_machine_that_starts_no_process_is_a_matter_of_the_operator(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr("callaudit.batch.supervisor.Warden", refuse)
    supervisor = Supervisor([Plan(role="any", build=Hands)], limits())
    with pytest.raises(DependencyError, match="no process can be started: Resource temporarily") as caught:
        supervisor.start()

    assert (caught.value.code, caught.value.exit_code) == ("batch.worker", ExitCode.DEPENDENCY)


def test_a_worker_that_fails_to_start_once_gets_another_chance(tmp_path):
    with supervised(build=handlers.DieOnce(tmp_path / "was here")) as supervisor:
        assert do(supervisor, "echo", 1) == 1


def test_an_error_in_a_worker_is_logged_without_its_text(capfd):
    with supervised() as supervisor:
        do(supervisor, "blunder", "what the customer said")
    out, err = capfd.readouterr()

    assert "ZeroDivisionError" in err
    assert "handlers.py:" in err
    assert "what the customer said" not in out + err


def test_what_libraries_print_does_not_reach_the_output(capfd):
    with supervised() as supervisor:
        do(supervisor, "chatter", "transcribing")

    assert capfd.readouterr() == ("", "")


def test_a_worker_has_a_session_of_its_own_and_leaves_signals_to_the_coordinator():
    with supervised() as supervisor:
        told = do(supervisor, "settings")

    assert told == {"session": True, "core": (0, 0), "int": True, "term": True, "main": None}


def test_stopping_is_quick_whatever_the_workers_do():
    with supervised(workers=3) as supervisor:
        for number, what in enumerate(("hang_deaf", "hang_in_c", "stop")):
            submit(supervisor, number, Do(what))
        start = time.monotonic()
        supervisor.stop()

        assert time.monotonic() - start < 2
        supervisor.stop()


def test_stopping_while_workers_load_leaves_nothing():
    before = children()
    supervisor = Supervisor([Plan(role="any", build=handlers.hang_at_start)] * 2, limits(load_s=0.3))
    with pytest.raises(SetupError):
        supervisor.start()
    assert children() <= before


def _coordinator(tmp_path):
    """A coordinator in a process of its own; the ids of its workers, of a child one of them left, and of its warden."""
    program = "from tests.batch.handlers import coordinate; coordinate()"
    command = [sys.executable, "-c", program, str(tmp_path / "pid")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first, second, child = (int(word) for word in process.stdout.readline().split())
    (warden,) = children(process.pid) - {first, second}
    assert all(map(is_running, (first, second, child, warden)))
    return process, (first, second), child, warden


def test_nothing_outlives_a_coordinator_that_is_killed(tmp_path):
    process, workers, child, warden = _coordinator(tmp_path)
    with process:
        process.kill()

    assert gone_within(2, *workers, child, warden)


def test_workers_die_with_the_coordinator_even_where_the_warden_was_killed_first(tmp_path):
    process, workers, child, warden = _coordinator(tmp_path)
    with process:
        os.kill(warden, signal.SIGKILL)
        process.kill()

    is_over = gone_within(2, *workers)
    os.kill(child, signal.SIGKILL)
    assert is_over


def test_time_during_which_the_coordinator_itself_was_stopped_does_not_count():
    program = (
        "from tests.batch.test_supervisor import *\n"
        "with supervised(floor_s=2) as supervisor:\n"
        "    submit(supervisor, 1, Do('sleep', 3), 1)\n"
        "    time.sleep(0.3)\n"
        "    print('under way', flush=True)\n"
        "    print(collect(supervisor, 1), flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "under way\n"
        process.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        process.send_signal(signal.SIGCONT)
        said = process.stdout.read()

    assert said == "{1: 'slept'}\n"
