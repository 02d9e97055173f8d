"""From a bare machine to a virtual environment that runs Linli: ``bootstrap.py run`` or ``bootstrap.py dev``.

Runs under the system's own Python, with nothing installed, so it imports the standard library alone. Each part leaves
a stamp of what it was made from; where all stamps fit, nothing is done and nobody asks the network.

1. ``.venv`` with the packages of ``requirements/run.txt`` (or ``dev.txt``), every file checked against its hash.
2. ``.venv/bin/linli`` and ``linli.pth``, so that the command works from any directory.
3. The browser packages (``scripts/frontend.py``; with ``dev`` also those that only the tests use) and the compiled
   message catalogues (``scripts/messages.py``).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
PARTS = ("run", "dev")

# Found by its own place, so a checkout that is moved or linked to still starts its own code.
COMMAND = """\
#!/bin/sh
\'\'\'exec' "$(dirname -- "$(readlink -f -- "$0")")/python" "$0" "$@"
' \'\'\'
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from linli.config.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""


def say(words: str) -> None:
    print(words, flush=True)


def stop(words: str) -> SystemExit:
    return SystemExit(f"\n{words}")


def check_python() -> None:
    """Say what is missing in words, before a traceback does."""
    if sys.version_info < OLDEST:
        raise stop(f"需要 Python {OLDEST[0]}.{OLDEST[1]} 或更新的版本，现在是 {sys.version.split()[0]}。")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise stop("缺少 python3-venv。请先装上：apt install python3-venv") from None


def wanted(part: str) -> str:
    """What an environment of this part is made from: the locked list and the interpreter."""
    text = (ROOT / "requirements" / f"{part}.txt").read_bytes()
    return hashlib.sha256(text + sys.version.encode()).hexdigest()


def stamp(part: str) -> Path:
    return VENV / f".linli-{part}"


def installed(part: str) -> bool:
    return PYTHON.exists() and stamp(part).is_file() and stamp(part).read_text() == wanted(part)


def run(*command: str | Path, failed: str) -> None:
    """A step whose failure ends the set-up with words; its own output stays visible."""
    quiet = {**os.environ, "npm_config_update_notifier": "false"}
    if subprocess.run([str(each) for each in command], cwd=ROOT, check=False, env=quiet).returncode:
        raise stop(failed)


def make_environment() -> None:
    """A virtual environment with pip in it; one that is half made or of another Python is made anew."""
    config = VENV / "pyvenv.cfg"
    if PYTHON.exists() and config.is_file():
        probe = [str(PYTHON), "-c", f"import pip, sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"]
        if subprocess.run(probe, check=False, capture_output=True).returncode == 0:
            return
    say("建立虚拟环境 .venv …")
    if VENV.exists():
        shutil.rmtree(VENV)
    run(sys.executable, "-m", "venv", VENV, failed="虚拟环境没有建成。请确认装有 python3-venv，磁盘还有空间。")


def install(part: str) -> None:
    """The locked packages. The stamp comes last, so that an installation cut short is done again."""
    if installed(part):
        return
    make_environment()
    say(f"安装依赖（requirements/{part}.txt，逐个核对哈希），第一次要一两分钟 …")
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    locked = ["--only-binary", ":all:", "--require-hashes", "-r", ROOT / "requirements" / f"{part}.txt"]
    run(*pip, *locked, failed="依赖没有装上。第一次安装要能连上 Python 软件源；连上以后再运行一次就接着来。")
    for each in PARTS[: PARTS.index(part) + 1]:  # dev.txt contains run.txt
        stamp(each).write_text(wanted(each))


def write_command() -> None:
    """``.venv/bin/linli``, and the checkout on the path of every Python of the environment."""
    packages = subprocess.run(
        [str(PYTHON), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    replace(Path(packages.stdout.strip()) / "linli.pth", f"{ROOT}\n", 0o644)
    replace(VENV / "bin" / "linli", COMMAND, 0o755)


def replace(path: Path, text: str, mode: int) -> None:
    """Write in one step: somebody may be starting the old one."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    draft.replace(path)


def ready(part: str) -> bool:
    """Whether nothing at all has to be done; asked first, because every further Python started costs time."""
    command, pth = VENV / "bin" / "linli", next(VENV.glob("lib/python*/site-packages/linli.pth"), None)
    here = pth is not None and pth.read_text(encoding="utf-8") == f"{ROOT}\n"
    return installed(part) and here and command.is_file() and command.read_text(encoding="utf-8") == COMMAND


def main() -> int:
    part = sys.argv[1] if len(sys.argv) > 1 else "run"
    if part not in PARTS:
        raise stop(f"bootstrap.py {'|'.join(PARTS)}")
    check_python()
    if not ready(part):
        install(part)
        write_command()
    dev = ["--dev"] if part == "dev" else []
    run(PYTHON, ROOT / "scripts" / "frontend.py", *dev, failed="页面用的组件没有装上。第一次安装要能连上 npm 软件源。")
    run(PYTHON, ROOT / "scripts" / "messages.py", failed="翻译文件没有编好。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
