from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callaudit.domain.addresses import ObjectState, address_of, is_address, is_label, label_of

ADDRESSES = [
    "s3://bucket/monday/one.wav",
    "s3://bucket/热线 一号/录音.wav",
    "s3://bucket/a//b.wav",
    "s3://bucket/a/./b.wav",
    "s3://bucket/a/../b.wav",
    "s3://bucket/-rf.wav",
    "s3://bucket/%/x.wav",
    "s3://bucket/%./x.wav",
    "s3://bucket/50%25/x.wav",
    "sftp://user@host/var/spool/one.wav",
    "memory://one.wav",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_label_gives_the_address_back(address):
    assert address_of(label_of(address)) == address
    assert is_label(label_of(address))


@given(st.text(min_size=1).filter(lambda key: "\0" not in key))
def test_any_key_comes_back_from_its_label(key):
    assert address_of(label_of(f"s3://bucket/{key}")) == f"s3://bucket/{key}"


def test_no_two_addresses_share_a_label():
    assert len({label_of(address) for address in ADDRESSES}) == len(ADDRESSES)


def test_a_label_ends_like_the_address():
    label = label_of("s3://bucket/monday/one.wav")

    assert (label.name, label.stem, label.suffix, label.parent.name) == ("one.wav", "one", ".wav", "monday")


@pytest.mark.parametrize("name", ["/calls/one.wav", "calls/one.wav", "C:/calls", "c://calls", "s3:/bucket", "://x", ""])
def test_a_path_is_no_address(name):
    assert not is_address(name)


@pytest.mark.parametrize("path", ["/calls/one.wav", "calls/one.wav", "s3:", "/s3:/one.wav", "x:/one.wav"])
def test_a_path_of_a_file_is_no_label_and_stays_as_it_is(path):
    assert not is_label(Path(path))
    assert address_of(Path(path)) == path


def test_what_is_no_address_has_no_label():
    with pytest.raises(ValueError, match="no address"):
        label_of("/calls/one.wav")


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("one", "other", "contradicts"),
    [
        ({}, {}, False),
        ({"size_bytes": 1}, {"size_bytes": 2}, True),
        ({"size_bytes": 1}, {}, False),
        ({"size_bytes": 0}, {"size_bytes": 1}, True),
        ({"tag": "a"}, {"tag": "b"}, True),
        ({"tag": "a"}, {"tag": "a"}, False),
        ({"tag": "a", "modified_at": NOON}, {"tag": "a", "modified_at": NOON.replace(hour=13)}, False),
        ({"modified_at": NOON}, {"modified_at": NOON.replace(second=1)}, True),
        ({"modified_at": NOON}, {"modified_at": NOON.replace(microsecond=300_000)}, False),
        ({"modified_at": NOON}, {}, False),
    ],
)
def test_states_contradict_each_other_only_in_what_both_tell(one, other, contradicts):
    assert ObjectState(**one).contradicts(ObjectState(**other)) is contradicts
    assert ObjectState(**other).contradicts(ObjectState(**one)) is contradicts
