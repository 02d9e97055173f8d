"""Bringing one command to life: the environment, Django, the command itself, and words for what went wrong."""

from __future__ import annotations

import argparse
import errno
import gc
import importlib
import os

from linli.config.commands import Told, demo_env
from linli.config.commands.words import of_disk

# These run for real: they read no demo settings, and look at what they were given before Django starts.
FOR_REAL = ("running:serve", "running:worker")
# These arrange their own environment and start Django in their own time.
OWN_START = (*FOR_REAL, "demo:run", "running:load")
# Errors of the rooms whose message is written for whoever gave the file, the profile or the key.
WORDED = ("LoadRefused", "ProfileError", "GeoJSONError", "UnsealError", "TransferError", "BackupError", "TriageError")
# What a disk says in the middle of writing, without the name of a file.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)


def run(target: str, asked: argparse.Namespace) -> int:
    """The exit code of ``module:function``."""
    module, _, name = target.partition(":")
    if target in FOR_REAL:
        os.environ["LINLI_NO_DEMO_ENV"] = "1"
    else:
        demo_env.choose_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.config.settings")
    if target not in OWN_START:
        start_django()
    command = getattr(importlib.import_module(f"linli.config.commands.{module}"), name)
    try:
        return int(command(asked))
    except Told:
        raise
    except Exception as error:
        words = told(error)
        if words is None or os.environ.get("LINLI_TRACEBACK"):
            raise
        raise Told(words) from error


def start_django() -> None:
    """Settings, models, and Chinese. Told where the environment itself is wrong."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    gc.disable()  # while code is loaded; nothing of it goes away
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise Told(f"设置不对：{error}") from error
    except ValueError as error:  # an address that is none
        raise Told(f"环境变量不对：{error}") from error
    finally:
        gc.enable()
    from django.utils import translation

    translation.activate("zh-hans")
    _collect_less()


def _collect_less() -> None:
    """Rows by the ten thousand pass through a command and leave by themselves: looking for rings among them every few
    hundred, through all code that stays anyway, is a tenth of its work."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def told(error: Exception) -> str | None:
    """Words for what an operator can mend; None for a fault of ours, which keeps its traceback."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError, ProgrammingError

    from linli.kit.refusal import Refused

    if isinstance(error, Refused):
        return " ".join([error.message, *dict.fromkeys(v for v in error.fields.values() if v != error.message)])
    if isinstance(error, ImproperlyConfigured):
        return f"设置不对：{error}"
    if any(kind.__name__ in WORDED for kind in type(error).__mro__):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return of_disk(error)
    if isinstance(error, OSError) and error.errno in FULL:
        return f"写到一半写不下去了（{of_disk(error)}），没有留下半个文件。看看磁盘满没满。"
    if isinstance(error, OperationalError | ProgrammingError):
        return _of_database(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__)
    return None


def _of_database(said: str) -> str:
    from linli.config.commands.where import database

    column = "column" in said and ("does not exist" in said or "no such column" in said or "has no column" in said)
    table = "no such table" in said or ("relation" in said and "does not exist" in said)
    if column or (table and "places_district" not in said and _built()):
        return f"数据库 {database()} 的表不是这一版的：运行 linli migrate，它会说缺什么。（{said}）"
    if table:
        return f"数据库 {database()} 里还没有表。先运行 make demo，或 linli migrate 再 linli load PROFILE。（{said}）"
    return f"数据库 {database()} 用不了：{said}"


def _built() -> bool:
    """Whether tables were made here at all: one that is missing among them is of a later version."""
    from django.db import DatabaseError, connection

    try:
        return "places_district" in connection.introspection.table_names()
    except DatabaseError:  # asked inside a transaction that is broken already
        return False
