"""``linli demo``, which ``make demo`` ends in: everything made ready, a server for this machine, and how to get in.

1. The port is tried before anything long begins.
2. ``var/demo.env`` gets its secrets (once) and says which database the plain commands mean from now on.
3. A process of its own collects static files, makes tables, loads the district and its month of matters; what it
   needed of memory goes with it.
4. The server runs until Ctrl-C, with the worker in a thread of the web process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from linli.config.commands import Told, demo_env, note, say
from linli.config.commands.starting import start_django

HOST = "127.0.0.1"
PAGES = (
    ("/", "居民：说事、查事"),
    ("/field/", "网格员"),
    ("/desk/", "社区、街道、部门、物业"),
    ("/open/", "公开账本"),
    ("/stations/", "暖心驿站"),
    ("/admin/", "后台"),
    ("/api/v1/docs", "接口文档"),
)
LOGINS = (
    ("resident", "居民"), ("resident2", "另一个社区的居民"), ("grid", "网格员"), ("building", "楼栋"),
    ("community", "社区"), ("street", "街道"), ("district", "区指挥中心"), ("department", "部门"),
    ("property", "物业"), ("committee", "业委会"), ("volunteer", "志愿者"), ("steward", "小区管家"),
    ("auditor", "审计"), ("admin", "系统管理员"),
)  # fmt: skip


def run(asked: argparse.Namespace) -> int:
    """Prepare and serve; with ``--prepare`` only the first, in this process."""
    if asked.prepare:
        start_django()
        return prepare(os.environ["PROFILE"])
    profile, port = _profile(), _port()
    from linli.config import serving

    if problem := serving.port_problem(HOST, port):
        raise Told(f"{problem}\n换一个端口：PORT={port + 1 if 1024 <= port < 65535 else 8000} make demo")
    began = time.monotonic()
    _environment(profile)
    ready = subprocess.run(
        [sys.executable, "-m", "linli.config.cli", "demo", "--prepare"], cwd=demo_env.BASE, check=False
    )
    if ready.returncode:
        return ready.returncode
    serving.serve(HOST, port, quiet=True, ready=lambda: _greet(port, profile, time.monotonic() - began))
    note("\n已停止，数据都留着；再运行 make demo 接着用。")
    return 0


def _profile() -> str:
    """The profile asked for, before anything long begins. Which there are is seen in their folder, without Django."""
    there = sorted(file.stem for file in (demo_env.BASE / "linli" / "profiles").glob("*.toml"))
    name = os.environ.get("PROFILE") or demo_env.DEFAULT_PROFILE
    if name not in there:
        raise Told(f"没有这个配置：{name}。有这些：{'、'.join(there)}", 2)
    return name


def _port() -> int:
    asked = os.environ.get("PORT") or "8000"
    if not asked.isdigit():
        raise Told(f"PORT 要是数字：{asked}", 2)
    return int(asked)


def _environment(profile: str) -> None:
    """What this process and its children read. The last demo's database must not be taken for this one's."""
    os.environ.pop("LINLI_NO_DEMO_ENV", None)
    given = os.environ.get("DATABASE_URL")
    held = demo_env.write(profile, given or demo_env.embedded(profile))
    for name, value in held.items():
        if name in ("PROFILE", "DATABASE_URL", "LINLI_DEMO"):
            os.environ[name] = value
        else:
            os.environ.setdefault(name, value)
    os.environ["LINLI_EMBEDDED_WORKER"] = "1"


def prepare(profile: str) -> int:
    """Static files, tables, the district, its matters: each only where it is missing."""
    from linli.config import demo
    from linli.config.commands.fitting import must_fit
    from linli.config.commands.running import update_tables
    from linli.config.commands.statics import collect
    from linli.config.loading import load
    from linli.core.people.models import User
    from linli.core.places.models import District

    if collect():
        note("静态文件已收集。")
    if update_tables():
        note("数据库的表已建好。")
    must_fit()
    district = District.objects.filter(profile=profile).first()
    if district is None:
        loaded = load(profile, demo=True, report=note)
        district = District.objects.get(pk=loaded.district_id)
    elif not User.objects.filter(district=district, demo=True).exists():
        raise Told(f"这个库里的{district.name}不是演示装入的，演示不碰它。请换一个 DATABASE_URL。")
    if demo.is_empty(district.pk):
        began = time.monotonic()
        made = demo.fill(district.pk)
        note(f"演示的事项已编好：{made} 件，用时 {time.monotonic() - began:.1f} 秒。")
    return 0


def _greet(port: int, profile: str, seconds: float) -> None:
    from linli.profiles import load_profile

    address = f"http://{HOST}:{port}"
    also = (("rider", "骑手"),) if load_profile(profile).role("rider").count else ()
    logins = [f"    {name:<12}{words}" for name, words in (*LOGINS, *also)]
    half = (len(logins) + 1) // 2
    lines = [
        "",
        f"邻理已启动（{profile}，{seconds:.1f} 秒）：{address}",
        "",
        *(f"  {address}{path:<16}{words}" for path, words in PAGES),
        "",
        "  演示登录，密码都是 linli-demo：",
        *(_side_by_side(left, right) for left, right in zip(logins[:half], [*logins[half:], ""], strict=False)),
        "",
        "  另开一个终端可以用 .venv/bin/linli（--help）。按 Ctrl-C 停止。",
        "",
    ]
    say("\n".join(lines))


def _side_by_side(left: str, right: str, width: int = 36) -> str:
    """Two columns; a Chinese character takes two."""
    shown = sum(2 if ord(char) > 0x2E80 else 1 for char in left)
    return left + " " * max(1, width - shown) + right
