"""Against a real S3 API, that of moto, through a gate that breaks connections."""

from __future__ import annotations

import hashlib
import sys
import threading
import time
import traceback
from dataclasses import dataclass

import boto3
import fsspec
import pytest
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from callaudit.batch.discovery import discover
from callaudit.batch.intake import Intake, Taken, Waiting
from callaudit.batch.remote import Remote, fetched, state_of
from callaudit.batch.remote_faults import ChangedError
from callaudit.batch.tasks import Fault
from callaudit.domain.addresses import ObjectState, label_of
from callaudit.domain.analysis import CallSource
from callaudit.errors import DependencyError, FetchError, InputError
from callaudit.settings import BatchSettings, Settings
from tests.batch.stores import BUCKET, HASTY, Gate, Refusing, log_in

pytestmark = pytest.mark.usefixtures("temporary")

HARD_KEYS = (
    "热线 一号/录音 甲.wav",
    "a//double.wav",
    "a/./dot.wav",
    "a/../up.wav",
    "-rf.wav",
    "%odd/50%25.wav",
    "a/q?x=1#f&y=+.wav",
    "a/[1].wav",
)


@dataclass
class S3:
    """A server, and the client of whoever fills it."""

    port: int
    client: object

    def put(self, key, data=b"sound"):
        self.client.put_object(Bucket=BUCKET, Key=key, Body=data)

    def empty(self):
        found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        while found:
            self.client.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": item["Key"]} for item in found]})
            found = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])


@pytest.fixture(scope="module")
def server():
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    port = moto.get_host_and_port()[1]
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="filler",
        aws_secret_access_key="filler",
    )
    client.create_bucket(Bucket=BUCKET)
    yield S3(port, client)
    client.close()
    moto.stop()


@pytest.fixture
def s3(server):
    yield server
    server.empty()


@pytest.fixture
def gate(server, monkeypatch):
    gate = Gate(server.port)
    log_in(monkeypatch, gate.endpoint)
    monkeypatch.setattr("callaudit.batch.remote.Patience", lambda: HASTY)
    yield gate
    gate.close()


@pytest.fixture
def intake(gate):
    with Intake(Settings(batch=BatchSettings(settle_s=0)), Remote(HASTY)) as one:
        yield one


def address(key):
    return f"s3://{BUCKET}/{key}"


def found(name, is_audio=lambda file: False):
    return discover([name], is_audio)


def urls(discovered):
    return [one.url for one in discovered.recordings]


def source(key):
    """A recording of which no listing tells."""
    return CallSource(path=label_of(address(key)), url=address(key))


def listed(key):
    """A recording as it is found."""
    (one,) = found(address(key)).recordings
    return CallSource(path=one.path, url=one.url, listed=one.listed)


