"""Call records (话单): what the switch wrote down about calls, read from plain CSV or JSON Lines files."""

from callaudit.calls.lookup import CallRecords
from callaudit.calls.records import read_call_records
from callaudit.calls.remarks import remarks_on

__all__ = ["CallRecords", "read_call_records", "remarks_on"]
