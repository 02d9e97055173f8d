"""The ``linli`` command.

Only the standard library is imported up here, so that ``--help`` and a mistyped name answer at once; each command
brings what it needs. Every command but ``serve`` and ``worker`` reads ``var/demo.env`` of the checkout it belongs to,
so it runs from any directory with no environment set.

Exit codes: 0 done, 1 found something wrong or could not do it, 2 asked for wrongly or not there yet, 130 interrupted,
141 nobody read the answer to its end.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from linli.config.commands import Told, note
from linli.config.commands.words import Parser, speak_chinese


def _parser() -> argparse.ArgumentParser:
    top = Parser(prog="linli", description="邻理：社区基层治理的平台。", epilog="每个命令都有 --help。")
    commands = top.add_subparsers(title="命令", metavar="命令", required=True, parser_class=Parser)
    for add in (_add_running, _add_places, _add_posters, _add_data, _add_ledger, _add_people, _add_insight):
        add(commands)
    return top


def _command(group: argparse._SubParsersAction[Parser], name: str, target: str, help_: str) -> Parser:
    """A subcommand; ``target`` is ``module:function`` below ``linli.config.commands``."""
    made = group.add_parser(name, help=help_, description=help_)
    made.set_defaults(target=target)
    return made


def _group(commands: argparse._SubParsersAction[Parser], name: str, help_: str) -> argparse._SubParsersAction[Parser]:
    made = commands.add_parser(name, help=help_, description=help_)
    return made.add_subparsers(title="命令", metavar="命令", required=True, parser_class=Parser)


def _add_running(commands: argparse._SubParsersAction[Parser]) -> None:
    demo = _command(commands, "demo", "demo:run", "启动演示（make demo 用的就是它）")
    demo.add_argument("--prepare", action="store_true", help="只准备，不启动")
    load = _command(commands, "load", "running:load", "装入一个区；已经装过的只列差别")
    load.add_argument("profile", metavar="PROFILE", help="配置名，如 qiaoxi")
    load.add_argument("--apply", action="store_true", help="按配置改库里不同的地方")
    serve = _command(commands, "serve", "running:serve", "正式启动网站；不读演示的设置")
    serve.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1）")
    serve.add_argument("--port", type=int, default=8000, help="端口（默认 8000）")
    serve.add_argument("--workers", type=int, default=1, metavar="N", help="网站进程数（多于 1 个要用 PostgreSQL）")
    serve.add_argument("--threads", type=int, default=4, metavar="N", help="每个进程的线程数（默认 4）")
    worker = _command(commands, "worker", "running:worker", "正式启动后台：时限、通知、封账；不读演示的设置")
    worker.add_argument("--once", action="store_true", help="把现在到点的做完就退出")
    _command(commands, "migrate", "running:migrate", "建立或更新数据库的表")
    _command(commands, "static", "running:static", "收集页面用的静态文件")
    waiting = _group(commands, "outbox", "后台没有办成的：通知、短信、遮照片……")
    _command(waiting, "list", "outbox:show", "列出办不成的和原因；有停下等人看的，退出码是 1")
    again = _command(waiting, "retry", "outbox:retry", "除掉原因以后，把停下的交回后台再做一遍")
    again.add_argument("--topic", default="", metavar="TOPIC", help="只要这一类，如 notice；不写就全部")


def _add_places(commands: argparse._SubParsersAction[Parser]) -> None:
    check = _command(
        _group(commands, "grid", "网格"), "check", "places:run_check", "查网格有没有缝隙、重叠、越界、坏环"
    )
    check.add_argument("file", nargs="?", metavar="FILE.geojson", help="要查的文件；不写就查库里的")
    check.add_argument("--outline", metavar="FILE.geojson", help="应当正好铺满的外边界")
    check.add_argument("--place", metavar="CODE", help="只查这个地方里面的网格（查库时）")
    check.add_argument("--json", action="store_true", help="一行一个 JSON 对象")


def _add_data(commands: argparse._SubParsersAction[Parser]) -> None:
    into = _command(commands, "import", "data:import_", "从文件导入；有一行错就一行都不导（历史数据按批，错的行另存）")
    into.add_argument("kind", metavar="KIND", help="种类，如 places、people、holdings、history")
    into.add_argument("file", metavar="FILE")
    into.add_argument("--district", type=int, metavar="CODE", help="哪个区（库里只有一个区时不用写）")
    into.add_argument("--dry-run", action="store_true", help="只查错，不写入")
    into.add_argument("--map", metavar="MAP.toml", help="历史数据（history）的列怎么对应")
    into.add_argument("--rejects", metavar="FILE.csv", help="历史数据里不合格的行写到哪里（默认当前目录）")
    out = _command(commands, "export", "data:export", "导出到文件")
    out.add_argument("kind", metavar="KIND", help="种类，如 places、people、holdings、matters、history")
    out.add_argument("file", metavar="FILE")
    out.add_argument("--map", metavar="MAP.toml", help="历史数据（history）的列怎么对应")
    out.add_argument("--district", type=int, metavar="CODE", help="哪个区（库里只有一个区时不用写）")
    for name, help_ in (
        ("backup", "把全部数据备份到一个文件，运行中也行"),
        ("restore", "从备份恢复到一个空库，并核对"),
    ):
        _command(commands, name, f"data:{name}", help_).add_argument("file", metavar="FILE")


def _add_posters(commands: argparse._SubParsersAction[Parser]) -> None:
    made = _command(commands, "posters", "posters:run", "做门牌海报；中断了再运行，接着做")
    made.add_argument("place", metavar="PLACE", help="地方的编码：街道、社区、小区、楼")
    made.add_argument("--out", required=True, metavar="DIR", help="放到哪个文件夹")
    made.add_argument("--format", choices=["pdf", "png"], default="pdf", help="pdf 或 png（默认 pdf）")
    made.add_argument("--shape", choices=["a4", "a6"], default="a4", help="a4 一门一张，a6 一页四张（默认 a4）")
    made.add_argument("--level", choices=["unit", "building"], default="unit", help="每个单元或每栋楼（默认 unit）")
    made.add_argument("--site", metavar="URL", help="二维码通向的网址，如 https://linli.example")
    made.add_argument("--again", action="store_true", help="已经有的文件也重做")


def _add_ledger(commands: argparse._SubParsersAction[Parser]) -> None:
    verify = _command(commands, "verify", "ledger:verify", "核对账本：有没有改过、截断、重算")
    verify.add_argument(
        "number", nargs="?", metavar="NUMBER", help="只核对这一个编号：事、表决、会、公约、征求意见、通报……"
    )
    erase = _command(
        commands,
        "erase",
        "ledger:erase",
        "依法抹去一件事的联系方式（和原话），或一句意见的原话，记录在案",
    )
    erase.add_argument("number", metavar="NUMBER", help="事的编号；一句原话用它的回执，或主持人那一页上的编号")
    erase.add_argument("--reason", required=True, help="为什么抹去")
    erase.add_argument("--text", action="store_true", help="连同当初说的话")
    erase.add_argument("--by", metavar="USERNAME", help="由哪个系统管理员经手（默认这个区的第一位）")
    _command(commands, "root", "ledger:root", "现在封一次账，打印各区的根")


def _add_people(commands: argparse._SubParsersAction[Parser]) -> None:
    user = _group(commands, "user", "账号")
    add = _command(user, "add", "people:add_user", "开一个账号，打印第一次用的密码")
    add.add_argument("username", metavar="USERNAME")
    add.add_argument("--post", metavar="CODE", help="这个岗位上的人的账号")
    add.add_argument("--district", type=int, metavar="CODE", help="居民账号属于哪个区（库里只有一个区时不用写）")
    password = _command(user, "password", "people:set_password", "换密码")
    password.add_argument("username", metavar="USERNAME")
    token = _group(commands, "token", "接口凭证")
    given = _command(token, "add", "people:add_token", "给一个渠道（热线、小程序）发凭证，只显示这一次")
    given.add_argument("username", metavar="USERNAME", help="凭证属于哪个账号")
    given.add_argument("--channel", required=True, metavar="CODE", help="渠道代码，如 hotline")
    given.add_argument("--days", type=int, default=365, help="有效天数（默认 365）")
    keys = _group(commands, "keys", "加密联系方式的钥匙")
    _command(keys, "new", "keys:new", "造一把新钥匙，放到 LINLI_KEYS 最前面")
    _command(keys, "rotate", "keys:rotate", "用最前面的钥匙把旧的重新封一遍")
    _command(keys, "index", "keys:index", "打印查找索引的根，拿掉最老的钥匙以前放进 LINLI_INDEX_KEY")


def _add_insight(commands: argparse._SubParsersAction[Parser]) -> None:
    insight = _group(commands, "insight", "分类的模型：训练、预测")
    train = _command(insight, "train", "insight:train", "从文件或自己办结的事训练一个模型，并说它有多准")
    train.add_argument("file", nargs="?", metavar="FILE", help="CSV 或 CSV.gz，UTF-8，第一行是列名；不写就用 --own")
    train.add_argument("--own", action="store_true", help="用这里办结的事训练")
    train.add_argument("--text", metavar="COL[,COL…]", help="说的话在哪几列，主题写在前面")
    train.add_argument("--label", metavar="COL", help="分类在哪一列")
    train.add_argument("--out", metavar="MODEL", required=True, help="模型存到哪里")
    train.add_argument("--district", type=int, metavar="CODE", help="--own 时哪个区（库里只有一个区时不用写）")
    predict = _command(insight, "predict", "insight:predict", "给文件的每一行加上 label 和 confidence 两列")
    predict.add_argument("model", metavar="MODEL")
    predict.add_argument("file", metavar="FILE", help="CSV 或 CSV.gz，UTF-8，第一行是列名")
    predict.add_argument("--text", metavar="COL[,COL…]", required=True, help="说的话在哪几列，和训练时一样的次序")
    predict.add_argument("--out", metavar="FILE.csv", required=True, help="写到哪里；名字以 .gz 结尾就压缩")
    index = _command(insight, "index", "indexing:run", "把原有的事编进查重的索引；随时可以再跑")
    index.add_argument("--district", type=int, metavar="CODE", help="只编这个区")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code."""
    speak_chinese()
    asked, unknown = _parser().parse_known_args(arguments)
    if unknown:
        _parser().error(f"不认识的参数：{' '.join(unknown)}")
    try:
        return _run(asked)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # somebody piped us into head; what is still held back must not fail again at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _run(asked: argparse.Namespace) -> int:
    from linli.config.commands.starting import run

    try:
        return run(asked.target, asked)
    except Told as told:
        note(str(told))
        return told.code


if __name__ == "__main__":
    sys.exit(main())
