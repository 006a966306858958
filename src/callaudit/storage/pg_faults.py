"""Which fault it is that PostgreSQL or its driver complains of.

Once a session is up the server names every fault by its SQLSTATE (PostgreSQL manual, appendix A). While it is being set
up the driver has words only, in the language of the server: the telling ones are looked for in English and in Chinese.
"""

from __future__ import annotations

import re
from typing import Any

_BY_SQLSTATE = (
    ("08", "storage.lost"),
    ("25006", "storage.readonly"),
    ("25P03", "storage.lost"),  # idle for too long within a transaction
    ("28", "storage.denied"),
    ("3D000", "storage.missing"),
    ("3F000", "storage.missing"),  # no such schema
    ("40", "storage.locked"),  # deadlock, or another writer was faster
    ("42501", "storage.denied"),
    ("53100", "storage.full"),
    ("53300", "storage.crowded"),
    ("55006", "storage.locked"),
    ("55P03", "storage.locked"),
    ("57014", "storage.slow"),
    ("57P03", "storage.unreachable"),  # starting up or shutting down
    ("57P04", "storage.missing"),  # dropped under our feet
    ("57P", "storage.lost"),  # ended by an administrator or a crash
    ("XX001", "storage.corrupt"),
    ("XX002", "storage.corrupt"),
)

_BY_WORDS = (
    (r"too many (clients|connections)|connection (slots|limit)|太多的客户|连接(槽|限制|数)", "storage.crowded"),
    (
        r"pg_hba\.conf|authentication|no password|permission denied for|not permitted to log in"
        r"|FATAL: .*role .* does not exist|认证|口令|角色.*不存在|权限不够",
        "storage.denied",
    ),
    (r"FATAL: .*database .* does not exist|数据库.*不存在", "storage.missing"),
    (r"SSL|TLS|certificate|private key|证书", "storage.insecure"),
    (r"invalid .*(value|port number|option)|definition of service|service file", "storage.address"),
)
"""In this order: one complaint may tell of several attempts."""


def code_of_server(error: BaseException, *, was_connected: bool) -> str:
    """Our code for what the driver of PostgreSQL raised.

    Args:
        error: as the driver raised it.
        was_connected: the session was up when it happened.
    """
    state = str(getattr(error, "sqlstate", None) or "")
    for beginning, code in _BY_SQLSTATE:
        if state.startswith(beginning):
            return code
    if state:
        return "storage.failed"
    if was_connected:
        # Complaints of the driver itself: the line is cut, or it was handed something it cannot send.
        return "storage.lost" if type(error).__name__ in ("OperationalError", "InterfaceError") else "storage.failed"
    words = str(error)
    return next((code for pattern, code in _BY_WORDS if re.search(pattern, words)), "storage.unreachable")


class ServerError(Exception):
    """What PostgreSQL or its driver raised, without its words: these may repeat a row, or parts of the address."""

    def __init__(self, error: BaseException) -> None:
        details: Any = getattr(error, "diag", None)
        named = [
            f"{what} {name}"
            for what, name in (
                ("SQLSTATE", getattr(error, "sqlstate", None)),
                ("table", getattr(details, "table_name", None)),
                ("column", getattr(details, "column_name", None)),
                ("constraint", getattr(details, "constraint_name", None)),
            )
            if name
        ]
        super().__init__(", ".join([type(error).__name__, *named]))