class TestListing:
    def test_a_folder_is_searched_to_the_bottom_in_order_of_name(self, s3, gate):
        for key in ("b.MP3", "a.wav", "sub/c.amr", "sub/deep/d.wav", "notes.txt", ".hidden.wav", "sub/.trash/x.wav"):
            s3.put(f"monday/{key}")
        s3.put("mondays/other.wav")
        discovered = found(address("monday"))

        assert urls(discovered) == [
            address(f"monday/{key}") for key in ("a.wav", "b.MP3", "sub/c.amr", "sub/deep/d.wav")
        ]
        assert discovered.passed_by == tuple(
            label_of(address(f"monday/{key}")) for key in (".hidden.wav", "sub/.trash", "notes.txt")
        )

    @pytest.mark.parametrize("name", [f"s3://{BUCKET}", f"s3://{BUCKET}/", f"S3://{BUCKET}"])
    def test_a_bucket_is_a_folder(self, s3, gate, name):
        s3.put("a.wav")

        assert [one.path for one in found(name).recordings] == [label_of(address("a.wav"))]

    def test_a_placeholder_of_a_folder_is_nothing(self, s3, gate):
        s3.put("monday/", b"")
        s3.put("monday/a.wav")

        assert urls(found(address("monday"))) == [address("monday/a.wav")]
        assert found(address("monday")).passed_by == ()

    def test_an_object_that_is_named_is_taken_whatever_it_is(self, s3, gate):
        s3.put("notes.txt")

        assert urls(found(address("notes.txt"))) == [address("notes.txt")]

    def test_a_glob_takes_what_it_meets_and_all_below(self, s3, gate):
        for key in ("2026-03-01/a.wav", "2026-03-02/b.wav", "2026-04-01/c.wav"):
            s3.put(key)

        assert urls(found(address("2026-03-*"))) == [address("2026-03-01/a.wav"), address("2026-03-02/b.wav")]
        assert urls(found(address("*/c.*"))) == [address("2026-04-01/c.wav")]

    def test_an_object_whose_name_looks_like_a_glob_is_an_object(self, s3, gate):
        s3.put("call[1].wav")
        s3.put("call1.wav")

        assert urls(found(address("call[1].wav"))) == [address("call[1].wav")]

    def test_a_recording_with_an_unknown_ending_is_known_by_its_first_bytes(self, s3, gate):
        s3.put("a/1.dat", b"sound" + bytes(100_000))
        s3.put("a/2.dat", b"text")
        s3.put("a/3.dat", b"")
        discovered = found(address("a"), lambda file: file.read(5) == b"sound")

        assert urls(discovered) == [address("a/1.dat")]
        assert discovered.passed_by == (label_of(address("a/2.dat")), label_of(address("a/3.dat")))

    def test_a_thousand_objects_and_one_come_in_pages(self, s3, gate):
        backend = s3_backends["123456789012"]["aws"]  # a thousand requests would take their time
        for number in range(1001):
            backend.put_object(BUCKET, f"{number:04}.wav", b"")

        assert urls(found(f"s3://{BUCKET}")) == [address(f"{number:04}.wav") for number in range(1001)]

    def test_keys_of_all_kinds_are_listed_and_fetched(self, s3, intake):
        for key in HARD_KEYS:
            s3.put(key, key.encode())

        assert sorted(urls(found(f"s3://{BUCKET}"))) == sorted(map(address, HARD_KEYS))
        assert [intake.take(source(key)).path.read_bytes().decode() for key in HARD_KEYS] == list(HARD_KEYS)

    def test_what_is_listed_tells_when_it_was_written(self, s3, gate):
        s3.put("a.wav")

        assert abs(found(address("a.wav")).recordings[0].modified_at().timestamp() - time.time()) < 60

    def test_what_is_listed_is_what_the_store_says_when_it_is_fetched_and_changes_with_the_bytes(self, s3, intake):
        s3.put("a.wav")
        before = listed("a.wav")
        s3.put("a.wav", b"other")  # as long as before
        after = listed("a.wav")

        assert None not in (before.listed.tag, after.listed.tag)
        assert before.listed.tag != after.listed.tag
        assert intake.take(after).source.listed == after.listed

    @pytest.mark.parametrize(
        "name", ["s3://nobucket", "s3://nobucket/a.wav", f"s3://{BUCKET}/gone/", f"s3://{BUCKET}/gone*"]
    )
    def test_what_is_not_there_is_an_error_that_names_it(self, s3, gate, name):
        with pytest.raises(InputError) as caught:
            found(name)

        assert caught.value.code == "input.missing"
        assert name.rstrip("/") in caught.value.message

    def test_no_credentials_are_an_error_with_a_hint(self, s3, gate, monkeypatch):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        with pytest.raises(InputError) as caught:
            found(address("a.wav"))

        assert caught.value.code == "input.denied"
        assert "AWS_ACCESS_KEY_ID" in caught.value.hint

    def test_a_server_that_is_not_there_is_an_error(self, gate, monkeypatch):
        gate.close()
        with pytest.raises(InputError, match="cannot be listed") as caught:
            found(address("a.wav"))

        assert caught.value.code == "input.unreachable"
        assert "secret" not in f"{caught.value} {caught.value.hint}"

    @pytest.mark.parametrize("mode", ["shut", "stall"])
    def test_a_server_that_stops_in_mid_listing_is_an_error_and_no_short_list(self, s3, gate, mode):
        for number in range(20):
            s3.put(f"monday/{number}.wav")
        gate.mode, gate.after_bytes = mode, 1500
        with pytest.raises(InputError) as caught:
            found(address("monday/"))

        assert caught.value.code == "input.unreachable"
        assert gate.struck > 0

    def test_a_listing_that_breaks_off_once_is_done_again(self, s3, gate):
        for number in range(20):
            s3.put(f"monday/{number}.wav")
        gate.mode, gate.after_bytes, gate.times = "shut", 1500, 1

        assert len(found(address("monday/")).recordings) == 20
        assert gate.struck == 1


