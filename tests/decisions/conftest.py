from __future__ import annotations

import pytest

from tests.cast import Town
from tests.decisions import cast


@pytest.fixture
def votes(town: Town) -> cast.Votes:
    return cast.build(town)
