"""A web process stays small: what only few requests or only the worker need is not loaded with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.serving import ROOT, environment

HEAVY = {
    "cv2", "docx", "fitz", "joblib", "lxml", "matplotlib", "numpy", "openpyxl", "pandas", "PIL.Image", "pyarrow",
    "rjieba", "scipy", "shapely", "sklearn", "weasyprint",
}  # fmt: skip
SERVE_ONE = """
import json, os, sys
os.environ["LINLI_NO_DEMO_ENV"] = "1"
from linli.config.serving import application
from linli.core.places.geo.gcj import gcj02_to_wgs84
from linli.core.places.geo.point import PointLocator
wsgi = application()
said = []
environ = {
    "REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
    "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": sys.stdin.buffer,
}
answer = wsgi(environ, lambda status, headers, *rest: said.append(status))
b"".join(answer)
square = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}'
assert PointLocator(["a"], [square]).locate(0.5, 0.5) == "a"
gcj02_to_wgs84(116.4, 39.9)
print(json.dumps({"status": said[0], "loaded": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of a web process that has every room's pages and has answered once."""
    var = tmp_path_factory.mktemp("var")
    env = environment(f"sqlite:///{var}/db.sqlite3", var)
    done = subprocess.run(
        [sys.executable, "-c", SERVE_ONE], cwd=ROOT, env=env, check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["status"].startswith("200")
    return set(told["loaded"])


def test_a_web_process_loads_no_large_package(loaded: set[str]) -> None:
    assert loaded & HEAVY == set()


def test_the_pages_that_work_with_polygons_are_there_all_the_same(loaded: set[str]) -> None:
    assert {"linli.doors.office.drawing", "linli.core.places.actions.fitting", "linli.core.places.api"} <= loaded


def test_what_is_named_for_later_is_loaded_when_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "seldom.py").write_text("answer = 42\n")
    told = (
        "import sys; from linli.kit.later import later; seldom = later('seldom');"
        "assert 'seldom' not in sys.modules; print(seldom.answer)"
    )
    env = {"PYTHONPATH": f"{ROOT}:{tmp_path}"}
    done = subprocess.run([sys.executable, "-c", told], env=env, check=True, capture_output=True, text=True)
    assert done.stdout == "42\n"