class TestFetching:
    DATA = bytes(range(256)) * 8192  # two blocks

    def test_what_is_fetched_is_what_is_there(self, s3, intake):
        s3.put("one.wav", self.DATA)
        taken = intake.take(source("one.wav"))

        assert taken.sha256 == hashlib.sha256(self.DATA).hexdigest()
        assert taken.path.read_bytes() == self.DATA

    def test_an_empty_object_is_taken_as_it_is(self, s3, intake):
        s3.put("one.wav", b"")

        assert intake.take(source("one.wav")).path.read_bytes() == b""

    @pytest.mark.parametrize("mode", ["shut", "stall"])
    def test_a_download_that_breaks_off_once_is_done_again(self, s3, gate, intake, mode):
        s3.put("one.wav", self.DATA)
        recording = source("one.wav")
        gate.mode, gate.after_bytes, gate.times = mode, 300_000, 1
        taken = intake.take(recording)

        assert taken.sha256 == hashlib.sha256(self.DATA).hexdigest()
        assert gate.struck == 1

    @pytest.mark.parametrize("mode", ["shut", "stall"])
    def test_a_download_that_always_breaks_off_is_one_fault_in_bounded_time(self, s3, gate, intake, temporary, mode):
        s3.put("one.wav", self.DATA)
        recording = source("one.wav")
        gate.mode, gate.after_bytes = mode, 300_000
        begun_s = time.monotonic()
        fault = intake.take(recording)

        assert isinstance(fault, Fault)
        assert (fault.stage, fault.code) == ("fetch", "remote.failed")
        assert fault.message.startswith(f"{address('one.wav')}: cannot be fetched")
        assert time.monotonic() - begun_s < HASTY.tries * (HASTY.stall_s + 2)
        assert [path for path in temporary.rglob("*") if path.is_file()] == []

    def test_a_fault_hinders_no_other_recording(self, s3, gate, intake):
        s3.put("one.wav", self.DATA)
        s3.put("two.wav")
        recordings = [source("one.wav"), source("two.wav")]
        gate.mode, gate.after_bytes = "shut", 300_000

        assert isinstance(intake.take(recordings[0]), Fault)
        assert isinstance(intake.take(recordings[1]), Taken)

    def test_an_object_deleted_since_it_was_listed_is_missing(self, s3, intake):
        s3.put("one.wav")
        recording = listed("one.wav")
        s3.empty()

        assert intake.take(recording).code == "remote.missing"

    def test_an_object_that_changed_since_it_was_listed_waits_and_is_taken_as_it_is_then(self, s3, gate):
        s3.put("one.wav", b"first")
        recording = listed("one.wav")
        s3.put("one.wav", b"other")
        with Intake(Settings(batch=BatchSettings(settle_s=0.2)), Remote(HASTY)) as intake:
            assert isinstance(intake.take(recording), Waiting)
            time.sleep(0.25)
            assert intake.take(recording).path.read_bytes() == b"other"

    def test_an_object_that_changes_while_it_is_fetched_waits(self, s3, intake, monkeypatch):
        s3.put("one.wav", b"x" * 3_000_000)
        recording = source("one.wav")
        write = intake._remote.copy

        def overtaken(url, known, new_file, need):
            s3.put("one.wav", b"y" * 3_000_000)
            return write(url, known, new_file, need)

        monkeypatch.setattr(intake._remote, "copy", overtaken)
        assert isinstance(intake.take(recording), Waiting)
        monkeypatch.undo()

    def test_several_threads_share_one_connection(self, s3, intake):
        for number in range(12):
            s3.put(f"{number}.wav", bytes([number]) * 1000)
        recordings, taken = [source(f"{number}.wav") for number in range(12)], []
        threads = [threading.Thread(target=lambda one=one: taken.append(intake.take(one))) for one in recordings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(one.path.read_bytes()[0] for one in taken) == list(range(12))
        assert len(intake._remote._connected) == 1


class TestSizes:
    """Stores whose word and whose bytes differ."""

    @pytest.fixture
    def memory(self):
        memory = fsspec.filesystem("memory")
        memory.pipe_file("/one.wav", b"sound")
        yield memory
        memory.store.clear()

    def copy(self, tmp_path, size_bytes, need=lambda size_bytes: None):
        names = iter(range(9))
        to = lambda: tmp_path / str(next(names))  # noqa: E731
        return Remote(HASTY).copy("memory://one.wav", ObjectState(size_bytes=size_bytes), to, need)

    def left(self, tmp_path):
        return [path for path in tmp_path.iterdir() if path.is_file()]

    def test_less_than_promised_is_no_recording(self, memory, tmp_path):
        with pytest.raises(FetchError, match="ConnectionError"):
            self.copy(tmp_path, 6)
        assert self.left(tmp_path) == []

    def test_more_than_promised_is_another_recording(self, memory, tmp_path):
        with pytest.raises(ChangedError):
            self.copy(tmp_path, 4)
        assert self.left(tmp_path) == []

    def test_where_nothing_is_promised_room_is_asked_for_as_bytes_come(self, memory, tmp_path):
        memory.pipe_file("/one.wav", b"x" * 2_500_000)
        asked = []
        self.copy(tmp_path, None, asked.append)

        assert asked == [1 << 20, 2 << 20, 2_500_000]


class TestFetched:
    def test_a_node_fetches_by_itself_and_leaves_nothing(self, s3, gate, temporary):
        s3.put("one.wav")
        with fetched(source("one.wav"), 100) as here:
            assert here.readable_at.read_bytes() == b"sound"
            assert here.path == label_of(address("one.wav"))
        assert list(temporary.iterdir()) == []

    def test_a_local_recording_comes_as_it_is(self, tmp_path):
        local = CallSource(path=tmp_path / "one.wav")
        with fetched(local, 100) as here:
            assert here is local

    def test_what_cannot_be_fetched_is_the_failure_of_the_call(self, s3, gate, temporary):
        gone = CallSource(path=label_of(address("gone.wav")), url=address("gone.wav"))
        with pytest.raises(FetchError) as caught, fetched(gone, 100):
            pass
        assert (caught.value.code, caught.value.stage) == ("remote.missing", "fetch")
        assert list(temporary.iterdir()) == []

    def test_what_is_too_large_is_not_fetched(self, s3, gate):
        s3.put("one.wav")
        with pytest.raises(FetchError) as caught, fetched(source("one.wav"), 4):
            pass
        assert caught.value.code == "audio.too_large"


class TestRefusals:
    @pytest.fixture
    def refusing(self, monkeypatch):
        stores = []

        def make(status, code):
            stores.append(Refusing(status, code))
            log_in(monkeypatch, stores[-1].endpoint)
            return stores[-1]

        yield make
        for store in stores:
            store.close()

    @pytest.mark.parametrize(
        ("status", "code", "told"),
        [
            (403, "AccessDenied", "remote.denied"),
            (403, "InvalidAccessKeyId", "remote.denied"),
            (401, "Unauthorized", "remote.denied"),
            (404, "NoSuchKey", "remote.missing"),
        ],
    )
    def test_a_refusal_is_final(self, refusing, status, code, told):
        store = refusing(status, code)
        with pytest.raises(FetchError) as caught:
            Remote(HASTY).state(address("one.wav"))

        assert caught.value.code == told
        assert store.requests <= 2  # the object, and whether it is a folder
        assert "AKIDEXAMPLE" not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize(("status", "code"), [(500, "InternalError"), (503, "SlowDown")])
    def test_a_server_in_trouble_is_asked_again(self, refusing, status, code):
        store = refusing(status, code)
        with pytest.raises(FetchError, match=f"HTTP {status}") as caught:
            Remote(HASTY).state(address("one.wav"))

        assert caught.value.code == "remote.failed"
        assert store.requests == HASTY.tries

    def test_a_refusal_of_the_listing_stops_the_scan(self, refusing):
        refusing(403, "AccessDenied")
        with pytest.raises(InputError) as caught:
            found(address("monday/"))

        assert caught.value.code == "input.denied"


class TestAddresses:
    @pytest.mark.parametrize(
        "name", ["s3://key:hidden@calls/a.wav", "https://user:hidden@host/a.wav", "sftp://me:hidden@h/x"]
    )
    def test_a_password_in_an_address_is_refused_and_not_repeated(self, name):
        with pytest.raises(InputError, match="password") as caught:
            found(name)
        assert "hidden" not in f"{caught.value} {caught.value.hint}"

    def test_a_query_of_a_web_address_is_refused_and_not_repeated(self):
        with pytest.raises(InputError, match="query") as caught:
            found("https://host/a.wav?signature=hidden")
        assert "hidden" not in f"{caught.value} {caught.value.hint}"

    def test_a_scheme_that_nobody_knows_is_an_error(self):
        with pytest.raises(InputError, match="nope://"):
            found("nope://bucket")

    def test_a_missing_package_is_named_with_the_command_to_install_it(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "s3fs", None)
        known = sys.modules["fsspec.registry"]._registry
        monkeypatch.delitem(known, "s3", raising=False)
        monkeypatch.delitem(known, "s3a", raising=False)
        with pytest.raises(DependencyError, match="s3fs") as caught:
            found("s3://bucket")
        assert caught.value.hint == "pip install 'callaudit[s3]'"

    def test_without_fsspec_itself_the_extra_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "fsspec", None)
        with pytest.raises(DependencyError) as caught:
            found("s3://bucket")
        assert caught.value.hint == "pip install 'callaudit[s3]'"


def test_no_key_is_in_any_message(s3, gate):
    """Whatever goes wrong: words of the store's client are not passed on."""
    gate.mode = "shut"
    with pytest.raises(InputError) as caught:
        found(address("a.wav"))
    told = "".join(traceback.format_exception(caught.value))

    assert "cannot be listed" in told
    assert not any(key in told for key in ("AKIDEXAMPLE", "very-secret", "Signature"))


def test_the_time_of_its_creation_is_no_mark_of_what_an_object_holds_where_it_can_be_written_to():
    """Such as WebDAV tells it of a server without ETags."""
    monday, tuesday = "2026-03-02T08:00:00+00:00", "2026-03-03T08:00:00+00:00"
    before = state_of({"size": 5, "created": monday, "modified": monday})
    after = state_of({"size": 5, "created": monday, "modified": tuesday})

    assert after.contradicts(before)
    assert after.tag is None
    assert state_of({"size": 5, "created": monday}).tag
