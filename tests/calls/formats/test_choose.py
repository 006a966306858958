from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from callaudit.calls.formats.choose import READERS, recognise
from callaudit.calls.formats.names import CallsFormat
from callaudit.calls.formats.source import Source
from callaudit.calls.records import read_call_records
from callaudit.calls.times import CHINA
from callaudit.errors import InputError
from tests.calls.formats.helpers import refuse

MASTER = (
    '"","13800138000","600","default","","PJSIP/t-1","","Dial","","2026-03-02 09:15:20","","2026-03-02 09:15:30",10,0,'
    '"NO ANSWER","DOCUMENTATION","1772414120.41"\n'
)


@pytest.mark.parametrize(
    ("text", "calls_format"),
    [
        ("", CallsFormat.NEUTRAL),
        ("recording,answer\n", CallsFormat.NEUTRAL),
        ("recording,uniqueid,billsec,disposition\n", CallsFormat.NEUTRAL),
        ("call_id,queue\n", CallsFormat.NEUTRAL),
        ('{"recording": "one.wav", "ContactId": 1}\n', CallsFormat.NEUTRAL),
        ('{"Recording": "one.wav"}\n{"Recording": "two.wav"}\n', CallsFormat.NEUTRAL),
        ('{"broken', CallsFormat.NEUTRAL),
        ("[]", CallsFormat.NEUTRAL),
        ('"one.wav\n', CallsFormat.NEUTRAL),
        (MASTER, CallsFormat.ASTERISK_CDR),
        ("calldate,clid,src,dst,dcontext,billsec,disposition,uniqueid\n", CallsFormat.ASTERISK_CDR),
        ("\tid".lstrip() + "\tuniqueid\tbillsec\tdisposition\n", CallsFormat.ASTERISK_CDR),
        ("id,eventtype,eventtime,uniqueid,linkedid\n", CallsFormat.ASTERISK_CEL),
        ("EventName,EventTime,UniqueID,LinkedID\n", CallsFormat.ASTERISK_CEL),
        ('{"eventtype": "HANGUP", "uniqueid": "1.1", "linkedid": "1.1"}\n', CallsFormat.ASTERISK_CEL),
        ("1772414120|1.1|hotline|NONE|ENTERQUEUE||1|1\n", CallsFormat.QUEUE_LOG),
        ("2026-03-02 09:15:20.123456|1.1|hotline|NONE|ENTERQUEUE||1|1\n", CallsFormat.QUEUE_LOG),
        ('<?xml version="1.0"?>\n<!-- <recording> -->\n<cdr core-uuid="x"/>', CallsFormat.FREESWITCH),
        ('{"core-uuid": "x", "variables": {}}', CallsFormat.FREESWITCH),
        ("<recording xmlns='urn:ietf:params:xml:ns:recording:1'/>", CallsFormat.SIPREC),
        ("<rec:recording xmlns:rec='urn:ietf:params:xml:ns:recording:1'/>", CallsFormat.SIPREC),
        ('{"conversations": []}', CallsFormat.GENESYS),
        ('[{"conversationId": "x"}]', CallsFormat.GENESYS),
        ('{"Code": "OK", "Data": {"List": [{"ContactId": "x"}]}}', CallsFormat.ALIBABA_CCC),
        ('{"Response": {"TelCdrs": []}}', CallsFormat.TENCENT_TCCC),
        ('{"SessionId": "x", "Direction": 0}\n{"SessionId": "y"}\n', CallsFormat.TENCENT_TCCC),
    ],
)
def test_the_system_is_told_by_the_contents(text: str, calls_format: CallsFormat) -> None:
    assert recognise(Source(Path("records"), text, CHINA)) is calls_format


def test_every_format_has_an_importer() -> None:
    assert set(READERS) == set(CallsFormat)


def test_the_format_that_is_asked_for_is_read_and_no_other(tmp_path: Path) -> None:
    refuse(tmp_path, MASTER, "line 1", "no column recording", calls_format=CallsFormat.NEUTRAL)
    refuse(tmp_path, "recording\none.wav\n", "line 1", calls_format=CallsFormat.ASTERISK_CDR)


@pytest.mark.parametrize("calls_format", CallsFormat)
@pytest.mark.parametrize(
    "text", ['{"a": 1}\n', "[1, 2]", "<a/>", "a,b\n1,2\n", "1|2\n", '"', "{", "<a", "[[]]", "null"]
)
def test_what_is_of_no_system_is_an_error_and_never_a_crash(
    tmp_path: Path, text: str, calls_format: CallsFormat
) -> None:
    path = tmp_path / "records"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_call_records(path, calls_format=calls_format)
    assert str(path) in caught.value.message


def test_a_folder_holds_the_records_of_systems_that_write_one_for_each_call(tmp_path: Path) -> None:
    for name in ("a", "b"):
        leg = {"variables": {"uuid": f"{name}-0001-0002-0003", "end_epoch": "1772414120"}, "callflow": []}
        (tmp_path / f"{name}.json").write_text(json.dumps(leg), encoding="utf-8")
    (tmp_path / "queue.csv").write_text("recording,queue\none.wav,q\n", encoding="utf-8")
    (tmp_path / ".hidden").write_text("x", encoding="utf-8")
    records = read_call_records(tmp_path)
    found = [records.for_recording(Path(name)) for name in ("b-0001-0002-0003.wav", "one.wav", "c-0001-0002-0003.wav")]
    assert [record and record.recording for record in found] == ["b-0001-0002-0003.wav", "one.wav", None]
    assert [entry.place for entry in records.entries] == ["a.json, record 1", "b.json, record 1", "queue.csv, line 2"]


@pytest.mark.parametrize(("name", "belongs"), [("77.wav", True), ("call-77.wav", False), ("77-1.wav", False)])
def test_a_short_id_must_be_the_whole_name(tmp_path: Path, name: str, belongs: bool) -> None:
    path = tmp_path / "records"
    path.write_text('{"conversationId": "77"}', encoding="utf-8")
    assert (read_call_records(path).for_recording(Path(name)) is not None) is belongs


@pytest.mark.parametrize("text", ["<!--" * 300_000, "<!" * 300_000, "<" * 300_000, "<?" + "a" * 300_000])
def test_a_file_made_to_harm_is_told_in_no_time(text: str) -> None:
    begun_s = time.process_time()
    recognise(Source(Path("records"), text, CHINA))
    assert time.process_time() - begun_s < 5


def test_the_root_is_found_behind_comments_and_declarations() -> None:
    text = '<?xml version="1.0"?><?style x?><!-- a > b --><!-- <recording> -->\n<x:cdr/>'
    assert recognise(Source(Path("records"), text, CHINA)) is CallsFormat.FREESWITCH
