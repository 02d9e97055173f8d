"""Setting up: the stamps of the bootstrap, what may not be committed, and the loud word about skipped browser tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bootstrap, hygiene, postgres

ROOT = Path(bootstrap.__file__).resolve().parents[1]


# ── bootstrap ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose environment is complete."""
    (tmp_path / "requirements").mkdir()
    for part in bootstrap.PARTS:
        (tmp_path / "requirements" / f"{part}.txt").write_text("a==1\n")
    venv = tmp_path / ".venv"
    packages = venv / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to(sys.executable)
    for name, value in {"ROOT": tmp_path, "VENV": venv, "PYTHON": venv / "bin" / "python"}.items():
        monkeypatch.setattr(bootstrap, name, value)
    (packages / "linli.pth").write_text(f"{tmp_path}\n")
    bootstrap.replace(venv / "bin" / "linli", bootstrap.COMMAND, 0o755)
    for part in bootstrap.PARTS:
        bootstrap.stamp(part).write_text(bootstrap.wanted(part))
    return tmp_path


def test_a_complete_environment_is_left_alone(checkout: Path) -> None:
    assert bootstrap.ready("run")
    assert bootstrap.ready("dev")


def test_another_lock_a_moved_checkout_or_a_lost_command_is_mended(checkout: Path) -> None:
    (checkout / "requirements" / "run.txt").write_text("a==2\n")
    assert not bootstrap.ready("run")
    assert bootstrap.ready("dev")
    (checkout / ".venv" / "bin" / "linli").unlink()
    assert not bootstrap.ready("dev")


def test_the_command_puts_its_own_checkout_first(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    package = checkout / "linli" / "config"
    package.mkdir(parents=True)
    (package / "cli.py").write_text("import sys\ndef main():\n    print(sys.path[0], *sys.argv[1:])\n    return 7\n")
    link = tmp_path_factory.mktemp("elsewhere") / "linli"
    link.symlink_to(checkout / ".venv" / "bin" / "linli")
    done = subprocess.run([str(link), "a b"], capture_output=True, text=True, cwd="/", check=False)
    assert (done.stdout, done.returncode) == (f"{checkout} a b\n", 7)


# ── what may not be committed ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "line", "wrong"),
    [
        ("notes.md", "see https://" + "registry." + "npmjs.org/x", True),
        ("requirements/run.txt", "a==1 # https://example.org", True),
        ("setup.cfg", "path = /" + "root/linli/x", True),
        ("readme.md", "open https://example.org/home/page", False),
        ("readme.md", "http://127.0.0.1:8000/work/", False),
        ("code.py", "ROOT = Path(__file__)", False),
    ],
)
def test_what_belongs_to_one_machine_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, line: str, wrong: bool
) -> None:
    monkeypatch.setattr(hygiene, "ROOT", tmp_path)
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{line}\n")
    assert bool(list(hygiene.found(path))) == wrong


def pytest_in(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest with this project's plugins and nothing else of it."""
    line = [sys.executable, "-m", "pytest", "-q", "-p", "scripts.skips", "-p", "scripts.failed", "-p", "no:randomly",
            "-p", "no:django", "--rootdir", str(folder), "-c", str(folder / "pytest.ini"), *arguments]  # fmt: skip
    return subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False, env={"PATH": "", **env})


# ── skipped and failed tests ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("forbidden", "code"), [("", 0), ("1", 1)])
def test_a_skipped_browser_test_is_said_loudly_and_fails_where_forbidden(
    tmp_path: Path, forbidden: str, code: int
) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n@pytest.mark.e2e\n@pytest.mark.skip(reason='no Chromium')\ndef test_page(): pass\n"
        "def test_plain(): pass\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = e2e\n")
    done = pytest_in(tmp_path, str(tmp_path), LINLI_NO_SKIP=forbidden)
    assert "跳过了 1 项浏览器测试" in done.stdout
    assert "no Chromium" in done.stdout
    assert done.returncode == code


def test_what_failed_is_kept_by_name_and_can_be_run_again(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pathlib\nimport pytest\n@pytest.mark.parametrize('page', ['as resident /say/', 'b'])\n"
        f"def test_page(page): assert page == 'b' or pathlib.Path({str(tmp_path / 'quiet')!r}).exists()\n"
        "def test_plain(): pass\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    kept = tmp_path / "failed"
    done = pytest_in(tmp_path, str(tmp_path), LINLI_FAILED=str(kept))
    assert done.returncode == 1
    (name,) = kept.read_text().splitlines()
    assert name.endswith("test_it.py::test_page[as resident /say/]")
    (tmp_path / "quiet").touch()
    kept.write_text(f"{tmp_path / 'test_it.py'}::test_page[as resident /say/]\n")
    again = pytest_in(tmp_path, f"@{kept}")
    assert again.returncode == 0, again.stdout
    assert "1 passed" in again.stdout


def test_the_private_server_is_found_or_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LINLI_PG", str(tmp_path))
    assert postgres.home() == tmp_path
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(SystemExit, match="apt install postgresql"):
        postgres.programs()
