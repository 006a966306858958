from __future__ import annotations

import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import fsspec
import pytest

from callaudit.batch.intake import Intake, Taken, Waiting
from callaudit.batch.remote import Remote
from callaudit.batch.settling import Clocks
from callaudit.batch.tasks import Fault
from callaudit.domain.addresses import ObjectState, label_of
from callaudit.domain.analysis import CallSource
from callaudit.errors import FetchError, StorageError
from callaudit.settings import AudioSettings, BatchSettings, Settings
from tests.batch.stores import HASTY, wait_for

pytestmark = pytest.mark.usefixtures("temporary")

LONG_AGO = (1_000_000_000, 1_000_000_000)


@pytest.fixture
def store():
    """fsspec's own store in memory; its objects bear the time at which they were made."""
    memory = fsspec.filesystem("memory")
    yield memory
    memory.store.clear()


def settings(settle_s=0.0, fetch_mb=1, max_bytes=1 << 30):
    return Settings(batch=BatchSettings(settle_s=settle_s, fetch_mb=fetch_mb), audio=AudioSettings(max_bytes=max_bytes))


@pytest.fixture
def intake():
    with Intake(settings(), Remote(HASTY)) as one:
        yield one


def remote(name, listed=None):
    return CallSource(path=label_of(f"memory://{name}"), url=f"memory://{name}", listed=listed)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


class TestLocalFiles:
    @pytest.fixture
    def file(self, tmp_path):
        path = tmp_path / "one.wav"
        path.write_bytes(b"sound")
        os.utime(path, LONG_AGO)
        return path

    def test_a_file_at_rest_is_taken_where_it_is(self, intake, file):
        taken = intake.take(CallSource(path=file))

        assert taken == Taken(CallSource(path=file), sha256(b"sound"))
        assert taken.path == file

    @pytest.mark.parametrize("make", ["folder", "nothing", "loop"])
    def test_what_cannot_be_read_is_left_to_the_decoder(self, intake, tmp_path, make):
        path = tmp_path / "x.wav"
        if make == "folder":
            path.mkdir()
        if make == "loop":
            path.symlink_to(path)

        assert intake.take(CallSource(path=path)) == Taken(CallSource(path=path), None)

    def test_a_file_just_written_is_waited_for(self, file):
        os.utime(file)
        intake = Intake(settings(settle_s=0.3))
        waiting = intake.take(CallSource(path=file))
        assert isinstance(waiting, Waiting)
        time.sleep(max(0, waiting.until_s - time.monotonic()))

        assert isinstance(intake.take(CallSource(path=file)), Taken)

    def test_a_file_that_grows_is_taken_when_it_is_whole(self, file):
        os.utime(file)
        grown = threading.Event()

        def write():
            with file.open("ab") as to:
                for _ in range(12):
                    to.write(b"more")
                    to.flush()
                    time.sleep(0.05)
            grown.set()

        writer = threading.Thread(target=write)
        writer.start()
        intake, taken, is_grown = Intake(settings(settle_s=0.3)), None, False
        while not isinstance(taken, Taken):
            is_grown = grown.is_set()
            taken = intake.take(CallSource(path=file))
            time.sleep(0.02)
        writer.join()

        assert is_grown
        assert taken.sha256 == sha256(b"sound" + b"more" * 12)

    def test_a_file_replaced_by_another_is_waited_for(self, file):
        os.utime(file)
        times = [100.0, 1_000_000_000.0]
        intake = Intake(settings(settle_s=5), clocks=Clocks(lambda: times[0], lambda: times[1]))
        assert isinstance(intake.take(CallSource(path=file)), Waiting)
        status = file.stat()
        other = file.with_name("new")
        other.write_bytes(b"other")
        os.utime(other, ns=(status.st_mtime_ns, status.st_mtime_ns))  # same size, same time
        other.replace(file)
        times[0] += 5

        assert intake.take(CallSource(path=file)) == Waiting(110.0)
        times[0] += 5
        assert intake.take(CallSource(path=file)).sha256 == sha256(b"other")

    def test_a_file_that_changes_while_it_is_read_is_waited_for(self, intake, file, monkeypatch):
        digest = hashlib.file_digest

        def grow(read, name):
            told = digest(read, name)
            with file.open("ab") as to:
                to.write(b"more")
            return told

        monkeypatch.setattr(hashlib, "file_digest", grow)
        assert isinstance(intake.take(CallSource(path=file)), Waiting)
        monkeypatch.undo()
        assert intake.take(CallSource(path=file)).sha256 == sha256(b"soundmore")

    def test_a_file_that_goes_while_it_is_read_is_left_to_the_decoder(self, intake, file, monkeypatch):
        digest = hashlib.file_digest

        def remove(read, name):
            file.unlink()
            return digest(read, name)

        monkeypatch.setattr(hashlib, "file_digest", remove)
        assert intake.take(CallSource(path=file)).sha256 is None

    def test_a_file_that_was_decoded_as_another_is_waited_for_once(self, file):
        now = [2e9]
        intake = Intake(settings(settle_s=5), clocks=Clocks(lambda: now[0], lambda: now[0]))
        taken = intake.take(CallSource(path=file))

        assert intake.again(taken) == Waiting(now[0] + 5)
        assert intake.take(CallSource(path=file)) == Waiting(now[0] + 5)
        now[0] += 5
        assert intake.take(CallSource(path=file)) == taken

    def test_release_leaves_the_file_alone(self, intake, file):
        intake.release(intake.take(CallSource(path=file)))

        assert file.read_bytes() == b"sound"


