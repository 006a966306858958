from __future__ import annotations

import pytest

from callaudit.storage.pg_faults import ServerError, code_of_server


class OperationalError(Exception):
    """As the driver raises it while it connects: words and no SQLSTATE."""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ('FATAL:  password authentication failed for user "me"', "storage.denied"),
        ('FATAL:  role "me" does not exist', "storage.denied"),
        ('致命错误:  用户 "me" Password 认证失败', "storage.denied"),
        ("fe_sendauth: no password supplied", "storage.denied"),
        ('FATAL:  no pg_hba.conf entry for host "::1", user "me", database "calls", no encryption', "storage.denied"),
        ('FATAL:  permission denied for database "calls"', "storage.denied"),
        ('FATAL:  database "calls" does not exist', "storage.missing"),
        ('致命错误:  数据库 "calls" 不存在', "storage.missing"),
        ("FATAL:  sorry, too many clients already", "storage.crowded"),
        ("FATAL:  remaining connection slots are reserved for roles with SUPERUSER", "storage.crowded"),
        ("致命错误: 对不起, 已经有太多的客户", "storage.crowded"),
        ("SSL error: certificate verify failed", "storage.insecure"),
        ("server does not support SSL, but SSL was required", "storage.insecure"),
        ('invalid port number: "99999999"', "storage.address"),
        ('definition of service "night" not found', "storage.address"),
        ("Connection refused", "storage.unreachable"),
        ("FATAL:  the database system is starting up", "storage.unreachable"),
        ("failed to resolve host 'x': Name or service not known", "storage.unreachable"),
        ("worte einer anderen Sprache", "storage.unreachable"),
    ],
)
def test_what_goes_wrong_before_the_session_is_told_by_its_words(words: str, code: str) -> None:
    assert code_of_server(OperationalError(f"connection failed: {words}"), was_connected=False) == code


def test_what_the_driver_alone_complains_of_in_a_session_is_its_end() -> None:
    error = OperationalError("consuming input failed: password authentication")
    assert code_of_server(error, was_connected=True) == "storage.lost"
    assert code_of_server(TypeError("no such type"), was_connected=True) == "storage.failed"


def test_words_that_may_hold_data_are_not_repeated() -> None:
    assert str(ServerError(OperationalError("Failing row contains (不要脸)"))) == "OperationalError"
