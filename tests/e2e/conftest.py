from __future__ import annotations

import pytest

from tests.e2e import templates


@pytest.fixture(scope="session", autouse=True)
def _shared_demos(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All processes of a run copy their demos from the same templates."""
    base = tmp_path_factory.getbasetemp()
    templates.share((base.parent if hasattr(request.config, "workerinput") else base) / "demos")
