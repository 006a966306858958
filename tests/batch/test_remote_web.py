"""Recordings on a plain web server, which knows neither ranges nor listings but a page of links."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from callaudit.batch.discovery import discover
from callaudit.batch.remote import Remote, fetched
from callaudit.domain.addresses import label_of
from callaudit.domain.analysis import CallSource
from callaudit.errors import FetchError, InputError
from tests.batch.stores import HASTY


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path):
    for name in ("a.wav", "notes.txt", ".hidden.wav", "monday/b c.wav", "monday/.old/d.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sound" * 500_000)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_of_links_is_a_folder(site):
    discovered = discover([f"{site}/"], lambda file: False)

    assert [one.url for one in discovered.recordings] == [f"{site}/a.wav", f"{site}/monday/b%20c.wav"]
    assert set(discovered.passed_by) == {
        label_of(f"{site}/{name}") for name in ("notes.txt", ".hidden.wav", "monday/.old")
    }


def test_a_large_recording_comes_whole_from_a_server_without_ranges(site):
    address = f"{site}/monday/b%20c.wav"
    with fetched(CallSource(path=label_of(address), url=address), 1 << 30, HASTY) as here:
        assert here.readable_at.read_bytes() == b"sound" * 500_000


def test_what_is_not_there_is_missing(site):
    with pytest.raises(FetchError) as caught:
        Remote(HASTY).state(f"{site}/gone.wav")
    assert caught.value.code == "remote.missing"
    with pytest.raises(InputError, match=r"gone\.wav"):
        discover([f"{site}/gone.wav"], lambda file: False)
