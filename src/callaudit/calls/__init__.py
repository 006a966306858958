"""Call records (话单): what the switch wrote down about calls, in the neutral form or in that of the common systems."""

from callaudit.calls.lookup import CallRecords
from callaudit.calls.records import read_call_records
from callaudit.calls.remarks import remarks_on
from callaudit.domain.call_formats import CallsFormat

__all__ = ["CallRecords", "CallsFormat", "read_call_records", "remarks_on"]
