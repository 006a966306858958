"""Names of the forms in which call records are read."""

from __future__ import annotations

from enum import StrEnum


class CallsFormat(StrEnum):
    """How a file of call records is written; the value is what `--calls-format` takes."""

    NEUTRAL = "neutral"
    """CSV, JSON or JSON Lines with the columns of the README."""
    ASTERISK_CDR = "asterisk-cdr"
    """Asterisk call detail records: `Master.csv`, or CSV with a header."""
    ASTERISK_CEL = "asterisk-cel"
    """Asterisk channel event logging: CSV or JSON Lines."""
    QUEUE_LOG = "queue-log"
    """Asterisk `queue_log`."""
    FREESWITCH = "freeswitch"
    """FreeSWITCH CDR of mod_xml_cdr or mod_json_cdr."""
    SIPREC = "siprec"
    """SIPREC recording metadata, RFC 7865."""
    GENESYS = "genesys"
    """Genesys Cloud analytics conversation details."""
    ALIBABA_CCC = "alibaba-ccc"
    """Alibaba Cloud CCC call detail records."""
    TENCENT_TCCC = "tencent-tccc"
    """Tencent Cloud TCCC call records."""
