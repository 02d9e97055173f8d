from __future__ import annotations

import pytest

from tests.cast import Town
from tests.gatherings import cast


@pytest.fixture
def hall(town: Town) -> cast.Hall:
    return cast.build(town)
