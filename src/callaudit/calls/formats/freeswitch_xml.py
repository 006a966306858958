"""A FreeSWITCH XML CDR in the shape of the JSON one."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from callaudit.calls.formats.documents import Item, content, local, xml_root
from callaudit.calls.formats.source import Source
from callaudit.calls.rows import format_error


def leg_of_xml(source: Source) -> Iterator[Item]:
    """The leg of a file.

    Raises:
        InputError: the file is no well-formed XML, or no CDR.
    """
    root = xml_root(source)
    if local(root) != "cdr":
        raise format_error(source.path, 1, "no element cdr", "give what mod_xml_cdr wrote", "record")
    applications = [_lower(item) for item in root.findall("./app_log/application")]
    yield (
        1,
        "record",
        {
            "variables": {item.tag: content(item) for item in root.findall("./variables/*")},
            "app_log": {"applications": applications},
            "callflow": [{"times": _children(flow.find("times"))} for flow in root.findall("./callflow")],
            "hold_record": {"holds": [dict(item.attrib) for item in root.findall("./hold-record/hold")]},
        },
    )


def _children(element: Element | None) -> dict[str, object]:
    return {} if element is None else {item.tag: content(item) for item in element}


def _lower(element: Element) -> dict[str, object]:
    return {name.lower(): value for name, value in element.attrib.items()}
