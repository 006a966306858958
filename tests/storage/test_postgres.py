"""What only a PostgreSQL server does: log people in or not, lose connections, refuse, come back."""

from __future__ import annotations

import logging
import random
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from callaudit.errors import StorageError
from callaudit.storage.schema import outcomes
from callaudit.storage.store import SqlStore, check_store
from tests.builders import (
    make_analysis,
    make_call,
    make_judged,
    make_recording,
    make_transcript,
    make_utterance,
)
from tests.reports.origin_case import clean_call, failed_call, origin_call
from tests.storage.conftest import execute
from tests.storage.postgres import OWNER, Server

STARTED = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
OPENERS = [SqlStore, check_store]


@pytest.fixture
def pg_store(pg_address: str) -> Iterator[SqlStore]:
    with SqlStore(pg_address) as opened:
        yield opened


def refusal(open_: Callable[[str], object], address: str) -> StorageError:
    with pytest.raises(StorageError) as caught:
        open_(address)
    return caught.value


def everything_told(error: BaseException | None) -> str:
    """All that a log could show of an error, its causes and contexts included."""
    told = ""
    while error is not None:
        told += "".join(traceback.format_exception(error)) + repr(error)
        error = error.__cause__ or error.__context__
    return told


# Addresses


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_may_be_written_as_people_write_it(pg_address: str, scheme: str) -> None:
    with SqlStore(pg_address.replace("postgresql", scheme, 1)) as store:
        store.save(clean_call())
        assert list(store.outcomes()) == [clean_call()]


def test_without_the_driver_the_hint_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = refusal(SqlStore, "postgresql://host/calls")
    assert error.code == "storage.address"
    assert "pip install 'callaudit[postgres]'" in error.hint


@pytest.mark.parametrize("address", ["mysql://host/calls", "postgresql+psycopg2://host/calls", "sqlite+aiosqlite:///x"])
def test_other_databases_and_drivers_are_refused(address: str) -> None:
    error = refusal(SqlStore, address)
    assert error.code == "storage.address"
    assert "postgresql://" in error.hint


@pytest.mark.parametrize("option", ["autocommit", "sslmod", "row_factory"])
@pytest.mark.usefixtures("server")
def test_an_option_that_the_server_does_not_know_is_refused_by_name(option: str) -> None:
    error = refusal(SqlStore, f"postgresql://host/calls?{option}=1")
    assert (error.code, option in error.message) == ("storage.address", True)


