"""Stores for tests: what stands between a real S3 API and its caller, and stores that only refuse."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from callaudit.batch.patience import Patience

BUCKET = "calls"
HASTY = Patience(tries=3, pause_s=0.02, stall_s=3.0)
"""Little time to answer, and hardly a pause."""


def log_in(monkeypatch, endpoint):
    """Credentials and endpoint as an operator gives them; nothing of this machine's own."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "very-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@dataclass
class Gate:
    """A TCP gate before a server: passes everything on, until told to break what comes back.

    `mode` is `open`, `stall` (answers nothing more) or `shut` (closes the connection), both in the middle of an answer
    where `after_bytes` says so: it counts what came back on a connection; `times` is how many connections are struck.
    """

    port_behind: int
    mode: str = "open"
    after_bytes: int = 0
    times: int = 1 << 30
    struck: int = 0
    _sockets: list[socket.socket] = field(default_factory=list)

    def __post_init__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def close(self):
        self._stopped.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        with self._lock:
            for one in self._sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def _accept(self):
        while not self._stopped.is_set():
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            behind = socket.create_connection(("127.0.0.1", self.port_behind))
            with self._lock:
                self._sockets += [client, behind]
            threading.Thread(target=self._pump, args=(client, behind), daemon=True).start()
            threading.Thread(target=self._answer, args=(behind, client), daemon=True).start()

    def _pump(self, source, to):
        with suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
        self._end(source, to)

    def _answer(self, source, to):
        passed = 0
        with suppress(OSError):
            while data := source.recv(1024):
                if self.mode != "open" and passed + len(data) > self.after_bytes and self._strikes():
                    if self.mode == "stall":
                        self._stopped.wait(30)
                    to.sendall(data[: max(0, self.after_bytes - passed)])
                    break
                passed += len(data)
                to.sendall(data)
        self._end(source, to)

    def _strikes(self):
        with self._lock:
            if self.struck >= self.times:
                return False
            self.struck += 1
            return True

    def _end(self, *sockets):
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class Refusing:
    """A store that answers every request with one HTTP status, as S3 words it, and counts them."""

    def __init__(self, status, code):
        self.requests = 0
        body = f"<Error><Code>{code}</Code><Message>AKIDEXAMPLE may not</Message></Error>".encode()
        store = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                store.requests += 1
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815 the name is http.server's

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def wait_for(condition, seconds=10.0):
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)
