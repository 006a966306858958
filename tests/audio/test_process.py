"""A decoder that misbehaves: bounded in time, nothing left behind."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from callaudit.audio import process
from callaudit.audio.decode import FfmpegDecoder
from callaudit.audio.ffmpeg import Ffmpeg
from callaudit.domain.analysis import CallSource
from callaudit.errors import AudioError, DependencyError
from callaudit.settings import AudioSettings
from tests.audio.sounds import decode, ffmpeg_program, tones, write

WAV_HEADER = r"RIFF\377\377\377\377WAVEfmt \20\0\0\0\1\0\1\0\200\76\0\0\0\175\0\0\2\0\20\0data\377\377\377\377"
STREAM_LINE = "  Stream #0:0: Audio: pcm_s16le, 8000 Hz, mono, s16"

MISBEHAVIOUR = {
    "hangs": ("sleep 300", "audio.timeout"),
    "ignores SIGTERM": ("trap '' TERM INT HUP; while :; do sleep 1; done", "audio.timeout"),
    "hangs in a child": ("sleep 300 & wait", "audio.timeout"),
    "leaves a child that holds the pipe": ("sleep 300 & exit 0", "audio.timeout"),
    "talks without end": ("while :; do echo noise noise noise >&2; done", "audio.timeout"),
    "closes its pipes and stays": ("exec >&- 2>&-; sleep 300", "audio.timeout"),
    "writes sound without end": (f"printf '{WAV_HEADER}'; exec cat /dev/zero", "audio.too_long"),
    "writes rubbish without end": ("exec yes", "audio.decoder"),
    "writes a header without end": (f"printf '{WAV_HEADER}' | head -c 36; exec cat /dev/zero", "audio.decoder"),
    "says nothing": ("exit 0", "audio.corrupt"),
    "fails": ("exit 3", "audio.corrupt"),
    "crashes": ("kill -SEGV $$", "audio.corrupt"),
    "crashes in the middle": (
        f"echo '{STREAM_LINE}' >&2; printf '{WAV_HEADER}'; head -c 64000 /dev/urandom; kill -ABRT $$",
        "audio.corrupt",
    ),
    "fails in the middle": (
        f"echo '{STREAM_LINE}' >&2; printf '{WAV_HEADER}'; head -c 64000 /dev/urandom; exit 1",
        "audio.corrupt",
    ),
    "runs out of processor time": ("kill -XCPU $$", "audio.timeout"),
    "writes half a sample": (f"echo '{STREAM_LINE}' >&2; printf '{WAV_HEADER}x'", "audio.no_samples"),
}


def _program(folder: Path, body: str) -> Path:
    """A script that says it is ffmpeg and leaves its process id."""
    path = folder / "ffmpeg-imitation"
    path.write_text(
        f'#!/bin/sh\nif [ "$1" = -version ]; then echo ffmpeg version imitation; exit 0; fi\n'
        f"echo $$ > {folder / 'group'}\n{body}\n"
    )
    path.chmod(stat.S_IRWXU)
    return path


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _members(group: int) -> list[str]:
    """Processes of a group that are still there, zombies left out."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, member_of = status.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if member_of == str(group) and state != "Z":
            found.append(status.parent.name)
    return found


def _nothing_left(group: int) -> bool:
    """Killed processes need a moment to go."""
    deadline = time.monotonic() + 2
    while _members(group) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not _members(group)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("manner", MISBEHAVIOUR)
