"""Which clusters are joined: those of this machine alone, and those that ask for a token.

Whoever reaches the ports of a Ray cluster may run any program on its machines. Ray can ask for a token since 2.52, but
does so only where every node was told to. Nothing here imports ray.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Callable, Iterable, Mapping

from callaudit.errors import SettingsError

LOCAL = "local"
"""Address of a cluster that is started for this run alone."""
FOUND = "auto"
"""Address of the cluster that `RAY_ADDRESS` names, else of the one that runs on this machine."""

_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%\w]+\]|[^\s:/\[\]]+):(?P<port>\d{1,5})")
_TOKEN_HINT = (
    "run `ray get-auth-token --generate`, bring ~/.ray/auth_token to every machine, and set RAY_AUTH_MODE=token there"
    " before `ray start`, and here"
)

Resolve = Callable[[str], Iterable[str]]
"""All IP addresses of a host name; raises OSError where there are none."""


def resolved(host: str) -> frozenset[str]:
    """All IP addresses of a host name.

    Raises:
        OSError: there are none.
    """
    return frozenset(str(entry[4][0]) for entry in socket.getaddrinfo(host, None))


def asks_for_token(environment: Mapping[str, str]) -> bool:
    """Whether Ray was told in this environment to work with a token."""
    return environment.get("RAY_AUTH_MODE", "").strip().lower() == "token"


def cluster_address(
    address: str | None, environment: Mapping[str, str] = os.environ, resolve: Resolve = resolved
) -> str:
    """What to give to `ray.init`: `local`, `auto` or host and port.

    Where the answer is `auto`, the address is known only once Ray found it: see `refuse_open` for its nodes.

    Args:
        address: as the user wrote it; None for a cluster of this machine alone.
        environment: may hold `RAY_ADDRESS`, which `auto` stands for, and `RAY_AUTH_MODE`.
        resolve: finds the addresses of a host name.

    Raises:
        SettingsError: the address is malformed, or anybody could run programs on that cluster.
    """
    if address == FOUND:
        address = environment.get("RAY_ADDRESS", "").strip() or FOUND
    if address is None or address == LOCAL:
        return LOCAL
    if address == FOUND:
        return FOUND
    match = _HOST_AND_PORT.fullmatch(address)
    if not match:
        raise SettingsError(
            f"no address of a cluster: {address}",
            code="cluster.address",
            hint="name host and port of its head node, such as 10.0.0.5:6379, or `auto`; ray:// will not do",
        )
    refuse_open([match["host"].strip("[]")], environment, resolve)
    return address


def refuse_open(hosts: Iterable[str], environment: Mapping[str, str] = os.environ, resolve: Resolve = resolved) -> None:
    """Let nobody work without a token on machines that others can reach.

    Args:
        hosts: names or addresses of the machines.
        environment: may hold `RAY_AUTH_MODE`.
        resolve: finds the addresses of a host name.

    Raises:
        SettingsError: one of them is not this machine alone, and there is no token.
    """
    if asks_for_token(environment):
        return
    for host in hosts:
        if not _is_loopback(host, resolve):
            raise open_cluster(host)


def open_cluster(host: str) -> SettingsError:
    """The refusal of a cluster that takes orders from anybody."""
    return SettingsError(
        f"the cluster at {host} is open: whoever reaches its ports may run programs on every machine of it",
        code="cluster.open",
        hint=_TOKEN_HINT,
    )


def _is_loopback(host: str, resolve: Resolve) -> bool:
    """Whether a host is this machine, as only this machine sees it."""
    try:
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in (_literal(host) or resolve(host))]
    except OSError as error:
        raise SettingsError(
            f"no such machine: {host}", code="cluster.address", hint="check the spelling of the cluster's address"
        ) from error
    plain = [getattr(address, "ipv4_mapped", None) or address for address in addresses]
    return bool(plain) and all(address.is_loopback for address in plain)


def _literal(host: str) -> list[str]:
    """The host itself where it is an IP address."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return []
    return [host]
