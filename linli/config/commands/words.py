"""The command line speaks Chinese, also where the standard library words the sentence."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from typing import NoReturn

WORDS = {
    "usage: ": "用法：",
    "positional arguments": "参数",
    "options": "选项",
    "show this help message and exit": "显示这段说明",
    "the following arguments are required: %s": "还要写：%s",
    "unrecognized arguments: %s": "不认识的参数：%s",
    "argument %(argument_name)s: %(message)s": "参数 %(argument_name)s：%(message)s",
    "invalid choice: %(value)r (choose from %(choices)s)": "没有 %(value)s；可以是 %(choices)s",
    "invalid %(type)s value: %(value)r": "%(value)s 不对，这里要数字",
    "expected one argument": "后面要跟一个值",
    "expected at most one argument": "后面最多跟一个值",
    "expected at least one argument": "后面至少要跟一个值",
    "not allowed with argument %s": "不能和 %s 一起用",
    "one of the arguments %s is required": "%s 里要有一个",
}


def speak_chinese() -> None:
    """argparse looks its sentences up by the name ``_``; there is no public way to give it a catalogue of one's own."""
    argparse._ = lambda text: WORDS.get(text, text)  # type: ignore[attr-defined]


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are told in one line, with the way to the help."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}：{message}（{self.prog} --help 看用法）\n")


# What a disk says most often to whoever installs or looks after a house.
OF_DISK = {
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘配额用完了",
    errno.EROFS: "这个盘只能读",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EEXIST: "已经在了",
    errno.ENOTDIR: "那不是文件夹",
    errno.EISDIR: "那是一个文件夹",
    errno.EIO: "磁盘读写出错",
    errno.EFBIG: "文件太大了",
}


def of_disk(error: OSError) -> str:
    """``/backup：磁盘满了``; a rare error keeps the system's own words."""
    said = OF_DISK.get(error.errno or 0) or error.strerror or (os.strerror(error.errno) if error.errno else str(error))
    return f"{error.filename}：{said}" if error.filename else said