def test_a_misbehaving_decoder_ends_in_an_error_in_time_and_leaves_no_process(manner: str, tmp_path: Path) -> None:
    body, code = MISBEHAVIOUR[manner]
    settings = AudioSettings(ffmpeg=_program(tmp_path, body), decode_timeout_s=1, max_duration_s=60)
    path = write(tmp_path / "call.wav", tones(0.2, 8000), 8000)
    handles = _open_files()
    start = time.monotonic()

    with pytest.raises(AudioError) as caught:
        FfmpegDecoder(settings).decode(CallSource(path=path))

    assert caught.value.code == code
    assert time.monotonic() - start < 5
    assert _nothing_left(int((tmp_path / "group").read_text()))
    assert _open_files() == handles


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_an_interruption_leaves_no_process(tmp_path: Path) -> None:
    program = _program(tmp_path, "echo x; sleep 300")

    def interrupted(_block: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.stream([str(program)], process.Limits(20), interrupted)

    assert _nothing_left(int((tmp_path / "group").read_text()))


@pytest.mark.skipif(os.name == "nt", reason="there are no sessions")
def test_a_program_has_a_group_of_its_own_in_the_session_of_the_caller() -> None:
    ask = "import os; print(os.getpgid(0) == os.getpid(), os.getsid(0))"

    _, output = process.convert([sys.executable, "-c", ask], process.Limits(20))

    assert output.split() == [b"True", str(os.getsid(0)).encode()]


def test_a_program_that_vanished_is_an_error_of_the_call(tmp_path: Path) -> None:
    program = _program(tmp_path, "exit 0")
    decoder = FfmpegDecoder(AudioSettings(ffmpeg=program))
    program.unlink()

    with pytest.raises(AudioError) as caught:
        decoder.decode(CallSource(path=write(tmp_path / "call.wav", tones(0.2, 8000), 8000)))

    assert caught.value.code == "audio.decoder"


@pytest.mark.parametrize(
    "body",
    ["exit 1", "echo something else", "kill -SEGV $$", "echo", "echo ffmpeg version"],
)
def test_what_does_not_answer_as_ffmpeg_does_is_refused_before_any_call(body: str, tmp_path: Path) -> None:
    path = tmp_path / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(stat.S_IRWXU)

    with pytest.raises(DependencyError) as caught:
        FfmpegDecoder(AudioSettings(ffmpeg=path))

    assert caught.value.code == "dependency.ffmpeg"


@pytest.mark.parametrize("name", ["missing", "data"])
def test_a_setting_that_names_no_program_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")

    with pytest.raises(DependencyError) as caught:
        Ffmpeg(AudioSettings(ffmpeg=tmp_path / name))

    assert name in caught.value.message


def test_the_setting_wins_over_the_path_and_the_path_over_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = _program(tmp_path, "")
    (tmp_path / "bin").mkdir()
    on_path = tmp_path / "bin" / "ffmpeg"
    chosen.rename(on_path).chmod(stat.S_IRWXU)
    chosen = _program(tmp_path, "")

    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert Ffmpeg(AudioSettings(ffmpeg=chosen)).program == str(chosen)
    assert Ffmpeg(AudioSettings()).program == str(on_path)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing here"))
    assert "imageio_ffmpeg" in Ffmpeg(AudioSettings()).program


def test_no_ffmpeg_at_all_is_a_missing_dependency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", none)

    with pytest.raises(DependencyError) as caught:
        Ffmpeg(AudioSettings())

    assert caught.value.exit_code == 4


def test_the_version_is_the_programs_own(tmp_path: Path) -> None:
    assert Ffmpeg(AudioSettings(ffmpeg=_program(tmp_path, ""))).version == "imitation"
    assert FfmpegDecoder(AudioSettings(ffmpeg=_program(tmp_path, ""))).version.endswith("/imitation")


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
def test_the_decoder_runs_under_limits_without_core_dumps() -> None:
    script = "sleep 0.2; ulimit -c; ulimit -t; ulimit -v"

    ended, output = process.convert(["/bin/sh", "-c", script], process.Limits(30, 500 << 20))

    assert ended.returncode == 0
    assert output.split() == [b"0", b"62", b"512000"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits are set on Linux only")
def test_a_decoder_that_wants_too_much_memory_fails_on_the_call_alone() -> None:
    grab = "import time; time.sleep(0.2); bytearray(1 << 30)"

    ended, _ = process.convert([sys.executable, "-c", grab], process.Limits(30, 400 << 20))

    assert ended.returncode != 0
    assert "MemoryError" in ended.log


def test_the_environment_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLAUDIT_DB", "postgresql://user:secret@host/db")

    _, output = process.convert(["/usr/bin/env"], process.Limits(10))

    assert b"secret" not in output


def test_messages_are_kept_up_to_a_limit() -> None:
    script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789 >&2; i=$((i+1)); done; echo done"
    blocks: list[bytes] = []

    ended = process.stream(["/bin/sh", "-c", script], process.Limits(30), blocks.append)

    assert b"".join(blocks) == b"done\n"
    assert len(ended.log) == 1 << 16


def test_the_smallest_allowed_memory_is_enough(tmp_path: Path) -> None:
    path = write(tmp_path / "call.wav", tones(1, 8000), 8000)

    assert decode(path, AudioSettings(decode_memory_mb=400, ffmpeg=Path(ffmpeg_program())))[0].duration_ms == 1000
