"""A demo of its own and visitors in headless Chromium: for the tests that walk pages and for ``make screenshots``.

The database is made by ``linli demo --prepare`` and served by the same code as ``make demo``, but under settings of
its own, so that nobody's real demo is touched. ``python -m tests.e2e.browser PORT`` is the serving process.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.e2e import serving, templates

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
VENDOR = serving.ROOT / "linli" / "kit" / "static" / "vendor" / "icons.svg"
PASSWORD = "linli-demo"
PHONE, DESK = 390, 1440
# Maps are drawn without a graphics card (the middle three); all else is drawn without the detour over one (the last).
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run",
         "--disable-sync", "--enable-unsafe-swiftshader", "--use-gl=angle", "--use-angle=swiftshader",
         "--disable-gpu-compositing", "--disable-gpu-rasterization"]  # fmt: skip
# What the browser and htmx say on the console when there is no network.
UNREACHED = re.compile(r"net::ERR_|htmx:(sendError|afterRequest)")
PATIENCE = 15_000  # ms; a step that takes longer on a loaded machine is broken


def missing() -> str:
    """Why no page can be walked here; empty where it can."""
    if not CHROMIUM:
        return "no Chromium on this machine"
    return "" if VENDOR.is_file() else "no browser packages: run scripts/frontend.py"


# ── a demo ──────────────────────────────────────────────────────────────────────────────────────────────────────
def demo_environment(profile: str, database_url: str, var: Path) -> dict[str, str]:
    """What ``make demo`` sets, with secrets and files of its own."""
    return serving.environment(database_url, var) | {
        "LINLI_DEMO": "1", "LINLI_EMBEDDED_WORKER": "1", "PROFILE": profile,
    }  # fmt: skip


class Demo(serving.Web):
    """The demo's server on a free port, with the worker inside."""

    def start(self) -> None:
        """Start, and wait until it answers. ``linli serve`` would refuse a demo's settings, and rightly."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "tests.e2e.browser", str(self.port)]
            self.process = subprocess.Popen(command, cwd=serving.ROOT, env=self.env, stdout=log, stderr=log)
        serving.wait_until(self._answers, "the demo", self._fate)

    def child(self, code: str) -> str:
        """What a few lines print that run inside a Django of the demo's own, beside its server."""
        return serving.inside(self.env, code)


@contextlib.contextmanager
def demo(profile: str, var: Path, *, lived: bool = True) -> Iterator[Demo]:
    """A served demo with a month of matters (or with none), on SQLite, or on PostgreSQL where DATABASE_URL names one.

    In a run of the tests each profile is prepared once, and every demo of it starts as a copy of its own.
    """
    with database(var, template := templates.of(profile, lived)) as url:
        env = demo_environment(profile, url, var)
        if template is None:
            (prepare if lived else prepare_bare)(env)
        else:
            env |= template.secrets
            template.copy_files(var)
        served = Demo(env)
        served.start()
        try:
            yield served
        finally:
            served.stop()


def prepare(env: dict[str, str]) -> None:
    """Tables, the district and its month."""
    done = serving.linli(env, "demo", "--prepare", timeout=serving.ONCE)
    if done.returncode:
        raise RuntimeError(f"linli demo --prepare: {done.stderr}")


def prepare_bare(env: dict[str, str]) -> None:
    """Tables and the district with its demo logins, and nothing that happened."""
    serving.inside(
        env,
        "from linli.config.commands import running, statics\nfrom linli.config.loading import load\nimport os\n"
        "statics.collect(), running.update_tables(), load(os.environ['PROFILE'], demo=True, report=print)",
        serving.ONCE,
    )


@contextlib.contextmanager
def database(var: Path, template: templates.Template | None = None) -> Iterator[str]:
    """The address of a database for one demo: empty, or as the template has it."""
    given = os.environ.get("DATABASE_URL", "")
    var.mkdir(parents=True, exist_ok=True)
    if not given.startswith("postgres"):
        yield f"sqlite:///{var / 'linli.sqlite3'}"
        return
    name = f"linli_e2e_{secrets.token_hex(6)}"
    like = f' TEMPLATE "{template.database}"' if template else ""
    templates.on_postgres(given, f'CREATE DATABASE "{name}"{like}')
    try:
        yield urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    finally:
        templates.on_postgres(given, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# ── visitors ────────────────────────────────────────────────────────────────────────────────────────────────────
@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser. Playwright's loop lives in this thread, which Django would take for asynchronous code."""
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as play:
            made = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield made
            made.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@dataclass
class Visitor:
    """Somebody with a browser of their own; ``troubles`` is everything that went wrong behind the pages."""

    page: Any
    context: Any
    url: str
    troubles: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # addresses (patterns) that may answer 4xx
    was_away: bool = False

    def watch(self) -> None:
        """Console errors (a broken policy is one), script errors, refused and failed answers."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("response", self._response)

    def away(self, is_so: bool) -> None:
        """Lose the network, or find it again. What a page asked for meanwhile (a look for neighbours, say) is told on
        the console whenever the browser gets to it: that is no trouble of the page's."""
        self.was_away = True
        self.context.set_offline(is_so)

    def _console(self, message: Any) -> None:
        if message.type != "error" or message.text.startswith("Failed to load resource"):  # told by _response
            return
        if not (self.was_away and UNREACHED.search(message.text)):
            self.troubles.append(f"console at {self.page.url}: {message.text}")

    def _response(self, answer: Any) -> None:
        path = urlsplit(answer.url).path
        if answer.status >= 400 and not any(re.fullmatch(one, path) for one in self.expected):
            self.troubles.append(f"{answer.status} {answer.request.method} {path}")

    def login(self, name: str, next_page: str = "") -> None:
        """By the pages that everybody uses."""
        self.page.goto(f"/login/?next={next_page}" if next_page else "/login/")
        self.page.fill("input[name=username]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def type_size(self, large: bool) -> None:
        """Ordinary or large type, from the next page on."""
        worth = "large" if large else "normal"
        self.context.add_cookies([{"name": "linli_type", "value": worth, "url": self.url}])

    def spills(self) -> bool:
        """Whether the page is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def text(self) -> str:
        return str(self.page.locator("body").inner_text())


@contextlib.contextmanager
def visitor(browser: Any, url: str, width: int = PHONE, login: str = "", next_page: str = "") -> Iterator[Visitor]:
    """A fresh browser profile at one width, signed in where a name is given."""
    context = browser.new_context(
        base_url=url, locale="zh-CN", timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": 844 if width < 600 else 900},
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    made = Visitor(context.new_page(), context, url)
    made.watch()
    try:
        if login:
            made.login(login, next_page)
        yield made
    finally:
        context.close()


def main() -> None:
    from linli.config import serving as server

    server.serve("127.0.0.1", int(sys.argv[1]), quiet=True)


if __name__ == "__main__":
    main()
