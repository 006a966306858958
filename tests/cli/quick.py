"""Scans that cost nothing: with engines that do as they are told, in this process."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from callaudit import assembly
from callaudit.batch.inline import InlineExecutor
from tests.fakes import FakeDecoder, ScriptedTranscriber, make_engines


class HonestDecoder(FakeDecoder):
    """Gives a recording the digest of its bytes."""

    def decode(self, source):
        recording, wave, warnings = super().decode(source)
        return replace(recording, sha256=hashlib.sha256(source.readable_at.read_bytes()).hexdigest()), wave, warnings


def use(monkeypatch, transcriber=None, bad=(), crash=()):
    """Let scans be done by these engines; recordings named `bad` fail, `crash` as a bug; `a` holds an insult."""
    engines = make_engines(
        decoder=HonestDecoder(bad=frozenset(bad), crash=frozenset(crash)),
        transcriber=transcriber or ScriptedTranscriber(script={"a": "真不要脸"}),
    )
    monkeypatch.setattr(assembly, "make_executor", lambda settings: InlineExecutor(engines))
    monkeypatch.setattr(assembly, "is_synthetic_model", lambda settings: False)