class TestRemoteRecordings:
    def test_one_is_fetched_to_where_only_this_user_may_look(self, intake, store, temporary):
        store.pipe_file("/one.wav", b"sound")
        taken = intake.take(remote("one.wav"))

        assert (taken.sha256, taken.path.read_bytes()) == (sha256(b"sound"), b"sound")
        assert replace(taken.source, listed=None) == replace(remote("one.wav"), local=taken.path)
        assert taken.path.stat().st_mode & 0o777 == 0o600
        assert taken.path.parent.stat().st_mode & 0o777 == 0o700
        assert "one" not in str(taken.path.relative_to(temporary))

    def test_one_that_is_released_is_gone(self, intake, store, temporary):
        store.pipe_file("/one.wav", b"sound")
        taken = intake.take(remote("one.wav"))
        intake.release(taken)
        intake.release(taken)

        assert files_in(temporary) == []

    def test_an_empty_one_is_taken_as_it_is(self, intake, store):
        store.pipe_file("/empty.wav", b"")

        assert intake.take(remote("empty.wav")).sha256 == sha256(b"")

    def test_one_that_is_gone_is_a_fault_that_names_the_address(self, intake, store):
        fault = intake.take(remote("gone.wav"))

        assert isinstance(fault, Fault)
        assert (fault.stage, fault.code) == ("fetch", "remote.missing")
        assert fault.message.startswith("memory://gone.wav: ")

    def test_one_that_is_too_large_is_not_fetched(self, store, temporary):
        store.pipe_file("/one.wav", b"sound")
        with Intake(settings(max_bytes=4), Remote(HASTY)) as intake:
            fault = intake.take(remote("one.wav"))
            assert isinstance(fault, Fault)
            assert fault.code == "audio.too_large"
            assert files_in(temporary) == []

    def test_one_just_written_is_waited_for(self, store):
        store.pipe_file("/one.wav", b"sound")
        with Intake(settings(settle_s=0.2), Remote(HASTY)) as intake:
            assert isinstance(intake.take(remote("one.wav")), Waiting)
            time.sleep(0.25)
            assert isinstance(intake.take(remote("one.wav")), Taken)

    def test_one_that_changed_since_it_was_listed_is_waited_for(self, store):
        store.pipe_file("/one.wav", b"sound")
        source = remote("one.wav", ObjectState(size_bytes=3))
        with Intake(settings(settle_s=0.2), Remote(HASTY)) as intake:
            assert isinstance(intake.take(source), Waiting)
            time.sleep(0.25)
            assert intake.take(source).sha256 == sha256(b"sound")

    def test_one_that_changes_between_two_looks_is_waited_for(self, store):
        store.pipe_file("/one.wav", b"sound")
        with Intake(settings(settle_s=0.2), Remote(HASTY)) as intake:
            intake.take(remote("one.wav"))
            time.sleep(0.25)
            store.pipe_file("/one.wav", b"other sound")
            assert isinstance(intake.take(remote("one.wav")), Waiting)
            time.sleep(0.25)
            assert intake.take(remote("one.wav")).sha256 == sha256(b"other sound")

    def test_closing_removes_what_was_not_released(self, store, temporary):
        store.pipe_file("/one.wav", b"sound")
        with Intake(settings(), Remote(HASTY)) as intake:
            intake.take(remote("one.wav"))
            assert len(files_in(temporary)) == 1
        assert list(temporary.iterdir()) == []

    def test_a_full_disk_stops_the_run_where_nothing_can_be_released(self, intake, store, monkeypatch):
        store.pipe_file("/one.wav", b"sound")
        with full_disk(monkeypatch), pytest.raises(StorageError, match=r"to .*: No space left") as caught:
            intake.take(remote("one.wav"))
        assert caught.value.code == "storage.full"

    def test_a_full_disk_makes_wait_for_what_others_hold(self, intake, store, monkeypatch):
        store.pipe_file("/one.wav", b"sound")
        store.pipe_file("/two.wav", b"sound")
        taken = intake.take(remote("one.wav"))
        with full_disk(monkeypatch):
            assert isinstance(intake.take(remote("two.wav")), Waiting)
        intake.release(taken)
        assert isinstance(intake.take(remote("two.wav")), Taken)


