"""Which addresses our servers may call. No test asks the network: the resolver is handed in."""

from __future__ import annotations

import socket

import pytest
from pytest_django.fixtures import Settings

from linli.kit.outbound import Resolver, UnsafeURL, safe_url, target

PUBLIC = "93.184.215.14"


def names(*addresses: str) -> Resolver:
    return lambda host, port: list(addresses)


def test_a_public_https_address_passes_with_the_address_to_pin() -> None:
    found = target("https://hooks.example.com/a?b=1", resolver=names(PUBLIC), demo=False)
    assert (found.host, found.port, found.address) == ("hooks.example.com", 443, PUBLIC)
    assert safe_url("https://hooks.example.com:8443/", resolver=names(PUBLIC), demo=False).endswith(":8443/")


def test_the_resolver_is_asked_once_for_the_ascii_name() -> None:
    asked: list[tuple[str, int]] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]

    found = target("https://例子.测试./x", resolver=resolver, demo=False)
    assert asked == [("xn--fsqu00a.xn--0zwm56d", 443)]
    assert found.address == PUBLIC


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",  # cloud metadata
        "100.100.100.200",  # cloud metadata in the shared range
        "168.63.129.16",  # cloud metadata that looks public
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "198.18.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fec0::1",  # the old site-local range, which the standard library calls global
        "fe80::1%2",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "::7f00:1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
    ],
)
def test_no_name_may_lead_inside(address: str) -> None:
    with pytest.raises(UnsafeURL, match="内部网络"):
        target("https://hooks.example.com/", resolver=names(address), demo=False)


def test_one_inner_address_among_public_ones_is_a_trap() -> None:
    with pytest.raises(UnsafeURL, match="内部网络"):
        target("https://hooks.example.com/", resolver=names(PUBLIC, "10.0.0.8"), demo=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "192.168.1.1", "169.254.169.254"])
def test_an_inner_address_written_out_is_refused_without_asking(host: str) -> None:
    def never(name: str, port: int) -> list[str]:
        raise AssertionError(name)

    with pytest.raises(UnsafeURL, match="内部网络"):
        target(f"https://{host}/", resolver=never, demo=False)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0x7f000001", "1.2.3.4.5"])
def test_other_spellings_of_an_address_are_refused(host: str) -> None:
    with pytest.raises(UnsafeURL, match="写法不对"):
        target(f"https://{host}/", resolver=names(PUBLIC), demo=False)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hooks.example.com/", "https://"),
        ("ftp://hooks.example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("gopher://hooks.example.com/", "https://"),
        ("//hooks.example.com/", "https://"),
        ("hooks.example.com", "https://"),
        ("", "https://"),
        ("https://", "https://"),
        ("https://user:pass@hooks.example.com/", "用户名"),
        ("https://hooks.example.com@127.0.0.1/", "用户名"),
        ("https://hooks.example.com:22/", "端口22"),
        ("https://hooks.example.com:80/", "端口80"),
        ("https://hooks.example.com:0/", "端口0"),
        ("https://hooks.example.com:6379/", "端口6379"),
        ("https://hooks.example.com:99999/", "写法不对"),
        ("https://hooks.example.com:x/", "写法不对"),
        ("https://[::1/", "写法不对"),
        ("https:///path", "https://"),
        ("https://:443/", "写法不对"),
        ("https://a..example.com/", "写法不对"),
        ("https://-a.example.com/", "写法不对"),
        ("https://" + "a" * 64 + ".example.com/", "写法不对"),
        ("https://hooks.example.com/\r\nHost: inner", "不允许的字符"),
        ("https://hooks.example.com\\@127.0.0.1/", "不允许的字符"),
        ("https://hooks.exa\tmple.com/", "不允许的字符"),
        ("https://hooks.example.com/a b", "不允许的字符"),
        ("https://hooks.example.com/" + "a" * 3000, "太长"),
    ],
)
def test_a_bad_address_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(UnsafeURL, match=words):
        target(url, resolver=names(PUBLIC), demo=False)


def test_a_name_nobody_knows_is_refused() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    for resolver in (unknown, names(), names("not an address")):
        with pytest.raises(UnsafeURL, match="找不到"):
            target("https://hooks.example.com/", resolver=resolver, demo=False)


@pytest.mark.parametrize(
    "url", ["http://localhost/", "http://localhost:8000/hook", "https://127.0.0.1:9000/", "http://[::1]:8000/"]
)
def test_a_demo_may_call_its_own_machine(url: str) -> None:
    assert target(url, resolver=names("127.0.0.1", "::1"), demo=True).url == url
    with pytest.raises(UnsafeURL):
        target(url, resolver=names("127.0.0.1", "::1"), demo=False)


@pytest.mark.parametrize("addresses", [("10.0.0.8",), ("127.0.0.1", "10.0.0.8"), ("169.254.169.254",), (PUBLIC,)])
def test_a_demo_may_call_nothing_else_over_http(addresses: tuple[str, ...]) -> None:
    with pytest.raises(UnsafeURL):
        target("http://hooks.example.com/", resolver=names(*addresses), demo=True)


def test_a_demo_keeps_to_harmless_ports_of_its_own_machine() -> None:
    with pytest.raises(UnsafeURL, match="端口22"):
        target("http://localhost:22/", resolver=names("127.0.0.1"), demo=True)


def test_the_settings_say_whether_this_is_a_demo(settings: Settings) -> None:
    settings.DEMO = True
    assert safe_url("http://localhost:8000/", resolver=names("127.0.0.1"))
    settings.DEMO = False
    with pytest.raises(UnsafeURL):
        safe_url("http://localhost:8000/", resolver=names("127.0.0.1"))
