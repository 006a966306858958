"""Which clusters are joined."""

from __future__ import annotations

import pytest

from callaudit.batch.cluster.access import cluster_address, refuse_open
from callaudit.errors import SettingsError

TOKEN = {"RAY_AUTH_MODE": "token"}
KNOWN = {
    "localhost": ["127.0.0.1", "::1"],
    "head": ["10.0.0.5"],
    "two-faced": ["127.0.0.1", "10.0.0.5"],
    "nowhere": [],
}


def resolve(host):
    if host not in KNOWN:
        raise OSError(f"unknown: {host}")
    return KNOWN[host]


def code_of(address, environment):
    with pytest.raises(SettingsError) as caught:
        cluster_address(address, environment, resolve)
    return caught.value.code


@pytest.mark.parametrize("address", [None, "local"])
@pytest.mark.parametrize("environment", [{}, TOKEN, {"RAY_ADDRESS": "10.0.0.5:6379"}])
def test_without_an_address_the_cluster_is_our_own_whatever_the_environment_says(address, environment):
    assert cluster_address(address, environment, resolve) == "local"


@pytest.mark.parametrize(
    "address", ["127.0.0.1:6379", "127.8.8.8:6379", "localhost:6379", "[::1]:6379", "[::ffff:127.0.0.1]:6379"]
)
def test_loopback_needs_no_token(address):
    assert cluster_address(address, {}, resolve) == address


OPEN = [
    "10.0.0.5:6379",
    "192.168.1.1:6379",
    "8.8.8.8:6379",
    "0.0.0.0:6379",
    "[::]:6379",
    "[fd00::2]:6379",
    "[fe80::1%eth0]:6379",
    "[::ffff:10.0.0.5]:6379",
    "head:6379",
    "two-faced:6379",
    "nowhere:6379",
]


@pytest.mark.parametrize("address", OPEN)
@pytest.mark.parametrize(
    "environment", [{}, {"RAY_AUTH_MODE": "disabled"}, {"RAY_AUTH_MODE": ""}, {"RAY_AUTH_TOKEN": "x"}]
)
def test_what_others_can_reach_is_refused_without_a_token(address, environment):
    assert code_of(address, environment) == "cluster.open"


@pytest.mark.parametrize("address", OPEN)
@pytest.mark.parametrize("mode", ["token", "TOKEN", " token "])
def test_what_others_can_reach_is_joined_with_a_token(address, mode):
    assert cluster_address(address, {"RAY_AUTH_MODE": mode}, resolve) == address


def test_auto_stands_for_the_address_of_the_environment():
    assert cluster_address("auto", {"RAY_ADDRESS": "10.0.0.5:6379", **TOKEN}, resolve) == "10.0.0.5:6379"
    assert cluster_address("auto", {"RAY_ADDRESS": "local"}, resolve) == "local"
    assert code_of("auto", {"RAY_ADDRESS": "10.0.0.5:6379"}) == "cluster.open"
    assert code_of("auto", {"RAY_ADDRESS": "ray://10.0.0.5:10001"}) == "cluster.address"


@pytest.mark.parametrize("environment", [{}, {"RAY_ADDRESS": ""}, {"RAY_ADDRESS": "auto"}, TOKEN])
def test_auto_alone_is_for_ray_to_find(environment):
    assert cluster_address("auto", environment, resolve) == "auto"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "head",
        "head:",
        ":6379",
        "head:port",
        "ray://head:10001",
        "http://head:8265",
        "os://x",
        "::1:6379",
        "a b:1",
        "head:6379/x",
    ],
)
def test_what_is_no_host_and_port_is_refused_even_with_a_token(address):
    assert code_of(address, TOKEN) == "cluster.address"


def test_a_machine_that_nobody_knows_is_an_address_with_a_slip():
    assert code_of("heda:6379", {}) == "cluster.address"


def test_nodes_that_others_can_reach_are_refused_once_they_are_known():
    refuse_open(["127.0.0.1"], {}, resolve)
    refuse_open(["127.0.0.1", "10.0.0.5"], TOKEN, resolve)
    with pytest.raises(SettingsError, match=r"10\.0\.0\.5 is open") as caught:
        refuse_open(["127.0.0.1", "10.0.0.5"], {}, resolve)
    assert "RAY_AUTH_MODE=token" in caught.value.hint


def test_host_names_are_looked_up():
    assert cluster_address("localhost:6379", {}) == "localhost:6379"
