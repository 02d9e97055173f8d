"""Where our servers may call out to: an address typed into a form must not reach what stands behind us.

The trap is that a name is looked up twice: once by the check, once by the HTTP client, and that in between
its owner points it at 127.0.0.1. So ``target`` hands back the address that it judged, and the caller connects
to that very address, sending ``host`` as Host header and TLS server name. Redirects are not to be followed:
each would need the same judgement.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Resolver = Callable[[str, int], Sequence[str]]
Address = IPv4Address | IPv6Address

_LONGEST: Final = 2048
_PORTS: Final = frozenset({443, 8443})
_LOOPBACK_PORTS: Final = frozenset({80, *_PORTS, *range(1024, 65536)})
# Only what is given out to the public; from it the ranges that carry an IPv4 address inside (6to4, Teredo).
_PUBLIC_V6: Final = IPv6Network("2000::/3")
_TUNNELS: Final = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
# A cloud's own services that answer on an address which looks public.
_METADATA: Final = frozenset({ip_address("168.63.129.16")})
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")


class UnsafeURL(ValueError):
    """The address is refused; the message tells the administrator who typed it why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A judged address: connect to ``address``:``port`` and to nothing else, and speak as ``host``."""

    url: str
    host: str
    port: int
    address: str


def safe_url(url: str, *, resolver: Resolver | None = None, demo: bool | None = None) -> str:
    """The URL, if our servers may call it; raises ``UnsafeURL``. For forms; before a call use ``target``."""
    return target(url, resolver=resolver, demo=demo).url


def target(url: str, *, resolver: Resolver | None = None, demo: bool | None = None) -> Target:
    """Judge ``url`` and look its host up once.

    https only, to public addresses only, *all* addresses of the name (one private among them is a trap). A
    demo may also call its own machine, over http too. ``demo`` defaults to ``settings.DEMO``.
    """
    parts = _split(url)
    host, port = _host(parts), _port(parts)
    addresses = _look_up(host, port, resolver or _system_resolver)
    own = (settings.DEMO if demo is None else demo) and all(address.is_loopback for address in addresses)
    if parts.scheme != "https" and not own:
        raise UnsafeURL(_("网址必须以 https:// 开头。"))
    if port not in (_LOOPBACK_PORTS if own else _PORTS):
        raise UnsafeURL(_("不允许使用端口%(port)d，请用443或8443。") % {"port": port})
    if not own and not all(_is_public(address) for address in addresses):
        raise UnsafeURL(_("这个网址指向内部网络，不能使用。"))
    return Target(url, host, port, str(addresses[0]))


def _split(url: str) -> SplitResult:
    # urlsplit silently drops tabs and line breaks, and clients differ on backslashes: two readings of one URL
    # are how a guard is passed, so such an address is refused before anything reads it.
    if len(url) > _LONGEST or not url.isprintable() or any(char in url for char in ' \\<>"'):
        raise UnsafeURL(_("网址里有不允许的字符，或者太长。"))
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UnsafeURL(_("网址的写法不对。")) from error
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise UnsafeURL(_("网址必须以 https:// 开头。"))
    if "@" in parts.netloc:
        raise UnsafeURL(_("网址里不能带用户名和密码。"))
    return parts


def _host(parts: SplitResult) -> str:
    """The host in the one spelling that is looked up: ASCII, lower case, no final dot."""
    host = (parts.hostname or "").removesuffix(".")
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode()
    except UnicodeError as error:
        raise UnsafeURL(_("网址的写法不对。")) from error
    labels = name.split(".")
    # 0x7f.1, 2130706433 and 0177.0.0.1 are 127.0.0.1 to a C library: no name of the public internet ends in
    # digits.
    if not all(_LABEL.fullmatch(label) for label in labels) or re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1]):
        raise UnsafeURL(_("网址的写法不对。"))
    return name


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise UnsafeURL(_("网址的写法不对。")) from error
    return port if port is not None else {"http": 80, "https": 443}[parts.scheme]


def _look_up(host: str, port: int, resolver: Resolver) -> list[Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    try:
        found = [ip_address(address) for address in resolver(host, port)]
    except (OSError, ValueError) as error:
        raise UnsafeURL(_("找不到网址里的主机名。")) from error
    if not found:
        raise UnsafeURL(_("找不到网址里的主机名。"))
    return found


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and not _is_plain_v6(address):
        return False
    odd = address.is_multicast or address.is_reserved or address in _METADATA
    return address.is_global and not odd


def _is_plain_v6(address: IPv6Address) -> bool:
    tunnelled = any(address in net for net in _TUNNELS)
    return address in _PUBLIC_V6 and not tunnelled and address.scope_id is None


def _system_resolver(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
