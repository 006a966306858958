"""What runs on a node, without any cluster."""

from __future__ import annotations

import pickle
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from callaudit.batch.cluster.member import Hello, Member, Sent, StoredWave
from callaudit.batch.tasks import Fault, TranscribeTask
from callaudit.domain.analysis import CallSource
from callaudit.domain.runs import Stage
from callaudit.errors import SettingsError
from tests.batch.cluster import engines as made

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: callaudit[ray]")

SENT = Sent(CallSource(path=Path("calls/rude.wav")))


@pytest.fixture
def member():
    """A worker that is loaded."""
    member = Member(made.build, frozenset(Stage))
    member._engines = made.build(frozenset(Stage))
    return member


def test_a_node_that_was_started_without_a_token_is_refused_before_anything_is_loaded(monkeypatch):
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)

    refusal = Member(made.build_dying, frozenset(Stage)).load(needs_token=True)

    assert isinstance(refusal, SettingsError)
    assert refusal.code == "cluster.open"


def test_the_sound_of_a_prepared_call_comes_apart_and_leaves_its_shape(member):
    reply, wave = member.prepare(SENT)
    stored = pickle.loads(pickle.dumps(reply.result)).wave

    assert isinstance(stored, StoredWave)
    assert wave.samples.any()
    assert stored.samples.shape == wave.samples.shape
    assert stored.samples.nbytes == wave.samples.nbytes
    assert stored.sent == SENT
    assert len(pickle.dumps(reply)) < 20_000 < wave.samples.nbytes


def test_a_fault_has_no_sound(member):
    reply, wave = member.prepare(Sent(CallSource(path=Path("bad.wav"))))

    assert isinstance(reply.result, Fault)
    assert wave is None


def lost(*arguments, **options):
    import ray

    raise ray.exceptions.ObjectLostError("00", None, "")


def test_sound_that_is_lost_is_decoded_again(member, monkeypatch):
    reply, _ = member.prepare(SENT)
    monkeypatch.setattr("ray.get", lost)
    heard = []
    transcriber = member._engines.transcriber
    monkeypatch.setattr(
        transcriber, "transcribe", lambda calls: heard.extend(calls) or type(transcriber).transcribe(transcriber, calls)
    )

    (transcript,) = member.perform(TranscribeTask((reply.result,))).result

    assert transcript.utterances[0].text == "你不要脸"
    assert np.array_equal(heard[0].wave.samples, member.prepare(SENT)[1].samples)


def test_a_recording_that_is_gone_with_its_sound_is_a_fault_and_its_neighbours_are_heard(member, monkeypatch):
    calls = [member.prepare(Sent(CallSource(path=Path(f"{name}.wav"))))[0].result for name in ("one", "rude")]
    monkeypatch.setattr("ray.get", lost)
    member._engines.decoder.bad = frozenset({"one"})

    fault, transcript = member.perform(TranscribeTask(tuple(calls))).result

    assert fault.code == "audio.not_audio"
    assert transcript.utterances[0].text == "你不要脸"


def test_a_recording_that_changed_since_its_sound_was_lost_is_a_fault(member, monkeypatch):
    reply, _ = member.prepare(SENT)
    monkeypatch.setattr("ray.get", lost)
    monkeypatch.setattr("tests.fakes.sha_of", lambda source: "ff" * 32)

    (fault,) = member.perform(TranscribeTask((reply.result,))).result

    assert fault.code == "audio.changed"


def test_workers_differ_by_any_version():
    one = Hello("n1", "10.0.0.1", {"transcriber": "whisper 1", "callaudit": "1.0"})

    assert one.differs_from(Hello("n2", "10.0.0.2", dict(one.versions))) is None
    said = one.differs_from(Hello("n2", "10.0.0.2", {"transcriber": "whisper 1", "callaudit": "1.1"}))
    assert said == "callaudit is 1.0 on 10.0.0.1 and 1.1 on 10.0.0.2"


def test_a_recording_that_came_with_its_bytes_is_read_and_not_kept(member, monkeypatch):
    read = []
    monkeypatch.setattr("ray.get", lambda ref: {"bytes": b"RIFF"}[ref])
    decode = type(member._engines.decoder).decode
    monkeypatch.setattr(
        member._engines.decoder,
        "decode",
        lambda source: (
            read.append((source.readable_at, source.readable_at.read_bytes()))
            or decode(member._engines.decoder, source)
        ),
    )
    source = CallSource(path=Path("s3:/bucket/rude.wav"), url="s3://bucket/rude.wav", local=Path("/of/the/coordinator"))

    reply, _ = member.prepare(Sent(source, "bytes"))

    assert [content for _, content in read] == [b"RIFF"]
    assert not read[0][0].exists()
    assert reply.result.call.recording.path == source.path
    assert reply.result.wave.sent == Sent(source, "bytes")
