"""A PostgreSQL server for tests: a cluster of its own in a temporary folder, gone when the tests are over."""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWNER = "tester"
"""An ordinary user: may log in with a password and owns its databases, no more."""

ABSENT = "no PostgreSQL server is installed: apt-get install -y --no-install-recommends postgresql"
NO_DRIVER = "the driver of PostgreSQL is not installed: pip install 'callaudit[postgres]'"

START_TIMEOUT_S = 60
_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=16MB")
_SCHEMA = f"CREATE SCHEMA public AUTHORIZATION {OWNER}; GRANT USAGE ON SCHEMA public TO PUBLIC"
_PEERS = "local all all trust\nhost all postgres all reject\nhost all all 127.0.0.1/32 scram-sha-256\n"


def find_programs() -> Path | None:
    """The folder with `initdb` and `postgres`; None where no server is installed."""
    folders = []
    if asked := shutil.which("pg_config"):
        told = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(told.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    wanted = ("initdb", "postgres")
    return next((folder for folder in folders if all((folder / name).exists() for name in wanted)), None)


def _someone() -> pwd.struct_passwd | None:
    """Whom the server runs as where the tests run as root, whom PostgreSQL refuses; None: as whoever runs the tests."""
    if os.geteuid():
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


class Server:
    """A running cluster; every database of a test is made in it, and dropped."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = _someone()
        self._folder = Path(tempfile.mkdtemp(prefix="callaudit-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._spare: list[str] = []
        self.password = f"sehr@geheim:{secrets.token_hex(8)}/%"
        self.port = 0
        try:
            self._make()
            self.start()
            self.ask(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{self.password}'")
        except BaseException:
            self.remove()
            raise

    def _make(self) -> None:
        if self._user:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = self._run("initdb", "-D", str(self._folder / "data"), *options)
        if made.wait(START_TIMEOUT_S):
            raise RuntimeError((self._folder / "log").read_text())
        (self._folder / "data" / "pg_hba.conf").write_text(_PEERS)

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """A program of PostgreSQL, as an ordinary user; the kernel ends it with the tests even if these are killed."""
        with_parent = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
        who: dict[str, Any] = {}
        if self._user and with_parent:
            # The kernel forgets the wish when the user changes: setpriv has to do both.
            with_parent += [f"--reuid={self._user.pw_uid}", f"--regid={self._user.pw_gid}", "--clear-groups"]
        elif self._user:
            who = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*with_parent, str(self._programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,  # Ctrl-C is for the tests, which then stop the server
                **who,
            )

    def start(self) -> None:
        """Start on a spare port, or on the port of before."""
        for _ in range(5):
            port = self.port or _spare_port()
            settings = itertools.chain.from_iterable(("-c", setting) for setting in _SPEED)
            where = ["-D", str(self._folder / "data"), "-k", str(self._folder), "-h", "127.0.0.1", "-p", str(port)]
            self._process = self._run("postgres", *where, *settings)
            if self._is_up(port):
                self.port = port
                return
        raise RuntimeError((self._folder / "log").read_text()[-4000:])

    def _is_up(self, port: int) -> bool:
        import psycopg

        give_up_at = time.monotonic() + START_TIMEOUT_S
        while self._process and self._process.poll() is None and time.monotonic() < give_up_at:
            try:
                psycopg.connect(host=str(self._folder), port=port, user="postgres", dbname="postgres").close()
                return True
            except psycopg.OperationalError:
                time.sleep(0.05)
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop at once, cutting every connection; with SIGQUIT even without writing down what is in memory."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(START_TIMEOUT_S)
            self._process = None

    def remove(self) -> None:
        """Stop, and leave nothing behind."""
        try:
            self.stop(signal.SIGQUIT)
        finally:
            shutil.rmtree(self._folder)

    def ask(self, question: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Rows of an answer to the superuser, each question a transaction of its own."""
        import psycopg

        where = {"host": str(self._folder), "port": self.port, "user": "postgres", "dbname": database}
        with psycopg.connect(**where, autocommit=True) as connection:
            cursor = connection.execute(question)
            return cursor.fetchall() if cursor.description else []

    def address(self, database: str, user: str = OWNER, password: str | None = None) -> str:
        """The address of a database over TCP, with a password."""
        from sqlalchemy import URL

        url = URL.create("postgresql", user, password or self.password, "127.0.0.1", self.port, database)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def new_database(self) -> Iterator[str]:
        """The name of an empty database; emptied again afterwards, which is far faster than making another."""
        if not self._spare:
            self._spare.append(f"calls_{next(self._numbers)}")
            self.ask(f"CREATE DATABASE {self._spare[-1]} OWNER {OWNER}")
        name = self._spare.pop()
        try:
            yield name
        finally:
            self.end_sessions(name)
            self.ask(f"ALTER DATABASE {name} RESET ALL")
            self.ask(f"DROP SCHEMA IF EXISTS public, team CASCADE; {_SCHEMA}", name)
            self._spare.append(name)

    @property
    def version(self) -> int:
        """Of the server, such as 15."""
        return int(self.ask("SHOW server_version_num")[0][0]) // 10_000

    def end_sessions(self, database: str) -> int:
        """Cut every connection to a database; the number of them."""
        return len(self.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"))


def _spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