def break_off(url, known, new_file, need):
    """Fail when room was found already."""
    need(known.size_bytes)
    raise FetchError("broke off", code="remote.failed", hint="again")


@contextmanager
def full_disk(monkeypatch):
    """The device for temporary files is full: /dev/full says so on every write."""
    create = os.open

    def open_full(path, flags, *mode):
        return create("/dev/full", os.O_WRONLY) if flags & os.O_EXCL else create(path, flags, *mode)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", open_full)
        yield


class TestRoom:
    MIB = 1 << 20

    def test_no_more_is_held_than_there_is_room_for(self, intake, store):
        for name in ("one.wav", "two.wav"):
            store.pipe_file(f"/{name}", b"x" * (self.MIB // 2 + 1))
        taken = intake.take(remote("one.wav"))

        assert isinstance(intake.take(remote("two.wav")), Waiting)
        intake.release(taken)
        assert isinstance(intake.take(remote("two.wav")), Taken)

    def test_what_fits_beside_it_is_taken(self, intake, store):
        for name in ("one.wav", "two.wav"):
            store.pipe_file(f"/{name}", b"x" * (self.MIB // 2))

        assert isinstance(intake.take(remote("one.wav")), Taken)
        assert isinstance(intake.take(remote("two.wav")), Taken)

    def test_one_larger_than_all_the_room_has_it_to_itself(self, intake, store):
        store.pipe_file("/small.wav", b"x")
        store.pipe_file("/large.wav", b"x" * (2 * self.MIB))
        small = intake.take(remote("small.wav"))
        assert isinstance(intake.take(remote("large.wav")), Waiting)
        intake.release(small)

        assert isinstance(intake.take(remote("large.wav")), Taken)
        assert isinstance(intake.take(remote("small.wav")), Waiting)

    def test_a_fetch_that_fails_holds_nothing(self, intake, store):
        for _ in range(3):
            assert isinstance(intake.take(remote("gone.wav")), Fault)
        store.pipe_file("/large.wav", b"x" * (2 * self.MIB))

        assert isinstance(intake.take(remote("large.wav")), Taken)

    def test_a_fetch_that_breaks_off_holds_nothing(self, intake, store, monkeypatch):
        store.pipe_file("/one.wav", b"x" * self.MIB)
        store.pipe_file("/two.wav", b"x" * self.MIB)
        with monkeypatch.context() as patched:
            patched.setattr(intake._remote, "copy", break_off)
            assert isinstance(intake.take(remote("one.wav")), Fault)

        assert isinstance(intake.take(remote("two.wav")), Taken)

    def test_several_threads_get_everything_in_the_end(self, intake, store, temporary):
        names = [f"{number}.wav" for number in range(24)]
        for number, name in enumerate(names):
            store.pipe_file(f"/{name}", bytes([number]) * (self.MIB // 3))
        most, lock = [0], threading.Lock()

        digests = {}

        def take(name):
            taken = intake.take(remote(name))
            if isinstance(taken, Taken):
                with lock:
                    most[0] = max(most[0], sum(path.stat().st_size for path in files_in(temporary)))
                digests[name] = taken.sha256
                time.sleep(0.005)
                intake.release(taken)
            return taken

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda name: wait_for(lambda: isinstance(take(name), Taken), 30), names))

        assert digests == {name: sha256(bytes([number]) * (self.MIB // 3)) for number, name in enumerate(names)}
        assert 0 < most[0] <= self.MIB
        assert files_in(temporary) == []
