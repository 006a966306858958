"""A remote recording on its whole way: found with its call record, fetched, decoded, kept, shown, and heard again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest

from callaudit import assembly
from callaudit.audio.decode import FfmpegDecoder
from callaudit.batch import remote
from callaudit.batch.remote import fetched
from callaudit.domain.addresses import label_of
from callaudit.domain.analysis import CallSource, FailedCall, JudgedCall
from callaudit.domain.calls import Party
from callaudit.domain.runs import SkipReason
from callaudit.errors import AudioError, FetchError
from callaudit.pipeline import call_id_of
from callaudit.settings import AudioSettings, FolderSettings, Settings
from tests.audio.sounds import tones, write
from tests.builders import make_analysis, make_call, make_finding, make_judged, make_recording
from tests.cli.runner import callaudit

pytestmark = pytest.mark.usefixtures("temporary")

ONE = "memory://monday/one.wav"


@pytest.fixture
def store() -> Iterator[Any]:
    memory = fsspec.filesystem("memory")
    yield memory
    memory.store.clear()


@pytest.fixture
def sound(tmp_path: Path, store: Any) -> bytes:
    """Half a minute in two channels, kept at `ONE`."""
    data = write(tmp_path / "sound", tones(30, 8000), 8000).read_bytes()
    store.pipe_file("/monday/one.wav", data)
    return data


def source(address: str) -> CallSource:
    return CallSource(path=label_of(address), url=address)


def test_a_remote_recording_has_its_record_its_folder_and_its_name(tmp_path: Path, sound: bytes) -> None:
    calls = tmp_path / "calls.jsonl"
    calls.write_text(json.dumps({"recording": "monday/one.wav", "call_id": "7"}), encoding="utf-8")
    folder = FolderSettings.model_validate({"path": "memory://monday", "channel_map": "customer,agent"})
    settings = Settings(audio=AudioSettings(folders=(folder,)))

    (found,) = assembly.find_sources(["memory://monday"], settings, calls).sources

    assert isinstance(found, CallSource)
    assert (found.path, found.url) == (label_of(ONE), ONE)
    assert call_id_of(found) == "7"
    assert found.folder_parties == (Party.CUSTOMER, Party.AGENT)


@pytest.mark.parametrize("named", ["one.wav", "memory://monday/one.wav", "/elsewhere/monday/one.wav"])
def test_a_record_may_name_a_remote_recording_in_several_ways(tmp_path: Path, sound: bytes, named: str) -> None:
    calls = tmp_path / "calls.jsonl"
    calls.write_text(json.dumps({"recording": named, "call_id": "7"}), encoding="utf-8")
    (found,) = assembly.find_sources(["memory://monday"], Settings(), calls).sources

    assert isinstance(found, CallSource)
    assert found.record is not None


def test_a_folder_of_another_store_has_no_say(sound: bytes) -> None:
    folder = FolderSettings.model_validate({"path": "memory://mon", "channel_map": "customer,agent"})
    (found,) = assembly.find_sources([ONE], Settings(audio=AudioSettings(folders=(folder,))), None).sources

    assert isinstance(found, CallSource)
    assert found.folder_parties is None


def test_recordings_older_than_asked_for_are_skipped_and_told(tmp_path: Path, sound: bytes) -> None:
    old = write(tmp_path / "old.wav", tones(1, 8000), 8000)
    now = datetime.now(UTC)

    plan = assembly.find_sources([str(old), ONE], Settings(), None, since=now - timedelta(hours=1))
    assert (len(plan.sources), plan.skipped) == (2, ())

    plan = assembly.find_sources([str(old), ONE], Settings(), None, since=now + timedelta(hours=1))
    assert plan.sources == ()
    assert [(skipped.path, skipped.reason) for skipped in plan.skipped] == [
        (old, SkipReason.OLDER),
        (label_of(ONE), SkipReason.OLDER),
    ]


def test_what_is_fetched_is_decoded_under_its_own_name(sound: bytes) -> None:
    with fetched(source(ONE), 1 << 20) as here:
        recording, wave, _ = FfmpegDecoder(AudioSettings()).decode(here)

    assert recording.path == label_of(ONE)
    assert recording.sha256 == hashlib.sha256(sound).hexdigest()
    assert wave.duration_ms == 30_000


def test_an_error_names_the_address_and_not_the_file_it_was_fetched_to(store: Any, temporary: Path) -> None:
    store.pipe_file("/monday/notes.txt", "您好，请问有什么可以帮您\n".encode() * 50)
    with (
        pytest.raises(AudioError) as caught,
        fetched(source("memory://monday/notes.txt"), 1 << 20) as here,
    ):
        FfmpegDecoder(AudioSettings()).decode(here)

    assert caught.value.message.startswith("memory://monday/notes.txt: ")
    assert str(temporary) not in caught.value.message


def test_a_headerless_recording_is_known_by_the_ending_of_its_address(store: Any) -> None:
    store.pipe_file("/monday/one.al", bytes([0xD5, 0x55, 0x2A]) * 8000)
    with fetched(source("memory://monday/one.al"), 1 << 20) as here:
        recording, _, _ = FfmpegDecoder(AudioSettings(raw_rate_hz=8000)).decode(here)

    assert recording.container == "alaw"


def judged(address: str, sound: bytes) -> JudgedCall:
    recording = make_recording(path=label_of(address), sha256=hashlib.sha256(sound).hexdigest())
    return make_judged(analysis=make_analysis(call=make_call(recording=recording)), findings=(make_finding(),))


def test_the_audio_of_a_finding_is_fetched_again(sound: bytes) -> None:
    (clip,) = assembly.clip_source(Settings())(judged(ONE, sound))

    assert clip.mp3
    assert clip.span.start_ms == 7000


def test_a_remote_recording_that_became_another_gives_no_audio(store: Any, sound: bytes) -> None:
    kept = judged(ONE, sound)
    store.pipe_file("/monday/one.wav", sound[:-1000])

    assert assembly.clip_source(Settings())(kept) == ()


def test_without_its_package_a_store_gives_no_audio(sound: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec", None)

    assert assembly.clip_source(Settings())(judged(ONE, sound)) == ()


def test_a_store_that_gives_nothing_is_not_asked_for_every_call(sound: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(self: object, address: str) -> None:
        asked.append(address)
        raise FetchError("down", code="remote.failed", hint="wait")

    monkeypatch.setattr(remote.Remote, "state", refuse)
    clips = assembly.clip_source(Settings())

    assert [clips(judged(ONE, sound)) for _ in range(10)] == [()] * 10
    assert len(asked) == 3


def test_a_remote_call_is_listed_and_found_by_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sound: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    address = assembly.sqlite_address(tmp_path / "calls.db")
    failed = FailedCall(
        path=label_of("memory://monday//two.wav"),
        call_id="two",
        code="remote.missing",
        message="gone",
        hint="look",
        stage="fetch",
    )
    with assembly.open_store(Settings(db=address)) as kept:
        kept.save(judged(ONE, sound))
        kept.save(failed)

    said = callaudit("show", "--db", address).out
    assert ONE in said
    assert "memory://monday//two.wav" in said
    shown = callaudit("show", ONE, "--db", address)
    assert (shown.code, ONE in shown.out) == (0, True)
    assert "memory://monday//two.wav" in callaudit("show", "memory://monday//two.wav", "--db", address).out
    assert callaudit("show", "memory://monday/two.wav", "--db", address).code == 5


def test_reports_name_the_address(tmp_path: Path, sound: bytes) -> None:
    settings = Settings(db=assembly.sqlite_address(tmp_path / "calls.db"))
    with assembly.open_store(settings) as kept:
        kept.save(judged(ONE, sound))
        (tmp_path / "out").mkdir()
        written = assembly.write_reports(kept.outcomes, settings, tmp_path / "out")

    assert written.without_audio == ()
    (row,) = (tmp_path / "out" / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(row)["recording"] == ONE
    assert ONE in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