def test_the_password_may_stand_in_the_environment(
    server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", server.password)
    SqlStore(f"postgresql://{OWNER}@127.0.0.1:{server.port}/{database}").close()


def test_the_password_may_stand_in_a_file(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pgpass").write_text("*:*:*:*:" + server.password.replace(":", r"\:") + "\n")
    (tmp_path / "pgpass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    SqlStore(f"postgresql://{OWNER}@127.0.0.1:{server.port}/{database}").close()


def test_everything_may_stand_in_a_service_file(
    server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {"host": "127.0.0.1", "port": server.port, "user": OWNER, "password": server.password, "dbname": database}
    lines = [f"{name}={value}" for name, value in parts.items()]
    (tmp_path / "services").write_text("\n".join(["[night]", *lines, ""]))
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    SqlStore("postgresql://?service=night").close()
    assert refusal(SqlStore, "postgresql://?service=day").code == "storage.address"


# Sessions


def setting(address: str, name: str) -> str:
    return str(execute(address, f"SHOW {name}")[0][0])


def test_a_session_has_limits_and_a_name(pg_address: str) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "application_name")
    assert [setting(pg_address, name) for name in names] == ["10s", "10min", "10min", "callaudit"]
    assert setting(pg_address, "tcp_keepalives_idle") == "30"


def test_limits_of_the_address_and_of_the_server_stay(server: Server, database: str, pg_address: str) -> None:
    server.ask(f"ALTER DATABASE {database} SET statement_timeout = '7s'")
    own = f"{pg_address}?options=-c%20lock_timeout%3D3s&application_name=night"
    assert [setting(own, name) for name in ("lock_timeout", "statement_timeout", "application_name")] == [
        "3s",
        "7s",
        "night",
    ]


def test_the_encoding_of_other_programs_is_no_matter(pg_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "GBK")
    emoji = make_judged((make_utterance("😀 𠮷 你好"),))
    with SqlStore(pg_address) as store:
        store.save(emoji)
        assert list(store.outcomes()) == [emoji]


def test_a_database_that_cannot_hold_every_text_is_refused(server: Server) -> None:
    server.ask(f"CREATE DATABASE latin OWNER {OWNER} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    error = refusal(SqlStore, server.address("latin"))
    assert (error.code, "LATIN1" in error.message, "UTF8" in error.hint) == ("storage.address", True, True)
    server.ask("DROP DATABASE latin")


def test_texts_are_ordered_by_code_points_whatever_the_language_of_the_server(server: Server) -> None:
    if server.version < 15:
        pytest.skip("databases with an order of their own choice came with PostgreSQL 15")
    server.ask(
        f"CREATE DATABASE english OWNER {OWNER} LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8' TEMPLATE template0"
    )
    with SqlStore(server.address("english")) as store:
        for name in ("b.wav", "a.wav", "B.wav", "啊.wav", "A.wav"):
            store.save(failed_call(name, sha256=None))
        names = [call.path.name for call in store.calls()]
    server.ask("DROP DATABASE english")
    assert names == ["A.wav", "B.wav", "a.wav", "b.wav", "啊.wav"]


def test_two_schemas_of_one_database_are_two_stores(server: Server, database: str, pg_address: str) -> None:
    server.ask(f"CREATE SCHEMA team AUTHORIZATION {OWNER}", database)
    with SqlStore(pg_address) as first, SqlStore(f"{pg_address}?options=-csearch_path%3Dteam") as second:
        first.save(clean_call())
        assert list(second.outcomes()) == []
        second.save(origin_call())
        assert list(first.outcomes()) == [clean_call()]


@pytest.mark.parametrize("size_bytes", [2**31, 2**40])
def test_a_file_of_any_size_is_kept(pg_store: SqlStore, size_bytes: int) -> None:
    huge = make_judged(analysis=make_analysis(call=make_call(recording=make_recording(size_bytes=size_bytes))))
    pg_store.save(huge)
    assert list(pg_store.outcomes()) == [huge]


def test_names_of_calls_and_models_may_be_long(pg_store: SqlStore) -> None:
    """Ids come from call records: one that does not repeat itself soon fills more than a page of an index."""
    call_id = random.Random(5).choices([chr(code) for code in range(0x4E00, 0x9FA5)], k=10_000)
    transcript = make_transcript(engine=f"whisper {'模型' * 200}")
    long = make_judged(analysis=make_analysis(call=make_call(call_id="".join(call_id)), transcript=transcript))
    pg_store.save(long)
    assert pg_store.find_calls("".join(call_id)) == (long,)


# Refusals


def test_a_wrong_password_is_told_and_never_shown(
    server: Server, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for open_ in OPENERS:
        error = refusal(open_, server.address(database, password="hunter2 geheim"))
        assert error.code == "storage.denied"
        assert f"{OWNER}:***@127.0.0.1" in error.message
        told = everything_told(error) + error.hint + caplog.text
        assert not any(part in told for part in ("hunter2", "geheim", server.password))


@pytest.mark.parametrize("open_", OPENERS)
def test_a_user_or_a_database_that_is_not_there_is_told(
    server: Server, database: str, open_: Callable[[str], object]
) -> None:
    assert refusal(open_, server.address(database, user="nobody")).code == "storage.denied"
    assert refusal(open_, server.address(database, user="postgres")).code == "storage.denied"
    assert refusal(open_, server.address("no_such_database")).code == "storage.missing"


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid", "[::1]:1"])
def test_a_server_that_is_not_there_is_told(host: str) -> None:
    error = refusal(SqlStore, f"postgresql://me:geheim@{host}/calls")
    assert error.code == "storage.unreachable"
    assert "geheim" not in everything_told(error)


@pytest.mark.usefixtures("server")
def test_a_server_that_does_not_answer_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        error = refusal(SqlStore, f"postgresql://127.0.0.1:{mute.getsockname()[1]}/calls?connect_timeout=2")
    assert error.code == "storage.unreachable"
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    ("options", "code"),
    [("sslmode=require", "storage.insecure"), ("sslmode=perhaps", "storage.address")],
)
def test_what_encryption_fails_on_is_told(pg_address: str, options: str, code: str) -> None:
    assert refusal(SqlStore, f"{pg_address}?{options}").code == code


def test_a_server_without_a_connection_to_spare_is_told(server: Server, database: str, pg_address: str) -> None:
    server.ask(f"ALTER DATABASE {database} CONNECTION LIMIT 0")
    error = refusal(SqlStore, pg_address)
    server.ask(f"ALTER DATABASE {database} CONNECTION LIMIT -1")
    assert error.code == "storage.crowded"


@pytest.mark.parametrize("open_", OPENERS)
def test_a_user_who_may_make_no_tables_is_told(
    server: Server, database: str, pg_address: str, open_: Callable[[str], object]
) -> None:
    server.ask("DROP SCHEMA public", database)
    if open_ is SqlStore:
        assert refusal(open_, pg_address).code == "storage.missing"
    server.ask(f"CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO {OWNER}", database)
    error = refusal(open_, pg_address)
    assert error.code == "storage.denied"
    assert "own the database" in error.hint


@pytest.mark.parametrize("open_", OPENERS)
def test_a_database_set_to_read_only_is_told_and_can_be_read(
    server: Server, database: str, pg_address: str, open_: Callable[[str], object]
) -> None:
    server.ask(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    assert refusal(open_, pg_address).code == "storage.readonly"
    server.ask(f"ALTER DATABASE {database} RESET ALL")
    with SqlStore(pg_address) as store:
        store.save(clean_call())
    server.ask(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    with SqlStore(pg_address, to_read=True) as store:
        assert list(store.outcomes()) == [clean_call()]
        with pytest.raises(StorageError) as caught:
            store.save(origin_call())
    assert caught.value.code == "storage.readonly"


def test_somebody_with_the_right_to_read_can_read(server: Server, database: str, pg_store: SqlStore) -> None:
    pg_store.save(clean_call())
    server.ask("CREATE ROLE auditor LOGIN PASSWORD 'look'")
    server.ask("GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor", database)
    auditors = server.address(database, "auditor", "look")
    with SqlStore(auditors, to_read=True) as store:
        assert list(store.outcomes()) == [clean_call()]
        with pytest.raises(StorageError) as caught:
            store.save(clean_call())
    assert caught.value.code == "storage.denied"
    assert refusal(check_store, auditors).code == "storage.denied"
    server.ask("DROP OWNED BY auditor", database)
    server.ask("DROP ROLE auditor")


def test_who_came_to_read_finds_no_tables_and_makes_none(pg_address: str) -> None:
    with pytest.raises(StorageError) as caught:
        SqlStore(pg_address, to_read=True)
    assert caught.value.code == "storage.missing"
    assert execute(pg_address, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "storage.full"),
        ("40P01", "storage.locked"),
        ("40001", "storage.locked"),
        ("57014", "storage.slow"),
        ("XX001", "storage.corrupt"),
        ("23514", "storage.failed"),
        ("P0001", "storage.failed"),
    ],
)
def test_a_complaint_of_the_server_is_told_by_its_state_without_its_words(
    server: Server, database: str, pg_store: SqlStore, state: str, code: str
) -> None:
    server.ask(
        "CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '不要脸' USING ERRCODE = '{state}', DETAIL = '不要脸'; END $$;"
        " CREATE TRIGGER complain BEFORE INSERT ON outcomes EXECUTE FUNCTION complain()",
        database,
    )
    with pytest.raises(StorageError) as caught:
        pg_store.save(origin_call())
    assert caught.value.code == code
    assert "不要脸" not in "".join(traceback.format_exception(caught.value))
    assert state in str(caught.value.__cause__)
    server.ask("DROP FUNCTION complain CASCADE", database)
    assert list(pg_store.outcomes()) == []
    pg_store.save(origin_call())


# Connections that break


def test_a_connection_cut_while_idle_is_replaced_unnoticed(server: Server, database: str, pg_store: SqlStore) -> None:
    pg_store.save(clean_call())
    assert server.end_sessions(database) == 1
    pg_store.save(origin_call())
    assert server.end_sessions(database) == 1
    assert len(list(pg_store.outcomes())) == 2


@pytest.mark.parametrize("moment", ["query", "commit"])
def test_a_connection_cut_within_a_transaction_is_told_and_leaves_nothing(
    server: Server, database: str, pg_store: SqlStore, moment: str
) -> None:
    run_id = pg_store.begin_run(STARTED, "f")

    def write() -> None:
        with pg_store._writing() as connection:
            connection.exec_driver_sql("DELETE FROM runs")
            server.end_sessions(database)
            if moment == "query":
                connection.execute(select(outcomes)).all()

    with pytest.raises(StorageError) as caught:
        write()
    assert caught.value.code == "storage.lost"
    assert "run the same command again" in caught.value.hint
    assert pg_store.runs() == (run_id,)


def test_a_server_that_went_away_and_came_back_is_found_again(
    server: Server, pg_store: SqlStore, capfd: pytest.CaptureFixture[str]
) -> None:
    pg_store.save(clean_call())
    server.stop()
    try:
        with pytest.raises(StorageError) as caught:
            pg_store.save(origin_call())
    finally:
        server.start()
    assert caught.value.code == "storage.unreachable"
    pg_store.save(origin_call())
    assert len(list(pg_store.outcomes())) == 2
    assert capfd.readouterr() == ("", "")


def test_a_server_that_goes_away_within_a_transaction_is_told(server: Server, pg_store: SqlStore) -> None:
    def read() -> None:
        with pg_store._reading() as connection:
            server.stop()
            connection.execute(select(outcomes)).all()

    try:
        with pytest.raises(StorageError) as caught:
            read()
    finally:
        server.start()
    assert caught.value.code == "storage.lost"


def test_a_transaction_that_idles_for_too_long_is_ended(pg_store: SqlStore) -> None:
    def dawdle() -> None:
        with pg_store._reading() as connection:
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
            time.sleep(1)
            connection.execute(select(outcomes)).all()

    with pytest.raises(StorageError) as caught:
        dawdle()
    assert caught.value.code == "storage.lost"
    pg_store.save(clean_call())


# Several at once


def test_a_writer_waits_for_another_and_gives_up_in_time(pg_address: str) -> None:
    with SqlStore(pg_address) as first, SqlStore(f"{pg_address}?options=-c%20lock_timeout%3D100ms") as second:
        with first._writing(), pytest.raises(StorageError) as caught:
            second.save(clean_call())
        assert caught.value.code == "storage.locked"
        second.save(clean_call())


def test_writers_at_the_same_time_neither_fail_nor_double_anything(pg_address: str) -> None:
    calls = [origin_call(), clean_call(), failed_call()]
    failures: list[BaseException] = []

    def save_all(turn: int) -> None:
        try:
            with SqlStore(pg_address) as store:
                for call in calls[turn:] + calls[:turn]:
                    store.save(call)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=save_all, args=(turn % 3,)) for turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with SqlStore(pg_address) as store:
        assert list(store.outcomes()) == calls


def test_a_reader_sees_one_state_and_stops_no_writer(pg_address: str, pg_store: SqlStore) -> None:
    pg_store.save(origin_call())
    with SqlStore(pg_address) as other, other._reading() as connection:
        before = connection.execute(select(outcomes.c.score)).scalars().all()
        pg_store.save(make_judged(analysis=origin_call().analysis, score=1.5))
        assert connection.execute(select(outcomes.c.score)).scalars().all() == before
    assert [call.score for call in pg_store.calls()] == [1.5]


def test_what_only_reads_cannot_write(pg_store: SqlStore) -> None:
    with pytest.raises(StorageError) as caught, pg_store._reading() as connection:
        connection.exec_driver_sql("DELETE FROM runs")
    assert caught.value.code == "storage.readonly"
