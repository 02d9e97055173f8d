"""Running for real: load, migrate, static files, the web server and the worker."""

from __future__ import annotations

import argparse
import os
import sys

from linli.config.commands import Told, demo_env, note, say
from linli.config.commands.starting import start_django


def load(asked: argparse.Namespace) -> int:
    """A district into its database: the one of its own profile, unless the environment names another."""
    if not os.environ.get("PROFILE") and not demo_env.elsewhere():
        demo_env.choose_database(asked.profile)
    start_django()
    from linli.config.commands.where import database
    from linli.config.loading import load as load_profile
    from linli.profiles import PROFILES

    if asked.profile not in PROFILES:
        raise Told(f"没有这个配置：{asked.profile}。有这些：{'、'.join(PROFILES)}", 2)
    update_tables()
    say(f"数据库：{database()}")
    load_profile(asked.profile, apply=asked.apply)
    return 0


def migrate(asked: argparse.Namespace) -> int:
    """Tables, triggers and indexes as this version wants them."""
    from linli.config.commands.fitting import must_fit
    from linli.config.commands.where import database

    try:
        done = update_tables()
    except Exception:
        note("没有迁完：出错的那一步整步退回了，数据没有动。原来的版本接着跑，把下面的错误报给开发的人。")
        raise
    must_fit()
    say(f"{database()}：{'已更新' if done else '本来就是最新的'}。")
    return 0


def update_tables() -> bool:
    """Whether anything had to be done. Asking first is quicker than a migration that finds nothing to do."""
    from django.core.management import call_command
    from django.db import connection

    if not pending():
        return False
    if connection.vendor == "sqlite":
        from pathlib import Path

        from django.conf import settings

        Path(str(settings.DATABASES["default"]["NAME"])).parent.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    return True


def pending() -> list[str]:
    """Migrations that this version has and the database has not."""
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    if connection.vendor == "sqlite" and not os.path.exists(str(settings.DATABASES["default"]["NAME"])):
        return ["*"]
    executor = MigrationExecutor(connection)
    return [str(step) for step, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def static(asked: argparse.Namespace) -> int:
    from linli.config.commands.statics import collect

    say("已收集" if collect() else "没有变化")
    return 0


def serve(asked: argparse.Namespace) -> int:
    """The web server for real. Refuses an environment that is a demo's, unfinished, or has no database ready."""
    from linli.config import serving

    _must_be_real()
    if problem := serving.port_problem(asked.host, asked.port):
        raise Told(problem)
    for words in serving.warnings(asked.workers):
        note(f"注意：{words}")
    _prepare()
    note(f"启动：http://{asked.host}:{asked.port}，{asked.workers} 个进程，每个 {asked.threads} 个线程")
    serving.serve(
        asked.host, asked.port, workers=max(1, asked.workers), threads=max(1, asked.threads),
        ready=lambda: note("可以用了。另开一个 linli worker 管时限和通知。"),
    )  # fmt: skip
    return 0


def _prepare() -> None:
    """Static files and a look at the tables, in a process of its own: the one that serves stays small."""
    import subprocess

    command = [sys.executable, "-m", "linli.config.commands.checking"]
    done = subprocess.run(command, cwd=demo_env.BASE, check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Told(done.stderr.strip() or "没有准备好。")


def worker(asked: argparse.Namespace) -> int:
    """The worker for real."""
    _must_be_real()
    start_django()
    from linli.config import worker as loop
    from linli.config.commands.fitting import must_fit

    must_fit()

    loop.run(once=asked.once)
    return 0


def _must_be_real() -> None:
    from django.core.exceptions import ImproperlyConfigured

    from linli.config import serving

    try:
        found = serving.refusals()
    except (ImproperlyConfigured, ValueError) as error:
        raise Told(f"设置不对：{error}") from error
    if found:
        lines = "\n".join(f"  · {words}" for words in found)
        raise Told(f"不能正式运行：\n{lines}\n要看演示，用 make demo。")
