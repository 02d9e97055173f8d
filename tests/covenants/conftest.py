from __future__ import annotations

import pytest

from tests.cast import Town
from tests.covenants.cast import Quarter, build


@pytest.fixture
def quarter(town: Town) -> Quarter:
    return build(town)
